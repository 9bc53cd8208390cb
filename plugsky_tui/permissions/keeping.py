"""Which rules may be kept when the user answers "for this thread" or "always", having perhaps edited them."""

from __future__ import annotations

from typing import Literal

from plugsky_tui.kernel.errors import ConfigError
from plugsky_tui.permissions.rules import Rule, parse_rule
from plugsky_tui.permissions.shell.programs import PRIVILEGED, SHELL_BUILTINS, interpreter, runs
from plugsky_tui.permissions.shell.remember import rule_for


def rule_to_keep(text: str, source: Literal["thread", "remembered"]) -> Rule:
    """The rule written `text`. ConfigError where it is none, or says more than a yes to one call can mean: whole
    tools, all commands, or programs whose arguments are programs."""
    rule = parse_rule(text, "allow", source)
    if rule.whole:
        if rule.tool in ("shell", "read", "edit", "write", "multi_edit", "apply_patch") or "*" in rule.tool:
            raise _too_wide(text, "it would allow the tool whatever it is called with")
        return rule
    if rule.command is None:
        return rule
    words = list(rule.command.words)
    if not words or "*" in words[0]:
        raise _too_wide(text, "it does not say which command")
    name = words[0].rpartition("/")[2]
    known = rule_for(words)
    if known is not None:
        return rule
    if name in PRIVILEGED and len(words) > 1 and not rule.command.wild:
        return rule  # word for word, as it was offered
    if interpreter(name) or runs(name) or name in SHELL_BUILTINS or name in PRIVILEGED:
        raise _too_wide(text, f"{name} can run anything it is given")
    return rule


def _too_wide(text: str, why: str) -> ConfigError:
    return ConfigError(
        f"The rule {text} is not kept: {why}.", hint="Whoever wants it all the same writes it into config.toml."
    )
