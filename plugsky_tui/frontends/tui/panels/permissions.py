"""What the agent may do: the mode, and every rule that counts here with where it is from."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plugsky_tui.frontends.modes import MODES
from plugsky_tui.frontends.tui.layers.picker import Pick, Picker
from plugsky_tui.frontends.tui.panels.checking import CheckLayer
from plugsky_tui.frontends.tui.panels.rule_places import PLACES, Place, add_rule, remove_rule

if TYPE_CHECKING:
    from plugsky_tui.config.settings import Loaded
    from plugsky_tui.frontends.tui.layers.base import Layers
    from plugsky_tui.frontends.tui.look import Look
    from plugsky_tui.permissions.gate import PermissionGate
    from plugsky_tui.permissions.rules import Rule
    from plugsky_tui.session.session import Session

_SECTIONS = {"deny": "Refused", "ask": "Always asked about", "allow": "Let through"}
_WAITING = "Not in force: this folder is not trusted"
_FROM = {
    "option": "an option of this start",
    "user": "your config.toml",
    "project": "this project",
    "thread": "this thread",
    "remembered": "always, in this folder",
}
_MORE = {
    "option": "It was given with --allow or --deny, or is a rule of the agent in use, and ends with this start.",
    "user": "It stands in your config.toml, as one of permissions.{verdict}: /config changes that.",
    "project": "It stands in .plugsky/config.toml of this project.",
    "thread": "You allowed it for this thread; it ends with this session. Enter removes it.",
    "remembered": "You answered “always” in this folder. Enter removes it.",
}


@dataclass(slots=True)
class Choice:
    """A row: what Enter on it is about."""

    kind: str  # mode, add, check, rule, waiting
    rule: Rule | None = None
    text: str = ""


class PermissionsPanel:
    """`choose_mode` lets the user choose the mode, `say` tells them something in passing."""

    def __init__(
        self,
        session: Session,
        look: Look,
        layers: Layers,
        choose_mode: Callable[[str], Awaitable[None]],
        say: Callable[[str], None],
    ) -> None:
        self._session = session
        self._look = look
        self._layers = layers
        self._choose_mode = choose_mode
        self._say = say

    @property
    def _gate(self) -> PermissionGate:
        return self._session.gate

    async def show(self) -> None:
        """Until the user closes it."""
        while True:
            waiting = await asyncio.to_thread(self._waiting)
            picker = Picker(
                "Permissions",
                self._picks(waiting),
                hint="type to filter the rules",
                describe=self._describe,
                most_rows=30,
                keys="Enter · Esc",
            )
            chosen = await self._layers.ask(picker)
            match chosen:
                case None:
                    return
                case Choice("mode"):
                    await self._choose_mode("")
                case Choice("add"):
                    await self._add()
                case Choice("check"):
                    await self._layers.ask(CheckLayer(self._gate, self._session.folder))
                case Choice("rule", rule) if rule is not None and rule.source in ("remembered", "thread"):
                    await self._remove(rule)
                case _:
                    self._say(self._describe(chosen))

    def _waiting(self) -> list[str]:
        """The project's rules that would count in a folder that is trusted."""
        loaded = _loaded(self._look)
        if loaded.project is None:
            return []
        active = {rule.text for rule in self._gate.rules.rules if rule.source == "project" and rule.verdict == "allow"}
        return [text for text in loaded.project.permissions.allow if text not in active]

    def _picks(self, waiting: list[str]) -> list[Pick[Choice]]:
        mode = self._gate.mode
        picks = [
            Pick(Choice("mode"), f"Mode: {mode}", dict(MODES).get(mode, ""), words="mode"),
            Pick(Choice("check"), "Check a command…", "what would become of it; nothing is run"),
            Pick(Choice("add"), "Add a rule…", "for this thread, this folder, or everywhere"),
        ]
        for verdict, section in _SECTIONS.items():
            picks += [
                Pick(Choice("rule", rule, rule.text), rule.text, _FROM[rule.source], section=section, words=section)
                for rule in self._gate.rules.rules
                if rule.verdict == verdict
            ]
        picks += [
            Pick(Choice("waiting", None, text), text, "this project", section=_WAITING, faint=True) for text in waiting
        ]
        return picks

    def _describe(self, choice: Choice) -> str:
        match choice:
            case Choice("rule", rule) if rule is not None:
                return _MORE[rule.source].format(verdict=rule.verdict)
            case Choice("waiting"):
                return "This project's .plugsky/config.toml would let it through. What a folder brings counts once you trust it."
            case Choice("mode"):
                return "Of rules a refusal goes before a question, a question before leave; the mode decides the rest. Enter changes it."
            case Choice("add"):
                return (
                    "Such as shell(git status *), edit(src/**), read(.env*), fetch(docs.python.org), or a tool alone."
                )
            case _:
                return "Each command of a line, however nested, gets its own verdict; the strictest counts."

    async def _remove(self, rule: Rule) -> None:
        picks = [Pick(True, "Remove it", "it is asked about again"), Pick(False, "Keep it", current=True)]
        if await self._layers.ask(Picker(rule.text, picks, note=_FROM[rule.source])):
            await asyncio.to_thread(remove_rule, self._gate, rule)
            self._say(f"Removed: {rule.text}")

    async def _add(self) -> None:
        from plugsky_tui.frontends.tui.layers.line import LineLayer

        picks = [Pick(place, place.title, place.detail) for place in PLACES]
        place: Place | None = await self._layers.ask(Picker("Add a rule", picks))
        if place is None:
            return
        chosen = place

        async def attempt(text: str) -> None:
            await asyncio.to_thread(add_rule, self._gate, chosen, text)

        lines = [f"{place.title}, {place.detail}. Write tool(pattern), or the name of a tool alone:"]
        lines += ["  shell(npm test *)   edit(src/**)   read(.env*)   fetch(docs.python.org)"]
        text = await self._layers.ask(LineLayer("A new rule", lines, attempt, placeholder="tool(pattern)"))
        if text is not None:
            self._say(f"From now on: {place.verdict} {text}")


def _loaded(look: Look) -> Loaded:
    from plugsky_tui.config.settings import load

    return load(look.folder)
