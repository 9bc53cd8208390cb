"""An endpoint of kind "anthropic-messages" against the Messages surfaces of both peers, through the real command."""

from __future__ import annotations

import json

import pytest
from peers.servers import mock_ai_api
from peers.talk import LOOK, configure, of, said, turn
from support.command import KEY

MESSAGES = "/v1/messages"
ARGUMENTS = {"path": "tmp/mock-file.txt", "contents": "mock output"}


@pytest.fixture
def claude(user):
    """`claude(url)`: runs of a user who has the endpoint at `url` as [providers.claude], and nothing else to talk to."""

    def begin(url):
        configure(
            user,
            "[api]\nmax_retries = 1\n"
            f'[providers.claude]\nkind = "anthropic-messages"\nbase_url = "{url}"\napi_key_env = "CLAUDE_KEY"\n',
        )
        user.env |= {
            "PLUGSKY_BASE_URL": "http://127.0.0.1:9/v1",
            "CLAUDE_KEY": KEY,
            "PLUGSKY_API_KEY": "psk_live_other",
        }

        def ask(*words, model="claude-sonnet-4-5"):
            events, done = user.events("--model", f"claude/{model}", *words)
            assert "psk_live_other" not in done.stdout + done.stderr
            return events, done

        return ask

    return begin


# --- aimock -----------------------------------------------------------------------------------


def test_text_thoughts_and_token_counts_arrive(peer, claude):
    usage = {"input_tokens": 120, "output_tokens": 9}
    server = peer(turn(0, content="Grüße, 🎉!", reasoning="Easily said.", usage=usage), options=("--chunk-size", "1"))
    events, done = claude(server.url)("hello")
    assert done.returncode == 0 and said(events) == events[-1]["text"] == "Grüße, 🎉!"
    assert said(events, "reasoning.delta") == "Easily said."
    (counted,) = of(events, "usage")
    assert (counted["prompt_tokens"], counted["completion_tokens"]) == (120, 9)


def test_calls_run_and_their_results_go_back_in_the_next_request(peer, claude):
    # With thinking on, a strict aimock refuses a second request that lost the first answer's thoughts or their signature.
    server = peer(turn(0, **LOOK), turn(1, content="A library that adds."), options=("--chunk-size", "3"))
    events, done = claude(server.url)("look around")
    assert done.returncode == 0 and events[-1]["text"] == "A library that adds."
    made = of(events, "tool.call")
    assert [(one["name"], one["arguments"]) for one in made] == [
        ("read", {"file_path": "README.md"}),
        ("list", {"path": "src"}),
    ]
    ids = [one["call_id"] for one in made]
    assert [result["call_id"] for result in of(events, "tool.result") if result["ok"]] == ids
    answer, *results = server.bodies(MESSAGES)[1]["messages"][-3:]  # as aimock understood them
    assert [one["id"] for one in answer["tool_calls"]] == ids == [result["tool_call_id"] for result in results]
    assert "# Sums" in results[0]["content"] and "sums.py" in results[1]["content"]


def test_a_request_has_what_the_format_asks_for(peer, claude):
    server = peer(turn(0, content="Hello."))
    claude(server.url)("hello")
    (entry,) = server.journal(MESSAGES)
    assert entry["headers"]["anthropic-version"] and entry["headers"]["idempotency-key"]
    assert KEY not in json.dumps(entry) and {"x-api-key", "authorization"} & set(entry["headers"])
    body = entry["body"]
    assert body["model"] == "claude-sonnet-4-5" and body["max_tokens"] > 0 and body["stream"] is True
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert {"read", "shell"} <= {tool["function"]["name"] for tool in body["tools"]}
    assert all(tool["function"]["parameters"]["type"] == "object" for tool in body["tools"])


def test_a_thread_goes_on_where_it_was(peer, claude):
    server = peer(turn(0, **LOOK), turn(1, content="It adds."), turn(2, content="Two files."))
    ask = claude(server.url)
    ask("look around")
    events, done = ask("--continue", "how many files?")
    assert done.returncode == 0 and events[-1]["text"] == "Two files."
    roles = [message["role"] for message in server.bodies(MESSAGES)[-1]["messages"]]
    assert roles == ["system", "user", "assistant", "tool", "tool", "assistant", "user"]


@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(
            {"response": {"error": {"message": "Overloaded", "type": "overloaded_error"}, "status": 529}}, id="529"
        ),
        pytest.param({"response": {"error": {"message": "Slow down"}, "status": 429, "retryAfter": 1}}, id="429"),
        pytest.param({"response": {"content": "x"}, "chaos": {"malformedRate": 1}}, id="malformed"),
        pytest.param({"response": {"content": "x"}, "chaos": {"disconnectRate": 1}}, id="disconnected"),
        pytest.param(
            {"response": {"content": "Long enough to break."}, "truncateAfterChunks": 3, "latency": 20}, id="cut"
        ),
    ],
)
def test_what_may_pass_is_tried_again_under_the_same_key(peer, claude, failure):
    here = {"match": {"userMessage": "hello", "sequenceIndex": 1}, "response": {"content": "Here again."}}
    server = peer(failure | {"match": {"userMessage": "hello", "sequenceIndex": 0}}, here)
    events, done = claude(server.url)("hello")
    assert done.returncode == 0 and events[-1]["text"] == "Here again." and len(of(events, "retry")) == 1
    assert len({entry["headers"]["idempotency-key"] for entry in server.journal(MESSAGES)}) == 1


def test_a_refused_key_says_which_variable_to_look_at(peer, claude, user):
    server = peer(turn(0, content="Hello."))
    ask = claude(server.url)
    user.env["CLAUDE_KEY"] = "sk-ant-wrong-0123456789"
    events, done = ask("hello")
    (error,) = of(events, "error")
    assert done.returncode == 1 and error["status"] == 401 and "providers.claude" in error["hint"]
    assert "wrong-0123456789" not in done.stdout + done.stderr


# --- mock-ai-api ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def surface(tmp_path_factory):
    with mock_ai_api("anthropic", tmp_path_factory.mktemp("mock-ai-api")) as url:
        yield url


@pytest.mark.parametrize("scenario", ["mock-text", "mock-anthropic-stream"])
def test_text_after_a_ping_streams(surface, claude, scenario):
    events, done = claude(surface)("hello", model=f"claude-sonnet-4-20250514:{scenario}")
    assert done.returncode == 0 and events[-1]["text"] == "Hello. It's nice to meet you."
    assert of(events, "usage")[0]["completion_tokens"] == 12


@pytest.mark.parametrize("scenario", ["mock-tool-use", "mock-tool-stream"])
def test_a_call_in_fragments_of_json_is_put_together(surface, claude, scenario):
    events, done = claude(surface)("--max-turns", "1", "hello", model=f"claude-sonnet-4-20250514:{scenario}")
    (made,) = of(events, "tool.call")
    assert (made["name"], made["arguments"]) == ("Write", ARGUMENTS) and done.returncode == 3
    assert of(events, "usage")[0]["completion_tokens"] == 14


def test_a_slow_stream_comes_whole(surface, claude):
    events, done = claude(surface)("hello", model="claude-sonnet-4-20250514:mock-delay")
    assert done.returncode == 0 and events[-1]["text"].endswith("hello")


def test_an_error_in_the_stream_is_an_error(surface, claude):
    events, done = claude(surface)("hello", model="claude-sonnet-4-20250514:mock-stream-error")
    assert done.returncode == 1 and "Mock streaming failure" in of(events, "error")[0]["message"]


@pytest.mark.parametrize(
    ("status", "code", "tries"),
    [
        (400, "bad_request", 1),
        (401, "auth", 1),
        (429, "rate_limited", 2),
        (500, "server_error", 2),
        (503, "server_error", 2),
    ],
)
def test_each_refusal_is_told_and_tried_again_where_that_makes_sense(surface, claude, status, code, tries):
    events, done = claude(surface)("hello", model=f"claude-sonnet-4-20250514:mock-{status}")
    (error,) = of(events, "error")
    assert done.returncode == 1 and (error["status"], error["code"]) == (status, code)
    assert len(of(events, "request.started")) == tries
