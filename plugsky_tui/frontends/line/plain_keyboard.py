"""Whole lines from a terminal that can do no more, or from a pipe; the terminal itself echoes and edits them."""

from __future__ import annotations

import asyncio
import os
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from plugsky_tui.frontends.line.keyboard import GUARD_S, Cleared, Ended, Entered, Hearing, Interrupted, Typed
from plugsky_tui.frontends.line.paper import Paper
from plugsky_tui.kernel.errors import UsageError

_ENDED = None  # among the lines: there are no more


class PlainKeyboard:
    """Implements Keyboard. Reading happens in a thread of its own: a file or a pipe cannot be waited for otherwise.

    What is read while nobody asks is told to who hears, or waits for the next prompt. Answers to a guarded question
    must come after it: a line that was piped in ahead is a prompt, never a yes.
    """

    def __init__(self, paper: Paper) -> None:
        self.draft = ""
        self._paper = paper
        self._loop = asyncio.get_running_loop()
        self._fd = sys.stdin.fileno()
        self._terminal = os.isatty(self._fd)
        self._lines: list[str] = []
        self._ended = False
        self._waiting: asyncio.Future[str | None] | None = None
        self._hearing: Hearing | None = None
        threading.Thread(target=self._read, name="stdin", daemon=True).start()

    # --- reading ------------------------------------------------------------------------------

    def _read(self) -> None:
        """In the thread: every line as it comes."""
        rest = b""
        while True:
            try:
                data = os.read(self._fd, 65_536)
            except OSError:  # the terminal was closed
                data = b""
            *lines, rest = (rest + data).split(b"\n")
            if not data and rest:
                lines, rest = [rest], b""
            for line in lines:
                self._tell(line.decode("utf-8", "replace").rstrip("\r"))
            if not data:
                self._tell(_ENDED)
                if not self._terminal or self._hung_up():  # a terminal has more to say after a Ctrl+D
                    return

    def _hung_up(self) -> bool:
        try:
            termios.tcgetattr(self._fd)
        except termios.error:
            return True
        return False

    def _tell(self, line: str | None) -> None:
        try:
            self._loop.call_soon_threadsafe(self._came, line)
        except RuntimeError:
            pass  # the loop has ended, and with it who would listen

    def _came(self, line: str | None) -> None:
        if line is not None and not self._terminal and self._waiting is not None:
            self._paper.line(line)  # no terminal echoes it
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(line)
        elif line is None:
            self._ended = not self._terminal  # Ctrl+D while the agent works is for nobody
        elif self._hearing is not None and self._terminal:
            self._hearing.line(line)
        else:
            self._lines.append(line)

    async def _next(self) -> str | None:
        self._waiting = asyncio.get_running_loop().create_future()
        try:
            return await self._waiting
        finally:
            self._waiting = None

    # --- Keyboard -----------------------------------------------------------------------------

    async def prompt(self, marker: str, continued: str) -> Typed:
        lines: list[str] = []
        while True:
            try:
                line = await self._line(marker if not lines else continued)
            except Interrupted:
                return Cleared("\n".join(lines))
            if line is None:
                return Entered("\n".join(lines)) if lines else Ended()
            if not line.endswith("\\"):
                return Entered("\n".join([*lines, line]))
            lines.append(line[:-1])

    async def _line(self, marker: str) -> str | None:
        self._paper.marker(marker)
        if self._lines:
            ahead = self._lines.pop(0)
            self._paper.line(ahead)  # nobody saw it typed here
            return ahead
        if self._ended:
            self._paper.part("\n")
            return None
        line = await self._next()
        if line is None:
            self._paper.part("\n")
        return line

    async def ask(self, marker: str, default: str = "", *, guarded: bool = False) -> str | None:
        if guarded:
            await self._settle()
        elif self._lines:
            return await self._line(marker)
        self._paper.marker(marker)
        if self._ended:
            self._paper.part("\n")
            return None
        answer = await self._next()
        if answer is None:
            self._paper.part("\n")
        return answer

    async def _settle(self) -> None:
        """Let what was typed too early pass: whole lines are kept, half a line is thrown away."""
        await asyncio.sleep(GUARD_S)
        if self._terminal:
            termios.tcflush(self._fd, termios.TCIFLUSH)

    async def secret(self, marker: str) -> str | None:
        if not self._terminal:
            raise UsageError(
                "A key cannot be typed here unseen: input is no terminal.",
                hint="Give it to plugsky auth login --api-key-stdin instead.",
            )
        with self._unseen():
            self._paper.marker(marker)
            answer = await self._next()
            self._paper.part("\n")
        return answer

    @contextmanager
    def _unseen(self) -> Iterator[None]:
        before = termios.tcgetattr(self._fd)
        quiet = [*before]
        quiet[3] &= ~termios.ECHO
        termios.tcsetattr(self._fd, termios.TCSADRAIN, quiet)
        try:
            yield
        finally:
            termios.tcsetattr(self._fd, termios.TCSADRAIN, before)

    def edits_defaults(self) -> bool:
        return False

    def hear(self, hearing: Hearing) -> AbstractContextManager[None]:
        return self._heard_by(hearing)

    @contextmanager
    def _heard_by(self, hearing: Hearing) -> Iterator[None]:
        self._hearing = hearing
        try:
            yield
        finally:
            self._hearing = None

    def interrupt(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._paper.part("\n")
            self._waiting.set_exception(Interrupted())
        elif self._hearing is not None:
            self._hearing.stop()

    def close(self) -> None:
        """Nothing was changed."""
