"""How an error is written on the wire: each surface of the API has its own shape.

Sources: the OpenAI API reference ("Error codes"), Anthropic's Messages API ("Errors") and the
PlutosAI document ("Error response format", "Common error codes").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from plugsky_tui.simulator.errors import ApiError
from plugsky_tui.simulator.http import HttpResponse, json_response

Dialect = Literal["openai", "anthropic", "plutos"]

_ANTHROPIC_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_ANTHROPIC_CODES = {"thread_unsupported_request"}  # those that Anthropic's SDK acts on
_PLUTOS_CODES = {
    400: "invalid_parameters",
    401: "invalid_api_key",
    402: "insufficient_quota",
    403: "insufficient_permissions",
    404: "not_found",
    413: "input_too_long",
    429: "rate_limit_exceeded",
    502: "bad_gateway",
    503: "service_unavailable",
}
_PLUTOS_NAMES = {  # codes of ours that the PlutosAI document has another name for
    "model_not_found": "invalid_model",
    "context_length_exceeded": "input_too_long",
    "insufficient_quota": "insufficient_quota",
    "concurrency_limit_exceeded": "rate_limit_exceeded",
}


def error_body(error: ApiError, dialect: Dialect, request_id: str) -> dict[str, Any]:
    """The JSON body of `error` in `dialect`."""
    return _WRITERS[dialect](error, request_id)


def error_response(error: ApiError, dialect: Dialect, request_id: str) -> HttpResponse:
    """The whole answer for `error`; in Anthropic's dialect with its `request-id` header."""
    return json_response(
        error_body(error, dialect, request_id), error.status, {**error.headers, **own_headers(dialect, request_id)}
    )


def own_headers(dialect: Dialect, request_id: str) -> dict[str, str]:
    """The headers every answer of this dialect carries beside `x-request-id`."""
    return {"request-id": request_id} if dialect == "anthropic" else {}


def _openai(error: ApiError, _: str) -> dict[str, Any]:
    return error.body()


def _anthropic(error: ApiError, request_id: str) -> dict[str, Any]:
    usual = "invalid_request_error" if error.status < 500 else "api_error"
    kind = error.kind if error.kind in _ANTHROPIC_TYPES.values() else ""
    if not kind or kind == "invalid_request_error":  # what is said without saying more: the status knows better
        kind = _ANTHROPIC_TYPES.get(error.status, usual)
    told: dict[str, Any] = {"type": kind, "message": error.message}
    if error.code in _ANTHROPIC_CODES:
        told["details"] = {"error_code": error.code}
    return {"type": "error", "error": told, "request_id": request_id}


def _plutos(error: ApiError, request_id: str) -> dict[str, Any]:
    code = _PLUTOS_NAMES.get(error.code or "") or _PLUTOS_CODES.get(error.status)
    if code is None:
        code = "invalid_parameters" if error.status < 500 else "internal_error"
    body: dict[str, Any] = {"code": code, "message": error.message}
    if details := _details(error):
        body["details"] = details
    return {"error": {**body, "requestId": request_id}}


def _details(error: ApiError) -> dict[str, Any]:
    """`retryAfter` in whole seconds and the name of the `parameter`, where the error has them."""
    details: dict[str, Any] = {}
    waits = next((value for name, value in error.headers.items() if name.lower() == "retry-after"), "")
    if waits.isdigit():
        details["retryAfter"] = int(waits)
    if error.param is not None:
        details["parameter"] = error.param
    return details


_WRITERS: dict[Dialect, Callable[[ApiError, str], dict[str, Any]]] = {
    "openai": _openai,
    "anthropic": _anthropic,
    "plutos": _plutos,
}
