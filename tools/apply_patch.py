"""apply_patch: several files changed, made, deleted and moved by one patch, all or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from plugsky_tui.tooling import Also, Plan, Tool, ToolContext


@dataclass
class Params:
    patch: Annotated[
        str,
        "The whole patch, from *** Begin Patch to *** End Patch.",
        Also("input", "patch_text", "diff", "patch_content", "content"),
    ]


class ApplyPatch(Tool[Params]):
    name = "apply_patch"
    description = """Applies a patch to one or more files, all or none. Its format:
*** Begin Patch
*** Update File: path/to/file.py
@@ def the_function():
 a line that stays
-a line that goes
+a line that comes
*** Add File: path/to/new.py
+each of its lines
*** Delete File: path/to/old.py
*** End Patch
An Update may be followed by *** Move to: new/path. Show about 3 lines that stay above and below each change, exactly as they are in the file; where that is not unique, name the class or function it is in after @@ (several @@ lines narrow step by step). *** End of File after a hunk: it ends with the file. Hunks stand in the order of the file. Unified diffs are taken too; line numbers are not trusted."""
    main_parameter = "patch"

    async def prepare(self, params: Params, context: ToolContext) -> Plan:
        from plugsky_tui.tooling.patching import plan_patch  # 10 ms, for the first call only

        return await plan_patch(params.patch, context)
