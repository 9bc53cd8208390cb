"""Putting hunks into a file whose places are known: kept lines stay as the file has them, byte by byte."""

from __future__ import annotations

from plugsky_tui.workspace.edits.merging import merged_line
from plugsky_tui.workspace.patches.choosing import Fit
from plugsky_tui.workspace.patches.filelines import FileLines
from plugsky_tui.workspace.patches.steps import Hunk
from plugsky_tui.workspace.text import dominant_line_end

_Line = tuple[str, str, bool]  # its text, its end, whether it is a line that the patch leaves alone


def splice(text: str, lines: FileLines, placed: list[tuple[Hunk, Fit]]) -> tuple[str, list[tuple[str, str]]]:
    """The text with the hunks in their places, and what each has replaced by what."""
    out: list[_Line] = []
    replaced: list[tuple[str, str]] = []
    at = 0
    for hunk, fit in sorted(placed, key=lambda each: each[1].first):
        out += _kept(lines, at, fit.first)
        put = _changed(text, lines, hunk, fit)
        out += put
        replaced.append((_joined(_kept(lines, fit.at, fit.at + len(hunk.old))), _joined(put)))
        at = fit.last
    out += _kept(lines, at, len(lines.texts))
    _end(out, text, lines, [hunk for hunk, fit in placed if fit.at + len(hunk.old) == len(lines.texts)])
    return _joined(out), replaced


def _kept(lines: FileLines, first: int, last: int) -> list[_Line]:
    return [(lines.texts[at], lines.ends[at], True) for at in range(first, last)]


def _joined(lines: list[_Line]) -> str:
    return "".join(text + end for text, end, _ in lines)


def _changed(text: str, lines: FileLines, hunk: Hunk, fit: Fit) -> list[_Line]:
    """The lines from the first that changes to the last, as they will be."""
    out: list[_Line] = []
    removed: list[tuple[int, str]] = []  # in the file, in the hunk: waiting for what comes in their place
    at = fit.at
    for sign, line in hunk.lines:
        if sign == " ":
            removed = []
            if fit.first <= at < fit.last:
                out += _kept(lines, at, at + 1)
            at += 1
        elif sign == "-":
            removed.append((at, line))
            at += 1
        elif removed:
            here, old = removed.pop(0)
            new = merged_line(lines.texts[here], old, line, fit.adapt)
            out.append((new, lines.ends[here], False))
        else:
            out.append((fit.adapt(line), _end_beside(text, lines, at), False))
    return out


def _end_beside(text: str, lines: FileLines, at: int) -> str:
    """The line end that the line before has, else the one after, else most of the file."""
    for beside in (at - 1, at):
        if 0 <= beside < len(lines.ends) and lines.ends[beside]:
            return lines.ends[beside]
    return dominant_line_end(text)


def _end(out: list[_Line], text: str, lines: FileLines, last_hunks: list[Hunk]) -> None:
    """The last line has an end if the file's had one, unless the patch says otherwise; all others have one."""
    usual = next((end for end in reversed(lines.ends) if end), "\n")
    for at, (line, end, _) in enumerate(out[:-1]):
        if not end:
            out[at] = (line, usual, False)
    if not out:
        return
    line, end, own = out[-1]
    ended = not lines.ends or lines.ends[-1] != ""
    said = [hunk.new_ended for hunk in last_hunks if hunk.new_ended != hunk.old_ended]
    if said:
        out[-1] = (line, (end or usual) if said[-1] else "", False)
    elif not ended and not own:
        out[-1] = (line, "", False)
    elif ended and not end:
        out[-1] = (line, usual, False)
