"""Whatever is sent to `/v1/messages`, the answer is a message or a refusal that says where; never a fault of ours."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from plugsky_tui.simulator.errors import ApiError
from plugsky_tui.simulator.messages_request import parse_messages_request
from plugsky_tui.simulator.messages_signature import is_redacted, is_signed, redact, sign

LEAF = st.none() | st.booleans() | st.integers(-5, 5000) | st.text(max_size=5) | st.sampled_from(["a", "b"])
KINDS = st.sampled_from(
    ["text", "image", "document", "tool_use", "tool_result", "thinking", "redacted_thinking", "base64", "url", "x"]
)
FIELDS = st.sampled_from(
    ["text", "source", "id", "name", "input", "tool_use_id", "content", "thinking", "signature", "data", "media_type"]
)


def block(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(FIELDS, inner | st.lists(inner, max_size=2), max_size=5).flatmap(
        lambda fields: KINDS.map(lambda kind: {"type": kind, **fields})
    )


BLOCK = st.recursive(LEAF, block, max_leaves=6)
MESSAGE = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["user", "assistant", "system"]),
        "content": st.text(max_size=3) | st.lists(BLOCK, max_size=3),
    }
)
BODY = st.fixed_dictionaries(
    {"model": st.just("plugsky-pro"), "max_tokens": st.just(9), "messages": st.lists(MESSAGE, max_size=4) | LEAF},
    optional={
        "system": LEAF | st.lists(BLOCK, max_size=2),
        "tools": LEAF | st.lists(BLOCK, max_size=2),
        "tool_choice": LEAF | BLOCK,
        "thinking": LEAF | BLOCK,
        "stop_sequences": LEAF | st.lists(LEAF, max_size=2),
        "temperature": LEAF,
        "top_p": LEAF,
        "top_k": LEAF,
        "metadata": LEAF | BLOCK,
        "output_config": LEAF | BLOCK,
        "cache_control": LEAF | BLOCK,
        "stream": LEAF,
    },
)


@given(BODY)
@settings(deadline=None)
def test_a_body_is_understood_or_refused(body: dict[str, Any]) -> None:
    try:
        request = parse_messages_request(body)
    except ApiError as error:
        assert error.status == 400 and error.message
    else:
        assert request.prompt.conversation().messages


@given(st.text(), st.text(), st.sampled_from(["plugsky-pro", "plugsky-max"]))
@settings(deadline=None)
def test_a_signature_is_that_of_one_text_by_one_model(thinking: str, other: str, model: str) -> None:
    signature = sign(thinking, model)
    assert is_signed(thinking, signature, model) and is_signed(thinking, signature, None)
    assert not is_signed(thinking, signature, "plugsky-kimi")
    assert is_signed(other, signature, model) == (other == thinking)
    assert is_redacted(redact(thinking, model), model) and not is_redacted(signature, model)


@given(st.text())
def test_what_nobody_signed_is_not_signed(signature: str) -> None:
    assert not is_signed("x", signature, None) and not is_redacted(signature, None)
