"""What a keyboard is to the chat: lines at a prompt, answers to questions, and what is typed while the agent works."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, Union

GUARD_S = 0.35  # what is typed before, or so soon after, a question appears was not meant for it


@dataclass(frozen=True, slots=True)
class Entered:
    """A line, or several, was sent."""

    text: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A key that stands for the line `command`; `draft` is what was being written meanwhile."""

    command: str
    draft: str


@dataclass(frozen=True, slots=True)
class Cleared:
    """Ctrl+C: `text` was given up; empty where there was nothing to give up."""

    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """Ctrl+D, or there is no more input."""


Typed = Union[Entered, Pressed, Cleared, Ended]


class Interrupted(Exception):
    """Ctrl+C at a question."""


@dataclass(slots=True)
class Hearing:
    """Who is told of what is typed while no prompt is there: of a whole `line`, that something is `begun`, and that the
    agent is to `stop`."""

    line: Callable[[str], None]
    begun: Callable[[], None]
    stop: Callable[[], None]


class Keyboard(Protocol):
    draft: str
    """What was typed ahead and not sent yet: the next prompt begins with it."""

    async def prompt(self, marker: str, continued: str) -> Typed:
        """What is typed at the prompt, from `draft` on."""
        ...

    async def ask(self, marker: str, default: str = "", *, guarded: bool = False) -> str | None:
        """One line, `default` being there to be changed where that is possible; None for Esc or the end of input.
        `guarded`: of what was typed before, and in the first moment, nothing counts; it is kept as typed ahead.

        Raises Interrupted.
        """
        ...

    async def secret(self, marker: str) -> str | None:
        """As `ask`, but nothing is shown. UsageError where that cannot be had."""
        ...

    def edits_defaults(self) -> bool:
        """Whether the default of `ask` is there to be changed."""
        ...

    def hear(self, hearing: Hearing) -> AbstractContextManager[None]:
        """While this lasts and no prompt is there, `hearing` is told what is typed."""
        ...

    def interrupt(self) -> None:
        """SIGINT came: as if Ctrl+C had been typed."""
        ...

    def close(self) -> None:
        """Leave the terminal as it was."""
        ...
