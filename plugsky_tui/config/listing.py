"""Every setting as one flat list, fit to be shown: what tokens are kept in is not."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from plugsky_tui.config.layers import dotted, leaves
from plugsky_tui.config.shape import Settings

SECRET_TABLES = ("headers", "env")  # their values are not listed: tokens are kept in them
HIDDEN = "…"


def everything(settings: Settings) -> dict[str, Any]:
    """Every setting by its dotted key, defaults too; of a model's table only what is set."""
    return {
        dotted(key): value for key, value in leaves(asdict(settings)) if key[0] != "models" or value not in (None, [])
    }


def hidden(name: str, value: Any) -> Any:
    """A value as it may be listed: no tokens, in no table either. `name` is its dotted key."""
    if isinstance(value, dict) and value:
        return {key: hidden(f"{name}.{key}", item) for key, item in value.items()}
    parts = name.split(".")
    if parts[0] in ("providers", "mcp") and any(part in SECRET_TABLES for part in parts[2:]):
        return HIDDEN
    if name == "api.proxy" and isinstance(value, str) and "@" in value:
        scheme, _, rest = value.partition("://")
        return f"{scheme}://{HIDDEN}@{rest.rpartition('@')[2]}"
    return value
