"""The map and the outline as text: each file with lines of its definitions, `LINE: signature`, indented as they are nested."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from plugsky_tui.workspace.symbols.tags import NO_PARENT, FileTags
from plugsky_tui.workspace.symbols.tokens import estimate

_MISSES = 25  # definitions that do not fit any more, until we believe that the page is full


class MapPage:
    """Takes definitions, best first, while they fit into `budget` tokens. Files come in the order of their best."""

    def __init__(self, budget: int, shown: Callable[[str], str]) -> None:
        self._left = budget
        self._shown = shown
        self._files: dict[str, tuple[FileTags, set[int]]] = {}
        self._misses = 0
        self.full = False

    @property
    def files(self) -> int:
        return len(self._files)

    @property
    def definitions(self) -> int:
        return sum(len(places) for _, places in self._files.values())

    def add(self, path: str, tags: FileTags, place: int) -> None:
        """A definition with those around it, where they are not there yet."""
        known = self._files.get(path)
        places = known[1] if known is not None else set[int]()
        missing = [each for each in _with_parents(tags, place) if each not in places]
        if not missing:
            return
        cost = sum(estimate(_line(tags, each)) + 1 for each in missing)
        cost += estimate(self._shown(path)) + 1 if known is None else 0
        if cost > self._left:
            self._misses += 1
            self.full = self._misses >= _MISSES
            return
        self._left -= cost
        self._files.setdefault(path, (tags, set()))[1].update(missing)

    def lines(self) -> Iterable[str]:
        for path, (tags, places) in self._files.items():
            yield self._shown(path)
            yield from dict.fromkeys(_line(tags, place) for place in sorted(places))


def outline(tags: FileTags) -> list[str]:
    """All definitions of a file; `FIRST-LAST: signature` where one is longer than a line."""
    # `const a, b = 1, 2` defines two names, on one line that says it all.
    return list(dict.fromkeys(_line(tags, place, ends=True) for place in range(len(tags.definitions))))


def _with_parents(tags: FileTags, place: int) -> list[int]:
    found = []
    while place != NO_PARENT:
        found.append(place)
        place = tags.definitions[place].parent
    return found


def _line(tags: FileTags, place: int, *, ends: bool = False) -> str:
    definition = tags.definitions[place]
    depth = len(_with_parents(tags, place))
    last = f"-{definition.end}" if ends and definition.end > definition.line else ""
    return f"{'  ' * depth}{definition.line}{last}: {definition.signature}"
