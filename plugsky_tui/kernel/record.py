"""`@record`: a dataclass with slots that costs half as much to define.

A start imports about a hundred of them, and `dataclass` compiles `__init__`, `__repr__` and
`__eq__` for each; here only `__init__` is compiled, and all classes share the other two.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(field_specifiers=(field,))
def record(cls: type[T]) -> type[T]:
    """`@dataclass(slots=True)`, made more cheaply. Mutable and, like every such dataclass, not hashable."""
    made: Any = dataclass(slots=True, eq=False, repr=False)(cls)
    made.__eq__ = _equal
    made.__hash__ = None
    if "__repr__" not in cls.__dict__:
        made.__repr__ = _represent
    found: type[T] = made
    return found


def _equal(self: Any, other: object) -> bool:
    if type(other) is not type(self):
        return NotImplemented
    return all(getattr(self, name) == getattr(other, name) for name in self.__match_args__)


def _represent(self: Any) -> str:
    values = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
    return f"{type(self).__qualname__}({values})"
