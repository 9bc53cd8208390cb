"""The one gate every tool call passes: needs become findings, mode and rules make verdicts of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Literal

from plugsky_tui.kernel.ports import Answer, FetchUrl, JudgedPart, Judgement, Prepared, ReadPath, RunCommand, WritePath
from plugsky_tui.permissions.ask import Asker
from plugsky_tui.permissions.finding import Finding, strictness
from plugsky_tui.permissions.modes import Decision, decide
from plugsky_tui.permissions.path_judge import PathJudge
from plugsky_tui.permissions.power import Power
from plugsky_tui.permissions.rules import EDITORS, FETCHERS, READERS, Rule, Rules
from plugsky_tui.workspace.paths import Root

if TYPE_CHECKING:
    import asyncio

    from plugsky_tui.permissions.remembered import RememberedRules
    from plugsky_tui.permissions.shell.command import Surroundings

# Our own tools that need nothing that could be judged: they speak to the user, or to what passed this gate before.
HARMLESS_TOOLS = frozenset(
    {"todo", "ask_user", "task", "skill", "shell_output", "shell_kill", "semantic_search", "symbols", "diagnostics"}
)
_FAMILIAR = READERS | EDITORS | FETCHERS | {"shell"}

_ORDER: dict[str, int] = {"allow": 0, "ask": 1, "deny": 2}


class PermissionGate:
    """Implements kernel.ports.Gate.

    `mode` may be set at any time. `trusted` says whether the folder is trusted, asked anew each time git would
    start. `asker` puts the question to the user; None means there is no one. `remembered` keeps what is answered
    "always". `env` is the environment that commands run in, `line` where questions wait for the one before.
    """

    def __init__(
        self,
        *,
        root: Root,
        mode: str,
        rules: Rules,
        trusted: bool | Callable[[], bool],
        asker: Asker | None = None,
        remembered: RememberedRules | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.root = root
        self.mode = mode
        self.rules = rules
        self.asker = asker
        self.remembered = remembered
        self.warnings: list[str] = []
        self.trusted = trusted
        self.env = os.environ if env is None else env
        self._paths = PathJudge(root, rules)
        self._around: Surroundings | None = None
        self.line: asyncio.Lock | None = None

    # --- judging ------------------------------------------------------------------------------

    def judge(self, prepared: Prepared) -> Judgement:
        """The strictest verdict over all that the call needs. Runs nothing, asks no one."""
        return self._judgement([(finding, decide(finding, self.mode)) for finding in self._findings(prepared)])

    def _findings(self, prepared: Prepared) -> list[Finding]:
        tool = prepared.call.name
        findings: list[Finding] = []
        for need in prepared.needs:
            match need:
                case ReadPath():
                    findings.append(self._paths.read(need.path, tool=tool))
                case WritePath():
                    findings.append(self._paths.write(need.path, tool=tool))
                case RunCommand():
                    findings += self._command(need)
                case FetchUrl():
                    from plugsky_tui.permissions.url_judge import judge_url

                    findings.append(judge_url(need.url, self.rules))
        rule = self.rules.for_tool(tool)
        if not findings:
            findings.append(self._bare(tool, rule))
        elif rule is not None and tool not in _FAMILIAR:
            for finding in findings:
                if rule.verdict != "allow" or (finding.rule is None and finding.needs == Power.ANY):
                    finding.rule = _louder(finding.rule, rule)
        return findings

    def _bare(self, tool: str, rule: Rule | None) -> Finding:
        """A tool that says nothing of what it needs."""
        if tool in HARMLESS_TOOLS:
            return Finding(tool, "read", f"{tool} changes nothing.", tool, Power.ANY, rule)
        if tool in READERS:
            return Finding(tool, "read", f"{tool} only reads.", tool, Power.ANY, rule)
        _, server, name = [*tool.split("__", 2), "", ""][:3]
        what = (
            f"{name} is a tool of the server {server}."
            if tool.startswith("mcp__")
            else f"What {tool} does is not known."
        )
        return Finding(tool, "run", what, tool, Power.ANY, rule)

    def _command(self, need: RunCommand) -> list[Finding]:
        from plugsky_tui.permissions.shell.judge import judge_line  # brings the tables with it: 10 ms, once

        findings: list[Finding] = []
        if not self.root.contains(os.path.realpath(need.cwd)):
            shown = self.root.shown(need.cwd)
            findings.append(
                Finding(f"in {shown}", "guarded", f"{shown} lies outside the workspace.", None, Power.NOTHING)
            )
        return findings + judge_line(need.command, need.cwd, self._surroundings())

    def _surroundings(self) -> Surroundings:
        if self._around is None:
            from plugsky_tui.permissions.shell.command import Surroundings

            trusted = self.trusted
            self._around = Surroundings(
                self.root, self.rules, self._paths, trusted if callable(trusted) else lambda: bool(trusted), self.env
            )
        return self._around

    def _judgement(self, decided: list[tuple[Finding, Decision]]) -> Judgement:
        parts = [
            JudgedPart(
                finding.subject,
                decision.verdict,
                decision.reason,
                finding.rule.text if finding.rule is not None and decision.by == "rule" else None,
            )
            for finding, decision in decided
        ]
        # The strictest verdict speaks; among equals, what reaches furthest.
        _, decision = max(decided, key=lambda one: (_ORDER[one[1].verdict], strictness(one[0].effect)))
        asking = [(f, d) for f, d in decided if d.verdict == "ask"]
        rememberable = decision.verdict == "allow" or (
            decision.verdict == "ask" and all(d.rememberable for _, d in asking)
        )
        suggested: list[str] = []
        if decision.verdict == "ask" and rememberable:
            suggested = list(dict.fromkeys(f.suggestion for f, _ in asking if f.suggestion is not None))
        return Judgement(decision.verdict, decision.by, decision.reason, rememberable, suggested, parts)

    # --- asking -------------------------------------------------------------------------------

    async def ask(self, prepared: Prepared, judgement: Judgement) -> Answer:
        """The user's answer; deny by "no-one-to-ask" where there is none to give it. One question at a time: what was
        answered "always" meanwhile counts for the next in line."""
        if self.asker is None:
            return Answer("deny", "no-one-to-ask", judgement.reason)
        import asyncio

        if self.line is None:
            self.line = asyncio.Lock()
        async with self.line:
            now = self.judge(prepared)
            if now.verdict != "ask":
                return Answer(now.verdict, now.by, now.reason)
            approval = await self.asker(prepared, now)
            if approval.verdict == "deny":
                return Answer("deny", "user", "The user said no.", approval.word)
            reason = "The user allowed it." if approval.hunks is None else "The user allowed it in part."
            if approval.remember != "once":
                reason = self._remember(now, approval.remember, approval.rules)
            return Answer("allow", "user", reason, approval.word, approval.hunks)

    def _remember(self, judgement: Judgement, how_long: Literal["thread", "always"], texts: list[str]) -> str:
        """Keep the rules that may be kept; what was done, as a sentence."""
        from plugsky_tui.kernel.errors import PlugskyError
        from plugsky_tui.permissions.keeping import rule_to_keep

        if not judgement.rememberable:
            return "The user allowed it, this once: it is never remembered."
        rules: list[Rule] = []
        problems: list[str] = []
        for text in texts or judgement.suggested_rules:
            try:
                rules.append(rule_to_keep(text, "remembered" if how_long == "always" else "thread"))
            except PlugskyError as error:
                problems.append(error.message)
        self.rules.add(rules)
        kept = ", ".join(rule.text for rule in rules)
        if how_long == "always" and rules and self.remembered is not None:
            try:
                self.remembered.add(self.root.real, [rule.text for rule in rules])
            except PlugskyError as error:
                problems.append(error.message)
        until = "from now on" if how_long == "always" else "in this thread"
        said = f"The user allowed it, and {kept} {until}." if kept else "The user allowed it, this once."
        return " ".join([said, *problems])


def _louder(one: Rule | None, other: Rule) -> Rule:
    return other if one is None or _ORDER[other.verdict] > _ORDER[one.verdict] else one
