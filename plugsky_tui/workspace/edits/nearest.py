"""What to say when quoted text is not in a file: the block that comes nearest, and what differs."""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher

from plugsky_tui.workspace.edits.causes import hints
from plugsky_tui.workspace.edits.views import plain
from plugsky_tui.workspace.text import presentable, split_lines

_SHOWN_LINES = 16
_SHOWN_WIDTH = 200
_COMPARED_BLOCKS = 12  # of those where lines are equal
_COMPARED_DEEPLY = 60  # lines of each
_COMPARED_LINES = 20_000  # of the file, where no line is equal: each costs a few microseconds


def describe_miss(text: str, old: str, new: str) -> tuple[str, str]:
    """Message and hint for text that is not there."""
    message = "old_string is not in the file."
    hint = " ".join(("Quote the text exactly as it is in the file now.", *hints(text, old, new)))
    lines = [line.rstrip("\r\n") for line in split_lines(text)]
    block = nearest_block(lines, [line.rstrip("\r\n") for line in split_lines(old)], "old_string")
    if not block:
        return f"{message} Nothing in it resembles that text.", f"{hint} Use read or grep to find it."
    return f"{message} {block}", hint


def nearest_block(lines: list[str], wanted: list[str], asked: str) -> str:
    """The lines that look most like `wanted`, with their numbers, and what differs first; "" where none do.

    `asked` names what `wanted` is of: "old_string".
    """
    found = _nearest(lines, wanted)
    if found is None:
        return ""
    first, count = found
    if first < 0:  # what is asked for begins before the file does
        wanted, first = wanted[-first:], 0
    return f"The nearest block is:\n{_block(lines, first, count)}\n{_difference(lines, wanted, first, asked)}"


def _nearest(lines: list[str], wanted: list[str]) -> tuple[int, int] | None:
    """First line (from 0, less where the block would begin before the file) and length of the block most like `wanted`."""
    starts = _by_equal_lines(lines, wanted)
    starts += [
        start for start in (_by_similar_line(lines, wanted), _by_shared_pieces(lines, wanted)) if start is not None
    ]
    if not starts:
        return None
    first = min(max(starts, key=lambda start: _likeness(lines, wanted, start)), len(lines) - 1)
    return first, min(len(wanted) + min(first, 0), len(lines) - max(first, 0))


def _by_equal_lines(lines: list[str], wanted: list[str]) -> list[int]:
    """Where most lines are equal but for space around them, the likeliest first; rare lines count more."""
    places: dict[str, list[int]] = {}
    for at, line in enumerate(lines):
        places.setdefault(line.strip(), []).append(at)
    votes: Counter[int] = Counter()
    for at, line in enumerate(wanted):
        found = places.get(line.strip(), []) if len(line.strip()) > 3 else []
        for place in found[:200]:
            votes[place - at] += 1 + len(line) // (10 * len(found))
    return [start for start, _ in votes.most_common(_COMPARED_BLOCKS)]


def _likeness(lines: list[str], wanted: list[str], start: int) -> float:
    """How much the block at `start` is like `wanted`, line by line: an equal line counts by its length."""
    total = 0.0
    for at, want in enumerate(wanted[:_COMPARED_DEEPLY]):
        if not 0 <= start + at < len(lines):
            continue
        have, sought = lines[start + at].strip()[:_SHOWN_WIDTH], want.strip()[:_SHOWN_WIDTH]
        ratio = 1.0 if have == sought else SequenceMatcher(None, have, sought, False).ratio()
        total += ratio**2 * (4 + len(sought))
    return total


def _by_similar_line(lines: list[str], wanted: list[str]) -> int | None:
    """Where the line stands that looks most like the longest of `wanted`."""
    at, sought = max(enumerate(line.strip() for line in wanted), key=lambda each: len(each[1]), default=(0, ""))
    sought = sought[:_SHOWN_WIDTH]
    matcher = SequenceMatcher(b=sought, autojunk=False)
    best, best_ratio = None, 0.6
    for place, line in enumerate(lines[:_COMPARED_LINES]):
        matcher.set_seq1(line.strip()[:_SHOWN_WIDTH])
        if matcher.real_quick_ratio() > best_ratio and matcher.quick_ratio() > best_ratio:
            ratio = matcher.ratio()
            if ratio > best_ratio:
                best, best_ratio = place - at, ratio
    return best


def _by_shared_pieces(lines: list[str], wanted: list[str]) -> int | None:
    """Where the line stands that holds most of the longest of `wanted`, which may be only a part of it."""
    at, sought = max(enumerate(line.strip() for line in wanted), key=lambda each: len(each[1]), default=(0, ""))
    pieces = {sought[start : start + 3] for start in range(min(len(sought), _SHOWN_WIDTH) - 2)}
    best, most = None, max(1, len(pieces) // 2)
    for place, line in enumerate(lines[:_COMPARED_LINES]):
        shared = sum(piece in line for piece in pieces)
        if shared > most:
            best, most = place - at, shared
    return best


def _block(lines: list[str], first: int, count: int) -> str:
    shown = [f"{first + at + 1:6}\t{_short(lines[first + at])}" for at in range(min(count, _SHOWN_LINES))]
    if count > _SHOWN_LINES:
        shown.append(f"       … up to line {first + count}")
    return "\n".join(shown)


def _difference(lines: list[str], wanted: list[str], first: int, asked: str) -> str:
    """The first line that differs, on both sides, and how; how many more do."""
    differing = [at for at, want in enumerate(wanted) if first + at >= len(lines) or lines[first + at] != want]
    if not differing:
        return f"Its lines are equal; what differs is where {asked} begins or ends."
    at = differing[0]
    want = wanted[at]
    if first + at >= len(lines):
        return f"The file ends at line {len(lines)}; {asked} goes on with {_short(want)!r}."
    have = lines[first + at]
    more = f" {len(differing) - 1} more of its {len(wanted)} lines differ." if len(differing) > 1 else ""
    return f"Line {first + at + 1} differs{_kind(have, want)}: the file has {_short(have)!r}, {asked} {_short(want)!r}.{more}"


def _kind(have: str, want: str) -> str:
    if have.split() == want.split():
        return " in space only"
    if have.casefold() == want.casefold():
        return " in upper and lower case only"
    if plain(have).split() == plain(want).split():
        return " in typographic quotes, dashes or spaces only"
    return ""


def _short(line: str) -> str:
    line = presentable(line)
    return line if len(line) <= _SHOWN_WIDTH else line[:_SHOWN_WIDTH] + "…"
