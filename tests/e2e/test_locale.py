"""UTF-8 goes in and comes out whole, whatever the locale is called; and nothing fails over where output goes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support.command import COMMAND

TEXT = "مرحبا 😀 żółć"
LOCALES = {
    "C": {"LANG": "C"},
    "LC_ALL=C": {"LC_ALL": "C"},
    "POSIX": {"LC_ALL": "POSIX"},
    "not installed": {"LANG": "en_US.ISO-8859-1"},
    "latin-1": {"LANG": "en_US.ISO-8859-1"},  # with the locale made for the test
    "no UTF-8 mode": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "ascii streams": {"LANG": "C.UTF-8", "PYTHONIOENCODING": "ascii:strict"},
    "none": {},
}


@pytest.fixture(scope="session")
def locales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an ISO-8859-1 locale, as few machines still have one."""
    folder = tmp_path_factory.mktemp("locales")
    if not shutil.which("localedef") or not Path("/usr/share/i18n/locales/en_US").exists():
        pytest.skip("nothing to make a locale with")
    subprocess.run(
        ["localedef", "-f", "ISO-8859-1", "-i", "en_US", str(folder / "en_US.ISO-8859-1")],
        capture_output=True,
        check=False,
    )
    return folder


@pytest.fixture(params=list(LOCALES))
def foreign(request, user):
    """A user whose locale is anything but UTF-8."""
    user.env.pop("LANG")
    user.env |= LOCALES[request.param]
    if request.param == "latin-1":
        user.env["LOCPATH"] = str(request.getfixturevalue("locales"))
    return user


def run(user, *words, stdin=b"", expect=0):
    done = subprocess.run(
        [*COMMAND, *words], cwd=user.folder, env=user.env, input=stdin, capture_output=True, timeout=60
    )
    assert done.returncode == expect, done.stderr.decode()
    return done.stdout.decode("utf-8"), done.stderr.decode("utf-8")


def test_prompts_files_answers_and_threads_are_utf_8(foreign, scripted, repo):
    """As an argument, by pipe and by file; on stdout, stderr, in the thread and where it is shown."""
    name = "żółć.txt"
    (repo / name).write_text(TEXT, encoding="utf-8")
    scripted(
        {"text": f"Let me see: {TEXT}", "tool_calls": [{"name": "read", "arguments": {"file_path": name}}]},
        {"text": f"You said {TEXT}"},
    )
    out, err = run(foreign, "run", "-f", name, TEXT, stdin=f"piped {TEXT}".encode())
    assert out == f"You said {TEXT}\n"
    assert f"Let me see: {TEXT}" in err
    assert f"read {name}" in err
    [thread] = json.loads(run(foreign, "threads", "list", "--json")[0])
    kept = b"".join(path.read_bytes() for path in Path(foreign.env["HOME"]).rglob("*.jsonl")).decode("utf-8")
    shown = run(foreign, "threads", "show", thread["thread_id"])[0]
    for whole in (kept, shown):
        assert whole.count(TEXT) >= 4
        assert "piped" in whole and name in whole


def test_events_and_configuration_are_utf_8(foreign, scripted):
    scripted({"text": TEXT})
    run(foreign, "config", "set", "parameters.user", TEXT)
    assert run(foreign, "config", "get", "parameters.user")[0] == f"{TEXT}\n"
    lines = run(foreign, "run", "--format", "jsonl", TEXT)[0].splitlines()
    events = [json.loads(line) for line in lines]
    assert events[-1]["text"] == TEXT
    assert any(TEXT in line for line in lines)  # as it is, not escaped


def test_the_process_is_started_again_at_most_once_and_keeps_its_number(user, locales):
    user.env |= {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    process = user.start("simulate", "--port", "0")
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("listening on")
        words = Path(f"/proc/{process.pid}/cmdline").read_bytes().split(b"\0")
        assert words.count(b"-X") == 1 and b"simulate" in words
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.parametrize("closed", [[1], [2], [0], [0, 1, 2]])
def test_closed_streams_are_no_error(scripted, closed):
    user = scripted({"text": "Hello."})
    redirections = " ".join(f"{fd}>&-" for fd in closed)
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {redirections}', "sh", *COMMAND, "run", "hi"],
        cwd=user.folder,
        env=user.env,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    assert done.returncode == 0
    assert done.stderr == b""
    assert done.stdout == (b"" if 1 in closed else b"Hello.\n")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no disk that is always full")
@pytest.mark.parametrize(
    "words", [["run", "hi"], ["run", "--format", "jsonl", "hi"], ["threads", "list"], ["themes", "list"]]
)
def test_a_full_disk_is_told_and_not_a_traceback(scripted, words):
    user = scripted({"text": "Hello."})
    user.plugsky("run", "hi") if words[0] == "threads" else None
    with open("/dev/full", "w") as full:
        done = subprocess.run([*COMMAND, *words], cwd=user.folder, env=user.env, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert done.stderr.decode().startswith("plugsky: ")
    assert b"Traceback" not in done.stderr
    assert b"No space left" in done.stderr


def test_bytes_that_are_no_utf_8_are_taken_as_they_can_be(scripted):
    user = scripted({"text": "Hello."})
    done = subprocess.run(
        [*COMMAND, "run", b"caf\xe9"], cwd=user.folder, env=user.env, input=b"\xff\xfe", capture_output=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, b"Hello.\n")
