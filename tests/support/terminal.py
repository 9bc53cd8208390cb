"""A real terminal for end-to-end tests: one private tmux server per terminal, driven by keys, read as a screen."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

HAVE_TMUX = shutil.which("tmux") is not None


class Terminal:
    """`with Terminal([...], cwd=..., env=...) as terminal:` runs a program in a pane of `columns` x `rows`."""

    def __init__(
        self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], columns: int = 100, rows: int = 30
    ) -> None:
        self._server = f"plugsky-test-{uuid.uuid4().hex[:12]}"
        self._scratch = TemporaryDirectory()
        # tmux does not always hear of a child's end, so the shell around the program writes its status down.
        self._status = Path(self._scratch.name) / "status"
        settings = [f"{name}={value}" for name, value in env.items()]
        # the server's own settings are made after the start, so the program waits for them a moment
        script = 'status=$1; shift; sleep 0.2; "$@"; code=$?; echo $code >"$status.new"; mv "$status.new" "$status"'
        size = ["-x", str(columns), "-y", str(rows), "-c", str(cwd)]
        shell = ["env", "-i", *settings, "sh", "-c", script, "sh", str(self._status), *command]
        self._tmux("-f", "/dev/null", "new-session", "-d", "-s", "s", *size, *shell)
        self._tmux("set", "-g", "status", "off")
        self._tmux("set", "-g", "remain-on-exit", "on")

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["tmux", "-L", self._server, "kill-server"], capture_output=True, check=False)
        self._scratch.cleanup()

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(["tmux", "-L", self._server, *words], capture_output=True, text=True, check=True)
        return done.stdout

    def screen(self, *, colours: bool = False) -> str:
        """The screen as text; with `colours`, as the escapes that draw it."""
        return self._tmux("capture-pane", "-p", "-t", "s", *(["-e"] if colours else []))

    def keys(self, *names: str) -> None:
        """Press keys by tmux's names: Enter, Escape, C-c, F2, BTab."""
        self._tmux("send-keys", "-t", "s", *names)

    def type(self, text: str) -> None:
        self._tmux("send-keys", "-t", "s", "-l", text)

    def resize(self, columns: int, rows: int) -> None:
        self._tmux("resize-window", "-t", "s", "-x", str(columns), "-y", str(rows))

    def wait_for(self, pattern: str, *, seconds: float = 30.0) -> str:
        """The screen once `pattern` (a regular expression) is on it; AssertionError shows the screen that never had it."""
        deadline = time.monotonic() + seconds
        while True:
            ended = self._status.exists()  # asked before the screen is read: what it wrote last counts
            screen = self.screen()
            if re.search(pattern, screen):
                return screen
            if ended or time.monotonic() > deadline:
                why = "the program has ended" if ended else f"not within {seconds} s"
                raise AssertionError(f"{pattern!r} did not appear ({why}); the screen is:\n{screen}")
            time.sleep(0.05)

    def wait_for_exit(self, *, seconds: float = 30.0) -> int:
        """The exit status of the program, as a shell tells it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if text := self._status.read_text() if self._status.exists() else "":
                return int(text)
            time.sleep(0.05)
        raise AssertionError(f"the program did not end within {seconds} s; the screen is:\n{self.screen()}")
