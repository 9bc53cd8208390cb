"""Where a rule can be kept, and how it gets there and out again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.permissions.keeping import rule_to_keep
from plugsky_tui.permissions.rules import Rule, RuleVerdict, parse_rule

if TYPE_CHECKING:
    from plugsky_tui.permissions.gate import PermissionGate

Keeper = Literal["thread", "remembered", "user"]


@dataclass(slots=True)
class Place:
    verdict: RuleVerdict
    keeper: Keeper
    title: str
    detail: str


PLACES = (
    Place("allow", "thread", "Let it through", "in this thread"),
    Place("allow", "remembered", "Let it through", "in this folder, from now on"),
    Place("allow", "user", "Let it through", "everywhere: your config.toml"),
    Place("ask", "user", "Always ask", "everywhere: your config.toml"),
    Place("deny", "user", "Refuse it", "everywhere: your config.toml"),
)


def add_rule(gate: PermissionGate, place: Place, text: str) -> None:
    """Keep the rule written `text`, in force at once. PlugskyError says what is wrong with it, or with keeping it."""
    if place.keeper == "user":
        rule = parse_rule(text, place.verdict, "user")
        _into_config(place.verdict, rule.text)
    else:
        rule = rule_to_keep(text, place.keeper)
        if place.keeper == "remembered":
            if gate.remembered is None:
                raise PlugskyError("Nothing is remembered in this session.", hint="Allow it for this thread instead.")
            gate.remembered.add(gate.root.real, [rule.text])
    gate.rules.add([rule])


def remove_rule(gate: PermissionGate, rule: Rule) -> None:
    """Out of force, and forgotten where it was remembered."""
    if rule.source == "remembered" and gate.remembered is not None:
        gate.remembered.remove(gate.root.real, rule.text)
    gate.rules.rules[:] = [one for one in gate.rules.rules if one != rule]


def _into_config(verdict: RuleVerdict, text: str) -> None:
    import json

    from plugsky_tui.config.edit import set_value, value_at  # tomlkit: only for who writes
    from plugsky_tui.config.paths import user_config_file

    path = user_config_file()
    known = value_at(path, ("permissions", verdict)) or []
    if text not in known:
        # TOML writes lists of plain strings as JSON does
        set_value(path, ("permissions", verdict), json.dumps([*known, text], ensure_ascii=False))
