"""Layers of settings and how they lie upon each other, as plain nested data.

From the weakest: default, user file, project file, environment, command line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

LayerName = Literal["default", "user", "project", "environment", "option"]
Values = dict[str, Any]

MIXED = ("models",)  # their entries add up key by key: what one layer says of a model leaves alone what another says
JOINED = ("permissions", "hooks")  # their lists add up over the layers: a rule of one does not undo another's


@dataclass(slots=True)
class Origin:
    """Who set a value: a file (`source`, `line`), a variable, an option, or nobody ("default")."""

    layer: LayerName
    source: str = ""
    line: int | None = None

    def __str__(self) -> str:
        place = f":{self.line}" if self.line else ""
        return f"{self.source}{place}" or self.layer


@dataclass(slots=True)
class Layer:
    """`origins` has every leaf of `values` under its dotted key."""

    name: LayerName
    values: Values = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)

    def set(self, key: tuple[str, ...], value: object, source: str) -> None:
        put(self.values, key, value)
        self.origins[dotted(key)] = Origin(self.name, source)


def merge(layers: list[Layer]) -> Values:
    """One nested dict of all layers, the last the strongest. The layers stay as they are.

    Entries of a table (a provider, an MCP server) replace each other whole: a project's server of the
    same name must not inherit the user's headers or variables.
    """
    merged: Values = {}
    for layer in layers:
        for name, value in layer.values.items():
            if not isinstance(value, dict):
                merged[name] = value
                continue
            below: Values = merged.setdefault(name, {})
            for key, item in value.items():
                if name in JOINED and key in below:
                    below[key] = [*below[key], *item]
                elif name in MIXED and key in below:
                    below[key] = {**below[key], **item}
                else:
                    below[key] = item
    return merged


def put(values: Values, key: tuple[str, ...], value: object) -> None:
    for part in key[:-1]:
        values = values.setdefault(part, {})
    values[key[-1]] = value


def get(values: object, key: tuple[str, ...]) -> Any:
    """The value at `key`. Raises KeyError."""
    for part in key:
        if not isinstance(values, Mapping):
            raise KeyError(dotted(key))
        values = values[part]
    return values


def leaves(values: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value that is no table, with its key."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from leaves(value, (*above, name))
        else:
            yield (*above, name), value


def dotted(key: tuple[str, ...]) -> str:
    """As TOML writes it: `keys."model.pick"`."""
    return ".".join(part if _bare(part) else json.dumps(part, ensure_ascii=False) for part in key)


def split_key(text: str) -> tuple[str, ...]:
    """The parts of a dotted key as a user writes it. ValueError where it is none."""
    parts: list[str] = []
    rest = text.strip()
    while True:
        if rest.startswith('"'):
            part, end = json.JSONDecoder().raw_decode(rest)
            rest = rest[end:]
        else:
            part = rest.partition(".")[0]
            rest = rest[len(part) :]
        if not part:
            raise ValueError(f"{text!r} is no key")
        parts.append(str(part))
        if not rest:
            return tuple(parts)
        if not rest.startswith("."):
            raise ValueError(f"{text!r} is no key")
        rest = rest[1:]


def _bare(part: str) -> bool:
    return part.isascii() and part.replace("_", "").replace("-", "").isalnum()
