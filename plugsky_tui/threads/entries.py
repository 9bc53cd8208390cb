"""What a thread's file holds, as objects, and their JSON form.

thread     the header: whose thread this is                      Header
prompt     what the user said                                    UserMessage
text       a finished block of an answer                         Block
reasoning  a finished block of thinking                          Block
partial    a piece of a block that was still streaming           Partial
call       a tool call, before it runs                           ToolCalled
result     its result, with both faces                           ToolResulted
setting    model, mode or title from here on                     Setting
event      any other event worth keeping                         Event
inner      any of these, of a subagent's own conversation        Inner
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args

from plugsky_tui.kernel.display import DiffBlock, Display, TableBlock, TextBlock, TodoBlock, TodoItem
from plugsky_tui.kernel.events import Denial, Event, ThreadCompleted, ToolCalled, ToolResulted, Usage
from plugsky_tui.kernel.messages import Image, UserMessage

Plain = dict[str, Any]
T = TypeVar("T")
BlockKind = Literal["text", "reasoning"]

LARGE_DIFF = 256 * 1024  # characters of both sides up to which a diff is kept whole
CONTEXT_LINES = 50


class UnknownEntry(ValueError):
    """A record of a kind this version does not know: another version's, and no damage."""


@dataclass(slots=True)
class Header:
    thread_id: str
    folder: str
    created: str
    plugsky: str
    model: str
    mode: str
    forked_from: str = ""


@dataclass(slots=True)
class Block:
    """`interrupted`: it was cut off. `discarded`: it was shown, but the answer was asked for again and it
    does not count."""

    kind: BlockKind
    block: int
    text: str
    interrupted: bool = False
    discarded: bool = False


@dataclass(slots=True)
class Partial:
    """The next piece of the block numbered `block`, superseded by the finished block."""

    kind: BlockKind
    block: int
    text: str


@dataclass(slots=True)
class Setting:
    name: str
    value: str


@dataclass(slots=True)
class Inner:
    """An entry of the conversation that a subagent has in the call `call_id`."""

    call_id: str
    entry: Entry


Entry = Union[Header, UserMessage, Block, Partial, Setting, Event, Inner]

INSIDE = (Setting, Usage)  # may come while a block streams, and don't end it


def to_plain(entry: Entry) -> Plain:
    """The JSON form of `entry`, its record type first."""
    match entry:
        case Header():
            return {"type": "thread", **_fields(entry)}
        case UserMessage():
            return {"type": "prompt", **_fields(entry)}
        case Block():
            plain: Plain = {"type": entry.kind, "block": entry.block, "text": entry.text}
            for flag in ("interrupted", "discarded"):
                if getattr(entry, flag):
                    plain[flag] = True
            return plain
        case Partial():
            return {"type": "partial", **_fields(entry)}
        case Setting():
            return {"type": "setting", **_fields(entry)}
        case Inner():
            return {"type": "inner", "call_id": entry.call_id, "entry": to_plain(entry.entry)}
        case ToolCalled():
            return {"type": "call", **_without_type(entry)}
        case ToolResulted():
            plain = {"type": "result", **_without_type(entry)}
            plain["display"] = [_fields(_bounded(block)) for block in entry.display]
            return plain
        case _:
            return {"type": "event", "event": _fields(entry)}


def from_plain(record: Plain) -> Entry:
    """The entry of a record. UnknownEntry for another version's, ValueError for a damaged one."""
    match record.get("type"):
        case "text" | "reasoning" as kind:
            return _make(Block, {**record, "kind": kind})
        case "partial":
            return _make(Partial, record)
        case "result":
            return _make(ToolResulted, {**record, "type": "tool.result"})
        case "call":
            return _make(ToolCalled, {**record, "type": "tool.call"})
        case "event":
            event = record.get("event")
            if not isinstance(event, dict):
                raise ValueError("an event without contents")
            kept: Event = _make(_one_of(_event_types(), event.get("type")), event)
            return kept
        case "prompt":
            return _make(UserMessage, record)
        case "inner":
            return _inner(record)
        case "setting":
            return _make(Setting, record)
        case "thread":
            return _make(Header, record)
        case str() as other:
            raise UnknownEntry(other)
        case _:
            raise ValueError("a record without a type")


def _inner(record: Plain) -> Inner:
    match record:
        case {"call_id": str(call_id), "entry": {"type": str(kind)} as entry} if kind != "inner":
            return Inner(call_id, from_plain(entry))
        case _:
            raise ValueError("a subagent's record without contents")


def _fields(item: Any) -> Plain:
    """The fields of a dataclass with slots, its own dataclasses too, as JSON-ready values."""
    return {name: _plain(getattr(item, name)) for name in type(item).__slots__}


def _without_type(event: Any) -> Plain:
    plain = _fields(event)
    del plain["type"]
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return _fields(value) if hasattr(type(value), "__slots__") and hasattr(type(value), "__match_args__") else value


def _bounded(block: Display) -> Display:
    """A diff of a large file is kept around what changed only: each edit would else copy the whole file."""
    if not isinstance(block, DiffBlock) or len(block.before or "") + len(block.after or "") <= LARGE_DIFF:
        return block
    before, after = (block.before or "").splitlines(True), (block.after or "").splitlines(True)
    head = next(
        (at for at, (x, y) in enumerate(zip(before, after, strict=False)) if x != y), min(len(before), len(after))
    )
    tail = next(
        (at for at, (x, y) in enumerate(zip(reversed(before[head:]), reversed(after[head:]), strict=False)) if x != y),
        min(len(before), len(after)) - head,
    )
    start = max(0, head - CONTEXT_LINES)
    keep = max(0, tail - CONTEXT_LINES)
    old, new = ("".join(lines[start : len(lines) - keep]) for lines in (before, after))
    if len(old) + len(new) > LARGE_DIFF:
        return TextBlock(f"{block.path}: a large change ({len(before)} lines before, {len(after)} after)")
    path = f"{block.path} (from line {start + 1})"
    return DiffBlock(path, None if block.before is None else old, None if block.after is None else new)


# --- reading ----------------------------------------------------------------------------------


_BASIC: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "list": (list,),
    "str | None": (str, type(None)),
    "int | None": (int, type(None)),
    "dict[str, Any] | None": (dict, type(None)),
}


def _make(kind: type[T], data: Plain) -> T:
    """An object of `kind` from its JSON form. ValueError where a field is missing or of another type."""
    values: Plain = {}
    for name, types, convert in _plan(kind):  # type: ignore[arg-type]  # mypy asks instances whether the class can be hashed
        if name not in data:
            continue  # a default, or the TypeError below
        value = data[name]
        if types is not None and not isinstance(value, types):
            raise ValueError(f"{name} is a {type(value).__name__}")
        values[name] = value if convert is None else [convert(item) for item in value]
    try:
        return kind(**values)
    except TypeError as error:
        raise ValueError(str(error)) from error


@cache
def _plan(kind: type[Any]) -> list[tuple[str, tuple[type, ...] | None, Callable[[Any], Any] | None]]:
    """Per field: its name, the types it may have (None: any), and how items of a list are made."""
    nested: dict[tuple[type[Any], str], Callable[[Any], Any]] = {
        (UserMessage, "images"): _maker(Image),
        (ToolResulted, "images"): _maker(Image),
        (ToolResulted, "display"): _display,
        (ThreadCompleted, "denied"): _maker(Denial),
        (TodoBlock, "items"): _maker(TodoItem),
    }
    return [
        (
            field.name,
            _BASIC.get("list" if str(field.type).startswith("list") else str(field.type)),
            nested.get((kind, field.name)),
        )
        for field in fields(kind)
    ]


def _maker(kind: type[Any]) -> Callable[[Any], Any]:
    def make(item: Any) -> Any:
        if not isinstance(item, dict):
            raise ValueError(f"a {kind.__name__} that is no object")
        return _make(kind, item)

    return make


def _display(item: Any) -> Any:
    if not isinstance(item, dict):
        raise ValueError("a display block that is no object")
    kinds = {"text": TextBlock, "diff": DiffBlock, "todo": TodoBlock, "table": TableBlock}
    return _make(_one_of(kinds, item.get("kind")), item)


def _one_of(kinds: dict[str, Any], name: object) -> type[Any]:
    found: type[Any] | None = kinds.get(name) if isinstance(name, str) else None
    if found is None:
        raise UnknownEntry(str(name))
    return found


@cache
def _event_types() -> dict[str, type[Any]]:
    return {kind.__dataclass_fields__["type"].default: kind for kind in get_args(Event)}
