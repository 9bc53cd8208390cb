"""Skills, as the tool of that name is given them. Where they come from is the session's business."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from plugsky_tui.kernel.record import record


@record
class Skill:
    """`folder` is the absolute path of the folder that its SKILL.md lies in."""

    name: str
    description: str
    folder: str


class Skills(Protocol):
    @property
    def offered(self) -> Sequence[Skill]:
        """Those that the model may load, by name."""
        ...

    def load(self, skill: Skill) -> str:
        """The text of its SKILL.md below the front matter, as it is now. ToolError where it cannot be used any more."""
        ...

    def holds(self, real: str) -> bool:
        """Whether the file at the real path `real` belongs to one of them."""
        ...
