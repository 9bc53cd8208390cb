"""The system's keyring: the macOS keychain, Secret Service, KWallet, whatever the library `keyring` knows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

Answer = TypeVar("Answer")

SERVICE, ACCOUNT = "plugsky", "api-key"
ANSWERS_WITHIN_S = 10.0  # a locked one may show a dialog on a screen that nobody looks at
UNLOCKED_WITHIN_S = 60.0  # while somebody logs in, somebody is there


class KeyringFailed(Exception):
    """The system's keyring is there and does not do what it is asked; the message says why, for people."""


class Keyring:
    """One entry in the keyring. Every method raises KeyringFailed, whatever the backend raises, or where it is silent."""

    def __init__(self, library: Any) -> None:
        self._library = library

    def key(self) -> str | None:
        found = _within(ANSWERS_WITHIN_S, lambda: self._library.get_password(SERVICE, ACCOUNT))
        return None if found is None else str(found)

    def keep(self, key: str) -> None:
        """Kept is what can be read again."""

        def keep() -> bool:
            self._library.set_password(SERVICE, ACCOUNT, key)
            return bool(self._library.get_password(SERVICE, ACCOUNT) == key)

        if not _within(UNLOCKED_WITHIN_S, keep):
            raise KeyringFailed("it does not keep what it is given")

    def forget(self) -> None:
        def forget() -> None:
            if self._library.get_password(SERVICE, ACCOUNT) is not None:
                self._library.delete_password(SERVICE, ACCOUNT)

        _within(UNLOCKED_WITHIN_S, forget)


def system_keyring() -> Keyring | None:
    """The keyring, where the library is installed (an optional extra) and finds one."""
    try:
        keyring = import_module("keyring")  # by name: the type checker need not have the extra installed
        useless = tuple(import_module(f"keyring.backends.{name}").Keyring for name in ("fail", "null"))
        return None if isinstance(keyring.get_keyring(), useless) else Keyring(keyring)
    except Exception:  # not installed, or a backend that cannot even be loaded
        return None


def _within(seconds: float, ask: Callable[[], Answer]) -> Answer:
    """What `ask` answers. A thread asks: one that never gets an answer is left behind, and ends with the process."""
    answers: list[Answer] = []
    failures: list[str] = []

    def run() -> None:
        try:
            answers.append(ask())
        except BaseException as error:  # a locked or broken keyring raises whatever its backend likes
            failures.append(type(error).__name__)  # its words may hold anything

    thread = threading.Thread(target=run, name="keyring", daemon=True)
    thread.start()
    thread.join(seconds)
    if answers:
        return answers[0]
    raise KeyringFailed(failures[0] if failures else f"no answer within {seconds:g} seconds")
