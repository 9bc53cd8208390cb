"""What a tool shows to people, beside what it answers the model. Data only: front ends draw it.

Every text in here is untrusted (file contents, command output): a front end cleans it first.
"""

from __future__ import annotations

from dataclasses import field
from typing import Literal, Union

from plugsky_tui.kernel.record import record


@record
class TextBlock:
    """Text; `language` ("python", "console", "") says how to colour it."""

    text: str
    language: str = ""
    kind: Literal["text"] = "text"


@record
class DiffBlock:
    """A change of one file: `before` None means it is new, `after` None that it is deleted.

    `path` is for people (relative to the workspace where it lies inside).
    """

    path: str
    before: str | None
    after: str | None
    kind: Literal["diff"] = "diff"


@record
class TodoItem:
    text: str
    status: Literal["pending", "in_progress", "completed"] = "pending"


@record
class TodoBlock:
    items: list[TodoItem] = field(default_factory=list)
    kind: Literal["todo"] = "todo"


@record
class TableBlock:
    header: list[str]
    rows: list[list[str]]
    kind: Literal["table"] = "table"


Display = Union[TextBlock, DiffBlock, TodoBlock, TableBlock]
