"""write: a whole file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from plugsky_tui.tooling import Plan, Tool, ToolContext, ToolError


@dataclass
class Params:
    file_path: Annotated[str, "Path of the file, relative to the workspace or absolute."]
    content: Annotated[str, "The whole new content of the file."]


class Write(Tool[Params]):
    name = "write"
    description = """Writes a whole file: a new one (missing folders are made), or in place of what there is.
A file that exists keeps its encoding, line ends and permissions. Read it first; to change a part of it, use edit."""
    main_parameter = "file_path"

    async def prepare(self, params: Params, context: ToolContext) -> Plan:
        from plugsky_tui.tooling.changes import Rewritten, plan_change  # 10 ms, for the first call only
        from plugsky_tui.workspace.edits.elision import left_out
        from plugsky_tui.workspace.text import adopt_line_ends

        def rewrite(before: str | None) -> Rewritten:
            if before is None:
                return Rewritten(params.content)
            placeholder = left_out(params.content, before)
            if placeholder is not None:
                raise ToolError(
                    f"content leaves code out: its line {placeholder!r} is not in the file, and what it stands for would "
                    "be lost. Nothing was written.",
                    hint="Send the whole content, or change only the part in question with edit.",
                    code="placeholder",
                )
            return Rewritten(adopt_line_ends(params.content, before))

        return await plan_change("Write", params.file_path, rewrite, context, reveals=False)
