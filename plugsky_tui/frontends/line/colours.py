"""The colours of lines: the terminal's own, or those of a theme where one is asked for."""

from __future__ import annotations

from pathlib import Path

from plugsky_tui.frontends.line.paper import STYLES, Role
from plugsky_tui.frontends.themes import AUTO, load_theme

# Which colour of a theme each kind of line takes; the others keep the terminal's foreground.
_ROLES: dict[Role, str] = {
    "prompt": "primary",
    "tool": "secondary",
    "code": "accent",
    "error": "error",
    "warning": "warning",
    "added": "success",
    "removed": "error",
}
_OWN = "ansi_"  # how a theme names the terminal's own colours


def styles_of(theme: str, config_dir: Path | None) -> dict[Role, str]:
    """Rich styles for `theme`; "auto" are the terminal's own colours, which fit its background. ConfigError where there
    is no such theme."""
    styles = dict(STYLES)
    if theme == AUTO:
        return styles
    colours = load_theme(theme, config_dir).colours
    for role, name in _ROLES.items():
        if style := _style(colours.get(name, "")):
            styles[role] = f"bold {style}" if role == "prompt" else style
    return styles


def _style(colour: str) -> str:
    """The colour as rich names it; empty where it has no such name."""
    from rich.color import Color, ColorParseError

    name = colour.removeprefix(_OWN)
    if len(name) == 4 and name.startswith("#"):  # CSS's short form
        name = "#" + "".join(2 * digit for digit in name[1:])
    try:
        Color.parse(name)
    except ColorParseError:
        return ""
    return name
