"""The `plugsky` command. One module per subcommand, imported only when it is used."""

from __future__ import annotations

import sys


def main() -> int:
    """Run `plugsky` with the arguments of this process; its exit code."""
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):  # answered before anything is imported
        from plugsky_tui import __version__

        sys.stdout.write(f"plugsky {__version__}\n")
        return 0
    from plugsky_tui.cli.main import dispatch

    return dispatch(arguments)
