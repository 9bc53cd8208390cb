"""`plugsky web`: the full-screen UI in a browser on this machine."""

from __future__ import annotations

import argparse
import errno
import shlex
import socket
import sys

from plugsky_tui.cli.agent_options import add_agent_options, options_of
from plugsky_tui.kernel.errors import UsageError

SUMMARY = "open the UI in a browser on this machine"
HOST = "127.0.0.1"
PORT = 8080
_PASSED_ON = ("model", "mode", "agent", "resume", "theme")
_FLAGS = {"continue_newest": "--continue", "fork": "--fork", "offline": "--offline"}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", metavar="FOLDER", help="the folder to work in (default: the current one)")
    parser.add_argument(
        "--port", type=int, default=PORT, metavar="N", help=f"the port on {HOST} (default: {PORT}; 0: any free one)"
    )
    add_agent_options(parser)


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C; 0. UsageError where the port cannot be had."""
    options = options_of(args)
    listening = _bound(args.port)
    from plugsky_tui.frontends.web.server import WebServer  # aiohttp: 140 ms

    command = [sys.executable, "-P", "-m", "plugsky_tui", *_arguments(args), "-C", str(options.folder)]
    server = WebServer(
        shlex.join(command),
        host=HOST,
        port=listening.getsockname()[1],
        title=f"plugsky · {options.folder.name}",
        told=_tell,
    )
    server.listen(listening)
    return 0


def _arguments(args: argparse.Namespace) -> list[str]:
    """The options of the UI that each browser window opens."""
    given = [f"--{name}={value}" for name in _PASSED_ON if (value := getattr(args, name)) is not None]
    for name in ("allow", "deny"):
        given += [f"--{name}={rule}" for rule in getattr(args, name)]
    return given + [flag for name, flag in _FLAGS.items() if getattr(args, name)]


def _bound(port: int) -> socket.socket:
    if not 0 <= port < 65536:
        raise UsageError(f"There is no port {port}.", hint="Give one between 1 and 65535, or 0 for any free one.")
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as error:
        listening.close()
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        why = "is in use" if error.errno == errno.EADDRINUSE else "may not be used without more rights"
        raise UsageError(
            f"Port {port} {why}.", hint="Give another with --port, or --port 0 for any free one."
        ) from None
    return listening


def _tell(address: str) -> None:
    print(
        f"plugsky is open at {address}\nThe address holds your token: whoever has it can work as you. Ctrl-C ends.",
        flush=True,
    )
