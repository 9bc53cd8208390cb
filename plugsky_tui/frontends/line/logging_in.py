"""Entering an API key, unseen."""

from __future__ import annotations

import asyncio
from pathlib import Path

from plugsky_tui.frontends.line.asking import Desk
from plugsky_tui.frontends.line.events import EventPrinter
from plugsky_tui.frontends.line.keyboard import Interrupted
from plugsky_tui.frontends.tui.login import explanation, try_key
from plugsky_tui.kernel.errors import PlugskyError


async def enter_key(desk: Desk, printer: EventPrinter, folder: Path, why: str) -> bool:
    """Whether there is a key now that there was not before, or another one. `why` says what it is asked for."""
    for text in (why, *await asyncio.to_thread(explanation)):  # a keyring may take its time
        if text:
            desk.paper.line(text)
    while True:
        try:
            key = await desk.keyboard.secret("Key, hidden, Enter changes nothing: ")
        except Interrupted:
            key = None
        if key is None or not key.strip():
            return False
        desk.paper.line("Asking the server.", "faint")
        try:
            outcome = await try_key("".join(key.split()), folder)
        except PlugskyError as error:
            printer.error(error)
            continue
        desk.paper.line(outcome.text, "" if outcome.kept else "error")
        if outcome.kept:
            return True
