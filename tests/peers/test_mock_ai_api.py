"""The real command against mock-ai-api: fixed scenarios, chosen by the model's name, with quirks of their own.

A stream is paced at 40 ms an event; its tool stream ends without `[DONE]`, and the token counts come in the chunk that
has the finish_reason. `mock-tool-call` and `mock-bad-tool-json` exist only in one piece, which is what a server that
ignores "stream" sends: `in_one_piece` makes it one.
"""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from peers.servers import mock_ai_api
from peers.talk import configure, of

ARGUMENTS = {"path": "tmp/mock-file.txt", "contents": "mock output"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with mock_ai_api("openai", tmp_path_factory.mktemp("mock-ai-api")) as url:
        yield url


@pytest.fixture
def ask(user, server):
    """`ask(scenario, option, …)`: the events of one run, and what came of the process."""
    user.env["PLUGSKY_BASE_URL"] = server
    return lambda scenario, *options: user.events("--model", f"gpt-4.1:{scenario}", *options, "hello")


@contextmanager
def in_one_piece(upstream: str) -> Iterator[str]:
    """The URL of a gateway to `upstream` that does not pass "stream" on."""
    address = upstream.removeprefix("http://").partition("/")[0]

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            connection = http.client.HTTPConnection(address)
            connection.request("POST", self.path, json.dumps(body | {"stream": False}))
            answer = connection.getresponse()
            data = answer.read()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers["Content-Type"])
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    gateway = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    threading.Thread(target=gateway.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{gateway.server_port}/v1"
    finally:
        gateway.shutdown()
        gateway.server_close()


def test_text_streams_and_the_counts_of_the_last_choice_are_taken(ask):
    events, done = ask("mock-text")
    assert done.returncode == 0 and events[-1]["text"] == "Hello. It's nice to meet you."
    (counted,) = of(events, "usage")
    assert counted["completion_tokens"] == 12 and counted["prompt_tokens"] > 12
    assert of(events, "turn.completed")[0]["model"] == "gpt-4.1"  # the name it answers under


def test_a_tool_stream_without_done_is_whole(ask):
    events, done = ask("mock-tool-stream", "--max-turns", "1")
    (call,) = of(events, "tool.call")
    assert (call["name"], call["arguments"]) == ("Write", ARGUMENTS)
    assert of(events, "usage")[0]["completion_tokens"] == 18
    assert not of(events, "notice")[:-1] and of(events, "notice")[-1]["code"] == "turn_limit"
    assert done.returncode == 3 and events[-1]["status"] == "limited"


def test_a_model_that_calls_what_there_is_not_for_ever_is_told_and_then_stopped(ask):
    events, done = ask("mock-tool-stream")
    results = of(events, "tool.result")
    assert not any(result["ok"] for result in results) and "Did you mean write?" in results[0]["output"]
    assert len({call["call_id"] for call in of(events, "tool.call")}) == len(results) > 2
    assert of(events, "notice")[-1]["code"] == "loop_guard" and done.returncode == 3


def test_a_slow_stream_of_a_long_answer_comes_whole(ask):
    events, done = ask("mock-delay")  # it says back all that it was sent
    deltas = [event["text"] for event in of(events, "text.delta")]
    assert done.returncode == 0 and deltas[0].startswith("Mock stream for:") and deltas[-1].endswith("hello")
    assert "".join(deltas) == events[-1]["text"]


@pytest.mark.parametrize(("status", "code"), [(400, "bad_request"), (401, "auth")])
def test_a_fault_of_ours_is_an_error_at_once(ask, status, code):
    events, done = ask(f"mock-{status}")
    (error,) = of(events, "error")
    assert done.returncode == 1 and (error["status"], error["code"]) == (status, code) and not of(events, "retry")
    assert f"Mock scenario mock-{status} triggered" in error["message"]


@pytest.mark.parametrize(("status", "code"), [(429, "rate_limited"), (500, "server_error"), (503, "server_error")])
def test_a_fault_that_stays_is_an_error_after_the_tries(ask, user, status, code):
    configure(user, "[api]\nmax_retries = 1\n")
    events, done = ask(f"mock-{status}")
    (error,) = of(events, "error")
    assert done.returncode == 1 and (error["status"], error["code"]) == (status, code)
    assert [retry["status"] for retry in of(events, "retry")] == [status]
    assert len({started["idempotency_key"] for started in of(events, "request.started")}) == 1


def test_an_answer_in_one_piece_is_as_good_as_a_stream(ask, user, server):
    with in_one_piece(server) as url:
        user.env["PLUGSKY_BASE_URL"] = url
        events, done = ask("mock-text")
        assert done.returncode == 0 and events[-1]["text"] == "Hello. It's nice to meet you."
        events, _ = ask("mock-tool-call", "--max-turns", "1")
        (call,) = of(events, "tool.call")
        assert (call["name"], call["arguments"]) == ("Write", ARGUMENTS)
        assert of(events, "usage")[0]["completion_tokens"] == 18


def test_a_call_whose_arguments_are_no_json_is_not_run_and_the_model_is_told(ask, user, server):
    with in_one_piece(server) as url:
        user.env["PLUGSKY_BASE_URL"] = url
        events, _ = ask("mock-bad-tool-json", "--mode", "auto", "--max-turns", "1")
    (call,) = of(events, "tool.call")
    assert "arguments" not in call and call["raw"].endswith('"unterminated"')
    assert "call_unparsed" in [notice["code"] for notice in of(events, "notice")]
    (result,) = of(events, "tool.result")
    assert not result["ok"] and not (user.folder / "tmp").exists()


def test_every_model_it_lists_is_offered(user, server):
    user.env["PLUGSKY_BASE_URL"] = server
    done = user.plugsky("models", "--refresh", "--json")
    listed = {model["id"] for model in json.loads(done.stdout) if model["live"]}
    assert done.returncode == 0 and {"gpt-4.1", "gpt-4.1:mock-tool-stream"} <= listed
