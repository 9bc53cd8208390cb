"""From the lines of a file to chunks: whole definitions where they fit, cut at inner boundaries where they don't.

Every line that is not blank is in exactly one chunk. A chunk is a range of whole lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import accumulate

MOST = 2400  # characters of a chunk: 500 to 700 tokens of code, at worst (any script) under the 8,191 a text may have
JOINED = 1200  # characters up to which neighbours are put together
SCRAP = 250  # characters below which a piece says too little by itself
LONGEST_LINE = 6000  # characters: of a single line longer than a chunk, so much is looked at
_EARLIEST = MOST // 3  # where a cut may come
_UNEVEN = 4  # columns of indentation that a blank line before a cut makes up for
_NAMES = 3  # told of a chunk


@dataclass(slots=True)
class Span:
    """A definition or a section, and those inside it; lines count from 1, and are all of it."""

    first: int
    last: int
    name: str
    inside: list[Span] = field(default_factory=list)


@dataclass(slots=True)
class Chunk:
    """Lines `first` to `last` of a file, counted from 1. `name` tells what they belong to (`Queue.push`), "" for nothing.

    `body` is the digest of its lines, `key` that of what a model is given: two chunks with one key have one vector.
    """

    first: int
    last: int
    name: str
    text: str
    body: bytes = b""
    key: bytes = b""
    length: int = 0  # characters a model is given

    def __post_init__(self) -> None:
        self.body = digest(self.text)
        self.key = digest(self.given)
        self.length = len(self.given)

    @property
    def given(self) -> str:
        """What a model is given: the text, after the name of what it is part of. Not the path, so that a file that
        moves needs no new vectors."""
        text = self.text[:LONGEST_LINE]
        return f"{self.name}\n{text}" if self.name else text


def digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()


def cut_up(lines: Sequence[str], spans: Sequence[Span]) -> list[Chunk]:
    """The chunks of `lines` (without their ends), in order. `spans` don't overlap, and lie in order."""
    return _Cutter(lines).chunks(spans)


def body_of(lines: Sequence[str], first: int, last: int) -> str:
    """The text of a range of lines, as a chunk has it."""
    return "\n".join(lines[first - 1 : last])


@dataclass(slots=True)
class _Piece:
    first: int
    last: int
    names: list[str]


class _Cutter:
    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._sums = list(accumulate((len(line) + 1 for line in lines), initial=0))

    def chunks(self, spans: Sequence[Span]) -> list[Chunk]:
        pieces = self._partition(1, len(self._lines), spans, "")
        joined: list[_Piece] = []
        for piece in filter(None, map(self._trimmed, pieces)):
            before = joined[-1] if joined else None
            if before is not None and self._go_together(before, piece):
                before.last = piece.last
                before.names += [name for name in piece.names if name not in before.names]
            else:
                joined.append(piece)
        return [
            Chunk(each.first, each.last, ", ".join(each.names[:_NAMES]), body_of(self._lines, each.first, each.last))
            for each in joined
        ]

    def _go_together(self, one: _Piece, other: _Piece) -> bool:
        """Whether two neighbours make one chunk: a scrap is put to whatever it fits to."""
        scrap = min(self._size(one.first, one.last), self._size(other.first, other.last)) < SCRAP
        return self._size(one.first, other.last) <= (MOST if scrap else JOINED)

    def _size(self, first: int, last: int) -> int:
        return self._sums[last] - self._sums[first - 1]

    def _partition(self, first: int, last: int, spans: Sequence[Span], name: str) -> list[_Piece]:
        """The range in pieces: each of `spans`, and what lies between them."""
        pieces: list[_Piece] = []
        at = first
        for span in spans:
            begin, end = max(span.first, at), min(span.last, last)
            if begin > end:
                continue
            pieces += self._plain(at, begin - 1, name)
            if span.inside and self._size(begin, end) > MOST:
                pieces += self._partition(begin, end, span.inside, span.name)
            else:
                pieces += self._plain(begin, end, span.name)
            at = end + 1
        return pieces + self._plain(at, last, name)

    def _plain(self, first: int, last: int, name: str) -> list[_Piece]:
        """The range in pieces of at most MOST characters, or of one line."""
        pieces: list[_Piece] = []
        names = [name] if name else []
        while first <= last:
            cut = last + 1 if self._size(first, last) <= MOST else self._cut(first, last)
            pieces.append(_Piece(first, cut - 1, list(names)))
            first = cut
        return pieces

    def _cut(self, first: int, last: int) -> int:
        """The line before which to cut: the least indented one, rather after a blank line, rather late."""
        best, best_rank = first + 1, (float("inf"), 0)
        for line in range(first + 1, last + 1):
            size = self._size(first, line - 1)
            if size > MOST:
                break
            if size < _EARLIEST and best_rank[0] < float("inf"):
                continue
            text = self._lines[line - 1]
            if not text.strip():
                continue
            indent = len(text) - len(text.lstrip())
            if self._lines[line - 2].strip():
                indent += _UNEVEN
            if text.lstrip()[0] in ")]}":
                indent += _UNEVEN  # the end of something that is better not cut off from it
            early = 1000.0 if size < _EARLIEST else 0.0  # only where nothing else is to be had
            if (rank := (early + indent, -line)) <= best_rank:
                best, best_rank = line, rank
        return best

    def _trimmed(self, piece: _Piece) -> _Piece | None:
        """Without the blank lines around it; None where there is nothing else."""
        first, last = piece.first, piece.last
        while first <= last and not self._lines[first - 1].strip():
            first += 1
        while last >= first and not self._lines[last - 1].strip():
            last -= 1
        return _Piece(first, last, piece.names) if first <= last else None
