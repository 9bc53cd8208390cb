"""`plugsky skills list`: the skills there are, and where each comes from."""

from __future__ import annotations

import argparse

from plugsky_tui.cli.common import add_listing, folder_of, print_json

SUMMARY = "list the skills that the model may load"

_STATES = {
    "inert": "not used: the folder is not trusted",
    "hidden": "not used: the project has one of this name",
}


def configure(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="command", required=True, metavar="list")
    add_listing(commands.add_parser("list", help="every skill, the file it is in, and its state", allow_abbrev=False))


def run(args: argparse.Namespace) -> int:
    from plugsky_tui.config.paths import config_dir, data_dir
    from plugsky_tui.frontends.text import clean
    from plugsky_tui.permissions.trust import Trust
    from plugsky_tui.session.skills import list_skills

    folder = folder_of(args)
    listed = list_skills(folder, config_dir(), trusted=Trust(data_dir()).state(folder).trusted)
    if args.json:
        print_json(
            [
                {
                    "name": one.name,
                    "description": one.description,
                    "origin": one.origin,
                    "path": str(one.path),
                    "state": one.state,
                    "problem": one.problem or None,
                    "warnings": one.warnings,
                }
                for one in listed
            ]
        )
        return 0
    if not listed:
        place = config_dir() / "skills"
        print(f"There are none yet. A skill is a file {place}/NAME/SKILL.md, or .plugsky/skills/NAME/SKILL.md.")
    width = max((len(one.name) for one in listed), default=0)
    for one in listed:
        print(clean(f"{one.name:{width}}  {one.origin:7}  {one.state:6}  {one.problem or one.description}").rstrip())
        for note in (_STATES.get(one.state), *one.warnings):
            if note:
                print(clean(f"{'':{width}}  {note}"))
    return 0
