"""How an ability works: a generator that asks for tool calls, is sent their results, and returns its answer.

    def count_lines(path: str) -> Ability:
        source = yield from read_file(path)
        return f"{path} has {len(source.lines)} lines."

Nothing is kept between two requests. Each one plays the ability again from its start and feeds it
the results that stand in the conversation; the first call that has none is the next reply
(`replay.py`). So an ability must do the same, given the same results: no clock, no chance.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

_REFUSALS = ("not allowed", "the user did not allow", "permission denied:", "refused:")
_INTERRUPTIONS = ("interrupted before it finished",)


@dataclass(slots=True)
class Call:
    """A call in the terms of plugsky's own tools; `verbatim`: as the user spelled it, so that it is made just so."""

    name: str
    arguments: dict[str, Any]
    verbatim: bool = field(default=False, compare=False)


@dataclass(slots=True)
class Result:
    """What came of a call: `output` is the text the tool's result had."""

    call: Call
    output: str

    @property
    def refused(self) -> bool:
        """Whether a person or a rule did not let the call run."""
        return self.output.lower().startswith(_REFUSALS)

    @property
    def interrupted(self) -> bool:
        return self.output.lower().startswith(_INTERRUPTIONS)


@dataclass(slots=True)
class Act:
    """One reply with tool calls. `say` is said before them; `why` is the rule behind it, shown as reasoning."""

    calls: list[Call]
    say: str = ""
    why: str = ""


Results = list[Result]
Ability = Generator[Act, Results, str]


class Blocked(Exception):
    """The task cannot go on. `message` (Markdown) says why, and what would help."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ToolMissing(Blocked):
    """The request does not offer a tool the task needs."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"For this I need the tool `{name}`, and this conversation does not offer it. "
            "With it (another agent or mode may have it), ask me again."
        )
        self.name = name


def checked(result: Result) -> Result:
    """`result`, unless the call was not let run: then Blocked, saying what was meant."""
    if result.refused:
        raise Blocked(
            f"I stopped: {described(result.call)} was not allowed.\n\n> {_first_line(result.output)}\n\n"
            "Nothing further was done. Allow it and say `continue`, and I take it up from here."
        )
    if result.interrupted:
        raise Blocked(f"I stopped: {described(result.call)} was interrupted. Say `continue` to take it up again.")
    return result


def shown_plan(steps: list[str], done: int) -> Generator[Act, Results, None]:
    """Show `steps` as the list of what is to be done, the first `done` of them as done. Without the tool, nothing is."""
    states = ["completed"] * done + ["in_progress"] + ["pending"] * len(steps)
    items = [{"text": step, "status": state} for step, state in zip(steps, states, strict=False)]
    try:
        yield Act([Call("todo", {"items": items})])
    except ToolMissing:
        pass


def described(call: Call) -> str:
    """One call in words, for people."""
    arguments = call.arguments
    match call.name:
        case "shell":
            return f"running `{arguments.get('command', '')}`"
        case "edit" | "multi_edit":
            return f"editing `{arguments.get('file_path', '')}`"
        case "write":
            return f"writing `{arguments.get('file_path', '')}`"
        case "read":
            return f"reading `{arguments.get('file_path', '')}`"
        case name:
            return f"calling `{name}`"


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "(no reason was given)"
