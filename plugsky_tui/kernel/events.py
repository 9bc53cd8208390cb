"""Every event of a session, one dataclass each: a union discriminated by `type`.

These are what `plugsky run --format jsonl` prints (with `v`, `time` and `thread_id` put around
by `to_wire`), what front ends draw and what the journal keeps. Plain dataclasses, so that making
one per streamed chunk costs a fraction of a microsecond and start-up imports nothing for them;
`from_wire` reads them back through a discriminated pydantic union, imported when first used.
"""

from __future__ import annotations

from dataclasses import field
from datetime import datetime, timezone
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Union

from plugsky_tui.kernel.display import Display
from plugsky_tui.kernel.messages import Image
from plugsky_tui.kernel.record import field_names, record

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SCHEMA_VERSION = 1

Verdict = Literal["allow", "deny"]
DecidedBy = Literal["rule", "mode", "user", "no-one-to-ask"]
Status = Literal["completed", "failed", "limited", "interrupted"]


@record
class ThreadStarted:
    cwd: str
    model: str
    mode: str
    resumed: bool = False
    type: Literal["thread.started"] = "thread.started"


@record
class TurnStarted:
    """`turn` counts the requests of this run, from 1."""

    turn: int
    type: Literal["turn.started"] = "turn.started"


@record
class RequestStarted:
    """A request went out: one for each try, as soon as its answer begins (that is where `request_id` comes from)."""

    request_id: str
    model: str
    idempotency_key: str
    type: Literal["request.started"] = "request.started"


@record
class TextDelta:
    text: str
    type: Literal["text.delta"] = "text.delta"


@record
class ReasoningDelta:
    text: str
    type: Literal["reasoning.delta"] = "reasoning.delta"


@record
class ThoughtSealed:
    """The reasoning since the last seal is a block that its server wants back as it was: see `messages.Thought`.
    Of no use to anyone else, so it is kept in the thread and never on the wire."""

    seal: str
    redacted: bool = False
    on_wire: ClassVar[bool] = False
    type: Literal["thought.sealed"] = "thought.sealed"


@record
class ToolCalled:
    """The model called a tool. `arguments` is None, and `raw` the text, where it is no JSON object."""

    call_id: str
    name: str
    arguments: dict[str, Any] | None = None
    raw: str | None = None
    type: Literal["tool.call"] = "tool.call"


@record
class PermissionAsked:
    """Someone has to be asked; `verdict` and `by` are still open."""

    call_id: str
    reason: str
    verdict: None = None
    by: None = None
    type: Literal["permission.asked"] = "permission.asked"


@record
class PermissionResolved:
    call_id: str
    verdict: Verdict
    by: DecidedBy
    reason: str
    type: Literal["permission.resolved"] = "permission.resolved"


@record
class ToolOutput:
    """Live output of a tool that takes its time."""

    call_id: str
    text: str
    type: Literal["tool.output"] = "tool.output"


@record
class ToolResulted:
    """`output` is exactly what the model is sent; `display` is the face for people. Neither that nor the
    images (which the model is sent too) are on the wire."""

    call_id: str
    ok: bool
    output: str
    seconds: float
    display: list[Display] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    internal: ClassVar[frozenset[str]] = frozenset({"display", "images"})
    type: Literal["tool.result"] = "tool.result"


@record
class FileChanged:
    """Lines added and removed in the file at `path` (relative to the workspace)."""

    path: str
    added: int
    removed: int
    checkpoint: str | None = None
    type: Literal["file.changed"] = "file.changed"


@record
class Usage:
    """Tokens of one request. `context_tokens` is what the conversation takes now."""

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    context_tokens: int
    context_window: int | None = None
    type: Literal["usage"] = "usage"


@record
class Retry:
    """A request failed (`status` None: no answer at all) and is sent again after `wait_s` seconds."""

    attempt: int
    wait_s: float
    status: int | None
    reason: str
    type: Literal["retry"] = "retry"


@record
class Notice:
    """Something was mended, dropped or cut: nothing is done silently. With `wait_s` above 0 what it tells of
    takes that long (and people see it count down)."""

    code: str
    text: str
    wait_s: float = 0.0
    internal: ClassVar[frozenset[str]] = frozenset({"wait_s"})
    type: Literal["notice"] = "notice"


@record
class Compaction:
    before_tokens: int
    after_tokens: int
    type: Literal["compaction"] = "compaction"


@record
class TurnCompleted:
    finish_reason: str
    model: str
    type: Literal["turn.completed"] = "turn.completed"


@record
class ErrorRaised:
    code: str
    status: int | None
    message: str
    hint: str
    request_id: str
    type: Literal["error"] = "error"


@record
class Denial:
    """A tool call that was not allowed."""

    call_id: str
    name: str
    reason: str


@record
class ThreadCompleted:
    """The end of one run. `text` is the final answer, `turns` the requests it took."""

    status: Status
    text: str
    turns: int
    denied: list[Denial] = field(default_factory=list)
    type: Literal["thread.completed"] = "thread.completed"


@record
class Within:
    """What a subagent said or did, in the call `call_id` that runs it. `event` is as for any run, but counts for the
    subagent alone: its answer is not the run's, its context not the thread's. The subagent's journal keeps it."""

    call_id: str
    event: Event
    on_wire: ClassVar[bool] = False  # but for what was used: see `OF_USE`
    type: Literal["within"] = "within"


Event = Union[
    ThreadStarted,
    TurnStarted,
    RequestStarted,
    TextDelta,
    ReasoningDelta,
    ThoughtSealed,
    ToolCalled,
    PermissionAsked,
    PermissionResolved,
    ToolOutput,
    ToolResulted,
    FileChanged,
    Usage,
    Retry,
    Notice,
    Compaction,
    TurnCompleted,
    ErrorRaised,
    ThreadCompleted,
    Within,
]

# What a subagent's run cost. On the wire these have a `call_id`, so that nobody takes them for the run's own.
OF_USE = (RequestStarted, Usage, Retry)


def to_wire(event: Event, thread_id: str) -> dict[str, Any]:
    """The JSON object of `event`, stamped with the time now (ISO 8601, UTC, milliseconds)."""
    wire: dict[str, Any] = {
        "v": SCHEMA_VERSION,
        "type": event.type,
        "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "thread_id": thread_id,
    }
    wire.update(body(event))
    if isinstance(event, ToolCalled):
        del wire["raw" if event.arguments is not None else "arguments"]
    return wire


def body(event: Event) -> dict[str, Any]:
    """The fields of `event` that leave the process, without its type, as JSON-ready values."""
    hidden: frozenset[str] = getattr(event, "internal", frozenset())
    return {
        name: [_plain(item) for item in value] if isinstance(value := getattr(event, name), list) else value
        for name in field_names(event)
        if name != "type" and name not in hidden
    }


def _plain(item: Any) -> Any:
    names = field_names(item)
    return {name: getattr(item, name) for name in names} if names else item


def from_wire(data: dict[str, Any]) -> Event:
    """The event of a wire object. ValueError (pydantic's) names what is wrong with it."""
    known = {key: value for key, value in data.items() if key not in ("v", "time", "thread_id")}
    event: Event = _adapter().validate_python(known)
    return event


@cache
def _adapter() -> TypeAdapter[Any]:
    from typing import Annotated

    from pydantic import Field, TypeAdapter

    return TypeAdapter(Annotated[Event, Field(discriminator="type")])
