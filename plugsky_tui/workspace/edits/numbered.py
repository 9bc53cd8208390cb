"""Line numbers that were copied along with the text that `read` shows."""

from __future__ import annotations

import re

# As `read` writes them: "    12<tab>text". Other agents have an arrow; of an empty line the tab may be lost.
_NUMBERED = re.compile(r"[ ]*(\d{1,7})(?:[\t\u2192](.*)|)", re.DOTALL)


def without_numbers(old: str, new: str) -> tuple[str, str, int] | None:
    """`old` and `new` without line numbers, and the number of the first line.

    None where not every line of `old` has one, each one more than the last, or where only some of `new` have.
    """
    bare = _strip(old, consecutive=True)
    if bare is None:
        return None
    lines, first = bare
    new_lines = [line for line in new.split("\n") if line.strip()]
    numbered = sum(1 for line in new_lines if _separated(line))
    if numbered == 0:
        return lines, new, first
    stripped = _strip(new, consecutive=False)
    return None if stripped is None or numbered < len(new_lines) else (lines, stripped[0], first)


def _separated(line: str) -> bool:
    found = _NUMBERED.fullmatch(line)
    return found is not None and found[2] is not None


def _strip(text: str, *, consecutive: bool) -> tuple[str, int] | None:
    lines = text.split("\n")
    last = [lines.pop()] if len(lines) > 1 and not lines[-1] else []
    bare: list[str] = []
    numbers: list[int] = []
    for line in lines:
        found = _NUMBERED.fullmatch(line.removesuffix("\r"))
        if found is None:
            if consecutive or line.strip():
                return None
            bare.append(line)
            continue
        numbers.append(int(found[1]))
        bare.append(found[2] or "")
    if not numbers or not _separated(lines[0]):
        return None
    if consecutive and numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        return None
    return "\n".join(bare + last), numbers[0]
