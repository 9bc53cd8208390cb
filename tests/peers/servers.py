"""Servers that nobody here wrote, as child processes. `tests/run` installs them into .tests-peers."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.command import KEY

_INSTALLED = Path(__file__).parents[2] / ".tests-peers"
_AIMOCK = _INSTALLED / "aimock/node_modules/@copilotkit/aimock/dist/cli.js"
_MOCK_AI_API = _INSTALLED / "mock-ai-api/venv/bin/python"
_LISTENS = re.compile(rb"http://127\.0\.0\.1:(\d+)")
START_S = 30.0


@dataclass
class Aimock:
    """@copilotkit/aimock: plays fixtures over the wire formats of several vendors, and notes each request."""

    port: int

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.host}/v1"

    def journal(self, path: str = "/v1/chat/completions") -> list[dict[str, Any]]:
        """The requests to `path` so far, oldest first: `headers`, `body` and `response` of each, keys blackened."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)  # no proxy of the environment comes in between
        connection.request("GET", f"/__aimock/journal?path={path}", headers={"Authorization": f"Bearer {KEY}"})
        return json.load(connection.getresponse())

    def play(self, fixtures: Sequence[Mapping[str, Any]]) -> None:
        """Forget all there was, and know these."""
        self._tell("reset", {})
        self._tell("fixtures", {"fixtures": list(fixtures)})

    def _tell(self, what: str, body: Mapping[str, Any]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        connection.request("POST", f"/__aimock/{what}", json.dumps(body), headers)
        answer = connection.getresponse()
        said = answer.read().decode()
        connection.close()
        assert answer.status == 200, said

    def bodies(self, path: str = "/v1/chat/completions") -> list[dict[str, Any]]:
        return [entry["body"] for entry in self.journal(path)]


@contextmanager
def aimock(fixtures: Sequence[Mapping[str, Any]], scratch: Path, *options: str) -> Iterator[Aimock]:
    """A server that knows `fixtures` only and takes our key only. Skips the test where it is not installed."""
    node = shutil.which("node")
    if not node or not _AIMOCK.exists():
        pytest.skip("@copilotkit/aimock is not installed: bash tests/run does that, with npm, node 20.15 and a network")
    folder = scratch / "fixtures"
    folder.mkdir()
    (folder / "all.json").write_text(json.dumps({"fixtures": list(fixtures)}))
    words = [node, str(_AIMOCK), "-p", "0", "-f", str(folder), "--strict", "--validate-on-load", *options]
    with _running(words, scratch, {"AIMOCK_API_KEYS": KEY}) as port:
        yield Aimock(port)


@contextmanager
def mock_ai_api(surface: str, scratch: Path) -> Iterator[str]:
    """The base URL of mock-ai-api's `surface`, "openai" or "anthropic". Skips the test where it is not installed.

    Its own command starts one uvicorn for each surface, on ports that must be known beforehand, and leaves them
    behind when it is killed: the same uvicorn is started here, on any free port.
    """
    if not _MOCK_AI_API.exists():
        pytest.skip("mock-ai-api is not installed: bash tests/run does that, where there is a network")
    words = [str(_MOCK_AI_API), "-m", "uvicorn", f"app.{surface}_app:app", "--host", "127.0.0.1", "--port", "0"]
    with _running(words, scratch, {}) as port:
        yield f"http://127.0.0.1:{port}/v1"


@contextmanager
def _running(words: Sequence[str], scratch: Path, more: Mapping[str, str]) -> Iterator[int]:
    """The port that a server says it listens on; it is killed with all its children in the end."""
    said = scratch / f"{Path(words[0]).name}.log"  # a file: nobody has to empty it, as a pipe
    env = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(scratch), **more}
    with said.open("wb") as log:
        process = subprocess.Popen(
            words,
            cwd=scratch,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield _port(process, said)
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait(10)


def _port(process: subprocess.Popen[bytes], said: Path) -> int:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if found := _LISTENS.search(said.read_bytes()):
            return int(found[1])
        if process.poll() is not None:
            break
        time.sleep(0.02)
    raise AssertionError(f"{' '.join(process.args)} did not start: {said.read_text(errors='replace')}")  # type: ignore[arg-type]
