"""Every setting: its value, where that is from, and a new one, written into the user's config.toml."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from plugsky_tui.config.paths import data_dir
from plugsky_tui.frontends.settings_facts import (
    Setting,
    change,
    key_named,
    read_settings,
    shown_origin,
    shown_value,
    when,
)
from plugsky_tui.frontends.tui.layers.line import LineLayer
from plugsky_tui.frontends.tui.layers.picker import Pick, Picker
from plugsky_tui.kernel.errors import PlugskyError, UsageError

if TYPE_CHECKING:
    from plugsky_tui.frontends.tui.layers.base import Layers
    from plugsky_tui.frontends.tui.look import Look

_OTHER = "another…"
_RESET = "\0default"


class Wearer(Protocol):
    """Who puts at once in force what can be."""

    def use_theme(self, name: str) -> None: ...
    def theme_name(self) -> str: ...
    def use_keys(self, own: Mapping[str, str]) -> Sequence[str]: ...
    def use_notify(self, how: str) -> None: ...
    def use_mode(self, mode: str) -> None: ...
    def themes(self) -> Sequence[str]: ...
    def flash(self, text: str) -> None: ...


class SettingsPanel:
    """`options` are those of the command line, by dotted key."""

    def __init__(self, look: Look, options: Mapping[str, object], layers: Layers, wearer: Wearer) -> None:
        self._look = look
        self._options = options
        self._layers = layers
        self._wearer = wearer
        self._settings: dict[str, Setting] = {}

    async def show(self, query: str = "") -> None:
        """Until the user closes the list. PlugskyError where a file cannot be read."""
        marked: str | None = None
        while True:
            await self._read()
            picker = Picker(
                "Settings",
                self._picks(),
                hint="type to filter: a name, a value, where it is from",
                describe=self._describe,
                most_rows=34,
                keys="Enter: another value · Esc",
                marked=marked,
                query=query,
            )
            marked, query = await self._layers.ask(picker), ""
            if marked is None:
                return
            name = await self._edit_other() if marked == _OTHER else await self._edit(self._settings[marked])
            if name:
                await self._read()
                self._put_in_force(name)

    async def _read(self) -> None:
        found = await asyncio.to_thread(
            read_settings, self._look.folder, self._options, self._look.data_dir or data_dir()
        )
        self._settings = {one.name: one for one in found}

    def _picks(self) -> list[Pick[str]]:
        picks = []
        for one in self._settings.values():
            value = shown_value(one.value)
            origin = " + ".join(map(shown_origin, one.origins))
            picks.append(Pick(one.name, one.name, value, end=origin, faint=not one.origins))
        return [*picks, Pick(_OTHER, "Another setting…", 'such as checks."*.py" = ruff check {files}')]

    def _describe(self, name: str) -> str:
        if name == _OTHER:
            return "Tables that are empty so far: providers, models, mcp, lsp, checks, keys. `plugsky config schema` has all."
        one = self._settings[name]
        said = " and ".join(str(origin) for origin in one.origins) or "the default"
        return f"{one.about} From: {said}.".strip()

    async def _edit(self, one: Setting) -> str | None:
        """The name of what was changed."""
        known = self._wearer.themes() if one.name == "theme" else one.choices
        text = await (self._choose(one, known) if known else self._write(one))
        return one.name if text is not None else None

    async def _choose(self, one: Setting, known: Sequence[str]) -> str | None:
        now = shown_value(one.value)
        picks = [Pick(value, value, current=value == now) for value in known]
        if one.own is not None:
            picks.append(Pick(_RESET, "the default", shown_value(one.default) or "not set"))
        worn = self._wearer.theme_name()  # perhaps chosen for this session only
        preview = self._try_theme if one.name == "theme" else None
        text = await self._layers.ask(Picker(one.name, picks, note=_notes(one), preview=preview))
        if text is None:
            if preview is not None:
                self._wearer.use_theme(worn)
            return None
        await asyncio.to_thread(change, one.key, "" if text == _RESET else text)
        return text

    def _try_theme(self, name: str) -> None:
        try:
            self._wearer.use_theme(shown_value(self._settings["theme"].default) if name == _RESET else name)
        except PlugskyError as error:
            self._wearer.flash(error.message)

    async def _write(self, one: Setting) -> str | None:
        async def attempt(text: str) -> None:
            await asyncio.to_thread(change, one.key, text)

        start = one.own if one.own is not None else one.value
        lines = [one.about, _notes(one)]
        if isinstance(start, list) or isinstance(one.default, list):
            lines.append('A list is written as ["one", "two"].')
        lines.append(f"Nothing: the default again ({shown_value(one.default) or 'not set'}).")
        layer = LineLayer(
            one.name,
            [line for line in lines if line],
            attempt,
            value="" if one.secret else shown_value(start),
            placeholder="not shown; enter it anew" if one.secret else "not set",
        )
        return await self._layers.ask(layer)

    async def _edit_other(self) -> str | None:
        changed = ""

        async def attempt(line: str) -> None:
            nonlocal changed
            name, equals, value = line.partition(" =")
            if not equals or not value.strip():
                raise UsageError("Write KEY = VALUE, with a space before the =.")
            key = await asyncio.to_thread(key_named, name.strip())
            await asyncio.to_thread(change, key, value.strip())
            changed = name.strip()

        lines = ['KEY = VALUE, such as  checks."*.py" = ruff check {files}', "or  providers.local.base_url = http://…"]
        await self._layers.ask(LineLayer("A setting", lines, attempt, placeholder="KEY = VALUE"))
        return changed or None

    def _put_in_force(self, name: str) -> None:
        one = self._settings.get(name)
        if one is not None and (origin := one.overridden) is not None:
            self._wearer.flash(f"{name} is kept, but {shown_origin(origin)} comes before it here.")
            return
        try:
            problems = self._wear(name, one.value if one is not None else None)
        except PlugskyError as error:
            problems = [error.message]
        if problems:
            self._wearer.flash(problems[0])
            return
        self._wearer.flash(f"{name} is kept in config.toml. It counts {when(name)}.")

    def _wear(self, name: str, value: Any) -> Sequence[str]:
        """What is wrong with it, now that it counts."""
        match name.partition(".")[0]:
            case "theme":
                self._wearer.use_theme(value)
            case "notify":
                self._wearer.use_notify(value)
            case "mode":
                self._wearer.use_mode(value)
            case "keys":
                own = {
                    one.key[1]: str(one.value)
                    for one in self._settings.values()
                    if one.key[0] == "keys" and one.key[1:]
                }
                return self._wearer.use_keys(own)
            case _:
                pass
        return ()


def _notes(one: Setting) -> str:
    """When it counts, and who comes before it."""
    if (origin := one.overridden) is not None:
        return f"{shown_origin(origin)} comes before your config.toml: what you set here counts without it."
    return f"A new value counts {when(one.name)}."
