"""Numbered questions: the lists of commands, with a filter, and plain yes or no."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from plugsky_tui.frontends.line.keyboard import Interrupted, Keyboard
from plugsky_tui.frontends.line.manner import Manner
from plugsky_tui.frontends.line.paper import Paper
from plugsky_tui.frontends.line.voice import Voice
from plugsky_tui.frontends.tui.fuzzy import ranked

T = TypeVar("T")
_PAGE, _SPOKEN_PAGE = 20, 9
_MORE = "+"


@dataclass(frozen=True, slots=True)
class Option(Generic[T]):
    """`text` is its line; `words` are searched too."""

    value: T
    text: str
    words: str = ""


class Desk:
    """Paper, keyboard and voice: what every question needs."""

    def __init__(self, *, paper: Paper, keyboard: Keyboard, voice: Voice, manner: Manner) -> None:
        self.paper = paper
        self.keyboard = keyboard
        self.voice = voice
        self.manner = manner

    async def choose(self, title: str, options: Sequence[Option[T]], current: T | None = None) -> T | None:
        """One of `options`, by its number, or by letters that only it has; None where nothing is to change."""
        shown, start = list(options), 0
        size = _SPOKEN_PAGE if self.manner.spoken else _PAGE
        while True:
            self.paper.line(f"{title}:", "title")
            page = shown[start : start + size]
            in_use = next((number for number, one in enumerate(page, start + 1) if one.value == current), 0)
            self.paper.lines(self.voice.choices([(n, one.text) for n, one in enumerate(page, start + 1)], in_use))
            left = len(shown) - start - len(page)
            more = f", {_MORE} shows more ({left})" if left else ""
            self.paper.line(f"A number chooses, letters filter{more}, Enter changes nothing.", "faint")
            answer = await self.ask("Choice: ")
            if not answer:
                return None
            if answer == _MORE and left:
                start += size
            elif answer.isdecimal():
                if 0 < int(answer) <= len(shown):
                    return shown[int(answer) - 1].value
                self.paper.line(f"There is no number {answer} in this list.", "warning")
            else:
                found = _fitting(answer, options)
                if len(found) == 1:
                    return found[0].value
                if found:
                    shown, start = found, 0
                else:
                    self.paper.line(f"Nothing in this list fits {answer!r}.", "warning")

    async def ask(self, marker: str, default: str = "", *, guarded: bool = False) -> str:
        """One line, stripped; empty where there is no answer."""
        try:
            answer = await self.keyboard.ask(marker, default, guarded=guarded)
        except Interrupted:
            return ""
        return (answer or "").strip()


def _fitting(letters: str, options: Sequence[Option[T]]) -> list[Option[T]]:
    """Those that begin with `letters`; where none does, those that have them anywhere, the best first."""
    beginning = [one for one in options if one.text.casefold().startswith(letters.casefold())]
    return beginning or ranked(letters, options, lambda one: one.text, lambda one: one.words)
