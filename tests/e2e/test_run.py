"""`plugsky run`: what scripts rely on, through the real command against a server in another process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time

import pytest
from support.command import COMMAND, KEY


def call(name, **arguments):
    return {"tool_calls": [{"name": name, "arguments": arguments}]}


def test_stdout_carries_only_the_answer(scripted):
    user = scripted(call("read", file_path="README.md") | {"text": "Let me look."}, {"text": "It adds **numbers**."})
    done = user.plugsky("run", "What is this?")
    assert (done.returncode, done.stdout) == (0, "It adds **numbers**.\n")
    assert "read README.md" in done.stderr and "Let me look." in done.stderr


def test_jsonl_tells_all_of_it_in_order(scripted):
    user = scripted(call("read", file_path="README.md"), {"text": "Done.", "reasoning": "hm"})
    events, done = user.events("look")
    assert done.returncode == 0
    kinds = [event["type"] for event in events]
    assert kinds[0] == "thread.started" and kinds[-1] == "thread.completed"
    order = ["turn.started", "request.started", "tool.call", "permission.resolved", "tool.result", "turn.completed"]
    assert [kind for kind in kinds if kind in order] == [*order, "turn.started", "request.started", "turn.completed"]
    assert len({event["thread_id"] for event in events}) == 1
    assert all(event["v"] == 1 and event["time"].endswith("Z") for event in events)
    result = next(event for event in events if event["type"] == "tool.result")
    assert result["ok"] and "# Sums" in result["output"]
    assert "".join(event["text"] for event in events if event["type"] == "text.delta") == "Done."
    assert "".join(event["text"] for event in events if event["type"] == "reasoning.delta") == "hm"
    assert events[-1]["status"] == "completed" and events[-1]["turns"] == 2
    usage = [event for event in events if event["type"] == "usage"]
    assert len(usage) == 2 and all(event["prompt_tokens"] > 0 for event in usage)


def test_an_object_is_one_line_also_to_readers_that_know_other_line_ends(scripted):
    said = "a\u2028b\u2029c\x85d"
    user = scripted({"text": said}, {"text": said})
    for style in ("json", "jsonl"):
        done = user.plugsky("run", "--format", style, "say it")
        read = [json.loads(line) for line in done.stdout.splitlines()]
        assert read[-1]["text"] == said


def test_arguments_nested_beyond_measure_end_the_call_and_not_the_run(scripted):
    deep = {"name": "read", "arguments": '{"a":' * 5000 + "1" + "}" * 5000}
    events, done = scripted({"tool_calls": [deep]}, {"text": "I try otherwise."}).events("look")
    assert done.returncode == 0
    result = next(event for event in events if event["type"] == "tool.result")
    assert not result["ok"] and "nested too deeply" in result["output"]


def test_json_is_one_object(scripted):
    user = scripted(call("list", path="."), {"text": "Two files."})
    done = user.plugsky("run", "--format", "json", "look")
    answer = json.loads(done.stdout)
    assert set(answer) == {"v", "thread_id", "status", "text", "model", "usage", "tools", "denied", "error"}
    assert (answer["status"], answer["text"], answer["denied"], answer["error"]) == (
        "completed",
        "Two files.",
        [],
        None,
    )
    assert [tool["name"] for tool in answer["tools"]] == ["list"]


def test_with_no_one_to_ask_an_edit_is_refused_and_the_model_told(scripted, repo):
    edit = call("edit", file_path="src/sums.py", old_string="a + b", new_string="a - b")
    user = scripted(edit, {"text": "I was not allowed."})
    events, done = user.events("break it")
    assert done.returncode == 0
    assert "a + b" in (repo / "src/sums.py").read_text()
    resolved = next(event for event in events if event["type"] == "permission.resolved")
    assert (resolved["verdict"], resolved["by"]) == ("deny", "no-one-to-ask")
    assert [denied["name"] for denied in events[-1]["denied"]] == ["edit"]


@pytest.mark.parametrize("option", [["--mode", "edit"], ["--mode", "auto"], ["--allow", "edit(src/**)"]])
def test_modes_and_rules_let_an_edit_through(scripted, repo, option):
    edit = call("edit", file_path="src/sums.py", old_string="a + b", new_string="b + a")
    events, done = scripted(edit, {"text": "Done."}).events(*option, "turn it round")
    assert done.returncode == 0 and "b + a" in (repo / "src/sums.py").read_text()
    changed = next(event for event in events if event["type"] == "file.changed")
    assert (changed["path"], changed["added"], changed["removed"]) == ("src/sums.py", 1, 1)


def test_a_deny_rule_beats_the_mode(scripted, repo):
    edit = call("edit", file_path="src/sums.py", old_string="a + b", new_string="b + a")
    scripted(edit, {"text": "No."}).plugsky("run", "--mode", "auto", "--deny", "edit(src/**)", "turn it round")
    assert "a + b" in (repo / "src/sums.py").read_text()


def test_a_refused_key_is_exit_1_with_the_way_out(scripted):
    user = scripted({"status": 401, "error": {"message": "Invalid API key.", "code": "invalid_api_key"}})
    done = user.plugsky("run", "hello")
    assert done.returncode == 1 and done.stdout == ""
    assert "plugsky auth login" in done.stderr and "Traceback" not in done.stderr


def test_an_api_error_is_an_event_too(scripted):
    events, done = scripted({"status": 404, "error": "no such model"}).events("-m", "nope", "hello")
    assert done.returncode == 1
    error = next(event for event in events if event["type"] == "error")
    assert error["status"] == 404 and error["hint"]
    assert events[-1]["status"] == "failed"


def test_a_server_that_is_not_there_is_exit_1_and_no_traceback(user):
    user.env["PLUGSKY_BASE_URL"] = "http://127.0.0.1:9/v1"
    (user.folder.parent / "home/.config/plugsky").mkdir(parents=True)
    (user.folder.parent / "home/.config/plugsky/config.toml").write_text("[api]\nmax_retries = 0\n")
    done = user.plugsky("run", "hello")
    assert done.returncode == 1 and "127.0.0.1" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["run"],
        ["run", "--format", "xml", "x"],
        ["run", "--max-turns", "0", "x"],
        ["run", "--fork", "x"],
        ["run", "-f", "none.txt", "x"],
        ["run", "-C", "/nowhere", "x"],
        ["run", "-r", "zzzz", "x"],
        ["nowhere"],
    ],
)
def test_wrong_usage_is_exit_2_and_says_what_to_do(user, words):
    done = user.plugsky(*words)
    assert done.returncode == 2 and done.stderr and "Traceback" not in done.stderr


def test_wrong_configuration_is_exit_2_naming_file_line_and_key(user, tmp_path):
    config = tmp_path / "home/.config/plugsky/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('model = "x"\n\n[api]\nmax_retries = "many"\n')
    done = user.plugsky("run", "hello")
    assert done.returncode == 2
    assert f"{config}:4" in done.stderr and "max_retries" in done.stderr


def test_the_turn_limit_is_exit_3(scripted):
    replies = [call("read", file_path="README.md", offset=n + 1) for n in range(4)]
    events, done = scripted(*replies).events("--max-turns", "2", "go on")
    assert done.returncode == 3 and (events[-1]["status"], events[-1]["turns"]) == ("limited", 2)


def test_going_in_circles_is_exit_3(scripted):
    events, done = scripted(call("read", file_path="README.md") | {"times": 9}).events("go on")
    assert done.returncode == 3 and events[-1]["status"] == "limited"
    outputs = [event["output"] for event in events if event["type"] == "tool.result"]
    assert len(outputs) == 5 and "try something else" in outputs[2] and "try something else" not in outputs[1]


def test_the_time_limit_is_exit_3_and_stops_what_runs(scripted, repo):
    user = scripted(call("shell", command="sleep 30; touch late"))
    began = time.monotonic()
    _, done = user.events("--mode", "auto", "--timeout", "1", "wait")
    assert done.returncode == 3 and time.monotonic() - began < 10
    assert not (repo / "late").exists()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_run_in_order(scripted, number, code):
    user = scripted(call("shell", command="touch begun; sleep 30"))
    process = user.start("run", "--format", "jsonl", "--mode", "auto", "wait")
    while '"tool.call"' not in (line := process.stdout.readline()):
        assert line, f"it ended before: {process.stderr.read()}"
    while not (user.folder / "begun").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(number)
    rest, errors = process.communicate(timeout=15)
    events = [json.loads(line) for line in rest.splitlines()]
    assert process.returncode == code
    assert events[-1]["type"] == "thread.completed" and events[-1]["status"] == "interrupted"
    assert any(event["type"] == "tool.result" and not event["ok"] for event in events)
    assert "Traceback" not in errors


def test_piped_input_is_added_to_the_prompt(scripted):
    user = scripted({"when": "/^Review this\\s+Standard input:\\s+```\\s+a diff\\s+```$/", "text": "Fine."})
    assert user.plugsky("run", "Review this", stdin="a diff\n").stdout == "Fine.\n"


def test_piped_input_alone_is_the_prompt(scripted):
    user = scripted({"when": "/^Say hello\\s*$/", "text": "Hello."})
    assert user.plugsky("run", stdin="Say hello\n").stdout == "Hello.\n"


def test_a_silent_pipe_is_not_waited_for(scripted):
    user = scripted({"text": "Hello."})
    reading, writing = os.pipe()
    try:
        began = time.monotonic()
        process = user.start("run", "hi", stdin=reading)
        out, errors = process.communicate(timeout=20)
        assert out == "Hello.\n" and "silent" in errors and time.monotonic() - began < 10
    finally:
        os.close(reading)
        os.close(writing)


def test_files_are_put_before_the_model(scripted, repo):
    (repo / "note.txt").write_text("a note\n")
    user = scripted({"when": "/The file note.txt:\\s+```\\s+a note\\s+```/", "text": "Read."})
    assert user.plugsky("run", "-f", "note.txt", "look").stdout == "Read.\n"


def test_continue_goes_on_with_the_newest_thread_of_the_folder(scripted):
    user = scripted({"text": "One."}, {"text": "Two."}, {"text": "Three."})
    first, _ = user.events("first")
    second, _ = user.events("-c", "second")
    assert second[0]["resumed"] and second[0]["thread_id"] == first[0]["thread_id"]
    forked, _ = user.events("-c", "--fork", "third")
    assert forked[0]["resumed"] and forked[0]["thread_id"] != first[0]["thread_id"]
    tokens = [next(e for e in run if e["type"] == "usage")["prompt_tokens"] for run in (first, second, forked)]
    assert tokens[0] < tokens[1] < tokens[2]
    listed = json.loads(user.plugsky("threads", "list", "--json").stdout)
    assert len(listed) == 2


def test_an_ephemeral_run_leaves_no_thread(scripted):
    user = scripted({"text": "One."})
    user.plugsky("run", "--ephemeral", "first")
    assert json.loads(user.plugsky("threads", "list", "--json").stdout) == []


def test_children_never_see_the_key(scripted):
    user = scripted(call("shell", command="env"), {"text": "Looked."})
    events, done = user.events("--mode", "auto", "look")
    output = next(event for event in events if event["type"] == "tool.result")["output"]
    assert "HOME=" in output and KEY not in output and KEY not in done.stdout + done.stderr


def test_the_key_is_in_no_file(scripted, tmp_path):
    user = scripted({"text": "Hello."})
    user.plugsky("run", "--format", "jsonl", "hello")
    for path in (tmp_path / "home").rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes()


def test_offline_needs_no_key_and_no_server(user):
    del user.env["PLUGSKY_API_KEY"]
    done = user.plugsky("run", "--offline", "What is in this repository?")
    assert done.returncode == 0 and "adds numbers" in done.stdout
    assert "no language model" in done.stdout + done.stderr


def test_offline_needs_no_way_out_either(user):
    user.env |= {
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "ALL_PROXY": "http://127.0.0.1:9",
    }
    assert user.plugsky("run", "--offline", "hello").returncode == 0


def test_a_reader_that_leaves_early_is_no_crash(scripted):
    user = scripted({"text": "word " * 50_000})
    process = user.start("run", "--format", "jsonl", "talk")
    process.stdout.readline()
    process.stdout.close()
    errors = process.stderr.read()
    process.wait(20)
    assert "Traceback" not in errors


def test_what_the_model_says_reaches_the_terminal_clean(scripted):
    user = scripted({"text": "a\x1b]0;title\x07b\u202ec"})
    assert user.plugsky("run", "talk").stdout == "abc\n"


def test_a_project_cannot_move_the_key(scripted, repo):
    (repo / ".plugsky").mkdir()
    (repo / ".plugsky/config.toml").write_text('mode = "auto"\n[api]\nbase_url = "http://127.0.0.1:9/v1"\n')
    edit = call("edit", file_path="src/sums.py", old_string="a + b", new_string="b + a")
    done = scripted(edit, {"text": "Hello."}).plugsky("run", "hello")
    assert done.stdout == "Hello.\n" and "a + b" in (repo / "src/sums.py").read_text()
    assert "cannot set it" in done.stderr and "not trusted" in done.stderr


@pytest.mark.parametrize("name", ["json.py", "httpx.py", "textual.py", "sitecustomize.py"])
def test_modules_of_the_folder_are_not_imported(user, repo, name):
    (repo / name).write_text("open('/proc/self/fd/2', 'w').write('PWNED')\n")
    done = user.plugsky("run", "--offline", "hello")
    assert done.returncode == 0 and "PWNED" not in done.stderr


def imported(user, *words):  # what the interpreter says it imported
    env = user.env | {"PYTHONPROFILEIMPORTTIME": "1"}
    done = subprocess.run(
        [*COMMAND, *words],
        cwd=user.folder,
        env=env,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    return done, {
        line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")
    }


def test_version_loads_next_to_nothing(user):
    done, modules = imported(user, "--version")
    assert done.stdout.startswith("plugsky ")
    assert "plugsky_tui.cli" in modules
    assert not modules & {"pydantic", "httpx", "asyncio", "argparse", "textual", "rich", "dataclasses"}


def test_a_run_loads_neither_textual_nor_what_it_has_no_use_for(scripted):
    done, modules = imported(scripted({"text": "Hello."}), "run", "hello")
    assert done.stdout == "Hello.\n" and "httpx" in modules
    unwanted = (
        "textual",
        "rich",
        "pydantic",
        "sqlite3",
        "tomllib",
        "tree_sitter",
        "pygments",
        "prompt_toolkit",
        "git",
        "yaml",
        "jsonschema",
    )
    assert not {name for name in modules if name.split(".")[0] in unwanted}
