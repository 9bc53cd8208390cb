"""Replacements in one file, for the tools that make them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.tooling.context import ToolContext
from plugsky_tui.tooling.drafts import Rewrite, Rewritten
from plugsky_tui.tooling.needs import visible
from plugsky_tui.workspace.edits import replace_text


@dataclass(slots=True)
class Replacement:
    old: str
    new: str
    everywhere: bool = False


def rewriting(replacements: Sequence[Replacement], file_path: str, context: ToolContext) -> Rewrite:
    """What makes the new text of the file: all replacements, one after the other, or ToolError from the first that fails."""

    def rewrite(before: str | None) -> Rewritten:
        if before is None:
            return _new_file(replacements, file_path, context)
        result = Rewritten(before)
        for number, each in enumerate(replacements, 1):
            which = f"Edit {number} of {len(replacements)}: " if len(replacements) > 1 else ""
            try:
                _replace(result, each, which)
            except ToolError as error:
                nothing = " None of the edits was made." if len(replacements) > 1 else ""
                raise type(error)(which + error.message, hint=error.hint + nothing, code=error.code) from None
        return result

    return rewrite


def _replace(result: Rewritten, each: Replacement, which: str) -> None:
    if not each.old and not result.text:  # an empty file is filled
        result.text = each.new
        result.replaced.append(("", each.new))
        return
    edited = replace_text(result.text, each.old, each.new, replace_all=each.everywhere)
    result.text = edited.text
    result.replaced += edited.replaced
    if len(edited.replaced) > 1:
        result.notes.append(f"{which}{len(edited.replaced)} places were replaced.")
    if edited.relaxed:
        result.notes.append(f"{which}old_string was found {edited.relaxed}.")


def _new_file(replacements: Sequence[Replacement], file_path: str, context: ToolContext) -> Rewritten:
    if len(replacements) == 1 and not replacements[0].old:
        return Rewritten(replacements[0].new)
    raise no_such_file(file_path, context, "to make a new file use write.")


def no_such_file(file_path: str, context: ToolContext, else_do: str) -> ToolError:
    """What to say of a file that is not there: the names that may have been meant, else what else to do."""
    from plugsky_tui.workspace.names import similar_paths  # only on the way to an error

    resolved = context.root.resolve(file_path)
    similar = similar_paths(resolved.real, context.root.real) if resolved.inside else []
    names = ", ".join(visible(context.root.shown(path)) for path in similar)
    return ToolError(
        f"{visible(resolved.shown)} does not exist.",
        hint=f"Did you mean {names}?" if names else f"Look for its name with glob or list; {else_do}",
    )
