"""What is sent to a server that speaks Anthropic's Messages API."""

from __future__ import annotations

from typing import Any

import pytest

from plugsky_tui.kernel.messages import (
    UNPARSED,
    AssistantMessage,
    Image,
    Message,
    Thought,
    ToolCall,
    ToolMessage,
    UserMessage,
)
from plugsky_tui.kernel.parameters import Parameters
from plugsky_tui.kernel.ports import Request, ToolDefinition
from plugsky_tui.providers.errors import Complaint, Refusal
from plugsky_tui.providers.format import Outgoing
from plugsky_tui.providers.messages_format import MessagesFormat

TOOL = ToolDefinition("read", "Reads.", {"type": "object", "properties": {}})
PNG = Image("image/png", "QUJD", "a.png")
PICTURE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "QUJD"}}
MARK = {"cache_control": {"type": "ephemeral"}}
SEALED = Thought("Let me see.", "seal-1")
LOOKED: list[Message] = [
    UserMessage("look"),
    AssistantMessage("", "Let me see.", [ToolCall("c1", "read", {"p": 1})], "m", thoughts=[SEALED]),
    ToolMessage("c1", "read", "found"),
]


def write(
    *history: Message,
    model: str = "m",
    system: str = "",
    tools: Any = (),
    without: Any = ("cache_control",),
    **given: Any,
) -> Outgoing:
    request = Request(model, system, history or [UserMessage("hi")], tools, Parameters(**given))
    return MessagesFormat().write(request, without=set(without), made_by=lambda name: name == model)


def body(*history: Message, **how: Any) -> dict[str, Any]:
    return write(*history, **how).body


def told(*history: Message, **how: Any) -> str:
    return "\n".join(notice.text for notice in write(*history, **how).notices)


def test_a_plain_request() -> None:
    outgoing = write(UserMessage("hi"), system="Be kind.", tools=[TOOL])
    assert outgoing.path == "messages" and outgoing.notices == []
    assert outgoing.body == {
        "model": "m",
        "max_tokens": 8192,
        "system": "Be kind.",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
        "tools": [{"name": "read", "description": "Reads.", "input_schema": {"type": "object", "properties": {}}}],
        "stream": True,
    }


@pytest.mark.parametrize(
    ("key", "headers"),
    [
        ("", {}),
        ("sk-ant-1", {"x-api-key": "sk-ant-1"}),
        ("psk_live_1", {"x-api-key": "psk_live_1", "Authorization": "Bearer psk_live_1"}),
        ("sk-live-1", {"x-api-key": "sk-live-1", "Authorization": "Bearer sk-live-1"}),
    ],
)
def test_the_key_goes_as_the_server_wants_it(key: str, headers: dict[str, str]) -> None:
    assert MessagesFormat().headers(key) == {"anthropic-version": "2023-06-01", **headers}


# --- turns ------------------------------------------------------------------------------------


def test_results_of_all_calls_begin_the_next_user_turn() -> None:
    turns = body(
        UserMessage("look", [PNG]),
        AssistantMessage("One moment.", calls=[ToolCall("1", "read", {"a": 1}), ToolCall("2", "read", None, '{"a')]),
        ToolMessage("1", "read", "an image", images=[PNG]),
        ToolMessage("2", "read", "no", ok=False),
        UserMessage("and?"),
        tools=[TOOL],
    )["messages"]
    assert [turn["role"] for turn in turns] == ["user", "assistant", "user"]
    assert turns[0]["content"] == [{"type": "text", "text": "look"}, PICTURE]
    assert turns[1]["content"] == [
        {"type": "text", "text": "One moment."},
        {"type": "tool_use", "id": "1", "name": "read", "input": {"a": 1}},
        {"type": "tool_use", "id": "2", "name": "read", "input": {UNPARSED: '{"a'}},
    ]
    assert turns[2]["content"] == [
        {"type": "tool_result", "tool_use_id": "1", "content": [{"type": "text", "text": "an image"}, PICTURE]},
        {"type": "tool_result", "tool_use_id": "2", "content": "no", "is_error": True},
        {"type": "text", "text": "and?"},
    ]


def test_ids_and_names_the_format_refuses_are_mended_the_same_on_both_sides() -> None:
    calls = [ToolCall("call.1", "fs read", {}), ToolCall("call:1", "", {})]
    turns = body(
        UserMessage("x"),
        AssistantMessage("", "", calls),
        ToolMessage("call.1", "", "a"),
        ToolMessage("call:1", "", "b"),
    )
    uses, results = turns["messages"][1]["content"], turns["messages"][2]["content"]
    assert [use["id"] for use in uses] == ["call_1", "call_1_2"] == [result["tool_use_id"] for result in results]
    assert [use["name"] for use in uses] == ["fs_read", "unknown"]


def test_no_text_is_empty_and_the_user_begins_and_ends() -> None:
    turns = body(
        UserMessage("  "), AssistantMessage("a"), UserMessage(""), AssistantMessage("b\n"), AssistantMessage("\n")
    )
    assert [turn["role"] for turn in turns["messages"]] == ["user", "assistant", "user", "assistant", "user"]
    assert all(block["text"].strip() for turn in turns["messages"] for block in turn["content"])


def test_an_image_the_format_does_not_know_is_named() -> None:
    (turn,) = body(UserMessage("", [Image("image/bmp", "QUJD", "a.bmp")]))["messages"]
    assert turn["content"] == [{"type": "text", "text": "[an image, not shown here: a.bmp]"}]


# --- thoughts ---------------------------------------------------------------------------------


def test_thoughts_go_back_as_they_came_to_the_model_that_made_them() -> None:
    thoughts = [SEALED, Thought("", "hidden", redacted=True)]
    history = [*LOOKED]
    history[1] = AssistantMessage("So.", "…", [ToolCall("c1", "read", {})], "m", thoughts=thoughts)
    answer = body(*history, tools=[TOOL])["messages"][1]["content"]
    assert answer[:2] == [
        {"type": "thinking", "thinking": "Let me see.", "signature": "seal-1"},
        {"type": "redacted_thinking", "data": "hidden"},
    ]
    assert [block["type"] for block in answer[2:]] == ["text", "tool_use"]


@pytest.mark.parametrize(
    ("made", "asked", "back"),
    [
        ("claude-opus-4-1-20250805", "claude-opus-4-1", True),
        ("claude-opus-4-1-20250805", "claude-opus-4-0", False),
        ("claude-3-7-sonnet-20250219", "claude-3-7-sonnet-latest", True),
        ("claude/claude-opus-5", "claude-opus-5", True),  # the process was killed before the answer was complete
        ("", "m", False),
    ],
)
def test_a_model_is_known_by_its_other_names(made: str, asked: str, back: bool) -> None:
    history = [*LOOKED]
    history[1] = AssistantMessage("", "", [ToolCall("c1", "read", {})], made, thoughts=[SEALED])
    kinds = [block["type"] for block in body(*history, tools=[TOOL], model=asked)["messages"][1]["content"]]
    assert kinds == (["thinking", "tool_use"] if back else ["tool_use"])


@pytest.mark.parametrize(
    "how",
    [
        {"without": {"thinking_blocks"}, "tools": [TOOL]},
        {"reasoning_effort": "none", "tools": [TOOL]},
        {"model": "other", "tools": [TOOL]},
    ],
)
def test_thoughts_stay_here_where_they_are_of_no_use(how: dict[str, Any]) -> None:
    assert [block["type"] for block in body(*LOOKED, **how)["messages"][1]["content"]] == ["tool_use"]


def test_without_tools_in_play_no_thoughts_are_sent() -> None:
    answer = AssistantMessage("a", "…", model="m", thoughts=[SEALED])
    assert [block["type"] for block in body(UserMessage("x"), answer, UserMessage("y"))["messages"][1]["content"]] == [
        "text"
    ]


# --- how long it thinks -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "effort", "asked", "thinking", "max_tokens"),
    [
        ("m", "low", None, {"type": "enabled", "budget_tokens": 2048}, 10240),
        ("m", "xhigh", None, {"type": "enabled", "budget_tokens": 32000}, 40192),
        ("m", "high", 4000, {"type": "enabled", "budget_tokens": 2000}, 4000),
        ("m", "minimal", None, {"type": "disabled"}, 8192),
        ("claude-3-haiku-20240307", None, None, None, 4096),
        ("claude-3-5-sonnet-latest", None, None, None, 8192),
        ("claude-opus-4-20250514", "xhigh", None, {"type": "enabled", "budget_tokens": 23808}, 32000),
        ("claude-sonnet-4-5", "high", None, {"type": "enabled", "budget_tokens": 16384}, 48384),
        ("claude-sonnet-4-6", "low", None, {"type": "adaptive", "display": "summarized"}, 64000),
    ],
)
def test_a_budget_is_part_of_max_tokens(
    model: str, effort: Any, asked: int | None, thinking: dict[str, Any] | None, max_tokens: int
) -> None:
    sent = body(model=model, reasoning_effort=effort, max_tokens=asked)
    assert (sent.get("thinking"), sent["max_tokens"]) == (thinking, max_tokens)


@pytest.mark.parametrize(
    ("model", "effort", "named"),
    [("claude-opus-4-6", "xhigh", "max"), ("claude-opus-4-7", "xhigh", "xhigh"), ("claude-opus-5", "low", "low")],
)
def test_models_that_think_as_they_see_fit_are_given_an_effort(model: str, effort: Any, named: str) -> None:
    assert body(model=model, reasoning_effort=effort)["output_config"] == {"effort": named}
    always = body(model=model, reasoning_effort=effort, without={"thinking"})  # as models say that always think
    assert always["output_config"] == {"effort": named} and "thinking" not in always


def test_where_there_is_no_room_to_think_that_is_said() -> None:
    assert "thinking" not in body(reasoning_effort="high", max_tokens=1500)
    assert "max_tokens leaves no room" in told(reasoning_effort="high", max_tokens=1500)


def test_calls_made_without_thinking_are_answered_without_it() -> None:
    others = [LOOKED[0], AssistantMessage("", "", [ToolCall("c1", "read", {})], "other"), LOOKED[2]]
    assert "thinking" not in body(*others, tools=[TOOL], reasoning_effort="low")
    assert "without thinking" in told(*others, tools=[TOOL], reasoning_effort="low")
    assert body(*LOOKED, tools=[TOOL], reasoning_effort="low")["thinking"]["type"] == "enabled"
    more = [*LOOKED, AssistantMessage("", "", [ToolCall("c2", "read", {})], "m"), ToolMessage("c2", "read", "x")]
    assert body(*more, tools=[TOOL], reasoning_effort="low")["thinking"]["type"] == "enabled"
    assert body(*others, AssistantMessage("a"), UserMessage("b"), tools=[TOOL], reasoning_effort="low")["thinking"]


def test_what_does_not_go_with_thinking_is_left_out() -> None:
    sent = write(reasoning_effort="low", temperature=0.5, top_p=0.5)
    assert not {"temperature", "top_p"} & set(sent.body)
    assert "temperature and top_p cannot be set" in sent.notices[0].text
    assert body(reasoning_effort="low", temperature=1, top_p=0.97)["top_p"] == 0.97
    forced = write(tools=[TOOL], tool_choice="required", reasoning_effort="low")
    assert "thinking" not in forced.body and "forces a call" in forced.notices[0].text


# --- parameters -------------------------------------------------------------------------------


def test_parameters_go_under_the_formats_names() -> None:
    sent = body(
        tools=[TOOL], temperature=0.5, top_p=0.9, max_tokens=7, stop=["END", "\n"], user="u", tool_choice="read"
    )
    assert {name: sent[name] for name in ("temperature", "top_p", "max_tokens", "stop_sequences")} == {
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 7,
        "stop_sequences": ["END"],
    }
    assert sent["metadata"] == {"user_id": "u"} and sent["tool_choice"] == {"type": "tool", "name": "read"}
    assert "blanks only" in told(stop=["\n"])


@pytest.mark.parametrize(("given", "sent"), [("auto", "auto"), ("none", "none"), ("required", "any")])
def test_tool_choices_have_other_names(given: str, sent: str) -> None:
    assert body(tools=[TOOL], tool_choice=given)["tool_choice"] == {"type": sent}
    assert "tool_choice" not in body(tool_choice=given)


def test_what_the_format_cannot_say_is_told_in_one_notice() -> None:
    sent = write(seed=1, logprobs=True, presence_penalty=0.1, temperature=1.5)
    assert [notice.text for notice in sent.notices] == [
        "temperature 1.5 is sent as 1, the most that Anthropic's format knows.",
        "Anthropic's format has no presence_penalty, seed and logprobs: left out.",
    ]
    assert sent.body["temperature"] == 1 and not {"seed", "logprobs", "presence_penalty"} & set(sent.body)


def test_a_schema_is_asked_for_and_an_object_without_one_is_not() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    sent = write(response_format=wanted)
    assert sent.body["output_config"] == {"format": {"type": "json_schema", "schema": schema}}
    assert "response_format" in sent.sent and not sent.notices
    assert "output_config" not in body(response_format=wanted, without={"response_format"})
    anything = body(response_format={"type": "json_object"}, system="Be kind.")
    assert "one JSON object" in anything["system"] and "output_config" not in anything


# --- tools ------------------------------------------------------------------------------------


def test_tools_that_were_called_are_named_also_where_none_may_be_called_now() -> None:
    sent = body(*LOOKED)
    assert sent["tools"] == [{"name": "read", "input_schema": {"type": "object"}}]
    assert sent["tool_choice"] == {"type": "none"}
    assert "tools" not in body()


def test_without_tools_a_thread_that_has_calls_stays_readable() -> None:
    turns = body(*LOOKED, tools=[TOOL], without={"tools"})
    assert "tools" not in turns
    assert {block["type"] for turn in turns["messages"] for block in turn["content"]} <= {"text", "thinking"}
    said = str(turns["messages"])
    assert "called the tool read" in said and "found" in said


def test_a_schema_does_not_begin_with_what_the_api_refuses() -> None:
    tool = ToolDefinition("t", "", {"anyOf": [{}], "properties": {"a": {"anyOf": [{}]}}})
    (sent,) = body(tools=[tool])["tools"]
    assert sent["input_schema"] == {"type": "object", "properties": {"a": {"anyOf": [{}]}}}


# --- the prompt cache -------------------------------------------------------------------------


def test_the_prompt_cache_is_marked_at_the_tools_the_system_and_the_last_two_user_turns() -> None:
    other = ToolDefinition("list", "Lists.", {"type": "object"})
    history = [*LOOKED, AssistantMessage("a"), UserMessage("b"), AssistantMessage("c"), UserMessage("d", [PNG])]
    outgoing = write(*history, system="Be kind.", tools=[TOOL, other], without=())
    sent = outgoing.body
    assert sent["system"] == [{"type": "text", "text": "Be kind.", **MARK}]
    assert ["cache_control" in tool for tool in sent["tools"]] == [False, True]
    marked = [turn["content"][-1].get("cache_control") is not None for turn in sent["messages"]]
    assert marked == [False, False, False, False, True, False, True]
    assert str(sent).count("cache_control") == 4 and "cache_control" in outgoing.sent
    assert TOOL.parameters == {"type": "object", "properties": {}}  # what was given is as it was
    assert "cache_control" not in str(body(*history, system="s", tools=[TOOL], without={"cache_control"}))


# --- refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("temperature: Extra inputs are not permitted", "temperature"),
        ("`temperature` is deprecated for this model.", "temperature"),
        ("`temperature` and `top_p` cannot both be specified for this model. Please use only one.", "top_p"),
        ("thinking: Extra inputs are not permitted", "thinking"),
        ('"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive"', "budget_tokens"),
        ("thinking.enabled.budget_tokens: Extra inputs are not permitted", "budget_tokens"),
        ("thinking.adaptive.display: Extra inputs are not permitted", "display"),
        ("adaptive thinking is not supported on this model", "thinking"),
        ("messages.1.content.0: Invalid `signature` in `thinking` block", "thinking_blocks"),
        ("messages.3.content.0: Invalid `data` in `redacted_thinking` block", "thinking_blocks"),
        (
            "messages.1.content.0: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified.",
            "thinking_blocks",
        ),
        (
            "messages.1.content.0: When thinking is disabled, an `assistant` message in the final position cannot contain `thinking`.",
            "thinking_blocks",
        ),
        (
            "messages.5.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`. When `thinking` is enabled, …",
            "thinking",
        ),
        ("messages.0.content.0.text.cache_control: Extra inputs are not permitted", "cache_control"),
        ("system.0.cache_control: Extra inputs are not permitted", "cache_control"),
        ("A maximum of 4 blocks with cache_control may be provided. Found 5.", "cache_control"),
        ("output_config: Extra inputs are not permitted", "effort"),
        ("This model does not support the effort parameter.", "effort"),
        ("output_config.format.schema: For 'object' type, 'additionalProperties' must be false", "response_format"),
        ("max_tokens: 32000 > 8192, which is the maximum allowed number of output tokens for m", "max_tokens"),
        ("input length and `max_tokens` exceed context limit: 190000 + 32000 > 200000, decrease input", "max_tokens"),
        ("stop_sequences: Extra inputs are not permitted", "stop_sequences"),
        ("tools: Extra inputs are not permitted", "tools"),
        ("This model does not support tools", "tools"),
        ("streaming is not supported", "stream"),
        ("tools.0.custom.input_schema.type: Field required", None),
        ("messages: at least one message is required", None),
        ("temperature: Input should be less than or equal to 1", None),
        ("prompt is too long: 210000 tokens > 200000 maximum", None),
    ],
)
def test_refusals_are_understood(said: str, name: str | None) -> None:
    complaint = Complaint(said, kind="invalid_request_error")
    assert MessagesFormat().refused(Refusal(400, {}, complaint), set(MessagesFormat().droppable)) == name
    assert MessagesFormat().refused(Refusal(500, {}, complaint), set(MessagesFormat().droppable)) is None


@pytest.mark.parametrize("name", sorted(MessagesFormat().droppable))
def test_what_was_refused_is_not_sent_again(name: str) -> None:
    schema = {"type": "json_schema", "json_schema": {"schema": {"type": "object"}}}
    given: dict[str, Any] = {"temperature": 1, "top_p": 0.99, "stop": ["x"], "user": "u", "tool_choice": "auto"}
    for model in ("m", "claude-opus-4-6"):
        history = [*LOOKED]
        history[1] = AssistantMessage("", "", [ToolCall("c1", "read", {})], model, thoughts=[SEALED])
        how: Any = dict(model=model, tools=[TOOL], reasoning_effort="low", response_format=schema, system="s", **given)
        before = write(*history, without=(), **how)
        after = write(*history, without={name}, **how)
        assert name in before.sent or name in {"budget_tokens", "display", "effort"}
        if name == "max_tokens":
            assert after.body["max_tokens"] == 4096
        else:
            assert name not in after.sent
