"""Themes: one flat TOML file each, ours and the user's own in the same shape.

name = "dusk"
dark = true
primary = "#6cb6ff"          # secondary, accent, success, warning, error, foreground,
background = "#0f141c"       # background, surface, panel, boost: all optional but primary;
                             # "ansi_blue" and the like are the terminal's own colours
[variables]                  # any of Textual's design variables
text-muted = "#93a1b5"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plugsky_tui.kernel.errors import ConfigError

AUTO = "auto"
DARK, LIGHT = "plugsky-dark", "plugsky-light"
COLOURS = (
    "primary",
    "secondary",
    "accent",
    "success",
    "warning",
    "error",
    "foreground",
    "background",
    "surface",
    "panel",
    "boost",
)
_PACKAGE = Path(__file__).parents[1]


@dataclass(slots=True)
class ThemeSpec:
    """A theme as its file says it. `colours` maps names out of COLOURS to CSS colours."""

    name: str
    dark: bool
    colours: dict[str, str]
    variables: dict[str, str] = field(default_factory=dict)
    path: Path | None = None


@dataclass(slots=True)
class ThemeFile:
    """A theme that could be loaded. `own` is True where it is the user's."""

    name: str
    path: Path
    own: bool


def theme_files(config_dir: Path | None = None) -> list[ThemeFile]:
    """Every theme by name; the user's own take the place of ours of the same name. Reads folders, no files."""
    packaged = _PACKAGE / "_themes"
    places = [(packaged if packaged.is_dir() else _PACKAGE.parent / "themes", False)]
    if config_dir is not None:
        places.append((config_dir / "themes", True))
    found: dict[str, ThemeFile] = {}
    for folder, own in places:
        try:
            paths = sorted(folder.glob("*.toml"))
        except OSError:
            continue
        found.update((path.stem, ThemeFile(path.stem, path, own)) for path in paths)
    return sorted(found.values(), key=lambda file: file.name)


def load_theme(name: str, config_dir: Path | None = None, environment: Mapping[str, str] | None = None) -> ThemeSpec:
    """The theme `name` ("auto" asks the terminal). ConfigError where there is none, or its file is wrong."""
    wanted = automatic(environment or {}) if name == AUTO else name
    files = {file.name: file for file in theme_files(config_dir)}
    if wanted not in files:
        raise ConfigError(f"There is no theme {wanted!r}.", hint=f"There are: {', '.join(files)}.")
    return read_theme(files[wanted].path)


def automatic(environment: Mapping[str, str]) -> str:
    """Dark or light by the background the terminal names in COLORFGBG ("15;0": the last number), else dark.

    Numbers are of the 16-colour palette; rxvt, Konsole and others set it, black and the dark colours are 0-6 and 8.
    """
    last = environment.get("COLORFGBG", "").rpartition(";")[2]
    return LIGHT if last.isdecimal() and (last == "7" or 9 <= int(last) <= 15) else DARK


def read_theme(path: Path) -> ThemeSpec:
    """The theme in the file at `path`; its name is the file's. ConfigError names what is wrong."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    data = parse_flat(text)
    if data is None:
        data = _parse_toml(path, text)
    variables = data.pop("variables", {})
    dark = data.pop("dark", True)
    data.pop("name", None)
    for key, value in data.items():
        if key not in COLOURS:
            raise ConfigError(f"{path}: {key!r} is no part of a theme.", hint=f"Known are: {', '.join(COLOURS)}.")
        if not isinstance(value, str):
            raise ConfigError(f"{path}: {key!r} must be a colour in quotes.")
    if not isinstance(dark, bool):
        raise ConfigError(f"{path}: 'dark' must be true or false.")
    if not isinstance(variables, dict) or not all(isinstance(value, str) for value in variables.values()):
        raise ConfigError(f"{path}: [variables] must map names to values in quotes.")
    if "primary" not in data:
        raise ConfigError(f"{path}: a theme needs at least 'primary'.")
    return ThemeSpec(path.stem, dark, data, variables, path)


def parse_flat(text: str) -> dict[str, Any] | None:
    """The subset of TOML that themes are written in; None for anything else, which TOML itself then judges.

    It is here because importing tomllib takes longer than everything else the first paint reads.
    """
    data: dict[str, Any] = {}
    table = data
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line == "[variables]" and "variables" not in data:
            table = data["variables"] = {}
            continue
        key, equals, rest = line.partition("=")
        key, rest = key.strip(), rest.strip()
        if not equals or not key.replace("-", "").replace("_", "").isalnum() or not key.isascii() or key in table:
            return None
        if rest.startswith('"'):
            value, quote, after = rest[1:].partition('"')
            after = after.strip()
            if not quote or "\\" in value or not value.isprintable() or (after and not after.startswith("#")):
                return None
            table[key] = value
            continue
        word = rest.partition("#")[0].strip()
        if word not in ("true", "false"):
            return None
        table[key] = word == "true"
    return data


def _parse_toml(path: Path, text: str) -> dict[str, Any]:
    import tomllib  # 24 ms, and only for files the small parser leaves alone

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}", hint="A theme is a TOML file of colours.") from error
