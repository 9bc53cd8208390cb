"""What is put in: of what a model did not change between its old and its new text, the file keeps its own bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from plugsky_tui.workspace.edits.places import Place
from plugsky_tui.workspace.edits.views import plain
from plugsky_tui.workspace.text import LINE_END, dominant_line_end

Adapt = Callable[[str], str]
_BLANK = " \t"


def merged(text: str, place: Place, old: str, new: str) -> str:
    """What replaces the place: lines of `new` that are lines of `old` stay as the file has them."""
    here = text[place.start : place.end]
    if here == old and ("\r" in old or "\r" not in text):
        return new if "\r" in old else new.replace("\r\n", "\n")
    ends = LINE_END.findall(here)
    here_lines, old_lines, new_lines = LINE_END.split(here), LINE_END.split(old), re.split("\r\n|\n", new)
    neighbour = ends[-1] if ends else line_end_around(text, place)
    out: list[str] = []
    for old_at, new_at in _pairs(old_lines, new_lines):
        line = new_lines[new_at]
        if old_at is None:
            out.append(place.adapt(line))
        else:
            out.append(merged_line(here_lines[old_at], old_lines[old_at], line, place.adapt))
        if new_at < len(new_lines) - 1:
            out.append(ends[min(old_at, len(ends) - 1)] if ends and old_at is not None else neighbour)
    return "".join(out)


def merged_line(here: str, old: str, new: str, adapt: Adapt) -> str:
    """The line `here`, which was asked for as `old`, when `old` becomes `new`."""
    if old == new:
        return here
    adapted = adapt(new)
    if not new.strip(_BLANK) or not here.strip(_BLANK):
        return adapted
    (here_body, here_blank), (old_body, old_blank), (new_body, new_blank) = map(_ended, (here, old, new))
    # Space at the end of a line may mean something (a line break in Markdown): it stays with a line that stays itself.
    blank = here_blank if old_blank == new_blank and _alike(old_body.strip(), new_body.strip()) else new_blank
    if adapted == new:
        return _kept(here_body, old_body, new_body) + blank
    indents = [len(each) - len(each.lstrip(_BLANK)) for each in (here_body, old_body, new_body, adapted)]
    same_depth = old_body[: indents[1]] == new_body[: indents[2]]
    indent = here_body[: indents[0]] if same_depth else adapted[: indents[3]]
    return indent + _kept(here_body[indents[0] :], old_body[indents[1] :], new_body[indents[2] :]) + blank


def line_end_around(text: str, place: Place) -> str:
    """The line end of the line in which the place ends, else of the one before it, else the file's."""
    after = LINE_END.search(text, place.end)
    if after:
        return after[0]
    before = max(text.rfind("\n", 0, place.start), text.rfind("\r", 0, place.start))
    if before < 0:
        return dominant_line_end(text)
    return "\r\n" if text[before - 1 : before + 1] == "\r\n" else text[before]


def _pairs(old_lines: list[str], new_lines: list[str]) -> Iterator[tuple[int | None, int]]:
    """For each new line the old line it stands for, if any."""
    if len(new_lines) == 1 or len(old_lines) == 1:
        yield from ((at if at < len(old_lines) else None, at) for at in range(len(new_lines)))
        return
    # What both begin and end with is paired first: of equal lines a matcher may take the wrong ones.
    head, tail = _common(old_lines, new_lines)
    yield from ((at, at) for at in range(head))
    yield from _middle(old_lines, new_lines, head, tail)
    yield from ((len(old_lines) - left, len(new_lines) - left) for left in range(tail, 0, -1))


def _middle(old_lines: list[str], new_lines: list[str], head: int, tail: int) -> Iterator[tuple[int | None, int]]:
    from difflib import SequenceMatcher  # 8 ms, and needed only for edits of several lines that do not match exactly

    old, new = old_lines[head : len(old_lines) - tail], new_lines[head : len(new_lines) - tail]
    for _, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, False).get_opcodes():
        for at in range(new_to - new_from):
            yield (head + old_from + at if old_from + at < old_to else None), head + new_from + at


def _ended(line: str) -> tuple[str, str]:
    """A line up to the blanks at its end, and those."""
    body = line.rstrip(_BLANK)
    return body, line[len(body) :]


def _common(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many characters (or lines) both begin and end with, none counted twice."""
    shorter = min(len(old), len(new))
    head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    tail = next((at for at in range(shorter - head) if old[-1 - at] != new[-1 - at]), shorter - head)
    return head, tail


def _alike(old: str, new: str) -> bool:
    return 2 * sum(_common(old, new)) >= min(len(old), len(new)) > 0


def _kept(here: str, old: str, new: str) -> str:
    """`new`, but where it begins and ends as `old` with the characters that `here` has there."""
    if here == old or plain(here) != plain(old):
        return new
    head, tail = _common(old, new)
    of_old, of_here = _offsets(old), {looks: real for real, looks in _offsets(here).items()}
    while of_old[head] not in of_here:
        head -= 1
    while of_old[len(old) - tail] not in of_here:
        tail -= 1
    return here[: of_here[of_old[head]]] + new[head : len(new) - tail] + here[of_here[of_old[len(old) - tail]] :]


def _offsets(line: str) -> dict[int, int]:
    """For each place in `line` the place in `plain(line)`."""
    offsets = {0: 0}
    for at, letter in enumerate(line):
        offsets[at + 1] = offsets[at] + len(plain(letter))
    return offsets
