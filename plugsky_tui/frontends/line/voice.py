"""What is said of calls, results, diffs and ends: in signs for the eye, or in words for the ear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from plugsky_tui.frontends.calls import summary
from plugsky_tui.frontends.diffing import Diff, DiffLine, compare
from plugsky_tui.frontends.line.ledger import Entry
from plugsky_tui.frontends.line.paper import Line, Role
from plugsky_tui.frontends.line.words import count, line_count, seconds
from plugsky_tui.frontends.text import reveal
from plugsky_tui.kernel.display import DiffBlock, TodoItem
from plugsky_tui.kernel.events import ToolCalled, ToolResulted
from plugsky_tui.session.subagent_steps import FAILED, RUNNING, WAITING

_VERBS = {"shell": "run"}  # the other tools are named as what they do
_LAST_LINES = 8  # of the output of a call that failed
_LAST_SPOKEN = 3


class Voice(Protocol):
    """Each method gives lines; nothing in them is cleaned, but for diffs, in which all is made visible."""

    marker: str
    """What a prompt is typed behind; `{mode}` is filled in."""
    continued: str
    """What its further lines are typed behind."""

    def prompt(self, text: str) -> list[Line]: ...

    def thinking(self) -> list[Line]: ...

    def called(self, entry: Entry) -> list[Line]: ...

    def resulted(self, entry: Entry, result: ToolResulted) -> list[Line]: ...

    def progress(self, entry: Entry, text: str) -> list[Line]: ...

    def diff(self, block: DiffBlock, *, whole: bool = True) -> list[Line]:
        """The change of one file; with `whole` False only how much of it."""
        ...

    def todo(self, items: Sequence[TodoItem]) -> list[Line]: ...

    def choices(self, rows: Sequence[tuple[int, str]], current: int) -> list[Line]:
        """Numbered answers; `current` is the number of the one in force, 0 for none."""
        ...


class Written:
    """For the eye: short, with signs that every terminal and every font has."""

    marker = "{mode}> "
    continued = "... "

    def prompt(self, text: str) -> list[Line]:
        first, *more = text.split("\n")
        return [("prompt", f"> {first}"), *[("prompt", f"  {line}") for line in more]]

    def thinking(self) -> list[Line]:
        return [("faint", "thinking…")]

    def called(self, entry: Entry) -> list[Line]:
        return [("tool", f"[{entry.number}] {_what(entry.call)}")]

    def resulted(self, entry: Entry, result: ToolResulted) -> list[Line]:
        lines = line_count(result.output)
        took = seconds(result.seconds)
        if result.ok:
            return [("faint", f"    [{entry.number}] ok, {took}, {count(lines, 'line')}")]
        shown = result.output.rstrip("\n").split("\n")[-_LAST_LINES:]
        head = f"    [{entry.number}] failed, {took}"
        if lines > len(shown):
            head += f"; the last {len(shown)} of {lines:,} lines, /open {entry.number} prints all"
        return [("error", head), *[("output", f"    {line}") for line in shown]]

    def progress(self, entry: Entry, text: str) -> list[Line]:
        return [("faint", f"    [{entry.number}] {line}") for line in _steps(text)]

    def diff(self, block: DiffBlock, *, whole: bool = True) -> list[Line]:
        diff = compare(block.before, block.after)
        head: list[Line] = [("title", f"{reveal(block.path)} {_kind(block)}+{diff.added} -{diff.removed}")]
        if not whole:
            return head
        width = len(str(max((line.new or line.old or 0 for line in diff.lines), default=0)))
        return [*head, *[_written(line, width) for line in diff.lines]]

    def todo(self, items: Sequence[TodoItem]) -> list[Line]:
        signs = {"pending": "[ ]", "in_progress": "[>]", "completed": "[x]"}
        return [("", f"    {signs[item.status]} {item.text}") for item in items]

    def choices(self, rows: Sequence[tuple[int, str]], current: int) -> list[Line]:
        width = len(str(max((number for number, _ in rows), default=0)))
        return [
            ("title" if number == current else "", f"{'*' if number == current else ' '} {number:{width}}  {text}")
            for number, text in rows
        ]


class Spoken:
    """For the ear: words, whole sentences, one fact a line."""

    marker = "Prompt: "
    continued = ""

    def prompt(self, text: str) -> list[Line]:
        return [("", f"You: {text}")]

    def thinking(self) -> list[Line]:
        return [("", "Thinking.")]

    def called(self, entry: Entry) -> list[Line]:
        return [("", f"Tool call {entry.number}: {_what(entry.call)}")]

    def resulted(self, entry: Entry, result: ToolResulted) -> list[Line]:
        lines = line_count(result.output)
        took = seconds(result.seconds, spoken=True)
        if result.ok:
            return [("", f"Result {entry.number}: ok, {took}, {count(lines, 'line')}.")]
        shown = [line for line in result.output.split("\n") if line.strip()][-_LAST_SPOKEN:]
        head: list[Line] = [("", f"Result {entry.number}: failed, {took}.")]
        if lines > len(shown):
            head.append(
                ("", f"The last {len(shown)} of {count(lines, 'line')} follow. /open {entry.number} prints all.")
            )
        return [*head, *[("", line) for line in shown]]

    def progress(self, entry: Entry, text: str) -> list[Line]:
        return [("", f"Within {entry.number}: {line}") for line in _steps(text)]

    def diff(self, block: DiffBlock, *, whole: bool = True) -> list[Line]:
        diff = compare(block.before, block.after)
        lines: list[Line] = [("", f"Diff of {reveal(block.path)}: {_kind(block)}{_amount(diff)}.")]
        if whole:
            lines += [("", _said(line)) for line in diff.lines]
            lines.append(("", "End of the diff."))
        return lines

    def todo(self, items: Sequence[TodoItem]) -> list[Line]:
        words = {"pending": "To do", "in_progress": "Doing now", "completed": "Done"}
        return [("", f"{words[item.status]}: {item.text}") for item in items]

    def choices(self, rows: Sequence[tuple[int, str]], current: int) -> list[Line]:
        return [("", f"{number}: {text}{', in use now' if number == current else ''}") for number, text in rows]


def _steps(text: str) -> list[str]:
    """What a subagent does, a line each; words for the signs before them."""
    words = {RUNNING: "", FAILED: "failed: ", WAITING: "waits: "}
    lines = text.rstrip("\n").split("\n")
    return [words[line[0]] + line[1:].lstrip() if line[:1] in words else line for line in lines]


def _what(call: ToolCalled) -> str:
    text = summary(call)
    verb = _VERBS.get(call.name, call.name)
    return f"{verb}: {text}" if text else verb


def _kind(block: DiffBlock) -> str:
    if block.before is None:
        return "new file, "
    return "deleted, " if block.after is None else ""


def _written(line: DiffLine, width: int) -> Line:
    number = f"{line.old if line.kind == 'removed' else line.new or '':>{width}}"
    text = reveal(line.text)
    match line.kind:
        case "added":
            return "added", f"{number} + {text}"
        case "removed":
            return "removed", f"{number} - {text}"
        case "skip":
            return "faint", f"{'':>{width}} ..."
        case "same":
            return "output", f"{number}   {text}"


def _said(line: DiffLine) -> str:
    text = reveal(line.text) or "(empty)"
    match line.kind:
        case "added":
            return f"Added, line {line.new}: {text}"
        case "removed":
            return f"Removed, line {line.old}: {text}"
        case "skip":
            return "Unchanged lines left out."
        case "same":
            return f"Unchanged, line {line.new}: {text}"


def _amount(diff: Diff) -> str:
    return f"{count(diff.added, 'line')} added, {count(diff.removed, 'line')} removed"


def role_of_notice(code: str) -> Role:
    """Notices that say why something stopped or was not kept are warnings; the others tell of repairs."""
    return "warning" if code in ("loop_guard", "turn_limit", "time_limit", "not_saved") else "faint"
