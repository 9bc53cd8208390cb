"""`plugsky auth`: the API key."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from plugsky_tui.cli.common import add_folder, add_json, print_json
from plugsky_tui.kernel.errors import PlugskyError, UsageError

if TYPE_CHECKING:
    from plugsky_tui.config.settings import Settings

SUMMARY = "the API key: login, logout, status"

CHECKED_WITHIN_S = 6.0  # then the server is left in peace, and the key unchecked


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="login|logout|status")
    login = actions.add_parser("login", help="keep a key", description="Keep an API key.", allow_abbrev=False)
    ways = login.add_mutually_exclusive_group()
    ways.add_argument("--api-key-stdin", action="store_true", help="read the key from standard input")
    ways.add_argument("--api-key", metavar="KEY", help="the key itself (other users of this machine may see it)")
    login.add_argument("--no-check", action="store_true", help="do not ask the server whether it takes the key")
    actions.add_parser("logout", help="forget the key", description="Forget the kept key.", allow_abbrev=False)
    status = actions.add_parser(
        "status", help="which key is in use", description="Which key is in use.", allow_abbrev=False
    )
    add_folder(status)
    add_json(status)


def run(args: argparse.Namespace) -> int:
    match args.action:
        case "login":
            return _login(args)
        case "logout":
            return _logout()
        case _:
            return _status(args)


def _login(args: argparse.Namespace) -> int:
    """Whatever the server says of the key, it is kept: whoever gave it may know better, or set base_url next."""
    import os

    from plugsky_tui.config.credentials import PREFIXES, VARIABLE, mask, save_key

    key = _given(args)
    kept = save_key(key)
    print(f"The key {mask(key)} is kept in {kept.place}.")
    if kept.problem:
        print(kept.problem)
    if args.api_key is not None:
        _warn("An argument can be seen by others on this machine, and stays in the shell's history.")
        _warn("`plugsky auth login` without it asks for the key; --api-key-stdin reads it from a pipe or a file.")
    if not key.startswith(PREFIXES):
        print(f"It does not look like a Plugsky key ({', '.join(prefix + '…' for prefix in PREFIXES)}).")
    if os.environ.get(VARIABLE):
        print(f"{VARIABLE} is set, and comes before it.")
    if not args.no_check:
        sys.stdout.flush()
        _check(key)
    return 0


def _check(key: str) -> None:
    """Say what the server says of `key`: to a request that costs nothing, the list of models."""
    import threading

    from plugsky_tui.config.settings import load

    try:
        settings = load(Path.cwd()).settings
    except PlugskyError as error:
        _warn(f"It was not checked: {error.message}")
        return
    server = settings.api.base_url
    outcomes: list[PlugskyError | None] = []
    # A thread that nobody waits for at the end: a name that cannot be looked up would hold everything up.
    asking = threading.Thread(target=lambda: outcomes.append(_ask(settings, key)), daemon=True)
    asking.start()
    asking.join(CHECKED_WITHIN_S)
    match outcomes:
        case [None]:
            print(f"{server} takes it.")
        case [PlugskyError(code="auth") as refusal]:
            _warn(f"It is kept, but {refusal.message}")
        case [PlugskyError() as trouble]:
            _warn(f"It could not be checked: {trouble.message}")
            if trouble.hint:
                _warn(trouble.hint)
        case _:
            _warn(f"It could not be checked: {server} did not answer within {CHECKED_WITHIN_S:g} seconds.")


def _ask(settings: Settings, key: str) -> PlugskyError | None:
    import asyncio

    from plugsky_tui.session.endpoints import Endpoints

    alone = replace(settings, providers={}, api=replace(settings.api, max_retries=0))

    async def ask() -> None:
        endpoints = Endpoints(alone, lambda: key)
        try:
            await endpoints.models(refresh=True)
        finally:
            await endpoints.close()

    try:
        asyncio.run(ask())
    except PlugskyError as error:
        return error
    return None


def _warn(text: str) -> None:
    from plugsky_tui.frontends.text import clean

    sys.stderr.write(f"plugsky: {clean(text)}\n")


def _given(args: argparse.Namespace) -> str:
    if args.api_key is not None:
        return str(args.api_key).strip()
    if args.api_key_stdin:
        return sys.stdin.read(64 * 1024).strip()
    if not sys.stdin.isatty():
        raise UsageError(
            "There is no terminal to ask for the key on.", hint="Use `plugsky auth login --api-key-stdin < FILE`."
        )
    from getpass import getpass

    try:
        return getpass("API key (not shown): ").strip()
    except EOFError as error:
        raise UsageError("No key was given.") from error


def _logout() -> int:
    import os

    from plugsky_tui.config.credentials import VARIABLE, forget_key

    forgotten = forget_key()
    if forgotten.places:
        print(f"The key was removed from {' and '.join(forgotten.places)}.")
    elif not forgotten.problem:
        print("No key was kept.")
    if forgotten.problem:
        _warn(forgotten.problem)
    if os.environ.get(VARIABLE):
        print(f"{VARIABLE} is still set.")
    return 0


def _status(args: argparse.Namespace) -> int:
    from plugsky_tui.config.credentials import key_status
    from plugsky_tui.config.settings import FREE_MODEL

    status = key_status()
    if args.json:
        print_json(asdict(status))
    elif status.problem:
        print(status.problem)
    elif status.source is None:
        print(f"No API key: the free tier is used ({FREE_MODEL}). `plugsky auth login` keeps one.")
    else:
        print(f"API key {status.masked} from {status.place}")
    return 2 if status.problem else 0
