"""Quick looks into threads' files: what a listing needs, without parsing what was said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from plugsky_tui.threads.entries import Plain
from plugsky_tui.threads.thread import title_of

HEAD = 96  # bytes in which `"type":…` of a record is found
TEXT_LIMIT = 1_000  # characters of a tool's result that can be searched for


@dataclass(slots=True)
class Summary:
    """What a listing says of a thread. `named`: the title was given, not taken from the first prompt.

    `offset`: the bytes looked at, up to the end of a line, so that the next look goes on from there.
    """

    folder: str = ""
    created: str = ""
    title: str = ""
    named: bool = False
    turns: int = 0
    model: str = ""
    offset: int = 0


def summarise(path: Path, before: Summary) -> Summary:
    """`before`, brought up to date with what was added to the file since. Raises OSError."""
    summary = replace(before)
    for record in records_of(path, summary, (b'"type":"thread"', b'"type":"prompt"', b'"type":"setting"')):
        match record:
            case {"type": "thread", "folder": str(folder), "created": str(created), "model": str(model)}:
                summary.folder, summary.created, summary.model = storable(folder), storable(created), storable(model)
            case {"type": "prompt", "text": str(text)}:
                summary.turns += 1
                summary.title = summary.title or storable(title_of(text))
            case {"type": "setting", "name": "title", "value": str(title)}:
                summary.title, summary.named = storable(title), True
            case {"type": "setting", "name": "model", "value": str(model)}:
                summary.model = storable(model)
            case _:
                pass
    return summary


def texts(path: Path, before: Summary) -> Iterator[str]:
    """What can be searched for in the file, from `before.offset` on; moves the offset along. Raises OSError."""
    kinds = (b'"type":"prompt"', b'"type":"text"', b'"type":"call"', b'"type":"result"', b'"type":"inner"')
    for record in records_of(path, before, kinds):
        if (text := _text_of(record)) is not None:
            yield storable(text)


def _text_of(record: Plain) -> str | None:
    match record:
        case {"type": "prompt" | "text", "text": str(text)}:
            return text
        case {"type": "call", "name": str(name)}:
            return f"{name} {json.dumps(record.get('arguments'), ensure_ascii=False)[:TEXT_LIMIT]}"
        case {"type": "result", "output": str(output)}:
            return output[:TEXT_LIMIT]
        case {"type": "inner", "entry": dict(entry)} if entry.get("type") != "inner":
            return _text_of(entry)
        case _:
            return None


def storable(text: str) -> str:
    """`text` as SQLite takes it: without halves of surrogate pairs (broken streams, odd file names)."""
    return text.encode("utf-8", "replace").decode()


def folder_of(path: Path) -> str | None:
    """The folder that a thread's header names; None where it cannot be read."""
    try:
        with path.open("rb") as file:
            header = json.loads(file.readline(64 * 1024))
    except (OSError, ValueError):
        return None
    match header:
        case {"type": "thread", "folder": str(folder)}:
            return folder
        case _:
            return None


def records_of(path: Path, summary: Summary, kinds: tuple[bytes, ...]) -> Iterator[Plain]:
    """The records of these kinds from the offset on. Only whole lines are taken; damaged ones are passed over."""
    with path.open("rb", buffering=1024 * 1024) as file:
        file.seek(summary.offset)
        for line in file:
            if not line.endswith(b"\n"):
                return
            summary.offset += len(line)
            head = line[:HEAD]
            if not any(kind in head for kind in kinds):
                continue
            try:
                record = json.loads(line.decode())
            except (ValueError, RecursionError):
                continue
            if isinstance(record, dict):
                yield record
