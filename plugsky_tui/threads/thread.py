"""One thread: the journal of its session, and what was said in it before."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from time import monotonic
from typing import TYPE_CHECKING

from plugsky_tui import __version__
from plugsky_tui.kernel.events import (
    ErrorRaised,
    Event,
    Notice,
    PermissionAsked,
    ReasoningDelta,
    TextDelta,
    ThreadCompleted,
    ThreadStarted,
    ToolOutput,
    TurnStarted,
    Within,
)
from plugsky_tui.kernel.messages import Message, UserMessage
from plugsky_tui.threads import rebuild
from plugsky_tui.threads.entries import INSIDE, Block, BlockKind, Entry, Header, Partial, Setting
from plugsky_tui.threads.ids import new_id
from plugsky_tui.threads.log import InnerLog, Log, MemoryLog
from plugsky_tui.threads.records import now

if TYPE_CHECKING:
    from asyncio import TimerHandle

FLUSH_S = 0.9  # a crash may cost the last second of streamed text, not more
TITLE_LENGTH = 80

PASSING = (TurnStarted, PermissionAsked, ToolOutput, Within)  # over when they have been seen, or kept elsewhere


class Thread:
    """Implements the kernel's Journal.

    Nothing is on disk before the first prompt: opening the UI and quitting leaves no thread. A thread
    that is not `writable` (another process has it) goes on in memory only. `problems` collects what
    went wrong with saving; `on_problem`, where set, is told at once.
    """

    def __init__(
        self,
        *,
        thread_id: str,
        folder: str,
        model: str,
        mode: str,
        writable: bool = True,
    ) -> None:
        self.thread_id = thread_id
        self.folder = folder
        self.writable = writable
        self.model = model
        self.mode = mode
        self.title = ""
        self.damage: list[str] = []
        self.problems: list[str] = []
        self.on_problem: Callable[[str], None] | None = None
        self._log: Log = MemoryLog()
        self._begun = False  # the header is written
        self._known: list[Entry] | None = None  # what was read when it was opened, until something is added
        self._settings: dict[str, str] = {}
        self._kind: type[TextDelta] | type[ReasoningDelta] | None = None  # of the block that streams
        self._count = 0
        self._flushed = StringIO()
        self._unflushed: list[str] = []
        self._due = 0.0
        self._timer: TimerHandle | None = None

    def attach(self, log: Log, entries: list[Entry] | None = None, damage: list[str] | None = None) -> None:
        """Write to `log`; `entries` (of a thread that was opened) is what it holds already."""
        self._log = log
        if entries is None:
            return
        self._begun = True
        self._known = entries
        self.damage = damage or []
        for entry in entries:
            match entry:
                case Header():
                    self.folder, self.model, self.mode = entry.folder, entry.model, entry.mode
                case Setting():
                    self._set(entry.name, entry.value)
                case UserMessage() if not self.title:
                    self.title = title_of(entry.text)
                case Partial() | Block():
                    self._count = max(self._count, entry.block)
                case _:
                    pass

    # --- the journal --------------------------------------------------------------------------

    def prompt(self, message: UserMessage) -> None:
        self._finish(interrupted=True)
        if not self._begun:
            self._begin()
        if not self.title:
            self.title = title_of(message.text)
        self._append(message)

    def event(self, event: Event) -> None:
        kind = type(event)
        if kind is TextDelta or kind is ReasoningDelta:
            if kind is not self._kind:
                self._open(kind)
            self._unflushed.append(event.text)  # type: ignore[union-attr]  # one of the two deltas
            if monotonic() >= self._due:
                self._flush()
            return
        self._keep(event)

    def setting(self, name: str, value: str) -> None:
        """From here on: "model", "mode" or "title"."""
        self._set(name, value)
        if self._begun:
            self._append(Setting(name, value))
        elif name not in ("model", "mode"):  # those two go into the header
            self._settings[name] = value

    def within(self, call_id: str, model: str) -> Thread:
        """A journal for the subagent that the call runs: its conversation is kept in this thread, beside this one's."""
        inner = Thread(
            thread_id=self.thread_id, folder=self.folder, model=model, mode=self.mode, writable=self.writable
        )
        self._known = None
        inner.attach(InnerLog(self._log, call_id))
        return inner

    # --- what was said ------------------------------------------------------------------------

    def conversation(self) -> list[Message]:
        """The conversation so far, valid to send. Calls that were left open are closed as interrupted."""
        return rebuild.conversation(self._entries())

    def history(self) -> list[UserMessage | Event]:
        """What was shown so far: each block of text is one delta, each call has a result."""
        return rebuild.history(self._entries())

    def close(self) -> None:
        """What streams is kept as interrupted; the file and its lock are let go."""
        self._finish(interrupted=True)
        self._log.close()

    # ------------------------------------------------------------------------------------------

    def report(self, problem: str) -> None:
        """Told by the log that saving fails, or works again."""
        self.problems.append(problem)
        if self.on_problem is not None:
            self.on_problem(problem)

    def _begin(self) -> None:
        self._begun = True
        self._append(Header(self.thread_id, self.folder, now(), __version__, self.model, self.mode))
        for name, value in self._settings.items():
            self._append(Setting(name, value))

    def _keep(self, event: Event) -> None:
        if isinstance(event, PASSING) or (isinstance(event, Notice) and event.code == "paced"):
            return
        if isinstance(event, ThreadStarted):
            for name, value in (("model", event.model), ("mode", event.mode)):
                if getattr(self, name) != value:
                    self.setting(name, value)
            return
        if not self._begun:
            return  # nothing was said yet that this could belong to
        if not isinstance(event, INSIDE):
            ends = isinstance(event, (ErrorRaised, ThreadCompleted))  # before the end of the turn
            restarted = isinstance(event, Notice) and event.code == "answer_restarted"
            self._finish(interrupted=ends, discarded=restarted)
        self._append(event)
        if isinstance(event, ThreadCompleted):
            self._log.sync()

    def _append(self, entry: Entry) -> None:
        self._known = None
        self._log.append(entry)

    def _entries(self) -> list[Entry]:
        if self._known is not None:
            return self._known
        if self._unflushed:
            self._flush()
        return self._log.entries()

    def _set(self, name: str, value: str) -> None:
        match name:
            case "model":
                self.model = value
            case "mode":
                self.mode = value
            case "title":
                self.title = value
            case _:
                pass  # a setting of another version

    # --- the block that streams ---------------------------------------------------------------

    def _open(self, kind: type[TextDelta] | type[ReasoningDelta]) -> None:
        self._finish()
        if not self._begun:
            self._begin()
        self._kind = kind
        self._count += 1
        self._arm()

    def _flush(self) -> None:
        """Write what streamed since the last time."""
        piece = "".join(self._unflushed)
        self._unflushed.clear()
        self._flushed.write(piece)
        self._append(Partial(self._name(), self._count, piece))
        self._arm()

    def _arm(self) -> None:
        """Flush again in FLUSH_S: at the next delta after that, or by the clock where none comes."""
        self._disarm()
        self._due = monotonic() + FLUSH_S
        try:
            from asyncio import get_running_loop  # there already wherever a loop runs

            self._timer = get_running_loop().call_later(FLUSH_S, self._elapsed)
        except RuntimeError:
            pass  # without a loop the next delta sees to it

    def _elapsed(self) -> None:
        self._timer = None
        if self._unflushed:
            self._flush()

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _finish(self, *, interrupted: bool = False, discarded: bool = False) -> None:
        """The block that streams, if any, becomes one record."""
        if self._kind is None:
            return
        self._disarm()
        self._flushed.write("".join(self._unflushed))
        text = self._flushed.getvalue()
        if text:
            self._append(Block(self._name(), self._count, text, interrupted, discarded))
        self._kind = None
        self._flushed = StringIO()
        self._unflushed.clear()

    def _name(self) -> BlockKind:
        return "text" if self._kind is TextDelta else "reasoning"


class Ephemeral(Thread):
    """A thread that leaves nothing on disk."""

    def __init__(self, folder: str, model: str, mode: str) -> None:
        super().__init__(thread_id=new_id(), folder=folder, model=model, mode=mode)


def title_of(prompt: str) -> str:
    """The first line that says something, cut to TITLE_LENGTH. Untrusted text."""
    line = next((" ".join(line.split()) for line in prompt.splitlines() if line.strip()), "")
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rstrip() + "…"
