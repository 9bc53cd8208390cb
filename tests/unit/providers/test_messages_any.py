"""Whatever the conversation, the request is valid; whatever the stream, it is an answer or our error."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from support.examples import examples
from test_any_stream import ANY, some

from plugsky_tui.kernel.errors import ProviderError
from plugsky_tui.kernel.events import ReasoningDelta, TextDelta, ThoughtSealed
from plugsky_tui.kernel.messages import (
    AssistantMessage,
    Image,
    Message,
    Thought,
    ToolCall,
    ToolMessage,
    UserMessage,
    repair,
)
from plugsky_tui.kernel.parameters import Parameters
from plugsky_tui.kernel.ports import Finished, Request, StreamItem, ToolDefinition
from plugsky_tui.providers.endpoint import Endpoint
from plugsky_tui.providers.format import Expected
from plugsky_tui.providers.messages_assembly import MessagesAssembly
from plugsky_tui.providers.messages_format import MessagesFormat
from plugsky_tui.providers.sse import EventDecoder
from plugsky_tui.simulator.errors import ApiError
from plugsky_tui.simulator.messages_blocks import Result
from plugsky_tui.simulator.messages_request import parse_messages_request
from plugsky_tui.simulator.messages_signature import redact, sign
from plugsky_tui.simulator.messages_turns import Turn, check_signatures, check_thinking_returned

WORDS = st.sampled_from(["", " ", "\n", "hello", "why?", "é🎉"])
IDS = st.sampled_from(["a", "b", "a.b", "a:b", "", "toolu_1", "x" * 70, "é"])
NAMES = st.sampled_from(["read", "fs.read", "", "x" * 200])
MODELS = st.sampled_from(["plugsky-pro", "plugsky-max", ""])
IMAGES = st.lists(st.sampled_from([Image("image/png", "iVBORw0KGgo="), Image("image/tiff", "QUJD")]), max_size=2)


def _thought(text: str, redacted: bool) -> Thought:
    sealed = redact(text, "plugsky-pro") if redacted else sign(text, "plugsky-pro")
    return Thought("" if redacted else text, sealed, redacted)


CALLS = st.builds(ToolCall, IDS, NAMES, st.none() | st.dictionaries(WORDS, WORDS, max_size=2), WORDS)
THOUGHTS = st.lists(st.builds(_thought, WORDS, st.booleans()), max_size=2)
ANSWERS = st.builds(AssistantMessage, WORDS, WORDS, st.lists(CALLS, max_size=2), MODELS, st.booleans(), THOUGHTS)
MESSAGES = st.lists(
    st.builds(UserMessage, WORDS, IMAGES) | ANSWERS | st.builds(ToolMessage, IDS, NAMES, WORDS, st.booleans(), IMAGES),
    max_size=8,
)
PARAMETERS = st.builds(
    Parameters,
    temperature=st.none() | st.floats(0, 2),
    top_p=st.none() | st.floats(0, 1),
    max_tokens=st.none() | st.integers(1, 90000),
    stop=st.lists(WORDS, max_size=3),
    tool_choice=st.sampled_from([None, "auto", "none", "required", "read"]),
    user=st.none() | WORDS,
    seed=st.none() | st.integers(),
    reasoning_effort=st.sampled_from([None, "none", "minimal", "low", "medium", "high", "xhigh"]),
    response_format=st.sampled_from([None, {"type": "json_schema", "json_schema": {"schema": {"type": "object"}}}]),
)
TOOLS = st.sampled_from([(), (ToolDefinition("read", "Reads.", {"type": "object"}),)])
WITHOUT = st.sets(st.sampled_from(sorted(set(MessagesFormat().droppable) - {"tools"})), max_size=3)


@given(
    MESSAGES,
    PARAMETERS,
    TOOLS,
    WITHOUT,
    st.sampled_from(["", "Be kind."]),
    st.sampled_from(["plugsky-pro", "claude-opus-4-6"]),
)
@settings(deadline=None, max_examples=examples(80))
def test_any_conversation_makes_a_request_that_the_server_takes(
    messages: list[Message], parameters: Parameters, tools: Any, without: set[str], system: str, model: str
) -> None:
    request = Request(model, system, repair(messages)[0], tools, parameters)
    outgoing = MessagesFormat().write(request, without=without, made_by=lambda name: name == model)
    prompt = parse_messages_request(json.loads(json.dumps(outgoing.body))).prompt
    check_signatures(prompt.turns, model)
    if prompt.thinking.kind == "enabled":
        try:
            check_thinking_returned(prompt.turns)
        except ApiError:
            check_thinking_returned(_turn_begun(prompt.turns))
    assert [turn["role"] for turn in outgoing.body["messages"]][::2].count("assistant") == 0
    assert not (without - {"max_tokens"}) & outgoing.sent


def _turn_begun(turns: list[Turn]) -> list[Turn]:
    """Up to the first results since the user spoke: a turn of calls and results thinks at its beginning, once, and
    that is all the API asks for."""
    end = len(turns)
    while end > 2 and isinstance(turns[end - 3].blocks[0], Result):
        end -= 2
    return turns[:end] if isinstance(turns[-1].blocks[0], Result) else turns


# --- streams ----------------------------------------------------------------------------------

KINDS = st.sampled_from(["text", "thinking", "redacted_thinking", "tool_use", "server_tool_use"])
PIECES = st.sampled_from(["a", "\ud83d", "\ude00", "é", "", '{"p": ', "1}", "{}", "null"])
DELTAS = st.one_of(
    some(type=st.just("text_delta"), text=PIECES),
    some(type=st.just("thinking_delta"), thinking=PIECES),
    some(type=st.just("signature_delta"), signature=PIECES),
    some(type=st.just("input_json_delta"), partial_json=PIECES),
)
BLOCK = some(
    type=KINDS, text=PIECES, thinking=PIECES, data=PIECES, id=st.sampled_from(["a", "old"]), name=PIECES, input=ANY
)
PLACES = st.sampled_from([0, 1, None])
USAGE = some(input_tokens=ANY, output_tokens=ANY, cache_read_input_tokens=ANY)
EVENTS = st.one_of(
    some(type=st.just("message_start"), message=some(model=PIECES, usage=USAGE)),
    some(type=st.just("content_block_start"), index=PLACES, content_block=BLOCK),
    some(type=st.just("content_block_delta"), index=PLACES, delta=DELTAS),
    some(type=st.just("content_block_stop"), index=PLACES),
    some(
        type=st.just("message_delta"), delta=some(stop_reason=st.sampled_from(["end_turn", "max_tokens"])), usage=USAGE
    ),
)
LINES = st.lists(
    EVENTS.map(lambda event: "data: " + json.dumps(event))
    | st.sampled_from([": c", "event: ping", "data: [DONE]", "data: {"]),
    max_size=8,
)
END = b'data: {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}\n\n'


def play(*pieces: bytes) -> list[StreamItem] | None:
    """The items; None where it ended in an error."""
    decoder = EventDecoder()
    assembly = MessagesAssembly(Endpoint("http://a.test/v1"), Expected("m", tools=("read",), used_ids=("old",)))
    items: list[StreamItem] = []
    try:
        for piece in pieces:
            for event in decoder.feed(piece):
                items += assembly.feed(event)
        return items + assembly.end()
    except ProviderError:
        return None


def summary(items: list[StreamItem] | None) -> Any:
    if items is None:
        return None
    said = [
        (type(item).__name__, str(item))
        for item in items
        if isinstance(item, TextDelta | ReasoningDelta | ThoughtSealed)
    ]
    last = items[-1]
    assert isinstance(last, Finished)
    json.dumps([said, str(last)], ensure_ascii=False).encode()
    assert len({call.call_id for call in last.calls} - {"old"}) == len(last.calls)
    return repr((said, [(call.name, call.arguments, call.raw) for call in last.calls], last.finish_reason))


@given(LINES, st.lists(st.integers(0, 2000), max_size=6))
@settings(deadline=None)
def test_any_stream_ends_in_an_answer_or_in_our_error(lines: list[str], cuts: list[int]) -> None:
    stream = "".join(line + "\n\n" for line in lines).encode() + END
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    whole = summary(play(stream))
    assert summary(play(*[stream[a:b] for a, b in pairwise(places)])) == whole
    assert summary(play(*[stream[at : at + 1] for at in range(len(stream))])) == whole
