"""The status line: where we are, and what answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from rich.cells import cell_len
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget

from plugsky_tui.frontends.text import clean
from plugsky_tui.frontends.tui.widgets.cells import fit, fit_end

MODE_STYLES = {"plan": "$text-secondary", "ask": "$text-primary", "edit": "$text-success", "auto": "$text-warning"}
FLASH_S = 4.0
_SHORT_FOLDER, _SHORTEST_FOLDER = 16, 8  # cells; what is cut is its beginning
_GAP = "  "

Part = tuple[str, str]  # text, style


@dataclass(slots=True)
class Status:
    """What the line shows; all texts may be untrusted. `answered` is the model that answered last."""

    folder: str = ""
    branch: str | None = None
    mode: str = "ask"
    model: str | None = None
    answered: str | None = None
    context_tokens: int | None = None
    context_window: int | None = None


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


def layout(status: Status, width: int) -> list[Part]:
    """The parts of the line in `width` cells: where on the left, what on the right.

    Where it is narrow, things go in this order: the numbers of the context (its share stays), the
    model that answered, the branch, the context, the folder.
    """
    left: list[Part] = [(clean(status.folder), "$foreground")]
    if status.branch:
        left.append((f"⎇ {clean(status.branch)}", ""))
    right: list[Part] = [(status.mode, f"bold {MODE_STYLES.get(status.mode, '')}")]
    model = clean(status.model or "")
    answered = clean(status.answered or "")
    full_model = f"{model} → {answered}" if answered and answered != model else model
    numbers, share = context_used(status)
    for model_text, context, with_branch, shortest in (
        (full_model, f"{numbers} {share}".strip(), True, _SHORT_FOLDER),
        (full_model, share or numbers, True, _SHORT_FOLDER),
        (model, share or numbers, True, _SHORT_FOLDER),
        (model, share or numbers, False, _SHORTEST_FOLDER),
        (model, "", False, _SHORTEST_FOLDER),
    ):
        shown = right + [(text, "") for text in (model_text, context) if text]
        where = left if with_branch else left[:1]
        room = width - _width(shown) - len(_GAP)
        room_for_folder = room - _width(where[1:]) - (len(_GAP) if where[1:] else 0)
        if room_for_folder >= min(cell_len(where[0][0]), shortest):
            folder = fit_end(where[0][0], room_for_folder)
            return _spread([(folder, where[0][1]), *where[1:]], shown, width)
    return _spread([], [*right, (fit_end(model, max(width - cell_len(status.mode) - 4, 0)), "")], width)


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
