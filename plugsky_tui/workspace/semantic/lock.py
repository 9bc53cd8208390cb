"""One process at a time builds an index: another one waits for it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

_LOOK_S = 0.3


@asynccontextmanager
async def alone(path: str, say: Callable[[str], None]) -> AsyncGenerator[None, None]:
    """While nobody else holds the lock file `path`, which the system takes from a process that ends in any way."""
    import fcntl  # not on every system; only building needs it

    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
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
        yield
    finally:
        os.close(handle)
