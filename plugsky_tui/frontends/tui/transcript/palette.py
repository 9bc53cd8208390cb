"""The colours of the transcript, made from the app's theme: one Rich style per role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rich.style import Style
from textual.color import Color, ColorParseError

from plugsky_tui.frontends.markdown.inline import ADDRESS, CODE, EMPHASIS, IMAGE, LINK, STRIKE, STRONG
from plugsky_tui.frontends.tui.transcript.contrast import legible

# What a token of code can be. Lexers know hundreds of kinds; eight looks are what a reader tells apart.
ROLES = ("text", "keyword", "name", "type", "string", "number", "comment", "operator")


@dataclass(slots=True)
class Palette:
    """Styles by role; each has its background set, so that a strip needs no further blending. All but those of bars and
    rules can be read on theirs, whatever colours the theme has."""

    base: Style
    dim: Style
    faint: Style
    strong: Style
    heading: Style
    subheading: Style
    code: Style  # code within a line
    link: Style
    quote: Style
    quote_bar: Style
    marker: Style
    rule: Style
    prompt: Style
    prompt_dim: Style
    prompt_bar: Style
    block: Style  # a block of code
    block_dim: Style
    added: Style
    added_sign: Style
    added_word: Style
    removed: Style
    removed_sign: Style
    removed_word: Style
    info: Style
    success: Style
    warning: Style
    error: Style
    running: Style
    cursor: Style
    found: Style  # what was searched for, and the place of it that is shown
    found_here: Style
    flat: bool  # the colours are the terminal's own
    tokens: dict[str, Style] = field(default_factory=dict)
    _inline: dict[tuple[int, Style], Style] = field(default_factory=dict)
    _token: dict[tuple[str, Style], Style] = field(default_factory=dict)

    def inline(self, flags: int, base: Style) -> Style:
        """The style of text with the given inline flags on top of `base`."""
        key = flags, base
        style = self._inline.get(key)
        if style is None:
            style = self._inline[key] = self._readable(self._combine(flags, base))
        return style

    def _combine(self, flags: int, base: Style) -> Style:
        style = base
        if flags & CODE:
            style += self.code
        if flags & LINK:
            style += Style(color=self.link.color, underline=True)
        if flags & (ADDRESS | IMAGE):
            style += Style(color=self.dim.color)
        if flags & STRONG:
            style += Style(bold=True)
        if flags & EMPHASIS:
            style += Style(italic=True)
        if flags & STRIKE:
            style += Style(strike=True)
        return style

    def token(self, role: str, ground: Style) -> Style:
        """The style of a token of code on the background of `ground`."""
        key = role, ground
        style = self._token.get(key)
        if style is None:
            style = self._token[key] = self._readable(self.tokens[role] + Style(bgcolor=ground.bgcolor))
        return style

    def _readable(self, style: Style) -> Style:
        if self.flat or style.color is None or style.bgcolor is None:
            return style
        text, ground = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
        lifted = legible(text, ground)
        return style if lifted is text else style + Style(color=lifted.rich_color)


def make_palette(variables: Mapping[str, str], background: Color) -> Palette:
    """The palette of a theme. `variables` are its CSS variables, `background` is what the widget stands on."""
    theme = _Theme(variables, background)
    base, accent = theme.pick("foreground"), theme.pick("accent")
    primary = theme.pick("text-primary", "primary")
    success, warning, error = (theme.pick(f"text-{name}", name) for name in ("success", "warning", "error"))
    muted = theme.pick("text-muted", "foreground-muted")
    # Code stands on a background a shade off; where colours are the terminal's own, there is none to mix.
    panel = theme.mix(base, 0.055)
    prompt = theme.mix(primary, 0.09)
    added, removed = theme.mix(success, 0.13), theme.mix(error, 0.13)
    added_word, removed_word = theme.mix(success, 0.30), theme.mix(error, 0.30)
    on = theme.on
    return Palette(
        base=on(base),
        dim=theme.soft(muted),
        faint=theme.soft(base, 0.38),
        strong=on(base, bold=True),
        heading=on(primary, bold=True),
        subheading=on(theme.mix(primary, 0.85), bold=True),
        code=on(theme.pick("text-accent", "accent"), panel),
        link=on(primary, underline=True),
        quote=theme.soft(base, 0.78),
        quote_bar=on(accent, bar=True),
        marker=on(primary),
        rule=on(theme.mix(base, 0.22), bar=True) + Style(dim=theme.flat or None),
        prompt=on(base, prompt),
        prompt_dim=theme.soft(muted, ground=prompt),
        prompt_bar=on(primary, prompt, bold=True, bar=True),
        block=on(base, panel),
        block_dim=theme.soft(base, 0.42, panel),
        added=on(success if theme.flat else base, added),
        added_sign=on(success, added, bold=True),
        added_word=on(base, added_word, bold=True),
        removed=on(error if theme.flat else base, removed),
        removed_sign=on(error, removed, bold=True),
        removed_word=on(base, removed_word, bold=True),
        info=theme.soft(muted),
        success=on(success),
        warning=on(warning),
        error=on(error),
        running=on(primary),
        cursor=on(primary, bold=True),
        found=Style(underline=True, bold=True) if theme.flat else on(base, theme.mix(warning, 0.32)),
        found_here=Style(reverse=True, bold=True)
        if theme.flat
        else Style(color=theme.background.rich_color, bgcolor=legible(warning, theme.background).rich_color, bold=True),
        flat=theme.flat,
        tokens={
            "text": Style(color=base.rich_color),
            "keyword": Style(color=primary.rich_color, bold=theme.flat or None),
            "name": Style(color=theme.pick("text-accent", "accent").rich_color),
            "type": Style(color=warning.rich_color),
            "string": Style(color=success.rich_color),
            "number": Style(color=theme.mix(warning, 0.9).rich_color),
            "comment": Style(color=theme.mix(base, 0.5).rich_color, italic=True, dim=theme.flat or None),
            "operator": Style(color=theme.mix(base, 0.75).rich_color),
        },
    )


class _Theme:
    """Colours of a theme, mixed with the background. `flat`: they are the terminal's own and do not mix."""

    def __init__(self, variables: Mapping[str, str], background: Color) -> None:
        self._variables = variables
        self.background = background
        foreground = self._parse("foreground", None)
        self.flat = background.ansi is not None or (foreground is not None and foreground.ansi is not None)

    def pick(self, *names: str) -> Color:
        """The first of the named variables that is a colour, on the background."""
        for name in names:
            color = self._parse(name, None)
            if color is not None:
                return color
        return self._foreground()

    def mix(self, color: Color, share: float) -> Color:
        """`color` at the opacity `share` over the background."""
        if self.flat or color.ansi is not None:
            return color if share > 0.35 else self.background
        return self.background.blend(color, share, alpha=1.0)

    def soft(self, color: Color, share: float = 1.0, ground: Color | None = None) -> Style:
        """Text that steps back: mixed with the background, or dim where colours do not mix."""
        if self.flat:
            return self.on(color, ground) + Style(dim=True)
        return self.on(self.mix(color, share), ground)

    def on(
        self,
        color: Color,
        ground: Color | None = None,
        *,
        bold: bool = False,
        italic: bool = False,
        underline: bool = False,
        bar: bool = False,
    ) -> Style:
        """The style of text on `ground`, or of a bar or rule, which need not stand out as text must."""
        ground = ground or self.background
        if not (bar or self.flat or color.ansi is not None or ground.ansi is not None):
            color = legible(color, ground)
        return Style(
            color=color.rich_color,
            bgcolor=ground.rich_color,
            bold=bold or None,
            italic=italic or None,
            underline=underline or None,
        )

    def _foreground(self) -> Color:
        return self._parse("foreground", None) or self.background.get_contrast_text(0.87)

    def _parse(self, name: str, default: Color | None) -> Color | None:
        value = self._variables.get(name, "")
        if not value:
            return default
        if value.startswith("auto"):
            share = float(value.removeprefix("auto").strip().rstrip("%") or 100) / 100
            foreground = self._foreground() if name != "foreground" else self.background.get_contrast_text(1.0)
            return self.mix(foreground, share) if not self.flat else foreground
        try:
            color = Color.parse(value)
        except ColorParseError:
            return default
        if color.ansi is None and color.a < 1 and self.background.ansi is None:
            return (self.background + color).with_alpha(1.0)
        return color
