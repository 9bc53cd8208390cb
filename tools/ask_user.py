"""ask_user: a question to whoever sits there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from plugsky_tui.kernel.display import TextBlock
from plugsky_tui.tooling import Also, Plan, Progress, Tool, ToolContext, ToolError, ToolResult


@dataclass
class Params:
    question: Annotated[str, "The question, complete in itself.", Also("prompt", "message", "text")]
    options: Annotated[list[str], "Answers to choose from, if there are some.", Also("choices", "answers")] = field(
        default_factory=list
    )


class AskUser(Tool[Params]):
    name = "ask_user"
    description = """Asks the user a question and waits for the answer. Only for what you cannot find out yourself and what would be costly to get wrong."""
    reads_only = True
    main_parameter = "question"

    async def prepare(self, params: Params, context: ToolContext) -> Plan:
        ask = context.ask_user
        if ask is None:
            raise ToolError(
                "There is no one to ask in this run.",
                hint="Decide yourself what is most likely wanted, and say in your answer what you have assumed.",
            )
        if not params.question.strip():
            raise ToolError("The question is empty.", hint="Send what you want to know as question.")

        async def act(progress: Progress) -> ToolResult:
            answer = await ask(params.question, params.options)
            text = f"The user answers: {answer}" if answer else "The user gave no answer."
            return ToolResult(text, display=[TextBlock(f"{params.question}\n{answer or '(no answer)'}")])

        return Plan(f"Ask: {params.question.strip()}", act)
