"""Tool calls put together from the fragments of a stream.

The format says: the first fragment of a call has its index, id and name, later ones the index and
more of the arguments. Servers leave out, repeat or misnumber each of these. A fragment finds its
call by id first, then by index, else it goes on with the call that was last written to; a new
id, another name, or a name after complete arguments begins another call.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from plugsky_tui.kernel.events import Notice
from plugsky_tui.kernel.messages import ToolCall
from plugsky_tui.providers.text import join_surrogates

_STRUCTURE = re.compile(r'[{}\[\]"]|\\.?', re.DOTALL)
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_LEGACY = -1  # the index of the one call of the old `function_call` field


@dataclass(slots=True)
class _Draft:
    """A call in the making."""

    index: int | None
    call_id: str
    name: str = ""
    pieces: list[str] = field(default_factory=list)
    # How far the arguments are known as JSON: pieces looked at, brackets open, inside a string, after a backslash.
    scanned: int = 0
    depth: int = 0
    opened: bool = False
    in_string: bool = False
    escaped: bool = False

    def replace(self, text: str) -> None:
        """Arguments that came as an object: whole by themselves."""
        self.pieces = [text]
        self.scanned, self.depth, self.opened, self.in_string, self.escaped = 1, 0, True, False, False

    def text(self) -> str:
        return "".join(self.pieces)

    def holds(self, text: str) -> bool:
        """Whether `text` is what is here already, said again."""
        if not self.whole():
            return False
        mine = self.text()
        return text == mine or (
            text[:1] == "{" and (said := parse_arguments(text)) is not None and said == parse_arguments(mine)
        )

    def whole(self) -> bool:
        """Whether the arguments so far are a closed object or array. Looks at each piece once."""
        for piece in self.pieces[self.scanned :]:
            self._scan(piece)
        self.scanned = len(self.pieces)
        return self.opened and self.depth <= 0 and not self.in_string

    def _scan(self, piece: str) -> None:
        start = 1 if self.escaped else 0
        self.escaped = False
        for match in _STRUCTURE.finditer(piece, start):
            mark = match.group()
            if mark[0] == "\\":
                self.escaped = len(mark) == 1
            elif mark == '"':
                self.in_string = not self.in_string
            elif self.in_string:
                continue
            elif mark in "{[":
                self.depth += 1
                self.opened = True
            else:
                self.depth -= 1


class CallCollector:
    """The calls of one answer. `tools` are the names on offer, `used_ids` the call ids of the conversation so far."""

    def __init__(self, tools: Collection[str] = (), used_ids: Collection[str] = ()) -> None:
        self._tools = frozenset(tools)
        self._used = set(used_ids)
        self._drafts: list[_Draft] = []
        self._by_id: dict[str, _Draft] = {}
        self._by_index: dict[int, _Draft] = {}
        self._last: _Draft | None = None
        self._notices: dict[str, Notice] = {}

    @property
    def begun(self) -> bool:
        """Whether anything of a call has been seen."""
        return bool(self._drafts)

    def feed(self, fragments: object) -> None:
        """The `tool_calls` of one delta, whatever they are."""
        if isinstance(fragments, dict):
            fragments = [fragments]
        if not isinstance(fragments, list):
            return
        for fragment in fragments:
            if isinstance(fragment, dict):
                function = fragment.get("function")
                function = function if isinstance(function, dict) else fragment
                self._add(_index(fragment.get("index")), _word(fragment.get("id")), function)

    def feed_legacy(self, function: object) -> None:
        """The `function_call` of a delta: the format before there were several calls."""
        if isinstance(function, dict):
            self._add(_LEGACY, "", function)

    def finish(self, *, cut: bool) -> tuple[list[ToolCall], list[Notice]]:
        """The calls, and what had to be mended. `cut`: the answer ended while the last call was being written."""
        calls: list[ToolCall] = []
        for draft in self._drafts:
            if not (draft.name or draft.call_id or draft.pieces):
                continue
            raw = join_surrogates(draft.text())
            arguments = None if cut and draft is self._last else parse_arguments(raw)
            if arguments is None:
                why = "the answer was cut off in it" if cut and draft is self._last else "they are not one JSON object"
                self._note(
                    "call_unparsed", f"The arguments of the call {draft.name!r} cannot be used: {why}. It is not run."
                )
            calls.append(ToolCall(self._unique_id(draft), join_surrogates(draft.name), arguments, raw))
        return calls, list(self._notices.values())

    def _add(self, index: int | None, call_id: str, function: dict[str, Any]) -> None:
        name = _word(function.get("name"))
        given = function.get("arguments")
        text = _text(given)
        draft = self._route(index, call_id, name, text)
        if draft is None:
            draft = _Draft(index, call_id)
            self._drafts.append(draft)
        elif name and name == draft.name and draft.holds(text):
            self._last = draft
            return  # the whole call, said again
        if index is not None:
            draft.index = index if draft.index is None else draft.index
            self._by_index[index] = draft
        if call_id:
            draft.call_id = draft.call_id or call_id
            self._by_id[call_id] = draft
        if name and name != draft.name:
            draft.name = name if name.startswith(draft.name) else draft.name + name
        if isinstance(given, dict):
            draft.replace(text)
        elif text:
            draft.pieces.append(text)
        self._last = draft

    def _route(self, index: int | None, call_id: str, name: str, text: str) -> _Draft | None:
        """The draft a fragment belongs to; None where it begins a new one."""
        if not call_id:
            draft = self._last if index is None else self._by_index.get(index)
            if draft is None and index is not None and not name:
                draft = self._unnumbered(index)
        elif (draft := self._by_id.get(call_id)) is not None:
            if index is not None and draft.index not in (None, index):  # one id for two indices
                draft = self._by_index.get(index)
                draft = draft if draft is not None and draft.call_id == call_id else None
        elif index is not None and (draft := self._by_index.get(index)) is not None:
            # An unknown id at a known index: it comes late, or the server invents one for each fragment.
            # With a name, or after complete arguments, it is another call.
            late = not draft.call_id
            draft = draft if late or not (name or draft.whole()) else None
        if draft is None or not self._is_another(draft, name, text):
            return draft
        if call_id and call_id == draft.call_id:
            self._note("call_split", f"The server gave two tool calls the id {call_id!r}: they were kept apart.")
        return None

    def _unnumbered(self, index: int) -> _Draft | None:
        """The call that came without a number, at place `index`."""
        if 0 <= index < len(self._drafts) and self._drafts[index].index is None:
            return self._drafts[index]
        return None

    def _is_another(self, draft: _Draft, name: str, text: str) -> bool:
        """Whether a fragment with `name` and `text` cannot belong to `draft`, though its number says so."""
        if not name or not draft.name:
            return False
        if name == draft.name:
            return text.lstrip()[:1] == "{" and draft.whole() and not draft.holds(text)
        joined = draft.name + name
        if draft.pieces:
            return draft.name in self._tools or joined not in self._tools
        if name.startswith(draft.name):  # a name that grows, said from its beginning each time
            return False
        return draft.name in self._tools and joined not in self._tools

    def _unique_id(self, draft: _Draft) -> str:
        call_id = draft.call_id
        if not call_id:
            self._note("call_id", "The server gave a tool call no id: it was given one here.")
        elif call_id in self._used or not (call_id.isascii() and call_id.isprintable() and len(call_id) <= 128):
            self._note(
                "call_id", f"The tool call id {call_id[:128]!r} was in use or is unusable: the call was given another."
            )
            call_id = ""
        while not call_id or call_id in self._used:
            call_id = new_call_id()
        self._used.add(call_id)
        return call_id

    def _note(self, code: str, text: str) -> None:
        self._notices.setdefault(code + text, Notice(code, text))


def new_call_id() -> str:
    """Nine hex digits: the strictest server known (Mistral) takes exactly nine letters or digits."""
    return os.urandom(5).hex()[:9]


def parse_arguments(raw: str) -> dict[str, Any] | None:
    """The object `raw` holds; {} for nothing. An object encoded twice is decoded twice; all else is None."""
    value: Any = raw
    for _ in range(2):
        if isinstance(value, str):
            try:
                # Not strict: models write line breaks into strings as they are.
                value = json.loads(value, strict=False, parse_constant=_refuse) if value.strip() else None
            except (ValueError, RecursionError):
                return None
    if value is None:
        return {}
    if not isinstance(value, dict):
        return None
    return _joined(value) if _SURROGATE_ESCAPE.search(raw) else value


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _joined(value: Any) -> Any:
    """`value` with no lone surrogate in any string (JSON can escape them; nothing can encode them)."""
    match value:
        case str():
            return join_surrogates(value)
        case list():
            return [_joined(item) for item in value]
        case dict():
            return {_joined(key): _joined(item) for key, item in value.items()}
        case _:
            return value


def _index(value: object) -> int | None:
    match value:
        case bool():
            return None
        case int():
            return value
        case float() if value.is_integer():
            return int(value)
        case str() if value.strip().isdecimal():
            return int(value)
        case _:
            return None


def _word(value: object) -> str:
    match value:
        case str():
            return value
        case int() if not isinstance(value, bool):
            return str(value)
        case _:
            return ""


def _text(arguments: object) -> str:
    match arguments:
        case None:
            return ""
        case str():
            return arguments
        case _:
            return json.dumps(arguments, ensure_ascii=False)
