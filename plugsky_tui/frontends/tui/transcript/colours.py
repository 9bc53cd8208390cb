"""Which lines of code are coloured already: a few more with each frame.

A line takes a tenth of a millisecond. So only what is seen is coloured, and only some lines per frame: code that
rushes past is plain until it rests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from plugsky_tui.frontends.markdown.leaves import Code
from plugsky_tui.frontends.tui.transcript.lexing import START, LineLexer, State, Tokens, find_lexer

# Lines per frame: while one can read along, and while text comes in too fast for that.
PER_FRAME = 20
PER_FRAME_RUSHING = 2
# Characters per frame, from which on text rushes.
RUSHING = 400
# Leaves whose colours are remembered: their rows have them, as long as those are.
_REMEMBERED = 512
# How many leaves before the one that is seen are coloured with it, so that it begins in the right state.
_BACK = 3

Load = Callable[[str, Callable[[LineLexer | None], None]], None]


def load_now(language: str, done: Callable[[LineLexer | None], None]) -> None:
    """Make the lexer at once (see `Lexers`)."""
    done(find_lexer(language))


class Lexers:
    """The lexers made so far. `load` makes one, now or in another thread, and hands it to the callback."""

    def __init__(self, load: Load = load_now) -> None:
        self._load = load
        self._made: dict[str, LineLexer | None] = {}
        self._asked: set[str] = set()

    def get(self, language: str) -> LineLexer | None:
        """The lexer, or None where there is none, or none yet."""
        if language in self._made:
            return self._made[language]
        if language not in self._asked:
            self._asked.add(language)
            self._load(language, lambda lexer: self._made.__setitem__(language, lexer))
        return self._made.get(language)

    def is_coming(self, language: str) -> bool:
        return language not in self._made


@dataclass(slots=True)
class _Coloured:
    """The lines of one leaf that are coloured, from the state `start` on; `state` is the one behind them."""

    start: State = START
    state: State = START
    lines: list[Tokens] = field(default_factory=list)


class Colours:
    """Colours of the code on the screen. `budget` is how many lines may still be coloured in this frame."""

    def __init__(self, lexers: Lexers | None = None) -> None:
        self._lexers = lexers or Lexers()
        self._known: WeakKeyDictionary[Code, _Coloured] = WeakKeyDictionary()
        self.budget = PER_FRAME

    def of(self, code: Code, count: int | None = None) -> tuple[list[Tokens], bool]:
        """The tokens of the first lines of `code` (of all of them, and of the partial one, if there was time).

        And whether that is all there will be: False asks for another frame. Of a long text, only the first `count`
        lines are coloured.
        """
        if not code.language:
            return [], True
        lexer = self._lexers.get(code.language)
        if lexer is None:
            return [], not self._lexers.is_coming(code.language)
        wanted = len(code.lines) if count is None else count
        coloured = self._reach(code, lexer, wanted)
        if len(coloured.lines) < wanted:
            return coloured.lines, False
        if code.partial is None:
            return coloured.lines, True
        return [*coloured.lines, lexer.lex(code.partial.expandtabs(4), coloured.state)[0]], True

    def _reach(self, code: Code, lexer: LineLexer, wanted: int) -> _Coloured:
        """Colour `code` as far as the budget goes, and first what comes before it."""
        chain = [code]
        while len(chain) <= _BACK and (before := chain[-1].before) is not None:
            chain.append(before)
        state: State | None = None
        if len(self._known) > _REMEMBERED:
            for old in list(self._known)[: _REMEMBERED // 2]:
                del self._known[old]
        for leaf in reversed(chain):
            coloured = self._known.get(leaf)
            if coloured is None or (state is not None and coloured.start != state):
                coloured = self._known[leaf] = _Coloured(state or START, state or START)
            upto = wanted if leaf is code else len(leaf.lines)
            self._colour(leaf, coloured, lexer, upto)
            if len(coloured.lines) < upto:
                break
            state = coloured.state
        return self._known.get(code) or _Coloured()

    def _colour(self, leaf: Code, coloured: _Coloured, lexer: LineLexer, upto: int) -> None:
        while self.budget > 0 and len(coloured.lines) < upto:
            tokens, coloured.state = lexer.lex(leaf.lines[len(coloured.lines)].expandtabs(4), coloured.state)
            coloured.lines.append(tokens)
            self.budget -= 1
