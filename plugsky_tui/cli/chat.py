"""`plugsky chat`: the agent in a line UI."""

from __future__ import annotations

import argparse
import gc
from typing import TYPE_CHECKING

from plugsky_tui.cli.agent_options import add_agent_options, options_of

if TYPE_CHECKING:
    from plugsky_tui.frontends.sessions import Questioner
    from plugsky_tui.frontends.tui.look import Look
    from plugsky_tui.permissions.ask import Asker
    from plugsky_tui.permissions.trust import Trust
    from plugsky_tui.session.options import Options
    from plugsky_tui.session.session import Session

SUMMARY = "Chat line by line: for screen readers, dumb terminals and serial lines."


def configure(parser: argparse.ArgumentParser) -> None:
    add_agent_options(parser)
    parser.add_argument(
        "--screen-reader",
        action="store_true",
        help="words instead of signs and colours, one fact a line: made to be listened to",
    )


def run(args: argparse.Namespace) -> int:
    gc.disable()  # all that start-up makes stays; the chat collects again once it stands
    import asyncio

    from plugsky_tui.config.paths import data_dir
    from plugsky_tui.frontends.line.manner import manner_here
    from plugsky_tui.frontends.line.start import start
    from plugsky_tui.permissions.trust import Trust

    options = options_of(args)
    trust = Trust(data_dir())

    def on_trust(yes: bool) -> None:
        (trust.grant if yes else trust.refuse)(options.folder)

    look = _look(options, trust)
    manner = manner_here(screen_reader=args.screen_reader)
    return asyncio.run(start(options, look, manner, _open_session, on_trust))


def _look(options: Options, trust: Trust) -> Look:
    from plugsky_tui.config.credentials import find_key
    from plugsky_tui.config.paths import config_dir, data_dir
    from plugsky_tui.config.settings import load
    from plugsky_tui.frontends.tui.look import Look
    from plugsky_tui.workspace.repository import branch_of

    state = trust.state(options.folder)
    loaded = load(options.folder, options={"model": options.model, "mode": options.mode, "theme": options.theme})
    settings = loaded.effective(trusted=state.trusted)
    return Look(
        folder=options.folder,
        model=settings.model,
        mode=settings.mode,
        branch=branch_of(options.folder),
        theme=settings.theme,
        data_dir=data_dir(),
        config_dir=config_dir(),
        brings=state.to_ask(),
        has_key=lambda: options.offline or find_key() is not None,
    )


async def _open_session(options: Options, asker: Asker, questioner: Questioner) -> Session:
    from plugsky_tui.session.build import open_session

    return await open_session(options, asker=asker, questioner=questioner)
