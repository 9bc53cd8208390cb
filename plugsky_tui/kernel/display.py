"""What a tool shows to people, beside what it answers the model. Data only: front ends draw it.

Every text in here is untrusted (file contents, command output): a front end cleans it first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Union


@dataclass(slots=True)
class TextBlock:
    """Text; `language` ("python", "console", "") says how to colour it."""

    text: str
    language: str = ""
    kind: Literal["text"] = "text"


@dataclass(slots=True)
class DiffBlock:
    """A change of one file: `before` None means it is new, `after` None that it is deleted.

    `path` is for people (relative to the workspace where it lies inside).
    """

    path: str
    before: str | None
    after: str | None
    kind: Literal["diff"] = "diff"


@dataclass(slots=True)
class TodoItem:
    text: str
    status: Literal["pending", "in_progress", "completed"] = "pending"


@dataclass(slots=True)
class TodoBlock:
    items: list[TodoItem] = field(default_factory=list)
    kind: Literal["todo"] = "todo"


@dataclass(slots=True)
class TableBlock:
    header: list[str]
    rows: list[list[str]]
    kind: Literal["table"] = "table"


Display = Union[TextBlock, DiffBlock, TodoBlock, TableBlock]
