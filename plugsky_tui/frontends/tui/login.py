"""Entering an API key: it is shown to the server first, and kept where the server does not refuse it."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, replace
from pathlib import Path

from plugsky_tui.config.credentials import VARIABLE, key_status, save_key
from plugsky_tui.config.paths import config_dir
from plugsky_tui.frontends.tui.look import short_folder
from plugsky_tui.kernel.errors import ConfigError, PlugskyError

CHECKED_WITHIN_S = 10.0


@dataclass(slots=True)
class Outcome:
    """What became of a key: whether it is kept now, and what to tell. `text` never holds the key."""

    kept: bool
    text: str


async def try_key(key: str, folder: Path) -> Outcome:
    """Ask the server for its models with `key`, and keep it where it is not refused. Cancelled, nothing is changed.

    `folder` is where configuration is looked for. ConfigError where it is no key or cannot be kept.
    """
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ConfigError("That is no API key: it holds characters that no key has.", hint="Copy it again.")
    trouble = await _trouble(key, folder)
    if trouble is not None and trouble.code == "auth":
        return Outcome(False, f"{trouble.message}\nIt is not kept. Copy it again from the dashboard.")
    kept = await asyncio.to_thread(save_key, key)
    lines = [f"The server takes the key. It is kept in {kept.place}."]
    if trouble is not None:
        lines = [f"The key is kept in {kept.place}.", f"It could not be checked: {trouble.message}", trouble.hint]
    lines.append(kept.problem)
    if os.environ.get(VARIABLE):
        lines.append(f"{VARIABLE} is set and comes before it: unset it, then start plugsky again.")
    return Outcome(True, "\n".join(line for line in lines if line))


def explanation() -> list[str]:
    """Where a key comes from and where it goes; what counts now, if anything. Asks the keyring where one is in use."""
    lines = [
        "Make one in the Plugsky dashboard, under API keys: the role infer is enough.",
        "It is kept in the system's keyring where there is one, else in "
        f"{short_folder(config_dir() / 'credentials')}, which only you can read.",
    ]
    status = key_status()
    if status.problem:
        lines.append(f"Now: {status.problem}")
    elif status.source == "environment":
        lines.append(f"{VARIABLE} is set ({status.masked}) and comes before any key that is kept.")
    elif status.source is not None:
        lines.append(f"In use now: {status.masked} from {status.place}.")
    return lines


async def _trouble(key: str, folder: Path) -> PlugskyError | None:
    """Why the Plugsky API did not list its models for `key`; None where it did."""
    from plugsky_tui.config.settings import load
    from plugsky_tui.session.endpoints import Endpoints

    try:
        settings = (await asyncio.to_thread(load, folder)).settings
        endpoints = Endpoints(replace(settings, providers={}, api=replace(settings.api, max_retries=0)), lambda: key)
        try:
            async with asyncio.timeout(CHECKED_WITHIN_S):
                await endpoints.models(refresh=True)
        finally:
            await endpoints.close()
    except TimeoutError:
        return PlugskyError(f"the server did not answer within {CHECKED_WITHIN_S:g} seconds.")
    except PlugskyError as error:
        return error
    return None
