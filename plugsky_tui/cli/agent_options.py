"""The options that `plugsky`, `plugsky run` and `plugsky demo` share, and what they mean."""

from __future__ import annotations

import argparse

from plugsky_tui.cli.common import add_folder, add_rules, folder_of
from plugsky_tui.kernel.errors import UsageError
from plugsky_tui.session.options import Options


def add_agent_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-m", "--model", metavar="NAME", help="the model to talk to (plugsky models lists them)")
    add_rules(parser)
    parser.add_argument("--agent", metavar="NAME", help="work as that agent (plugsky agents list)")
    thread = parser.add_mutually_exclusive_group()
    thread.add_argument(
        "-c", "--continue", dest="continue_newest", action="store_true", help="go on with this folder's newest thread"
    )
    thread.add_argument(
        "-r", "--resume", metavar="ID", help="go on with the thread ID (its first characters are enough)"
    )
    parser.add_argument("--fork", action="store_true", help="with -c or -r: go on in a copy of the thread")
    parser.add_argument(
        "--offline",
        action="store_true",
        help="let the embedded simulator answer: no key, no network, no language model",
    )
    parser.add_argument("--theme", metavar="NAME", help="the colours of the UI (plugsky themes list)")
    add_folder(parser)


def options_of(args: argparse.Namespace) -> Options:
    """The parsed arguments as `Options`; UsageError for what contradicts itself."""
    if args.fork and not (args.continue_newest or args.resume):
        raise UsageError("--fork needs a thread to fork", hint="Add -c for the newest thread of this folder, or -r ID.")
    return Options(
        folder=folder_of(args),
        model=args.model,
        mode=args.mode,
        agent=args.agent,
        theme=args.theme,
        resume=args.resume,
        continue_newest=args.continue_newest,
        fork=args.fork,
        offline=args.offline,
        allow=args.allow,
        deny=args.deny,
    )
