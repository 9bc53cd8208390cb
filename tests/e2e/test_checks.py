"""The test and lint loop, through the real command: `[checks]` of the configuration after the agent's edits."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

from plugsky_tui.kernel.events import Notice
from plugsky_tui.kernel.messages import UserMessage
from plugsky_tui.permissions.trust import Trust
from plugsky_tui.session.build import open_session
from plugsky_tui.session.options import Options


def call(name, **arguments):
    return {"tool_calls": [{"name": name, "arguments": arguments}]}


def write(path, text):
    return call("write", file_path=path, content=text)


DONE = {"text": "Done."}
CHECK = '[checks]\n"*.py" = ["! grep -Hn TODO {files}"]\n'


@pytest.fixture
def mine(tmp_path):
    """`mine(text)`: the user's own configuration."""

    def say(text: str) -> None:
        file = tmp_path / "home/.config/plugsky/config.toml"
        file.parent.mkdir(parents=True)
        file.write_text(text)

    return say


def notices(events) -> list[tuple[str, str]]:
    return [(event["code"], event["text"]) for event in events if event["type"] == "notice"]


def codes(events) -> list[str]:
    return [code for code, _ in notices(events) if code.startswith("check") or code == "asked_again"]


def test_a_failing_check_goes_back_to_the_model_until_it_passes(scripted, mine, repo) -> None:
    mine(CHECK)
    user = scripted(
        write("new.py", "x = 1  # TODO\n"),
        DONE,
        write("new.py", "x = 1\n"),
        {"text": "Now it is done."},
    )
    events, done = user.events("--mode", "edit", "write it")
    assert done.returncode == 0, done.stderr
    assert codes(events) == ["checks", "checks_failed", "asked_again", "checks", "checks_passed"]
    assert ("checks_failed", "Check failed (exit code 1): ! grep -Hn TODO new.py\nnew.py:1:x = 1  # TODO") in notices(
        events
    )
    assert events[-1]["status"] == "completed"
    assert events[-1]["text"] == "Now it is done."


def test_what_cannot_be_mended_ends_the_run_with_exit_code_0_and_a_word(scripted, mine) -> None:
    mine(CHECK)
    user = scripted(write("new.py", "# TODO\n"), DONE, {"text": "It has to stay."})
    done = user.plugsky("run", "--mode", "edit", "write it")
    assert (done.returncode, done.stdout) == (0, "It has to stay.\n")
    lines = done.stderr.splitlines()
    assert "  Running ! grep -Hn TODO new.py …" in lines
    assert lines[-2:] == ["  The checks still fail: ! grep -Hn TODO new.py", "    The model changed nothing more."]


def test_json_has_the_answer_on_stdout_and_the_checks_on_stderr_and_they_do_not_see_the_key(
    scripted, mine, repo
) -> None:
    mine('[checks]\n"*" = "env > seen; test -t 0 || cat"\n')
    user = scripted(write("new.py", "fine\n"), DONE)
    done = user.plugsky("run", "--format", "json", "--mode", "edit", "write it")
    assert json.loads(done.stdout)["text"] == "Done."
    assert "plugsky: Check passed: env > seen; test -t 0 || cat\n" in done.stderr
    seen = (repo / "seen").read_text()
    assert "PLUGSKY_API_KEY" not in seen and "PAGER=cat" in seen and "NO_COLOR=1" in seen


def test_a_project_s_checks_wait_for_trust_and_the_user_s_own_do_not(scripted, mine, repo, tmp_path) -> None:
    mine('[checks]\n"*.py" = "echo mine"\n')
    (repo / ".plugsky").mkdir()
    (repo / ".plugsky/config.toml").write_text('[checks]\n"*.txt" = "echo theirs"\n')
    replies = [call("write", file_path="a.py", content="a"), call("write", file_path="a.txt", content="a"), DONE]
    user = scripted(*replies, *[{**reply} for reply in replies])
    events, _ = user.events("--mode", "edit", "write it")
    assert [text for code, text in notices(events) if code == "checks"] == ["Running echo mine …"]
    for name in ("a.py", "a.txt"):
        (repo / name).unlink()
    Trust(tmp_path / "home/.local/share/plugsky").grant(repo)
    events, _ = user.events("--mode", "edit", "write it")
    assert [text for code, text in notices(events) if code == "checks"] == [
        "Running echo mine …",
        "Running echo theirs …",
    ]


def test_a_deny_rule_holds_for_checks_and_asking_modes_do_not_ask(scripted, mine, repo) -> None:
    mine('[permissions]\ndeny = ["shell(touch *)"]\nallow = ["edit(new.py)"]\n[checks]\n"*" = ["touch a", "make -n x"]')
    (repo / "Makefile").write_text("x:\n\techo x\n")
    user = scripted(write("new.py", "fine\n"), DONE)
    events, _ = user.events("--mode", "ask", "write it")
    assert codes(events) == ["checks_skipped", "checks", "checks_passed"]
    skipped = dict(notices(events))["checks_skipped"]
    assert skipped == "Check left out: touch a\nThe rule shell(touch *) refuses it."
    assert not (repo / "a").exists()


def test_what_a_subagent_changes_is_checked_when_its_parent_would_end(scripted, mine) -> None:
    mine(CHECK)
    user = scripted(
        call("task", agent="general", prompt="Write new.py"),
        write("new.py", "# TODO\n"),
        {"text": "Written."},
        DONE,
        write("new.py", "fine\n"),
        DONE,
    )
    events, _ = user.events("--mode", "edit", "have it written")
    assert codes(events) == ["checks", "checks_failed", "asked_again", "checks", "checks_passed"]


def test_ctrl_c_ends_a_running_check_and_its_processes(scripted, mine, repo) -> None:
    mine('[checks]\n"*" = "echo $$ > pid; sleep 60 & wait"\n')
    user = scripted(write("new.py", "fine\n"), DONE)
    process = user.start("run", "--mode", "edit", "write it")
    until = time.monotonic() + 20
    pid = repo / "pid"
    while not (pid.exists() and pid.read_text().strip()) and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130
    assert not Path("/proc", pid.read_text().strip()).exists()


def test_an_answer_under_a_schema_is_checked_too(scripted, mine, tmp_path) -> None:
    mine(CHECK)
    (tmp_path / "schema.json").write_text('{"type": "object", "required": ["done"]}')
    user = scripted(write("new.py", "# TODO\n"), DONE, write("new.py", "fine\n"), DONE, {"text": '{"done": true}'})
    events, done = user.events("--mode", "edit", "--json-schema", str(tmp_path / "schema.json"), "write it")
    assert done.returncode == 0, done.stdout
    assert events[-1]["text"] == '{"done":true}'
    assert codes(events) == ["checks", "checks_failed", "asked_again", "checks", "checks_passed", "asked_again"]


async def test_a_thread_shown_again_has_the_checks_and_not_what_the_model_was_told_of_them(scripted, mine, monkeypatch):
    mine(CHECK)
    user = scripted(write("new.py", "# TODO\n"), DONE, DONE)
    events, _ = user.events("--mode", "edit", "write it")
    for name in ("HOME", "PLUGSKY_API_KEY", "PLUGSKY_BASE_URL"):
        monkeypatch.setenv(name, user.env[name])
    session = await open_session(Options(folder=user.folder, resume=events[0]["thread_id"]))
    history = session.history()
    await session.close()
    assert [item.text for item in history if isinstance(item, UserMessage)] == ["write it"]
    assert "checks_failed" in [item.code for item in history if isinstance(item, Notice)]
