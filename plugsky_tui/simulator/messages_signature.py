"""Signatures on thinking: they tell a client that returned a block unchanged from one that did not.

Anthropic's are opaque, and its API refuses a block that differs from what it sent, or that another
model made. The same holds here. The key is no secret: what is checked is that a client
is faithful, and a thread must hold its signatures beyond the simulator that made them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

_KEY = b"plugsky simulator: thinking"
_SEPARATOR = b"\0"


def sign(thinking: str, model: str) -> str:
    """The `signature` of a thinking block."""
    return _sealed(model, _digest(thinking))


def is_signed(thinking: str, signature: str, model: str | None) -> bool:
    """Whether `signature` is that of `thinking`; by `model`, unless that is None."""
    opened = _opened(signature)
    if opened is None:
        return False
    made_by, digest = opened
    return digest == _digest(thinking) and model in (None, made_by)


def redact(thinking: str, model: str) -> str:
    """The `data` of a redacted thinking block."""
    return _sealed(model, b"redacted" + _digest(thinking))


def is_redacted(data: str, model: str | None) -> bool:
    """Whether `data` is what `redact` made; by `model`, unless that is None."""
    opened = _opened(data)
    return opened is not None and opened[1].startswith(b"redacted") and model in (None, opened[0])


def _digest(thinking: str) -> bytes:
    return hashlib.sha256(thinking.encode("utf-8", "surrogatepass")).digest()


def _sealed(model: str, content: bytes) -> str:
    payload = model.encode() + _SEPARATOR + content
    return base64.b64encode(_mac(payload) + payload).decode()


def _opened(sealed: str) -> tuple[str, bytes] | None:
    try:
        raw = base64.b64decode(sealed, validate=True)
    except ValueError:
        return None
    mac, payload = raw[:32], raw[32:]
    if not hmac.compare_digest(mac, _mac(payload)):
        return None
    model, _, content = payload.partition(_SEPARATOR)
    return model.decode(), content


def _mac(payload: bytes) -> bytes:
    return hmac.digest(_KEY, payload, "sha256")
