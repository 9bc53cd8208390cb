"""The pieces a Markdown text is cut into: small, flat, each laid out on its own.

Nesting is not a tree: each leaf carries the containers it stands in (`edges`). So a list of ten thousand
items is ten thousand leaves, and only those on the screen cost anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Align = Literal["left", "center", "right"]


@dataclass(slots=True, eq=False)
class Quote:
    """A block quotation."""


@dataclass(slots=True, eq=False)
class Item:
    """A list item: a bullet, or number `number`.

    `kind` is the bullet character or the delimiter behind the number: where it differs, a new list begins. `margin`
    and `indent` are the columns of the marker and of the content in the source. `task` is the state of its check box.
    """

    kind: str
    number: int | None
    margin: int
    indent: int
    task: bool | None = None


Container = Quote | Item


@dataclass(slots=True, eq=False)
class Leaf:
    """What all pieces share.

    `edges` are the containers around it, outermost first. `shared` of them were there in the leaf before; the others
    begin with this one (their markers are drawn). `gap` is whether a blank line goes before it. `block` numbers the
    top-level block it is part of; `start` and `end` are offsets into the text.
    """

    edges: tuple[Container, ...]
    shared: int
    gap: bool
    block: int
    start: int
    end: int


@dataclass(slots=True, eq=False)
class Paragraph(Leaf):
    """`partial` is the line that is still being written."""

    lines: list[str] = field(default_factory=list)
    partial: str | None = None


@dataclass(slots=True, eq=False)
class Heading(Leaf):
    level: int = 1
    text: str = ""


@dataclass(slots=True, eq=False)
class Rule(Leaf):
    pass


@dataclass(slots=True, eq=False, weakref_slot=True)
class Code(Leaf):
    """Up to a few dozen lines of code. A longer fence is several of these, each knowing the one `before` it.

    `lines` are complete, `partial` is the one that is still being written.
    """

    lines: list[str] = field(default_factory=list)
    partial: str | None = None
    language: str = ""
    before: Code | None = None


@dataclass(slots=True, eq=False, weakref_slot=True)
class Table(Leaf):
    """Up to a few dozen rows of a table. A longer one is several of these: the first, `head`, decides the widths."""

    header: list[str] = field(default_factory=list)
    aligns: list[Align] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    partial: list[str] | None = None
    head: Table | None = None
