"""Asks for a key by having it pressed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.content import Content
from textual.events import Key, Mount
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from plugsky_tui.frontends.tui.keys import shown, written
from plugsky_tui.frontends.tui.layers.base import Layer
from plugsky_tui.frontends.tui.layers.choices import Choice, Choices


@dataclass(slots=True)
class Verdict:
    """What is to be said of a key before it is taken: `refused`, why it cannot be; `warnings`, what else changes with it,
    and `yes`, what agreeing to that is called."""

    refused: str = ""
    warnings: list[str] | None = None
    yes: str = "use it"


class Catcher(Static, can_focus=True):
    """Hears every key, also those that are bound elsewhere."""

    hears_every_key = True

    class Pressed(Message):
        def __init__(self, key: str, character: str | None) -> None:
            super().__init__()
            self.key = key
            self.character = character

    def on_key(self, event: Key) -> None:
        event.stop()
        event.prevent_default()
        self.post_message(self.Pressed(event.key, event.character))


class KeyLayer(Layer[str]):
    """Ends with a key as `[keys]` names it, None on Esc. `judge` says what is to be known of a key (and the character it
    types) before it is taken."""

    DEFAULT_CSS = """
    KeyLayer > Catcher { height: auto; min-height: 2; }
    KeyLayer > Choices { margin-top: 1; display: none; }
    KeyLayer.-asks > Choices { display: block; }
    """

    def __init__(self, title: str, now: str, judge: Callable[[str, str | None], Verdict]) -> None:
        super().__init__()
        self._title = title
        self._judge = judge
        self._key = ""
        self._now = now
        self._catcher = Catcher("", markup=False)
        self._choices = Choices([Choice("y", "use it"), Choice("n", "another key")])

    def compose(self) -> ComposeResult:
        yield self._catcher
        yield self._choices

    def on_mount(self, event: Mount) -> None:
        self.border_title = Content(self._title)
        self._ask()

    def focus_target(self) -> Widget:
        return self._catcher

    def _ask(self, problem: str = "") -> None:
        self.remove_class("-asks")
        self.border_subtitle = Content("Esc: all stays as it was")
        lines = [Content.styled("Press the new key.", "bold")]
        lines.append(Content.styled(problem, "$text-warning") if problem else Content.styled(self._now, "$text-muted"))
        self._catcher.update(Content("\n").join(lines))
        if self.is_mounted:
            self._catcher.focus()

    def on_catcher_pressed(self, message: Catcher.Pressed) -> None:
        message.stop()
        key = written(message.key)
        if key == "escape":
            self.finish(None)
            return
        verdict = self._judge(key, message.character)
        if verdict.refused:
            self._ask(verdict.refused)
        elif not verdict.warnings:
            self.finish(key)
        else:
            self._key = key
            self._confirm(verdict.warnings, verdict.yes)

    def _confirm(self, warnings: list[str], yes: str) -> None:
        lines = [
            Content.styled(shown(self._key), "bold"),
            *(Content.styled(text, "$text-warning") for text in warnings),
        ]
        self._catcher.update(Content("\n").join(lines))
        self._choices.choices = [Choice("y", yes), Choice("n", "another key")]
        self._choices.marked = 1
        self.add_class("-asks")
        self._choices.refresh(layout=True)
        self._choices.focus()

    def on_choices_picked(self, message: Choices.Picked) -> None:
        message.stop()
        if message.index == 0:
            self.finish(self._key)
        else:
            self._ask()
