"""The official OpenAI SDK against the simulator: what it parses without complaint is the right shape."""

from __future__ import annotations

import json
from typing import Any

import pytest

openai = pytest.importorskip("openai")

TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@pytest.fixture
def sdk(client: Any) -> Any:
    return openai.OpenAI(api_key="psk_live_0123456789", base_url=client.url, max_retries=0)


def test_a_completion(sdk: Any) -> None:
    completion = sdk.chat.completions.create(
        model="plugsky-pro", messages=[{"role": "user", "content": "Say hello in 5 languages"}], max_tokens=200
    )
    assert completion.choices[0].message.content and completion.usage.total_tokens > 0
    assert completion._request_id.startswith("req_")


def test_a_stream(sdk: Any) -> None:
    stream = sdk.chat.completions.create(
        model="plugsky-pro",
        messages=[{"role": "user", "content": "hi"}],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices).startswith(
        "_I am plugsky's"
    )
    assert chunks[-1].usage.completion_tokens > 0


def test_the_stream_helper_puts_a_tool_call_together(sdk: Any) -> None:
    with sdk.chat.completions.stream(
        model="plugsky-pro",
        messages=[{"role": "user", "content": 'call get_weather with {"city": "Riyadh"}'}],
        tools=[TOOL],
    ) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_completion()
    assert {"chunk", "tool_calls.function.arguments.delta", "tool_calls.function.arguments.done"} <= kinds
    [call] = final.choices[0].message.tool_calls
    assert json.loads(call.function.arguments) == {"city": "Riyadh"}


def test_a_conversation_with_a_tool(sdk: Any) -> None:
    messages: list[Any] = [{"role": "user", "content": 'call get_weather with {"city": "Riyadh"}'}]
    message = sdk.chat.completions.create(model="plugsky-pro", messages=messages, tools=[TOOL]).choices[0].message
    messages += [message, {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "38 degrees"}]
    final = sdk.chat.completions.create(model="plugsky-pro", messages=messages, tools=[TOOL])
    assert "38 degrees" in final.choices[0].message.content


def test_models(sdk: Any) -> None:
    assert "plugsky-coder" in [model.id for model in sdk.models.list()]
    assert sdk.models.retrieve("plugsky-nano").id == "plugsky-nano"


async def test_the_asynchronous_client(client: Any) -> None:
    sdk = openai.AsyncOpenAI(api_key="sk-live-0123456789", base_url=client.url, max_retries=0)
    stream = await sdk.chat.completions.create(
        model="plugsky-lite", messages=[{"role": "user", "content": "hi"}], stream=True
    )
    assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
    await sdk.close()


def test_errors_arrive_as_the_sdk_s_own(client: Any, sdk: Any) -> None:
    hello = [{"role": "user", "content": "hi"}]
    with pytest.raises(openai.NotFoundError) as missing:
        sdk.chat.completions.create(model="gpt-9", messages=hello)
    assert missing.value.code == "model_not_found" and missing.value.request_id.startswith("req_")
    with pytest.raises(openai.BadRequestError) as wrong:
        sdk.chat.completions.create(model="plugsky-pro", messages=hello, temperature=9)
    assert wrong.value.param == "temperature"
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(api_key="wrong", base_url=client.url, max_retries=0).models.list()
    with pytest.raises(openai.PermissionDeniedError):
        openai.OpenAI(api_key="psk_live_read_1", base_url=client.url, max_retries=0).chat.completions.create(
            model="plugsky-pro", messages=hello
        )


def test_a_scripted_429_is_retried_after_what_it_says(start: Any) -> None:
    scripted = start(script=[{"status": 429, "headers": {"Retry-After": "0"}, "error": "slow down"}, {"text": "now"}])
    sdk = openai.OpenAI(api_key="psk_live_1", base_url=scripted.url, max_retries=1)
    assert (
        sdk.chat.completions.create(model="plugsky-pro", messages=[{"role": "user", "content": "hi"}])
        .choices[0]
        .message.content
        == "now"
    )


def test_json_schema_parsing_into_a_model(sdk: Any) -> None:
    from pydantic import BaseModel

    class Verdict(BaseModel):
        reason: str
        score: int

    parsed = sdk.chat.completions.parse(
        model="plugsky-pro", messages=[{"role": "user", "content": "hello"}], response_format=Verdict
    )
    assert isinstance(parsed.choices[0].message.parsed, Verdict)
