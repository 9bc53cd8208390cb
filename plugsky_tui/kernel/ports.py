"""The four things the loop is given, and the plain data that passes through them.

Provider (the model), Toolbox (what it may call), Gate (whether it may), Journal (what is kept).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, Protocol, TypeVar, Union

from plugsky_tui.kernel.display import Display
from plugsky_tui.kernel.events import (
    DecidedBy,
    Denial,
    Event,
    Notice,
    ReasoningDelta,
    RequestStarted,
    Retry,
    TextDelta,
    ThoughtSealed,
    Usage,
    Verdict,
)
from plugsky_tui.kernel.messages import Image, Message, ToolCall, UserMessage
from plugsky_tui.kernel.parameters import Parameters
from plugsky_tui.kernel.record import record

# --- Provider ---------------------------------------------------------------------------------


@record
class ToolDefinition:
    """A function as the model sees it; `parameters` is a JSON Schema of type object."""

    name: str
    description: str
    parameters: dict[str, Any]


@record
class Request:
    """One logical request. `messages` is valid (see `messages.repair`). `opening`: it is the first of its run, the only
    one that a tool may be forced on: a model that must always call one could never end."""

    model: str
    system: str
    messages: Sequence[Message]
    tools: Sequence[ToolDefinition] = ()
    parameters: Parameters = field(default_factory=Parameters)
    opening: bool = True


@record
class Restarted:
    """The stream broke and is asked for again: what was shown of this answer so far stands, but does not count."""


@record
class Finished:
    """The last item of every stream that did not fail.

    `finish_reason` as the server gave it ("unknown" where it gave none), `model` the one that
    answered. `calls` are complete, with ids unique within the answer.
    """

    finish_reason: str
    model: str
    calls: list[ToolCall] = field(default_factory=list)


StreamItem = Union[RequestStarted, TextDelta, ReasoningDelta, ThoughtSealed, Usage, Retry, Notice, Restarted, Finished]


class Provider(Protocol):
    def stream(self, request: Request) -> AsyncIterator[StreamItem]:
        """The answer as it comes, `Finished` last.

        Raises ProviderError when it is final (retries are spent or make no sense). Closing the
        iterator, or cancelling the task, closes the connection within 200 ms.
        """
        ...


# --- Toolbox ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReadPath:
    """To read the file or folder at `path`: absolute, `~` expanded, symlinks not yet resolved."""

    path: str


@dataclass(frozen=True, slots=True)
class WritePath:
    """To create, change or delete the file at `path` (as in ReadPath)."""

    path: str


@dataclass(frozen=True, slots=True)
class RunCommand:
    """To run `command` with bash in `cwd`."""

    command: str
    cwd: str


@dataclass(frozen=True, slots=True)
class FetchUrl:
    url: str


Need = Union[ReadPath, WritePath, RunCommand, FetchUrl]


@record
class FileChange:
    """`path` as people see it (relative where inside the workspace); lines added and removed."""

    path: str
    added: int
    removed: int


@record
class ToolResult:
    """Two faces: `output` for the model, `display` for people. `denied` are calls made within this one (by a subagent)
    that were not allowed."""

    output: str
    ok: bool = True
    display: list[Display] = field(default_factory=list)
    changes: list[FileChange] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    denied: list[Denial] = field(default_factory=list)


Progress = Callable[[Union[str, Event]], None]
"""Takes live output; of a call that runs a subagent, also the events of its run."""


@record
class Hunk:
    """A part of a change that can be left out. `block` is the number of the block of the preview it is part of;
    `changes` are lines of that block's texts: a1 to a2 of what was (0-based, the end not included) become b1 to b2. One
    without changes is all that the block says."""

    block: int
    changes: Sequence[tuple[int, int, int, int]] = ()


WholeT = TypeVar("WholeT")


@record
class Parts(Generic[WholeT]):
    """What can be left out of a call. `hunks` may take a while: call it in a thread. `only` is the same call with those
    hunks alone whose numbers it is given; its result tells the model which were left out."""

    hunks: Callable[[], Sequence[Hunk]]
    only: Callable[[Collection[int]], WholeT]


@record
class Prepared:
    """A tool call ready to run: what was shown for approval is what `act` does.

    `title` is one line for people ("Edit src/app.py"), `needs` what the gate judges, `preview`
    what an approval dialog shows (the diff, the command). `act` may raise ToolError. `parts` of it
    can be left out, where it changes files.
    """

    call: ToolCall
    title: str
    needs: Sequence[Need]
    act: Callable[[Progress], Awaitable[ToolResult]]
    preview: Sequence[Display] = ()
    parts: Parts[Prepared] | None = None


class Toolbox(Protocol):
    def definitions(self) -> Sequence[ToolDefinition]: ...

    def reads_only(self, name: str) -> bool:
        """True where calls of `name` change nothing, so that several may run side by side."""
        ...

    async def prepare(self, call: ToolCall) -> Prepared:
        """Parse, check and plan a call; changes nothing. Raises ToolError for the model to read."""
        ...


# --- Gate -------------------------------------------------------------------------------------


@record
class JudgedPart:
    """One simple command of a line, or one path, with its own verdict. `rule` is the rule behind it, if one is."""

    command: str
    verdict: Literal["allow", "ask", "deny"]
    reason: str
    rule: str | None = None


@record
class Judgement:
    """The strictest verdict over the parts.

    `rememberable`: whether "always" may be offered; `suggested_rules` are then the rules that
    would have let this call pass (shown, editable).
    """

    verdict: Literal["allow", "ask", "deny"]
    by: DecidedBy
    reason: str
    rememberable: bool = False
    suggested_rules: list[str] = field(default_factory=list)
    parts: list[JudgedPart] = field(default_factory=list)


@record
class Answer:
    """What whoever was asked said; `word` is a word of the user's to the model, possibly empty. `hunks` are the numbers
    of those that may be made; None: all that the call would do."""

    verdict: Verdict
    by: DecidedBy
    reason: str
    word: str = ""
    hunks: Sequence[int] | None = None


class Gate(Protocol):
    def judge(self, prepared: Prepared) -> Judgement:
        """Whether this may run, without asking anyone. Quick (under 60 ms) and free of effects."""
        ...

    async def ask(self, prepared: Prepared, judgement: Judgement) -> Answer:
        """Ask whoever there is to ask. With no one, the answer is deny by "no-one-to-ask"."""
        ...


# --- Journal ----------------------------------------------------------------------------------


class Journal(Protocol):
    """Has each thing on disk (or knows it cannot) before anyone sees it; never raises for a full disk."""

    def prompt(self, message: UserMessage) -> None: ...

    def event(self, event: Event) -> None: ...
