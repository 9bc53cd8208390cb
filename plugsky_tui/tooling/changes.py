"""Changing files, for every tool that does: planned on what they hold, shown as diffs, done only if they still do.

What is approved is what runs: `act` writes the bytes that were planned, to the real paths that were
judged, all of them or none. Where another call of this session has changed a file meanwhile, the same
replacement (the same text for the same text) is made in what it holds now; anything else is refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plugsky_tui.kernel.display import TextBlock
from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.kernel.ports import Need, Parts, Progress, ToolResult
from plugsky_tui.tooling import outcome
from plugsky_tui.tooling.context import ToolContext
from plugsky_tui.tooling.drafts import Draft, Drafts, Rewrite, Rewritten, Target
from plugsky_tui.tooling.needs import to_read, to_write
from plugsky_tui.tooling.partial import Partial
from plugsky_tui.tooling.tool import Plan
from plugsky_tui.workspace.commits import commit
from plugsky_tui.workspace.files import ChangedSince, digest_of, snapshot

if TYPE_CHECKING:
    from plugsky_tui.workspace.lsp.watching import Edited, EditWatch

__all__ = ["Access", "Compose", "Rewritten", "plan_change", "plan_changes"]

_ATTEMPTS = 8  # at files that others of our calls keep changing

Compose = Callable[[Drafts], None]  # does all that a call is for, in memory. ToolError refuses.


@dataclass(slots=True)
class Access:
    """A file of a call: whether the model is shown text of it, and whether it is changed."""

    target: Target
    reads: bool = True
    writes: bool = True


@dataclass(slots=True)
class _Job:
    """What a call changes, and how: the same work can be done anew on files that have changed."""

    accesses: Sequence[Access]
    compose: Compose
    context: ToolContext
    reveals: bool
    watch: EditWatch | None = None

    def drafts(self) -> list[Draft]:
        """The files that would change. ToolError where the work cannot be done or changes nothing."""
        drafts = Drafts(self.context)
        self.compose(drafts)
        changed = drafts.changed()
        if not changed:
            names = ", ".join(access.target.shown for access in self.accesses)
            raise ToolError(
                f"{names} already holds exactly this: there is nothing to change.",
                hint="Go on: no write is needed.",
                code="unchanged",
            )
        return changed


async def plan_change(verb: str, file_path: str, rewrite: Rewrite, context: ToolContext, *, reveals: bool) -> Plan:
    """The plan of a call that makes of the file at `file_path` what `rewrite` says.

    `verb` is "Edit" or "Write". With `reveals` the result shows the model text of the file, which
    then needs leave to read it too.
    """
    target = Target.of(file_path, context)
    access = Access(target, reads=reveals)
    return await plan_changes(
        f"{verb} {target.people}", [access], lambda drafts: drafts.rewrite(target, rewrite), context
    )


async def plan_changes(title: str, accesses: Sequence[Access], compose: Compose, context: ToolContext) -> Plan:
    """The plan of a call that does to the files of `accesses` what `compose` says: all of it, or nothing."""
    job = _Job(accesses, compose, context, all(access.reads for access in accesses))
    try:
        planned = await asyncio.to_thread(job.drafts)
    except ToolError as error:
        return _refusal(title, error, accesses, context)
    was_there = {draft.target.real for draft in planned if draft.found.data is not None}
    needs = _needs(accesses, was_there, context)
    if context.edit_watch is not None:
        job.watch = context.edit_watch()
        job.watch.planned(_edited(planned, context))
    partial = Partial(planned)

    def only(chosen: Collection[int]) -> Plan:
        drafts, told = partial.only(chosen), partial.told(chosen, reveals=job.reveals)
        return Plan(title, _acting(job, drafts, left_out=told), needs, outcome.blocks(drafts))

    preview = await asyncio.to_thread(outcome.blocks, planned)
    return Plan(title, _acting(job, planned), needs, preview, Parts(partial.hunks, only))


def _acting(job: _Job, planned: list[Draft], left_out: str = "") -> Callable[[Progress], Awaitable[ToolResult]]:
    """What writes `planned`. `left_out` is what the model is told of what the user did not want of it."""
    context, watch = job.context, job.watch

    async def act(progress: Progress) -> ToolResult:
        if not planned:
            raise ToolError(left_out, hint="Nothing was written.")
        async with AsyncExitStack() as locks:
            for real in sorted({access.target.real for access in job.accesses}):
                await locks.enter_async_context(context.lock(real))
            done, notes = await asyncio.to_thread(_write, job, planned, whole=not left_out)
        result = await asyncio.to_thread(outcome.result, done, notes, reveals=job.reveals)
        if left_out:
            result.output += f"\n{left_out}"
        if watch is not None and (errors := await watch.made(_edited(done, context))):
            result.output += f"\n{errors}"
            result.display.append(TextBlock(errors))
        return result

    return act


def _needs(accesses: Sequence[Access], was_there: set[str], context: ToolContext) -> list[Need]:
    needs: list[Need] = []
    for access in accesses:
        resolved = access.target.resolved
        if access.reads and (resolved.real in was_there or not access.writes):
            needs += to_read(context, resolved)
        if access.writes:
            needs += to_write(context, resolved)
    return list(dict.fromkeys(needs))


def _edited(drafts: Sequence[Draft], context: ToolContext) -> list[Edited]:
    """What language servers are told of: texts that may be read, and files that are gone."""
    from plugsky_tui.workspace.lsp.watching import Edited  # where somebody watches

    edits: list[Edited] = []
    for draft in drafts:
        after = draft.after()
        if (after is None and draft.data is not None) or not context.may_read(draft.target.real):
            continue
        before = draft.before() if draft.source is None else draft.source.before()
        edits.append(Edited(draft.target.real, draft.target.shown, before, after))
    return edits


def _refusal(title: str, error: ToolError, accesses: Sequence[Access], context: ToolContext) -> Plan:
    """A plan that can only say why not. Since that may tell what is in a file, it needs leave to read it."""

    async def act(progress: Progress) -> ToolResult:
        raise error

    needs = [need for access in accesses for need in to_read(context, access.target.resolved)]
    return Plan(title, act, list(dict.fromkeys(needs)))


def _write(job: _Job, planned: list[Draft], *, whole: bool) -> tuple[list[Draft], dict[str, str]]:
    """Do it; what was done, and notes on how. ChangedSince where the files are not what they were any more; where it is
    not the `whole` of what was planned, it is not done anew."""
    context = job.context
    for access in job.accesses:
        target = access.target
        if context.root.resolve(target.given).real != target.real:
            raise ChangedSince(
                f"{target.shown} leads to another file than when this was planned: nothing was written.",
                hint="Look at the path again (list) before you repeat the call.",
            )
    for _ in range(_ATTEMPTS):
        try:
            notes = commit([draft.write() for draft in planned])
        except ChangedSince:
            again = _same_change(job, planned) if whole else None
            if again is None:
                raise
            planned = again
            continue
        if context.reads is not None:
            for draft in planned:
                context.reads.wrote(draft.target.real, None if draft.data is None else digest_of(draft.data))
        return planned, notes
    raise ChangedSince("The files keep changing: nothing was written.", hint="Try again later.")


def _same_change(job: _Job, planned: Sequence[Draft]) -> list[Draft] | None:
    """The change made anew for what the files hold now, where it is the very same; None where it is not."""
    for draft in planned:
        now = snapshot(draft.target.real, draft.target.shown).digest
        if now == draft.found.digest:
            continue
        reads = job.context.reads
        if not draft.replaced or draft.source is not None or (reads and not reads.own(draft.target.real, now)):
            return None
    try:
        again = job.drafts()
    except ToolError:
        return None
    before = [(draft.target.real, draft.replaced) for draft in planned]
    return again if [(draft.target.real, draft.replaced) for draft in again] == before else None
