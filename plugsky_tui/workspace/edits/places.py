"""Places in a text: where something matched, and how they are told to the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

SHOWN_PLACES = 20


@dataclass(slots=True)
class Place:
    """Where something matched in the text: `start` to `end`; `adapt` changes a new line to suit the file."""

    start: int
    end: int
    adapt: Callable[[str], str] = str


def occurrences(text: str, wanted: str, every: bool) -> Iterator[int]:
    """Starts of `wanted`: one after the other with `every`, else also overlapping ones, and no more than are shown."""
    at, count = text.find(wanted), 0
    while at >= 0 and (every or count <= SHOWN_PLACES):
        yield at
        count += 1
        at = text.find(wanted, at + (len(wanted) if every else 1))


def line_number(text: str, place: int) -> int:
    r"""The number of the line that `place` is in, from 1, counted as `text.split_lines` does."""
    return text.count("\n" if "\n" in text else "\r", 0, place) + 1


def named(numbers: Sequence[int]) -> str:
    """How many places, and their lines, each once: "3 places, at lines 1, 3, 4"."""
    count = f"{len(numbers)}" if len(numbers) <= SHOWN_PLACES else f"more than {SHOWN_PLACES}"
    lines = list(dict.fromkeys(numbers[:SHOWN_PLACES]))
    return f"{count} places, {'all in line' if len(lines) == 1 else 'at lines'} {', '.join(map(str, lines))}"


def starts_line(text: str, place: int) -> bool:
    return place == 0 or text[place - 1] in "\r\n"


def ends_line(text: str, place: int) -> bool:
    """Whether a line ends at `place`, or has just ended there."""
    return place == len(text) or text[place] in "\r\n" or (place > 0 and text[place - 1] in "\r\n")
