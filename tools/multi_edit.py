"""multi_edit: several replacements in one file, all or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from plugsky_tui.tooling import Also, Plan, Tool, ToolContext, ToolError


@dataclass
class Change:
    old_string: Annotated[str, "The text to replace, exactly as it is in the file after the edits before this one."]
    new_string: Annotated[str, "The text to put in its place."]
    replace_all: Annotated[bool, "Replace every occurrence, not just the only one."] = False


@dataclass
class Params:
    file_path: Annotated[str, "Path of the file, relative to the workspace or absolute."]
    edits: Annotated[list[Change], "The replacements, made one after the other.", Also("changes", "replacements")]


class MultiEdit(Tool[Params]):
    name = "multi_edit"
    description = """Makes several replacements in one file, in order, each as edit does. If one of them cannot be made, none is."""
    main_parameter = "file_path"

    async def prepare(self, params: Params, context: ToolContext) -> Plan:
        from plugsky_tui.tooling.changes import plan_change  # 10 ms, for the first call only
        from plugsky_tui.tooling.replacing import Replacement, rewriting

        if not params.edits:
            raise ToolError("edits is empty: there is nothing to change.", hint="Send at least one replacement.")
        replacements = [Replacement(each.old_string, each.new_string, each.replace_all) for each in params.edits]
        rewrite = rewriting(replacements, params.file_path, context)
        return await plan_change("Edit", params.file_path, rewrite, context, reveals=True)
