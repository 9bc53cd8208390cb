"""The API key: found, kept, forgotten, and never shown.

`PLUGSKY_API_KEY` comes first; else the system's keyring, where a marker file says that the key is
there (so that nobody pays for importing keyring in vain); else the 0600 file `credentials`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from plugsky_tui.config.files import read_regular, write_atomic
from plugsky_tui.config.paths import config_dir
from plugsky_tui.kernel.errors import ConfigError

if TYPE_CHECKING:
    from types import ModuleType

    from plugsky_tui.config.shape import Settings

VARIABLE = "PLUGSKY_API_KEY"
PREFIXES = ("psk_live_", "sk-live-")
SERVICE, ACCOUNT = "plugsky", "api-key"

Source = Literal["environment", "keyring", "file"]


@dataclass(slots=True)
class KeyStatus:
    """`source` is None where there is no key; `problem` says why one that is there cannot be used."""

    source: Source | None
    masked: str = ""
    place: str = ""
    problem: str = ""


def find_key(env: Mapping[str, str] = os.environ) -> str | None:
    """The API key, or None. Raises ConfigError where there is one that cannot or must not be used."""
    found = _find(env)
    return found[0] if found else None


def keys_in_use(settings: Settings, key: str | None, env: Mapping[str, str] = os.environ) -> list[str]:
    """`key` and those of all other endpoints: what no child process is to find in its environment."""
    variables = [provider.api_key_env for provider in settings.providers.values()]
    return [secret for secret in (key, *(env.get(variable, "") for variable in variables if variable)) if secret]


def key_status(env: Mapping[str, str] = os.environ) -> KeyStatus:
    """Where the key is, without the key."""
    try:
        found = _find(env)
    except ConfigError as error:
        return KeyStatus(None, problem=f"{error.message} {error.hint}".strip())
    return KeyStatus(found[1], mask(found[0]), found[2]) if found else KeyStatus(None)


def save_key(key: str, env: Mapping[str, str] = os.environ) -> str:
    """Keep `key` in the keyring where there is one, else in the file; the place, for people.

    Raises ConfigError where it is no key or cannot be written.
    """
    key = _checked(key.strip(), "the key")
    try:
        if _to_keyring(key):
            write_atomic(_marker(env), "The API key is in the system's keyring.\n")
            _file(env).unlink(missing_ok=True)
            return "the system's keyring"
        write_atomic(_file(env), key + "\n")
        _marker(env).unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(f"The key could not be kept: {error.strerror}: {error.filename}") from error
    return str(_file(env))


def forget_key(env: Mapping[str, str] = os.environ) -> list[str]:
    """Remove the key from wherever it was kept; the places it was removed from. (A variable is the user's to unset.)"""
    removed: list[str] = []
    try:
        if _marker(env).exists():
            _from_keyring(forget=True)
            _marker(env).unlink()
            removed.append("the system's keyring")
        if _file(env).exists():
            _file(env).unlink()
            removed.append(str(_file(env)))
    except OSError as error:
        raise ConfigError(f"The key could not be removed: {error.strerror}: {error.filename}") from error
    return removed


def mask(key: str) -> str:
    """Enough of a key to tell it from another, too little to use: `psk_live_…wxyz`."""
    prefix = next((known for known in PREFIXES if key.startswith(known)), "")
    secret = key[len(prefix) :]
    return f"{prefix}…{secret[-4:]}" if len(secret) >= 16 else f"{prefix}…"


def _find(env: Mapping[str, str]) -> tuple[str, Source, str] | None:
    if given := env.get(VARIABLE, "").strip():
        return _checked(given, VARIABLE), "environment", VARIABLE
    if _marker(env).exists() and (key := _from_keyring()):
        return _checked(key.strip(), "the key in the keyring"), "keyring", "the system's keyring"
    path = _file(env)
    try:
        found = read_regular(path, limit=16 * 1024)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}", hint="Run `plugsky auth login` again.") from error
    if found is None:
        return None
    data, info = found
    if info.st_mode & 0o077:
        raise ConfigError(f"{path}: others can read this file, and it holds your API key.", hint=f"chmod 600 {path}")
    key = data.decode("utf-8", "replace").strip()
    return (_checked(key, str(path)), "file", str(path)) if key else None


def _checked(key: str, where: str) -> str:
    """A key goes into an HTTP header: visible ASCII, no spaces. The message never holds the key."""
    if not key:
        raise ConfigError("The key is empty.")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ConfigError(
            f"{where} is no API key: it holds spaces or other characters no key has.",
            hint="Copy the key again from the dashboard.",
        )
    return key


def _file(env: Mapping[str, str]) -> Path:
    return config_dir(env) / "credentials"


def _marker(env: Mapping[str, str]) -> Path:
    return config_dir(env) / "credentials.keyring"


def _keyring() -> ModuleType | None:
    """The keyring library where it is installed (an optional extra) and the system has one."""
    from importlib import import_module  # by name: the type checker need not have the extra installed

    try:
        keyring = import_module("keyring")
        useless = tuple(import_module(f"keyring.backends.{name}").Keyring for name in ("fail", "null"))
    except ImportError:
        return None
    return None if isinstance(keyring.get_keyring(), useless) else keyring


def _to_keyring(key: str) -> bool:
    if (keyring := _keyring()) is None:
        return False
    try:
        keyring.set_password(SERVICE, ACCOUNT, key)
        return bool(keyring.get_password(SERVICE, ACCOUNT) == key)
    except Exception:  # a locked or broken keyring raises whatever its backend likes: the file is there for that
        return False


def _from_keyring(*, forget: bool = False) -> str | None:
    if (keyring := _keyring()) is None:
        if forget:
            return None
        raise ConfigError(
            "The API key is in the system's keyring, which cannot be reached from here.",
            hint=f"Set {VARIABLE}, or run `plugsky auth login` again.",
        )
    try:
        key: str | None = keyring.get_password(SERVICE, ACCOUNT)
        if forget and key is not None:
            keyring.delete_password(SERVICE, ACCOUNT)
    except Exception as error:  # see above
        raise ConfigError(
            f"The system's keyring does not give the API key: {type(error).__name__}",
            hint=f"Unlock it, or set {VARIABLE}.",
        ) from error
    return key
