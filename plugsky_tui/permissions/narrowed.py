"""The gate of a subagent: all that holds for the agent that called it, and what its own agent file adds to that."""

from __future__ import annotations

from asyncio import Lock
from collections.abc import Iterable, Sequence

from plugsky_tui.permissions.gate import PermissionGate
from plugsky_tui.permissions.modes import MODES
from plugsky_tui.permissions.rules import Rule, Rules


class NarrowedGate(PermissionGate):
    """Like `gate`, and stricter by `mode` (None: none of its own) and `rules`, which deny or ask.

    Both follow what the user changes meanwhile: the mode is never wider than that of `gate` is now, and an answer "for
    this thread" or "always", whoever asked, counts for all. Questions of all gates stand in one line.
    """

    def __init__(self, gate: PermissionGate, *, mode: str | None, rules: Sequence[Rule]) -> None:
        self._wider = gate
        self._own_mode = mode
        super().__init__(
            root=gate.root,
            mode=gate.mode,
            rules=_Both(gate.rules, rules),
            trusted=gate.trusted,
            asker=gate.asker,
            remembered=gate.remembered,
            env=gate.env,
        )
        gate.line = self.line = gate.line or Lock()

    @property
    def mode(self) -> str:
        wider = self._wider.mode
        return wider if self._own_mode is None else min(wider, self._own_mode, key=_width)

    @mode.setter
    def mode(self, name: str) -> None:
        pass  # it has none to set: it follows


class _Both(Rules):
    """`shared` rules, to which more are added as ever, and `own` ones."""

    def __init__(self, shared: Rules, own: Sequence[Rule]) -> None:
        self._shared = shared
        self._own = list(own)

    @property
    def rules(self) -> list[Rule]:  # type: ignore[override]  # a field there
        return [*self._own, *self._shared.rules]

    def add(self, rules: Iterable[Rule]) -> None:
        self._shared.add(rules)


def _width(mode: str) -> int:
    return MODES.index(mode)
