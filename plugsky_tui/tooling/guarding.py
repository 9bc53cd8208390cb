"""Tools of anyone's making: a fault of theirs is an error for the model to read, never our crash."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, cast

from plugsky_tui.kernel.display import DiffBlock, TableBlock, TextBlock, TodoBlock
from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.kernel.ports import FetchUrl, FileChange, Parts, Progress, ReadPath, RunCommand, ToolResult, WritePath
from plugsky_tui.tooling.context import ToolContext
from plugsky_tui.tooling.tool import Plan, Tool

_DISPLAYS = (TextBlock, DiffBlock, TodoBlock, TableBlock)
_IN_TOOL: ContextVar[bool] = ContextVar("in_tool", default=False)  # in threads too: asyncio.to_thread hands it on


def is_offered(tool: Tool[Any], context: ToolContext) -> bool:
    """One that cannot say is offered: what is wrong with it shows when it is called."""
    try:
        return bool(tool.offered(context))
    except Exception:
        return True


def description_of(tool: Tool[Any], context: ToolContext) -> str:
    try:
        return tool.describe(context).strip()
    except Exception:
        return tool.description.strip()


async def plan_of(tool: Tool[Any], params: Any, context: ToolContext) -> Plan:
    """The plan of a call, sound in all its parts. ToolError where the tool refuses, fails or makes none."""
    try:
        with _apart(tool):
            plan = await tool.prepare(params, context)
    except ToolError:
        raise
    except (Exception, SystemExit) as error:
        raise failed(tool, error) from error
    wrong = _wrong_with(plan)
    if wrong:
        raise ToolError(f"The tool {tool.name} failed: its prepare {wrong}.", hint=_fault(tool))
    return plan


async def result_of(tool: Tool[Any], plan: Plan, progress: Progress) -> ToolResult:
    """What the plan's act gives. ToolError where it fails or gives something else."""
    try:
        with _apart(tool):
            made: Any = plan.act(progress)
            result = await made if hasattr(made, "__await__") else made
    except ToolError:
        raise
    except (Exception, SystemExit) as error:
        raise failed(tool, error) from error
    wrong = _wrong_in(result)
    if wrong:
        raise ToolError(f"The tool {tool.name} failed: its act {wrong}.", hint=_fault(tool))
    sound: ToolResult = result
    return sound


def failed(tool: Tool[Any], error: BaseException) -> ToolError:
    name = tool.name
    return ToolError(f"The tool {name} failed: {type(error).__name__}: {error}", hint=_fault(tool, error))


def _fault(tool: Tool[Any], error: BaseException | None = None) -> str:
    """Whose fault it is, with the last line of the tool's own file that it came through."""
    file = getattr(sys.modules.get(type(tool).__module__), "__file__", None)
    line, trace = 0, error.__traceback__ if error else None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    where = f" ({file}{f', line {line}' if line else ''})" if file else ""
    return f"The fault is the tool's{where}, not the call's: go on without it, and tell the user."


class _Divided:
    """Standard output for all but tools: what they print goes to standard error."""

    def __init__(self, out: Any) -> None:
        self._out = out

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr if _IN_TOOL.get() else self._out, name)


@contextmanager
def _apart(tool: Tool[Any]) -> Iterator[None]:
    """While a tool of anyone's making runs: others go on beside it, so what it prints is known by its context."""
    if type(tool).__module__.startswith("plugsky_tools.built-in."):
        yield
        return
    if not isinstance(cast("Any", sys.stdout), _Divided):
        sys.stdout = cast("Any", _Divided(sys.stdout))
    token = _IN_TOOL.set(True)
    try:
        yield
    finally:
        _IN_TOOL.reset(token)


def _wrong_with(plan: Any) -> str:
    if not isinstance(plan, Plan):
        return f"gave {_kind(plan)}, not a Plan"
    title, act, needs, preview, parts = _fields(plan, "title", "act", "needs", "preview", "parts")
    if not isinstance(title, str):
        return f"gave a Plan whose title is {_kind(title)}, not a text"
    if not callable(act):
        return f"gave a Plan whose act is {_kind(act)}, not a function"
    if not _all(needs, ReadPath, WritePath, RunCommand, FetchUrl):
        return f"gave a Plan with the needs {needs!r}: a list of ReadPath, WritePath, RunCommand and FetchUrl is wanted"
    if not _all(preview, *_DISPLAYS):
        return "gave a Plan whose preview is no list of the blocks of plugsky_tui.kernel.display"
    if not (parts is None or isinstance(parts, Parts)):
        return f"gave a Plan whose parts are {_kind(parts)}, not Parts of plugsky_tui.kernel.ports"
    return ""


def _wrong_in(result: Any) -> str:
    if not isinstance(result, ToolResult):
        return f"gave {_kind(result)}, not a ToolResult"
    output, display, changes = _fields(result, "output", "display", "changes")
    if not isinstance(output, str):
        return f"gave a ToolResult whose output is {_kind(output)}, not a text"
    if not _all(display, *_DISPLAYS):
        return "gave a ToolResult whose display is no list of the blocks of plugsky_tui.kernel.display"
    if not _all(changes, FileChange):
        return "gave a ToolResult whose changes are no list of FileChange"
    return ""


def _fields(record: Any, *names: str) -> list[Any]:
    """What somebody's code has put there, whatever the declared types are."""
    return [getattr(record, name) for name in names]


def _all(parts: Any, *kinds: type) -> bool:
    return isinstance(parts, list | tuple) and all(isinstance(part, kinds) for part in parts)


def _kind(value: Any) -> str:
    return "nothing" if value is None else f"{type(value).__name__!r}"
