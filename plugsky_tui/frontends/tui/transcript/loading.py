"""Makes grammars away from the screen: compiling one takes as long as a frame or two."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plugsky_tui.frontends.tui.transcript.colours import Load
    from plugsky_tui.frontends.tui.transcript.lexing import LineLexer


def in_thread(then: Callable[[], None]) -> Load:
    """Makes lexers in another thread of the running loop, and calls `then` when one is there."""

    def load(language: str, done: Callable[[LineLexer | None], None]) -> None:
        from plugsky_tui.frontends.tui.transcript.lexing import find_lexer

        def made(future: asyncio.Future[LineLexer | None]) -> None:
            done(None if future.cancelled() or future.exception() else future.result())
            then()

        asyncio.get_running_loop().run_in_executor(None, find_lexer, language).add_done_callback(made)

    return load
