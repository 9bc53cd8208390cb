"""The API key: found, kept, forgotten, and never shown.

`PLUGSKY_API_KEY` comes first; else the system's keyring, where a marker file says that the key is
there (so that nobody pays for importing keyring in vain); else the 0600 file `credentials`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from plugsky_tui.config.files import read_regular, write_atomic
from plugsky_tui.config.paths import config_dir
from plugsky_tui.kernel.errors import ConfigError

if TYPE_CHECKING:
    from plugsky_tui.config.shape import Settings

VARIABLE = "PLUGSKY_API_KEY"
PREFIXES = ("psk_live_", "sk-live-")

Source = Literal["environment", "keyring", "file"]


@dataclass(slots=True)
class KeyStatus:
    """`source` is None where there is no key; `problem` says why one that is there cannot be used."""

    source: Source | None
    masked: str = ""
    place: str = ""
    problem: str = ""


@dataclass(slots=True)
class Kept:
    """Where a key is kept, for people; `problem` says why not in the keyring, where there is one."""

    place: str
    problem: str = ""


@dataclass(slots=True)
class Forgotten:
    """The places a key was removed from, for people; `problem` says what may still hold it."""

    places: list[str] = field(default_factory=list)
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


def save_key(key: str, env: Mapping[str, str] = os.environ) -> Kept:
    """Keep `key` in the keyring where there is one that works, else in the file. What runs already uses it from its
    next request on.

    Raises ConfigError where it is no key or cannot be written.
    """
    key = _checked(key.strip(), "the key")
    problem = _into_keyring(key)
    try:
        if problem is None:
            write_atomic(_marker(env), "The API key is in the system's keyring.\n")
            _file(env).unlink(missing_ok=True)
            return Kept("the system's keyring")
        write_atomic(_file(env), key + "\n")
        _marker(env).unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(f"The key could not be kept: {error.strerror}: {error.filename}") from error
    return Kept(str(_file(env)), problem)


def forget_key(env: Mapping[str, str] = os.environ) -> Forgotten:
    """Remove the key from wherever it was kept. (A variable is the user's to unset.)

    Raises ConfigError where a file cannot be removed.
    """
    forgotten = Forgotten()
    try:
        if _file(env).exists():
            _file(env).unlink()
            forgotten.places.append(str(_file(env)))
        if _marker(env).exists():
            forgotten.problem = _out_of_keyring()
            _marker(env).unlink()
            if not forgotten.problem:
                forgotten.places.append("the system's keyring")
    except OSError as error:
        raise ConfigError(f"The key could not be removed: {error.strerror}: {error.filename}") from error
    return forgotten


def conceal(text: str, env: Mapping[str, str] = os.environ) -> str:
    """`text` without API keys, should they be in there: for what is written down when something breaks."""
    keys = [env.get(VARIABLE, "").strip()]
    try:
        kept = _find({**env, VARIABLE: ""})
        keys.append(kept[0] if kept else "")
    except ConfigError:
        pass  # what cannot be read was not used
    for key in filter(None, keys):
        text = text.replace(key, mask(key))
    return text


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


# The keyring's library takes 60 ms and more to import: only whoever has a key in it, or puts one there, pays for it.


def _into_keyring(key: str) -> str | None:
    """None where it is kept there; else why not, "" where there is no keyring."""
    from plugsky_tui.config.keyrings import KeyringFailed, system_keyring

    if (keyring := system_keyring()) is None:
        return ""
    try:
        keyring.keep(key)
    except KeyringFailed as error:
        return f"The system's keyring does not take it ({error})."
    return None


def _out_of_keyring() -> str:
    """What is wrong; "" where it is gone."""
    from plugsky_tui.config.keyrings import KeyringFailed, system_keyring

    reason = "it cannot be reached from here"
    try:
        if (keyring := system_keyring()) is not None:
            keyring.forget()
            return ""
    except KeyringFailed as error:
        reason = str(error)
    return f"The system's keyring may still hold it ({reason}): remove the entry 'plugsky' there."


def _from_keyring() -> str | None:
    from plugsky_tui.config.keyrings import KeyringFailed, system_keyring

    if (keyring := system_keyring()) is None:
        raise ConfigError(
            "The API key is in the system's keyring, which cannot be reached from here.",
            hint=f"Set {VARIABLE}, or run `plugsky auth login` again.",
        )
    try:
        return keyring.key()
    except KeyringFailed as error:
        raise ConfigError(
            f"The system's keyring does not give the API key: {error}.", hint=f"Unlock it, or set {VARIABLE}."
        ) from error
