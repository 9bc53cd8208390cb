"""API keys: which are valid, and what each may do.

Any key of the documented forms is taken (`psk_live_…`, `sk-live-…`): nothing is behind it to
protect. Its role can be named inside it, so that scripts can meet a 403: a key with `_read_` in
it lists models and no more, one with `_expired_` or `_revoked_` in it is a 401. A `KeyRing` that
was given keys takes those alone. Without a key there is the free tier.

Roles: the table of the documentation's "Authentication"; scopes: its "Scopes & roles".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from plugsky_tui.simulator.errors import ApiError
from plugsky_tui.simulator.models import Model

_VALID = re.compile(r"(?:psk_live_|sk-live-)[\x21-\x7e]+")
_ROLE = re.compile(r"[_-](read|infer|admin)[_-]")
_ENDED = re.compile(r"[_-](expired|revoked)[_-]")

_LOOK = frozenset({"models:read", "usage:read"})
ROLES: dict[str, frozenset[str]] = {
    "read": _LOOK,
    "infer": _LOOK | {"chat:write", "embeddings:write"},
    "admin": _LOOK | {"chat:write", "embeddings:write"},  # and what the simulator has no endpoints for
}
SCOPES = frozenset[str]().union(*ROLES.values())
_FREE = frozenset({"models:read", "chat:write"})  # of nobody in particular, on the free models


@dataclass(slots=True)
class Caller:
    """Who asks. `key` is "" for nobody in particular; `role` is "" for a key with scopes of its own."""

    key: str
    role: str
    scopes: frozenset[str]

    def may(self, scope: str) -> None:
        """ApiError 403 where this caller's key has not `scope` ("": none is needed); 401 where it has no key."""
        if not scope or scope in self.scopes:
            return
        if not self.key:
            raise ApiError(
                401,
                "You didn't provide an API key. Send it as 'Authorization: Bearer YOUR_KEY'; only chats with "
                "plugsky-micro and plugsky-lite and the list of models need none.",
                code="missing_api_key",
            )
        has = f"the role '{self.role}', that is " if self.role else ""
        able = [name for name, scopes in ROLES.items() if scope in scopes]
        raise ApiError(
            403,
            f"You have insufficient permissions for this operation. Missing scopes: {scope}. This key has {has}the "
            f"scopes {', '.join(sorted(self.scopes)) or '(none)'}; use a key with the role {' or '.join(map(repr, able))}.",
            code="insufficient_scope",
        )

    def may_infer(self, model: Model) -> None:
        """ApiError 401 where `model` wants a key and there is none."""
        if not self.key and not model.free:
            raise ApiError(
                401,
                f"You didn't provide an API key, and '{model.id}' is not in the free tier. Send your key as "
                "'Authorization: Bearer YOUR_KEY', or use plugsky-micro or plugsky-lite, which need none.",
                code="missing_api_key",
            )


@dataclass(slots=True)
class KeyRing:
    """The keys that are valid, with their scopes; none given: every key of the documented forms."""

    given: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def identify(self, headers: Mapping[str, str]) -> Caller:
        """The caller of a request with `headers` (names in lower case). ApiError 401 for a key that is none."""
        key = _key_in(headers)
        if key is None:
            return Caller("", "", _FREE)
        if self.given:
            if key not in self.given:
                raise _invalid(key, "This simulator was started with --key, and takes the keys given there alone.")
            return Caller(key, "", self.given[key])
        if not _VALID.fullmatch(key):
            raise _invalid(key, "Keys begin with psk_live_ or sk-live-.")
        if ended := _ENDED.search(key):
            raise ApiError(
                401, f"This API key has {_ENDS[ended[1]]}: {_masked(key)}. Create a new one.", code="invalid_api_key"
            )
        named = _ROLE.search(key)
        role = named.group(1) if named else "infer"
        return Caller(key, role, ROLES[role])


_ENDS = {"expired": "expired", "revoked": "been revoked"}


def parse_key(text: str) -> tuple[str, frozenset[str]]:
    """A key and its scopes from "KEY=SCOPES": scopes, separated by commas, or roles. ValueError says what is wrong."""
    key, equals, listed = text.rpartition("=")
    if not equals or not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("must be KEY=SCOPES, such as psk_live_mine=chat:write,models:read")
    scopes: set[str] = set()
    for name in filter(None, (part.strip() for part in listed.split(","))):
        if name not in ROLES and not re.fullmatch(r"[a-z_]+:[a-z_]+", name):
            raise ValueError(
                f"no scope and no role: {name!r}; there are {', '.join(sorted(SCOPES))} and {', '.join(ROLES)}"
            )
        scopes |= ROLES.get(name, {name})
    return key, frozenset(scopes)


def _key_in(headers: Mapping[str, str]) -> str | None:
    """The key of `Authorization: Bearer`, or of `x-api-key`, as Anthropic's SDK sends it; None where neither is sent."""
    given = headers.get("authorization", "").strip()
    if not given:
        return headers.get("x-api-key", "").strip() or None
    scheme, _, key = given.partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise _invalid(given, "A key goes into the header Authorization, after the word Bearer.")
    return key.strip()


def _invalid(key: str, why: str) -> ApiError:
    return ApiError(401, f"Incorrect API key provided: {_masked(key)}. {why}", code="invalid_api_key")


def _masked(key: str) -> str:
    """Enough of a key to recognise it by, and no more."""
    return f"{key[:3]}***{key[-4:]}" if len(key) > 12 else "***"
