"""The scene that end-to-end tests and the README's recording share: a published package, a planted fault, plugsky in tmux."""

from __future__ import annotations

import os
import re
import subprocess
import tarfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from support.command import user_environment
from support.terminal import Terminal

SDIST = Path(__file__).parent.parent / "data" / "toolz-1.2.0.tar.gz"
FAULTY_FILE = "toolz/itertoolz.py"
RIGHT = "rest = partial(drop, 1)\n"
WRONG = "rest = partial(drop, 0)\n"

Shoot = Callable[[str, float], None]


def unpack_with_fault(folder: Path) -> Path:
    """The package's source as its authors published it, but for one planted fault, in a git repository."""
    with tarfile.open(SDIST) as archive:
        for member in archive:
            member.uid, member.gid, member.uname, member.gname = os.getuid(), os.getgid(), "", ""
        safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # from Python 3.11.4 on
        archive.extractall(folder, **safely)
    source = folder / "toolz"
    (folder / "toolz-1.2.0").rename(source)
    faulty = source / FAULTY_FILE
    text = faulty.read_text()
    assert text.count(RIGHT) == 1
    faulty.write_text(text.replace(RIGHT, WRONG))
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "toolz 1.2.0"]):
        subprocess.run(
            ["git", "-c", "user.name=T", "-c", "user.email=t@example.org", *words],
            cwd=source,
            check=True,
            capture_output=True,
        )
    return source


def is_mended(source: Path) -> bool:
    """Whether the faulty file is, byte for byte, what its authors published."""
    with tarfile.open(SDIST) as archive:
        published = archive.extractfile(f"toolz-1.2.0/{FAULTY_FILE}")
        assert published is not None
        return published.read() == (source / FAULTY_FILE).read_bytes()


def mend_a_package(
    scratch: Path, *, command: Sequence[str], columns: int = 100, rows: int = 30, shoot: Shoot | None = None
) -> Path:
    """Play the scene; the folder of the mended package. AssertionError, with the screen, where it goes wrong.

    `shoot` is given screens (with the escapes that colour them) and how long each is worth looking at.
    """
    home = scratch / "home"
    home.mkdir()
    source = unpack_with_fault(home)
    env = user_environment(home, COLORTERM="truecolor", PYTHONDONTWRITEBYTECODE="1", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    del env["PLUGSKY_API_KEY"]  # the demo needs none

    def open_demo(*words: str) -> Camera:
        return Camera([*command, "demo", *words], cwd=source, env=env, columns=columns, rows=rows, shoot=shoot)

    with open_demo() as terminal:
        terminal.wait_for("Ask plugsky")
        terminal.hold(1.5)
        terminal.say("Fix the failing test")
        terminal.watch_for(r"Run this command(.|\n)*Why it asks")
        terminal.answer("t", after=2.5)  # the tests may be run, in this thread
        terminal.watch_for(r"Edit toolz/itertoolz\.py(.|\n)*Why it asks")
        assert not is_mended(source), "the file must not change before the user agrees"
        terminal.answer("y", after=3.5)
        terminal.watch_for(r"192 passed")
        terminal.watch_for(r"before you keep it")
        terminal.hold(4)
        terminal.say("/quit")
        assert terminal.wait_for_exit() == 0, terminal.screen()

    with open_demo("--continue") as terminal:
        terminal.wait_for("192 passed")
        terminal.hold(2)
        terminal.say("Explain toolz/recipes.py")
        terminal.watch_for("countby")
        terminal.watch_for(r"Ask plugsky")
        terminal.hold(3)
        terminal.say("/quit")
        assert terminal.wait_for_exit() == 0, terminal.screen()
    return source


class Camera(Terminal):
    """A terminal whose screen is filmed, where somebody wants the film."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        columns: int,
        rows: int,
        shoot: Shoot | None,
    ) -> None:
        super().__init__(command, cwd=cwd, env=env, columns=columns, rows=rows)
        self._shoot = shoot

    def hold(self, seconds: float) -> None:
        """A picture that deserves to be looked at."""
        if self._shoot is not None:
            self._shoot(self.screen(colours=True), seconds)

    def say(self, text: str) -> None:
        """Type, letter by letter where it is filmed, and press Enter."""
        for piece in text if self._shoot is not None else [text]:
            self.type(piece)
            if self._shoot is not None:
                time.sleep(0.02)
                self.hold(0.06)
        self.wait_for(re.escape(text))
        self.keys("Enter")

    def answer(self, key: str, *, after: float) -> None:
        """Answer a dialog, not so soon that the key counts as typed by accident."""
        self.hold(after)
        time.sleep(0.6)
        self.keys(key)

    def watch_for(self, pattern: str, *, seconds: float = 60.0) -> None:
        """Wait for `pattern`, filming meanwhile."""
        deadline = time.monotonic() + seconds
        while self._shoot is not None and not re.search(pattern, self.screen()) and time.monotonic() < deadline:
            self.hold(0.25)
            time.sleep(0.25)
        self.wait_for(pattern, seconds=seconds)
