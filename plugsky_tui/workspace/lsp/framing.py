"""Messages on a pipe, as the Language Server Protocol frames them: header lines, an empty line, a body of JSON.

See "Base Protocol" in the specification (3.17). Servers and the launchers around them print other things to the same
pipe; what is no message is passed over.
"""

from __future__ import annotations

import json
import re
from typing import Any

MESSAGE_LIMIT = 64 * 1024 * 1024  # bytes of one message; a longer one is passed over
_HEADER_LIMIT = 64 * 1024  # bytes without an empty line: of these, no header can be the start
_KEPT = 4 * 1024  # the end of them may be the start of one

_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*(\d{1,15})[ \t]*(?=\r?\n|\Z)", re.IGNORECASE)
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")


def frame(message: dict[str, Any]) -> bytes:
    """`message` as it goes over the pipe."""
    body = json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class Frames:
    """Takes bytes as they come, gives messages. `passed_over` counts bodies that were too long or no JSON object."""

    def __init__(self, limit: int = MESSAGE_LIMIT) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._body: int | None = None  # bytes of the body that is being read; None: a header is
        self._skip = 0  # bytes still to come of a body that is too long
        self.passed_over = 0

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """The messages that are complete with `data`."""
        self._buffer += data
        messages: list[dict[str, Any]] = []
        while self._passed() and (self._body is not None or self._header()):
            if self._body is None:
                continue  # a body to pass over comes next
            if len(self._buffer) < self._body:
                break
            body = bytes(self._buffer[: self._body])
            del self._buffer[: self._body]
            self._body = None
            if (message := _parsed(body)) is None:
                self.passed_over += 1
            else:
                messages.append(message)
        return messages

    def _passed(self) -> bool:
        """Whether nothing is left of a body that is too long."""
        gone = min(self._skip, len(self._buffer))
        del self._buffer[:gone]
        self._skip -= gone
        return not self._skip

    def _header(self) -> bool:
        """Whether a header is complete: then `_body` or `_skip` says how long what follows is."""
        while (end := _EMPTY_LINE.search(self._buffer)) is not None:
            lengths = _LENGTH.findall(self._buffer, 0, end.start())
            del self._buffer[: end.end()]
            if not lengths:
                continue  # something printed between messages
            length = int(lengths[-1])
            if length > self._limit:
                self._skip = length
                self.passed_over += 1
            else:
                self._body = length
            return True
        if len(self._buffer) > _HEADER_LIMIT:
            del self._buffer[:-_KEPT]
        return False


def _parsed(body: bytes) -> dict[str, Any] | None:
    try:
        message = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None
