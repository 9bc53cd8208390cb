"""From a tool's `Params` dataclass to the JSON Schema that models are sent.

Supported: str, int, float, bool, Any, list, dict, Literal, Optional, unions of these, nested dataclasses, and
`Annotated` with a text (the description), `Also` (other names models use for it) and
`Synonyms` (other words they use for its values). Not pydantic: every start would pay 100 ms for it.
"""

from __future__ import annotations

import dataclasses
import types
from dataclasses import MISSING, dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from plugsky_tui.kernel.errors import PlugskyError

_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}


class Also:
    """Other names under which models send this parameter: `Annotated[str, "…", Also("path")]`."""

    __slots__ = ("names",)

    def __init__(self, *names: str) -> None:
        self.names = names


class Synonyms:
    """Other words for the values of a Literal: `Synonyms(done="completed")`."""

    __slots__ = ("words",)

    def __init__(self, **words: str) -> None:
        self.words = words


class SchemaError(PlugskyError):
    """A `Params` class that no schema can be made of; the message names the field."""

    code = "tool_schema"


@dataclass(slots=True)
class Parameter:
    """One field of a `Params` class. `type` is its bare type, `default` MISSING where it must be given."""

    name: str
    type: Any
    description: str
    also: tuple[str, ...]
    synonyms: dict[str, str]
    default: Any

    @property
    def required(self) -> bool:
        return self.default is MISSING


def parameters(params: type[Any]) -> tuple[Parameter, ...]:
    """The fields of a `Params` dataclass in order. SchemaError where it is none, or a type has no meaning here."""
    if not dataclasses.is_dataclass(params):
        raise SchemaError(f"{getattr(params, '__name__', params)} is not a dataclass.")
    try:
        hints = get_type_hints(params, include_extras=True)
    except (NameError, TypeError, AttributeError, SyntaxError) as error:
        raise SchemaError(f"The types of {params.__name__} cannot be read: {error}.") from None
    return tuple(_parameter(field, hints[field.name]) for field in dataclasses.fields(params) if field.init)


def _parameter(field: dataclasses.Field[Any], hint: Any) -> Parameter:
    extras: tuple[Any, ...] = ()
    if get_origin(hint) is Annotated:
        hint, *rest = get_args(hint)
        extras = tuple(rest)
    default = field.default
    if default is MISSING and field.default_factory is not MISSING:
        default = field.default_factory()
    return Parameter(
        field.name,
        hint,
        " ".join(extra for extra in extras if isinstance(extra, str)),
        tuple(name for extra in extras if isinstance(extra, Also) for name in extra.names),
        {word: value for extra in extras if isinstance(extra, Synonyms) for word, value in extra.words.items()},
        default,
    )


def json_schema(params: type[Any]) -> dict[str, Any]:
    """The schema of a `Params` dataclass, of type object."""
    properties: dict[str, Any] = {}
    required: list[str] = []
    for parameter in parameters(params):
        try:
            described = type_schema(parameter.type)
        except SchemaError as error:
            raise SchemaError(f"{params.__name__}.{parameter.name}: {error.message}") from None
        if parameter.description:
            described["description"] = parameter.description
        if parameter.required:
            required.append(parameter.name)
        elif parameter.default not in (None, [], {}):
            described["default"] = parameter.default
        properties[parameter.name] = described
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def type_schema(hint: Any) -> dict[str, Any]:
    """The schema of one type. SchemaError where there is none."""
    hint = bare(hint)
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if hint is Any:
        return {}
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return json_schema(hint)
    arguments = get_args(hint)
    match get_origin(hint) or hint:
        case origin if origin is list:
            return {"type": "array", "items": type_schema(arguments[0]) if arguments else {}}
        case origin if origin is dict:
            return {"type": "object", "additionalProperties": type_schema(arguments[1]) if len(arguments) > 1 else {}}
        case origin if origin is Literal:
            kinds = {_PLAIN.get(type(value)) for value in arguments}
            return {"type": kinds.pop(), "enum": list(arguments)} if len(kinds) == 1 else {"enum": list(arguments)}
        case origin if origin in (Union, types.UnionType):
            kept = [each for each in arguments if each is not type(None)]
            # Optional is just "need not be given": several servers choke on a null type.
            return type_schema(kept[0]) if len(kept) == 1 else {"anyOf": [type_schema(each) for each in kept]}
    raise SchemaError(f"the type {hint!r} is not supported")


def bare(hint: Any) -> Any:
    """A type without its Annotated wrapping."""
    return get_args(hint)[0] if get_origin(hint) is Annotated else hint


def signature(params: type[Any]) -> str:
    """The parameters on one line, as a model that got them wrong should see them: `file_path: string, limit: integer = 2000`."""
    shown: list[str] = []
    for parameter in parameters(params):
        text = f"{parameter.name}: {type_name(parameter.type)}"
        if not parameter.required:
            text += " (optional)" if parameter.default in (None, [], {}) else f" = {_json(parameter.default)}"
        shown.append(text)
    return ", ".join(shown) or "no parameters"


def type_name(hint: Any) -> str:
    """A type in the words of JSON: "string", "array of {old_string: string, …}"."""
    hint = bare(hint)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return "{" + signature(hint) + "}"
    schema = type_schema(hint)
    if "enum" in schema:
        return " | ".join(_json(value) for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(type_name(each) for each in get_args(hint) if each is not type(None))
    if schema.get("type") == "array" and get_args(hint):
        inner = next(each for each in (get_args(hint)) if each is not type(None))
        return f"array of {type_name(inner)}" if get_origin(hint) is list else type_name(inner)
    return str(schema.get("type", "any value"))


def _json(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)
