"""A shell command as the permission check sees it: words, redirections, simple commands and how they are joined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Union


@dataclass(slots=True)
class Word:
    """One word. `text` is what the command gets when `exact`; else expansions stand in it as written.

    `pattern` is set where bash would match file names: the glob, quoted characters escaped.
    `quoted` says that quotes or backslashes were used; `inner` are commands substituted into it.
    """

    raw: str
    text: str
    exact: bool = True
    quoted: bool = False
    pattern: str | None = None
    tilde: bool = False  # begins with an unquoted ~ that stands for the home folder
    inner: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Redirect:
    """`operator` with its target: a file name, or a file descriptor ("1", "-")."""

    raw: str
    operator: str
    target: Word


@dataclass(slots=True)
class Fed:
    """A here-document or here-string: `literal` where bash expands nothing in it."""

    literal: bool
    inner: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Simple:
    """A simple command. `assignments` are the `NAME=value` before it, as written."""

    raw: str
    words: list[Word]
    assignments: list[str] = field(default_factory=list)
    redirects: list[Redirect] = field(default_factory=list)
    fed: list[Fed] = field(default_factory=list)
    inner: list[Node] = field(default_factory=list)  # what is substituted into its assignments


@dataclass(slots=True)
class Joined:
    """`left && right`, `left || right`."""

    left: Node
    operator: str
    right: Node


@dataclass(slots=True)
class Pipeline:
    stages: list[Node]


@dataclass(slots=True)
class Sequence:
    """One after the other; `behind` are the places of those started with `&`."""

    items: list[Node]
    behind: frozenset[int] = frozenset()


@dataclass(slots=True)
class Opaque:
    """Something that is not followed further than to list the commands in it: `what` it is, for people."""

    raw: str
    what: str
    inner: list[Node] = field(default_factory=list)


Node = Union[Simple, Joined, Pipeline, Sequence, Opaque]


@dataclass(slots=True)
class Line:
    """A parsed command line. `problem` says why it must be asked about whatever its parts are; then `tree` is
    what could be made of it, perhaps nothing."""

    tree: Node | None
    problem: str = ""


def simple_commands(node: Node) -> Iterator[Simple]:
    """Every simple command in `node`, also the substituted and the enclosed ones."""
    match node:
        case Simple():
            yield node
            inner = [*node.inner]
            for word in [*node.words, *(redirect.target for redirect in node.redirects)]:
                inner += word.inner
            for fed in node.fed:
                inner += fed.inner
        case Joined():
            inner = [node.left, node.right]
        case Pipeline():
            inner = node.stages
        case Sequence():
            inner = node.items
        case Opaque():
            inner = node.inner
    for child in inner:
        yield from simple_commands(child)
