"""todo: the list of what is to be done, shown live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from plugsky_tui.kernel.display import TodoBlock, TodoItem
from plugsky_tui.tooling import Also, Plan, Progress, Synonyms, Tool, ToolContext, ToolResult

_MARKS = {"pending": "[ ]", "in_progress": "[~]", "completed": "[x]"}


@dataclass
class Item:
    text: Annotated[str, "What is to be done.", Also("content", "title", "task", "description", "subject", "step")]
    status: Annotated[
        Literal["pending", "in_progress", "completed"],
        "How far it is.",
        Also("state"),
        Synonyms(
            todo="pending",
            open="pending",
            not_started="pending",
            doing="in_progress",
            active="in_progress",
            started="in_progress",
            done="completed",
            complete="completed",
            finished="completed",
            cancelled="completed",
            canceled="completed",
        ),
    ] = "pending"


@dataclass
class Params:
    items: Annotated[list[Item], "The whole list, as it is to be from now on.", Also("todos", "tasks", "plan", "list")]


class Todo(Tool[Params]):
    name = "todo"
    description = """Keeps the list of what is to be done, which the user sees. Send the whole list each time; it replaces the one before.
Use it for work of three steps and more. Have one item in_progress at a time, and set it to completed as soon as it is done."""
    main_parameter = "items"

    async def prepare(self, params: Params, context: ToolContext) -> Plan:
        items = [TodoItem(item.text, item.status) for item in params.items]

        async def act(progress: Progress) -> ToolResult:
            context.todos[:] = items
            done = sum(item.status == "completed" for item in items)
            listed = "\n".join(f"{_MARKS[item.status]} {item.text}" for item in items)
            text = f"{done} of {len(items)} done.\n{listed}" if items else "The list is empty now."
            return ToolResult(text, display=[TodoBlock(items)])

        return Plan(f"Plan {len(items)} step{'s' * (len(items) != 1)}", act)
