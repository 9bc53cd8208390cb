"""`run --record` and `--replay`: a run's model traffic to a file and back, through the real command."""

from __future__ import annotations

import json
import shutil
import signal

import pytest
from support.command import KEY


def call(name, **arguments):
    return {"tool_calls": [{"name": name, "arguments": arguments}]}


def lines_of(tape):
    return [json.loads(line) for line in tape.read_text().splitlines()]


@pytest.fixture
def alone(user):
    """Without a key and with a server that is not there, from when it is called."""

    def cut_off():
        del user.env["PLUGSKY_API_KEY"]
        user.env["PLUGSKY_BASE_URL"] = "http://127.0.0.1:9/v1"
        return user

    return cut_off


def diverged(done):
    assert done.returncode == 1 and "Traceback" not in done.stderr
    return done.stderr


def test_a_recorded_run_is_replayed_without_a_key_or_a_network(scripted, alone, tmp_path):
    tape = tmp_path / "run.tape"
    user = scripted(
        call("read", file_path="README.md") | {"text": "Let me look."},
        call("shell", command="python3 -c 'import time; print(f\"3 passed in {time.perf_counter():.6f}s\")'"),
        {"text": "Done.", "reasoning": "hm"},
    )
    first, done = user.events("--mode", "auto", "--record", str(tape), "look")
    assert done.returncode == 0, done.stderr
    again, done = alone().events("--mode", "auto", "--replay", str(tape), "look")
    assert done.returncode == 0, done.stdout
    kinds = [[e["type"] for e in run if e["type"] not in ("tool.output", "usage")] for run in (first, again)]
    assert kinds[0] == kinds[1]
    said = [
        [e["text"] for e in run if e["type"] in ("text.delta", "reasoning.delta", "thread.completed")]
        for run in (first, again)
    ]
    assert said[0] == said[1]
    assert again[0]["model"] == first[0]["model"]
    outputs = [[e["output"] for e in run if e["type"] == "tool.result"] for run in (first, again)]
    assert outputs[0][0] == outputs[1][0] and outputs[0][1] != outputs[1][1]  # the tools did run again


def test_a_tape_is_private_and_holds_no_key_even_if_the_server_says_it(scripted, tmp_path):
    tape = tmp_path / "run.tape"
    half = len(KEY) // 2
    user = scripted({"text": [f"Your key is {KEY[:half]}", f"{KEY[half:]}!"]})
    done = user.plugsky("run", "--record", str(tape), f"my key is {KEY}")
    assert done.returncode == 0
    text = tape.read_text()
    assert KEY not in text and KEY[half:] not in text and "authorization" not in text.lower()
    assert tape.stat().st_mode & 0o777 == 0o600
    header, exchange = lines_of(tape)
    assert (header["type"], header["v"], header["folder"]) == ("plugsky-tape", 1, str(user.folder))
    assert (exchange["method"], exchange["path"], exchange["status"]) == ("POST", "chat/completions", 200)
    assert exchange["request"]["messages"][-1]["role"] == "user"
    assert set(exchange["headers"]) <= {"content-type", "x-request-id"}


def test_a_recording_is_never_written_over(scripted, tmp_path):
    tape = tmp_path / "run.tape"
    tape.write_text("mine")
    done = scripted({"text": "Hello."}).plugsky("run", "--record", str(tape), "hi")
    assert done.returncode == 2 and "exists already" in done.stderr and tape.read_text() == "mine"


def test_where_nothing_was_asked_no_tape_stays(user, tmp_path):
    tape = tmp_path / "run.tape"
    done = user.plugsky("run", "--record", str(tape), "-r", "zzzz", "hi")
    assert done.returncode == 2 and not tape.exists()


def test_failures_are_recorded_and_replayed_too_without_waiting(scripted, alone, tmp_path):
    tape = tmp_path / "run.tape"
    user = scripted(
        {"status": 429, "error": "slow down", "headers": {"Retry-After": "1"}},
        {"status": 500, "error": "oops"},
        {"text": "Here I am."},
    )
    first, done = user.events("--record", str(tape), "hi")
    assert done.returncode == 0
    assert [line["status"] for line in lines_of(tape)[1:]] == [429, 500, 200]
    again, done = alone().events("--replay", str(tape), "hi")
    assert done.returncode == 0, done.stdout
    retries = [[(e["status"], e["attempt"]) for e in run if e["type"] == "retry"] for run in (first, again)]
    assert retries[0] == retries[1] == [(429, 1), (500, 2)]
    assert [e["wait_s"] for e in again if e["type"] == "retry"] == [0, 0]


def test_a_server_that_cannot_be_reached_is_recorded_as_that(user, alone, tmp_path):
    tape = tmp_path / "run.tape"
    config = tmp_path / "home/.config/plugsky/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("[api]\nmax_retries = 0\n")
    alone()
    first = user.plugsky("run", "--record", str(tape), "hi")
    again = user.plugsky("run", "--replay", str(tape), "hi")
    assert first.returncode == again.returncode == 1
    assert first.stderr == again.stderr and "127.0.0.1" in first.stderr


def test_a_parameter_that_was_refused_is_refused_again(scripted, alone, tmp_path):
    tape = tmp_path / "run.tape"
    config = tmp_path / "home/.config/plugsky/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("[parameters]\nseed = 7\n")
    user = scripted({"status": 400, "error": "Unsupported parameter: 'seed'"}, {"text": "Hello."})
    assert user.plugsky("run", "--record", str(tape), "hi").stdout == "Hello.\n"
    assert ["seed" in line["request"] for line in lines_of(tape)[1:]] == [True, False]
    assert alone().plugsky("run", "--replay", str(tape), "hi").stdout == "Hello.\n"


def recorded(scripted, tmp_path, *words):
    tape = tmp_path / "run.tape"
    user = scripted(call("read", file_path="README.md"), {"text": "It adds numbers."})
    assert user.plugsky("run", "--record", str(tape), *words, "look").returncode == 0
    return user, tape


@pytest.mark.parametrize(
    ("words", "place", "was", "now"),
    [
        (["look again"], "$.messages[1].content", "look", "look again"),
        (["-m", "plugsky-max", "look"], "$.model", "plugsky-pro", "plugsky-max"),
        (["--mode", "plan", "look"], "$.messages[0].content", "Mode: ask", "Mode: plan"),
    ],
)
def test_another_request_ends_the_replay_and_says_where(scripted, tmp_path, words, place, was, now):
    user, tape = recorded(scripted, tmp_path)
    events, done = user.events("--replay", str(tape), *words)
    assert done.returncode == 1
    error = next(event for event in events if event["type"] == "error")
    assert error["code"] == "replay_diverged"
    assert f"exchange 1 of 2: {place} was " in error["message"]
    assert was in error["message"] and now in error["message"]
    assert events[-1]["status"] == "failed"


def test_another_file_ends_it_at_the_exchange_that_tells_of_it(scripted, repo, tmp_path):
    user, tape = recorded(scripted, tmp_path)
    (repo / "README.md").write_text("# Sums\n\nA large library that adds numbers, and nothing else.\n")
    said = diverged(user.plugsky("run", "--replay", str(tape), "look"))
    assert "exchange 2 of 2: $.messages[3].content" in said and "A small" in said and "A large" in said


def test_the_folder_and_the_date_do_not_count(scripted, alone, repo, tmp_path):
    path = str(repo / "README.md")
    tape = tmp_path / "run.tape"
    user = scripted(call("read", file_path=path), call("shell", command=f"ls {repo}"), {"text": "It adds numbers."})
    assert user.plugsky("run", "--record", str(tape), "look").returncode == 0
    other = tmp_path / "elsewhere"
    shutil.copytree(repo, other)
    shutil.rmtree(repo)
    header, *rest = tape.read_text().splitlines()
    today = json.loads(header)["date"]
    tape.write_text(
        "\n".join([header, *(line.replace(f"today: {today}", "today: 2001-01-01") for line in rest)]) + "\n"
    )
    user.folder = other
    done = alone().plugsky("run", "--replay", str(tape), "look")
    assert done.stdout == "It adds numbers.\n", done.stderr


def test_a_run_that_asks_for_more_than_the_tape_has_says_so(scripted, tmp_path):
    user, tape = recorded(scripted, tmp_path)
    tape.write_text("\n".join(tape.read_text().splitlines()[:2]) + "\n")
    said = diverged(user.plugsky("run", "--replay", str(tape), "look"))
    assert "The tape is at its end, with 1 exchange" in said


def test_what_is_left_of_a_tape_is_told(scripted, tmp_path):
    user, tape = recorded(scripted, tmp_path)
    events, done = user.events("--replay", str(tape), "--max-turns", "1", "look")
    assert done.returncode == 3
    assert [e["code"] for e in events if e["type"] == "notice"] == ["turn_limit", "replay_unused"]
    assert events[-1]["type"] == "thread.completed"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", ": it is empty"),
        ("hello\n", ":1: the line is not JSON"),
        ('{"a": 1}\n', ":1: this is no tape"),
        ('{"type": "plugsky-tape", "v": 2}\n', ":1: it has version 2"),
        ('{"type": "plugsky-tape", "v": 1}\n', ":1: folder, date, model or plugsky is missing"),
        ("HEADER\n{}\n", ":2: this is no exchange"),
        ("HEADER\n[1]\n", ":2: the line is no JSON object"),
        (
            'HEADER\n{"n":1,"endpoint":"","method":"POST","path":"x","request":{},"status":200,"headers":{},'
            f'"chunks":[[1{"0" * 400}, "x"]]}}\n',
            ":2: this is no exchange",
        ),
        ('HEADER\n{"n": 1, "endp', ":2: the line is cut off"),
        pytest.param("HEADER\n" + "[" * 100_000 + "\n", ":2: the line is not JSON", id="deep"),
        (
            'HEADER\n{"n":1,"endpoint":"","method":"POST","path":"x","request":{}}\n',
            ":2: this is no exchange: it has neither",
        ),
    ],
)
def test_what_is_no_tape_is_exit_2_with_the_line(user, tmp_path, content, problem):
    tape = tmp_path / "bad.tape"
    header = {"type": "plugsky-tape", "v": 1, "plugsky": "0.1", "folder": "/x", "date": "2026-01-01", "model": "m"}
    tape.write_text(content.replace("HEADER", json.dumps(header)))
    done = user.plugsky("run", "--replay", str(tape), "hi")
    assert done.returncode == 2 and f"{tape}{problem}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words", [["--replay", "none.tape"], ["--replay", "README.md", "--offline"], ["--replay", "."]]
)
def test_wrong_usage_of_replay_is_exit_2(user, words):
    done = user.plugsky("run", *words, "hi")
    assert done.returncode == 2 and "Traceback" not in done.stderr and "replay" in done.stderr


def test_a_recording_in_the_workspace_is_warned_about(scripted):
    done = scripted({"text": "Hello."}).plugsky("run", "--record", "run.tape", "hi")
    assert done.returncode == 0 and "lies in the folder the agent works in" in done.stderr


def test_an_interrupted_run_leaves_a_tape_that_can_be_read(scripted, tmp_path):
    tape = tmp_path / "run.tape"
    user = scripted(call("read", file_path="README.md"), {"text": ["word "] * 1000, "pace": 0.05})
    process = user.start("run", "--format", "jsonl", "--record", str(tape), "talk")
    while '"text.delta"' not in (line := process.stdout.readline()):
        assert line, process.stderr.read()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130 and "Traceback" not in errors
    assert [line.get("left", False) for line in lines_of(tape)[1:]] == [False, True]
    said = diverged(user.plugsky("run", "--replay", str(tape), "talk"))
    assert "The tape is at its end" in said
