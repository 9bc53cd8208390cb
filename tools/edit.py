"""edit: one piece of a file replaced by another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from plugsky_tui.tooling import Plan, Tool, ToolContext


@dataclass
class Params:
    file_path: Annotated[str, "Path of the file, relative to the workspace or absolute."]
    old_string: Annotated[str, "The text to replace, exactly as it is in the file, with its indentation."]
    new_string: Annotated[str, "The text to put in its place."]
    replace_all: Annotated[bool, "Replace every occurrence, not just the only one."] = False


class Edit(Tool[Params]):
    name = "edit"
    description = """Replaces old_string by new_string in a file. old_string must be there exactly once: quote enough lines around it to make it unique, or set replace_all.
Quote the text as read shows it, without the line numbers. An empty old_string makes a new file of new_string. For several changes in one file use multi_edit."""
    main_parameter = "file_path"

    async def prepare(self, params: Params, context: ToolContext) -> Plan:
        from plugsky_tui.tooling.changes import plan_change  # 10 ms, for the first call only
        from plugsky_tui.tooling.replacing import Replacement, rewriting

        replacement = Replacement(params.old_string, params.new_string, params.replace_all)
        rewrite = rewriting([replacement], params.file_path, context)
        return await plan_change("Edit", params.file_path, rewrite, context, reveals=True)
