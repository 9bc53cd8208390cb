"""What people are told of a setting: its value, who set it, what it may be, and when a new value counts."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from plugsky_tui.config.layers import JOINED, Origin, dotted, get, split_key
from plugsky_tui.config.listing import everything, hidden
from plugsky_tui.config.paths import PROJECT_FOLDER, user_config_file
from plugsky_tui.config.settings import Loaded, Settings, load
from plugsky_tui.kernel.errors import UsageError

# What takes effect at once, and what only when plugsky starts again; all else is read anew by each thread that is opened.
NOW = ("theme", "mode", "notify", "keys")
AT_START = ("bidi", "model")


@dataclass(slots=True)
class Setting:
    """`value` as it may be shown: tokens are "…" (`secret`). `origins` are those who set it, the strongest first; none: it
    is the default. `own` is what the user's file says, None where it says nothing. `about` says what it is for, `choices` are
    all it may be, where these are few."""

    name: str
    value: Any
    default: Any = None
    origins: list[Origin] = field(default_factory=list)
    own: Any = None
    secret: bool = False
    about: str = ""
    choices: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, ...]:
        return split_key(self.name)

    @property
    def overridden(self) -> Origin | None:
        """Who comes before the user's file; None where that counts, or would."""
        first = self.origins[0] if self.origins and self.key[0] not in JOINED else None
        return first if first is not None and first.layer not in ("user", "default") else None


def read_settings(folder: Path, options: Mapping[str, object], data_dir: Path) -> list[Setting]:
    """Every setting in force in `folder`. ConfigError where a file is wrong. `options` as for `load`. The first time takes a
    tenth of a second: call it in a thread."""
    from plugsky_tui.config.schema import choices, description  # brings pydantic
    from plugsky_tui.permissions.trust import Trust

    loaded = load(folder, options=options)
    trusted = Trust(data_dir).state(folder).trusted
    defaults = asdict(Settings())
    own = next((layer.values for layer in loaded.layers if layer.name == "user"), {})
    found = []
    for name, value in everything(loaded.effective(trusted=trusted)).items():
        key = split_key(name)
        shown = hidden(name, value)
        mine = _at(own, key)
        found.append(
            Setting(
                name,
                shown,
                _at(defaults, key),
                _origins(loaded, name, trusted),
                hidden(name, mine) if mine is not None else None,
                shown != value,
                description(key),
                choices(key),
            )
        )
    return found


def usual_names() -> list[str]:
    """The settings that are always there, by their dotted keys."""
    return list(everything(Settings()))


def _origins(loaded: Loaded, name: str, trusted: bool) -> list[Origin]:
    """Of lists that add up over the files, all who say something."""
    said = {layer.name: layer.origins[name] for layer in loaded.layers if name in layer.origins}
    if trusted and loaded.project is not None and name in loaded.project.origins:
        said["project"] = loaded.project.origins[name]
    found = [said[layer] for layer in ("option", "environment", "project", "user") if layer in said]
    return found if split_key(name)[0] in JOINED else found[:1]


def _at(values: Mapping[str, Any], key: tuple[str, ...]) -> Any:
    try:
        return get(values, key)
    except KeyError:
        return None


def shown_value(value: Any) -> str:
    """On one line; "" where nothing is set."""
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def shown_origin(origin: Origin) -> str:
    """Short: "config.toml:3", "PLUGSKY_MODEL", "--mode"."""
    if origin.layer in ("user", "project"):
        name = os.path.basename(origin.source)  # noqa: PTH119  # text, for people
        place = f"{PROJECT_FOLDER}/{name}" if origin.layer == "project" else name
        return f"{place}:{origin.line}" if origin.line else place
    return str(origin)


def when(name: str) -> str:
    """From when on a new value of the setting counts."""
    first = split_key(name)[0]
    if first in NOW:
        return "at once"
    return "from the next start" if first in AT_START else "from the next thread on (/new)"


def key_named(text: str) -> tuple[str, ...]:
    """The key of a setting as a user writes it. UsageError, with the nearest one, where there is none of that name."""
    from plugsky_tui.config.schema import is_known, nearest_key

    try:
        key = split_key(text)
    except ValueError as error:
        raise UsageError(str(error)) from error
    if not is_known(key):
        near = nearest_key(key)
        raise UsageError(f"There is no setting {dotted(key)}.", hint=f"Did you mean {near}?" if near else "")
    return key


def change(key: tuple[str, ...], text: str) -> None:
    """Put `text` at `key` of the user's config.toml; "" takes it out. UsageError or ConfigError says what is wrong."""
    from plugsky_tui.config.edit import set_value, unset_value

    if text:
        set_value(user_config_file(), key, text)
    else:
        unset_value(user_config_file(), key)
