"""What people are told of settings: values without secrets, origins, what each may be, and changing them."""

from __future__ import annotations

import pytest

from plugsky_tui.config.edit import unset_value
from plugsky_tui.frontends.settings_facts import (
    Setting,
    change,
    key_named,
    read_settings,
    shown_origin,
    shown_value,
    when,
)
from plugsky_tui.kernel.errors import ConfigError, UsageError
from plugsky_tui.permissions.trust import Trust

USER = """\
# mine
theme = "nord"  # calm

[permissions]
allow = ["shell(ls *)"]

[providers.local]
base_url = "http://127.0.0.1:1/v1"
headers = { X-Token = "very secret" }
"""


@pytest.fixture
def user(tmp_path, monkeypatch):
    """The user's config.toml."""
    for name in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.setenv(f"PLUGSKY_{name}_DIR", str(tmp_path / name.lower()))
    for name in ("PLUGSKY_MODEL", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "config" / "config.toml"
    path.parent.mkdir()
    path.write_text(USER)
    return path


def project(tmp_path, text: str, *, trusted: bool):
    folder = tmp_path / "project"
    (folder / ".plugsky").mkdir(parents=True)
    (folder / ".plugsky" / "config.toml").write_text(text)
    if trusted:
        Trust(tmp_path / "data").grant(folder)
    return folder


def settings(tmp_path, folder=None, **options) -> dict[str, Setting]:
    return {one.name: one for one in read_settings(folder or tmp_path, options, tmp_path / "data")}


def test_each_has_its_value_who_set_it_what_it_is_for_and_what_it_may_be(user, tmp_path, monkeypatch):
    monkeypatch.setenv("PLUGSKY_MODEL", "plugsky-max")
    found = settings(tmp_path, mode="plan")
    assert [shown_origin(one) for one in found["theme"].origins] == ["config.toml:2"]
    assert shown_origin(found["model"].origins[0]) == "PLUGSKY_MODEL"
    assert shown_origin(found["mode"].origins[0]) == "--mode"
    assert found["mode"].overridden is not None
    assert found["theme"].overridden is None
    assert found["bidi"].origins == []
    assert found["notify"].choices == ["auto", "bell", "off"]
    assert found["edits.diagnostics"].choices == ["true", "false"]
    assert "region" not in found["api.region"].name.removeprefix("api.region")
    assert found["api.region"].about == "Where requests are to be processed."


def test_tokens_are_never_shown(user, tmp_path):
    found = settings(tmp_path)
    token = found["providers.local.headers.X-Token"]
    assert (token.value, token.own, token.secret) == ("…", "…", True)
    assert "very secret" not in repr(found)


def test_rules_of_several_files_add_up_and_name_them_all(user, tmp_path):
    folder = project(tmp_path, 'theme = "dracula"\n[permissions]\nallow = ["shell(make *)"]\n', trusted=True)
    found = settings(tmp_path, folder)
    allow = found["permissions.allow"]
    assert sorted(allow.value) == ["shell(ls *)", "shell(make *)"]
    assert [shown_origin(one) for one in allow.origins] == [".plugsky/config.toml:3", "config.toml:5"]
    assert allow.own == ["shell(ls *)"]
    assert found["theme"].value == "dracula"
    assert shown_origin(found["theme"].overridden) == ".plugsky/config.toml:1"


def test_what_a_folder_says_that_is_not_trusted_does_not_count(user, tmp_path):
    folder = project(tmp_path, 'theme = "dracula"\n', trusted=False)
    assert settings(tmp_path, folder)["theme"].value == "nord"


def test_a_value_is_changed_and_taken_back_and_comments_stay(user, tmp_path):
    change(("api", "timeout_s"), "60")
    change(("permissions", "allow"), '["shell(ls *)", "shell(pwd)"]')
    assert settings(tmp_path)["api.timeout_s"].value == 60
    change(("api", "timeout_s"), "")
    change(("permissions", "allow"), "")
    found = settings(tmp_path)
    assert found["api.timeout_s"].origins == []
    assert found["permissions.allow"].value == []
    assert user.read_text().startswith('# mine\ntheme = "nord"  # calm\n')


def test_what_is_not_there_need_not_be_taken_out(user):
    before = user.read_text()
    assert unset_value(user, ("api", "region")) is False
    assert unset_value(user, ("bidi",)) is False
    assert user.read_text() == before


def test_nothing_is_taken_out_that_something_else_needs(user):
    before = user.read_text()
    with pytest.raises(ConfigError, match=r"providers\.local\.base_url"):
        unset_value(user, ("providers", "local", "base_url"))
    assert user.read_text() == before


def test_a_name_that_is_none_comes_with_the_nearest():
    assert key_named('checks."*.py"') == ("checks", "*.py")
    with pytest.raises(UsageError) as caught:
        key_named("api.regoin")
    assert caught.value.hint == "Did you mean api.region?"


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), ([], ""), ("nord", "nord"), (5, "5"), (True, "true"), (["a"], '["a"]')]
)
def test_values_are_shown_as_they_are_written(value, text):
    assert shown_value(value) == text


def test_from_when_on_a_value_counts():
    assert [when(name) for name in ("theme", 'keys."model.pick"', "bidi", "api.rpm")] == [
        "at once",
        "at once",
        "from the next start",
        "from the next thread on (/new)",
    ]
