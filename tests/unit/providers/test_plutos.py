"""Endpoints of the PlutosAI document: what is sent, and what comes of the answer."""

from __future__ import annotations

import json
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import HEAD, RawServer, ask, fails, reply, text
from support.simulated import KEY, simulated
from test_any_stream import ANY, some

from plugsky_tui.kernel.errors import ProviderError, UsageError
from plugsky_tui.kernel.events import Notice, ReasoningDelta, TextDelta, Usage
from plugsky_tui.kernel.messages import AssistantMessage, Image, Message, ToolCall, ToolMessage, UserMessage
from plugsky_tui.kernel.parameters import Parameters
from plugsky_tui.kernel.ports import Finished, Request, StreamItem, ToolDefinition
from plugsky_tui.providers.client import Client
from plugsky_tui.providers.endpoint import Endpoint
from plugsky_tui.providers.errors import Refusal, StreamBroken, complaint_of
from plugsky_tui.providers.format import Expected, Outgoing
from plugsky_tui.providers.plutos_assembly import Pieces, PlutosAssembly
from plugsky_tui.providers.plutos_batch import run_batch
from plugsky_tui.providers.plutos_format import NO_TOOLS, PlutosFormat
from plugsky_tui.providers.plutos_usage import account_usage
from plugsky_tui.providers.sse import EventDecoder, ServerEvent

TOOL = ToolDefinition("read", "Reads.", {"type": "object"})


def write(*history: Message, system: str = "", tools: Any = (), without: Any = (), **given: Any) -> Outgoing:
    request = Request("gpt-4", system, history or [UserMessage("hi")], tools, Parameters(**given))
    return PlutosFormat().write(request, without=without, made_by=bool)


def told(outgoing: Outgoing) -> list[str]:
    return [notice.text for notice in outgoing.notices]


# --- what is sent -----------------------------------------------------------------------------


def test_a_single_prompt_goes_as_it_is() -> None:
    outgoing = write(UserMessage("What is the capital of France?"), system="Be brief.", temperature=0.2, max_tokens=50)
    assert (outgoing.path, outgoing.notices) == ("stream", [])
    assert outgoing.body == {
        "input": "What is the capital of France?",
        "model": "gpt-4",
        "options": {"temperature": 0.2, "maxTokens": 50, "systemPrompt": "Be brief."},
    }
    assert write().body == {"input": "hi", "model": "gpt-4"}


def test_a_thread_begun_with_another_model_becomes_a_transcript() -> None:
    sent = write(
        UserMessage("look", [Image("image/png", "QUJD", "a.png")]),
        AssistantMessage("One moment.", calls=[ToolCall("1", "read", {"p": 1})]),
        ToolMessage("1", "read", "found"),
        AssistantMessage("It is there."),
        UserMessage("Where?"),
    )
    said = sent.body["input"]
    parts = ["User:\nlook", "a.png", "Assistant:\nOne moment.", 'called the tool read with {"p": 1}', "found"]
    places = [said.index(part) for part in [*parts, "It is there.", "User:\nWhere?"]]
    assert places == sorted(places) and said.endswith("Where?")
    assert told(sent) == ["PlutosAI's endpoint takes no images: they are left out."]


def test_that_there_are_no_tools_is_said_to_both_sides() -> None:
    sent = write(system="Use your tools.", tools=[TOOL])
    assert told(sent) == [NO_TOOLS] and "tools" not in sent.body
    assert "You have no tools" in sent.body["options"]["systemPrompt"]


def test_what_only_process_takes_goes_there() -> None:
    sent = write(stop=["END"], presence_penalty=0.5, frequency_penalty=0.1, top_p=0.9)
    assert sent.path == "process" and "in one piece" in told(sent)[0]
    assert sent.body["options"] == {"topP": 0.9, "frequencyPenalty": 0.1, "presencePenalty": 0.5, "stop": ["END"]}


def test_what_the_format_cannot_say_is_told() -> None:
    assert told(write(seed=1, user="u", tool_choice="auto")) == ["PlutosAI's format has no seed, user: left out."]


def test_a_system_prompt_that_is_refused_begins_the_input() -> None:
    assert write(system="Be kind.", without={"systemPrompt"}).body == {"input": "Be kind.\n\nhi", "model": "gpt-4"}


# --- what comes -------------------------------------------------------------------------------


def new(**more: Any) -> PlutosAssembly:
    return PlutosAssembly(Endpoint("http://a.test/v1", name="pl"), Expected("gpt-4", **more))


def play(*events: tuple[str, dict[str, Any]], assembly: PlutosAssembly | None = None) -> list[StreamItem]:
    assembly = assembly or new()
    items: list[StreamItem] = []
    for name, data in events:
        items += assembly.feed(ServerEvent(json.dumps(data), name))
    return items + assembly.end()


def chunk(output: str) -> tuple[str, dict[str, Any]]:
    return "chunk", {"chunk": "partial", "output": output}


def complete(output: str | None = None, **more: Any) -> tuple[str, dict[str, Any]]:
    return "complete", {"chunk": "final", **({} if output is None else {"output": output}), **more}


def notices(items: list[StreamItem]) -> list[str]:
    return [item.code for item in items if isinstance(item, Notice)]


def test_the_whole_at_the_end_is_not_said_twice() -> None:
    usage = {"promptTokens": 3, "completionTokens": 5, "totalTokens": 8}
    assert play(chunk("Hello"), chunk(" world"), complete("Hello world", usage=usage, model="gpt-4-x")) == [
        TextDelta("Hello"),
        TextDelta(" world"),
        Usage(3, 5, 0, 8),
        Finished("stop", "gpt-4-x"),
    ]


@pytest.mark.parametrize("whole", ["Hello world, how are you all?", None])
def test_chunks_that_each_have_all_so_far_are_not_said_twice(whole: str | None) -> None:
    said = "Hello world, how are you all?"
    items = play(*(chunk(said[:end]) for end in (5, 11, 17, 22, 29)), complete(whole))
    assert text(items) == said


def test_laughter_is_not_taken_for_repetition() -> None:
    assert text(play(chunk("ha"), chunk("ha"), chunk("haha"), complete("hahahaha"))) == "hahahaha"
    assert text(play(chunk("ha"), chunk("ha"), chunk("!"), complete())) == "haha!"


def test_another_text_at_the_end_is_told() -> None:
    items = play(chunk("Hello"), chunk(" world"), complete("Goodbye"))
    assert text(items) == "Hello world" and notices(items) == ["stream_differs"]
    assert text(play(complete("All at once."))) == "All at once."


def test_thoughts_left_in_the_text_are_set_apart() -> None:
    items = play(chunk("<thi"), chunk("nk>Hm.</think>"), chunk("\nYes."), complete())
    assert [item for item in items if isinstance(item, ReasoningDelta)] == [ReasoningDelta("Hm.")]
    assert text(items) == "Yes."


@pytest.mark.parametrize(("asked", "tokens", "cut"), [(None, 1000, True), (None, 999, False), (50, 50, True)])
def test_an_answer_as_long_as_it_may_be_is_probably_cut_off(asked: int | None, tokens: int, cut: bool) -> None:
    items = play(chunk("a"), complete("a", usage={"completionTokens": tokens}), assembly=new(max_tokens=asked))
    assert notices(items) == (["length"] if cut else [])
    assert isinstance(items[-1], Finished) and items[-1].finish_reason == ("length" if cut else "stop")


def test_a_stream_without_its_end_is_broken() -> None:
    for events in ([], [chunk("Hel")]):
        with pytest.raises(StreamBroken):
            play(*events)
    with pytest.raises(ProviderError, match="No room"):
        play(("error", {"error": {"code": "x", "message": "No room"}}))


def test_an_answer_in_one_piece() -> None:
    assembly = new()
    items = assembly.feed_whole({"id": "p", "output": "Paris.", "model": "gpt-4", "usage": {"promptTokens": 3}})
    assert [*items, *assembly.end()] == [TextDelta("Paris."), Usage(3, 0, 0, 3), Finished("stop", "gpt-4")]
    with pytest.raises(ProviderError, match="no output"):
        new().feed_whole({"choices": []})


PIECES = st.lists(st.sampled_from(["a", "ab", "aba", "b", " ", "The quick brown fox ", "é"]), max_size=12)


@given(PIECES, st.booleans())
def test_either_reading_gives_the_text(pieces: list[str], cumulative: bool) -> None:
    whole = "".join(pieces)
    sent = ["".join(pieces[: end + 1]) for end in range(len(pieces))] if cumulative else pieces
    reader = Pieces()
    shown = "".join(reader.feed(piece) for piece in sent)
    assert shown + reader.end(whole) == whole == reader.said()


OUTPUTS = st.sampled_from(["a", "ab", "\ud83d", "\ude00", "é", "<think>", "</think>", ""])
LINES = st.lists(
    some(chunk=st.sampled_from(["partial", "final"]), output=OUTPUTS, usage=ANY, model=OUTPUTS).map(
        lambda data: "data: " + json.dumps(data)
    )
    | st.sampled_from([": c", "event: chunk", "data: [DONE]", "data: {", 'data: {"error": {"message": "No"}}']),
    max_size=6,
)
END = b'event: complete\ndata: {"chunk": "final"}\n\n'


def read(*pieces: bytes) -> Any:
    """What was said; None where it ended in an error."""
    decoder, assembly = EventDecoder(), new()
    items: list[StreamItem] = []
    try:
        for piece in pieces:
            for event in decoder.feed(piece):
                items += assembly.feed(event)
        items += assembly.end()
    except ProviderError:
        return None
    assert isinstance(items[-1], Finished)
    json.dumps([str(item) for item in items], ensure_ascii=False).encode()
    return [(type(item).__name__, str(item)) for item in items]


@given(LINES, st.lists(st.integers(0, 2000), max_size=6))
def test_any_stream_ends_in_an_answer_or_in_our_error(lines: list[str], cuts: list[int]) -> None:
    stream = "".join(line + "\n\n" for line in lines).encode() + END
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    whole = read(stream)
    assert read(*[stream[a:b] for a, b in pairwise(places)]) == whole
    assert read(*[stream[at : at + 1] for at in range(len(stream))]) == whole


# --- refusals ---------------------------------------------------------------------------------


def refused(status: int, body: Any, sent: set[str]) -> str | None:
    return PlutosFormat().refused(Refusal(status, {}, complaint_of(body)), sent)


@pytest.mark.parametrize(
    ("status", "error", "name"),
    [
        (400, {"code": "invalid_parameters", "message": "Unknown parameter: 'options.topP'."}, "topP"),
        (400, {"code": "invalid_parameters", "message": "No.", "details": {"parameter": "options.topP"}}, "topP"),
        (400, {"code": "invalid_parameters", "message": "This model does not support streaming"}, "stream"),
        (400, {"code": "input_too_long", "message": "topP and all the rest"}, None),
        (404, {"code": "not_found", "message": "No such route"}, "stream"),
        (405, "Method Not Allowed", "stream"),
        (404, {"code": "invalid_model", "message": "No such model"}, None),
        (500, {"code": "internal_error", "message": "unknown topP"}, None),
    ],
)
def test_refusals_are_understood(status: int, error: Any, name: str | None) -> None:
    assert refused(status, {"error": error}, {"topP", "stream"}) == name


# --- with a server ----------------------------------------------------------------------------


@pytest.fixture
def plutos(server: RawServer) -> Client:
    return Client(Endpoint(server.url, name="pl", kind="plutos", key=lambda: "k-1", max_retries=0))


async def test_a_server_that_does_not_stream_is_asked_for_the_whole(server: RawServer, plutos: Client) -> None:
    whole = reply(200, {"id": "p", "output": "Paris.", "model": "gpt-4"})
    server.play([reply(404, {"error": {"code": "not_found", "message": "No /stream"}})], [whole], [whole])
    request = Request("gpt-4", "", [UserMessage("Where?")])
    items = await ask(plutos, request)
    assert text(items) == "Paris." and notices(items) == ["parameter_dropped"]
    assert notices(await ask(plutos, request)) == []
    assert [seen.path for seen in server.seen] == ["/v1/stream", "/v1/process", "/v1/process"]
    assert server.seen[0].headers["authorization"] == "Bearer k-1"
    await plutos.aclose()


async def test_a_model_that_is_not_there_is_not_asked_twice(server: RawServer, plutos: Client) -> None:
    server.play([reply(404, {"error": {"code": "invalid_model", "message": "No gpt-4", "requestId": "req_9"}})])
    error = await fails(plutos, Request("gpt-4", "", [UserMessage("Where?")]))
    assert (error.code, error.request_id, len(server.seen)) == ("model_not_found", "req_9", 1)
    await plutos.aclose()


async def test_a_stream_over_the_wire(server: RawServer, plutos: Client) -> None:
    events = b'event: chunk\ndata: {"chunk": "partial", "output": "Hel"}\n\nevent: chunk\ndata: {"output": "lo"}\n\n'
    server.play([HEAD, events, b'event: complete\ndata: {"chunk": "final", "output": "Hello"}\n\n'])
    items = await ask(plutos, Request("gpt-4", "", [UserMessage("Hi")], [TOOL]))
    assert text(items) == "Hello" and notices(items) == ["no_tools"]
    await plutos.aclose()


# --- usage and batch --------------------------------------------------------------------------


async def test_usage_and_batch_are_those_of_the_document() -> None:
    with simulated([{"text": "Paris."}, {"text": "Berlin."}, {"text": "Hi."}]) as url:
        client = Client(Endpoint(url, name="pl", kind="plutos", key=lambda: KEY))
        batch = await run_batch(
            client, "gpt-4", ["France?", "Germany?"], system="Be brief.", parameters=Parameters(top_p=0.5)
        )
        assert [(result.input, result.output) for result in batch.results] == [
            ("France?", "Paris."),
            ("Germany?", "Berlin."),
        ]
        assert batch.id.startswith("batch_") and batch.tokens.total == sum(r.tokens.total or 0 for r in batch.results)
        assert text(await ask(client, Request("gpt-4", "", [UserMessage("Hi")]))) == "Hi."
        used = await account_usage(client)
        assert (
            used.requests
            and used.tokens
            and used.by_model
            and used.limits["requestsPerMinute"]
            and used.start < used.end
        )
        before = await account_usage(client, date(2020, 1, 1), date(2020, 1, 31))
        assert (before.requests, before.by_model, before.end[:10]) == (0, {}, "2020-01-31")
        assert "gpt-4" not in {info.id for info in await client.models()}
        for inputs, given in (([], {}), (["a"] * 101, {}), (["a"], {"seed": 1})):
            with pytest.raises(UsageError):
                await run_batch(client, "gpt-4", inputs, parameters=Parameters(**given))
        await client.aclose()


async def test_what_is_no_usage_and_no_batch_is_an_error(server: RawServer, plutos: Client) -> None:
    server.play([reply(200, {"object": "list"})], [reply(200, {"results": []})], [reply(200, b"<html>")])
    with pytest.raises(ProviderError, match="no account of usage"):
        await account_usage(plutos)
    with pytest.raises(ProviderError, match="every input"):
        await run_batch(plutos, "gpt-4", ["a"])
    with pytest.raises(ProviderError):
        await account_usage(plutos)
    await plutos.aclose()
