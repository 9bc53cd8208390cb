"""What a front end was started with: the options of `plugsky`, `run`, `chat` and `demo`, parsed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from plugsky_tui.config.paths import cache_dir
from plugsky_tui.providers.pacers import Pacers


def _pacers() -> Pacers:
    return Pacers(cache_dir)


@dataclass(slots=True)
class Options:
    """`None` and empty mean "not given": configuration and defaults then decide."""

    folder: Path = field(default_factory=Path.cwd)
    model: str | None = None
    mode: str | None = None
    agent: str | None = None
    theme: str | None = None
    resume: str | None = None  # a thread id, or the start of one
    continue_newest: bool = False
    fork: bool = False
    offline: bool = False  # the embedded simulator answers
    allow: list[str] = field(default_factory=list)
    deny: list[str] = field(default_factory=list)
    max_turns: int | None = None
    timeout_s: float | None = None
    ephemeral: bool = False  # nothing is kept on disk
    json_schema: Path | None = None  # of the final answer
    record: Path | None = None  # where the traffic with models is kept
    replay: Path | None = None  # where it is taken from instead of a server
    pacers: Pacers = field(
        default_factory=_pacers, repr=False
    )  # of the process: one session after another keeps to them
