"""Text that can be read: colours that are lifted until they stand out from their background.

The measure is WCAG 2.2's (success criterion 1.4.3): text needs a contrast of 4.5 to 1.
"""

from __future__ import annotations

from functools import lru_cache

from textual.color import Color

TEXT = 4.5
_STEPS = 20  # to black or white


def contrast(one: Color, other: Color) -> float:
    """From 1 (the same) to 21 (black and white)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@lru_cache(maxsize=1024)
def legible(text: Color, ground: Color, wanted: float = TEXT) -> Color:
    """`text`, or the nearest to it on the way to white or black that can be read on `ground`."""
    if contrast(text, ground) >= wanted:
        return text
    end = (
        Color(255, 255, 255)
        if contrast(Color(255, 255, 255), ground) > contrast(Color(0, 0, 0), ground)
        else Color(0, 0, 0)
    )
    for step in range(1, _STEPS):
        lifted = text.blend(end, step / _STEPS, alpha=1.0)
        if contrast(lifted, ground) >= wanted:
            return lifted
    return end


def _luminance(color: Color) -> float:
    """Relative luminance of sRGB, as WCAG defines it."""
    red, green, blue = (_linear(part / 255) for part in color.rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
