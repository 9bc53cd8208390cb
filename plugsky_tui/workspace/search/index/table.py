"""All names of a workspace, as they come in, in segments that are searched alike.

Paths are relative to the workspace with `/` between their parts; those of folders end with one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import nsmallest

from plugsky_tui.workspace.search.index.segment import SIZE, Segment, folded, marked

LIMIT = 300_000  # files and folders
FIRST = 50  # kept in order for who has typed nothing yet


class Table:
    """`add` files until `full`, then `finish`. `is_secret` says so of a path: such a file is kept apart."""

    def __init__(self, is_secret: Callable[[str], bool] = lambda path: False, *, limit: int = LIMIT) -> None:
        self._is_secret = is_secret
        self._limit = limit
        self._numbers: dict[str, int] = {"": 0}
        self._waiting: list[tuple[int, int, str]] = []
        # Of each folder, those around it first: its path as it is and folded, the number of the one around it, and
        # its name with words marked.
        self.folders = [""]
        self.folded_folders = [""]
        self.around = [0]
        self.marked_names = [""]
        self.plain_names = [""]
        self.reached: dict[str, tuple[str, list[int]]] = {}  # what `folders` found out for the last query
        self.segments: list[Segment] = []
        self.secrets: list[str] = []
        self.first: list[str] = []  # nearest first
        self.count = 0

    @property
    def full(self) -> bool:
        return self.count >= self._limit

    def add(self, files: Iterable[str]) -> None:
        """Take these files in, and the folders they are in. What is not printable is left out."""
        for path in files:
            if self.full:
                break
            if not path.isprintable():
                continue
            if self._is_secret(path):
                self.secrets.append(path)
                continue
            folder, slash, name = path.rpartition("/")
            self._put(folder + slash, name)
        while len(self._waiting) >= SIZE:
            self._seal(self._waiting[:SIZE])
            self._waiting = self._waiting[SIZE:]

    def finish(self) -> None:
        """What was added so far is found from now on, be it ever so little."""
        if self._waiting:
            self._seal(self._waiting)
            self._waiting = []

    def path(self, segment: Segment, at: int) -> str:
        return self.folders[segment.folders[at]] + segment.name(at)

    def _put(self, folder: str, name: str) -> None:
        number = self._numbers.get(folder)
        if number is None:
            number = self._new_folder(folder)
        self._waiting.append((number, len(folder), name))
        self.count += 1

    def _new_folder(self, folder: str) -> int:
        above, slash, name = folder[:-1].rpartition("/")
        around = self._numbers.get(above + slash)
        if around is None:
            around = self._new_folder(above + slash)
        number = self._numbers[folder] = len(self.folders)
        self.folders.append(folder)
        self.folded_folders.append(folded(folder))
        self.around.append(around)
        self.marked_names.append(marked(name + "/"))
        self.plain_names.append(folded(name) + "/")
        self._put(above + slash, name + "/")
        return number

    def _seal(self, entries: list[tuple[int, int, str]]) -> None:
        paths = [self.folders[number] + name for number, _, name in entries]
        self.first = nsmallest(FIRST, [*self.first, *paths], key=lambda path: (path.count("/", 0, -1), path))
        self.segments.append(Segment(entries))
