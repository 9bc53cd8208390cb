"""Calls that the user, or the request itself, spells out."""

from __future__ import annotations

import json
from collections.abc import Sequence

from plugsky_tui.simulator.agent.steps import Ability, Act, Call, checked
from plugsky_tui.simulator.agent.tasks import CallTool
from plugsky_tui.simulator.agent.testing import shell
from plugsky_tui.simulator.conversation import Conversation, FunctionCall, Reply, ToolSpec
from plugsky_tui.simulator.filling import fill

MAX_SHOWN = 4000  # characters of an output


def call_tool(name: str, arguments: str) -> Ability:
    try:
        parsed = json.loads(arguments)
    except ValueError as error:
        return f"These arguments are no valid JSON ({error}):\n\n```json\n{arguments}\n```"
    [result] = yield Act([Call(name, parsed, verbatim=True)], f"I call `{name}`.")
    return f"`{name}` answered:\n\n```text\n{_shown(checked(result).output)}\n```"


def call_tools(wanted: Sequence[CallTool]) -> Ability:
    """All of `wanted` at once; each `arguments` is valid JSON."""
    calls = [Call(each.name, json.loads(each.arguments), verbatim=True) for each in wanted]
    results = yield Act(calls, "I call " + ", ".join(f"`{call.name}`" for call in calls) + ".")
    answers = [(result.call.name, _shown(checked(result).output)) for result in results]
    return "\n\n".join(f"`{name}` answered:\n\n```text\n{output}\n```" for name, output in answers)


def run_command(command: str) -> Ability:
    output = yield from shell(command, "Run a command", f"I run `{command}`.")
    return f"`{command}` printed:\n\n```console\n{_shown(output)}\n```"


def forced(conversation: Conversation) -> Reply | None:
    """The call that `tool_choice` demands; None where it demands none, or has been given its call."""
    last = conversation.messages[-1]
    choice = conversation.choice
    if choice.mode not in ("named", "required") or (last.role == "tool" and choice.mode == "required"):
        return None
    named = (tool for tool in conversation.tools if tool.name == choice.name or choice.mode == "required")
    tool = next(named)
    return Reply(calls=[FunctionCall(tool.name, _filled(tool, conversation.last_user_text()))])


def _filled(tool: ToolSpec, text: str) -> str:
    arguments = fill(tool.parameters or {"type": "object"}, text)
    return json.dumps(arguments if isinstance(arguments, dict) else {}, ensure_ascii=False)


def _shown(output: str) -> str:
    text = output.rstrip() or "(nothing)"
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "\n…"
