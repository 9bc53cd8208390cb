"""The list of models: sections, columns, favourites, what to find it by, and how much it is worth."""

from __future__ import annotations

import json

from plugsky_tui.frontends.model_facts import needs_key, window
from plugsky_tui.frontends.tui.fuzzy import match
from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.providers.catalogue import ModelInfo, bundled


def panel(text: str) -> list[str]:
    """The rows of the list on the screen."""
    lines = text.split("╭─ Model ")[1].splitlines()[1:]
    return [line.strip("│ ▄▁▆").rstrip() for line in lines if line.startswith("│")]


def names(text: str) -> list[str]:
    return [row.strip("● ").split()[0] for row in panel(text)[2:] if row]


async def opened(pilot, app, shown, until, expect="plugsky-micro") -> None:
    await pilot.press("f2")
    await until(pilot, lambda: "╭─ Model " in shown(app) and expect in shown(app))


async def test_all_models_stand_by_tier_and_embeddings_are_not_offered(stage, shown, until):
    session = stage.Session()
    session.known = [*bundled(), ModelInfo("local/llama", 8192, "", ("tools",)), ModelInfo("brand-new", 2048)]
    app = stage.app(session=session)
    async with app.run_test(size=(160, 60)) as pilot:
        await opened(pilot, app, shown, until)
        rows = panel(shown(app))
        headings = [row for row in rows if row in ("Free tier: no key needed", "Paid", "Reasoning", "Specialized")]
        assert headings == ["Free tier: no key needed", "Paid", "Reasoning", "Specialized"]
        assert "embed" not in shown(app)
        columns = {row.index("K ") for row in rows if row.startswith("plugsky-") and "K " in row[:40]}
        assert len(columns) == 1  # they stand under each other
        await pilot.press(*"llama")
        await until(pilot, lambda: "local/llama" in shown(app))
        await pilot.press("ctrl+u", *"brand")
        await until(pilot, lambda: "brand-new" in shown(app))


async def test_other_endpoints_have_a_section_each(stage, shown, until):
    session = stage.Session()
    session.known += [ModelInfo("local/llama", 8192), ModelInfo("work/glm", 200_000)]
    app = stage.app(session=session)
    async with app.run_test(size=(100, 40)) as pilot:
        await opened(pilot, app, shown, until)
        rows = panel(shown(app))
        assert rows[rows.index("local") + 1].startswith("local/llama")
        assert rows[rows.index("work") + 1].startswith("work/glm")


async def test_it_is_found_by_what_it_can_do_by_tier_and_by_note(stage, shown, until):
    app = stage.app()
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app, shown, until)
        for query, found in (("free tools", "micro"), ("code", "pro"), ("thoughts", "max"), ("plugmax", "max")):
            await pilot.press("ctrl+u", *("space" if letter == " " else letter for letter in query))
            await until(pilot, lambda found=found: names(shown(app)) == [f"plugsky-{found}"])


async def test_a_key_makes_a_favourite_which_comes_first_from_then_on(stage, shown, until, tmp_path):
    app = stage.app(data_dir=tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app, shown, until)
        assert "Ctrl+F favourite" in shown(app)
        await pilot.press("down", "ctrl+f")  # from the one in use to plugsky-max
        await until(pilot, lambda: "★ Favourites" in shown(app))
        rows = panel(shown(app))
        assert rows[rows.index("★ Favourites") + 1].startswith("plugsky-max")
        assert json.loads((tmp_path / "models.json").read_text())["favourites"] == ["plugsky-max"]
        await pilot.press("ctrl+f")
        await until(pilot, lambda: "★ Favourites" not in shown(app))


async def test_the_ones_chosen_last_are_offered_again(stage, shown, until, tmp_path):
    app = stage.app(data_dir=tmp_path)
    async with app.run_test(size=(100, 30)) as pilot:
        for name in ("micro", "max"):
            await opened(pilot, app, shown, until)
            await pilot.press(*name, "enter")
            await until(pilot, lambda name=name: app.status.status.model == f"plugsky-{name}")
        await until(pilot, lambda: len(json.loads((tmp_path / "models.json").read_text())["recents"]) == 2)
        await opened(pilot, app, shown, until)
        rows = panel(shown(app))
        recent = rows.index("Recent")
        assert [row.strip("● ").split()[0] for row in rows[recent + 1 : recent + 3]] == ["plugsky-max", "plugsky-micro"]


async def test_the_key_for_favourites_can_be_moved(stage, shown, until):
    app = stage.app(keys={"model.favourite": "f8"})
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app, shown, until)
        assert "F8 favourite" in shown(app)
        await pilot.press("f8")
        await until(pilot, lambda: "★ Favourites" in shown(app))


async def test_an_old_list_says_how_old_it_is_and_why_there_is_no_newer(stage, shown, until):
    session = stage.Session()
    session.age_s, session.live = 3 * 3600.0, PlugskyError("no connection")
    app = stage.app(session=session)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app, shown, until, "no connection")
        assert "This is the list of 3 h ago. The server was not reached: no connection" in shown(app)


async def test_the_bundled_list_is_called_so_and_an_endpoint_that_is_silent_is_named(stage, shown, until):
    session = stage.Session()
    session.age_s = None
    app = stage.app(session=session)
    async with app.run_test(size=(100, 30)) as pilot:
        session.live = PlugskyError("no connection")
        await opened(pilot, app, shown, until, "came with plugsky")
        await pilot.press("escape")
        session.live, session.troubles = None, {"local": PlugskyError("connection refused")}
        await opened(pilot, app, shown, until, "local was not reached: connection refused")


async def test_a_model_the_server_does_not_list_any_more_is_told(stage, shown, until):
    session = stage.Session()
    session.live = [ModelInfo("plugsky-micro", 131_072, "free", live=True), ModelInfo("plugsky-pro", 65_536, "default")]
    app = stage.app(session=session)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app, shown, until, "not listed by the server now")
        assert "not listed" not in next(row for row in panel(shown(app)) if "plugsky-micro" in row)


def test_what_needs_a_key_is_what_is_documented_to():
    assert [name for name in ("plugsky-micro", "plugsky-lite", "llama3", "local/plugsky-pro") if needs_key(name)] == []
    assert all(needs_key(name) for name in ("plugsky-pro", "plugsky-vision-fast", "auto", "plugsky-fusion"))


def test_windows_are_written_as_in_the_documentation():
    assert [window(count) for count in (None, 500, 32_768, 131_072, 1_048_576)] == ["", "500", "32K", "131K", "1M"]


def test_words_are_found_in_any_order_and_letters_only_in_the_title():
    assert match("tools free", "plugsky-micro", "fast tools free") is not None
    assert match("pgm", "plugsky-micro") is not None
    assert match("xyz", "plugsky-micro", "x and y and z") is None
    assert (match("micro", "plugsky-micro") or 0) > (match("micro", "other", "micro") or 0)
