"""What one file defines and refers to, and how the cache and the workers write it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

NO_PARENT = -1
CONTAINERS = frozenset(("class", "struct", "interface", "trait", "enum", "impl", "module"))
FUNCTIONS = frozenset(("function", "method", "constructor"))
TYPES = CONTAINERS - {"impl", "module"}


@dataclass(slots=True)
class Definition:
    """One definition. Lines count from 1; `line` is that of the name, `end` the last of its body.

    `parent` is the place of the enclosing definition in the file's list (NO_PARENT: none); `scope` is what
    the source itself says where that is elsewhere (`Queue` in `func (q *Queue) Push()`).
    """

    name: str
    kind: str
    line: int
    end: int
    parent: int
    signature: str
    scope: str = ""


@dataclass(slots=True)
class FileTags:
    """`references` counts names that are called, imported, inherited or used as types; `members` those of them that
    stand after a dot or the like, where the language tells the two apart: only they can mean a method.
    `generated` files say of themselves that a program wrote them; `errors`: some of it could not be parsed.
    """

    definitions: list[Definition] = field(default_factory=list)
    references: dict[str, int] = field(default_factory=dict)
    members: dict[str, int] = field(default_factory=dict)
    generated: bool = False
    errors: bool = False

    def to_json(self) -> str:
        """One line, names as they are: the cache is searched for them as text."""
        value = {
            "d": [[d.name, d.kind, d.line, d.end, d.parent, d.signature, d.scope] for d in self.definitions],
            "r": self.references,
            "m": self.members,
            "g": self.generated,
            "e": self.errors,
        }
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> FileTags:
        """ValueError, KeyError or TypeError where it is not what `to_json` wrote."""
        value: dict[str, Any] = json.loads(text)
        return cls([Definition(*each) for each in value["d"]], value["r"], value["m"], value["g"], value["e"])

    def qualified(self, at: int) -> str:
        """The name of a definition with those around it: `QuerySet.filter`."""
        parts: list[str] = []
        while at != NO_PARENT:
            definition = self.definitions[at]
            parts += [definition.name, *([definition.scope] if definition.scope else [])]
            at = definition.parent
        return ".".join(reversed(parts))
