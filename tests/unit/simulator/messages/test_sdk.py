"""The official Anthropic SDK against the simulator: what it parses without complaint is the right shape."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from support.library import Library
from support.simulated import KEY, THINKING, WEATHER

anthropic = Library("anthropic")

HELLO = [{"role": "user", "content": "hello"}]
RIYADH = [{"role": "user", "content": 'call get_weather with {"city": "Riyadh"}'}]
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40)).decode()


@pytest.fixture
def sdk(client: Any) -> Any:
    return anthropic.Anthropic(api_key=KEY, base_url=client.host, max_retries=0)


def test_a_message_to_a_claude_name_is_answered_by_plugsky_pro(sdk: Any) -> None:
    message = sdk.messages.create(model="claude-3-5-sonnet-20241022", max_tokens=1024, messages=HELLO)
    assert message.model == "plugsky-pro" and message.role == "assistant" and message.stop_reason == "end_turn"
    assert message.id.startswith("msg_") and message._request_id.startswith("req_")
    [block] = message.content
    assert block.type == "text" and "offline simulator" in block.text
    assert message.usage.input_tokens > 0 and message.usage.output_tokens > 0
    assert message.usage.cache_read_input_tokens == 0


def test_a_bearer_token_is_as_good_as_a_key(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    sdk = anthropic.Anthropic(auth_token=KEY, base_url=client.host, max_retries=0)
    assert sdk.messages.create(model="plugsky-pro", max_tokens=1024, messages=HELLO).content


def test_the_raw_stream_has_anthropics_events_in_their_order(sdk: Any) -> None:
    stream = sdk.messages.create(model="plugsky-pro", max_tokens=1024, messages=HELLO, stream=True)
    kinds = [event.type for event in stream]
    assert kinds[0] == "message_start" and kinds[1] in ("ping", "content_block_start")
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]


def test_the_stream_helper_gives_the_text_and_the_final_message(sdk: Any) -> None:
    with sdk.messages.stream(model="plugsky-pro", max_tokens=1024, messages=HELLO) as stream:
        said = "".join(stream.text_stream)
        final = stream.get_final_message()
    whole = sdk.messages.create(model="plugsky-pro", max_tokens=1024, messages=HELLO)
    assert said == final.content[0].text == whole.content[0].text
    assert final.usage == whole.usage and final.stop_reason == "end_turn"


async def test_the_asynchronous_client(client: Any) -> None:
    async with anthropic.AsyncAnthropic(api_key=KEY, base_url=client.host, max_retries=0) as sdk:
        assert (await sdk.messages.create(model="plugsky-lite", max_tokens=1024, messages=HELLO)).content
        async with sdk.messages.stream(model="plugsky-lite", max_tokens=1024, messages=HELLO) as stream:
            assert "".join([text async for text in stream.text_stream])


@pytest.mark.parametrize("thinking", [None, THINKING, {"type": "adaptive"}])
@pytest.mark.parametrize("streamed", [False, True])
def test_a_conversation_with_a_tool(sdk: Any, thinking: Any, streamed: bool) -> None:
    asked: dict[str, Any] = {"model": "plugsky-pro", "max_tokens": 4096, "tools": [WEATHER]}
    if thinking:
        asked["thinking"] = thinking
    messages: list[Any] = list(RIYADH)
    if streamed:
        with sdk.messages.stream(messages=messages, **asked) as stream:
            message = stream.get_final_message()
    else:
        message = sdk.messages.create(messages=messages, **asked)
    assert message.stop_reason == "tool_use"
    use = message.content[-1]
    assert use.type == "tool_use" and use.id.startswith("toolu_") and use.input == {"city": "Riyadh"}
    if thinking:
        assert message.content[0].type == "thinking" and message.content[0].thinking and message.content[0].signature
    result = {"type": "tool_result", "tool_use_id": use.id, "content": [{"type": "text", "text": "38 degrees"}]}
    messages += [{"role": "assistant", "content": message.content}, {"role": "user", "content": [result]}]
    final = sdk.messages.create(messages=messages, **asked)
    assert "38 degrees" in final.content[-1].text and final.stop_reason == "end_turn"


def test_thinking_that_was_changed_is_refused(sdk: Any) -> None:
    asked: dict[str, Any] = {"model": "plugsky-pro", "max_tokens": 4096, "tools": [WEATHER], "thinking": THINKING}
    message = sdk.messages.create(messages=RIYADH, **asked)
    thought, *rest = message.content
    thought.thinking += " And more."
    result = {"type": "tool_result", "tool_use_id": rest[-1].id, "content": "38 degrees"}
    messages = [*RIYADH, {"role": "assistant", "content": [thought, *rest]}, {"role": "user", "content": [result]}]
    with pytest.raises(anthropic.BadRequestError, match="Invalid `signature` in `thinking` block"):
        sdk.messages.create(messages=messages, **asked)


def test_a_picture_is_taken_by_a_model_that_sees(sdk: Any) -> None:
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}
    messages = [{"role": "user", "content": [picture, {"type": "text", "text": "hello"}]}]
    assert sdk.messages.create(model="plugsky-qwen-vl", max_tokens=1024, messages=messages).content
    with pytest.raises(anthropic.BadRequestError, match="plugsky-pro"):
        sdk.messages.create(model="plugsky-pro", max_tokens=1024, messages=messages)


def test_counted_tokens_are_those_of_the_usage(sdk: Any) -> None:
    prompt: dict[str, Any] = {"model": "plugsky-pro", "messages": RIYADH, "system": "Be brief.", "tools": [WEATHER]}
    counted = sdk.messages.count_tokens(**prompt).input_tokens
    assert counted == sdk.messages.create(max_tokens=1024, **prompt).usage.input_tokens
    assert counted > sdk.messages.count_tokens(model="plugsky-pro", messages=RIYADH).input_tokens


def test_errors_arrive_as_the_sdk_s_own(client: Any, sdk: Any) -> None:
    with pytest.raises(anthropic.NotFoundError) as missing:
        sdk.messages.create(model="gpt-9", max_tokens=9, messages=HELLO)
    assert missing.value.body["error"] == {"type": "not_found_error", "message": "model: gpt-9"}
    assert missing.value.request_id.startswith("req_")
    with pytest.raises(anthropic.BadRequestError, match="temperature"):
        sdk.messages.create(model="plugsky-pro", max_tokens=9, messages=HELLO, extra_body={"temperature": 1.5})
    for key, error in (
        ("nonsense", anthropic.AuthenticationError),
        ("psk_live_read_1", anthropic.PermissionDeniedError),
    ):
        with pytest.raises(error):
            anthropic.Anthropic(api_key=key, base_url=client.host, max_retries=0).messages.create(
                model="plugsky-pro", max_tokens=9, messages=HELLO
            )


@pytest.mark.parametrize(
    ("status", "name"), [(429, "RateLimitError"), (500, "InternalServerError"), (529, "OverloadedError")]
)
def test_a_scripted_error_is_of_its_class(start: Any, status: int, name: str) -> None:
    client = start([{"status": status, "error": "Not now"}])
    with pytest.raises(anthropic.APIStatusError) as error:
        anthropic.Anthropic(api_key=KEY, base_url=client.host, max_retries=0).messages.create(
            model="plugsky-pro", max_tokens=9, messages=HELLO
        )
    assert type(error.value).__name__ == name and error.value.body["error"]["message"] == "Not now"


def test_the_sdk_s_structured_output(sdk: Any) -> None:
    from pydantic import BaseModel

    class Said(BaseModel):
        answer: str

    parsed = sdk.messages.parse(model="plugsky-pro", max_tokens=1024, messages=HELLO, output_format=Said)
    assert "offline simulator" in parsed.parsed_output.answer


@pytest.mark.parametrize("thinking", [{"type": "disabled"}, THINKING])
def test_the_sdk_s_tool_runner_runs_the_tools(sdk: Any, thinking: Any) -> None:
    @anthropic.beta_tool
    def get_weather(city: str) -> str:
        """Today's weather."""
        return f"38 degrees in {city}"

    runner = sdk.beta.messages.tool_runner(
        model="plugsky-pro", max_tokens=4096, messages=list(RIYADH), tools=[get_weather], thinking=thinking
    )
    assert "38 degrees in Riyadh" in runner.until_done().content[-1].text
