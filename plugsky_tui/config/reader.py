"""Reading one configuration file: parsed and validated once, then remembered.

The validated values are cached with the exact text they came from, so that the next start neither
imports tomllib (24 ms) nor pydantic (110 ms). A cache that is damaged, or of another version, is not used.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plugsky_tui import __version__
from plugsky_tui.config.files import read_regular, write_atomic
from plugsky_tui.config.layers import Values, dotted, leaves
from plugsky_tui.kernel.errors import ConfigError

LAYOUT = 4  # of the cache entries


@dataclass(slots=True)
class ParsedFile:
    """`lines` has the line of each leaf (dotted key); `text` is the source as it is on disk."""

    path: Path
    text: str
    values: Values = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def read_config(path: Path, cache: Path) -> ParsedFile | None:
    """The configuration at `path`, or None where there is none. `cache` is the cache folder.

    Raises ConfigError naming file, line and key.
    """
    try:
        found = read_regular(path)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", hint="Make it a readable file, or remove it.") from error
    if found is None:
        return None
    try:
        text = found[0].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = found[0].count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: not valid UTF-8", hint="Save the file as UTF-8.") from error
    if not text.strip():
        return ParsedFile(path, text)
    entry = cache / "config" / f"{_name(path)}.json"
    return _cached(entry, path, text) or _remembered(entry, parse_config(path, text))


def parse_config(path: Path, text: str) -> ParsedFile:
    """The values of `text`, validated. Raises ConfigError."""
    import tomllib  # with pydantic (in schema) 130 ms, spent only when a file is new or was changed

    from plugsky_tui.config.checks import doubts, problems
    from plugsky_tui.config.lines import key_lines, line_of
    from plugsky_tui.config.schema import known_part, shown, type_problems

    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}:{_position(str(error), text)}", hint="Fix the syntax of this TOML file.") from error
    places = key_lines(text)

    def at(key: tuple[str, ...]) -> str:
        line = line_of(places, key)
        return f"{path}:{line}" if line else str(path)

    values, unknown = known_part(raw)
    wrong = type_problems(values) or list(problems(values))
    if wrong:
        lines = dict.fromkeys(f"{at(key)}: {shown(key)} {text}" for key, text in wrong)
        raise ConfigError("\n".join(lines), hint="`plugsky config schema` describes every setting.")
    warnings = [
        f"{at(key)}: unknown key {shown(key)}" + (f" (did you mean {near}?)" if near else "") for key, near in unknown
    ]
    warnings += [f"{at(key)}: {shown(key)} {text}" for key, text in doubts(values)]
    found = ((dotted(key), line_of(places, key)) for key, _ in leaves(values))
    return ParsedFile(path, text, values, {key: line for key, line in found if line}, warnings)


def _cached(entry: Path, path: Path, text: str) -> ParsedFile | None:
    try:
        found = read_regular(entry, limit=8 * 1024 * 1024)
        kept: Any = json.loads(found[0]) if found else None
        if not kept or (kept["layout"], kept["version"], kept["path"]) != (LAYOUT, __version__, str(path)):
            return None
        if kept["text"] != text:
            return None
        return ParsedFile(path, text, dict(kept["values"]), dict(kept["lines"]), list(kept["warnings"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _remembered(entry: Path, parsed: ParsedFile) -> ParsedFile:
    kept = {
        "layout": LAYOUT,
        "version": __version__,
        "path": str(parsed.path),
        "text": parsed.text,
        "values": parsed.values,
        "lines": parsed.lines,
        "warnings": parsed.warnings,
    }
    try:
        write_atomic(entry, json.dumps(kept))
    except (OSError, ValueError):
        pass  # a cache that cannot be written costs time, nothing else
    return parsed


def _name(path: Path) -> str:
    from hashlib import blake2b

    return blake2b(str(path).encode("utf-8", "surrogateescape"), digest_size=10).hexdigest()


def _position(message: str, text: str) -> str:
    """`line:column: what is wrong` of tomllib's message, which ends in "(at line L, column C)"."""
    import re

    what, _, place = message.rpartition(" (at ")
    match = re.match(r"line (\d+), column (\d+)", place)
    if match:
        return f"{match[1]}:{match[2]}: {what}"
    lines = text.rstrip("\n").split("\n")  # "at end of document"
    return f"{len(lines)}:{len(lines[-1]) + 1}: {what or message}"
