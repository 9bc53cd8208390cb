"""Permission rules: `tool(pattern)`, or the name of a tool alone.

    shell(git status *)      a command by its words; a last * stands for any more words
    read(.env*)              reading, by whichever tool; patterns as in .gitignore
    edit(src/**)             every way of changing a file
    write(docs/**)           only the tool of that name
    fetch(docs.python.org)   a host; *.python.org its subdomains
    mcp__github__get_issue   a tool by its name

deny beats ask beats allow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from plugsky_tui.kernel.errors import ConfigError
from plugsky_tui.permissions.command_rules import CommandPattern, parse_command_pattern
from plugsky_tui.permissions.globs import Glob, parse_glob
from plugsky_tui.permissions.power import Power
from plugsky_tui.workspace.paths import Resolved, Root

RuleVerdict = Literal["allow", "ask", "deny"]
Source = Literal["option", "user", "project", "thread", "remembered"]

READERS = frozenset({"read", "grep", "glob", "list", "symbols", "diagnostics"})
EDITORS = frozenset({"edit", "write", "multi_edit", "apply_patch"})
FETCHERS = frozenset({"fetch", "web_fetch"})
_KNOWN = READERS | EDITORS | FETCHERS | {"shell"}
# What people write who come from other tools.
_OTHER_NAMES = {
    "bash": "shell",
    "run": "shell",
    "command": "shell",
    "exec": "shell",
    "webfetch": "fetch",
    "multiedit": "multi_edit",
    "patch": "apply_patch",
    "view": "read",
    "ls": "list",
}

_NAME = r"[A-Za-z_][A-Za-z0-9_.*-]*"
_HOST = r"(\*\.)?[A-Za-z0-9_.:\[\]-]+"


@dataclass(slots=True)
class Rule:
    """One rule as `text` was written. At most one of the patterns is set; without one it is about all of `tool`."""

    text: str
    verdict: RuleVerdict
    source: Source
    tool: str
    glob: Glob | None = None
    command: CommandPattern | None = None
    host: str | None = None

    @property
    def whole(self) -> bool:
        """Whether it is about the tool as a whole."""
        return self.glob is None and self.command is None and self.host is None

    @property
    def power(self) -> Power:
        """How much it covers beyond the ordinary, as an allow rule."""
        if self.glob is not None:
            return Power.SPELLED if self.glob.spelled else Power.REACH
        if self.command is not None:
            return Power.WHOLE if self.command.everything else Power.ANY if self.command.wild else Power.SPELLED
        if self.host is not None:
            return Power.SPELLED
        return Power.WHOLE if self.tool == "shell" else Power.ANY


def parse_rule(text: str, verdict: RuleVerdict, source: Source) -> Rule:
    """ConfigError names the rule and what to write instead."""
    text = text.strip(" \t\r\n")
    match = re.fullmatch(rf"({_NAME})(?:\((.*)\))?", text, re.DOTALL)
    if match is None:
        raise ConfigError(
            f"The permission rule {text!r} is not understood.",
            hint="Write tool(pattern), such as shell(git status *) or edit(src/**), or the name of a tool alone.",
        )
    tool, pattern = match[1], match[2]
    if tool not in _KNOWN and tool.lower() in _KNOWN | _OTHER_NAMES.keys():
        better = _OTHER_NAMES.get(tool.lower(), tool.lower())
        raise ConfigError(f"The permission rule {text!r} names no tool.", hint=f"Write {better}{text[len(tool) :]}.")
    if pattern is None:
        return Rule(text, verdict, source, tool)
    if tool not in _KNOWN:
        raise ConfigError(f"The permission rule {text!r}: {tool} takes no pattern.", hint=f"Write {tool} alone.")
    try:
        return _with_pattern(text, verdict, source, tool, pattern)
    except ValueError as error:
        raise ConfigError(f"The permission rule {text!r}: {error}.", hint=_example(tool)) from None


def _with_pattern(text: str, verdict: RuleVerdict, source: Source, tool: str, pattern: str) -> Rule:
    if tool == "shell":
        return Rule(text, verdict, source, tool, command=parse_command_pattern(pattern))
    if tool in FETCHERS:
        host = pattern.strip().removeprefix("domain:").lower()
        if "//" in host or "/" in host or not re.fullmatch(_HOST, host):
            raise ValueError("give the name of a host, without http:// and path")
        return Rule(text, verdict, source, tool, host=host)
    return Rule(text, verdict, source, tool, glob=parse_glob(pattern))


def _example(tool: str) -> str:
    if tool == "shell":
        return "For example shell(git status *): plain words, the last may be *."
    return "For example fetch(docs.python.org)." if tool in FETCHERS else f"For example {tool}(src/**)."


@dataclass(slots=True)
class Rules:
    """The rules in force. Each question is answered with the rule that speaks loudest, or None."""

    rules: list[Rule] = field(default_factory=list)

    def add(self, rules: Iterable[Rule]) -> None:
        for rule in rules:
            if rule not in self.rules:
                self.rules.append(rule)

    def with_verdict(self, verdict: RuleVerdict) -> list[Rule]:
        return [rule for rule in self.rules if rule.verdict == verdict]

    def for_tool(self, name: str) -> Rule | None:
        """About the tool as a whole, whatever it is called with."""
        from fnmatch import fnmatchcase

        found = [rule for rule in self.rules if rule.whole and (rule.tool == name or fnmatchcase(name, rule.tool))]
        return _loudest(found)

    def for_path(
        self,
        action: Literal["read", "edit"],
        tool: str,
        path: Resolved,
        root: Root,
        *,
        needs: Power,
        rememberable: bool,
    ) -> Rule | None:
        """About reading or changing `path` by `tool`. deny and ask hold for each of its names, allow for where it
        really leads."""
        found: list[Rule] = []
        for rule in self.rules:
            if not _covers_tool(rule, action, tool):
                continue
            if rule.verdict == "allow" and not _strong_enough(rule, needs, rememberable):
                continue
            if rule.glob is None or _covers_path(rule.glob, path, root, every_name=rule.verdict != "allow"):
                found.append(rule)
        return _loudest(found)

    def for_command(
        self, own: Sequence[Sequence[str]], hidden: Sequence[Sequence[str]], *, needs: Power, rememberable: bool
    ) -> Rule | None:
        """About a command: `own` are its words (as written, and without harmless wrappers), `hidden` the
        commands that run inside it. deny and ask hold for any of them, allow for its own."""
        found: list[Rule] = []
        for rule in self.rules:
            if rule.tool != "shell":
                continue
            if rule.verdict == "allow":
                if _strong_enough(rule, needs, rememberable) and (
                    rule.command is None or rule.command.everything or any(map(rule.command.covers, own))
                ):
                    found.append(rule)
            elif rule.command is None or any(map(rule.command.catches, [*own, *hidden])):
                found.append(rule)
        return _loudest(found)

    def for_host(self, host: str, *, needs: Power, rememberable: bool) -> Rule | None:
        found: list[Rule] = []
        for rule in self.rules:
            if rule.tool not in FETCHERS:
                continue
            if rule.verdict == "allow" and not _strong_enough(rule, needs, rememberable):
                continue
            if rule.host is None or rule.host == host or (rule.host.startswith("*.") and host.endswith(rule.host[1:])):
                found.append(rule)
        return _loudest(found)


_LOUDNESS: dict[RuleVerdict, int] = {"allow": 0, "ask": 1, "deny": 2}


def _loudest(rules: Sequence[Rule]) -> Rule | None:
    return max(rules, key=lambda rule: _LOUDNESS[rule.verdict], default=None)


def _strong_enough(rule: Rule, needs: Power, rememberable: bool) -> bool:
    """What the user said yes to once is held against what could be said yes to today: a remembered
    `go test *` does not cover the options that were never offered with it."""
    if rule.source in ("remembered", "thread") and not rememberable:
        return False
    return rule.power >= needs


def _covers_tool(rule: Rule, action: Literal["read", "edit"], tool: str) -> bool:
    if rule.tool == action:
        return True
    return rule.tool == tool and rule.tool in (READERS if action == "read" else EDITORS)


def _covers_path(glob: Glob, path: Resolved, root: Root, *, every_name: bool) -> bool:
    names = {path.real}
    if every_name:
        from posixpath import normpath

        names |= {normpath(path.absolute), path.absolute}
    ignore_case = root.ignores_case
    for name in names:
        match glob.base:
            case "disk":
                candidate: str | None = name.lstrip("/")
            case "home":
                home = _real_home(root)
                candidate = next(
                    (name[len(h) + 1 :] for h in (root.home, home) if name.startswith(h + "/") or name == h), None
                )
            case "workspace":
                candidate = root.relative(name)
                if candidate is None and every_name and glob.loose:
                    candidate = name.lstrip("/")  # `.env*` is meant wherever such a file lies
        if candidate is not None and glob.matches("" if candidate == "." else candidate, ignore_case=ignore_case):
            return True
    return False


def _real_home(root: Root) -> str:
    from os.path import realpath

    return realpath(root.home)
