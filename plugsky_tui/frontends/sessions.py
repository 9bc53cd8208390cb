"""The session on the screen: opened in the background, waited for by whoever needs it, exchanged for another."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from plugsky_tui.kernel.errors import PlugskyError

if TYPE_CHECKING:
    from plugsky_tui.permissions.ask import Asker
    from plugsky_tui.session.options import Options
    from plugsky_tui.session.session import Session

Questioner = Callable[[str, list[str]], Awaitable[str | None]]
OpenSession = Callable[["Options", "Asker", Questioner], Awaitable["Session"]]


class Sessions:
    """`opened` is called with each session that takes the screen (and True where another had it), `failed` when the first one cannot be opened."""

    def __init__(
        self,
        *,
        open_session: OpenSession,
        options: Options,
        asker: Asker,
        questioner: Questioner,
        opened: Callable[[Session, bool], None],
        failed: Callable[[PlugskyError], None],
    ) -> None:
        self._open_session = open_session
        self._options = options
        self._asker = asker
        self._questioner = questioner
        self._opened = opened
        self._failed = failed
        self._opening: asyncio.Task[Session] | None = None
        self.current: Session | None = None

    @property
    def options(self) -> Options:
        return self._options

    def begin(self) -> None:
        """Start opening; returns at once."""
        self._opening = asyncio.create_task(self._first())

    async def ready(self) -> Session:
        """The session, waiting for it where it is still being opened. PlugskyError where that failed; asking
        again then tries again."""
        if self.current is not None:
            return self.current
        if self._opening is None or self._opening.done():
            self.begin()
        assert self._opening is not None
        return await asyncio.shield(self._opening)  # one who gives up waiting does not end it for the others

    async def switch(self, options: Options) -> Session:
        """Open another thread and let go of the present one. Where opening fails the present one stays."""
        new = await self._open(options)
        old, self.current, self._options = self.current, new, options
        if old is not None:
            await old.close()
        self._opened(new, True)
        return new

    async def close(self) -> None:
        if self._opening is not None and not self._opening.done():
            self._opening.cancel()
        session, self.current = self.current, None
        if session is not None:
            await session.close()

    async def _first(self) -> Session:
        try:
            self.current = await self._open(self._options)
        except PlugskyError as error:
            self._failed(error)
            raise
        self._opened(self.current, False)
        return self.current

    async def _open(self, options: Options) -> Session:
        try:
            return await self._open_session(options, self._asker, self._questioner)
        except PlugskyError:
            raise
        except Exception as error:  # whatever it was, the user is told in our own words and the UI stays
            raise PlugskyError(
                f"The session could not be opened: {type(error).__name__}: {error}",
                hint="This is a fault of plugsky's. `plugsky run` with the same options may tell more.",
            ) from error
