"""From arguments to a subcommand. The first word decides: a subcommand's name, or else the UI opens."""

from __future__ import annotations

import argparse
import errno
import importlib
import os
import sys
from collections.abc import Sequence

from plugsky_tui.cli.common import report
from plugsky_tui.kernel.errors import PlugskyError

# Subcommand -> its module in this package, in the order of `plugsky --help`.
SUBCOMMANDS = {
    "run": "run",
    "chat": "chat",
    "web": "web",
    "demo": "demo",
    "threads": "threads",
    "stats": "stats",
    "models": "models",
    "auth": "auth",
    "config": "config",
    "permissions": "permissions",
    "tool": "tool",
    "index": "index",
    "agents": "agents",
    "skills": "skills",
    "tools": "tools",
    "themes": "themes",
    "simulate": "simulate",
}
INTERRUPTED = 130
UNWRITABLE = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EIO,
)  # of standard output on a full disk, or a dead terminal


def dispatch(arguments: Sequence[str]) -> int:
    """Run the subcommand (or the UI) and report what goes wrong; the exit code."""
    name, rest = "ui", list(arguments)
    if rest and rest[0] in SUBCOMMANDS:
        name = SUBCOMMANDS[rest.pop(0)]
    try:
        command = importlib.import_module(f"plugsky_tui.cli.{name}")
        parser = argparse.ArgumentParser(
            prog="plugsky" if name == "ui" else f"plugsky {name}",
            description=command.SUMMARY,
            epilog=_overview() if name == "ui" and _wants_help(rest) else None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,  # an abbreviation that works today is an ambiguity tomorrow
        )
        command.configure(parser)
        result: int = command.run(parser.parse_args(rest))
        sys.stdout.flush()
        return result
    except PlugskyError as error:
        return report(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone, e.g. `plugsky threads list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except OSError as error:
        if error.filename is not None or error.errno not in UNWRITABLE:
            return _broke_down(error)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is still held back would fail again at the end
        return report(PlugskyError(f"What it prints cannot be written: {error.strerror}."))
    except Exception as error:  # a fault of ours: a sentence for the user, the details in a file
        return _broke_down(error)


def _broke_down(error: Exception) -> int:
    from plugsky_tui.config.paths import data_dir
    from plugsky_tui.frontends import crash

    sys.stderr.write(crash.report(error, data_dir()) + "\n")
    return PlugskyError.exit_code


def _wants_help(arguments: Sequence[str]) -> bool:
    return "-h" in arguments or "--help" in arguments


def _overview() -> str:
    lines = ["subcommands (plugsky NAME --help tells more):"]
    for name, module in SUBCOMMANDS.items():
        summary = importlib.import_module(f"plugsky_tui.cli.{module}").SUMMARY
        lines.append(f"  {name:12} {summary}")
    return "\n".join(lines)
