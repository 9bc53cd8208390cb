"""The official OpenAI SDK against the simulator: what it parses without complaint is the right shape."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.library import Library

openai = Library("openai")

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


def test_a_forced_tool_call_is_streamed(sdk: Any) -> None:
    chunks = sdk.chat.completions.create(
        model="plugsky-pro",
        messages=[{"role": "user", "content": "Riyadh"}],
        tools=[TOOL],
        tool_choice={"type": "function", "function": {"name": "get_weather"}},
        stream=True,
    )
    calls = [call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or []]
    assert calls[0].function.name == "get_weather" and calls[0].id
    assert json.loads("".join(call.function.arguments or "" for call in calls)) == {"city": "Riyadh"}


def test_parallel_tool_calls_are_put_together_by_the_stream_helper(start: Any) -> None:
    calls = [{"name": "get_weather", "arguments": {"city": city}} for city in ("Riyadh", "دبي")]
    scripted = start(script=[{"tool_calls": calls}])
    sdk = openai.OpenAI(api_key="psk_live_1", base_url=scripted.url, max_retries=0)
    with sdk.chat.completions.stream(
        model="plugsky-pro", messages=[{"role": "user", "content": "hi"}], tools=[TOOL]
    ) as stream:
        made = stream.get_final_completion().choices[0].message.tool_calls
    assert [json.loads(call.function.arguments)["city"] for call in made] == ["Riyadh", "دبي"]
    assert len({call.id for call in made}) == 2


def test_json_mode(sdk: Any) -> None:
    completion = sdk.chat.completions.create(
        model="plugsky-pro",
        messages=[{"role": "user", "content": "hello, in json"}],
        response_format={"type": "json_object"},
    )
    assert isinstance(json.loads(completion.choices[0].message.content), dict)


def test_embeddings_which_the_sdk_asks_for_in_base64(sdk: Any) -> None:
    plain = sdk.embeddings.create(model="plugsky-embed", input=["a", "b"], encoding_format="float")
    packed = sdk.embeddings.create(model="plugsky-embed", input=["a", "b"])
    assert packed.data[1].embedding == pytest.approx(plain.data[1].embedding, abs=1e-7)
    assert len(sdk.embeddings.create(model="plugsky-embed-v1", input="a", dimensions=64).data[0].embedding) == 64


def test_legacy_completions_whole_and_streamed(sdk: Any) -> None:
    whole = sdk.completions.create(model="plugsky-pro", prompt="hello", max_tokens=30, logprobs=1)
    chunks = sdk.completions.create(model="plugsky-pro", prompt="hello", max_tokens=30, stream=True)
    assert "".join(chunk.choices[0].text for chunk in chunks) == whole.choices[0].text
    assert whole.usage.completion_tokens <= 30 and whole.choices[0].logprobs.tokens


def test_idempotency_by_an_extra_header(sdk: Any) -> None:
    def ask(text: str) -> Any:
        return sdk.chat.completions.with_raw_response.create(
            model="plugsky-pro",
            messages=[{"role": "user", "content": text}],
            extra_headers={"Idempotency-Key": "one"},
        )

    first, again = ask("hi"), ask("hi")
    assert first.parse().id == again.parse().id and again.headers["idempotent-replayed"] == "true"
    with pytest.raises(openai.ConflictError) as caught:
        ask("something else")
    assert caught.value.code == "idempotency_key_reused"


def test_rate_limit_headers(sdk: Any) -> None:
    headers = sdk.models.with_raw_response.list().headers
    assert int(headers["x-ratelimit-remaining-requests"]) < int(headers["x-ratelimit-limit-requests"])
    assert headers["X-RateLimit-Reset"].isdigit() and headers["x-ratelimit-reset-requests"].endswith("s")


def test_over_the_limit_is_a_rate_limit_error(start: Any) -> None:
    from plugsky_tui.simulator.limits import Plan

    sdk = openai.OpenAI(api_key="psk_live_1", base_url=start(plan=Plan("own", 1, 1)).url, max_retries=0)
    sdk.models.list()
    with pytest.raises(openai.RateLimitError) as caught:
        sdk.models.list()
    assert caught.value.code == "rate_limit_exceeded" and int(caught.value.response.headers["retry-after"]) > 0


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


async def test_the_asynchronous_client_s_stream_helper_and_embeddings(client: Any) -> None:
    sdk = openai.AsyncOpenAI(api_key="sk-live-0123456789", base_url=client.url, max_retries=0)
    async with sdk.chat.completions.stream(
        model="plugsky-pro",
        messages=[{"role": "user", "content": "hi"}],
        stream_options={"include_usage": True},
    ) as stream:
        said = "".join([event.delta async for event in stream if event.type == "content.delta"])
        final = await stream.get_final_completion()
    assert final.choices[0].message.content == said and final.usage.completion_tokens > 0
    assert len((await sdk.embeddings.create(model="plugsky-embed-2", input="a")).data[0].embedding) == 1536
    await sdk.close()


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("400", "BadRequestError"),
        ("401", "AuthenticationError"),
        ("403", "PermissionDeniedError"),
        ("404", "NotFoundError"),
        ("409", "ConflictError"),
        ("422", "UnprocessableEntityError"),
        ("429", "RateLimitError"),
        ("500", "InternalServerError"),
        ("503", "InternalServerError"),
        ("529", "InternalServerError"),
        ("402", "APIStatusError"),
        ("cut", "APIConnectionError"),
        ("reset", "APIConnectionError"),
    ],
)
def test_each_fault_is_an_exception_of_the_sdk(sdk: Any, fault: str, kind: str) -> None:
    with pytest.raises(getattr(openai, kind)):
        sdk.chat.completions.create(
            model="plugsky-pro",
            messages=[{"role": "user", "content": "hi"}],
            extra_headers={"X-Simulator-Fault": fault},
        )


def test_a_stall_is_a_time_out_of_the_sdk(sdk: Any) -> None:
    with pytest.raises(openai.APITimeoutError):
        sdk.with_options(timeout=0.3).models.list(extra_headers={"X-Simulator-Fault": "stall"})


def test_an_error_inside_a_stream_is_an_exception_of_the_sdk(sdk: Any) -> None:
    stream = sdk.chat.completions.create(
        model="plugsky-pro",
        messages=[{"role": "user", "content": "hi"}],
        stream=True,
        extra_headers={"X-Simulator-Fault": "malformed=error"},
    )
    with pytest.raises(openai.APIError, match="The server had an error"):
        list(stream)


def test_what_is_not_offered_is_said_by_the_sdk_too(sdk: Any) -> None:
    for ask in (
        lambda: sdk.images.generate(model="plugsky-imagine-xl", prompt="a falcon"),
        lambda: sdk.moderations.create(input="x"),
        lambda: sdk.responses.create(model="plugsky-pro", input="x"),
        sdk.files.list,
        sdk.batches.list,
    ):
        with pytest.raises(openai.NotFoundError, match="the simulator does not offer"):
            ask()


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
