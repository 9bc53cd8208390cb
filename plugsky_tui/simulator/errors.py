"""The API's errors, in OpenAI's shape: `{"error": {"message", "type", "param", "code"}}`.

Messages, types and codes are those the OpenAI API answers with, because that is what the
official SDKs and the people who debug with them know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    409: "conflict_error",
    429: "rate_limit_error",
    500: "server_error",
    503: "service_unavailable",
}


class ApiError(Exception):
    """An answer other than 200. `kind` is the `type` on the wire; by default the one usual for `status`."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "",
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind or _TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
        self.param = param
        self.code = code
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        return {"error": {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}}


class ConnectionCut(Exception):
    """The connection is to end here, without (the rest of) an answer: a script or a fault wants it so.

    "close" closes it, "reset" resets it (a TCP RST), "stall" keeps it open and says nothing more.
    """

    def __init__(self, how: Literal["close", "reset", "stall"] = "close") -> None:
        super().__init__(how)
        self.how = how


def invalid(message: str, param: str | None = None, code: str | None = None) -> ApiError:
    """A 400: the request itself is wrong."""
    return ApiError(400, message, param=param, code=code)
