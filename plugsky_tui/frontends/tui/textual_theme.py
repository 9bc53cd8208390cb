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
    return Theme(name=spec.name, dark=spec.dark, variables=dict(spec.variables), ansi=ansi, **spec.colours)  # type: ignore[arg-type]  # names are checked
