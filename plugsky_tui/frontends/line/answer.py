"""The model's words as they stream in: raw where the terminal only goes forward, else block by block."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from plugsky_tui.frontends.line.paper import Paper
from plugsky_tui.frontends.markdown.leaves import Leaf
from plugsky_tui.frontends.markdown.splitter import Splitter
from plugsky_tui.frontends.text import Cleaner

Draw = Callable[[Paper, Leaf], None]


class Answer(Protocol):
    def feed(self, text: str) -> None:
        """The next piece, as the server sent it."""
        ...

    def end(self) -> None:
        """Print what was held back. The answer is then as new."""
        ...


class RawAnswer:
    """Each piece at once, as it was written."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._cleaner = Cleaner()
        self._begun = False

    def feed(self, text: str) -> None:
        text = self._cleaner.feed(text)
        if not self._begun:  # models like to begin with blank lines
            text = text.lstrip("\n")
            self._begun = bool(text)
        self._paper.part(text)

    def end(self) -> None:
        self._paper.part(self._cleaner.flush())
        self._paper.end_line()
        self._begun = False


class BlockAnswer:
    """Each block of Markdown when it is complete: a paragraph, a list item, a table, some lines of code."""

    def __init__(self, paper: Paper, draw: Draw) -> None:
        self._paper = paper
        self._draw = draw
        self._cleaner = Cleaner()
        self._splitter = Splitter()
        self._printed = 0

    def feed(self, text: str) -> None:
        text = self._cleaner.feed(text)
        if text:
            self._splitter.feed(text)
        if "\n" in text:
            self._print(self._splitter.feed(""))  # what more text could still change is not printed yet

    def end(self) -> None:
        self._splitter.feed(self._cleaner.flush())
        self._splitter.finish()
        self._print(len(self._splitter.leaves))
        self._splitter, self._printed = Splitter(), 0

    def _print(self, until: int) -> None:
        leaves = self._splitter.leaves
        while self._printed < until:
            self._draw(self._paper, leaves[self._printed])
            self._printed += 1
