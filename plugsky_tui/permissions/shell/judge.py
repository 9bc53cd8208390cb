"""Findings about a command line: one for each simple command and each redirection in it, wherever it stands."""

from __future__ import annotations

import os
import re

from plugsky_tui.permissions.finding import Effect, Finding, strictness
from plugsky_tui.permissions.power import Power
from plugsky_tui.permissions.shell.command import Surroundings, judge_command
from plugsky_tui.permissions.shell.danger import overwrites_disk
from plugsky_tui.permissions.shell.parse import hidden_character, parse
from plugsky_tui.permissions.shell.syntax import Joined, Node, Opaque, Pipeline, Redirect, Sequence, Simple

# Variables that only choose language, time zone or colour, with values that name no file.
_HARMLESS_ASSIGNMENT = r"(LC_[A-Z]+|LANG|LANGUAGE|TZ|NO_COLOR|CLICOLOR|COLUMNS|CI|FORCE_COLOR)=[A-Za-z0-9._@:+-]*"

Places = tuple[str, ...]
"""The folders a command may find itself in: more than one behind a `cd` that may have failed."""


def judge_line(command: str, cwd: str, around: Surroundings) -> list[Finding]:
    """Every part of `command` as bash would run it in `cwd`. Never empty, runs nothing, raises nothing."""
    line = parse(command)
    walk = _Walk(around)
    if line.problem:
        whole = Finding(
            _shortened(command), "guarded", f"This command cannot be checked: {line.problem}.", None, Power.NOTHING
        )
        walk.findings.append(whole)
    if line.tree is not None:
        walk.node(line.tree, (cwd,), nested=False, piped_into=False)
    return walk.findings


class _Walk:
    """Goes through a line in the order it would run, keeping track of where `cd` leads."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.findings: list[Finding] = []

    def node(self, node: Node, places: Places, *, nested: bool, piped_into: bool) -> tuple[Places, Places]:
        """Judge `node`; where the shell then is if it succeeded, and if it failed."""
        match node:
            case Simple():
                return self.simple(node, places, nested=nested, piped_into=piped_into)
            case Joined():
                done, failed = self.node(node.left, places, nested=nested, piped_into=piped_into)
                right = done if node.operator == "&&" else failed
                done_too, failed_too = self.node(node.right, right, nested=nested, piped_into=False)
                if node.operator == "&&":
                    return done_too, _either(failed, failed_too)
                return _either(done, done_too), failed_too
            case Pipeline():
                for place, stage in enumerate(node.stages):
                    self.node(stage, places, nested=nested, piped_into=place > 0 or piped_into)
                return places, places  # each stage has a shell of its own
            case Sequence():
                for number, item in enumerate(node.items):
                    done, failed = self.node(item, places, nested=nested, piped_into=piped_into)
                    if number not in node.behind:
                        places = _either(done, failed)
                return places, places
            case Opaque():
                what = f"This is {node.what}, which is not followed step by step."
                self.unclear(_shortened(node.raw), "run", what)
                for inner in node.inner:
                    self.node(inner, places, nested=nested, piped_into=piped_into)
                return places, places

    def simple(self, simple: Simple, places: Places, *, nested: bool, piped_into: bool) -> tuple[Places, Places]:
        for assignment in simple.assignments:
            if not re.fullmatch(_HARMLESS_ASSIGNMENT, assignment):
                what = f"Setting {assignment.partition('=')[0]} can change what commands do."
                self.unclear(assignment, "run", what)
        then = places, places
        if simple.words and simple.words[0].text == "cd":
            finding, then = self.change_folder(simple, places)
            self.findings.append(finding)
        elif simple.words:
            judged = [
                judge_command(simple, place, self.around, nested=nested, piped_into=piped_into) for place in places
            ]
            self.findings.append(max(judged, key=lambda finding: (_refused(finding), strictness(finding.effect))))
        for redirect in simple.redirects:
            self.redirect(redirect, places, nested=nested)
        inner = [*simple.inner, *(node for word in simple.words for node in word.inner)]
        inner += [node for fed in simple.fed for node in fed.inner]
        inner += [node for redirect in simple.redirects for node in redirect.target.inner]
        for node in inner:
            self.node(node, places, nested=True, piped_into=False)
        return then

    def change_folder(self, simple: Simple, places: Places) -> tuple[Finding, tuple[Places, Places]]:
        """`cd`: fine within the workspace; from anywhere else later paths would mean something else."""
        root = self.around.root
        rule = self.around.rules.for_command(
            [[word.text for word in simple.words]], [], needs=Power.WHOLE, rememberable=False
        )
        words = [word for word in simple.words[1:] if word.text not in ("-L", "-P", "--")]

        def refused(reason: str) -> tuple[Finding, tuple[Places, Places]]:
            return Finding(simple.raw, "guarded", reason, None, Power.WHOLE, rule), (places, places)

        if (
            len(words) > 1
            or any(not word.exact or word.pattern is not None for word in words)
            or simple.words[0].quoted
        ):
            return refused("Where this leads will only be known when it runs.")
        target = words[0].text if words else "~"
        if target.startswith("-") or "CDPATH" in self.around.env:
            return refused("Where this leads depends on where the shell has been.")
        if not words or words[0].tilde:
            target = root.home + target[1:]
        reached: list[str] = []
        for place in places:
            # bash goes back over `..` by name, files are found by what is on the disk: both must agree.
            by_name = os.path.normpath(os.path.join(place, target))
            on_disk = os.path.realpath(os.path.join(place, target))
            if os.path.realpath(by_name) != on_disk or not root.contains(on_disk):
                finding, _ = refused(f"{root.shown(by_name)} lies outside the workspace.")
                return finding, ((by_name,), places)
            reached.append(by_name)
        finding = Finding(simple.raw, "read", "It changes to a folder of the workspace.", None, Power.ANY, rule)
        return finding, (tuple(dict.fromkeys(reached)), places)

    def redirect(self, redirect: Redirect, places: Places, *, nested: bool) -> None:
        target, operator, raw = redirect.target, redirect.operator, redirect.raw
        if operator in (">&", "<&") and re.fullmatch(r"\d{1,2}|-", target.raw):
            return  # one of its own streams again
        # bash expands what stands behind `>&` twice: `>&'"$(x)"'` runs x, single quotes or not.
        twice = operator in (">&", "<&") and target.quoted
        if not target.exact or target.pattern is not None or twice:
            self.unclear(raw, "guarded", "Which file this is will only be known when it runs.")
            return
        name = self.around.root.home + target.text[1:] if target.tilde else target.text
        if not target.tilde and name.startswith("~"):
            name = "./" + name
        if operator == "<":
            if name != "/dev/null":
                self.worst_of(raw, [self.around.paths.read(name, tool="shell", base=place) for place in places])
            return
        if name == "/dev/null" and operator != "<>":
            if operator == ">&":
                # Easily taken for a copy of a stream; `&>` says the same without a doubt.
                self.findings.append(self.ruled(Finding(raw, "run", "`>&` writes to a file here.", "edit(//dev/null)")))
            return
        if overwrites_disk(name):
            effect: Effect = "guarded" if nested else "forbidden"
            self.findings.append(Finding(raw, effect, f"`{raw}` would overwrite a disk.", None, Power.NOTHING))
        elif name.startswith(("/dev/tcp/", "/dev/udp/")):
            self.findings.append(
                Finding(raw, "guarded", "bash opens a network connection for this name.", None, Power.NOTHING)
            )
        elif operator not in (">", ">>", ">|", "&>", "&>>", ">&") or hidden_character(name):
            self.unclear(raw, "guarded", "This redirection is out of the ordinary.")
        else:
            self.worst_of(raw, [self.around.paths.write(name, tool="shell", base=place) for place in places])

    def unclear(self, raw: str, effect: Effect, reason: str) -> None:
        """A part that only a rule about all commands can let pass."""
        rule = self.around.rules.for_command([], [], needs=Power.WHOLE, rememberable=False)
        self.findings.append(Finding(raw, effect, reason, None, Power.WHOLE, rule))

    def worst_of(self, raw: str, judged: list[Finding]) -> None:
        worst = max(judged, key=lambda finding: (_refused(finding), strictness(finding.effect)))
        worst.subject = raw
        if len(judged) > 1 and len({finding.suggestion for finding in judged}) > 1:
            worst.suggestion = None
        self.findings.append(worst)

    def ruled(self, finding: Finding) -> Finding:
        root = self.around.root
        finding.rule = self.around.rules.for_path(
            "edit", "shell", root.resolve("/dev/null"), root, needs=Power.ANY, rememberable=True
        )
        return finding


def _refused(finding: Finding) -> int:
    return 0 if finding.rule is None else {"allow": 0, "ask": 1, "deny": 2}[finding.rule.verdict]


def _either(one: Places, other: Places) -> Places:
    return tuple(dict.fromkeys((*one, *other)))


def _shortened(text: str) -> str:
    return text if len(text) <= 200 else text[:199] + "…"
