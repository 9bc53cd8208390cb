"""Entering an API key: it is kept, tried on the server, and taken back where the server does not accept it."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plugsky_tui.config.credentials import VARIABLE, find_key, forget_key, key_status, save_key
from plugsky_tui.config.paths import config_dir
from plugsky_tui.frontends.tui.look import short_folder
from plugsky_tui.kernel.errors import ConfigError, PlugskyError, ProviderError

if TYPE_CHECKING:
    from plugsky_tui.session.session import Session


@dataclass(slots=True)
class Outcome:
    """What became of a key: whether it is kept now, and what to tell. `text` never holds the key."""

    kept: bool
    text: str


async def try_key(key: str, session: Session) -> Outcome:
    """Keep `key` and ask the server for its models with it. ConfigError where it is no key or cannot be kept.

    A key that the server refuses (401) is not kept, and neither is one whose check is cancelled: what was kept before
    is then kept again. Where the server says nothing about it, the key stays.
    """
    before = await asyncio.to_thread(_kept_before)
    place = await asyncio.to_thread(save_key, key)
    if os.environ.get(VARIABLE):
        return Outcome(True, f"Kept in {place}. {VARIABLE} is set and comes before it: unset it, then start again.")
    try:
        trouble = await _trouble(session)
    except BaseException:
        await asyncio.shield(asyncio.to_thread(_restore, before))
        raise
    if trouble is None:
        return Outcome(True, f"The server accepts the key. It is kept in {place}.")
    if isinstance(trouble, ProviderError) and trouble.status == 401:
        await asyncio.to_thread(_restore, before)
        return Outcome(False, f"{trouble.message}\nIt is not kept. Copy it again from the dashboard.")
    if isinstance(trouble, ProviderError) and trouble.status == 403:
        return Outcome(True, f"Kept in {place}, but it may not list models: {trouble.message}")
    return Outcome(True, f"Kept in {place}, but it could not be checked: {trouble.message}")


def explanation() -> list[str]:
    """Where a key comes from and where it goes; what else counts now, if anything."""
    lines = [
        "Make one in the Plugsky dashboard, under API keys; the role infer is enough.",
        "It is kept in the system's keyring where there is one, else in "
        f"{short_folder(config_dir() / 'credentials')}, which only you can read. It is never shown.",
    ]
    status = key_status()
    if status.problem:
        lines.append(f"Now: {status.problem}")
    elif status.source == "environment":
        lines.append(f"{VARIABLE} is set ({status.masked}) and comes before any key that is kept.")
    elif status.source is not None:
        lines.append(f"Now in use: {status.masked} from {status.place}. The new one takes its place.")
    return lines


async def _trouble(session: Session) -> PlugskyError | None:
    """Why the Plugsky API did not list its models; None where it did."""
    try:
        return (await session.models(refresh=True)).troubles.get("")
    except PlugskyError as error:
        return error


def _kept_before() -> str | None:
    try:
        return find_key({name: value for name, value in os.environ.items() if name != VARIABLE})
    except ConfigError:
        return None  # one that could not be used: nothing is lost with it


def _restore(before: str | None) -> None:
    if before is None:
        forget_key()
    else:
        save_key(before)
