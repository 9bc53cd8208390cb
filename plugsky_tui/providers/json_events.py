"""The JSON of a stream's events, for the formats in which each event is one object."""

from __future__ import annotations

import json
from typing import Any

from plugsky_tui.kernel.events import Notice
from plugsky_tui.providers.endpoint import Endpoint
from plugsky_tui.providers.errors import KEPT, NOTHING_CAME, StreamBroken, complaint_of, host_of, stream_error
from plugsky_tui.providers.sse import ServerEvent


class EventReader:
    """Reads the events of one stream. Data that is part of no answer is left out, and told once (`notice`)."""

    def __init__(self, endpoint: Endpoint, request_id: str = "") -> None:
        self.ended = False  # "[DONE]" came, as OpenAI's streams end
        self._endpoint = endpoint
        self._request_id = request_id
        self._stray = False

    def read(self, event: ServerEvent) -> dict[str, Any] | Notice | None:
        """The object of an event; a Notice, or None, where it has none.

        ProviderError for an error that is no object, StreamBroken for an object that is damaged.
        """
        data = event.data.strip()
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            value = None
            if data[:1] == "{":
                # Something of the answer is lost, perhaps of a command: no guess is safe.
                raise StreamBroken(
                    "A part of the answer came damaged (it is not JSON).",
                    hint="Try again; if it happens again, the server or a proxy garbles its streams.",
                    request_id=self._request_id,
                ) from None
        if isinstance(value, dict):
            return value
        if data in ("[DONE]", '"[DONE]"'):
            self.ended = True
            return None
        if event.name == "error":
            raise stream_error(complaint_of(value if value is not None else data), self._endpoint, self._request_id)
        if not data or self._stray:
            return None
        self._stray = True
        return Notice("stray_data", "The server sent data that is no part of an answer: it was left out.")

    def broken_off(self, answered: bool) -> StreamBroken:
        """The error for a stream that ended too early."""
        where = "in the middle of the answer" if answered else "without an answer"
        return StreamBroken(
            f"The stream from {host_of(self._endpoint)} ended {where}.",
            hint=KEPT if answered else NOTHING_CAME,
            request_id=self._request_id,
        )
