"""The UI in a browser: Textual's server, kept to this machine and to whoever has the token.

Whoever reaches the page can run commands as the user, so three things are asked of each request: it names this
machine as its host (a page elsewhere cannot turn a name of its own into 127.0.0.1: DNS rebinding), a websocket comes
from our own page, and the browser shows the token, which it was given in the address and keeps as a cookie. Nothing
is loaded from other servers.
"""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Awaitable, Callable
from html import escape
from importlib.resources import files
from socket import socket
from urllib.parse import urlsplit

from aiohttp import web
from textual_serve.server import Server, to_int

from plugsky_tui.frontends.text import clean

_OWN = {"plugsky.css": "text/css", "plugsky.js": "text/javascript"}
_NOT_LET_IN = "Open the address that plugsky web has printed: it holds the token that lets you in.\n"
_WRONG_HOST = "This server answers only to the address that plugsky web has printed.\n"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class WebServer(Server):
    """Serves `command` (a shell command line) on the loopback address `host`. `told` is given the address once it can
    be opened."""

    def __init__(self, command: str, *, host: str, port: int, title: str, told: Callable[[str], None]) -> None:
        address = f"[{host}]" if ":" in host else host
        super().__init__(command, host, port, title=clean(title), public_url=f"http://{address}:{port}")
        self.token = secrets.token_urlsafe(24)
        self._told = told
        self._cookie = f"plugsky-{port}"
        self._hosts = {f"{name}:{port}" for name in (address, "localhost", "127.0.0.1", "[::1]")}

    @property
    def address(self) -> str:
        """What is to be opened in a browser."""
        return f"{self.public_url}/?token={self.token}"

    def initialize_logging(self) -> None:
        """Errors only, and plain: the terminal belongs to the user."""
        logging.basicConfig(level=logging.ERROR, format="plugsky: %(message)s")

    def listen(self, listening: socket) -> None:
        """Serve what comes to the bound socket `listening`, until SIGINT or SIGTERM."""
        self.initialize_logging()
        # `print` is called once it can be reached; `on_startup` is too early for that
        web.run_app(self._make_app(), sock=listening, print=lambda *_: self._told(self.address), access_log=None)

    async def on_startup(self, app: web.Application) -> None:
        """Textual's server says things here that are not for our users."""

    async def _make_app(self) -> web.Application:
        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._guard(request, handler)

        app = await super()._make_app()
        app.middlewares.append(guard)
        for name, kind in _OWN.items():
            app.router.add_get(f"/{name}", _file(name, kind))
        return app

    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let in who may come in; every answer says what its page may do."""
        if request.host not in self._hosts:
            return web.Response(status=403, text=_WRONG_HOST)
        if "Origin" in request.headers and urlsplit(request.headers["Origin"]).netloc not in self._hosts:
            return web.Response(status=403, text=_WRONG_HOST)
        given = request.query.get("token", "")
        if given and request.path == "/" and self._is_token(given):
            return self._welcome(request)
        if not self._is_token(request.cookies.get(self._cookie, "")):
            return web.Response(status=401, text=_NOT_LET_IN)
        response = await handler(request)
        if not response.prepared:
            response.headers.update(_headers(request.host))
        return response

    def _welcome(self, request: web.Request) -> web.Response:
        """The token goes from the address, which histories keep, into a cookie that no script can read."""
        rest = {name: value for name, value in request.query.items() if name != "token"}
        response = web.Response(status=303, headers={"Location": str(request.rel_url.with_query(rest))})
        response.set_cookie(self._cookie, self.token, httponly=True, samesite="Strict", path="/")
        return response

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self.token.encode())

    async def handle_index(self, request: web.Request) -> web.Response:
        page = files(__package__).joinpath("page.html").read_text("utf-8")
        text = page.format(
            title=escape(self.title),
            websocket=escape(f"ws://{request.host}/ws"),
            font_size=min(max(to_int(request.query.get("fontsize", "16"), 16), 8), 48),
        )
        return web.Response(text=text, content_type="text/html")


def _headers(host: str) -> dict[str, str]:
    policy = (
        f"default-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self' ws://{host}; img-src 'self' data:"
    )
    return {
        "Content-Security-Policy": f"{policy}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }


def _file(name: str, kind: str) -> Handler:
    async def serve(request: web.Request) -> web.Response:
        return web.Response(text=files(__package__).joinpath(name).read_text("utf-8"), content_type=kind)

    return serve
