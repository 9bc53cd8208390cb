"""What people are told while a request waits for its turn."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator

from plugsky_tui.kernel.events import Notice
from plugsky_tui.providers.pacer import Pacer, Turn, Wait

NOTICEABLE_S = 0.25  # shorter waits are nobody's business


async def until_granted(turn: Turn, pacer: Pacer) -> AsyncGenerator[Notice, None]:
    """Ends when `turn` may be sent. A notice for each wait that people would notice; again where one lasted longer
    than could be foreseen."""
    while not turn.begun:
        wait = turn.wait
        if wait is None or wait.seconds is None or wait.seconds < NOTICEABLE_S:
            if await turn.granted(NOTICEABLE_S):
                return
            wait = turn.wait
            if wait is None:
                continue
        yield Notice("paced", _text(wait, pacer), round(wait.seconds or 0.0, 1))
        await turn.granted(None if wait.seconds is None else wait.seconds + NOTICEABLE_S)


def _text(wait: Wait, pacer: Pacer) -> str:
    match wait.why:
        case "asked":
            why = "The server asks all requests of this key to wait"
        case "concurrency" if pacer.concurrency:
            why = f"{_counted(pacer.concurrency)} at the same time is the limit that was set (api.concurrency)"
        case "concurrency":
            why = "The server turned away requests that were made at the same time"
        case _ if pacer.limit is None:
            why = "The server says that no requests are left for now"
        case _ if pacer.rpm:
            why = f"{_counted(pacer.rpm)} a minute is the limit that was set (api.rpm)"
        case _:
            why = f"{_counted(pacer.limit)} a minute is the plan's limit"
    return f"{why}: waiting {_how_long(wait)}"


def _counted(count: int | None) -> str:
    return f"{count} request{'' if count == 1 else 's'}"


def _how_long(wait: Wait) -> str:
    if wait.seconds is not None:
        return f"{math.ceil(wait.seconds)} s"
    return "for one of them to end" if wait.why == "concurrency" else "for its turn"
