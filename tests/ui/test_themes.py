"""Themes: what their files may say, and that every text in every one of ours can be read."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style
from textual.color import Color

from plugsky_tui.frontends.markdown.inline import ADDRESS, CODE, LINK
from plugsky_tui.frontends.themes import (
    automatic,
    load_theme,
    parse_flat,
    read_theme,
    theme_files,
)
from plugsky_tui.frontends.tui.background import BackgroundMemory, BackgroundReported
from plugsky_tui.frontends.tui.textual_theme import textual_theme
from plugsky_tui.frontends.tui.transcript.palette import ROLES, Palette, make_palette
from plugsky_tui.kernel.errors import ConfigError

OURS = [file.name for file in theme_files()]
MIXED = [name for name in OURS if not name.startswith("ansi-")]  # the others are what the terminal makes of them
BARS = {"quote_bar", "prompt_bar", "rule"}


def test_there_are_themes_for_every_taste_and_need():
    assert len(OURS) >= 24
    assert {"ansi-dark", "ansi-light", "high-contrast-dark", "high-contrast-light"} <= set(OURS)
    assert {"colour-blind-dark", "colour-blind-light", "plugsky-dark", "plugsky-light"} <= set(OURS)
    for name in OURS:
        spec = load_theme(name)
        ground = textual_theme(spec).to_color_system().generate()["background"]
        if name in MIXED:
            assert (luminance(ground) < 0.2) is spec.dark, name


@pytest.mark.parametrize("name", MIXED)
def test_every_text_can_be_read(name):
    """WCAG 2.2, 1.4.3: 4.5 to 1 for text; the high-contrast themes keep 1.4.6: 7 to 1."""
    variables = textual_theme(load_theme(name)).to_color_system().generate()
    wanted = 7.0 if name.startswith("high-contrast") else 4.5
    texts = ["foreground", "text", "text-muted", "foreground-muted", "link-color"]
    texts += [f"text-{kind}" for kind in ("primary", "secondary", "accent", "success", "warning", "error")]
    texts += ["primary", "secondary", "accent", "success", "warning", "error"]
    pairs = [(text, ground) for text in texts for ground in ("background", "surface")]
    pairs += [("foreground", ground) for ground in ("panel", "success-muted", "error-muted", "warning-muted")]
    pairs += [("text-success", "success-muted"), ("text-error", "error-muted"), ("text-muted", "panel")]
    pairs += [("block-cursor-foreground", "block-cursor-background")]
    pairs += [("input-cursor-foreground", "input-cursor-background"), ("foreground", "input-selection-background")]
    pairs += [("screen-selection-foreground", "screen-selection-background")]
    weak = [
        (text, ground, round(contrast, 2))
        for text, ground in pairs
        if (contrast := wcag_contrast(variables[text], variables[ground])) < wanted
    ]
    palette = make_palette(variables, Color.parse(variables["background"]))
    for role, style in styles_of(palette):
        assert style.color is not None and style.bgcolor is not None, role
        contrast = wcag_contrast(style.color.triplet.hex, style.bgcolor.triplet.hex)
        if contrast < 4.5:
            weak.append((role, style, round(contrast, 2)))
    assert weak == []


def styles_of(palette: Palette) -> Iterator[tuple[str, Style]]:
    """Every style that text is drawn in, with its role."""
    grounds = {}
    for field in fields(palette):
        style = getattr(palette, field.name)
        if isinstance(style, Style) and field.name not in BARS:
            grounds[field.name] = style
            yield field.name, style
    for name, ground in grounds.items():
        for flags in (CODE, LINK, ADDRESS):
            yield f"{name} with {flags}", palette.inline(flags, ground)
    for name in ("base", "block", "added", "removed", "added_word", "removed_word"):
        for role in ROLES:
            yield f"{role} on {name}", palette.token(role, grounds[name])


def test_the_colours_of_a_poor_theme_are_lifted_until_they_can_be_read(tmp_path):
    write(tmp_path, 'primary = "#333333"\nforeground = "#444444"\nbackground = "#222222"\n')
    variables = textual_theme(load_theme("mine", tmp_path)).to_color_system().generate()
    palette = make_palette(variables, Color.parse(variables["background"]))
    for role, style in styles_of(palette):
        assert wcag_contrast(style.color.triplet.hex, style.bgcolor.triplet.hex) >= 4.5, role


def test_an_ansi_theme_leaves_the_colours_to_the_terminal():
    for name in ("ansi-dark", "ansi-light"):
        theme = textual_theme(load_theme(name))
        assert theme.ansi
        palette = make_palette(theme.to_color_system().generate(), Color.parse("ansi_default"))
        for role, style in styles_of(palette):
            color = style.color
            own = color is None or color.is_default or (color.number is not None and color.number < 16)
            assert own, (name, role)


def luminance(text: str) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part / 255) for part in Color.parse(text).rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def wcag_contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_our_themes_are_read_without_the_toml_library():
    for file in theme_files():
        text = file.path.read_text()
        assert parse_flat(text) == tomllib.loads(text), file.name


@given(st.text(alphabet=st.sampled_from("ab-_=\"#\\\n [variables]true'1."), max_size=60))
def test_what_the_small_parser_takes_means_the_same_in_toml(text):
    flat = parse_flat(text)
    if flat is not None:
        assert flat == tomllib.loads(text)


def test_auto_asks_the_terminal():
    assert automatic({}) == "plugsky-dark"
    assert automatic({"COLORFGBG": "15;0"}) == "plugsky-dark"
    assert automatic({"COLORFGBG": "0;15"}) == "plugsky-light"
    assert automatic({"COLORFGBG": "0;default;7"}) == "plugsky-light"
    assert automatic({"COLORFGBG": "15;default"}) == "plugsky-dark"


def write(folder: Path, text: str) -> Path:
    (folder / "themes").mkdir(exist_ok=True)
    path = folder / "themes" / "mine.toml"
    path.write_text(text)
    return path


def test_a_theme_of_ones_own_is_found_and_takes_any_toml(tmp_path):
    write(tmp_path, "primary = '#123456'\nvariables = { text-muted = \"#abcdef\" }\n")
    spec = load_theme("mine", tmp_path)
    assert (spec.name, spec.colours, spec.variables) == ("mine", {"primary": "#123456"}, {"text-muted": "#abcdef"})
    assert [file.name for file in theme_files(tmp_path) if file.own] == ["mine"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("primary = 3", "must be a colour"),
        ('primary = "#123456"\nsky = "#fff"', "'sky' is no part of a theme"),
        ('primary = "#123456"\ndark = "yes"', "'dark' must be true or false"),
        ('background = "#123456"', "needs at least 'primary'"),
        ("primary = ", "mine.toml"),
        ('primary = "#123456"\n[variables]\nx = 1', "[variables]"),
    ],
)
def test_a_broken_theme_says_what_is_wrong_with_it(tmp_path, text, problem):
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        read_theme(path)
    assert problem in caught.value.message
    assert "mine.toml" in caught.value.message


def test_a_colour_that_is_none_is_named(tmp_path):
    with pytest.raises(ConfigError, match="reddish"):
        textual_theme(read_theme(write(tmp_path, 'primary = "reddish"')))


def test_a_theme_there_is_not_names_those_there_are():
    with pytest.raises(ConfigError) as caught:
        load_theme("nope")
    assert "plugsky-dark" in caught.value.hint


# --- what the terminal's background says -----------------------------------------------------------


def ground(app) -> str:
    return app.theme_variables["background"].lower()


async def test_auto_follows_the_background_of_the_terminal(stage, until, tmp_path):
    app = stage.app(theme="auto", config_dir=tmp_path, cache_dir=tmp_path)
    light = load_theme("plugsky-light").colours["background"]
    async with app.run_test(size=(60, 12)) as pilot:
        app.post_message(BackgroundReported(dark=False))
        await until(pilot, lambda: ground(app) == light)
        assert app.theming.chosen == "auto"
    again = stage.app(theme="auto", config_dir=tmp_path, cache_dir=tmp_path)
    assert again.theming.worn == "plugsky-light", "the next start knows this terminal"
    other = stage.app(theme="gulf", config_dir=tmp_path, cache_dir=tmp_path)
    async with other.run_test(size=(60, 12)) as pilot:
        other.post_message(BackgroundReported(dark=False))
        await pilot.pause()
        assert other.theming.worn == "gulf", "who has chosen a theme keeps it"


async def test_a_theme_of_ones_own_is_shown_as_it_is_written(stage, until, tmp_path, shown):
    path = write(tmp_path, 'primary = "#ff0000"\nbackground = "#101010"\n')
    app = stage.app(theme="mine", config_dir=tmp_path)
    async with app.run_test(size=(80, 12)) as pilot:
        app.theming.begin(lambda text: None)
        path.write_text('primary = "#ff0000"\nbackground = "#202020"\n')
        await until(pilot, lambda: ground(app) == "#202020")
        path.write_text('primary = "#ff0000"\nbackground = "grue"\n')
        await until(pilot, lambda: "'background' is not a colour" in shown(app))
        assert ground(app) == "#202020", "what cannot be worn changes nothing"
        fresh = tmp_path / "fresh"
        fresh.write_text('primary = "#ff0000"\nbackground = "#303030"\n')
        fresh.replace(path)
        await until(pilot, lambda: ground(app) == "#303030")
        app.theming.end()


def test_a_memory_of_terminals_that_is_damaged_is_none(tmp_path):
    path = tmp_path / "terminals.json"
    path.write_text("{broken")
    memory = BackgroundMemory(path, {"TERM": "xterm"})
    assert memory.dark() is None
    memory.keep(dark=False)
    assert BackgroundMemory(path, {"TERM": "xterm"}).dark() is False
    assert BackgroundMemory(path, {"TERM": "other"}).dark() is None


async def test_themes_can_be_tried_one_after_the_other_those_of_the_terminals_own_colours_too(stage, shown):
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        for name in ("ansi-dark", "plugsky-dark", "ansi-light", "ansi-dark"):
            app.theming.wear(name)
            await pilot.pause(0.05)
            assert "Ask plugsky" in shown(app)


async def test_without_colours_there_are_none_and_what_is_chosen_is_still_to_be_seen(stage, until, shown, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    app = stage.app(theme="gulf")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash")
        await until(pilot, lambda: "❯ /" in shown(app))
        await pilot.pause()
        styles = {
            segment.style
            for strip in app.screen._compositor.render_strips()
            for segment in strip.apply_filter(app._filters[-1], Color.parse("ansi_default"))
            if segment.style
        }
        assert all(style.color is None and style.bgcolor is None for style in styles)
        assert any(style.reverse for style in styles)
