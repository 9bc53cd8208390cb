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
    source, mode = _read(path)
    parse_config(path, source)
    first: ConfigError | None = None
    for value in _meanings(text):
        changed = _with(source, key, value)
        try:
            parse_config(path, changed)
        except ConfigError as error:
            first = error
            continue
        _write(path, changed, mode)
        return
    assert first is not None
    raise UsageError(f"Not changed. {first.message}", hint=first.hint)


def value_at(path: Path, key: tuple[str, ...]) -> Any:
    """What the file at `path` says of `key`; None where it says nothing. Raises ConfigError where the file is wrong."""
    from plugsky_tui.config.layers import get

    source, _ = _read(path)
    try:
        return get(parse_config(path, source).values, key)
    except KeyError:
        return None


def unset_value(path: Path, key: tuple[str, ...]) -> bool:
    """Take `key` out of the file at `path`, so that what is below it counts again; whether it was there. A table that is
    empty then stays: comments may stand in it. Raises ConfigError where the file is wrong as it is."""
    import tomlkit

    source, mode = _read(path)
    parse_config(path, source)
    document = tomlkit.parse(source)
    table: Any = document
    for part in key[:-1]:
        table = table.get(part)
        if not isinstance(table, dict):
            return False
    if key[-1] not in table:
        return False
    del table[key[-1]]
    changed = tomlkit.dumps(document)
    parse_config(path, changed)  # something else may have needed it
    _write(path, changed, mode)
    return True


def _read(path: Path) -> tuple[str, int]:
    """The text at `path` ("" where there is none), and the mode bits it is to be written with."""
    try:
        found = read_regular(path)
        return (found[0].decode("utf-8-sig"), found[1].st_mode & 0o777) if found else ("", 0o600)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error


def _write(path: Path, text: str, mode: int) -> None:
    try:
        write_atomic(path, text, mode=mode)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from error


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
