"""Whatever JSON is sent, the answer is one, or a 4xx that says what is wrong: never a fault of the simulator."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.examples import examples

from plugsky_tui.simulator.chat_request import KNOWN
from plugsky_tui.simulator.completions import OPTIONAL as LEGACY
from plugsky_tui.simulator.embeddings import OPTIONAL as EMBEDDING

SETTINGS = settings(
    max_examples=examples(50), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-3, 5)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["role", "content", "type", "text", "name", "function"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def bodies(fields: Any, models: list[str], prompt: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda model, given, more: {"model": model, prompt: given, **more},
        st.sampled_from(models) | scalars,
        values,
        st.dictionaries(st.sampled_from(sorted(fields)), values, max_size=3),
    )


def check(client: Any, path: str, body: dict[str, Any]) -> None:
    answer = client.request("POST", path, body)
    assert answer.status in (200, 400, 404), (body, answer.body)
    assert answer.status == 200 or answer.error["message"]


@SETTINGS
@given(body=bodies(EMBEDDING, ["plugsky-embed-multilingual", "plugsky-pro"], "input"))
def test_embeddings(client: Any, body: dict[str, Any]) -> None:
    check(client, "/v1/embeddings", body)


@SETTINGS
@given(body=bodies(LEGACY, ["plugsky-pro", "auto", "plugsky-embed"], "prompt"))
def test_legacy_completions(client: Any, body: dict[str, Any]) -> None:
    check(client, "/v1/completions", body)


@SETTINGS
@given(body=bodies(KNOWN, ["plugsky-pro", "auto"], "messages"))
def test_chats(client: Any, body: dict[str, Any]) -> None:
    check(client, "/v1/chat/completions", body)


@SETTINGS
@given(body=bodies(KNOWN - {"messages"}, ["plugsky-pro", "auto"], "user"))
def test_chats_with_a_message_to_answer(client: Any, body: dict[str, Any]) -> None:
    check(client, "/v1/chat/completions", {**body, "messages": [{"role": "user", "content": "hello, in json"}]})
