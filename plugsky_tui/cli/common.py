"""Options and manners that several subcommands share."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from plugsky_tui.kernel.errors import PlugskyError, UsageError

MODES = ("plan", "ask", "edit", "auto")


def add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-C", "--cwd", metavar="DIR", help="work in DIR instead of the current folder")


def add_rules(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--mode", choices=MODES, help="plan reads only; ask asks; edit lets edits through; auto lets nearly all through"
    )
    parser.add_argument(
        "--allow", metavar="RULE", action="append", default=[], help="a rule such as 'shell(git status *)' (repeatable)"
    )
    parser.add_argument(
        "--deny", metavar="RULE", action="append", default=[], help="a rule that always refuses (repeatable)"
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def add_listing(parser: argparse.ArgumentParser) -> None:
    """What every listing takes: JSON, and the folder and rules of other commands, so that one set of options fits all."""
    add_folder(parser)
    add_rules(parser)
    add_json(parser)


def folder_of(args: argparse.Namespace) -> Path:
    """The folder to work in: absolute, symlinks kept. UsageError where it is none."""
    given = getattr(args, "cwd", None) or getattr(args, "folder", None) or "."
    folder = Path(os.path.abspath(os.path.expanduser(given)))  # noqa: PTH100, PTH111  # abspath, not resolve: links stay
    if not folder.is_dir():
        raise UsageError(
            f"{given}: not a folder",
            hint="Give an existing folder, or none for the current one. plugsky --help lists the subcommands.",
        )
    return folder


def print_json(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    # half a surrogate pair, as broken streams leave it, becomes the JSON escape that it is
    sys.stdout.write(text.encode("utf-8", "backslashreplace").decode() + "\n")


def report(error: PlugskyError) -> int:
    """Tell the user on stderr; the exit code of the error."""
    sys.stderr.write(f"plugsky: {error.message}\n")
    if error.hint:
        sys.stderr.write(f"  {error.hint}\n")
    return error.exit_code
