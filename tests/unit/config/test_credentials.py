"""The API key is found, kept, forgotten, and never shown."""

from __future__ import annotations

import importlib
import io
import json
import os
import sys
import threading
from collections.abc import Callable
from types import ModuleType

import pytest

from plugsky_tui.cli import auth
from plugsky_tui.config import keyrings
from plugsky_tui.config.credentials import conceal, find_key, forget_key, key_status, keys_in_use, mask, save_key
from plugsky_tui.config.shape import ProviderSettings, Settings
from plugsky_tui.frontends import crash
from plugsky_tui.kernel.errors import ConfigError, UsageError

from .conftest import World

KEY = "psk_live_abcdefghijklmnopqrstuvwxyz"


@pytest.fixture(autouse=True)
def no_keyring_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyrings, "import_module", _import_all_but_keyring)


def _import_all_but_keyring(name: str) -> ModuleType:
    """What a test has put there in its place may be had."""
    if isinstance(found := sys.modules.get(name), ModuleType) and not getattr(found, "__file__", None):
        return found
    raise ImportError(name)


def test_there_is_no_key_until_one_is_kept(world: World) -> None:
    assert find_key(world.env) is None
    assert key_status(world.env).source is None
    place = save_key(KEY + "\n", world.env).place
    assert find_key(world.env) == KEY
    assert os.stat(place).st_mode & 0o777 == 0o600
    assert forget_key(world.env).places == [place]
    assert find_key(world.env) is None
    assert forget_key(world.env).places == []


def test_the_file_is_private_from_its_first_moment_and_so_is_its_folder(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[int] = []
    real = os.open

    def watched(path: str, flags: int, mode: int = 0o777, **how: int) -> int:
        fd = real(path, flags, mode, **how)
        if flags & os.O_CREAT:
            opened.append(os.fstat(fd).st_mode & 0o777)
        return fd

    monkeypatch.setattr(os, "open", watched)
    umask = os.umask(0)
    try:
        place = save_key(KEY, world.env).place
    finally:
        os.umask(umask)
    assert opened == [0o600]
    assert os.stat(os.path.dirname(place)).st_mode & 0o777 == 0o700


def test_a_key_replaced_is_found_by_whoever_asks_next(world: World) -> None:
    save_key("psk_live_the_first_of_them", world.env)
    assert find_key(world.env) == "psk_live_the_first_of_them"
    save_key("sk-live-the-second-one", world.env)
    assert find_key(world.env) == "sk-live-the-second-one"


def test_the_variable_comes_first(world: World) -> None:
    save_key(KEY, world.env)
    world.env["PLUGSKY_API_KEY"] = " sk-live-other \n"
    assert find_key(world.env) == "sk-live-other"
    assert key_status(world.env).source == "environment"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused_with_the_fix(world: World, mode: int) -> None:
    place = save_key(KEY, world.env).place
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
        self.forgetful = False

    def get_keyring(self) -> object:
        return self

    def set_password(self, service: str, account: str, key: str) -> None:
        if self.locked:
            raise RuntimeError(f"cannot store {key}")
        if not self.forgetful:
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
    assert "keyring" in save_key(KEY, world.env).place
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


@pytest.mark.parametrize("fault", ["locked", "forgetful"])
def test_where_the_keyring_fails_the_file_takes_the_key_and_it_is_said(
    world: World, keyring: FakeKeyring, fault: str
) -> None:
    save_key("psk_live_an_older_one_there", world.env)
    setattr(keyring, fault, True)
    kept = save_key(KEY, world.env)
    assert kept.place.endswith("credentials")
    assert "keyring" in kept.problem
    assert KEY not in kept.problem
    assert find_key(world.env) == KEY
    keyring.locked = keyring.forgetful = False
    assert "keyring" in save_key("sk-live-back-in-the-keyring", world.env).place
    assert not os.path.exists(kept.place)


def test_a_keyring_that_never_answers_is_not_waited_for(
    world: World, keyring: FakeKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_key(KEY, world.env)
    asked = threading.Event()
    monkeypatch.setattr(keyring, "get_password", lambda *_: asked.wait(30))
    monkeypatch.setattr(keyrings, "ANSWERS_WITHIN_S", 0.05)
    with pytest.raises(ConfigError, match="no answer within"):
        find_key(world.env)
    asked.set()


def test_logging_out_of_a_keyring_that_is_locked_says_what_may_be_left(world: World, keyring: FakeKeyring) -> None:
    save_key(KEY, world.env)
    keyring.locked = True
    forgotten = forget_key(world.env)
    assert forgotten.places == []
    assert "may still hold it" in forgotten.problem
    assert find_key(world.env) is None


def test_the_real_library_without_a_keyring_behind_it_leaves_the_file(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = pytest.importorskip("keyring")
    fail = pytest.importorskip("keyring.backends.fail")
    monkeypatch.setattr(keyrings, "import_module", importlib.import_module)
    monkeypatch.setattr(library, "get_keyring", fail.Keyring)
    kept = save_key(KEY, world.env)
    assert kept.place.endswith("credentials")
    assert kept.problem == ""


def test_the_command_keeps_shows_masked_and_forgets(
    world: World, command: Callable[..., int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command(auth, "status") == 0
    assert "free tier" in capsys.readouterr().out
    monkeypatch.setattr(sys, "stdin", io.StringIO(KEY + "\n"))
    assert command(auth, "login", "--no-check", "--api-key-stdin") == 0
    assert command(auth, "status", "--json") == 0
    out = capsys.readouterr().out
    assert KEY not in out
    assert json.loads(out[out.index("{") :])["masked"] == "psk_live_…wxyz"
    assert command(auth, "login", "--no-check", "--api-key", "sk-live-0123456789abcdef") == 0
    assert "--api-key-stdin" in capsys.readouterr().err  # an argument can be seen
    assert find_key() == "sk-live-0123456789abcdef"
    assert command(auth, "login", "--no-check", "--api-key", "other-0123456789abcdef") == 0
    assert "does not look like a Plugsky key" in capsys.readouterr().out
    assert command(auth, "logout") == 0
    assert find_key() is None


def test_a_report_of_a_crash_holds_no_key_whatever_the_exception_says(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_key(KEY, world.env)
    monkeypatch.setenv("PLUGSKY_API_KEY", "sk-live-of-the-environment")
    try:
        raise RuntimeError(f"sent {KEY} and sk-live-of-the-environment")
    except RuntimeError as error:
        said = crash.report(error, world.root / "data")
    written = "".join(path.read_text() for path in (world.root / "data" / "crashes").iterdir())
    for text in (said, written):
        assert "sent" in text
        assert "sk-live-of-the-environment" not in text
        assert KEY not in text
    assert conceal(f"only {KEY} here", world.env) == "only psk_live_…wxyz here"
    assert conceal("nothing", {}) == "nothing"


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
