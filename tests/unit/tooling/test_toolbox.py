"""The toolbox between the loop and the tools."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from plugsky_tui.kernel.messages import ToolCall
from plugsky_tui.tooling import Plan, Progress, Tool, ToolContext, ToolError, ToolResult
from plugsky_tui.tooling.toolbox import OUTPUT_LIMIT, ToolboxOf


@dataclass
class Params:
    text: Annotated[str, "What to say."]
    times: int = 1


class Say(Tool[Params]):
    name = "say"
    description = "Says something."
    reads_only = True

    async def prepare(self, params: Params, context: ToolContext) -> Plan:
        if params.text == "crash":
            raise RuntimeError("boom")
        if params.text == "refuse":
            raise ToolError("No.", hint="Say something else.")

        async def act(progress: Progress) -> ToolResult:
            return ToolResult(params.text * params.times)

        return Plan(f"Say {params.text}", act)


@pytest.fixture
def toolbox(context: ToolContext) -> ToolboxOf:
    return ToolboxOf([Say()], context)


def call(**arguments: object) -> ToolCall:
    return ToolCall("c1", "say", dict(arguments))


async def result_of(toolbox: ToolboxOf, call: ToolCall) -> ToolResult:
    prepared = await toolbox.prepare(call)
    return await prepared.act(lambda text: None)


def test_definitions_are_what_the_model_is_sent(toolbox: ToolboxOf) -> None:
    (definition,) = toolbox.definitions()
    assert (definition.name, definition.description) == ("say", "Says something.")
    assert definition.parameters["required"] == ["text"]


def test_reading_tools_are_known(toolbox: ToolboxOf) -> None:
    assert toolbox.reads_only("say")


async def test_a_call_is_prepared_and_run(toolbox: ToolboxOf) -> None:
    assert (await result_of(toolbox, call(text="ho", times=2))).output == "hoho"


async def test_what_was_mended_is_told_to_the_model(toolbox: ToolboxOf) -> None:
    output = (await result_of(toolbox, call(text="ho", times="2", more=1))).output
    assert output.startswith("hoho\n\n(")
    assert "more" in output
    assert "times" in output


async def test_an_unknown_tool_names_the_nearest(toolbox: ToolboxOf) -> None:
    with pytest.raises(ToolError) as caught:
        await toolbox.prepare(ToolCall("c", "Say_it", {}))
    assert "Did you mean say?" in caught.value.hint


async def test_arguments_that_could_not_be_parsed_say_so(toolbox: ToolboxOf) -> None:
    with pytest.raises(ToolError, match="not a JSON object"):
        await toolbox.prepare(ToolCall("c", "say", None, '{"text": "a'))


async def test_a_tool_that_crashes_is_an_error_for_the_model(toolbox: ToolboxOf) -> None:
    with pytest.raises(ToolError, match="RuntimeError: boom"):
        await toolbox.prepare(call(text="crash"))


async def test_a_tools_own_refusal_passes_as_it_is(toolbox: ToolboxOf) -> None:
    with pytest.raises(ToolError, match="No") as caught:
        await toolbox.prepare(call(text="refuse"))
    assert caught.value.hint == "Say something else."


async def test_no_result_is_longer_than_the_limit(toolbox: ToolboxOf) -> None:
    output = (await result_of(toolbox, call(text="x" * 1000, times=1000))).output
    assert len(output) < OUTPUT_LIMIT
    assert "the whole output is in" in output


async def test_titles_are_one_line_without_controls(toolbox: ToolboxOf) -> None:
    prepared = await toolbox.prepare(call(text="a\nb\x1b[31m"))
    assert prepared.title == "Say a\\nb\\x1b[31m"


class Broken(Say):
    """Does what `text` says, in prepare or in act."""

    name = "broken"

    def offered(self, context: ToolContext) -> bool:
        raise RuntimeError("who knows")

    def describe(self, context: ToolContext) -> str:
        raise RuntimeError("no words")

    async def prepare(self, params: Params, context: ToolContext) -> Plan:
        wrong: dict[str, Any] = {
            "no plan": "a text",
            "title": Plan(None, print),  # type: ignore[arg-type]
            "act": Plan("t", None),  # type: ignore[arg-type]
            "needs": Plan("t", print, None),  # type: ignore[arg-type]
            "need": Plan("t", print, ["rm"]),  # type: ignore[list-item]
            "preview": Plan("t", print, (), ["x"]),  # type: ignore[list-item]
        }
        if params.text == "exit":
            raise SystemExit(3)
        if params.text in wrong:
            plan: Plan = wrong[params.text]
            return plan

        async def act(progress: Progress) -> Any:
            if params.text == "exit later":
                raise SystemExit(3)
            return {
                "text": "just a text",
                "nothing": None,
                "output": ToolResult(5),  # type: ignore[arg-type]
                "display": ToolResult("x", display=["x"]),  # type: ignore[list-item]
                "changes": ToolResult("x", changes=["a.py"]),  # type: ignore[list-item]
            }[params.text]

        return Plan("t", act)


def test_a_tool_that_cannot_describe_itself_is_still_offered(context: ToolContext) -> None:
    (definition,) = ToolboxOf([Broken()], context).definitions()
    assert definition.description == "Says something."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("exit", "SystemExit: 3"),
        ("exit later", "SystemExit: 3"),
        ("no plan", "its prepare gave 'str', not a Plan."),
        ("title", "title is nothing"),
        ("act", "act is nothing"),
        ("needs", "needs None"),
        ("need", "needs ['rm']"),
        ("preview", "preview is no list"),
        ("text", "its act gave 'str', not a ToolResult."),
        ("nothing", "its act gave nothing"),
        ("output", "output is 'int', not a text"),
        ("display", "display is no list"),
        ("changes", "changes are no list of FileChange"),
    ],
)
async def test_a_tool_s_own_faults_are_errors_for_the_model(context: ToolContext, text: str, said: str) -> None:
    with pytest.raises(ToolError, match="The tool broken failed: ") as caught:
        await result_of(ToolboxOf([Broken()], context), ToolCall("c1", "broken", {"text": text}))
    assert said in caught.value.message
    assert "test_toolbox.py" in caught.value.hint and "go on without it" in caught.value.hint
    assert ("line" in caught.value.hint) == text.startswith("exit")
