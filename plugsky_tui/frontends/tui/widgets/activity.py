"""The line above the composer that says what is going on, while something is."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from rich.cells import cell_len
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget

from plugsky_tui.frontends.text import clean
from plugsky_tui.frontends.tui.widgets.cells import fit
from plugsky_tui.frontends.tui.widgets.status import thousands

TICK_S = 0.25
_PROGRESS = 36  # cells
_FRAMES = "◐◓◑◒"


class ActivityLine(Widget, can_focus=False):
    """Shown from `start` to `stop`, and redrawn at most four times a second; nothing runs when idle."""

    DEFAULT_CSS = """
    ActivityLine { height: 1; padding: 0 2; color: $text-muted; display: none; }
    """

    def __init__(self, *, clock: Callable[[], float] = monotonic, id: str | None = None) -> None:
        super().__init__(id=id)
        self._clock = clock
        self._timer: Timer | None = None
        self._started = 0.0
        self._what = ""
        self._until: float | None = None
        self._lead, self._then = "", ""  # what stands before the countdown, and what is going on after it
        self._tokens = 0
        self._hint = ""
        self.offer: Callable[[], str] = str  # asked at each tick: another thing that can be done meanwhile
        self.progress: Callable[[], str] = str  # asked too: how far the agent is with its list
        self.with_hint = True  # False while a dialog is open: Esc means something else then

    @property
    def running(self) -> bool:
        return self._timer is not None

    def start(self, what: str, *, hint: str = "") -> None:
        """Something begins: the clock starts at zero. `hint` says how to end it."""
        self._started, self._what, self._until, self._tokens, self._hint = self._clock(), what, None, 0, hint
        if self._timer is None:
            self._timer = self.set_interval(TICK_S, self.refresh)
        self.display = True
        self.refresh()

    def say(self, what: str) -> None:
        """What is going on now, drawn at the next tick."""
        self._what, self._until = what, None

    def count_down(self, what: str, seconds: float, lead: str, then: str) -> None:
        """`what` takes `seconds`, which are counted down after `lead`; `then` is said after them."""
        self._what, self._lead, self._then = what, lead, then
        self._until = self._clock() + seconds if seconds > 0 else None

    def count(self, tokens: int) -> None:
        """Tokens the model has written in this run."""
        self._tokens += tokens

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self.display = False

    def render(self) -> Content:
        now = self._clock()
        elapsed = max(now - self._started, 0.0)
        frame = _FRAMES[int(elapsed / TICK_S) % len(_FRAMES)]
        facts = [duration(elapsed)]
        if self._until is not None and now >= self._until:
            self.say(self._then)
        if self._until is not None:  # the clock that counts is the one that runs down
            facts = [f"{self._lead} {duration(self._until - now + 0.999)}"]
        if self._hint and self.with_hint:
            facts.append(self._hint)
        if self.with_hint and (offer := self.offer()):
            facts.append(offer)
        if progress := self.progress():
            facts.append(progress if cell_len(progress) <= _PROGRESS else fit(progress, _PROGRESS))
        if self._tokens:
            facts.append(f"{thousands(self._tokens)} tokens")
        what = clean(self._what).replace("\n", " ")
        room = self.size.width - 2
        while len(facts) > 1 and cell_len(what) + cell_len(_tail(facts)) > room and cell_len(_tail(facts)) > room // 2:
            facts.pop()
        tail = _tail(facts)
        if cell_len(what) + cell_len(tail) > room:
            what = fit(what, max(room - cell_len(tail), 0))
        return Content.assemble((f"{frame} ", "$text-accent"), (what, "$foreground"), (tail, ""))


def _tail(facts: list[str]) -> str:
    return "  " + " · ".join(facts)


def duration(seconds: float) -> str:
    """Elapsed time: 12s, 3m 05s, 1h 02m."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02}s"
    return f"{whole // 3600}h {whole % 3600 // 60:02}m"
