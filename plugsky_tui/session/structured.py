"""Answers that fit a JSON Schema: how the schema is put to the model, and what is made of what it says.

jsonschema is imported where a schema is read: 60 ms that only `--json-schema` pays for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.kernel.events import Notice
from plugsky_tui.session.response_format import in_words
from plugsky_tui.session.strict import is_strict

if TYPE_CHECKING:
    from plugsky_tui.session.schemas import Schema

MOST_TRIES = 3  # one answer, and two more
MOST_FAULTS = 5  # of one answer, told to the model
_MOST_STARTS = 500  # places in a text where JSON is looked for
_SAID_LIMIT = 300
_BLANKS = r'"(?:[^"\\]|\\.)*"|\s+'
_NO_JSON = "it is not JSON"
_AGAIN = "Answer again, with the corrected JSON value and nothing else."
_NAME = r"[^A-Za-z0-9_-]+"


class SchemaMismatch(PlugskyError):
    """The model was asked again, and still did not give what the schema wants."""

    code = "schema_mismatch"


class Structured:
    """The answers of one run under one schema. `accepted` is the JSON of the answer that fits."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._tries = 0
        self._notices: list[Notice] = []
        self.accepted: str | None = None

    @property
    def response_format(self) -> dict[str, Any]:
        schema = self._schema.value
        name = re.sub(_NAME, "_", str(schema.get("title", "")))[:64].strip("_") or "answer"
        return {"type": "json_schema", "json_schema": {"name": name, "schema": schema, "strict": is_strict(schema)}}

    def review(self, text: str) -> str | None:
        """What to tell the model about the answer `text`; None where it fits. SchemaMismatch after the third."""
        found = self._look(text)
        if isinstance(found, str):
            self.accepted = found
            return None
        self._tries += 1
        if self._tries >= MOST_TRIES:
            raise SchemaMismatch(
                f"The answer does not fit the schema, {MOST_TRIES} times over: {found[0]}",
                hint="Ask for less at once, try another model, or loosen the schema.",
            )
        wrong = "\n".join(f"- {fault}" for fault in found)
        # Whoever answers in prose, or wrongly twice, may never have seen the schema: not every server passes it on.
        again = _AGAIN if self._tries == 1 and not found[0].startswith(_NO_JSON) else in_words(self.response_format)
        return f"Your answer does not fit the JSON Schema that was asked for:\n{wrong}\n{again}"

    def last_words(self) -> list[Notice]:
        """What was done to the answer, told once."""
        notices, self._notices = self._notices, []
        return notices

    def _look(self, text: str) -> str | list[str]:
        """The JSON in `text`, compact; or what is wrong with it."""
        text = text.strip()
        try:
            whole = parse(text)
        except ValueError as error:
            fitting = {found for found, value in values_in(text) if not self._schema.faults(value)}
            if len(fitting) == 1:
                self._notices.append(
                    Notice("json_extracted", "The model put words or a fence around its JSON: they were left out.")
                )
                return compact(fitting.pop())
            return [f"{_NO_JSON}: {error}" if text else f"{_NO_JSON}: it is empty"]
        faults = [f"at {path}: {_cut(message)}" for path, message in self._schema.faults(whole)]
        if not faults:
            return compact(text)
        more = len(faults) - MOST_FAULTS
        return faults[:MOST_FAULTS] + ([f"and {more} more"] if more > 0 else [])


def parse(text: str) -> Any:
    """The JSON value that `text` is. ValueError where it is none, or nested beyond reason."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def values_in(text: str) -> Iterator[tuple[str, Any]]:
    """The objects and arrays that stand in `text`, as they are written there, with their values."""
    decode = json.JSONDecoder(parse_constant=_refuse).raw_decode
    at = 0
    for _ in range(_MOST_STARTS):
        start = re.compile(r"[{\[]").search(text, at)
        if start is None:
            return
        try:
            value, at = decode(text, start.start())
        except (ValueError, RecursionError):
            at = start.end()
            continue
        yield text[start.start() : at], value


def compact(text: str) -> str:
    """Valid JSON without blanks between its parts; numbers, order and spelling stay as they are.

    Characters nobody sees (controls, marks that turn the direction of text) become escapes: the same value, but
    harmless on a terminal, where they would otherwise be taken out.
    """
    spaced = re.sub(_BLANKS, lambda match: match[0] if match[0][0] == '"' else "", text)
    if spaced.isascii() and spaced.isprintable():
        return spaced
    return "".join(char if char.isprintable() or char == " " else _escaped(char) for char in spaced)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _escaped(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _cut(message: str) -> str:
    return message if len(message) <= _SAID_LIMIT else message[: _SAID_LIMIT - 1] + "…"
