"""JSON Schemas from files: checked before they are used, and never completed from the network."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # imported with this module: who reads a schema is about to check with it
from jsonschema.protocols import Validator
from jsonschema_specifications import REGISTRY
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import specification_with

from plugsky_tui.config.files import read_regular
from plugsky_tui.kernel.errors import PlugskyError, UsageError
from plugsky_tui.session.time_limit import TookTooLong, at_most

LIMIT = 256 * 1024  # bytes
CHECKED_S = 2.0  # nothing else happens while an answer is checked: not even Ctrl-C
_HINT = "https://json-schema.org/understanding-json-schema explains how schemas are written."
_DATA = ("const", "enum", "default", "examples")  # keywords whose values are data, whatever they look like
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")


class Schema:
    """A schema that is valid itself and whose references all lead somewhere. `value` is what the file says."""

    def __init__(self, value: dict[str, Any], validator: Validator) -> None:
        self.value = value
        self._validator = validator

    def faults(self, answer: Any) -> list[tuple[str, str]]:
        """(JSON path, what is wrong there), the outermost first; none where `answer` fits. PlugskyError where that
        cannot be found out in a reasonable time."""
        try:
            with at_most(CHECKED_S):
                errors = sorted(self._validator.iter_errors(answer), key=lambda error: len(error.absolute_path))
        except TookTooLong:
            raise PlugskyError(
                f"The answer could not be checked against the schema within {CHECKED_S:g} seconds.",
                hint="A `pattern` in it that tries endless ways (such as (a+)+) is the usual reason: make it simpler.",
                code="schema_too_slow",
            ) from None
        except RecursionError:
            return [("$", "it is nested too deeply to be checked")]
        return [(error.json_path, error.message) for error in errors]


def read_schema(path: Path, name: str) -> Schema:
    """The schema in the file at `path`, called `name` in messages. UsageError naming what is wrong, and where."""
    try:
        found = read_regular(path, LIMIT)
    except OSError as error:
        raise _wrong(name, error.strerror or "cannot be read") from error
    if found is None:
        raise _wrong(name, "there is no such file")
    try:
        value = json.loads(found[0].decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _wrong(name, "not valid UTF-8") from error
    except json.JSONDecodeError as error:
        raise _wrong(f"{name}:{error.lineno}:{error.colno}", f"not JSON: {error.msg}") from error
    except RecursionError:
        raise _wrong(name, "it is nested too deeply") from None
    if not isinstance(value, dict):
        raise _wrong(name, "a schema is a JSON object")
    return Schema(value, _validator(value, name))


def _validator(value: dict[str, Any], name: str) -> Validator:
    kind = _dialect(value, name)
    try:
        kind.check_schema(value)
    except jsonschema.SchemaError as error:
        raise _wrong(f"{name}: {error.json_path}", error.message) from error
    except RecursionError:
        raise _wrong(name, "it is nested too deeply") from None
    # A registry without `retrieve` knows the official meta-schemas and looks nothing up, on disk or on the network.
    registry: Registry[Any] = REGISTRY
    _check_references(value, registry, str(kind.META_SCHEMA["$schema"]), name)
    validator: Validator = kind(value, registry=registry)
    probes: tuple[Any, ...] = (None, {}, [], "", 0)
    try:
        for probe in probes:
            list(validator.iter_errors(probe))  # a schema that means itself ends in no answer: better now than later
    except RecursionError:
        raise _wrong(name, "it refers to itself without end") from None
    return validator


def _dialect(value: dict[str, Any], name: str) -> Any:
    declared = value.get("$schema")
    if declared is None:
        return jsonschema.Draft202012Validator
    unknown: Any = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an unknown dialect, which is an error here
        found = jsonschema.validators.validator_for(value, default=unknown)
    if found is None:
        raise _wrong(f"{name}: $.$schema", f"{declared!r} is no dialect of JSON Schema that is known here")
    return found


def _check_references(value: dict[str, Any], registry: Registry[Any], dialect: str, name: str) -> None:
    resource = specification_with(dialect).create_resource(value)
    base = resource.id() or ""
    own = registry.with_resource(base, resource).crawl()
    several = len(list(_found(value, ("$id", "id"), "$"))) > 1  # what is inside another $id has another base
    resolver = own.resolver(base)
    for path, reference in _found(value, _REFERENCES, "$"):
        if reference.startswith("#") and several:
            continue
        try:
            resolver.lookup(reference)
        except (Unresolvable, ValueError) as error:
            where = "" if reference.startswith("#") else ": other files and addresses are never fetched"
            raise _wrong(f"{name}: {path}", f"{reference!r} leads nowhere{where}") from error


def _found(schema: Any, keywords: tuple[str, ...], path: str) -> Iterator[tuple[str, str]]:
    """(JSON path, text) of each of `keywords` that has a text."""
    if isinstance(schema, list):
        for at, item in enumerate(schema):
            yield from _found(item, keywords, f"{path}[{at}]")
    elif isinstance(schema, dict):
        for key, item in schema.items():
            if key in keywords and isinstance(item, str):
                yield f"{path}.{key}", item
            elif key not in _DATA:
                yield from _found(item, keywords, f"{path}.{key}")


def _wrong(where: str, what: str) -> UsageError:
    return UsageError(f"--json-schema {where}: {what}", hint=_HINT)
