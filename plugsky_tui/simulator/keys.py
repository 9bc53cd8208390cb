"""API keys: which are valid, and what each may do.

Any key of the documented forms is taken (`psk_live_…`, `sk-live-…`): nothing is behind it to
protect. Its role can be named inside it, so that scripts can meet a 403: a key with `_read_` in
it lists models and no more. Without a key there is the free tier.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from plugsky_tui.simulator.errors import ApiError
from plugsky_tui.simulator.models import Model

_VALID = re.compile(r"(?:psk_live_|sk-live-)[\x21-\x7e]+")
_ROLE = re.compile(r"[_-](read|infer|admin)[_-]")

Role = Literal["none", "read", "infer", "admin"]


@dataclass(slots=True)
class Caller:
    """Who asks. `key` is "" for nobody in particular."""

    key: str
    role: Role

    def may_infer(self, model: Model) -> None:
        """ApiError 401 or 403 where this caller may not use `model`."""
        if self.role == "read":
            raise ApiError(
                403,
                "You have insufficient permissions for this operation. Missing scopes: chat:write. "
                "This key has the role 'read'; use a key with the role 'infer' or 'admin'.",
                code="insufficient_scope",
            )
        if self.role == "none" and not model.free:
            raise ApiError(
                401,
                f"You didn't provide an API key, and '{model.id}' is not in the free tier. Send your key as "
                "'Authorization: Bearer YOUR_KEY', or use plugsky-micro or plugsky-lite, which need none.",
                code="missing_api_key",
            )


def identify(headers: Mapping[str, str]) -> Caller:
    """The caller of a request with `headers` (names in lower case). ApiError 401 for a key that is none."""
    given = headers.get("authorization", "").strip()
    if not given:
        return Caller("", "none")
    scheme, _, key = given.partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not _VALID.fullmatch(key):
        raise ApiError(
            401,
            f"Incorrect API key provided: {_masked(key or given)}. Keys begin with psk_live_ or sk-live-.",
            code="invalid_api_key",
        )
    named = _ROLE.search(key)
    match named.group(1) if named else "infer":
        case "read":
            return Caller(key, "read")
        case "admin":
            return Caller(key, "admin")
        case _:
            return Caller(key, "infer")


def _masked(key: str) -> str:
    """Enough of a key to recognise it by, and no more."""
    return f"{key[:3]}***{key[-4:]}" if len(key) > 12 else "***"
