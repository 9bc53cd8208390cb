"""`plugsky auth`: the API key."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict

from plugsky_tui.cli.common import add_folder, add_json, print_json
from plugsky_tui.kernel.errors import UsageError

SUMMARY = "the API key: login, logout, status"


def configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="login|logout|status")
    login = actions.add_parser("login", help="keep a key", description="Keep an API key.", allow_abbrev=False)
    ways = login.add_mutually_exclusive_group()
    ways.add_argument("--api-key-stdin", action="store_true", help="read the key from standard input")
    ways.add_argument("--api-key", metavar="KEY", help="the key itself (other users of this machine may see it)")
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
    import os

    from plugsky_tui.config.credentials import PREFIXES, VARIABLE, mask, save_key

    key = _given(args)
    place = save_key(key)
    print(f"The key {mask(key)} is kept in {place}.")
    if not key.startswith(PREFIXES):
        print(f"It does not look like a Plugsky key ({', '.join(prefix + '…' for prefix in PREFIXES)}).")
    if os.environ.get(VARIABLE):
        print(f"{VARIABLE} is set, and comes before it.")
    return 0


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

    removed = forget_key()
    print(f"The key was removed from {' and '.join(removed)}." if removed else "No key was kept.")
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
