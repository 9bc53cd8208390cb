"""The API key is found, kept, forgotten, and never shown."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from types import ModuleType

import pytest

from plugsky_tui.cli import auth
from plugsky_tui.config.credentials import find_key, forget_key, key_status, keys_in_use, mask, save_key
from plugsky_tui.config.shape import ProviderSettings, Settings
from plugsky_tui.kernel.errors import ConfigError, UsageError

from .conftest import World

KEY = "psk_live_abcdefghijklmnopqrstuvwxyz"


def test_there_is_no_key_until_one_is_kept(world: World) -> None:
    assert find_key(world.env) is None
    assert key_status(world.env).source is None
    place = save_key(KEY + "\n", world.env)
    assert find_key(world.env) == KEY
    assert os.stat(place).st_mode & 0o777 == 0o600
    assert forget_key(world.env) == [place]
    assert find_key(world.env) is None
    assert forget_key(world.env) == []


def test_the_variable_comes_first(world: World) -> None:
    save_key(KEY, world.env)
    world.env["PLUGSKY_API_KEY"] = " sk-live-other \n"
    assert find_key(world.env) == "sk-live-other"
    assert key_status(world.env).source == "environment"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused_with_the_fix(world: World, mode: int) -> None:
    place = save_key(KEY, world.env)
    os.chmod(place, mode)
    with pytest.raises(ConfigError) as caught:
        find_key(world.env)
    assert caught.value.hint == f"chmod 600 {place}"
    assert KEY not in key_status(world.env).problem


@pytest.mark.parametrize("key", ["", "  ", "two words", "line\nbreak", "tab\there", "ключ", "a\x00b", "a\x7f"])
def test_what_cannot_go_into_a_header_is_no_key(world: World, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        save_key(key, world.env)
    assert not key.strip() or key not in caught.value.message


@pytest.mark.parametrize(
    ("key", "shown"),
    [(KEY, "psk_live_…wxyz"), ("sk-live-0123456789abcdef", "sk-live-…cdef"), ("short", "…"), ("x" * 40, "…xxxx")],
)
def test_a_masked_key_tells_keys_apart_and_nothing_more(key: str, shown: str) -> None:
    assert mask(key) == shown


class FakeKeyring(ModuleType):
    """The keyring library with a backend that works, as far as it is used."""

    def __init__(self) -> None:
        super().__init__("keyring")
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_keyring(self) -> object:
        return self

    def set_password(self, service: str, account: str, key: str) -> None:
        self.kept[service, account] = key

    def get_password(self, service: str, account: str) -> str | None:
        if self.locked:
            raise RuntimeError("locked")
        return self.kept.get((service, account))

    def delete_password(self, service: str, account: str) -> None:
        del self.kept[service, account]


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> FakeKeyring:
    fake = FakeKeyring()
    monkeypatch.setitem(sys.modules, "keyring", fake)
    for name in ("keyring.backends", "keyring.backends.fail", "keyring.backends.null"):
        module = ModuleType(name)
        module.Keyring = type("Keyring", (), {})  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, name, module)
    return fake


def test_a_keyring_keeps_the_key_where_there_is_one(world: World, keyring: FakeKeyring) -> None:
    assert "keyring" in save_key(KEY, world.env)
    assert find_key(world.env) == KEY
    assert key_status(world.env).source == "keyring"
    assert KEY not in "".join(path.read_text() for path in (world.root / "config").iterdir())
    forget_key(world.env)
    assert keyring.kept == {}
    assert find_key(world.env) is None


def test_a_keyring_that_does_not_answer_is_an_error_with_a_way_out(world: World, keyring: FakeKeyring) -> None:
    save_key(KEY, world.env)
    keyring.locked = True
    with pytest.raises(ConfigError) as caught:
        find_key(world.env)
    assert "PLUGSKY_API_KEY" in caught.value.hint


def test_the_command_keeps_shows_masked_and_forgets(
    world: World, command: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command(auth, "status") == 0
    assert "free tier" in capsys.readouterr().out
    monkeypatch.setattr(sys, "stdin", io.StringIO(KEY + "\n"))
    assert command(auth, "login", "--api-key-stdin") == 0
    assert command(auth, "status", "--json") == 0
    out = capsys.readouterr().out
    assert KEY not in out
    assert json.loads(out[out.index("{") :])["masked"] == "psk_live_…wxyz"
    assert command(auth, "login", "--api-key", "sk-live-0123456789abcdef") == 0
    assert find_key() == "sk-live-0123456789abcdef"
    assert command(auth, "logout") == 0
    assert find_key() is None


def test_without_a_terminal_login_says_how_else(
    world: World, command: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    with pytest.raises(UsageError) as caught:
        command(auth, "login")
    assert "--api-key-stdin" in caught.value.hint


def test_the_keys_of_every_endpoint_are_kept_from_child_processes() -> None:
    settings = Settings(providers={"local": ProviderSettings(base_url="http://x", api_key_env="LOCAL_KEY")})
    env = {"LOCAL_KEY": "local-secret-1", "OTHER": "x"}
    assert keys_in_use(settings, "psk_live_one", env) == ["psk_live_one", "local-secret-1"]
    assert keys_in_use(settings, None, {}) == []
