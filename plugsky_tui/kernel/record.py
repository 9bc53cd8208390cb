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


def _equal(self: object, other: object) -> Any:
    if type(other) is not type(self):
        return NotImplemented
    return all(getattr(self, name) == getattr(other, name) for name in field_names(self))


def _represent(self: object) -> str:
    values = ", ".join(f"{name}={getattr(self, name)!r}" for name in field_names(self))
    return f"{type(self).__qualname__}({values})"


def field_names(value: object) -> tuple[str, ...]:
    """The names of a record's fields, in order; none for what is no record."""
    names: tuple[str, ...] = getattr(type(value), "__match_args__", ())
    return names
