"""What a tool is: its parameters, its plan, its result; how tools are found and given to the loop.

A tool file needs no more than what is named here.
"""

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.kernel.ports import FetchUrl, FileChange, Progress, ReadPath, RunCommand, ToolResult, WritePath
from plugsky_tui.tooling.context import ToolContext
from plugsky_tui.tooling.schema import Also, Synonyms
from plugsky_tui.tooling.tool import Plan, Tool

__all__ = [
    "Also",
    "FetchUrl",
    "FileChange",
    "Plan",
    "Progress",
    "ReadPath",
    "RunCommand",
    "Synonyms",
    "Tool",
    "ToolContext",
    "ToolError",
    "ToolResult",
    "WritePath",
]
