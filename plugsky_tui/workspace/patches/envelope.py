"""The `*** Begin Patch` format, as OpenAI's models are trained on it.

    *** Update File: PATH      then perhaps  *** Move to: PATH
    @@ ANCHOR                  several in a row narrow the place step by step; bare @@ begins another hunk
     kept / -removed / +added
    *** End of File            the hunk ends with the file
    *** Add File: PATH         each line with +
    *** Delete File: PATH

Markers may be padded with blanks. Line numbers after @@ (as unified diffs have them) are taken as hints.
"""

from __future__ import annotations

import re

from plugsky_tui.workspace.patches.steps import AddFile, DeleteFile, Hunk, PatchError, Sign, Step, UpdateFile
from plugsky_tui.workspace.patches.unified import RANGES, read_range

BEGIN, END, END_OF_FILE = "*** Begin Patch", "*** End Patch", "*** End of File"
FILE_MARKER = re.compile(r"\s*\*\*\* (Add|Delete|Update) File: *(.*?)\s*\Z")
_MOVE = re.compile(r"\s*\*\*\* Move to: *(.*?)\s*\Z")
_ANCHOR = re.compile(r"\s*@@+(?:\s(.*?))?\s*\Z")
_CLOSED = re.compile(r"\s*@@+\Z")
_SIGNS: dict[str, Sign] = {" ": " ", "-": "-", "+": "+"}


def read_envelope(lines: list[tuple[int, str]]) -> list[Step]:
    """The steps in `lines` (numbers and texts), which lie between Begin and End."""
    steps: list[Step] = []
    at = 0
    while at < len(lines):
        number, line = lines[at]
        marker = FILE_MARKER.match(line)
        if marker is None:
            if line.strip():
                raise PatchError(
                    f"Line {number} of the patch, {line.strip()[:80]!r}, is not expected there.",
                    hint="Each file begins with *** Update File: path, *** Add File: path or *** Delete File: path.",
                )
            at += 1
            continue
        end = _end_of_section(lines, at + 1)
        if not marker[2]:
            raise PatchError(f"Line {number} of the patch names no file.", hint="Write the path after the colon.")
        steps.append(_step(marker[1], marker[2], lines[at + 1 : end]))
        at = end
    return steps


def _end_of_section(lines: list[tuple[int, str]], at: int) -> int:
    # A line of a file may look like a marker only behind its sign; padded markers begin with a blank, as kept lines do.
    while at < len(lines) and not FILE_MARKER.match(lines[at][1]):
        at += 1
    return at


def _step(kind: str, path: str, lines: list[tuple[int, str]]) -> Step:
    match kind:
        case "Add":
            return AddFile(path, _added(path, lines))
        case "Delete":
            extra = next((each for each in lines if each[1].strip()), None)
            if extra is not None:
                raise PatchError(
                    f"Line {extra[0]} of the patch is not expected after *** Delete File: {path}.",
                    hint="A file that is deleted has no lines in the patch.",
                )
            return DeleteFile(path)
        case _:
            return _update(path, lines)


def _added(path: str, lines: list[tuple[int, str]]) -> str:
    while lines and not lines[-1][1].strip():
        lines = lines[:-1]
    out = []
    for number, line in lines:
        if line.strip() == END_OF_FILE:
            continue
        if line.strip() and line[0] != "+":
            raise PatchError(
                f"Line {number} of the patch has no + in front: each line of the new file {path} needs one.",
                hint="Write + before every line of the file, before empty ones too.",
            )
        out.append((line[1:] if line.strip() else "") + "\n")
    return "".join(out)


def _update(path: str, lines: list[tuple[int, str]]) -> UpdateFile:
    step = UpdateFile(path)
    if lines and (move := _MOVE.match(lines[0][1])):
        step.target, lines = move[1], lines[1:]
    while lines and (not lines[0][1].strip() or (lines[0][1].startswith(("--- ", "+++ ")) and _file_names(lines))):
        lines = lines[1:]
    hunk: Hunk | None = None
    for number, line in lines:
        padded = hunk is None and line.lstrip().startswith("@@")
        anchor = _ANCHOR.match(line) if padded or line.startswith("@@") else None
        if anchor is not None:
            if hunk is None or hunk.lines:
                hunk = Hunk(line=number)
                step.hunks.append(hunk)
            _narrow(hunk, anchor[1] or "")
            continue
        if hunk is None:
            hunk = Hunk(line=number)
            step.hunks.append(hunk)
        if line.strip() == END_OF_FILE:
            hunk.at_end = True
        elif line.startswith("\\"):
            hunk.unended()
        else:
            hunk.lines.append(_signed(number, line))
    for each in step.hunks:
        each.trim()
    if not any(each.lines for each in step.hunks) and not step.target:
        raise PatchError(f"The patch changes nothing in {path}.", hint="Write its hunks: kept, - and + lines.")
    return step


def _file_names(lines: list[tuple[int, str]]) -> bool:
    """Whether the section goes on with the `---` and `+++` lines of a unified diff, which it does not need."""
    first = lines[0][1]
    return first.startswith("+++ ") or (len(lines) > 1 and lines[1][1].startswith("+++ "))


def _narrow(hunk: Hunk, text: str) -> None:
    ranges = RANGES.match("@@ " + text)
    if ranges is not None:
        read_range(hunk, ranges)
        return
    if not text.startswith("@"):
        text = _CLOSED.sub("", text) if text.endswith("@@") else text
    if text.strip(" .\u2026"):
        hunk.anchors.append(text.rstrip())


def _signed(number: int, line: str) -> tuple[Sign, str]:
    if not line:
        return " ", ""
    if line[0] == "\t":  # a kept line whose blank was lost in front of its tab
        return " ", line
    sign = _SIGNS.get(line[0])
    if sign is None:
        raise PatchError(
            f"Line {number} of the patch begins with {line[0]!r}: {line.strip()[:80]!r}.",
            hint="Each line of a hunk begins with a blank (it stays), - (it goes) or + (it comes).",
        )
    return sign, line[1:]
