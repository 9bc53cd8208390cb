"""Whatever a server sends: an answer or a ProviderError, the same wherever the bytes were cut, and always encodable."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from plugsky_tui.kernel.errors import ProviderError
from plugsky_tui.kernel.events import ReasoningDelta, TextDelta
from plugsky_tui.kernel.ports import Finished, StreamItem
from plugsky_tui.providers.assemble import Assembler
from plugsky_tui.providers.endpoint import Endpoint
from plugsky_tui.providers.sse import EventDecoder

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["read", "a", "0"])
)
ANY = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with any of `fields`, each as it should be or anything at all."""
    return st.fixed_dictionaries({}, optional={name: value | ANY for name, value in fields.items()})


ARGUMENTS = st.sampled_from(["", "{}", '{"p": ', "1}", '{"p": 1}', '"{}"', "}", '"\\ud83d"', "[", "null"])
CALL = some(
    index=st.sampled_from([0, 1, 2, None, "0"]),
    id=st.sampled_from(["a", "b", "old", "", None]),
    function=some(name=st.sampled_from(["read", "grep", "re", "ad", "", None]), arguments=ARGUMENTS),
)
TEXT = st.sampled_from(["a", "<think>", "</think>", "<th", "ink>", "\ud83d", "\ude00", "é", "\n", "", "x" * 20])
DELTA = some(
    content=TEXT | st.lists(some(type=st.sampled_from(["text", "thinking"]), text=TEXT, thinking=TEXT), max_size=2),
    reasoning_content=TEXT,
    reasoning=TEXT,
    reasoning_details=st.lists(some(text=TEXT, summary=TEXT), max_size=2),
    refusal=TEXT,
    tool_calls=st.lists(CALL, max_size=3),
    function_call=some(name=st.just("read"), arguments=ARGUMENTS),
)
CHOICE = some(
    index=st.sampled_from([0, 1, None]),
    delta=DELTA,
    message=DELTA,
    text=TEXT,
    finish_reason=st.sampled_from(["stop", "length", None]),
)
CHUNK = some(choices=st.lists(CHOICE, max_size=2), usage=some(prompt_tokens=ANY), model=TEXT)
LINES = st.lists(
    CHUNK.map(lambda chunk: "data: " + json.dumps(chunk))
    | st.sampled_from([": c", "data: [DONE]", "event: x", "data: {"]),
    max_size=6,
)


def play(*pieces: bytes) -> list[StreamItem] | None:
    """The items; None where it ended in an error."""
    decoder = EventDecoder()
    assembler = Assembler(Endpoint("http://a.test/v1"), "m", tools=("read", "grep"), used_ids=("old",))
    items: list[StreamItem] = []
    try:
        for piece in pieces:
            for event in decoder.feed(piece):
                items += assembler.feed(event)
        return items + assembler.end()
    except ProviderError:
        return None


def summary(items: list[StreamItem] | None) -> Any:
    if items is None:
        return None
    text = "".join(item.text for item in items if isinstance(item, TextDelta))
    thought = "".join(item.text for item in items if isinstance(item, ReasoningDelta))
    last = items[-1]
    assert isinstance(last, Finished)
    calls = [(call.name, call.arguments, call.raw) for call in last.calls]
    json.dumps([text, thought, calls, [str(item) for item in items]], ensure_ascii=False).encode()
    assert len({call.call_id for call in last.calls} - {"old"}) == len(calls)
    return repr((text, thought, calls, last.finish_reason))


@given(LINES, st.lists(st.integers(0, 2000), max_size=6))
def test_any_stream_ends_in_an_answer_or_in_our_error(lines: list[str], cuts: list[int]) -> None:
    stream = "".join(line + "\n\n" for line in lines).encode() + b'data: {"choices": [{"finish_reason": "stop"}]}\n\n'
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    whole = summary(play(stream))
    assert summary(play(*[stream[a:b] for a, b in pairwise(places)])) == whole
    assert summary(play(*[stream[at : at + 1] for at in range(len(stream))])) == whole
