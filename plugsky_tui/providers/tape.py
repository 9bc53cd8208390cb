"""Tapes: the traffic of one run with its models, a JSON object a line.

The first line says what was run, each further one is an exchange: a request as it was sent, and the answer in the
pieces in which it came. No key is in it, nor any header but the few that say how an answer is to be read. A tape may
come from anybody: what is read is checked, and nothing in it is run.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plugsky_tui import __version__
from plugsky_tui.config.files import NotRegular, read_regular
from plugsky_tui.kernel.errors import UsageError

VERSION = 1
LIMIT = 512 * 1024 * 1024  # bytes of a tape
KIND = "plugsky-tape"
HEADERS = ("content-type", "x-request-id", "request-id", "x-should-retry", "retry-after", "retry-after-ms")


@dataclass(slots=True)
class Header:
    """What was run: in which folder, on which day (ISO 8601), first with which model, by which plugsky."""

    folder: str
    date: str
    model: str
    plugsky: str = __version__


@dataclass(slots=True)
class Failure:
    """Instead of an answer, or of its end: how the connection failed."""

    code: str
    message: str
    hint: str = ""
    retryable: bool = False


@dataclass(slots=True)
class Exchange:
    """`endpoint` is "" for the Plugsky API, else the NAME of [providers.NAME]; `path` is below its base_url. `chunks`
    are (seconds since the request, bytes). `failure` stands in for what did not come; `left`: the client went away."""

    number: int
    endpoint: str
    method: str
    path: str
    body: Any
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    chunks: list[tuple[float, bytes]] = field(default_factory=list)
    failure: Failure | None = None
    left: bool = False


@dataclass(slots=True)
class Tape:
    header: Header
    exchanges: list[Exchange]


def header_line(header: Header) -> bytes:
    return _line(
        {
            "type": KIND,
            "v": VERSION,
            "plugsky": header.plugsky,
            "folder": header.folder,
            "date": header.date,
            "model": header.model,
        }
    )


def exchange_line(exchange: Exchange) -> bytes:
    value: dict[str, Any] = {
        "n": exchange.number,
        "endpoint": exchange.endpoint,
        "method": exchange.method,
        "path": exchange.path,
        "request": exchange.body,
    }
    if exchange.status:
        value["status"] = exchange.status
        value["headers"] = exchange.headers
        value["chunks"] = [[round(at, 3), _written(chunk)] for at, chunk in exchange.chunks]
    if exchange.failure is not None:
        failure = exchange.failure
        value["failure"] = {
            "code": failure.code,
            "message": failure.message,
            "hint": failure.hint,
            "retryable": failure.retryable,
        }
    if exchange.left:
        value["left"] = True
    return _line(value)


def read_tape(path: Path, name: str) -> Tape:
    """The tape at `path`, called `name` in messages. UsageError with the line where it is none."""
    try:
        found = read_regular(path, LIMIT)
    except NotRegular as error:
        raise _wrong(name, f"{error.strerror}") from error
    except OSError as error:
        raise _wrong(name, error.strerror or "it cannot be read") from error
    if found is None:
        raise _wrong(name, "there is no such file")
    lines = found[0].split(b"\n")
    if lines[-1]:
        raise _wrong(f"{name}:{len(lines)}", "the line is cut off: the recording was stopped in the middle of it")
    lines.pop()
    if not lines:
        raise _wrong(name, "it is empty")
    header = _header(lines[0], name)
    exchanges = [_exchange(line, f"{name}:{at}") for at, line in enumerate(lines[1:], 2)]
    return Tape(header, sorted(exchanges, key=lambda one: one.number))


def _header(line: bytes, name: str) -> Header:
    value = _parsed(line, f"{name}:1")
    if value.get("type") != KIND:
        raise _wrong(f"{name}:1", "this is no tape: plugsky run --record FILE makes one")
    if value.get("v") != VERSION:
        raise _wrong(f"{name}:1", f"it has version {value.get('v')!r}; this plugsky reads version {VERSION}")
    parts = [value.get(key) for key in ("folder", "date", "model", "plugsky")]
    if not all(isinstance(part, str) for part in parts):
        raise _wrong(f"{name}:1", "folder, date, model or plugsky is missing, or no text")
    return Header(*parts)  # type: ignore[arg-type]  # all texts


def _exchange(line: bytes, place: str) -> Exchange:
    value = _parsed(line, place)
    try:
        exchange = Exchange(
            number=_typed(value, "n", int),
            endpoint=_typed(value, "endpoint", str),
            method=_typed(value, "method", str),
            path=_typed(value, "path", str),
            body=value["request"],
            left=value.get("left") is True,
        )
        if "status" in value:
            exchange.status = _typed(value, "status", int)
            headers = _typed(value, "headers", dict)
            exchange.headers = {str(key).lower(): str(text) for key, text in headers.items()}
            exchange.chunks = [_chunk(chunk) for chunk in _typed(value, "chunks", list)]
        if "failure" in value:
            failure = _typed(value, "failure", dict)
            code, message, hint = (str(failure.get(key, "")) for key in ("code", "message", "hint"))
            exchange.failure = Failure(code, message, hint, failure.get("retryable") is True)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise _wrong(place, f"this is no exchange: {error}") from error
    if not exchange.status and exchange.failure is None:
        raise _wrong(place, "this is no exchange: it has neither a status nor a failure")
    return exchange


def _parsed(line: bytes, place: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:  # bad UTF-8 is a ValueError too
        raise _wrong(place, "the line is not JSON") from error
    if not isinstance(value, dict):
        raise _wrong(place, "the line is no JSON object")
    return value


def _typed(value: dict[str, Any], key: str, kind: type) -> Any:
    found = value[key]
    if not isinstance(found, kind) or isinstance(found, bool):
        raise TypeError(f"{key} is of the wrong type")
    return found


def _written(chunk: bytes) -> str | dict[str, str]:
    try:
        return chunk.decode("utf-8")
    except UnicodeDecodeError:  # a character cut in two, or no text at all
        return {"base64": b64encode(chunk).decode("ascii")}


def _chunk(value: Any) -> tuple[float, bytes]:
    at, content = value
    if isinstance(content, dict):
        return float(at), b64decode(content["base64"], validate=True)
    if not isinstance(content, str):
        raise TypeError("a chunk is of the wrong type")
    return float(at), content.encode("utf-8", "surrogatepass")


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


def _wrong(place: str, what: str) -> UsageError:
    return UsageError(f"--replay {place}: {what}", hint="docs/replay.md describes tapes.")
