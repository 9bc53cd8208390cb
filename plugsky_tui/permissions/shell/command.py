"""The finding about one simple command."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from plugsky_tui.permissions.command_rules import quote
from plugsky_tui.permissions.finding import Effect, Finding, strictness
from plugsky_tui.permissions.path_judge import PathJudge
from plugsky_tui.permissions.power import Power
from plugsky_tui.permissions.rules import Rule, Rules
from plugsky_tui.permissions.shell.arguments import (
    home_expanded,
    inside_of,
    path_like,
    plain_name,
    spellings,
    values_of,
)
from plugsky_tui.permissions.shell.danger import danger, wipes_out
from plugsky_tui.permissions.shell.git import paths_in, reading_git
from plugsky_tui.permissions.shell.git_place import foreign_repository
from plugsky_tui.permissions.shell.globbing import TooMany
from plugsky_tui.permissions.shell.options import Unlisted, Use, read_spec, use_of
from plugsky_tui.permissions.shell.programs import PRIVILEGED, SHELL_BUILTINS, interpreter, runs, without_wrappers
from plugsky_tui.permissions.shell.reading import READING, VERSION_FLAGS
from plugsky_tui.permissions.shell.remember import rule_for
from plugsky_tui.permissions.shell.special import SPECIAL
from plugsky_tui.permissions.shell.syntax import Simple, Word
from plugsky_tui.workspace.paths import Root

_WRITERS = frozenset(
    "touch mkdir rmdir rm cp mv ln tee install truncate dd chmod chown chgrp rsync patch sed shred unlink".split()
)


_MANY = 300  # words of one command that are looked at one by one


@dataclass(slots=True)
class Surroundings:
    """What a command's meaning depends on beside its words: the search path, exported functions, trust in the folder."""

    root: Root
    rules: Rules
    paths: PathJudge
    trusted: Callable[[], bool]
    env: Mapping[str, str]

    def unsure_of(self, name: str) -> str:
        """Why `name` may not be the program it should be, "" where it is."""
        if f"BASH_FUNC_{name}%%" in self.env:
            return f"A function in the environment stands for `{name}`."
        for entry in self.env.get("PATH", os.defpath).split(":"):
            if not entry.startswith("/"):
                return "PATH holds the current folder, so that any name may be a program of it."
            if self.root.contains(os.path.realpath(entry)):
                return f"PATH holds {self.root.shown(entry)}, a folder of the workspace, so that any name may be a program of it."
        return ""


def judge_command(simple: Simple, cwd: str, around: Surroundings, *, nested: bool, piped_into: bool) -> Finding:
    """What `simple` does when it runs in `cwd`, with the rule that speaks about it.

    `nested`: it stands in a substitution. `piped_into`: it reads what another command writes.
    """
    finding = _Command(simple, cwd, around).judge(nested=nested, piped_into=piped_into)
    if simple.fed and finding.effect == "read":
        literal = all(fed.literal for fed in simple.fed) and all(word.exact for word in simple.words)
        finding = replace(
            finding,
            effect="run",
            reason="Text is fed to it." if literal else "Text is fed to it in which the shell expands and runs things.",
            suggestion=_exactly([word.text for word in simple.words]) if literal else None,
            needs=Power.ANY if literal else Power.WHOLE,
        )
    own, hidden = spellings(simple)
    rule = around.rules.for_command(own, hidden, needs=finding.needs, rememberable=finding.suggestion is not None)
    finding.rule = _louder(finding.rule, rule)
    return finding


def _louder(one: Rule | None, other: Rule | None) -> Rule | None:
    order = {"allow": 0, "ask": 1, "deny": 2}
    return max((rule for rule in (one, other) if rule is not None), key=lambda rule: order[rule.verdict], default=None)


class _Command:
    def __init__(self, simple: Simple, cwd: str, around: Surroundings) -> None:
        self.simple = simple
        self.cwd = cwd
        self.around = around
        self.root = around.root
        self.texts = [word.text for word in simple.words]

    def found(
        self,
        effect: Effect,
        reason: str,
        suggestion: str | None = None,
        needs: Power = Power.ANY,
        rule: Rule | None = None,
    ) -> Finding:
        return Finding(self.simple.raw, effect, reason, suggestion, needs, rule)

    def judge(self, *, nested: bool, piped_into: bool) -> Finding:
        plain = [plain_name(self.texts[0]), *self.texts[1:]]
        unwrapped = without_wrappers(plain)
        words = unwrapped or plain
        words = [plain_name(words[0]), *words[1:]]
        inside = inside_of(words)
        for command, sure in [(words, not nested), *((one.words, not nested and not one.guessed) for one in inside)]:
            if what := wipes_out(command, self.root, self.cwd):
                # Where it is not sure to run as it looks it is asked about, but no rule shall let it.
                return self.found("forbidden" if sure else "guarded", what, needs=Power.NOTHING)
        everything = [words, *(one.words for one in inside)]
        peril = next((what for command in everything if (what := danger(command, piped_into=piped_into))), "")
        if any(command[0] == "git" for command in everything) and (unfit := self._git_unfit(self.cwd)):
            return self.found("look" if _reads_with_git(words) else "guarded", unfit, needs=Power.WHOLE)

        behind_wrappers = len(plain) - len(words)
        if hidden := self._hidden_name(behind_wrappers):
            return self.found("guarded", peril or hidden, needs=Power.WHOLE)
        if unclear := next((word for word in self.simple.words if not word.exact), None):
            return self._unclear(unclear, peril)
        try:
            values = values_of(self.simple.words[behind_wrappers:], self.root.home, self.cwd)
            if len(values) > _MANY and words[0] not in ("echo", "printf"):
                raise TooMany
        except TooMany:
            return self.found(
                "guarded" if peril else "run", peril or "It names more files than can be looked at.", needs=Power.WHOLE
            )
        values = [words[0], *values[1:]]

        refused = ""
        if unwrapped is not None and not peril:
            try:
                reading = self._reading(values)
                if reading is not None:
                    return reading
            except Unlisted as unlisted:
                refused = f"`{unlisted}` is not among what `{words[0]}` is known to only read with."
        return self._changing(words, values, peril, refused)

    def _hidden_name(self, behind_wrappers: int) -> str:
        """Why the name of the command, or of the one behind its wrappers, is not what it seems; "" where both are plain."""
        for head in (self.simple.words[0], self.simple.words[behind_wrappers]):
            if not head.exact:
                return f"Which command `{head.raw}` is will only be known when it runs."
            if head.quoted or not head.raw.isascii() or head.pattern is not None or head.tilde:
                shown = head.raw.encode("ascii", "backslashreplace").decode()
                return f"The command's name, {shown}, is written so as not to be recognised."
        return ""

    def _unclear(self, word: Word, peril: str) -> Finding:
        """`word` stands for something nobody knows yet. What is written out of the others, and of its own beginning,
        says where the command reaches all the same."""
        name = self.texts[0]
        reach = None
        if not peril and name not in ("echo", "printf"):
            certain = [text for text in map(self._literal, self.simple.words[1:]) if text]
            for path in certain:
                finding = self.around.paths.read(path, tool="shell", base=self.cwd)
                if path.startswith("/") and finding.effect != "read":  # also one that does not exist yet
                    return self.found("guarded", finding.reason, needs=Power.WHOLE, rule=_refusing(finding.rule))
            reach = self._reaching(name, [name, *certain])
            if reach is not None and reach.effect == "guarded":
                reach.needs = Power.WHOLE
                return reach
        return self.found(
            "guarded" if peril else "run",
            peril or f"What `{word.raw}` stands for will only be known when it runs.",
            needs=Power.WHOLE,
            rule=reach.rule if reach else None,
        )

    def _literal(self, word: Word) -> str:
        """What of a word is certain: all of it, or the folders before its first expansion ("/proc/" of "/proc/$x/mem")."""
        known = home_expanded(word.text.strip('"'), self.root.home, self.cwd)
        certain = known if word.exact else re.split(r"[$`{]", known, maxsplit=1)[0]
        return certain if certain == known else certain[: certain.rfind("/") + 1]

    # --- commands that only read ------------------------------------------------------------

    def _reading(self, words: list[str]) -> Finding | None:
        """The finding where the command only reads, None where it is none that does. Unlisted where it does more."""
        name, args = words[0], words[1:]
        base = self.cwd
        if name == "git":
            use, folders = reading_git(args)
            for folder in folders:
                base = os.path.join(base, folder)
            if folders and (unfit := self._git_unfit(base)):
                return self.found("look", unfit, needs=Power.WHOLE)
            use.paths = paths_in(use)
        else:
            known = self._use(name, args)
            if known is None:
                return None
            use = known
        worst = self.found("read", f"`{name}` only reads.")
        for finding in self._operands(name, use, base):
            if finding.rule is not None and finding.rule.verdict != "allow":
                worst.rule = _louder(worst.rule, finding.rule)
            lifted = finding.rule is not None and finding.rule.verdict == "allow"
            if strictness(finding.effect) > strictness(worst.effect) and not lifted:
                worst.effect, worst.reason, worst.needs = finding.effect, finding.reason, finding.needs
        if worst.effect == "read" and (unsure := self.around.unsure_of(name)):
            return self.found("run", unsure, rule=worst.rule)
        return worst

    def _use(self, name: str, args: list[str]) -> Use | None:
        versioned = re.sub(r"(?<=python)3\.\d+$", "3", name)
        if versioned in VERSION_FLAGS and len(args) == 1 and args[0] in VERSION_FLAGS[versioned]:
            return Use()
        if name in READING and args in (["--help"], ["--version"]):
            return Use()
        if name in SPECIAL:
            return SPECIAL[name](args)
        if name in READING:
            return use_of(read_spec(READING[name]), args)
        return None

    def _git_unfit(self, folder: str) -> str:
        if not self.root.contains(os.path.realpath(folder)):
            return f"{self.root.shown(folder)} lies outside the workspace."
        if other := foreign_repository(self.root, folder):
            return f"{self.root.shown(other)} is a repository of its own, whose configuration nobody has looked at."
        if not self.around.trusted():
            return "git runs programs that this folder's configuration names, and the folder is not trusted."
        return ""

    def _operands(self, name: str, use: Use, base: str) -> list[Finding]:
        paths = self.around.paths
        globbed = [word for word in self.simple.words[1:] if word.pattern is not None]
        found = [paths.read(path, tool="shell", base=base) for path in use.paths]
        found += [paths.read(path, tool="shell", base=base, names_only=True) for path in use.names]
        for word in globbed:
            # `echo /root/*` tells names too, whatever the command makes of them.
            folder = re.split(r"[*?\[]", word.text, maxsplit=1)[0].rpartition("/")[0]
            if folder or word.text.startswith("/"):
                home = self.root.home + folder[1:] if word.tilde else folder
                found.append(paths.read(home or "/", tool="shell", base=base, names_only=True))
        secrets = _goes_down(name, use)
        if secrets is None:
            return found
        follows = name == "diff" or not use.options.isdisjoint({"-R", "--dereference-recursive"})
        for folder in use.paths or (["."] if name != "diff" else []):
            real = os.path.realpath(os.path.join(base, folder))
            if os.path.isdir(real) and self.root.contains(real):
                kept = paths.kept_in_folder(real, tool="shell", secrets=secrets, follows=follows)
                if kept:
                    found.append(self.found("look", f"It would also read {kept}.", needs=Power.SPELLED))
        return found

    # --- all others -------------------------------------------------------------------------

    def _changing(self, words: list[str], values: list[str], peril: str, refused: str) -> Finding:
        name = words[0]
        scanned = self._reaching(name, values)
        if scanned is not None and scanned.effect == "guarded":
            return scanned
        rule = scanned.rule if scanned else None
        exact = not any(word.pattern is not None or word.tilde for word in self.simple.words)
        suggestion = self._suggestion(words, values) if exact else None
        if peril:
            return self.found("guarded", peril, suggestion if name in ("rm", "sudo") else None, rule=rule)
        if refused:
            return self.found("run", refused, suggestion, rule=rule)
        if "/" in name:
            return self.found("run", f"`{name}` is a program of a folder that others can write to.", rule=rule)
        if name in SHELL_BUILTINS:
            return self.found("run", f"`{name}` changes the shell that the rest of the line runs in.", rule=rule)
        if interpreter(name):
            return self.found("run", f"`{name}` can run anything it is given.", suggestion, rule=rule)
        if runs(name):
            return self.found("run", f"`{name}` runs another command.", rule=rule)
        return self.found("run", f"`{name}` may change files or do more than read.", suggestion, rule=rule)

    def _suggestion(self, words: list[str], values: list[str]) -> str | None:
        name = words[0]
        if name in PRIVILEGED:
            return self._privileged(words)
        full_path = "/" in self.texts[0]
        if full_path and danger(words, piped_into=False):
            return None
        pattern = rule_for(words)
        return f"shell({pattern})" if pattern else None

    def _privileged(self, words: list[str]) -> str | None:
        """`sudo` before a command that only reads: word for word. The other ways to more rights are never remembered."""
        if words[0] != "sudo" or len(words) < 2 or words[1].startswith("-"):
            return None
        try:
            reading = self._reading([plain_name(words[1]), *words[2:]])
        except Unlisted:
            return None
        return _exactly(words) if reading is not None and reading.effect == "read" else None

    def _reaching(self, name: str, values: list[str]) -> Finding | None:
        """Where the words lead: out of the workspace, to secrets, to settings. A finding that is not guarded only
        carries the rule that refuses one of the files."""
        paths = self.around.paths
        writes = name in _WRITERS
        refusing: Rule | None = None
        for value in values[1:]:
            for word in path_like(value):
                if not writes and not _could_exist(os.path.join(self.cwd, word)):
                    continue
                finding = paths.write(word, tool="shell", base=self.cwd)
                reading = paths.read(word, tool="shell", base=self.cwd)
                refusing = _louder(refusing, _refusing(reading.rule))
                if writes:
                    below = paths.refused_below(word, tool="shell", base=self.cwd)
                    refusing = _louder(refusing, _louder(_refusing(finding.rule), below))
                telling = finding.effect != "edit" and (writes or not finding.reason.endswith("asked for again."))
                if not telling or (finding.effect == "guarded" and _is_null(word)):
                    continue
                needs = finding.needs if writes or finding.needs != Power.NOTHING else Power.SPELLED
                return self.found("guarded", finding.reason, needs=needs, rule=refusing)
        return self.found("run", "", rule=refusing) if refusing else None


def _reads_with_git(words: list[str]) -> bool:
    try:
        return words[0] == "git" and reading_git(words[1:]) is not None
    except Unlisted:
        return False


def _refusing(rule: Rule | None) -> Rule | None:
    return rule if rule is not None and rule.verdict != "allow" else None


def _could_exist(path: str) -> bool:
    """Whether a word of a command that is not known for its files can be taken for the name of one: `/re/ {print}` and
    a message that begins with a slash cannot."""
    if os.path.lexists(path):
        return True
    folder = os.path.dirname(path)
    return " " not in path and folder != "/" and os.path.isdir(folder)


def _is_null(word: str) -> bool:
    return word == "/dev/null"


def _exactly(words: list[str]) -> str | None:
    try:
        return f"shell({' '.join(map(quote, words))})"
    except ValueError:
        return None


def _goes_down(name: str, use: Use) -> bool | None:
    """Whether the command reads whole folders: True if also hidden and ignored files, False if only what git would
    know, None if it does not go down."""
    options = use.options
    if name in ("grep", "egrep", "fgrep", "ggrep") and options & {"-r", "-R", "--recursive", "--dereference-recursive"}:
        return "--include" not in options
    if name == "diff":
        return True  # of two folders it reads the files of the same name even without -r
    if name == "rg" and "--files" not in options:
        return bool(options & {"-.", "-u", "--hidden", "--no-ignore", "--no-ignore-vcs", "--unrestricted"})
    return None
