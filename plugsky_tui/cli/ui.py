"""`plugsky [FOLDER]`: the full-screen UI."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from typing import TYPE_CHECKING

from plugsky_tui.cli.agent_options import add_agent_options, options_of
from plugsky_tui.kernel.errors import UsageError

if TYPE_CHECKING:
    from plugsky_tui.frontends.sessions import Questioner
    from plugsky_tui.permissions.ask import Asker
    from plugsky_tui.session.options import Options
    from plugsky_tui.session.session import Session

SUMMARY = "plugsky, a coding agent for the terminal: opens the UI on FOLDER."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", metavar="FOLDER", help="the folder to work in (default: the current one)")
    add_agent_options(parser)
    parser.add_argument("-V", "--version", action="store_true", help="print the version")


def run(args: argparse.Namespace) -> int:
    if args.version:
        from plugsky_tui import __version__

        sys.stdout.write(f"plugsky {__version__}\n")
        return 0
    return open_ui(options_of(args))


def open_ui(options: Options) -> int:
    """Run the UI until the user leaves it; 0. UsageError where there is no terminal for it."""
    _check_terminal()
    gc.disable()  # all that start-up makes stays; the app collects again once it stands
    from plugsky_tui.config.credentials import find_key
    from plugsky_tui.config.paths import cache_dir, config_dir, data_dir
    from plugsky_tui.config.settings import default_model, load
    from plugsky_tui.frontends.tui.look import Look
    from plugsky_tui.permissions.trust import Trust
    from plugsky_tui.workspace.repository import branch_of

    trust = Trust(data_dir())
    state = trust.state(options.folder)
    loaded = load(options.folder, options={"model": options.model, "mode": options.mode, "theme": options.theme})
    settings = loaded.effective(trusted=state.trusted)

    def has_key() -> bool:
        return options.offline or find_key() is not None

    look = Look(
        folder=options.folder,
        model=settings.model or default_model(has_key()),
        mode=settings.mode,
        branch=branch_of(options.folder),
        theme=settings.theme,
        notify=settings.notify,
        bidi=settings.bidi,
        vim=settings.composer.vim,
        keys=settings.keys,
        data_dir=data_dir(),
        config_dir=config_dir(),
        cache_dir=cache_dir(),
        brings=state.to_ask(),
        first=not (data_dir() / "threads").exists(),
        resuming=bool(options.resume or options.continue_newest),
        has_key=has_key,
    )

    from plugsky_tui.frontends.tui.app import PlugskyApp

    app = PlugskyApp(
        options,
        look,
        _open_session,
        on_trust=lambda yes: trust.grant(options.folder) if yes else trust.refuse(options.folder),
    )
    app.run()
    return app.return_code or 0


async def _open_session(options: Options, asker: Asker, questioner: Questioner) -> Session:
    """The imports of a session take longer than a frame may: they happen in a thread, while the UI lives."""
    import asyncio

    await asyncio.to_thread(_import_session)
    from plugsky_tui.session.build import open_session

    return await open_session(options, asker=asker, questioner=questioner)


def _import_session() -> None:
    from importlib import import_module

    import_module("plugsky_tui.session.build")
    # The rest is for the first prompt, which need not wait for it: what draws an answer, and what speaks HTTP, with
    # the part that httpx would otherwise import in the middle of the first request.
    for name in (
        "plugsky_tui.frontends.tui.transcript.stage",
        "plugsky_tui.providers.http",
        "anyio._backends._asyncio",
    ):
        import_module(name)


def _check_terminal() -> None:
    if "TEXTUAL_DRIVER" in os.environ:
        return  # plugsky web has started us: a browser is the terminal
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "the UI needs a terminal, and there is none here", hint="For one task without a UI: plugsky run 'PROMPT'"
        )
    if os.environ.get("TERM", "") in ("", "dumb"):
        raise UsageError(
            "this terminal (TERM is dumb or unset) cannot show the UI",
            hint="Set TERM to what the terminal is, such as xterm-256color, or use: plugsky chat",
        )
