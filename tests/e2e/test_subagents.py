"""Subagents through the real command: what scripts, stats and threads see of them."""

from __future__ import annotations

import json
import signal
import subprocess
import time

import pytest
from support.command import KEY


def call(name, **arguments):
    return {"tool_calls": [{"name": name, "arguments": arguments}]}


TWO = {
    "when": "both",
    "tool_calls": [
        {"id": "t1", "name": "task", "arguments": {"agent": "explore", "prompt": "look at it"}},
        {"id": "t2", "name": "task", "arguments": {"prompt": "change it"}},
    ],
}
SCRIPT = [
    TWO,
    {"when": "look at it", **call("grep", pattern="add"), "delay": 0.3},
    {"when": "look at it", "text": "It is in src/sums.py:1"},
    {"when": "change it", **call("write", file_path="new.txt", content="x\n")},
    {"when": "change it", "text": "It is written."},
    {"when": "tool result of task", "text": "All done."},
]


@pytest.fixture
def both(scripted):
    return scripted(*SCRIPT)


def test_what_they_do_is_told_counted_and_kept(both):
    events, done = both.events("--mode", "edit", "both")
    assert done.returncode == 0, done.stderr
    told = {
        name: [e["text"] for e in events if e["type"] == "tool.output" and e["call_id"] == name]
        for name in ("t1", "t2")
    }
    assert told == {"t1": ["● grep add\n"], "t2": ["● write new.txt\n"]}
    assert [e["path"] for e in events if e["type"] == "file.changed"] == ["new.txt"]
    assert {e["call_id"]: e["output"] for e in events if e["type"] == "tool.result"} == {
        "t1": "It is in src/sums.py:1",
        "t2": "It is written.\n\n(Files it changed: new.txt.)",
    }
    used = [e.get("call_id", "") for e in events if e["type"] == "usage"]
    assert sorted(used) == ["", "", "t1", "t1", "t2", "t2"]
    requests = [e.get("call_id", "") for e in events if e["type"] == "request.started"]
    assert sorted(requests) == sorted(used)

    thread = events[0]["thread_id"]
    shown = both.plugsky("threads", "show", thread).stdout
    assert "    | * grep" in shown and "    | It is in src/sums.py:1" in shown and "\n  It is written." in shown
    items = json.loads(both.plugsky("threads", "show", thread, "--json").stdout)["items"]
    within = [one["event"] for one in items if one["type"] == "within" and one["call_id"] == "t2"]
    assert [one["name"] for one in within if one["type"] == "tool.call"] == ["write"]

    stats = json.loads(both.plugsky("stats", "--json").stdout)
    assert stats["totals"]["requests"] == 6
    assert {row["tool"]: row["calls"] for row in stats["by_tool"]} == {"task": 2, "grep": 1, "write": 1}
    assert stats["totals"]["prompt_tokens"] == sum(e["prompt_tokens"] for e in events if e["type"] == "usage")


def test_the_sums_of_a_run_hold_theirs_and_its_context_does_not(both):
    done = both.plugsky("run", "--format", "json", "both")
    report = json.loads(done.stdout)
    assert report["text"] == "All done." and report["usage"]["prompt_tokens"] > 3 * report["usage"]["context_tokens"]
    assert [tool["name"] for tool in report["tools"]] == ["task", "task"]
    assert [(one["name"], one["reason"]) for one in report["denied"]] == [("write", "It changes new.txt.")]


def test_in_plain_text_each_line_says_whose_it_is(both):
    done = both.plugsky("run", "both")
    assert done.stdout == "All done.\n"
    assert "• task explore: look at it\n• task general: change it\n" in done.stderr
    assert "  explore  ● grep add\n" in done.stderr
    assert "  general  ✗ write new.txt: Not allowed: It changes new.txt. There is no one to ask" in done.stderr


def test_a_recording_is_replayed_in_whatever_order_they_ask(both, tmp_path, repo):
    tape = tmp_path / "run.tape"
    first = both.plugsky("run", "--mode", "edit", "--record", str(tape), "both")
    prompts = [json.loads(line)["request"]["messages"][1]["content"] for line in tape.read_text().splitlines()[1:]]
    assert prompts[1:3] == ["change it", "change it"]  # in the order they came to an end
    both.env["PLUGSKY_BASE_URL"] = "http://127.0.0.1:9/v1"
    (repo / "new.txt").unlink()
    again = both.plugsky("run", "--mode", "edit", "--replay", str(tape), "both")
    assert (again.returncode, again.stdout) == (0, first.stdout) == (0, "All done.\n")
    assert "had no use" not in again.stderr

    done = both.plugsky("run", "--mode", "edit", "--replay", str(tape), "both")  # new.txt is there already
    assert done.returncode == 1 and "$.messages[3].content was 'Created new.txt" in done.stderr
    assert "plugsky: The replay goes another way at exchange " in done.stderr


def test_ctrl_c_ends_them_and_what_they_run(scripted, repo):
    user = scripted(
        {"when": "both", **call("task", prompt="wait")},
        {"when": "wait", **call("write", file_path="up", content="x")},
        {"when": "wait", **call("shell", command="touch up; exec sleep 86397")},
    )
    process = user.start("run", "--format", "jsonl", "--mode", "auto", "--allow", "shell", "both")
    lines = iter(process.stdout.readline, "")
    assert any("● shell touch up" in line for line in lines)
    while subprocess.run(["pgrep", "-f", "sleep 86397"], capture_output=True).returncode:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=20)
    assert process.returncode == 130 and "Traceback" not in errors
    assert subprocess.run(["pgrep", "-f", "sleep 86397"], capture_output=True).returncode == 1
    assert json.loads(rest.splitlines()[-1])["status"] == "interrupted"


def test_they_are_among_the_functions_a_model_is_sent_and_work_in_a_session_only(user):
    listed = json.loads(user.plugsky("tool", "--list").stdout)
    [task] = [one["function"] for one in listed if one["function"]["name"] == "task"]
    assert "- explore: " in task["description"] and set(task["parameters"]["properties"]) == {"agent", "prompt"}
    done = user.plugsky("tool", "task", "--args", '{"agent": "explore", "prompt": "x"}')
    assert done.returncode == 1 and "plugsky run --agent explore" in done.stderr


def test_the_simulators_agent_uses_them_when_asked_to(user):
    done = user.plugsky("run", "--offline", "use two subagents to find add and README.md")
    assert done.returncode == 0, done.stderr
    assert "**find add**" in done.stdout and "src/sums.py:1" in done.stdout and "**find README.md**" in done.stdout
    assert "explore 2  ● " in done.stderr
    assert KEY not in done.stdout + done.stderr
