"""`plugsky simulate` as a process of its own."""

from __future__ import annotations

import argparse
import json
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from plugsky_tui.cli import simulate
from plugsky_tui.kernel.errors import UsageError

PROGRAM = (
    "import argparse, sys\n"
    "from plugsky_tui.cli import simulate\n"
    "parser = argparse.ArgumentParser()\n"
    "simulate.configure(parser)\n"
    "sys.exit(simulate.run(parser.parse_args(sys.argv[1:])))\n"
)


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    simulate.configure(parser)
    return simulate.run(parser.parse_args(words))


@contextmanager
def running(*words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command, and its base URL from its first line."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        found = re.fullmatch(r"listening on (http://\S+:\d+/v1)\n", first)
        assert found, (first, process.stderr and process.stderr.read())
        yield process, found[1]
    finally:
        process.kill()
        process.communicate()


def ask(url: str, text: str) -> str:
    body = json.dumps({"model": "plugsky-micro", "messages": [{"role": "user", "content": text}]}).encode()
    request = urllib.request.Request(f"{url}/chat/completions", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as response:
        content: str = json.load(response)["choices"][0]["message"]["content"]
        return content


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_it_serves_until_a_signal_ends_it(number: signal.Signals, code: int) -> None:
    with running("--pace", "0") as (process, url):
        assert "no language model" in ask(url, "hello")
        process.send_signal(number)
        assert process.wait(5) == code
        assert process.stderr is not None and process.stderr.read() == ""


def test_it_plays_a_script_with_the_current_folder_in_it(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps([{"text": "you are in ${workspace}"}]))
    with running("--script", str(script)) as (_, url):
        assert ask(url, "hello") == f"you are in {Path.cwd()}"


def test_a_port_in_use_is_told_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UsageError) as caught:
        run("--port", str(taken.getsockname()[1]))
    assert "already in use" in caught.value.message and "--port" in caught.value.hint and caught.value.exit_code == 2


def test_a_host_that_is_not_ours_is_told() -> None:
    with pytest.raises(UsageError) as caught:
        run("--host", "203.0.113.7")
    assert "cannot listen on 203.0.113.7" in caught.value.message


def test_listening_to_the_world_is_warned_of() -> None:
    with running("--host", "0.0.0.0") as (process, _):
        process.terminate()
        assert process.stderr is not None and "not a loopback address" in process.stderr.read()


@pytest.mark.parametrize(("content", "said"), [(None, "No such file"), ("[{}]", "reply 1"), (b"\xff\xfe", "UTF-8")])
def test_a_script_that_cannot_be_used_is_a_usage_error(tmp_path: Path, content: str | bytes | None, said: str) -> None:
    path = tmp_path / "script.json"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UsageError) as caught:
        run("--script", str(path))
    assert said in caught.value.message and caught.value.hint


@pytest.mark.parametrize("words", [["--port", "99999"], ["--port", "x"], ["--pace", "-1"], ["--pace", "fast"]])
def test_numbers_out_of_range_are_wrong_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        run(*words)
    assert caught.value.code == 2 and "must be a number" in capsys.readouterr().err


def fails(url: str, key: str = "psk_live_1", text: str = "hi") -> int:
    """The status of an answer."""
    body = json.dumps({"model": "plugsky-micro", "messages": [{"role": "user", "content": text}]}).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(f"{url}/chat/completions", body, headers), timeout=10
        ) as got:
            return int(got.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_it_takes_keys_limits_and_faults() -> None:
    words = ["--pace", "0", "--key", "my-key=chat:write", "--key", "psk_live_2=read", "--plan", "trial", "--rpm", "4"]
    with running(*words, "--fault", "503:every=2", "--latency", "0.01") as (_, url):
        assert [fails(url, "my-key") for _ in range(6)] == [200, 503, 200, 503, 429, 429]
        assert fails(url, "psk_live_2") == 403 and fails(url, "psk_live_3") == 401


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--key", "nonsense"], "KEY=SCOPES"),
        (["--key", "k=fly:high,swim"], "no scope and no role: 'swim'"),
        (["--plan", "golden"], "invalid choice"),
        (["--rpm", "0"], "from 1"),
        (["--concurrent", "x"], "from 1"),
        (["--fault", "explode"], "no fault: 'explode'"),
        (["--fault", "503:often"], "how often"),
        (["--latency", "soon"], "number of seconds"),
    ],
)
def test_a_wrong_option_is_told(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        run(*words)
    assert caught.value.code == 2 and said in capsys.readouterr().err


def test_its_summary_costs_nothing_to_read() -> None:
    program = "import sys; from plugsky_tui.cli import simulate; print('asyncio' in sys.modules, 'h11' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_a_host_is_taken_as_it_stands_in_a_url_and_an_empty_one_not_at_all(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    simulate.configure(parser)
    assert parser.parse_args(["--host", "[::1]"]).host == "::1"
    with pytest.raises(SystemExit):  # which asyncio would take for all the addresses there are
        parser.parse_args(["--host", ""])
    assert "such as 127.0.0.1" in capsys.readouterr().err
