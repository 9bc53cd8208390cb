"""Asked before a link of the transcript is opened: where it really leads."""

from __future__ import annotations

from urllib.parse import urlsplit

from textual.app import ComposeResult
from textual.content import Content
from textual.events import Mount
from textual.widget import Widget

from plugsky_tui.frontends.tui.layers.base import Layer
from plugsky_tui.frontends.tui.layers.choices import Choice, Choices
from plugsky_tui.frontends.tui.widgets.blocks import BlocksView, safe

GUARD_S = 0.35


class LinkLayer(Layer[bool]):
    """Ends with True where the link is to be opened."""

    DEFAULT_CSS = "LinkLayer > BlocksView { margin-bottom: 1; max-height: 6; }"
    guard_s = GUARD_S

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._choices = Choices(
            [Choice("y", "yes, in the browser"), Choice("n", "no")], marked=1, ready=lambda: self.ready
        )

    def compose(self) -> ComposeResult:
        yield BlocksView([("command", f"Host: {real_host(self._url)}"), ("text", safe(self._url).replace("\n", "␊"))])
        yield self._choices

    def on_mount(self, event: Mount) -> None:
        self.border_title = Content("Open this link?")

    def focus_target(self) -> Widget:
        return self._choices

    def on_choices_picked(self, message: Choices.Picked) -> None:
        message.stop()
        self.finish(message.index == 0)


def may_open(url: str) -> bool:
    """Only http and https addresses with a host are ever opened."""
    try:
        parts = urlsplit(url)
        return parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and url.isprintable()
    except ValueError:
        return False


def real_host(url: str) -> str:
    """The host as it is looked up: letters outside ASCII as punycode (RFC 3492), so that none poses as another."""
    try:
        host = urlsplit(url).hostname or ""
        return host if host.isascii() else f"{host.encode('idna').decode()} ({safe(host)})"
    except ValueError:
        return safe(url)
