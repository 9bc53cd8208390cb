"""Edits as the `edit` tool wants them: an `old_string` that stands in the file exactly once."""

from __future__ import annotations

from collections.abc import Generator

from plugsky_tui.simulator.agent.reading import failed_edit
from plugsky_tui.simulator.agent.steps import Act, Call, Result, Results, checked


def unique_edit(lines: list[str], first: int, last: int, new: list[str]) -> tuple[str, str]:
    """(old_string, new_string) that turn lines `first` to `last` (0-based, inclusive) into `new`.

    Neighbouring lines are taken in until the old text stands in the file only once.
    """
    text = "\n".join(lines)
    low, high = first, last
    while True:
        old = "\n".join(lines[low : high + 1])
        if text.count(old) == 1 or (low == 0 and high == len(lines) - 1):
            fresh = [*lines[low:first], *new, *lines[last + 1 : high + 1]]
            return old, "\n".join(fresh)
        low, high = max(0, low - 1), min(len(lines) - 1, high + 1)


def edit_call(path: str, old: str, new: str, *, everywhere: bool = False) -> Call:
    arguments: dict[str, object] = {"file_path": path, "old_string": old, "new_string": new}
    if everywhere:
        arguments["replace_all"] = True
    return Call("edit", arguments)


def edit(path: str, old: str, new: str, say: str = "", why: str = "") -> Generator[Act, Results, str]:
    """Make one edit. Why it did nothing ("" where it was made). Raises Blocked where it was not allowed."""
    [result] = yield Act([edit_call(path, old, new)], say, why)
    return failed_edit(checked(result))


def diff_block(path: str, old: str, new: str) -> str:
    """The change as a fenced diff, for an answer."""
    removed = "\n".join(f"-{line}" for line in old.split("\n"))
    added = "\n".join(f"+{line}" for line in new.split("\n"))
    return f"```diff\n--- {path}\n+++ {path}\n{removed}\n{added}\n```"


def refused_edit(result: Result, path: str, diffs: list[str]) -> str:
    """The answer where a person or a rule said no to an edit: what it would have been."""
    reason = result.output.strip().split("\n", 1)[0]
    more = f"\n\n… and {len(diffs) - 3} more like these." if len(diffs) > 3 else ""
    return (
        f"I left `{path}` as it is: the edit was not allowed.\n\n> {reason}\n\nThis is what it would have been:\n\n"
        + "\n\n".join(diffs[:3])
        + more
        + "\n\nSay `continue` to be asked again."
    )
