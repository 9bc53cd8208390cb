"""Every key, and the way to another one: pressed, checked against all others, kept in `[keys]`, in force at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from plugsky_tui.frontends.tui.keys import KEY_ACTIONS, NEEDED, PLACES, KeyAction, Keys, doubt, few_send, refusal, shown
from plugsky_tui.frontends.tui.layers.key import KeyLayer, Verdict
from plugsky_tui.frontends.tui.layers.picker import Pick, Picker
from plugsky_tui.kernel.errors import PlugskyError

if TYPE_CHECKING:
    from plugsky_tui.frontends.tui.layers.base import Layers
    from plugsky_tui.frontends.tui.look import Look

Step = Literal["replace", "add", "reset"]


class KeysPanel:
    """`use` puts keys (as in `[keys]`) in force and says what is wrong with them, `say` tells the user something in passing."""

    def __init__(
        self,
        keys: Keys,
        look: Look,
        layers: Layers,
        use: Callable[[Mapping[str, str]], Sequence[str]],
        say: Callable[[str], None],
    ) -> None:
        self._keys = keys
        self._look = look
        self._layers = layers
        self._use = use
        self._say = say

    async def show(self) -> None:
        """Until the user closes the list."""
        marked: str | None = None
        while True:
            picker = Picker(
                "Keys",
                self._picks(),
                hint="type to filter: a key, or what it does",
                describe=self._describe,
                most_rows=34,
                keys="Enter: another key · Esc",
                marked=marked,
                widest_title=22,
            )
            marked = await self._layers.ask(picker)
            entry = next((one for one in KEY_ACTIONS if one.name == marked), None)
            if entry is None:
                return
            try:
                await self._change(entry)
            except PlugskyError as error:
                self._say(f"{error.message} {error.hint}".strip())

    def _picks(self) -> list[Pick[str]]:
        order = list(PLACES)
        return [
            Pick(
                entry.name,
                " · ".join(map(shown, self._keys.all_of(entry.name))) or "(no key)",
                entry.text,
                section=PLACES[entry.where],
                words=f"{entry.name} {' '.join(self._keys.all_of(entry.name))}",
                current=self._keys.all_of(entry.name) != entry.keys,
            )
            for entry in sorted(KEY_ACTIONS, key=lambda one: order.index(one.where))
        ]

    def _describe(self, name: str) -> str:
        entry = next(one for one in KEY_ACTIONS if one.name == name)
        have, default = (" · ".join(map(shown, keys)) for keys in (self._keys.all_of(name), entry.keys))
        doubts = list(dict.fromkeys(f"{shown(key)}: {doubt(key)}" for key in self._keys.all_of(name) if doubt(key)))
        changed = f" ● Not the default, which is {default}." if self._keys.all_of(name) != entry.keys else ""
        return f"{have or 'No key'}: {entry.text}. In [keys] it is {name}.{changed} {' '.join(doubts[:1])}".strip()

    async def _change(self, entry: KeyAction) -> None:
        have = self._keys.all_of(entry.name)
        picks: list[Pick[Step]] = [Pick("replace", "Another key", "instead of what it has")]
        if have:
            picks.append(Pick("add", "One more key", f"beside {' · '.join(map(shown, have))}"))
        if have != entry.keys:
            picks.append(Pick("reset", "The default again", " · ".join(map(shown, entry.keys))))
        step = await self._layers.ask(Picker(entry.text, picks))
        if step is None:
            return
        if step == "reset":
            await asyncio.to_thread(_forget, entry.name)
            await self._reload(f"{entry.text}: the default again")
            return
        now = f"Now it is {' · '.join(map(shown, have))}." if have else "Now it has no key."
        key = await self._layers.ask(KeyLayer(entry.text, now, lambda key, typed: self._judge(entry, key, typed)))
        if key is None:
            return
        kept = (*have, key) if step == "add" else (key,)
        holder = self._keys.holder(key, entry.name)
        await asyncio.to_thread(_keep, entry.name, kept)
        if holder is not None:
            await asyncio.to_thread(_give_up, holder.name, key)
        await self._reload(f"{shown(key)}: {entry.text}")

    def _judge(self, entry: KeyAction, key: str, character: str | None) -> Verdict:
        if key in self._keys.all_of(entry.name):
            return Verdict(refused=f"{shown(key)} does that already.")
        if why := refusal(key, character, entry.where):
            return Verdict(refused=why)
        holder = self._keys.holder(key, entry.name)
        if holder is None:
            return Verdict(warnings=[doubt(key)] if few_send(key) else [])
        left = [shown(one) for one in self._keys.all_of(holder.name) if one != key]
        if holder.name in NEEDED and not left:
            return Verdict(refused=f"{shown(key)} has to stay what it is: {holder.text}.")
        rest = f"that keeps {' · '.join(left)}" if left else "that would have no key then"
        warnings = [f"Now it means: {holder.text} ({rest}).", doubt(key)]
        return Verdict(warnings=[text for text in warnings if text], yes="take it over")

    async def _reload(self, done: str) -> None:
        """What the files say now is in force; where something comes before the user's own file, that is said."""
        own = await asyncio.to_thread(_own_keys, self._look)
        problems = self._use(own)
        self._say(problems[0] if problems else f"{done}. Kept in config.toml.")


def _own_keys(look: Look) -> Mapping[str, str]:
    from plugsky_tui.config.paths import data_dir
    from plugsky_tui.config.settings import load
    from plugsky_tui.permissions.trust import Trust

    trusted = Trust(look.data_dir or data_dir()).state(look.folder).trusted
    return load(look.folder).effective(trusted=trusted).keys


def _keep(name: str, keys: tuple[str, ...]) -> None:
    from plugsky_tui.config.edit import set_value  # tomlkit: only for who writes
    from plugsky_tui.config.paths import user_config_file

    set_value(user_config_file(), ("keys", name), ", ".join(keys))


def _forget(name: str) -> None:
    from plugsky_tui.config.edit import unset_value
    from plugsky_tui.config.paths import user_config_file

    unset_value(user_config_file(), ("keys", name))


def _give_up(name: str, key: str) -> None:
    """Take `key` from what the user's file gives the action `name`. Of its defaults it goes by itself."""
    from plugsky_tui.config.edit import value_at
    from plugsky_tui.config.paths import user_config_file

    said = value_at(user_config_file(), ("keys", name))
    if not isinstance(said, str):
        return
    left = tuple(part.strip() for part in said.split(",") if part.strip() not in ("", key))
    if left:
        _keep(name, left)
    else:
        _forget(name)
