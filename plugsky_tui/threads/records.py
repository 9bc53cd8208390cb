"""A thread's file as bytes: one JSON object a line, and the reading of files that were damaged.

    {"v":1,"seq":7,"time":"2026-11-20T10:31:01.041Z","type":"prompt","text":"…"}

A record is whole or it is lost, alone: a crash tears the last line, a bad block or a careless editor
any other. Whatever still can be read is read, and whatever not is named.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from io import BytesIO

from plugsky_tui.kernel.errors import ThreadStoreError
from plugsky_tui.threads.entries import Entry, Plain, UnknownEntry, from_plain, to_plain

VERSION = 1

_START = '{"v":'
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_decoder = json.JSONDecoder()


@dataclass(slots=True)
class Parsed:
    """`entries` in the order of the file; `damage` a sentence for each thing that was lost or mended."""

    entries: list[Entry] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)
    last_seq: int = 0


def now() -> str:
    """The time, as records have it: ISO 8601, UTC, milliseconds."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_line(entry: Entry, seq: int) -> bytes:
    """The record of `entry`, with its line end. `type` always stands fourth: the index looks for it there."""
    return dump({"v": VERSION, "seq": seq, "time": now(), **to_plain(entry)})


def dump(record: Plain) -> bytes:
    text = _encode(record)
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError:  # half a surrogate pair, as cut streams bring them: escaped it survives
        return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def parse(data: bytes) -> Parsed:
    """Everything readable in `data`. ThreadStoreError where a newer plugsky wrote it; never for damage."""
    parsed = Parsed()
    newer = unknown = 0
    for record, damage in read(data):
        if damage:
            parsed.damage.append(damage)
        if record is None:
            continue
        parsed.last_seq = max(parsed.last_seq, record["seq"])
        if record["v"] != VERSION:
            newer += 1
            continue
        try:
            parsed.entries.append(from_plain(record))
        except UnknownEntry:
            unknown += 1
        except ValueError as error:
            parsed.damage.append(f"record {record['seq']} is damaged and was left out: {error}")
    if newer and not parsed.entries:
        raise ThreadStoreError(
            "This thread was written by a newer version of plugsky.", hint="Upgrade plugsky to open it."
        )
    if newer or unknown:
        parsed.damage.append(f"{newer + unknown} record(s) of a kind this version does not know were left out")
    return parsed


def read(data: bytes) -> Iterator[tuple[Plain | None, str]]:
    """(record, what was wrong) for each line; the record is None where it is lost."""
    last = 0
    for number, line in enumerate(BytesIO(data), 1):
        if line in (b"\n", b"\r\n"):
            continue
        try:
            record = json.loads(line.decode())
            if _is_record(record):
                last = record["seq"]
                yield record, ""
                continue
        except (ValueError, RecursionError):
            pass
        torn = not line.endswith(b"\n")
        found = list(_salvage(line, last))
        for record in found:
            last = record["seq"]
            yield record, ""
        what = "was cut off" if torn else "is damaged"
        yield None, f"line {number} {what}: {'one record was lost' if not found else 'what could be read was kept'}"


def _is_record(value: object) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("v"), int)
        and isinstance(value.get("seq"), int)
        and isinstance(value.get("time"), str)
        and isinstance(value.get("type"), str)
    )


def _salvage(line: bytes, last: int) -> Iterator[Plain]:
    """The whole records in a line that is not one record: two that lost the line end between them, one with
    zero bytes around it, one behind another that was torn.

    What a record holds must never pass for a record itself: a model chooses the arguments of its calls. So
    a record here either follows the line's beginning or another whole record, and has nothing but another
    record behind it; or it stands where nothing nested can, has the number that is due and ends the line.
    """
    text = line.decode("utf-8", "surrogateescape").rstrip("\n")
    at = len(text) - len(text.lstrip("\0"))
    while text.startswith(_START, at):
        record, end = _object(text, at)
        rest = text[end:].lstrip("\0")
        follows = rest.find(_START, 0, len(_START) + 1)  # directly, or behind what the line end was turned into
        if record is None or (rest and follows < 0):
            break
        yield record
        last = record["seq"]
        at = len(text) - len(rest) + max(follows, 0)
    start = text.find(_START, at + 1)
    while start > 0:
        record, end = _object(text, start)
        if record and text[start - 1] not in ":,[" and not text[end:].strip("\0") and last < record["seq"] <= last + 2:
            yield record
            return
        start = text.find(_START, start + 1)


def _object(text: str, at: int) -> tuple[Plain | None, int]:
    try:
        value, end = _decoder.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None, at
    broken = any("\udc80" <= char <= "\udcff" for char in text[at:end])  # bytes that are no UTF-8
    return (value if _is_record(value) and not broken else None), end
