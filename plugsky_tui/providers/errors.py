"""What went wrong, for people: an HTTP status and body, or a broken stream, as a ProviderError with a hint.

What a server says is untrusted text: it is cut to a few hundred characters, anything that looks
like a key is taken out, and front ends clean it before they show it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plugsky_tui.kernel.errors import PlugskyError, ProviderError
from plugsky_tui.providers.endpoint import Endpoint
from plugsky_tui.providers.retry import LONGEST_ASKED_S, is_final, should_retry

MAX_ERROR_BYTES = 64 << 10
_MAX_SAID = 400

KEPT = "What came so far is kept: say 'continue', or try again."
NOTHING_CAME = "Try again in a while, or another model (/model)."

# What servers call faults that pass, inside a stream that began with 200, and the statuses they stand for.
_STATUS_OF = {
    "rate_limit_exceeded": 429,
    "rate_limit_error": 429,
    "too_many_requests": 429,
    "server_error": 500,
    "internal_error": 500,
    "internal_server_error": 500,
    "service_unavailable": 503,
    "server_overloaded": 503,
    "overloaded": 503,
}

# Patterns are compiled when an error first needs them, not at start-up.
_KEY = r"\b(?:psk|sk|pk|rk)[-_][\w\-*.…]{8,}|(?<=Bearer )\S{8,}"
_TITLE = r"(?is)<title[^>]*>(.*?)</title"
_TOO_LONG = (
    r"(?i)context[_ ](?:length|window|size)|maximum.{0,20}context|prompt is too long"
    r"|too many (?:input )?tokens|input_too_long"
)
_SCOPE = r"[a-z_]+[:.][a-z_]+"
_SCOPE_HEADER = r'insufficient_scope.*?scope="([^"]{1,200})"'
_SCOPES = r"(?i)(?:missing|requires?|required|lacks?|needs?)\W{1,4}(?:the\W)?(?:required\W)?scopes?\W{1,4}((?:[a-z_]+[:.][a-z_]+(?:, ?)?)+)"


class StreamBroken(ProviderError):
    """The stream ended, or stopped making sense, before the answer was complete."""

    code = "stream_broken"


@dataclass(slots=True)
class Complaint:
    """What the body of an error says; each part may be empty. `param` names the parameter at fault."""

    message: str = ""
    code: str = ""
    kind: str = ""
    param: str = ""
    request_id: str = ""
    status: int | None = None
    html: bool = False

    @property
    def final(self) -> bool:
        return is_final(self.code) or is_final(self.kind)


@dataclass(slots=True)
class Refusal:
    """An answer that is no success: status, headers (lower-case names) and what the body says."""

    status: int
    headers: Mapping[str, str]
    complaint: Complaint = field(default_factory=Complaint)

    @property
    def retryable(self) -> bool:
        return not self.complaint.final and should_retry(self.status, self.headers, self.complaint.code)


def read_complaint(body: bytes) -> Complaint:
    """Understands `{"error": {…}}`, `{"error": "…"}`, `{"detail": …}`, `{"message": …}`, HTML and plain text."""
    text = body.decode("utf-8", "replace").strip()
    if text[:1] == "<":
        title = re.search(_TITLE, text)
        return Complaint(message=title.group(1) if title else "", html=True)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return Complaint(message=text)
    return complaint_of(value)


def complaint_of(value: Any) -> Complaint:
    """The same of an error that is JSON already: a body, or the `error` of a chunk."""
    if isinstance(value, list) and value:
        value = value[0]
    if not isinstance(value, dict):
        return Complaint(message=value if isinstance(value, str) else "")
    inner = value.get("error") or value.get("errors") or value.get("detail")
    request_id = _word(value.get("request_id") or value.get("requestId"))
    if isinstance(inner, list) and inner:
        inner = inner[0]
    if isinstance(inner, str):
        return Complaint(message=inner, code=_word(value.get("code")), request_id=request_id)
    if isinstance(inner, dict):
        value = inner
    place, details = value.get("loc"), value.get("details")
    named = details.get("parameter") or details.get("param") if isinstance(details, dict) else None
    return Complaint(
        message=_word(value.get("message") or value.get("msg") or value.get("detail")),
        code=_word(value.get("code")),
        kind=_word(value.get("type")),
        param=_word(value.get("param") or named) or (_word(place[-1]) if isinstance(place, list) and place else ""),
        request_id=_word(value.get("requestId") or value.get("request_id")) or request_id,
        status=_status(value.get("code")) or _status(value.get("status")) or _status(value.get("status_code")),
    )


def error_of(refusal: Refusal, endpoint: Endpoint, *, model: str = "", wait_s: float | None = None) -> ProviderError:
    """The final error for a refusal. `wait_s` is what the server asked to wait, where it did."""
    complaint, status = refusal.complaint, refusal.status
    said = quote(complaint.message, endpoint)
    who = host_of(endpoint)
    code, message, hint = _explain(refusal, endpoint, model, who)
    if wait_s is not None and wait_s > LONGEST_ASKED_S:
        hint = f"The server asks to wait {round(wait_s)} seconds: try again then."
    return ProviderError(
        f"{message}: {said}" if said else f"{message}.",
        hint=hint,
        code=code,
        status=status,
        request_id=quote(complaint.request_id or refusal.headers.get("x-request-id", ""), endpoint)[:200],
        retryable=refusal.retryable,
        retry_after_s=wait_s,
    )


def _explain(refusal: Refusal, endpoint: Endpoint, model: str, who: str) -> tuple[str, str, str]:
    complaint, status = refusal.complaint, refusal.status
    if complaint.final:
        return (
            "insufficient_quota",
            f"The account at {who} has no quota left (HTTP {status})",
            "Raise the limit or the plan in the dashboard; waiting does not help.",
        )
    words = f"{complaint.code} {complaint.kind} {complaint.message}"
    if status in (400, 413, 422) and re.search(_TOO_LONG, words):
        return (
            "context_length",
            f"The conversation is too long for {model or 'the model'} (HTTP {status})",
            "Start a new thread (/new), or pick a model with a larger context (/model).",
        )
    if complaint.html and status not in (401, 403, 404, 407):
        return _web_page(status, who)
    match status:
        case 400 | 422:
            return (
                "bad_request",
                f"{who} could not use the request (HTTP {status})",
                "Another model may take it (/model, -m); so may a new thread (/new), where something in this one is at fault.",
            )
        case 401:
            return "auth", *_key_trouble(endpoint, who)
        case 402:
            return (
                "payment_required",
                f"{who} wants payment first (HTTP 402)",
                "A spending cap or the balance is used up: see billing in the dashboard.",
            )
        case 403:
            return "forbidden", f"The API key may not do this at {who} (HTTP 403)", _scope_hint(refusal, endpoint, who)
        case 404 if model:
            return (
                "model_not_found",
                f"{who} knows no model {model!r}, or nothing is at {endpoint.base_url} (HTTP 404)",
                "plugsky models lists what there is; check base_url if that fails too.",
            )
        case 404:
            return (
                "not_found",
                f"Nothing is at {endpoint.base_url} (HTTP 404)",
                "Check base_url: it usually ends in /v1.",
            )
        case 407:
            return (
                "proxy_auth",
                "The proxy wants a name and password (HTTP 407)",
                "Put them into the proxy's address: http://NAME:PASSWORD@HOST:PORT (api.proxy, or HTTPS_PROXY).",
            )
        case 408:
            return "timeout", f"{who} gave up waiting for the request (HTTP 408)", "Try again."
        case 409:
            return "conflict", f"{who} already has another request under this key (HTTP 409)", "Try again."
        case 413:
            return (
                "too_large",
                f"The request is too large for {who} (HTTP 413)",
                "Attach less, or start a new thread (/new).",
            )
        case 429:
            return (
                "rate_limited",
                f"Too many requests for the plan at {who} (HTTP 429)",
                "Wait a minute and try again; the requests per minute depend on the plan.",
            )
        case 511:
            return _web_page(status, who)
        case _ if 300 <= status < 400:
            place = quote(refusal.headers.get("location", ""), endpoint)
            return (
                "redirected",
                f"{who} redirects{' to ' + place if place else ''} (HTTP {status}); the key is not sent on",
                "Set base_url to the new address if you trust it. On a guest network, log in with a browser first.",
            )
        case _ if status >= 500:
            return (
                "server_error",
                f"{who} has a fault of its own (HTTP {status})",
                "Try again in a while, or another model (/model).",
            )
        case _:
            return "bad_answer", f"{who} answered with HTTP {status}", "Check base_url: it usually ends in /v1."


def _scope_hint(refusal: Refusal, endpoint: Endpoint, who: str) -> str:
    """What the key lacks, as far as the server says it (RFC 6750, section 3, or its own words), and where to change that."""
    login = refusal.headers.get("www-authenticate", "")
    found = re.search(_SCOPE_HEADER, login) or re.search(_SCOPES, refusal.complaint.message[:_MAX_SAID])
    scopes = re.findall(_SCOPE, found.group(1)) if found else []
    if not scopes:
        return (
            "Check the role and scopes of the key in the dashboard (chat:write is needed), its project, and the plan."
        )
    lacks = f"The key lacks the scope{'s' if len(scopes) > 1 else ''} {', '.join(scopes)}."
    if endpoint.name:
        return f"{lacks} Change that at {who}, or give another key: api_key_env of [providers.{endpoint.name}]."
    return (
        f"{lacks} Change that in the dashboard, under API keys (the role infer has what chats need), "
        "or store another key: plugsky auth login."
    )


def _key_trouble(endpoint: Endpoint, who: str) -> tuple[str, str]:
    if endpoint.name:
        how = f"Check the variable that api_key_env of [providers.{endpoint.name}] names."
    else:
        how = "plugsky auth login stores one; PLUGSKY_API_KEY works too. The next request uses it, no restart needed."
    if not _key(endpoint):
        return f"{who} wants an API key, and none is set (HTTP 401)", how
    return f"{who} does not accept the API key (HTTP 401)", how


def _web_page(status: int, who: str) -> tuple[str, str, str]:
    if status >= 500 and status != 511:
        return (
            "server_error",
            f"A gateway before {who} answered with an error page (HTTP {status})",
            "Try again in a while.",
        )
    return (
        "captive_portal",
        f"Instead of {who}, a web page answered (HTTP {status})",
        "On a guest network, log in with a browser first; else check base_url (it usually ends in /v1) and the proxy.",
    )


def stream_error(complaint: Complaint, endpoint: Endpoint, request_id: str = "") -> ProviderError:
    """An error the server sent inside a stream that had begun with 200."""
    said = quote(complaint.message, endpoint) or quote(complaint.code or complaint.kind, endpoint) or "no reason given"
    status = complaint.status or _STATUS_OF.get(complaint.code) or _STATUS_OF.get(complaint.kind)
    refusal = Refusal(status or 0, {}, complaint)
    return ProviderError(
        f"{host_of(endpoint)} broke off the answer: {said}",
        hint=KEPT,
        code="insufficient_quota" if complaint.final else "stream_error",
        status=status,
        request_id=quote(complaint.request_id, endpoint)[:200] or request_id,
        retryable=refusal.retryable,
    )


def host_of(endpoint: Endpoint) -> str:
    """What people know the server by: its host and port, without any name or password."""
    rest = endpoint.base_url.partition("://")[2] or endpoint.base_url
    return rest.partition("/")[0].rpartition("@")[2] or "the server"


def quote(text: str, endpoint: Endpoint) -> str:
    """A server's words in one line of bounded length, with no key in them."""
    line = " ".join(text[: _MAX_SAID * 8].split())
    if key := _key(endpoint):
        line = line.replace(key, "[key]")
    line = re.sub(_KEY, "[key]", line)
    return line if len(line) <= _MAX_SAID else line[:_MAX_SAID] + "…"


def _key(endpoint: Endpoint) -> str | None:
    try:
        return endpoint.key()
    except PlugskyError:
        return None


def _word(value: object) -> str:
    match value:
        case str():
            return value
        case int() | float() if not isinstance(value, bool):
            return str(value)
        case _:
            return ""


def _status(value: object) -> int | None:
    number = int(value) if isinstance(value, str) and value.isdecimal() and len(value) == 3 else value
    return number if isinstance(number, int) and 400 <= number <= 599 else None
