"""`plugsky themes list`: the themes there are, and where each comes from."""

from __future__ import annotations

import argparse

from plugsky_tui.cli.common import add_listing, folder_of, print_json

SUMMARY = "list the themes of the UI"


def configure(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="command", required=True, metavar="list")
    add_listing(commands.add_parser("list", help="every theme, and the file it is in", allow_abbrev=False))


def run(args: argparse.Namespace) -> int:
    from plugsky_tui.config.paths import config_dir
    from plugsky_tui.frontends.text import clean
    from plugsky_tui.frontends.themes import read_theme, theme_files
    from plugsky_tui.kernel.errors import ConfigError

    folder_of(args)  # themes are the user's, not the folder's; but a wrong folder is a wrong folder
    rows = []
    for file in theme_files(config_dir()):
        row = {"name": file.name, "own": file.own, "path": str(file.path), "dark": None, "error": None}
        try:
            row["dark"] = read_theme(file.path).dark
        except ConfigError as error:
            row["error"] = error.message
        rows.append(row)
    if args.json:
        print_json(rows)
        return 0
    width = max((len(str(row["name"])) for row in rows), default=0)
    for row in rows:
        kind = "broken" if row["error"] else "dark" if row["dark"] else "light"
        print(clean(f"{row['name']:{width}}  {kind:6}  {row['error'] or row['path']}"))
    return 0
