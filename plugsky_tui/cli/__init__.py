"""The `plugsky` command. One module per subcommand, imported only when it is used."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Run `plugsky` with the arguments of this process and end it: everything is closed by then, and taking the
    interpreter down piece by piece would cost another 10 ms. Returns the exit code where that was quick."""
    from plugsky_tui.cli.stdio import speak_utf8

    speak_utf8()
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):  # answered before anything is imported
        from plugsky_tui import __version__

        sys.stdout.write(f"plugsky {__version__}\n")
        return 0
    from plugsky_tui.cli.main import dispatch

    code = dispatch(arguments)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # the reader has gone, and cannot be told anything
        pass
    os._exit(code)
