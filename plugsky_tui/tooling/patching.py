"""A patch as a change of files: whose leave it needs, and what it does to each of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.tooling.changes import Access, plan_changes
from plugsky_tui.tooling.context import ToolContext
from plugsky_tui.tooling.drafts import Drafts, Rewrite, Rewritten, Target, exists
from plugsky_tui.tooling.tool import Plan
from plugsky_tui.workspace.patches import (
    AddFile,
    DeleteFile,
    Hunk,
    PatchError,
    Step,
    UpdateFile,
    apply_hunks,
    parse_patch,
)
from plugsky_tui.workspace.text import adopt_line_ends

_NAMED = 3  # files in a title


@dataclass(slots=True)
class _Work:
    """One step, and the files it is about: `target` where a file moves or is copied to."""

    step: Step
    file: Target
    target: Target | None = None


async def plan_patch(patch: str, context: ToolContext) -> Plan:
    """The plan of a call that applies `patch`: every file of it, or none. ToolError where it cannot even be read."""
    works = [_work(step, context) for step in parse_patch(patch)]

    def compose(drafts: Drafts) -> None:
        for work in works:
            try:
                _do(work, drafts, context)
            except ToolError as error:
                if len(works) > 1:
                    error.hint = f"{error.hint} None of the files was changed.".strip()
                raise

    return await plan_changes(_title(works), _accesses(works), compose, context)


def _work(step: Step, context: ToolContext) -> _Work:
    target = Target.of(step.target, context) if isinstance(step, UpdateFile) and step.target else None
    return _Work(step, Target.of(step.path, context), target)


def _accesses(works: Sequence[_Work]) -> list[Access]:
    accesses: list[Access] = []
    for work in works:
        copies = isinstance(work.step, UpdateFile) and work.step.keeps_source
        accesses.append(Access(work.file, writes=not copies))
        if work.target is not None:
            accesses.append(Access(work.target))
    return accesses


def _title(works: Sequence[_Work]) -> str:
    names = []
    for work in works:
        match work.step:
            case AddFile():
                names.append(f"{work.file.people} (new)")
            case DeleteFile():
                names.append(f"{work.file.people} (deleted)")
            case UpdateFile() if work.target is not None:
                names.append(f"{work.file.people} to {work.target.people}")
            case _:
                names.append(work.file.people)
    names = list(dict.fromkeys(names))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"Patch {', '.join(names[:_NAMED])}{more}"


def _do(work: _Work, drafts: Drafts, context: ToolContext) -> None:
    match work.step:
        case AddFile(_, text):
            drafts.rewrite(work.file, _adding(work.file, text, drafts))
        case DeleteFile(_, hunks):
            if hunks:
                _check_whole(work.file, hunks, drafts)
            drafts.delete(work.file)
        case UpdateFile(_, hunks) as step:
            rewrite = _updating(work.file, hunks, context) if hunks else None
            if work.target is not None:
                drafts.move(work.file, work.target, rewrite, keeps_source=step.keeps_source)
            elif rewrite is not None:
                drafts.rewrite(work.file, rewrite)


def _adding(target: Target, text: str, drafts: Drafts) -> Rewrite:
    was = drafts.of(target).before()

    def rewrite(before: str | None) -> Rewritten:
        if before is not None:
            raise exists(target, "To change it use *** Update File; to replace it whole, write.")
        return Rewritten(text if was is None else adopt_line_ends(text, was))  # deleted by this very patch

    return rewrite


def _updating(target: Target, hunks: Sequence[Hunk], context: ToolContext) -> Callable[[str | None], Rewritten]:
    def rewrite(before: str | None) -> Rewritten:
        if before is None:
            raise _missing(target, context)
        patched = apply_hunks(before, hunks, target.shown)
        return Rewritten(patched.text, patched.replaced, patched.notes)

    return rewrite


def _missing(target: Target, context: ToolContext) -> ToolError:
    from plugsky_tui.tooling.replacing import no_such_file  # only on the way to an error

    return no_such_file(target.given, context, "to make a new file use *** Add File.")


def _check_whole(target: Target, hunks: Sequence[Hunk], drafts: Drafts) -> None:
    """ToolError where a diff that deletes a file does not show all that it holds."""
    text = drafts.of(target).text()
    if text is not None and apply_hunks(text, hunks, target.shown).text:
        raise PatchError(
            f"{target.shown} holds more than the patch deletes: it was left alone.",
            hint="Read the file again; to delete it whatever it holds, use *** Delete File: path.",
        )
