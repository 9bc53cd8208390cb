"""The status line: where we are, and what answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from rich.cells import cell_len
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget

from plugsky_tui.frontends.text import clean
from plugsky_tui.frontends.tui.widgets.cells import fit, fit_end
from plugsky_tui.kernel.record import record

MODE_STYLES = {"plan": "$text-secondary", "ask": "$text-primary", "edit": "$text-success", "auto": "$text-warning"}
FLASH_S = 4.0
_SHORT_FOLDER, _SHORTEST_FOLDER = 16, 8  # cells; what is cut is its beginning
_GAP = "  "
_LARGE_PLAN = 10_000  # requests per minute: nobody reads all digits of such a limit
_NEAR_LIMIT = 0.8  # of the requests per minute: from here on people should know

Part = tuple[str, str]  # text, style


@record
class Status:
    """What the line shows; all texts may be untrusted. `answered` is the model that answered last.

    `jobs` is how many commands run in the background, `used` and `limit` are requests per minute, and what the plan allows; `region` is the one that was pinned.
    """

    folder: str = ""
    branch: str | None = None
    mode: str = "ask"
    model: str | None = None
    answered: str | None = None
    context_tokens: int | None = None
    context_window: int | None = None
    used: int = 0
    limit: int | None = None
    region: str | None = None
    jobs: int = 0


class StatusLine(Widget, can_focus=False):
    """One line. `update` takes fields of Status."""

    DEFAULT_CSS = "StatusLine { height: 1; padding: 0 1; color: $text-muted; }"

    def __init__(self, status: Status, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.status = status
        self._flash: Part | None = None
        self._timer: Timer | None = None

    def flash(self, text: str, kind: Literal["info", "warning"] = "info", *, seconds: float = FLASH_S) -> None:
        """Say something in the line's place for a while."""
        self._flash = (clean(text).replace("\n", " "), "$text-warning" if kind == "warning" else "$foreground")
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(seconds, self._end_flash)
        self.refresh()

    def _end_flash(self) -> None:
        self._flash, self._timer = None, None
        self.refresh()

    def update(self, **fields: Any) -> None:
        new = replace(self.status, **fields)
        if new != self.status:
            self.status = new
            self.refresh()

    def render(self) -> Content:
        if self._flash is not None:
            text, style = self._flash
            return Content.styled(fit(text, self.size.width), style)
        return Content.assemble(*layout(self.status, self.size.width))


# Where it is narrow, things go in this order. The folder keeps what is left, the mode and the model stay.
_LEAVING = ("numbers", "answered", "calm rate", "region", "branch", "context", "jobs", "rate")


def layout(status: Status, width: int) -> list[Part]:
    """The parts of the line in `width` cells: where on the left, what on the right.

    Where it is narrow, things go in this order: the numbers of the context (its share stays), the model that answered,
    the requests per minute as long as there are enough, the region, the branch, the context, the jobs, the requests.
    """
    folder = clean(status.folder)
    for count in range(len(_LEAVING) + 1):
        gone = _LEAVING[:count]
        right = _right(status, gone)
        branch: list[Part] = [(f"⎇ {clean(status.branch)}", "")] if status.branch and "branch" not in gone else []
        room = width - _width(right) - len(_GAP) - sum(cell_len(text) + len(_GAP) for text, _ in branch)
        shortest = _SHORTEST_FOLDER if "branch" in gone else _SHORT_FOLDER
        if room >= min(cell_len(folder), shortest):
            return _spread([(fit_end(folder, room), "$foreground"), *branch], right, width)
    mode, model = right[0], clean(status.model or "")
    return _spread([], [mode, (fit_end(model, max(width - cell_len(status.mode) - 4, 0)), "")], width)


def _right(status: Status, gone: Sequence[str]) -> list[Part]:
    model, answered = clean(status.model or ""), clean(status.answered or "")
    if answered and answered != model and "answered" not in gone:
        model = f"{model} → {answered}"
    numbers, share = context_used(status)
    context = share or numbers if "numbers" in gone else f"{numbers} {share}".strip()
    rate, style = requests_used(status)
    parts: list[Part] = [(status.mode, f"bold {MODE_STYLES.get(status.mode, '')}"), (model, "")]
    parts.append(("" if "context" in gone else context, ""))
    parts.append(("" if "rate" in gone or ("calm rate" in gone and not style) else rate, style))
    jobs = f"{status.jobs} job{'s' if status.jobs > 1 else ''}" if status.jobs else ""
    parts.append(("" if "jobs" in gone else jobs, "$text-accent"))
    parts.append(("" if "region" in gone else clean(status.region or ""), ""))
    return [(text, style) for text, style in parts if text]


def requests_used(status: Status) -> Part:
    """("12/60 rpm", its style); empty where nothing was asked in the last minute, or the plan's limit is not known."""
    if not status.used or not status.limit:
        return "", ""
    near = status.used >= _NEAR_LIMIT * status.limit
    limit = str(status.limit) if status.limit < _LARGE_PLAN else thousands(status.limit)
    return f"{status.used}/{limit} rpm", "$text-warning" if near else ""


def context_used(status: Status) -> tuple[str, str]:
    """("12.3k/131k", "9%"); parts that are not known are empty."""
    if status.context_tokens is None:
        return "", ""
    if not status.context_window:
        return thousands(status.context_tokens), ""
    share = f"{status.context_tokens / status.context_window:.0%}"
    return f"{thousands(status.context_tokens)}/{thousands(status.context_window)}", share


def thousands(count: int) -> str:
    """A count of tokens as people say it: 812, 12.3k, 131k, 1.0M."""
    if count < 1000:
        return str(count)
    if count < 100_000:
        return f"{count / 1000:.1f}k"
    if count < 1_000_000:
        return f"{count / 1000:.0f}k"
    return f"{count / 1_000_000:.1f}M"


def _width(parts: list[Part]) -> int:
    return sum(cell_len(text) for text, _ in parts) + len(_GAP) * max(len(parts) - 1, 0)


def _spread(left: list[Part], right: list[Part], width: int) -> list[Part]:
    gap = max(width - _width(left) - _width(right), 0)
    return [*_joined(left), (" " * gap, ""), *_joined(right)]


def _joined(parts: list[Part]) -> list[Part]:
    out: list[Part] = []
    for part in parts:
        out += [(_GAP, ""), part] if out else [part]
    return out
