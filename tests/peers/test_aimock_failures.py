"""The real command against an aimock that refuses, breaks off and garbles."""

from __future__ import annotations

import json
import subprocess

import pytest
from peers.talk import HELLO, LOOK, attempt, call, configure, of, refusal, said, turn

# Cut after the first chunks have left: without a pause between them none would.
CUT = {"truncateAfterChunks": 4, "latency": 20}


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        pytest.param(attempt(0, **refusal(429, "Slow down.", type="rate_limit_error", retryAfter=1)), 429, id="429"),
        pytest.param(attempt(0, **refusal(500, "Broken.", type="server_error")), 500, id="500"),
        pytest.param(attempt(0, **refusal(503, "Overloaded.")), 503, id="503"),
        pytest.param(attempt(0, {"chaos": {"dropRate": 1}}, **HELLO), 500, id="dropped"),
        pytest.param(attempt(0, {"chaos": {"rateLimitRate": 1}}, **HELLO), 429, id="limited"),
        pytest.param(attempt(0, {"chaos": {"malformedRate": 1}}, **HELLO), None, id="malformed"),
        pytest.param(attempt(0, {"chaos": {"disconnectRate": 1}}, **HELLO), None, id="disconnected"),
        pytest.param(attempt(0, {"truncateAfterChunks": 1}, **HELLO), None, id="cut before anything came"),
        pytest.param(attempt(0, {"disconnectAfterMs": 40, "latency": 300}, **HELLO), None, id="cut in a silence"),
    ],
)
def test_what_may_pass_is_tried_again_under_the_same_key(peer, user, failure, status):
    server = peer(failure, attempt(1, content="Here again."))
    events, done = user.events("hello")
    assert done.returncode == 0 and events[-1]["text"] == said(events) == "Here again."
    (retry,) = of(events, "retry")
    assert (retry["attempt"], retry["status"]) == (1, status)
    if status == 429:
        assert retry["wait_s"] == 1.0  # as the server's Retry-After asks
    first, second = server.journal()
    assert first["headers"]["idempotency-key"] == second["headers"]["idempotency-key"]
    assert first["body"] == second["body"]


def test_an_answer_cut_in_its_text_is_asked_for_again_and_that_is_said(peer, user):
    server = peer(
        attempt(0, CUT, content="It was a dark and stormy night, and the stream broke."),
        attempt(1, **HELLO),
        {"match": {"userMessage": "go on"}, "response": {"content": "Gladly."}},
    )
    events, done = user.events("hello")
    assert done.returncode == 0
    told = [event["type"] for event in events if event["type"] in ("text.delta", "notice", "retry")]
    assert told[0] == "text.delta" and told[-3:] == ["notice", "retry", "text.delta"]
    assert of(events, "notice")[0]["code"] == "answer_restarted"
    assert events[-1]["text"] == "Hello to you."
    assert len({entry["headers"]["idempotency-key"] for entry in server.journal()}) == 1
    user.plugsky("run", "--continue", "go on")
    spoken = [message["content"] for message in server.bodies()[-1]["messages"][1:]]
    assert spoken == ["hello", "Hello to you.", "go on"]  # the torn half is in the thread for people, not for the model


def test_an_answer_cut_in_a_call_is_kept_but_neither_run_nor_asked_for_again(peer, user):
    write = call("write", file_path="new.txt", content="a text so long that the connection breaks in it")
    server = peer(
        attempt(0, CUT | {"truncateAfterChunks": 7}, content="I write it down.", toolCalls=[write]),
        {"match": {"userMessage": "go on"}, "response": {"content": "I had not written it yet."}},
    )
    events, done = user.events("--mode", "auto", "hello")
    assert done.returncode == 1 and said(events) == "I write it down."
    assert of(events, "error")[0]["code"] == "stream_broken" and not of(events, "tool.call") and not of(events, "retry")
    assert events[-1]["status"] == "failed" and not (user.folder / "new.txt").exists()
    events, done = user.events("--continue", "go on")
    assert done.returncode == 0 and events[-1]["text"] == "I had not written it yet."
    spoken = [(message["role"], message["content"]) for message in server.bodies()[-1]["messages"][1:]]
    assert spoken == [("user", "hello"), ("assistant", "I write it down."), ("user", "go on")]


def test_a_server_that_stays_broken_is_given_up_after_the_tries_that_are_set(peer, user):
    configure(user, "[api]\nmax_retries = 2\n")
    server = peer(turn(0, **HELLO), options=("--chaos-drop", "1"))
    events, done = user.events("hello")
    assert done.returncode == 1 and [retry["attempt"] for retry in of(events, "retry")] == [1, 2]
    (error,) = of(events, "error")
    assert error["status"] == 500 and "3 times" in error["message"] and error["hint"]
    assert len({entry["headers"]["idempotency-key"] for entry in server.journal()}) == 1 and len(server.journal()) == 3


@pytest.mark.parametrize(
    ("status", "code"), [(400, "bad_request"), (401, "auth"), (402, "payment_required"), (403, "forbidden")]
)
def test_what_does_not_pass_is_not_tried_again(peer, user, status, code):
    server = peer(turn(0, **refusal(status, "No, not with sk-proj-0123456789abcdef.")))
    events, done = user.events("hello")
    assert done.returncode == 1 and len(server.journal()) == 1
    (error,) = of(events, "error")
    assert (error["status"], error["code"]) == (status, code) and error["hint"]
    assert "No, not with" in error["message"] and "0123456789abcdef" not in done.stdout + done.stderr


def test_a_parameter_the_server_does_not_know_is_left_out_from_then_on(peer, user):
    unknown = refusal(400, "Unrecognized request argument supplied: stream_options", param="stream_options")
    server = peer(attempt(0, **unknown), attempt(1, toolCalls=[call("list")]), attempt(2, content="One folder."))
    events, done = user.events("hello")
    assert done.returncode == 0 and events[-1]["text"] == "One folder."
    assert [notice["code"] for notice in of(events, "notice")] == ["parameter_dropped"]
    assert ["stream_options" in body for body in server.bodies()] == [True, False, False]
    keys = [entry["headers"]["idempotency-key"] for entry in server.journal()]
    assert len(set(keys)) == 3  # another body is another request


def test_in_a_storm_of_failures_every_run_ends_in_order(peer, user):
    rates = ("--chaos-drop", "0.2", "--chaos-malformed", "0.2", "--chaos-disconnect", "0.2", "--chaos-latency", "5")
    configure(user, "[api]\nmax_retries = 2\n")
    peer(turn(0, **LOOK), turn(1, content="It adds."), options=rates)
    started = [user.start("run", "--format", "jsonl", f"look, {number}") for number in range(4)]
    for process in started:
        assert_in_order(process)


def assert_in_order(process: subprocess.Popen[str]) -> None:
    """It came to its answer or gave up with an error; nothing in between, and no call is without its result."""
    out, err = process.communicate(timeout=60)
    events = [json.loads(line) for line in out.splitlines()]
    assert "Traceback" not in err
    last = events[-1]
    assert last["type"] == "thread.completed"
    if process.returncode == 0:
        assert (last["status"], last["text"]) == ("completed", "It adds.")
    else:
        assert (process.returncode, last["status"]) == (1, "failed") and of(events, "error")[0]["message"]
    calls, results = of(events, "tool.call"), of(events, "tool.result")
    assert sorted(one["call_id"] for one in calls) == sorted(one["call_id"] for one in results)
