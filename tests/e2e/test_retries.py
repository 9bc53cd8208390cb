"""What becomes of requests that fail: through the real command, against a server in another process."""

from __future__ import annotations

import json
import signal
import time

import pytest
from support.command import simulator


def status(number, retry_after=None, **error):
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return {"status": number, "headers": headers, "error": {"message": "no", **error}}


def appends(line):
    return {"tool_calls": [{"name": "shell", "arguments": {"command": f"echo {line} >> log.txt"}}]}


def lines(repo):
    log = repo / "log.txt"
    return log.read_text().split() if log.exists() else []


def of(events, kind):
    return [event for event in events if event["type"] == kind]


def await_line(stream, part):
    """Read a child's lines until one has `part`; that line."""
    for line in stream:
        if part in line:
            return line
    raise AssertionError(f"it never said {part!r}")


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 504, 529])
def test_a_passing_failure_is_told_and_sent_again(scripted, code):
    events, done = scripted(status(code, 0.05), {"text": "Here."}).events("hello")
    assert done.returncode == 0 and events[-1]["text"] == "Here."
    (retry,) = of(events, "retry")
    assert (retry["attempt"], retry["wait_s"], retry["status"]) == (1, 0.05, code)
    first, second = of(events, "request.started")
    assert first["idempotency_key"] == second["idempotency_key"]


@pytest.mark.parametrize(
    "reply",
    [*(status(code) for code in (400, 401, 402, 403, 404, 413, 422)), status(429, code="insufficient_quota"), status(429, 600)],
)  # fmt: skip
def test_a_refusal_that_stays_one_is_sent_once(scripted, reply):
    user = scripted(reply, {"text": "Never."})
    events, done = user.events("hello")
    assert done.returncode == 1
    assert len(of(events, "request.started")) == 1 and of(events, "retry") == []
    (error,) = of(events, "error")
    assert error["status"] == reply["status"] and error["hint"]


def test_the_wait_is_shown_and_an_interrupt_ends_it_at_once(scripted):
    process = scripted(status(503, 60), {"text": "Never."}).start("run", "hello")
    assert "attempt 1 in 60.0 s" in await_line(process.stderr, "attempt")
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert time.monotonic() - started < 10  # of 60


# --- tools run once ---------------------------------------------------------------------------------


def test_a_tool_runs_once_though_the_request_after_it_is_sent_three_times(scripted, repo):
    user = scripted(
        appends("once"), status(503, 0.01), status(502, 0.01), {"text": "Done.", "when": "tool result of shell"}
    )
    events, done = user.events("--mode", "auto", "go")
    assert done.returncode == 0 and events[-1]["text"] == "Done."
    assert lines(repo) == ["once"]
    assert (len(of(events, "tool.call")), len(of(events, "tool.result")), len(of(events, "retry"))) == (1, 1, 2)


def test_a_tool_runs_once_though_the_run_is_killed_before_its_result_was_heard(scripted, repo):
    user = scripted(
        appends("once"), {"text": "Too late.", "delay": 60, "when": "tool result of shell"}, {"text": "It was done."}
    )
    process = user.start("run", "--format", "jsonl", "--mode", "auto", "go")
    thread_id = json.loads(await_line(process.stdout, "thread.started"))["thread_id"]
    await_line(process.stdout, "tool.result")
    process.kill()
    process.communicate(timeout=30)
    events, done = user.events("--mode", "auto", "-r", thread_id, "go on")
    assert done.returncode == 0 and events[-1]["text"] == "It was done."
    assert of(events, "tool.call") == [] and lines(repo) == ["once"]
    shown = json.loads(user.plugsky("threads", "show", thread_id, "--json").stdout)["items"]
    assert [item["ok"] for item in shown if item["type"] == "tool.result"] == [True]


def test_a_request_that_fails_for_good_can_be_taken_up_without_running_the_tool_again(scripted, repo):
    user = scripted(appends("once"), status(400), {"text": "It was done."})
    assert user.events("--mode", "auto", "go")[1].returncode == 1
    done = user.plugsky("run", "--mode", "auto", "-c", "again")
    assert done.returncode == 0 and lines(repo) == ["once"]


# --- streams that break -----------------------------------------------------------------------------


def test_what_a_broken_stream_has_shown_is_kept_and_marked(scripted):
    user = scripted({"text": ["Half ", "an ", "answer"], "cut_after": 3}, {"text": "The whole answer."})
    events, done = user.events("hello")
    assert done.returncode == 0 and events[-1]["text"] == "The whole answer."
    assert "Half" in "".join(event["text"] for event in of(events, "text.delta"))
    assert "answer_restarted" in [event["code"] for event in of(events, "notice")]
    assert len(of(events, "retry")) == 1
    (file,) = (user.folder.parent / "home").rglob(f"{events[0]['thread_id']}.jsonl")
    records = [json.loads(line) for line in file.read_text().splitlines()]
    said = [(record["text"].strip(), record.get("discarded", False)) for record in records if record["type"] == "text"]
    assert said[-1] == ("The whole answer.", False)
    assert said[0][1] and said[0][0].startswith("Half")


def test_a_stream_that_breaks_within_a_tool_call_is_not_sent_again_and_nothing_is_run(scripted, repo):
    user = scripted({**appends("never"), "cut_after": 3}, {"text": "Never."})
    events, done = user.events("--mode", "auto", "hello")
    assert done.returncode == 1
    assert of(events, "error")[0]["code"] == "stream_broken"
    assert len(of(events, "request.started")) == 1 and of(events, "retry") == []
    assert lines(repo) == []


# --- within the plan --------------------------------------------------------------------------------


def test_the_next_process_waits_for_the_plans_minute_instead_of_for_a_429(user, tmp_path):
    with simulator([{"text": "Hi.", "times": 9}], tmp_path, user.env, "--rpm", "1") as url:
        user.env["PLUGSKY_BASE_URL"] = url
        assert user.plugsky("run", "one").returncode == 0
        process = user.start("run", "--format", "jsonl", "two")
        notice = json.loads(await_line(process.stdout, '"notice"'))
        assert notice["code"] == "paced" and set(notice) == {"v", "type", "time", "thread_id", "code", "text"}
        assert notice["text"].startswith("1 request a minute is the plan's limit: waiting ")
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=30)
        assert process.returncode == 130
        assert "429" not in rest and '"request.started"' not in rest
        user.env["PLUGSKY_API_KEY"] = "psk_live_another_0123456789"  # another account: no need to wait
        assert user.plugsky("run", "three", timeout=30).returncode == 0


def test_a_limit_that_was_set_is_kept_to_whatever_the_server_says(scripted, tmp_path):
    user = scripted({"text": "One."}, {"text": "Two."})
    config = tmp_path / "home" / ".config" / "plugsky" / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("[api]\nrpm = 0\nconcurrency = 1\n")
    assert user.plugsky("run", "one").stderr == ""
    config.write_text("[api]\nrpm = -1\n")
    done = user.plugsky("run", "two")
    assert done.returncode == 2 and "api.rpm must not be negative" in done.stderr


def test_a_key_that_may_not_is_told_which_scope_it_lacks(user, tmp_path):
    with simulator([{"text": "Never."}], tmp_path, user.env) as url:
        user.env |= {"PLUGSKY_BASE_URL": url, "PLUGSKY_API_KEY": "psk_live_read_0123456789"}
        done = user.plugsky("run", "hello")
    assert done.returncode == 1
    assert "lacks the scope chat:write" in done.stderr and "dashboard" in done.stderr
