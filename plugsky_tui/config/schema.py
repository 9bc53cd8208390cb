"""Validation of configuration files, by pydantic over the dataclasses; imported only where a file is new."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from plugsky_tui.config.layers import Values, dotted
from plugsky_tui.config.shape import Settings
from plugsky_tui.config.spelling import nearest

Key = tuple[str, ...]


def known_part(values: Values) -> tuple[Values, list[tuple[Key, str]]]:
    """`values` without the keys nobody knows, and for each of those (key, what might have been meant)."""
    unknown: list[tuple[Key, str]] = []
    return _strip(Settings, values, (), unknown), unknown


def type_problems(values: Values) -> list[tuple[Key, str]]:
    """(key, what is wrong) of each value of the wrong type. Values are never quoted: they may be secrets."""
    try:
        # strict, so that "5" is no number; as JSON, because only there tables may stand for dataclasses
        _adapter().validate_json(json.dumps(values, default=_no_json), strict=True)
    except ValidationError as error:
        return _merged(
            [
                (
                    _existing(values, tuple(map(str, problem["loc"])), missing=problem["type"] == "missing"),
                    _said(problem["msg"]),
                )
                for problem in error.errors(include_url=False, include_input=False)
            ]
        )
    return []


def json_schema() -> dict[str, Any]:
    """The JSON Schema of config.toml."""
    schema = _adapter().json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "plugsky configuration"
    definitions = schema.get("$defs", {})
    for name, described in {"Settings": schema, **definitions}.items():
        described["additionalProperties"] = False
        for key, text in _descriptions().get(name, {}).items():
            described["properties"][key]["description"] = text
    return schema


def description(key: Key) -> str:
    """What the setting at `key` is for; empty where nothing is said."""
    kind: Any = Settings
    text = ""
    for part in key:
        if dataclasses.is_dataclass(kind):
            hint = typing.get_type_hints(kind, include_extras=True).get(part)
            text = next(iter(getattr(hint, "__metadata__", ())), "")
            kind = _bare_type(hint)
        elif typing.get_origin(kind) is dict:
            kind = typing.get_args(kind)[1]
        else:
            return ""
    return text


def choices(key: Key) -> list[str]:
    """What the setting at `key` may be, as it is written, where these are few; empty where it takes any text or number."""
    kind: Any = Settings
    for part in key:
        if dataclasses.is_dataclass(kind):
            kind = _bare_type(typing.get_type_hints(kind).get(part))
        elif typing.get_origin(kind) is dict:
            kind = typing.get_args(kind)[1]
        else:
            return []
    if kind is bool:
        return ["true", "false"]
    return [str(value) for value in typing.get_args(kind)] if typing.get_origin(kind) is typing.Literal else []


def is_known(key: Key) -> bool:
    """Whether `key` names a setting (or a table of settings)."""
    kind: Any = Settings
    for part in key:
        if dataclasses.is_dataclass(kind):
            hints = typing.get_type_hints(kind)
            if part not in hints:
                return False
            kind = _bare_type(hints[part])
        elif typing.get_origin(kind) is dict:
            kind = typing.get_args(kind)[1]
        else:
            return False
    return True


def nearest_key(key: Key) -> str:
    """The known key most like `key`, or nothing."""
    names = [".".join(found) for found in _all_keys(Settings, ())]
    return nearest(".".join(key), names)


@cache
def _adapter() -> TypeAdapter[Settings]:
    return TypeAdapter(Settings)


def _strip(kind: Any, value: Any, above: Key, unknown: list[tuple[Key, str]]) -> Any:
    kind = _bare_type(kind)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is list and isinstance(value, list):
        return [_strip(arguments[0], item, (*above, str(at)), unknown) for at, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if origin is dict:
        return {name: _strip(arguments[1], item, (*above, name), unknown) for name, item in value.items()}
    if not dataclasses.is_dataclass(kind):
        return value
    hints = typing.get_type_hints(kind)
    kept = {}
    for name, item in value.items():
        if name in hints:
            kept[name] = _strip(hints[name], item, (*above, name), unknown)
        else:
            unknown.append(((*above, name), nearest(name, hints)))
    return kept


def _bare_type(kind: Any) -> Any:
    """Without Annotated and without None."""
    if hasattr(kind, "__metadata__"):
        kind = kind.__origin__
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        others = [item for item in typing.get_args(kind) if item is not type(None)]
        return others[0] if len(others) == 1 else kind
    return kind


def _all_keys(kind: Any, above: Key) -> list[Key]:
    if not dataclasses.is_dataclass(kind):
        return [above]
    return [
        key
        for name, hint in typing.get_type_hints(kind).items()
        for key in [(*above, name), *_all_keys(_bare_type(hint), (*above, name))]
    ]


def _descriptions() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    queue: list[Any] = [Settings]
    while queue:
        kind = queue.pop()
        if dataclasses.is_dataclass(kind):
            hints = typing.get_type_hints(kind, include_extras=True)
            found[kind.__name__] = {  # type: ignore[union-attr]  # a class, not an instance
                name: hint.__metadata__[0] for name, hint in hints.items() if hasattr(hint, "__metadata__")
            }
            queue += [_bare_type(hint) for hint in hints.values()]
        else:
            queue += [_bare_type(item) for item in typing.get_args(kind) if typing.get_origin(kind) in (dict, list)]
    return found


def _merged(problems: list[tuple[Key, str]]) -> list[tuple[Key, str]]:
    """One problem for each key. Where a value may be of several types there is one for each: the one that went deepest
    into the value counts, and what remains of equals is "must be this or that"."""
    found: dict[Key, list[str]] = {}
    for key, text in problems:
        if not any(len(other) > len(key) and other[: len(key)] == key for other, _ in problems):
            found.setdefault(key, []).append(text)
    return [
        (key, " or ".join([texts[0], *(text.removeprefix("must be ") for text in dict.fromkeys(texts[1:]))]))
        for key, texts in found.items()
    ]


def _existing(values: Any, place: Key, *, missing: bool) -> Key:
    """The part of pydantic's location that is a key of the file (it also names members of unions), or a required key that
    is `missing`."""
    key: Key = ()
    for part in place:
        if isinstance(values, dict) and part in values:
            values = values[part]
        elif isinstance(values, list) and part.isdigit() and int(part) < len(values):
            values = values[int(part)]
        elif missing and part == place[-1]:
            return (*key, part)
        else:
            continue
        key = (*key, part)
    return key


def _said(message: str) -> str:
    return message.replace("Input should be", "must be").replace("Field required", "is missing")


def _no_json(value: object) -> dict[str, str]:
    """Dates and times, which no setting takes: a table, so that the message is about the type."""
    return {"unsupported": type(value).__name__}


def shown(key: Key) -> str:
    """A key for messages: list entries as `[0]`."""
    out = ""
    for part in key:
        out += f"[{part}]" if part.isdigit() and out else ("." if out else "") + dotted((part,))
    return out
