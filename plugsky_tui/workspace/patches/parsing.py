"""Finding the patch in what a model sends as one: in a fence, in a heredoc, with words around it, in either format."""

from __future__ import annotations

import re

from plugsky_tui.workspace.patches.envelope import BEGIN, END, FILE_MARKER, read_envelope
from plugsky_tui.workspace.patches.steps import PatchError, Step
from plugsky_tui.workspace.patches.unified import looks_unified, read_unified

_FENCE = re.compile(r"\s*(`{3,}|~{3,})[\w.+-]*\s*")
_HEREDOC = re.compile(r"\s*(?:[\w./-]+\s+(?:-\w+\s+)*)?(?:[\w./-]+\s*)?<<-?\s*(['\"]?)(\w+)\1\s*")
FORMAT = """A patch is:
*** Begin Patch
*** Update File: path/to/file
@@ a line above the change, such as def name():
 a line that stays
-a line that goes
+a line that comes
*** End Patch
Other files in it: *** Add File: path (each line with +), *** Delete File: path; *** Move to: path after an Update line. Unified diffs (--- a/path, +++ b/path, @@ … @@) will do too."""


def parse_patch(patch: str) -> list[Step]:
    """The steps of a patch in the `*** Begin Patch` format or as a unified diff. PatchError says which line is wrong."""
    lines = [line.removesuffix("\r") for line in patch.removeprefix("\ufeff").split("\n")]
    first, last = _unwrapped(lines)
    body = lines[first:last]
    numbered = list(enumerate(body, first + 1))
    if any(line.strip() == BEGIN for line in body) or any(FILE_MARKER.match(line) for line in body):
        steps = _enveloped(numbered)
    elif looks_unified(body):
        steps = read_unified(numbered)
    else:
        raise PatchError("This is not a patch: it has neither *** Begin Patch nor --- and +++ lines.", hint=FORMAT)
    if not steps:
        raise PatchError("The patch is empty: it names no file.", hint=FORMAT)
    return steps


def _enveloped(numbered: list[tuple[int, str]]) -> list[Step]:
    """The steps between each pair of Begin and End; words around them are nobody's."""
    steps: list[Step] = []
    inside: list[tuple[int, str]] | None = None
    begun = any(line.strip() == BEGIN for _, line in numbered)
    for number, line in numbered:
        mark = line.strip()
        if mark == BEGIN:
            inside = inside or []
        elif mark == END and inside is not None:
            steps += _section(inside)
            inside = None
        elif inside is not None:
            inside.append((number, line))
        elif not begun and FILE_MARKER.match(line):  # Begin was forgotten
            inside = [(number, line)]
    if inside is not None:
        raise PatchError(
            "The patch has no *** End Patch: perhaps it was cut off. Nothing was changed.",
            hint="Send the whole patch again, up to *** End Patch; a long one in several calls.",
        )
    return steps


def _section(inside: list[tuple[int, str]]) -> list[Step]:
    texts = [line for _, line in inside]
    if not any(FILE_MARKER.match(line) for line in texts) and looks_unified(texts):
        return read_unified(inside)
    return read_envelope(inside)


def _unwrapped(lines: list[str]) -> tuple[int, int]:
    """First line and end of what is left without blank lines, Markdown fences and heredocs around it."""
    first, last = 0, len(lines)
    while True:
        while first < last and not lines[first].strip():
            first += 1
        while last > first and not lines[last - 1].strip():
            last -= 1
        if last - first < 2:
            return first, last
        fence, heredoc = _FENCE.fullmatch(lines[first]), _HEREDOC.fullmatch(lines[first])
        if fence:
            first, last = first + 1, last - (lines[last - 1].strip() == fence[1])
        elif heredoc:
            first, last = first + 1, last - (lines[last - 1].strip() == heredoc[2])
        elif lines[first].strip() in ("apply_patch", "patch"):
            first += 1
        else:
            return first, last
