"""What the first paint needs to know, so that it waits for nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plugsky_tui.config.shape import Bidi, Notify


def _yes() -> bool:
    return True


@dataclass(slots=True)
class Look:
    """Cheap facts, gathered before Textual is imported.

    `theme` is a theme's name or "auto"; `model` None where it is not known yet. `keys` are the
    user's own keys (action name -> keys, as in `[keys]` of config.toml). `data_dir` keeps the
    prompt history (None: nowhere), `cache_dir` what terminals were like, `config_dir` has the user's own themes. `brings` lists what the
    folder brings along that must be trusted first, one sentence each; empty where there is nothing to ask.
    `first`: nothing was ever said here by this user.
    `has_key` is asked each time it matters: `plugsky auth login` may run elsewhere meanwhile.
    """

    folder: Path
    model: str | None = None
    mode: str = "ask"
    branch: str | None = None
    theme: str = "auto"
    notify: Notify = "auto"
    bidi: Bidi = "auto"
    vim: bool = False
    keys: dict[str, str] = field(default_factory=dict)
    data_dir: Path | None = None
    config_dir: Path | None = None
    cache_dir: Path | None = None
    brings: list[str] = field(default_factory=list)
    resuming: bool = False
    first: bool = False
    has_key: Callable[[], bool] = _yes


def has_key(look: Look) -> bool:
    """Whether there is a key that can be used; of one that cannot, the prompt for another says why."""
    from plugsky_tui.kernel.errors import PlugskyError

    try:
        return look.has_key()
    except PlugskyError:
        return False


def short_folder(folder: Path) -> str:
    """`folder` as people write it: `~/src/app`."""
    try:
        inside = folder.relative_to(Path.home())
    except (ValueError, RuntimeError):
        return str(folder)
    return "~" if inside == Path() else f"~/{inside}"
