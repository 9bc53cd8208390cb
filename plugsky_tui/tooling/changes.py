"""Changing one file, for every tool that does: planned on what it holds, shown as a diff, done only if it still does.

What is approved is what runs: `act` writes the bytes that were planned, to the real path that was
judged. Where another call of this session has changed the file meanwhile, the same replacement (the
same text for the same text) is made in what it holds now; anything else is refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from plugsky_tui.kernel.display import DiffBlock
from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.kernel.ports import FileChange, Progress, ToolResult
from plugsky_tui.tooling.context import ToolContext
from plugsky_tui.tooling.needs import resolve, to_read, to_write, visible
from plugsky_tui.tooling.tool import Plan
from plugsky_tui.workspace.files import ChangedSince, Snapshot, digest_of, replace, snapshot
from plugsky_tui.workspace.linecount import added_and_removed
from plugsky_tui.workspace.paths import Resolved
from plugsky_tui.workspace.text import Encoding, NotText, check_new_text, decode, encode, presentable, split_lines

_ATTEMPTS = 8  # at a file that others of our calls keep changing
_SNIPPET_LINES = 4  # around each change
_SNIPPET_LIMIT = 40


@dataclass(slots=True)
class Rewritten:
    """What a tool makes of a file: its `text`, the pieces `replaced` (so that the same can be done again in a
    file that has changed; empty: it cannot), and `notes` for the model."""

    text: str
    replaced: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


Rewrite = Callable[[str | None], Rewritten]  # the text now (None: no file) -> what it becomes. ToolError refuses.


@dataclass(slots=True)
class _Change:
    """One file before and after, ready to be written."""

    before: str | None
    rewritten: Rewritten
    data: bytes
    expected: str | None  # digest of what the file holds now


@dataclass(slots=True)
class _Target:
    """The file of one call. `people` is its name with, where it is a symlink, what it leads to."""

    given: str
    resolved: Resolved
    shown: str
    people: str
    context: ToolContext

    @property
    def real(self) -> str:
        return self.resolved.real

    @classmethod
    def of(cls, file_path: str, context: ToolContext) -> _Target:
        resolved = resolve(context.root, file_path)
        shown = visible(resolved.shown)
        leads_to = visible(context.root.shown(resolved.real))
        return cls(file_path, resolved, shown, shown if leads_to == shown else f"{shown} → {leads_to}", context)


async def plan_change(verb: str, file_path: str, rewrite: Rewrite, context: ToolContext, *, reveals: bool) -> Plan:
    """The plan of a call that makes of the file at `file_path` what `rewrite` says.

    `verb` is "Edit" or "Write". With `reveals` the result shows the model text of the file, which
    then needs leave to read it too.
    """
    target = _Target.of(file_path, context)
    title = f"{verb} {target.people}"
    try:
        change = await asyncio.to_thread(_planned, target, rewrite)
    except ToolError as error:
        return _refusal(title, error, target)
    reveals = reveals and change.before is not None
    preview = DiffBlock(target.people, _plain(change.before), _plain(change.rewritten.text))

    async def act(progress: Progress) -> ToolResult:
        async with context.lock(target.real):
            done, note = await asyncio.to_thread(_write, change, target, rewrite)
        return await asyncio.to_thread(_result, done, target, note, reveals)

    reading = to_read(context, target.resolved) if reveals else []
    return Plan(title, act, [*reading, *to_write(context, target.resolved)], [preview])


def _refusal(title: str, error: ToolError, target: _Target) -> Plan:
    """A plan that can only say why not. Since that may tell what is in the file, it needs leave to read it."""

    async def act(progress: Progress) -> ToolResult:
        raise error

    return Plan(title, act, to_read(target.context, target.resolved))


def _planned(target: _Target, rewrite: Rewrite) -> _Change:
    now = snapshot(target.real, target.shown)
    if target.context.reads is not None:
        target.context.reads.check(target.real, target.shown, now.digest, now.stamp)
    return _change(now, target.shown, rewrite)


def _change(now: Snapshot, shown: str, rewrite: Rewrite) -> _Change:
    before, encoding = _text_of(now, shown)
    rewritten = rewrite(before)
    check_new_text(rewritten.text, encoding, before or "")
    data = encode(rewritten.text, encoding)
    if data == now.data:
        raise ToolError(f"{shown} already holds exactly this: there is nothing to change.", code="unchanged")
    return _Change(before, rewritten, data, now.digest)


def _text_of(now: Snapshot, shown: str) -> tuple[str | None, Encoding]:
    if now.data is None:
        return None, Encoding()
    try:
        return decode(now.data)
    except NotText as error:
        raise ToolError(
            f"{shown} is not valid text ({error}): it cannot be edited.",
            hint="Change binary files with a command or a program made for them.",
        ) from None


def _write(change: _Change, target: _Target, rewrite: Rewrite) -> tuple[_Change, str]:
    """Do it; what was done, and a note on how. ChangedSince where the file is not what it was any more."""
    if target.context.root.resolve(target.given).real != target.real:
        raise ChangedSince(
            f"{target.shown} leads to another file than when this was planned: nothing was written.",
            hint="Look at the path again (list) before you repeat the call.",
        )
    for _ in range(_ATTEMPTS):
        try:
            note = replace(target.real, target.shown, change.data, change.expected)
        except ChangedSince:
            again = _same_change(change, target, rewrite)
            if again is None:
                raise
            change = again
            continue
        if target.context.reads is not None:
            target.context.reads.wrote(target.real, digest_of(change.data))
        return change, note
    raise ChangedSince(f"{target.shown} keeps changing: nothing was written.", hint="Try again later.")


def _same_change(change: _Change, target: _Target, rewrite: Rewrite) -> _Change | None:
    """The change made anew for what the file holds now, where it is the very same; None where it is not."""
    if not change.rewritten.replaced:
        return None
    now = snapshot(target.real, target.shown)
    if target.context.reads is not None and not target.context.reads.own(target.real, now.digest):
        return None
    try:
        again = _change(now, target.shown, rewrite)
    except ToolError:
        return None
    return again if again.rewritten.replaced == change.rewritten.replaced else None


def _result(change: _Change, target: _Target, note: str, reveals: bool) -> ToolResult:
    after = change.rewritten.text
    added, removed = added_and_removed(change.before, after)
    made = "Created" if change.before is None else "Changed"
    lines = [f"{made} {target.people}: +{added} -{removed} lines.", *change.rewritten.notes]
    lines += [note] if note else []
    if reveals and change.before is not None:
        lines.append(_snippet(change.before, after))
    return ToolResult(
        "\n".join(lines),
        display=[DiffBlock(target.people, _plain(change.before), _plain(after))],
        changes=[FileChange(target.shown, added, removed)],
    )


def _snippet(before: str, after: str) -> str:
    """The changed region as it is now, with a few lines around it, numbered."""
    old, new = split_lines(before), split_lines(after)
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    first = max(0, head - _SNIPPET_LINES)
    last = min(len(new), len(new) - tail + _SNIPPET_LINES)
    numbered = [f"{at + 1:6}\t{presentable(new[at].rstrip())[:400]}" for at in range(first, last)]
    if len(numbered) > _SNIPPET_LIMIT:
        half = _SNIPPET_LIMIT // 2
        numbered[half:-half] = ["       …"]
    return "It now reads:\n" + "\n".join(numbered) if numbered else "The file is empty now."


def _plain(text: str | None) -> str | None:
    return None if text is None else presentable(text)
