"""The tools of a session, as the loop is given them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.kernel.messages import ToolCall
from plugsky_tui.kernel.ports import Parts, Prepared, Progress, ToolDefinition, ToolResult
from plugsky_tui.tooling.context import CALL_ID, ToolContext
from plugsky_tui.tooling.guarding import description_of, is_offered, plan_of, result_of
from plugsky_tui.tooling.needs import visible
from plugsky_tui.tooling.schema import json_schema
from plugsky_tui.tooling.tool import Plan, Tool

OUTPUT_LIMIT = 120_000  # characters: no tool's result is longer, whoever wrote it; the rest is in a file
_TITLE_LIMIT = 300


def definition_of(tool: Tool[Any], context: ToolContext) -> ToolDefinition:
    """A tool as the model sees it."""
    return ToolDefinition(tool.name, description_of(tool, context), json_schema(tool.Params))


class ToolboxOf:
    """`tools`, those of them that have a use in the `context` they all work in; names are unique."""

    def __init__(self, tools: Iterable[Tool[Any]], context: ToolContext) -> None:
        self.context = context
        every = list(tools)
        self._tools = {tool.name: tool for tool in every if is_offered(tool, context)}
        self.absent = {tool.name: tool.absent for tool in every if tool.absent and tool.name not in self._tools}
        self._definitions: list[ToolDefinition] | None = None

    @property
    def tools(self) -> Sequence[Tool[Any]]:
        return list(self._tools.values())

    def definitions(self) -> Sequence[ToolDefinition]:
        if self._definitions is None:
            self._definitions = [definition_of(tool, self.context) for tool in self._tools.values()]
        return self._definitions

    def reads_only(self, name: str) -> bool:
        tool = self._tools.get(name)
        return tool is None or tool.reads_only  # an unknown name does nothing at all

    async def prepare(self, call: ToolCall) -> Prepared:
        """The plan of a call. ToolError where there is no such tool, or its arguments or the tool itself say no."""
        from plugsky_tui.tooling.arguments import not_json, parse  # only once a tool is called

        tool = self._tools.get(call.name)
        if tool is None:
            raise self._unknown(call.name)
        if call.arguments is None:
            raise not_json(tool.name, tool.Params, call.raw)
        params, notes = parse(tool.name, tool.Params, call.arguments)
        try:
            plan = await plan_of(tool, params, self.context)
        except ToolError as error:
            if notes:
                error.hint = " ".join((error.hint, *notes)).strip()
            raise
        return self._prepared(call, plan, notes)

    def _prepared(self, call: ToolCall, plan: Plan, notes: list[str]) -> Prepared:
        prepared = Prepared(call, _title(plan), plan.needs, self._bounded(call, plan, notes), plan.preview)
        if (parts := plan.parts) is not None:
            prepared.parts = Parts(parts.hunks, lambda chosen: self._prepared(call, parts.only(chosen), notes))
        return prepared

    def _bounded(self, call: ToolCall, plan: Plan, notes: list[str]) -> Callable[[Progress], Awaitable[ToolResult]]:
        async def act(progress: Progress) -> ToolResult:
            CALL_ID.set(call.call_id)  # each call acts in a task of its own
            result = await result_of(self._tools[call.name], plan, progress)
            if len(result.output) > OUTPUT_LIMIT:
                result.output = self._cut(call.name, result.output)
            if notes:
                result.output += "\n\n(" + " ".join(notes) + ")"
            return result

        return act

    def _cut(self, name: str, output: str) -> str:
        from plugsky_tui.workspace.outputs import BoundedOutput

        bounded = BoundedOutput(self.context.spill, name)
        bounded.add(output)
        bounded.close()
        return bounded.text()

    def _unknown(self, name: str) -> ToolError:
        if name in self.absent:
            message, _, hint = self.absent[name].partition("\n")
            return ToolError(message, hint=hint, code="not_offered")
        from difflib import get_close_matches  # only on the way to an error

        close = get_close_matches(name.lower(), list(self._tools), n=3, cutoff=0.5)
        meant = f"Did you mean {' or '.join(close)}? " if close else ""
        return ToolError(
            f"There is no tool {name!r}.", hint=f"{meant}The tools are: {', '.join(self._tools)}.", code="unknown_tool"
        )


def _title(plan: Plan) -> str:
    title = visible(plan.title)
    return title if len(title) <= _TITLE_LIMIT else title[: _TITLE_LIMIT - 1] + "…"
