"""`plugsky demo`: plugsky against its embedded simulator. No key, no network, no language model."""

from __future__ import annotations

import argparse

from plugsky_tui.cli.agent_options import add_agent_options, options_of

SUMMARY = "Try plugsky offline, against its embedded simulator: no key, no network."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", metavar="FOLDER", help="the folder to open (default: the current one)")
    parser.add_argument(
        "--run", metavar="PROMPT", dest="task", help="do one task and print its answer, instead of opening the UI"
    )
    add_agent_options(parser)


def run(args: argparse.Namespace) -> int:
    options = options_of(args)
    options.offline = True
    if args.task is None:
        from plugsky_tui.cli.ui import open_ui

        return open_ui(options)
    from plugsky_tui.frontends.headless.run import run_task

    return run_task(options, words=[args.task], files=[], style="text")
