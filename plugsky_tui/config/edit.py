"""Changing the user's config.toml, with its comments and its order kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from plugsky_tui.config.files import read_regular, write_atomic
from plugsky_tui.config.reader import parse_config
from plugsky_tui.kernel.errors import ConfigError, UsageError


def set_value(path: Path, key: tuple[str, ...], text: str) -> None:
    """Put what `text` says at `key` of the file at `path`: as text where the setting takes text, else as a
    TOML value (`true`, `5`, `["a", "b"]`); a list is one wherever the setting takes lists. Nothing is written that would
    not load.

    Raises ConfigError where the file is wrong as it is, UsageError where the value is.
    """
    try:
        found = read_regular(path)
        source = found[0].decode("utf-8-sig") if found else ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    parse_config(path, source)
    first: ConfigError | None = None
    for value in _meanings(text):
        changed = _with(source, key, value)
        try:
            parse_config(path, changed)
        except ConfigError as error:
            first = error
            continue
        try:
            write_atomic(path, changed, mode=found[1].st_mode & 0o777 if found else 0o600)
        except OSError as error:
            raise ConfigError(f"{path}: {error.strerror}") from error
        return
    assert first is not None
    raise UsageError(f"Not changed. {first.message}", hint=first.hint)


def _meanings(text: str) -> list[Any]:
    import tomlkit
    from tomlkit.exceptions import ParseError

    try:
        value = tomlkit.value(text)
        return [value, text] if isinstance(value, list) else [text, value]
    except (ParseError, ValueError):
        return [text]


def _with(source: str, key: tuple[str, ...], value: Any) -> str:
    import tomlkit

    document = tomlkit.parse(source)
    table: Any = document
    for part in key[:-1]:
        if part not in table:
            table[part] = tomlkit.table()
        table = table[part]
        if not isinstance(table, dict):
            raise UsageError(f"{part} is no table in this file.")
    table[key[-1]] = value
    return tomlkit.dumps(document)
