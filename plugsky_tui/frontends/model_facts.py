"""What people are told of a model, wherever models are chosen."""

from __future__ import annotations

from plugsky_tui.providers.catalogue import find


def needs_key(model: str) -> bool:
    """Whether the documentation wants a key for `model`. Of models it does not know, the server will say it."""
    info = find(model)
    return info is not None and info.tier != "free"


def window(tokens: int | None) -> str:
    """A context window as the documentation writes it: 131,072 tokens are 131K."""
    if not tokens:
        return ""
    if tokens >= 1_000_000:
        return f"{tokens // 1_000_000}M"
    return f"{tokens // 1000}K" if tokens >= 1000 else str(tokens)
