"""A theme as Textual wants it."""

from __future__ import annotations

from textual.color import Color, ColorParseError
from textual.theme import Theme

from plugsky_tui.frontends.themes import ThemeSpec
from plugsky_tui.kernel.errors import ConfigError


def textual_theme(spec: ThemeSpec) -> Theme:
    """Textual's theme. ConfigError names a colour that is none."""
    for key, value in spec.colours.items():
        try:
            Color.parse(value)
        except ColorParseError as error:
            raise ConfigError(f"{spec.path}: {key!r} is not a colour: {value!r}") from error
    ansi = any(value.startswith("ansi_") for value in spec.colours.values())
    variables = dict(spec.variables)
    if ansi:  # Textual's own style of a screen names these two, and defines them for themes of other colours only
        variables.setdefault("ansi-background", "ansi_black" if spec.dark else "ansi_white")
        variables.setdefault("ansi-foreground", "ansi_white" if spec.dark else "ansi_black")
    return Theme(name=spec.name, dark=spec.dark, variables=variables, ansi=ansi, **spec.colours)  # type: ignore[arg-type]  # names are checked
