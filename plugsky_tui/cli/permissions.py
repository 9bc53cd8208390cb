"""`plugsky permissions check|list`: what would be allowed, and why. Runs nothing."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from plugsky_tui.cli.common import add_folder, add_json, add_rules, folder_of, print_json

if TYPE_CHECKING:
    from pathlib import Path

    from plugsky_tui.config.settings import Loaded
    from plugsky_tui.kernel.ports import Judgement
    from plugsky_tui.permissions.gate import PermissionGate

SUMMARY = "what a tool call would be allowed to do, part by part, and the rules in force"

_SIGNS = {"allow": "allow", "ask": "ask  ", "deny": "deny "}


def configure(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="action", metavar="check|list", required=True)
    check = commands.add_parser(
        "check",
        help="the verdict on a call, and the rule behind it; runs nothing",
        description="The verdict on a call, part by part, and the rule behind it. Runs nothing.",
        allow_abbrev=False,
    )
    check.add_argument(
        "--tool", default="shell", metavar="NAME", help="shell (default), read, edit, write, web_fetch, mcp__…"
    )
    check.add_argument("subject", metavar="COMMAND|PATH|URL", nargs="?", help="what the tool would be called with")
    listing = commands.add_parser("list", help="the rules in force, and where each is from", allow_abbrev=False)
    for command in (check, listing):
        add_folder(command)
        add_rules(command)
        add_json(command)


def run(args: argparse.Namespace) -> int:
    from plugsky_tui.config.settings import load
    from plugsky_tui.frontends.text import reveal
    from plugsky_tui.permissions.build import build_gate

    folder = folder_of(args)
    loaded = load(folder)
    gate = build_gate(folder, loaded, mode=args.mode, allow=args.allow, deny=args.deny, keep=False)
    for warning in gate.warnings:
        sys.stderr.write(f"warning: {reveal(warning)}\n")
    return _check(gate, folder, args) if args.action == "check" else _list(gate, loaded, args)


def _check(gate: PermissionGate, folder: Path, args: argparse.Namespace) -> int:
    from plugsky_tui.permissions.checking import call_to_check

    judgement = gate.judge(call_to_check(args.tool, args.subject, folder, gate))
    if args.json:
        print_json(
            {
                "verdict": judgement.verdict,
                "rememberable": judgement.rememberable,
                "reason": judgement.reason,
                "parts": [
                    {"command": part.command, "verdict": part.verdict, "reason": part.reason, "rule": part.rule}
                    for part in judgement.parts
                ],
            }
        )
        return 0
    print("\n".join(_told(judgement)))
    return 0


def _told(judgement: Judgement) -> list[str]:
    from plugsky_tui.frontends.text import reveal  # what is judged is untrusted text

    lines = [f"{judgement.verdict}: {reveal(judgement.reason)}"]
    for part in judgement.parts:
        command = reveal(part.command).replace("\n", "⏎")
        lines.append(f"  {_SIGNS[part.verdict]}  {command}  ({reveal(part.reason)})")
    if judgement.verdict == "ask":
        rules = ", ".join(judgement.suggested_rules)
        lines.append(
            f"  “always” would keep: {reveal(rules)}" if judgement.rememberable else "  it is never remembered"
        )
    return lines


def _list(gate: PermissionGate, loaded: Loaded, args: argparse.Namespace) -> int:
    rows = [
        {"verdict": rule.verdict, "rule": rule.text, "from": rule.source, "active": True}
        for verdict in ("deny", "ask", "allow")
        for rule in gate.rules.rules
        if rule.verdict == verdict
    ]
    active = {row["rule"] for row in rows if row["verdict"] == "allow" and row["from"] == "project"}
    waiting = [rule for rule in loaded.project.permissions.allow if rule not in active] if loaded.project else []
    rows += [{"verdict": "allow", "rule": rule, "from": "project", "active": False} for rule in waiting]
    if args.json:
        print_json({"mode": gate.mode, "rules": rows})
        return 0
    from plugsky_tui.frontends.text import reveal

    print(f"mode: {gate.mode}")
    for row in rows:
        inert = "" if row["active"] else ": not in force, the folder is not trusted"
        print(f"{_SIGNS[str(row['verdict'])]}  {reveal(str(row['rule']))}  ({_FROM[str(row['from'])]}{inert})")
    if not rows:
        print("no rules")
    return 0


_FROM = {
    "option": "an option of this command",
    "user": "your config.toml",
    "project": "this project's .plugsky/config.toml",
    "thread": "allowed in this thread",
    "remembered": "always allowed in this folder",
}
