"""What a subagent does, a line each: told while it works, and listed when it is done."""

from __future__ import annotations

from plugsky_tui.kernel.display import TextBlock
from plugsky_tui.kernel.events import ErrorRaised, Event, Notice, Retry, ToolCalled, ToolResulted
from plugsky_tui.kernel.record import record

RUNNING, DONE, FAILED, WAITING = "●", "✓", "✗", "…"
LONGEST = 100  # characters of a line
MOST_LISTED = 500

_TELLING = ("command", "file_path", "pattern", "query", "url", "question", "name", "path", "job_id")


@record
class Step:
    """One call. `about` is one line; `trouble` what was wrong with it, where something was."""

    about: str
    sign: str = RUNNING
    trouble: str = ""

    @property
    def line(self) -> str:
        return f"{self.sign} {self.about}" + (f": {self.trouble}" if self.trouble else "")


class Steps:
    """The calls of one run, in order."""

    def __init__(self) -> None:
        self.all: list[Step] = []
        self._open: dict[str, Step] = {}  # by the id of the call; ids may come again, in a later answer

    def take(self, event: Event) -> str:
        """The line that tells of `event`; "" where there is nothing to tell: a call that went well was told of when it
        began."""
        match event:
            case ToolCalled():
                step = self._open[event.call_id] = Step(about(event))
                self.all.append(step)
                return step.line
            case ToolResulted():
                return self._concluded(event)
            case Retry():
                return f"{WAITING} {one_line(event.reason.rstrip('.'))}: again in {event.wait_s:.1f} s"
            case Notice():
                return f"{WAITING} {one_line(event.text)}"
            case ErrorRaised():
                return f"{FAILED} {one_line(event.message)}"
            case _:
                return ""

    def _concluded(self, event: ToolResulted) -> str:
        step = self._open.pop(event.call_id, None)
        if step is None:
            return ""
        step.sign = DONE if event.ok else FAILED
        if event.ok:
            return ""
        step.trouble = one_line(event.output.strip().partition("\n")[0])
        return step.line

    def listed(self) -> TextBlock:
        """All of them, for people."""
        lines = [step.line for step in self.all[:MOST_LISTED]]
        if more := len(self.all) - len(lines):
            lines.append(f"{WAITING} and {more} more calls")
        return TextBlock("\n".join(lines) or "(it made no calls)")


def about(call: ToolCalled) -> str:
    """A call on one line: its name, and the argument that says most."""
    if call.arguments is None:
        return one_line(f"{call.name} {call.raw or ''}")
    given = call.arguments
    telling = next((value for name in _TELLING if isinstance(value := given.get(name), str) and value), "")
    place = given.get("path")
    if isinstance(place, str) and place not in (telling, "", "."):
        telling = f"{telling} {place}"
    return one_line(f"{call.name} {telling}")


def one_line(text: str) -> str:
    line = " ".join(text[: 4 * LONGEST].split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
