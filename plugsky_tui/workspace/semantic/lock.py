"""One process at a time builds an index: another one waits for it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from plugsky_tui.workspace.semantic.store import unusable

_LOOK_S = 0.3


@asynccontextmanager
async def alone(path: str, say: Callable[[str], None]) -> AsyncGenerator[None, None]:
    """While nobody else holds the lock file `path`, which the system takes from a process that ends in any way. Unusable where it cannot be made."""
    import fcntl  # not on every system; only building needs it

    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise unusable(path, error.strerror or str(error)) from None
    try:
        told = False
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not told:
                    told = True
                    say("Another plugsky is building this index: waiting until it is done.")
                await asyncio.sleep(_LOOK_S)
            except OSError:  # no locks on this file system: two would write the same vectors twice, and no harm
                break
        yield
    finally:
        os.close(handle)
