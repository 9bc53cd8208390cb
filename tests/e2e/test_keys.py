"""The API key reaches the server, and nothing else: whatever a session goes through, no byte of it is found anywhere."""

from __future__ import annotations

import base64
import json
import os
import queue
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from support.command import COMMAND, User
from support.terminal import HAVE_TMUX, Terminal

# Another one in each process that tests: what one of them finds is not what its neighbour may show.
KEY = f"psk_live_{secrets.token_hex(12)}Rb2M"


def forms(key: str) -> list[bytes]:
    """The key as it is and as it may be wrapped: base64 at each alignment, hex, percent-encoded, escaped."""
    core = key.removeprefix("psk_live_").encode()
    found = [core, core.hex().encode(), core.hex().upper().encode(), "".join(f"%{byte:02X}" for byte in core).encode()]
    for shift in range(3):
        wrapped = base64.b64encode(b"\0" * shift + core)
        found.append(wrapped[4 : -(len(wrapped) // 4)])  # without what depends on the neighbours
    return [*found, quote(key).encode(), "".join(f"\\u{letter:04x}" for letter in core).encode()]


FORMS = forms(KEY)


def found_in(data: bytes) -> bool:
    return any(form in data for form in FORMS)


def test_the_search_finds_a_key_in_every_wrapping() -> None:
    for before in (b"", b"x", b"xy"):
        assert found_in(base64.b64encode(before + KEY.encode() + b" tail"))
    assert found_in(KEY.encode().hex().encode())
    assert found_in(f"Bearer {KEY}".encode())
    assert not found_in(b"psk_live_\xe2\x80\xa6Rb2M")


# --- a server that knows the key and would give it away -----------------------------------------------

Reply = Callable[[str], tuple[int, dict[str, str], bytes]]


def says(*deltas: dict[str, Any], finish: str = "stop") -> Reply:
    chunks = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    body = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
    return lambda _: (200, {"Content-Type": "text/event-stream"}, body.encode())


def calls(name: str, **arguments: Any) -> Reply:
    function = {"name": name, "arguments": json.dumps(arguments)}
    return says(
        {"tool_calls": [{"index": 0, "id": f"call_{time.monotonic_ns()}", "type": "function", "function": function}]},
        finish="tool_calls",
    )


def answers(status: int, body: str, **headers: str) -> Reply:
    """`{auth}` in body and headers becomes the Authorization header as it came, `{key}` the key."""

    def reply(auth: str) -> tuple[int, dict[str, str], bytes]:
        def fill(text: str) -> str:
            return text.replace("{auth}", auth).replace("{key}", auth.removeprefix("Bearer "))

        return status, {name.replace("_", "-"): fill(value) for name, value in headers.items()}, fill(body).encode()

    return reply


@dataclass
class Server:
    """Plays replies in turn, and notes with which key each was asked for."""

    url: str = ""
    replies: queue.Queue[Reply] = field(default_factory=queue.Queue)
    keys: list[str] = field(default_factory=list)

    def play(self, *replies: Reply) -> None:
        for reply in replies:
            self.replies.put(reply)


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            auth = self.headers.get("Authorization", "")
            state.keys.append(auth.removeprefix("Bearer "))
            status, headers, body = state.replies.get(timeout=20)(auth)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
    state.url = f"http://127.0.0.1:{http.server_port}/v1"
    yield state
    http.shutdown()
    http.server_close()


@dataclass
class Watched:
    """A user whose every output and file is searched for the key."""

    user: User
    server: Server
    said: list[tuple[str, bytes]] = field(default_factory=list)

    def plugsky(self, *words: str, stdin: str | None = None, expect: int | None = 0) -> str:
        done = self.user.plugsky(*words, stdin=stdin)
        output = done.stdout + done.stderr
        self.said.append((" ".join(words), output.encode()))
        assert expect is None or done.returncode == expect, output
        assert "Traceback" not in output
        return output

    def leaks(self) -> list[str]:
        """Where the key was found: commands that printed it, and files (but the one that is there to hold it)."""
        places = [f"output of {words}" for words, output in self.said if found_in(output)]
        folders = [Path(self.user.env["HOME"]), Path(self.user.env["TMPDIR"]), self.user.folder]
        for path in (path for folder in folders for path in folder.rglob("*")):
            if path.is_file() and path.name != "credentials" and found_in(path.read_bytes()):
                places.append(str(path))
            if found_in(os.fsencode(path)):
                places.append(f"the name {path}")
        return places


@pytest.fixture(params=["variable", "file"])
def watched(request, user: User, server: Server, tmp_path: Path) -> Watched:
    (tmp_path / "tmp").mkdir()
    user.env |= {"PLUGSKY_BASE_URL": server.url, "TMPDIR": str(tmp_path / "tmp"), "PLUGSKY_API_KEY": KEY}
    user.env["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    seen = Watched(user, server)
    if request.param == "file":
        del user.env["PLUGSKY_API_KEY"]
        seen.plugsky("auth", "login", "--no-check", "--api-key-stdin", stdin=KEY + "\n")
    return seen


# --- what a session goes through ------------------------------------------------------------------------

ECHOES = {
    "401": answers(401, '{"error": {"message": "bad key {key}: you sent {auth}"}}'),
    "403": answers(403, '{"error": {"message": "{auth} lacks the scope chat:write", "code": "{key}"}}'),
    "400 text": answers(400, "what is {auth}?"),
    "404": answers(404, '{"detail": "no {key} here"}', X_Request_Id="{key}"),
    "422": answers(422, '{"error": {"message": "{key}", "request_id": "{key}", "param": "{key}"}}'),
    "500 html": answers(500, "<html><title>Fault: {auth}</title>{key}</html>"),
    "redirect": answers(307, "", Location="http://127.0.0.1:1/v1?key={key}"),
    "no stream": answers(200, "{auth} is no JSON", Content_Type="text/event-stream"),
    "torn stream": answers(
        200, 'data: {"choices": [{"delta": {{key}\n\ndata: {auth}\n\n', Content_Type="text/event-stream"
    ),
    "error in stream": answers(
        200, 'data: {"error": {"message": "lost {auth}", "type": "{key}"}}\n\n', Content_Type="text/event-stream"
    ),
    "no completion": answers(200, '["{key}"]', Content_Type="application/json"),
}


@pytest.mark.parametrize(
    ("watched", "style"), [("variable", "text"), ("variable", "jsonl"), ("file", "json")], indirect=["watched"]
)
def test_no_refusal_that_quotes_the_key_is_passed_on(watched: Watched, style: str) -> None:
    watched.plugsky("config", "set", "api.max_retries", "0")
    going_on: list[str] = []
    for name, echo in ECHOES.items():
        watched.server.play(echo)
        output = watched.plugsky("run", *going_on, "--format", style, f"hello {name}", expect=1)
        assert output.strip(), name
        going_on = ["--continue"]  # all in one thread, so that what is kept of each is looked at below
    assert set(watched.server.keys) == {KEY}  # the server, and only it, was sent the key each time
    show_the_thread(watched)
    assert watched.leaks() == []


def show_the_thread(watched: Watched) -> None:
    """Every way to look at what is kept."""
    [thread] = json.loads(watched.plugsky("threads", "list", "--json"))
    watched.plugsky("threads", "show", thread["thread_id"])
    watched.plugsky("threads", "show", thread["thread_id"], "--json")
    for style in ("markdown", "md", "html", "json"):
        watched.plugsky("threads", "export", thread["thread_id"], "--format", style, expect=None)
    watched.plugsky("threads", "search", "hello", expect=None)


# Looked for in every corner where a process may find what its parent knows.
CURIOUS = [
    "env",
    "printenv PLUGSKY_API_KEY",
    "export -p; set",
    "cat /proc/self/environ",
    "cat /proc/$PPID/environ",
    "cat /proc/$PPID/cmdline",
    "tr '\\0' '\\n' < /proc/$PPID/environ | base64",
    "ps auxe",
    'for p in /proc/[0-9]*; do if [ "$(awk "/PPid/{print \\$2}" $p/status)" = "$PPID" ]; then cat $p/environ; fi; done',
    "python3 -c 'import os; print(dict(os.environ))'",
    "python3 everywhere.py",
    "git config --list --show-origin",
]


EVERYWHERE = """
import glob
for path in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
    try:
        print(open(path, errors="replace").read())
    except OSError:
        pass
"""


def test_no_tool_finds_the_key(watched: Watched) -> None:
    (watched.user.folder / "everywhere.py").write_text(EVERYWHERE)
    config = Path(json.loads(watched.plugsky("config", "path", "--json"))["config"])
    watched.server.play(
        *(calls("shell", command=command) for command in CURIOUS),
        calls("shell", command=f"grep -r psk {config}"),
        calls("read", file_path=str(config / "credentials")),
        calls("grep", pattern="psk", path=str(config)),
        calls("read", file_path="/proc/self/environ"),
        says({"content": "I found nothing."}),
    )
    output = watched.plugsky("run", "--mode", "auto", "--format", "jsonl", "look for the key")
    events = [json.loads(line) for line in output.splitlines()]
    results = [event for event in events if event["type"] == "tool.result"]
    assert len(results) == len(CURIOUS) + 4
    assert any(result["ok"] and "HOME=" in result["output"] for result in results)  # commands did run
    # what looks at other processes may be refused, and together with it all the rest would be
    looks = [command for command in CURIOUS if "/proc" in command or command.startswith("ps ")]
    others = "\n".join(command for command in CURIOUS if command not in looks)
    for command in (*looks, others):
        said = watched.plugsky(
            "tool", "shell", "--mode", "auto", "--args", json.dumps({"command": command}), expect=None
        )
    assert "HOME=" in said  # the others did run
    show_the_thread(watched)
    assert watched.leaks() == []


def test_no_listing_shows_the_key(watched: Watched) -> None:
    for words in (
        ["config", "list"],
        ["config", "list", "--json"],
        ["config", "get", "api"],
        ["config", "explain", "api.base_url", "--json"],
        ["auth", "status"],
        ["auth", "status", "--json"],
        ["tool", "--list"],
        ["permissions", "check", "--tool", "shell", "env", "--json"],
        ["stats"],
        ["stats", "--json"],
        ["doctor"],
        ["doctor", "--json"],
    ):
        watched.plugsky(*words, expect=None)
    watched.server.play(answers(401, '{"error": "{auth}"}'))
    watched.plugsky("models", "--refresh")
    assert "psk_live_…Rb2M" in watched.plugsky("auth", "status")
    assert watched.leaks() == []


def test_programs_that_are_started_get_neither_the_key_nor_a_way_to_it(watched: Watched, tmp_path: Path) -> None:
    """Each notes its arguments and environment; as root would see them in /proc, they are looked at too."""
    notes = Path(watched.user.env["HOME"]) / "notes"
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("rg", "git", "bash"):
        if real := shutil.which(name):
            wrapper = programs / name
            wrapper.write_text(f'#!/bin/sh\n(env; echo "$0 $*") >>"{notes}"\nexec {real} "$@"\n')
            wrapper.chmod(0o755)
    watched.user.env["PATH"] = f"{programs}{os.pathsep}{watched.user.env['PATH']}"
    watched.server.play(
        calls("grep", pattern="add"),
        calls("glob", pattern="*.py"),
        calls("shell", command="git status; sleep 1"),
        says({"content": "Done."}),
    )
    process = watched.user.start("run", "--mode", "auto", "look around")
    children: dict[int, bytes] = {}
    ours = b""
    while process.poll() is None:
        ours = ours or shown(process.pid, "cmdline")
        for pid in descendants(process.pid):
            line = shown(pid, "cmdline")
            if line and line != ours:  # until it starts its program, a child is a picture of its parent
                children[pid] = children.get(pid, b"") + line + shown(pid, "environ")
        time.sleep(0.02)
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert notes.exists() and b"HOME=" in notes.read_bytes()
    watched.said += [("run", (out + err).encode()), *((f"process {pid}", data) for pid, data in children.items())]
    if sys.platform == "linux":
        assert any(b"sleep" in data for data in children.values())
    assert watched.leaks() == []


def shown(pid: int, part: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{part}").read_bytes()
    except OSError:
        return b""


def descendants(pid: int) -> list[int]:
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [other for child in map(int, listed) for other in (child, *descendants(child))]


FAULTY_TOOL = """
from dataclasses import dataclass
from plugsky_tui.tooling import Plan, Progress, Tool, ToolContext, ToolResult

@dataclass
class Params:
    text: str = ""

class Faulty(Tool[Params]):
    name = "faulty"
    description = "Fails."
    reads_only = True

    async def prepare(self, params: Params, context: ToolContext) -> Plan:
        async def act(progress: Progress) -> ToolResult:
            raise RuntimeError("a fault of its own")
        return Plan("fail", act)
"""


def test_what_crashes_leaves_no_key_behind(watched: Watched) -> None:
    config = Path(json.loads(watched.plugsky("config", "path", "--json"))["config"])
    (config / "tools").mkdir(parents=True, exist_ok=True)
    (config / "tools" / "faulty.py").write_text(FAULTY_TOOL)
    watched.server.play(calls("faulty"), says({"content": "It failed."}))
    output = watched.plugsky("run", "--mode", "auto", "--format", "jsonl", "fail")
    assert "a fault of its own" in output
    assert watched.leaks() == []


@pytest.mark.skipif(not HAVE_TMUX, reason="needs tmux")
def test_the_ui_shows_and_keeps_no_key(watched: Watched) -> None:
    watched.server.play(ECHOES["401"], says({"content": "Now it works."}))
    with Terminal(COMMAND, cwd=watched.user.folder, env=watched.user.env) as terminal:
        terminal.wait_for("Ask plugsky")
        terminal.type("hello")
        terminal.keys("Enter")
        screen = terminal.wait_for(r"\(HTTP 401\)")
        terminal.type("again")
        terminal.keys("Enter")
        screen += terminal.wait_for("Now it works")
        terminal.type("/quit")
        terminal.keys("Enter")
        assert terminal.wait_for_exit() == 0
    watched.said.append(("the UI", screen.encode()))
    assert watched.leaks() == []


# --- rotation -------------------------------------------------------------------------------------------


@pytest.mark.skipif(not HAVE_TMUX, reason="needs tmux")
def test_a_key_put_right_while_a_session_runs_is_used_at_its_next_request(user: User, server: Server) -> None:
    del user.env["PLUGSKY_API_KEY"]
    user.env |= {"PLUGSKY_BASE_URL": server.url, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    assert (
        user.plugsky("auth", "login", "--no-check", "--api-key-stdin", stdin="psk_live_the_old_key_00000").returncode
        == 0
    )
    server.play(answers(401, '{"error": {"message": "revoked"}}'), says({"content": "Welcome back."}))
    with Terminal(COMMAND, cwd=user.folder, env=user.env) as terminal:
        terminal.wait_for("Ask plugsky")
        terminal.type("hello")
        terminal.keys("Enter")
        terminal.wait_for(r"\(HTTP 401\)")
        assert (
            user.plugsky("auth", "login", "--no-check", "--api-key-stdin", stdin="sk-live-the-new-key-11111").returncode
            == 0
        )
        terminal.type("again")
        terminal.keys("Enter")
        terminal.wait_for("Welcome back")
    assert server.keys == ["psk_live_the_old_key_00000", "sk-live-the-new-key-11111"]


# --- auth login -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (answers(200, '{"data": []}'), "takes it."),
        (answers(401, '{"error": {"message": "no such key {key}"}}'), "It is kept, but"),
        (answers(403, '{"error": {"message": "models:read is missing"}}'), "could not be checked"),
        (answers(500, ""), "could not be checked"),
    ],
)
def test_login_says_what_the_server_says_and_keeps_the_key(user: User, server: Server, reply: Reply, says: str) -> None:
    del user.env["PLUGSKY_API_KEY"]
    user.env |= {"PLUGSKY_BASE_URL": server.url, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    server.play(reply)
    done = user.plugsky("auth", "login", "--api-key-stdin", stdin=KEY)
    assert done.returncode == 0
    assert says in done.stdout + done.stderr
    assert not found_in((done.stdout + done.stderr).encode())
    assert server.keys == [KEY]
    assert "psk_live_…Rb2M" in user.plugsky("auth", "status").stdout


def test_login_works_without_a_network_and_is_not_held_up(user: User) -> None:
    user.env |= {"PLUGSKY_BASE_URL": "http://127.0.0.1:1/v1", "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    done = user.plugsky("auth", "login", "--api-key-stdin", stdin=KEY)
    assert done.returncode == 0
    assert "could not be checked" in done.stderr
    assert "PLUGSKY_API_KEY is set, and comes before it" in done.stdout


def test_the_key_file_is_its_owners_alone(user: User) -> None:
    del user.env["PLUGSKY_API_KEY"]
    user.env["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    subprocess.run(
        ["sh", "-c", 'umask 000; exec "$@"', "sh", *COMMAND, "auth", "login", "--no-check", "--api-key-stdin"],
        env=user.env,
        input=KEY.encode(),
        check=True,
        capture_output=True,
    )
    status = json.loads(user.plugsky("auth", "status", "--json").stdout)
    assert os.stat(status["place"]).st_mode & 0o777 == 0o600
    assert os.stat(os.path.dirname(status["place"])).st_mode & 0o777 == 0o700
    os.chmod(status["place"], 0o640)
    done = user.plugsky("run", "hi")
    assert done.returncode == 2
    assert f"chmod 600 {status['place']}" in done.stderr
    assert not found_in(done.stderr.encode())
