"""From events to the screen: one `match`, for what happens now and for what is drawn again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from plugsky_tui.frontends.calls import full_input, summary
from plugsky_tui.frontends.tui.beside_view import BesideView
from plugsky_tui.frontends.tui.subagent_view import SubagentView
from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.kernel.events import (
    Compaction,
    ErrorRaised,
    Event,
    FileChanged,
    Notice,
    PermissionAsked,
    PermissionResolved,
    ReasoningDelta,
    RequestStarted,
    Retry,
    TextDelta,
    ThreadCompleted,
    ThreadStarted,
    ToolCalled,
    ToolOutput,
    ToolResulted,
    TurnCompleted,
    TurnStarted,
    Usage,
    Within,
)
from plugsky_tui.kernel.messages import Image, UserMessage

if TYPE_CHECKING:
    from plugsky_tui.frontends.changes import Changes
    from plugsky_tui.frontends.tui.tasks import Tasks
    from plugsky_tui.frontends.tui.todo import Todos
    from plugsky_tui.frontends.tui.transcript.widget import Transcript
    from plugsky_tui.frontends.tui.widgets.activity import ActivityLine
    from plugsky_tui.frontends.tui.widgets.status import StatusLine

# Notices that say why something stopped or was not kept; the others tell of repairs.
_WARNINGS = frozenset(
    {"loop_guard", "turn_limit", "time_limit", "not_saved", "checks_failed", "checks_given_up", "checks_skipped"}
)

_RULE_SHOWN_S = 8.0  # long enough to read a rule

NoticeKind = Literal["info", "warning", "error"]


class EventView:
    """Draws events; decides nothing."""

    def __init__(
        self,
        *,
        transcript: Transcript,
        activity: ActivityLine,
        status: StatusLine,
        changes: Changes,
        todos: Todos,
        tasks: Tasks,
        begun: Callable[[], None],
        stop_hint: Callable[[], str],
        requested: Callable[[], None],
    ) -> None:
        """`begun` is called before the first thing is drawn, `requested` where a request may have gone out."""
        self._transcript = transcript
        self._activity = activity
        self._status = status
        self._changes = changes
        self._todos = todos
        self._tasks = tasks
        self._begun = begun
        self._stop_hint = stop_hint
        self._requested = requested
        self._running: dict[str, str] = {}  # call id -> what to say while it runs
        self._subagents = SubagentView(transcript)
        self.beside = BesideView(transcript, begun)
        self._asking: set[tuple[str, str]] = set()  # questions of subagents, while the others work on

    # --- besides events -------------------------------------------------------------------------

    def prompt(self, text: str, images: Sequence[Image] = (), enclosed: Sequence[str] = ()) -> None:
        """What the user said; `enclosed` says in a line each what else goes along."""
        self._begun()
        self._add_prompt(text, images, enclosed)
        if not self._activity.running:
            self._activity.start("Getting ready…", hint=self._stop_hint())

    def started(self) -> None:
        self._activity.start("Thinking…", hint=self._stop_hint())

    def idle(self) -> None:
        """The agent has nothing to do any more."""
        self._activity.stop()
        self._tasks.rest()
        self._running.clear()
        self._asking.clear()
        self.beside.release()

    def notice(self, text: str, kind: NoticeKind = "info") -> None:
        self._begun()
        self._transcript.add_notice(text, kind)

    def error(self, error: PlugskyError) -> None:
        """An error and, under it, what to do."""
        self.notice(f"{error.message}\n{error.hint}" if error.hint else error.message, "error")

    def clear(self) -> None:
        self._transcript.clear()
        self._changes.clear()
        self._todos.clear()
        self._tasks.clear()
        self._status.update(answered=None, context_tokens=None, context_window=None)

    def replay(self, history: Iterable[UserMessage | Event]) -> None:
        """Draw again what was said and done before."""
        for item in history:
            if isinstance(item, UserMessage):
                self._begun()
                self._transcript.end_answer()
                self._replay_prompt(item)
            else:
                self._begun()
                self.show(item)
        self._transcript.end_answer()

    def _replay_prompt(self, message: UserMessage) -> None:
        from plugsky_tui.session.enclosures import ran_of, split  # for threads that are taken up again

        ran = ran_of(message.text)
        if ran is not None:
            self.beside.replay(ran)
            return
        text, enclosures = split(message.text)
        self._add_prompt(text, message.images, [one.line for one in enclosures])

    def _add_prompt(self, text: str, images: Sequence[Image], enclosed: Sequence[str] = ()) -> None:
        if not images:
            self._transcript.add_prompt(text, enclosed)
            return
        from plugsky_tui.frontends.attachments import describe  # only where there are images

        self._transcript.add_prompt(text, [*(describe(image) for image in images), *enclosed])

    # --- events ---------------------------------------------------------------------------------

    def show(self, event: Event) -> None:
        if type(event) is TextDelta:  # the hot path comes first
            self._transcript.stream_text(event.text)
            self._activity.say("Writing…")
            return
        match event:
            case TextDelta() | ReasoningDelta(text="") | FileChanged():
                pass  # was drawn; is sealed and cannot be read; its diff is in the tool's result
            case ReasoningDelta():
                self._transcript.stream_reasoning(event.text)
                self._activity.say("Thinking…")
            case ThreadStarted():
                self._status.update(mode=event.mode, model=event.model)
            case TurnStarted():
                self._activity.say("Thinking…")
            case RequestStarted():
                self._activity.say("Thinking…")
                self._requested()
            case ToolCalled():
                self._call(event)
            case PermissionAsked():
                self._activity.say("Waiting for your answer…")
            case PermissionResolved():
                self._resolved(event, event.call_id)
            case ToolOutput():
                self._transcript.tool_output(event.call_id, event.text)
            case ToolResulted():
                self._result(event)
            case Within():
                self._within(event)
            case Usage():
                self._usage(event)
            case Retry():
                self._retry(event)
            case Notice(code="paced"):
                self._paced(event)
            case Notice(code="checks"):
                self._activity.say(event.text)  # what comes of it is told next
            case Notice():
                self._transcript.add_notice(event.text, "warning" if event.code in _WARNINGS else "info")
            case Compaction():
                before, after = event.before_tokens, event.after_tokens
                self._transcript.add_notice(f"The conversation was shortened from {before:,} to {after:,} tokens.")
            case TurnCompleted():
                self._transcript.end_answer()
                self._status.update(answered=event.model)
            case ErrorRaised():
                self._failed(event)
            case ThreadCompleted():
                self._completed(event)
        self.beside.release()

    def _call(self, event: ToolCalled) -> None:
        self._transcript.end_answer()
        self._tasks.called(event)
        text = summary(event)
        self._transcript.add_tool(event.call_id, event.name, text, full_input(event))
        what = f"Running {event.name}: {text}" if text else f"Running {event.name}"
        self._running[event.call_id] = what
        self._activity.say(what)

    def _within(self, event: Within) -> None:
        """What a subagent does; its answer and its context are not this thread's."""
        self._subagents.show(event)
        self._tasks.within(event)
        match event.event:
            case PermissionAsked(call_id):
                self._asking.add((event.call_id, call_id))
                self._activity.say("Waiting for your answer…")
            case PermissionResolved(call_id) as resolved:
                self._asking.discard((event.call_id, call_id))
                self._resolved(resolved, event.call_id)
            case ToolResulted(ok=True) as result:
                self._changes.note(result.display)
            case Usage() as used:
                self._activity.count(used.completion_tokens)
            case RequestStarted() | Retry() | Notice(code="paced"):
                self._requested()
            case _:
                pass

    def _resolved(self, event: PermissionResolved, running: str) -> None:
        """`running` is the call on the screen that goes on now."""
        self._go_on(self._running.get(running, "Working…"))
        # What was kept of "always", or why nothing was; not when a thread is only shown again.
        more_to_say = event.reason.removeprefix("The user allowed it").strip(".")
        if event.by == "user" and event.verdict == "allow" and more_to_say and self._activity.running:
            self._status.flash(event.reason, seconds=_RULE_SHOWN_S)

    def _result(self, event: ToolResulted) -> None:
        self._transcript.finish_tool(event.call_id, event.ok, event.output, event.seconds, event.display)
        self._tasks.resulted(event)
        if event.ok:
            self._changes.note(event.display)
            self._todos.note(event.display)
        self._running.pop(event.call_id, None)
        self._go_on(next(iter(self._running.values()), "Thinking…"))

    def _go_on(self, what: str) -> None:
        """One of several is at work on `what`; a question of another comes before that."""
        self._activity.say("Waiting for your answer…" if self._asking else what)

    def _usage(self, event: Usage) -> None:
        self._activity.count(event.completion_tokens)
        self._status.update(context_tokens=event.context_tokens, context_window=event.context_window)

    def _retry(self, event: Retry) -> None:
        status = f" ({event.status})" if event.status else ""
        what = f"{event.reason}{status}, attempt {event.attempt + 1}"
        self._activity.count_down(what, event.wait_s, "again in", "Trying again…")
        self._requested()

    def _paced(self, event: Notice) -> None:
        """A request waits for its turn: worth a countdown, and nothing that stays."""
        why = event.text.rpartition(": waiting")[0] or event.text
        self._activity.count_down(why, event.wait_s, "sent in", "Sending…")
        self._requested()

    def _failed(self, event: ErrorRaised) -> None:
        self._transcript.end_answer()
        lines = [event.message, event.hint, f"Request {event.request_id}" if event.request_id else ""]
        if event.code == "auth" and "auth login" in event.hint:  # a key of Plugsky's, not of another endpoint's
            lines.insert(2, "Or enter one here: /login")
        self._transcript.add_notice("\n".join(line for line in lines if line), "error")

    def _completed(self, event: ThreadCompleted) -> None:
        self._transcript.end_answer()
        if event.status == "interrupted":
            self._transcript.add_notice("Interrupted\nSay what to do instead, or just go on.", "warning")
