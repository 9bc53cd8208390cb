"""Parameters become the JSON Schema a model is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Optional, Union

import pytest

from plugsky_tui.tooling.schema import Also, SchemaError, json_schema, signature


@dataclass
class Inner:
    text: Annotated[str, "What."]
    done: bool = False


@dataclass
class Everything:
    name: Annotated[str, "A name.", Also("title")]
    count: Annotated[int, "How many."] = 3
    ratio: float = 0.5
    kind: Literal["a", "b"] = "a"
    tags: Annotated[list[str], "Some tags."] = field(default_factory=list)
    inner: Optional[Inner] = None  # noqa: UP045  # both spellings work
    items: list[Inner] = field(default_factory=list)
    table: dict[str, int] = field(default_factory=dict)
    either: Union[int, str, None] = None
    anything: Any = None


def test_every_supported_type_has_its_schema() -> None:
    inner = {
        "type": "object",
        "properties": {
            "text": {"type": "string", "description": "What."},
            "done": {"type": "boolean", "default": False},
        },
        "required": ["text"],
        "additionalProperties": False,
    }
    assert json_schema(Everything) == {
        "type": "object",
        "properties": {
            "name": {"type": "string", "description": "A name."},
            "count": {"type": "integer", "description": "How many.", "default": 3},
            "ratio": {"type": "number", "default": 0.5},
            "kind": {"type": "string", "enum": ["a", "b"], "default": "a"},
            "tags": {"type": "array", "items": {"type": "string"}, "description": "Some tags."},
            "inner": inner,
            "items": {"type": "array", "items": inner},
            "table": {"type": "object", "additionalProperties": {"type": "integer"}},
            "either": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
            "anything": {},
        },
        "required": ["name"],
        "additionalProperties": False,
    }


def test_the_signature_says_it_on_one_line() -> None:
    assert signature(Everything).startswith(
        'name: string, count: integer = 3, ratio: number = 0.5, kind: "a" | "b" = "a"'
    )
    assert "items: array of {text: string, done: boolean = false} (optional)" in signature(Everything)


@dataclass
class Strange:
    what: bytes


@dataclass
class Unknown:
    what: Nowhere  # type: ignore[name-defined]  # noqa: F821


@pytest.mark.parametrize("params", [Strange, Unknown, int])
def test_what_has_no_schema_is_refused_by_name(params: type[Any]) -> None:
    with pytest.raises(SchemaError, match=r"Strange\.what|Unknown|int"):
        json_schema(params)
