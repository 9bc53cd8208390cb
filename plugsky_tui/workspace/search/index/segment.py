"""Some thousands of names, laid out so that a search of them is few calls into C.

The names (last parts of paths) stand one a line in long texts: as they are; folded (no case, no accents);
and folded with a mark before each word. A search for letters that stand together is then one `str.find`, one for the
beginnings of words one `re` scan. Of each letter there is the set of names that have it, as the bits of
one integer: what has all letters of a query is an `&` of a few kilobytes.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress

SIZE = 10_000  # names in one segment: made in 60 ms, and a query waits no longer than that for the listing
MARK = "\x01"  # no printable name has it
_WORD_START = re.compile(
    r"(?<![^\W_])(?=[^\W_])|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])"
)
_SPARSE = 12  # going from one to the next takes that much longer than looking at each
Scan = Callable[[str, int], re.Match[str] | None]  # `Pattern.search`
_BITS = bytes.maketrans(b"01", b"\0\1")
_DIGITS = bytes.maketrans(b"\0\1", b"01")


def marked(text: str) -> str:
    """`text` folded, with MARK before each word: after what is no letter or digit, at humps, before numbers."""
    return folded(_WORD_START.sub(MARK, text))


def folded(text: str) -> str:
    """`text` without case and accents, composed or not (macOS keeps `é` as two characters)."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


class Segment:
    """`entries` are (number of the folder, length of its path, name), shortest paths first once they are in here."""

    def __init__(self, entries: list[tuple[int, int, str]]) -> None:
        entries.sort(key=lambda entry: (entry[1] + len(entry[2]), entry[2]))
        names = [name for _, _, name in entries]
        self.count = len(names)
        self.folders = array("I", [folder for folder, _, _ in entries])
        self._names = "\n".join(names)
        self._ends = _ends(names)
        self.marked = marked(f"\n{self._names}\n")
        self.text = self.marked.replace(MARK, "")
        lines = self.marked[1:-1].split("\n")
        self.marked_starts = _starts(lines)
        plain = self.text[1:-1].split("\n")
        self.starts = _starts(plain)
        letters = (
            set(line) | set(name) for line, name in zip(plain, names, strict=True)
        )  # capitals count in some queries
        self._having = _sets(letters, self.count)
        self._beginning = _sets(({word[:1] for word in line.split(MARK)} for line in lines), self.count)

    def name(self, at: int) -> str:
        """The name as it is on disk; a folder's ends with a slash."""
        return self._names[self._ends[at] : self._ends[at + 1] - 1]

    def span(self, at: int) -> tuple[int, int]:
        """Where in `text` the name begins and ends."""
        return self.starts[at], self.starts[at + 1] - 1

    def marked_span(self, at: int) -> tuple[int, int]:
        return self.marked_starts[at], self.marked_starts[at + 1] - 1

    def having(self, letters: Iterable[str]) -> int:
        """The names that have all these letters, as bits."""
        names = (1 << self.count) - 1
        for letter in set(letters):
            names &= self._having.get(letter, 0)
        return names

    def beginning(self, letter: str) -> int:
        """The names a word of which begins with `letter`, as bits."""
        return self._beginning.get(letter, 0)

    def numbers(self, names: int) -> Iterator[int]:
        """The numbers of the names in a set, shortest paths first."""
        digits = bin(names)[:1:-1]
        if names.bit_count() * _SPARSE < self.count:
            return _places(digits)
        return compress(range(self.count), digits.encode().translate(_BITS))

    def tags(self, tag_of_folder: Sequence[int]) -> bytes:
        """For each name the tag (at most 255) of the folder it is in."""
        return bytes(map(tag_of_folder.__getitem__, self.folders))

    def tagged(self, names: int, tags: bytes, tag: int) -> Iterator[int]:
        """The numbers of the names in a set that have this tag: all of them are compared at once."""
        if not names or tag not in tags:
            return iter(())
        mine = tags.translate(bytes(tag) + b"\1" + bytes(255 - tag))
        digits = bin(names)[:1:-1].encode().ljust(self.count, b"0")
        both = int.from_bytes(mine, "little") & int.from_bytes(digits, "little")
        return _places(both.to_bytes(self.count, "little").translate(_DIGITS).decode("ascii"))

    def holding(self, needle: str) -> Iterator[int]:
        """The names with `needle` in them; a line end in it stands for the edge of a name."""
        text, starts = self.text, self.starts
        place = text.find(needle)
        while place >= 0:
            at = bisect_right(starts, place + needle.startswith("\n")) - 1
            yield at
            place = text.find(needle, starts[at + 1] - 1)

    def at_words(self, scan: Scan) -> Iterator[int]:
        """The names in whose marked form `scan` finds something that begins with a mark."""
        starts = self.marked_starts
        found = scan(self.marked, 0)
        while found:
            at = bisect_right(starts, found.start()) - 1
            yield at
            found = scan(self.marked, starts[at + 1] - 1)

    def in_lines(self, scan: Scan) -> Iterator[tuple[int, re.Match[str]]]:
        """The names in whose folded form `scan` finds something that begins with the line end before it."""
        starts = self.starts
        found = scan(self.text, 0)
        while found:
            at = bisect_right(starts, found.start() + 1) - 1
            yield at, found
            found = scan(self.text, starts[at + 1] - 1)


def _places(digits: str) -> Iterator[int]:
    place = digits.find("1")
    while place >= 0:
        yield place
        place = digits.find("1", place + 1)


def _starts(lines: Sequence[str]) -> array[int]:
    """Where each line begins in a text that has a line end before and after each; then where one more would begin."""
    starts = array("I", [1])
    place = 1
    for line in lines:
        place += len(line) + 1
        starts.append(place)
    return starts


def _ends(names: Sequence[str]) -> array[int]:
    ends = array("I", [0])
    place = 0
    for name in names:
        place += len(name) + 1
        ends.append(place)
    return ends


def _sets(letters_of: Iterable[Iterable[str]], count: int) -> dict[str, int]:
    """For each letter the bits of the names that have it."""
    places: dict[str, list[int]] = {}
    for at, letters in enumerate(letters_of):
        for letter in letters:
            if letter in places:
                places[letter].append(at)
            else:
                places[letter] = [at]
    return {letter: _bits(found, count) for letter, found in places.items()}


def _bits(found: Sequence[int], count: int) -> int:
    digits = bytearray(b"0" * count)
    last = count - 1
    for at in found:
        digits[last - at] = 49  # "1"
    return int(digits.decode("ascii"), 2)
