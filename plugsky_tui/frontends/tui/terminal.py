"""Keys and pastes as they come from the terminal: Textual's driver for Linux and macOS, with four things mended.

A paste of a megabyte is taken at once instead of letter by letter; Alt+Enter and Alt+letter are told
from Esc followed by a letter where they arrive in one piece (ECMA-48 has no other way in terminals
without the kitty protocol); nothing wakes up while nobody types (Textual polls ten times a second); and what
the terminal says of its background is heard.
"""

from __future__ import annotations

import asyncio
import os
import re
import selectors
import signal
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import IO, Any, cast

from textual import constants, events
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from plugsky_tui.frontends.bidi.terminals import LEAVE_ORDER, TAKE_ORDER
from plugsky_tui.frontends.tui.attention import RESTORE_TITLE, SAVE_TITLE
from plugsky_tui.frontends.tui.background import REPLY_LIMIT, TELL_NO_CHANGES, BackgroundChanged, reported

ESC = "\x1b"
_READ_BYTES = 65_536
_INTRODUCERS = "[OPX^_]" + ESC  # what follows ESC in a control sequence or string
_BACKGROUND = ESC + "]11;"
_REPLY_S = 1.0  # between the pieces of a reply that was cut
_SCHEME = re.compile(r"\x1b\[\?997;[12]n")  # dark or light, of private mode 2031
# xterm's modifyOtherKeys (tmux sends it with extended-keys): the same key in the form Textual knows.
_OTHER_KEYS = re.compile(r"\x1b\[27;(\d{1,3});(\d{1,7})~")


class TerminalParser(XTermParser):
    """Textual's parser behind one that looks for pastes and Alt keys first.

    `feed` and `tick` yield messages; `due` is the time (of `perf_counter`) at which `tick` should be
    called next, None where nothing waits.
    """

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._held = ""  # the start of something that may go on in the next read
        self._held_until = 0.0
        self._paste: list[str] | None = None

    @property
    def due(self) -> float | None:
        if self._paste is not None:
            return None
        if self._held:
            return self._held_until
        return self._timeout_time

    def tick(self) -> Iterator[Message]:
        if self._paste is None and self._held and perf_counter() >= self._held_until:
            held, self._held = self._held, ""
            if not held.startswith(_BACKGROUND):  # half a reply is no keys
                yield from super().feed(held)
            self._timeout_time = 0.0  # it has waited long enough
        yield from super().tick()

    def feed(self, data: str) -> Iterator[Message]:
        if not data:  # the end of input
            yield from super().feed(data)
            return
        data, self._held = self._held + data, ""
        if ESC in data:
            data = _OTHER_KEYS.sub("\x1b[\\2;\\1u", data)
        while data:
            if self._paste is not None:
                data, done = self._take_paste(data)
                if done is not None:
                    yield events.Paste(done.replace("\x00", ""))
                continue
            start = data.find(ESC)
            if start != 0:
                yield from super().feed(data if start < 0 else data[:start])
                data = "" if start < 0 else data[start:]
                continue
            if data.startswith(BRACKETED_PASTE_START):
                self._paste, data = [], data[len(BRACKETED_PASTE_START) :]
            elif BRACKETED_PASTE_START.startswith(data):
                self._held, self._held_until, data = data, perf_counter() + constants.ESCAPE_DELAY, ""
            elif data.startswith(_BACKGROUND) and (told := self._take_reply(data)) is not None:
                message, data = told
                if message is not None:
                    yield message
            elif scheme := _SCHEME.match(data):
                data = data[scheme.end() :]
                yield BackgroundChanged()
            elif data[1] not in _INTRODUCERS:
                yield from self._alt(data[1])
                data = data[2:]
            else:
                end = data.find(ESC, 1)
                yield from super().feed(data if end < 0 else data[:end])
                data = "" if end < 0 else data[end:]

    def _take_reply(self, data: str) -> tuple[Message | None, str] | None:
        """What a reply about the background says, and what comes after it; None where `data` begins with none. One that
        is cut waits for the next read."""
        ends = [at for at in (data.find("\x07", 0, REPLY_LIMIT), data.find(ESC, 1, REPLY_LIMIT)) if at >= 0]
        if not ends:
            if len(data) >= REPLY_LIMIT:
                return None
            self._held, self._held_until = data, perf_counter() + _REPLY_S
            return None, ""
        end = min(ends)
        after = data[end + 1 :] if data[end] == "\x07" else data[end:].removeprefix(ESC + "\\")
        if data[end:] == ESC:  # the other half of the reply's end is still to come
            self._held, self._held_until = data, perf_counter() + _REPLY_S
            return None, ""
        return reported(data[:end]), after

    def _take_paste(self, data: str) -> tuple[str, str | None]:
        """What is left of `data`, and the whole paste where it ended."""
        assert self._paste is not None
        end = data.find(BRACKETED_PASTE_END)
        if end >= 0:
            self._paste.append(data[:end])
            whole, self._paste = "".join(self._paste), None
            return data[end + len(BRACKETED_PASTE_END) :], whole
        # The end mark may be cut: what could be its beginning stays for the next read.
        cut = data.rfind(ESC, max(len(data) - len(BRACKETED_PASTE_END) + 1, 0))
        if cut >= 0 and BRACKETED_PASTE_END.startswith(data[cut:]):
            data, self._held = data[:cut], data[cut:]
        self._paste.append(data)
        return "", None

    def _alt(self, character: str) -> Iterator[Message]:
        if character in "\r\n":
            yield events.Key("alt+enter", None)
            return
        known = list(self._sequence_to_key_events(ESC + character))
        yield from known or self._sequence_to_key_events(character, alt=True)


class ToldToEnd(Message):
    """Somebody ends us with a signal, or has closed the terminal: to be left in order, so that nothing said is lost, no
    child is left and the terminal is as it was."""

    def __init__(self, exit_code: int) -> None:
        super().__init__()
        self.exit_code = exit_code


class Paper:
    """Where the driver writes: a terminal that may be closed at any moment. What nobody can see any more is dropped;
    Textual's writing thread would end at the error, and whoever writes next would wait for it for ever."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._gone = False

    def write(self, text: str) -> None:
        if not self._gone:
            self._try(lambda: self._file.write(text))

    def flush(self) -> None:
        if not self._gone:
            self._try(self._file.flush)

    def fileno(self) -> int:
        return self._file.fileno()

    def _try(self, work: Callable[[], object]) -> None:
        try:
            work()
        except (OSError, ValueError):  # closed at the other end, or by us
            self._gone = True


class TerminalDriver(LinuxDriver):
    """Waits for input without polling, and reads it in large pieces. Outlives its terminal."""

    _wake: tuple[int, int] | None = None

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        assert self._file is not None
        self._file = cast("Any", Paper(self._file))

    def run_input_thread(self) -> None:
        """Read until `disable_input`: the driver runs this in a thread of its own."""
        wake = self._wake = os.pipe()
        parser = TerminalParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(wake[0], selectors.EVENT_READ)
            while not self.exit_event.is_set():
                due = parser.due
                for key, _ in selector.select(None if due is None else max(due - perf_counter(), 0.0)):
                    if key.fd != self.fileno:
                        continue
                    data = os.read(self.fileno, _READ_BYTES)
                    if not data:  # the terminal is gone
                        self._app.call_later(self._app.exit)
                        return
                    for message in parser.feed(decode(data)):
                        self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)

    @property
    def _leave_order(self) -> bool:
        """Whether text comes in the order of the screen: then the terminal must not order it once more."""
        return getattr(self._app, "way", "logical") == "visual"

    def start_application_mode(self) -> None:
        for number in (signal.SIGTERM, signal.SIGHUP):  # before anything of the terminal is changed
            asyncio.get_running_loop().add_signal_handler(number, self._app.post_message, ToldToEnd(128 + number))
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self.write(SAVE_TITLE + (LEAVE_ORDER if self._leave_order else ""))

    def write(self, data: str) -> None:
        """Dropped while the terminal is an editor's: nobody empties the queue then, and who writes would wait for ever."""
        if self._writer_thread is None or self._writer_thread.is_alive():
            super().write(data)

    def stop_application_mode(self) -> None:
        self.write(TELL_NO_CHANGES + RESTORE_TITLE + (TAKE_ORDER if self._leave_order else ""))
        super().stop_application_mode()

    def disable_input(self) -> None:
        if self._wake is not None:
            os.write(self._wake[1], b"\n")
        super().disable_input()
        if self._wake is not None:
            for end in self._wake:
                os.close(end)
            self._wake = None
