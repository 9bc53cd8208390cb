"""`plugsky models`: what the server offers now, merged with the bundled catalogue."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from plugsky_tui.cli.common import add_listing, folder_of, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plugsky_tui.config.settings import Settings
    from plugsky_tui.providers.catalogue import ModelInfo
    from plugsky_tui.session.models import ModelList

SUMMARY = "list the models"


def configure(parser: argparse.ArgumentParser) -> None:
    add_listing(parser)
    parser.add_argument(
        "--refresh", action="store_true", help="ask the server now, not the list kept from the last hour"
    )


def run(args: argparse.Namespace) -> int:
    from plugsky_tui.config.settings import load

    loaded = load(folder_of(args))
    for warning in loaded.warnings:
        _say(warning)
    models = _offered(loaded.settings, refresh=args.refresh)
    if args.json:
        from dataclasses import asdict

        print_json([asdict(model) for model in models])
        return 0
    from plugsky_tui.frontends.text import clean

    rows = [_row(model) for model in models]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        line = "  ".join([cell.ljust(width) for cell, width in zip(row, widths, strict=False)] + [row[4]])
        print(clean(line).rstrip())
    return 0


def _offered(settings: Settings, *, refresh: bool) -> Sequence[ModelInfo]:
    """From the servers or what they said in the last hour; without either, what is kept or bundled. What it is, is
    said on stderr."""
    import asyncio

    from plugsky_tui.config.credentials import find_key
    from plugsky_tui.kernel.errors import PlugskyError
    from plugsky_tui.session.endpoints import Endpoints

    endpoints = Endpoints(settings, find_key)

    async def ask() -> ModelList:
        try:
            return await endpoints.models(refresh=True)
        finally:
            await endpoints.close()

    known = endpoints.known_models()
    if known.fresh and not refresh:
        _say(f"as listed {_ago(known.age_s or 0.0)} ago; --refresh asks again")
        return known
    try:
        models = asyncio.run(ask())
    except PlugskyError as error:
        _say(f"the live list could not be had: {error.message}")
        if error.hint:
            _say(error.hint)
        _say("this is the bundled list" if known.age_s is None else f"this is the list of {_ago(known.age_s)} ago")
        return known
    for name, trouble in models.troubles.items():
        _say(f"{name or 'Plugsky'} did not list its models: {trouble.message}")
    return models


def _row(model: ModelInfo) -> tuple[str, str, str, str, str]:
    live = "live" if model.live else ""
    return model.id, _tokens(model.context_window), model.tier, live, "; ".join(filter(None, _about(model)))


def _about(model: ModelInfo) -> tuple[str, str]:
    return model.note, ", ".join(model.capabilities)


def _tokens(count: int | None) -> str:
    """As the documentation writes it: 131,072 is 131K."""
    if count is None:
        return "-"
    return f"{count // 1_000_000}M" if count >= 1_000_000 else f"{count // 1000}K" if count >= 1000 else str(count)


def _ago(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} days"


def _say(text: str) -> None:
    from plugsky_tui.frontends.text import clean

    sys.stderr.write(f"plugsky: {clean(text)}\n")
