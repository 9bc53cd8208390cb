"""Server-sent events: bytes in, events out.

The rules are those of the EventSource interpretation in the WHATWG HTML standard, section 9.2.6:
lines end in LF, CRLF or CR; `data:` lines of one event are joined with LF; a line that starts with
a colon is a comment; one leading BOM is dropped; NUL, U+0085 and U+2028 are plain data. Lines are
cut in the bytes, before decoding: the line ends are ASCII, and ASCII never occurs inside a UTF-8
sequence, so an event comes out the same wherever the network split it.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_EVENT_BYTES = 64 << 20
_BOM = b"\xef\xbb\xbf"


@dataclass(slots=True)
class ServerEvent:
    """One event; `name` is "" where the server gave none (the standard's "message")."""

    data: str
    name: str = ""


class EventTooLong(ValueError):
    """One event or line is longer than the decoder was told to hold."""


class EventDecoder:
    """Fed with the bytes of one response as they come. `id` and `retry` fields are ignored: nothing reconnects by them."""

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max = max_event_bytes
        self._started = False
        self._head = b""  # the first bytes, while they may still be the beginning of a BOM
        self._after_cr = False  # the last line ended in CR: an LF that follows belongs to it
        self._partial: list[bytes] = []  # the pieces of a line that has not ended
        self._partial_bytes = 0
        self._data: list[bytes] = []  # the data lines of the event in the making
        self._data_bytes = 0
        self._name = b""
        self._between = False  # the stream has begun, and nothing of a line or an event is held

    def feed(self, chunk: bytes) -> list[ServerEvent]:
        """The events that `chunk` completes. Raises EventTooLong."""
        # The common case, whole `data: …` events in one piece, is told apart with a few scans in C.
        if self._between and chunk.startswith(b"data: ") and chunk.endswith(b"\n\n") and b"\r" not in chunk:
            lines = chunk.count(b"\n")
            if lines == 2:
                return [ServerEvent(chunk[6:-2].decode("utf-8", "replace"))]
            bodies = chunk[6:-2].split(b"\n\ndata: ")
            if lines == 2 * len(bodies):
                return [ServerEvent(body.decode("utf-8", "replace")) for body in bodies]
        events = self._feed_lines(chunk)
        self._between = self._started and not (self._partial or self._data or self._name or self._after_cr)
        return events

    def end(self) -> ServerEvent | None:
        """The event that was still in the making when the stream ended.

        The standard drops it; whoever asks may know better (a last event without its blank line).
        """
        if self._head:
            self._partial, self._head = [self._head], b""
        events: list[ServerEvent] = []
        if self._partial:
            self._line(self._take_partial(b""), events)
        if self._data:
            self._dispatch(events)
        return events[-1] if events else None

    def _feed_lines(self, chunk: bytes) -> list[ServerEvent]:
        if not self._started:
            chunk = self._head + chunk
            if len(chunk) < len(_BOM) and _BOM.startswith(chunk):
                self._head = chunk
                return []
            self._started, self._head = True, b""
            chunk = chunk.removeprefix(_BOM)
        if not chunk:
            return []
        if self._after_cr and chunk[:1] == b"\n":
            chunk = chunk[1:]
            self._after_cr = False
            if not chunk:
                return []
        self._after_cr = chunk[-1:] == b"\r"
        if b"\r" in chunk:
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        first, *rest = chunk.split(b"\n")
        if not rest:
            self._keep(first)
            return []
        events: list[ServerEvent] = []
        self._line(self._take_partial(first), events)
        for line in rest[:-1]:
            self._line(line, events)
        self._keep(rest[-1])
        return events

    def _keep(self, piece: bytes) -> None:
        if not piece:
            return
        self._partial.append(piece)
        self._partial_bytes += len(piece)
        if self._partial_bytes > self._max:
            raise EventTooLong(f"a line of more than {self._max} bytes")

    def _take_partial(self, last: bytes) -> bytes:
        if not self._partial:
            return last
        self._partial.append(last)
        line = b"".join(self._partial)
        self._partial = []
        self._partial_bytes = 0
        return line

    def _line(self, line: bytes, events: list[ServerEvent]) -> None:
        if not line:
            self._dispatch(events)
            return
        field, _, value = line.partition(b":")
        if field == b"data":
            self._data.append(value.removeprefix(b" "))
            self._data_bytes += len(value)
            if self._data_bytes > self._max:
                raise EventTooLong(f"an event of more than {self._max} bytes")
        elif field == b"event":
            self._name = value.removeprefix(b" ")

    def _dispatch(self, events: list[ServerEvent]) -> None:
        if self._data:
            data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
            events.append(ServerEvent(data.decode("utf-8", "replace"), self._name.decode("utf-8", "replace")))
            self._data = []
            self._data_bytes = 0
        self._name = b""
