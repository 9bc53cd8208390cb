"""A gate for a folder, from settings, options and what was remembered: what sessions and subcommands share."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plugsky_tui.kernel.errors import ConfigError, PlugskyError
from plugsky_tui.permissions.ask import Asker
from plugsky_tui.permissions.gate import PermissionGate
from plugsky_tui.permissions.remembered import RememberedRules
from plugsky_tui.permissions.rules import Rule, Rules, RuleVerdict, Source, parse_rule
from plugsky_tui.workspace.paths import Root

if TYPE_CHECKING:
    from plugsky_tui.config.settings import Loaded, PermissionSettings


def build_gate(
    folder: Path,
    loaded: Loaded,
    *,
    mode: str | None = None,
    allow: Sequence[str] = (),
    deny: Sequence[str] = (),
    asker: Asker | None = None,
    data_dir: Path | None = None,
    trusted: bool | None = None,
    keep: bool = True,
    env: Mapping[str, str] | None = None,
) -> PermissionGate:
    """The gate for `folder`. `mode`, `allow` and `deny` are options, and count as the user's own.

    A project's deny and ask rules always count, its allow rules and its mode in a trusted folder only. `trusted`
    is whether it was when the session began, if that is known; git commands look again each time. Without
    `keep` nothing is remembered on disk. ConfigError for a rule of the user's that is not understood; those of a
    project, and a store that is damaged, are told of in the gate's `warnings`.
    """
    from plugsky_tui.permissions.trust import Trust

    if data_dir is None:
        from plugsky_tui.config.paths import data_dir as user_data_dir

        data_dir = user_data_dir()
    trust = Trust(data_dir)
    state = trust.state(folder)
    trusted_now = state.trusted if trusted is None else trusted
    warnings = [state.problem] if state.problem else []
    rules = [parse_rule(text, "deny", "option") for text in deny]
    rules += [parse_rule(text, "allow", "option") for text in allow]
    rules += _configured(loaded.settings.permissions, "user", ("deny", "ask", "allow"))
    if loaded.project is not None:
        counting: tuple[RuleVerdict, ...] = ("deny", "ask", "allow") if trusted_now else ("deny", "ask")
        rules += _lenient(loaded.project.permissions, counting, warnings)
    remembered = RememberedRules(data_dir)
    rules += _remembered(remembered, folder, warnings)
    own = [data_dir, *_other_folders()]
    gate = PermissionGate(
        root=Root(folder, own=[str(path) for path in own]),
        mode=mode or loaded.effective(trusted=trusted_now).mode,
        rules=Rules(rules),
        trusted=lambda: trusted is not False and trust.state(folder).trusted,
        asker=asker,
        remembered=remembered if keep else None,
        env=env,
    )
    gate.warnings += warnings
    return gate


def _configured(settings: PermissionSettings, source: Source, verdicts: Sequence[RuleVerdict]) -> list[Rule]:
    return [parse_rule(text, verdict, source) for verdict in verdicts for text in getattr(settings, verdict)]


def _lenient(settings: PermissionSettings, verdicts: Sequence[RuleVerdict], warnings: list[str]) -> list[Rule]:
    """A project's rules: one that is not understood must not keep the user from working."""
    rules: list[Rule] = []
    for verdict in verdicts:
        for text in getattr(settings, verdict):
            try:
                rules.append(parse_rule(text, verdict, "project"))
            except ConfigError as error:
                warnings.append(f"{error.message} It is left out.")
    return rules


def _remembered(store: RememberedRules, folder: Path, warnings: list[str]) -> list[Rule]:
    try:
        texts = store.of(folder)
    except PlugskyError as error:
        warnings.append(error.message)
        return []
    rules: list[Rule] = []
    for text in texts:
        try:
            rules.append(parse_rule(text, "allow", "remembered"))
        except ConfigError as error:
            warnings.append(f"{store.path}: {error.message}")
    return rules


def _other_folders() -> list[Path]:
    from plugsky_tui.config.paths import cache_dir, config_dir

    return [config_dir(os.environ), cache_dir(os.environ)]
