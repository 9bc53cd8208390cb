"""The way to the web for a session's tools, made when the first of them wants it: it costs every start 10 ms else."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plugsky_tui.permissions.gate import PermissionGate
    from plugsky_tui.workspace.web.fetched import Fetcher


def web_fetcher(gate: PermissionGate, ca_bundle: str | None) -> Callable[[], Fetcher]:
    """For `ToolContext.fetcher`. `ca_bundle` is `[api] ca_bundle`."""

    @cache
    def make() -> Fetcher:
        from plugsky_tui.session.fetching import WebFetcher

        return WebFetcher(gate, ca_bundle)

    return make
