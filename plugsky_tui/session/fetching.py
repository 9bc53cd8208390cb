"""Pages of the web for the tools: over the same HTTP as the models, but without key, cookies or headers of ours.

Each place is judged before it is asked: the URL by the gate, each redirect anew, and the addresses that a name leads
to before one of them is connected to (to just that one: a name may lead elsewhere the next moment, "DNS rebinding").
Behind a proxy it is the proxy that looks up names.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING

from plugsky_tui.kernel.errors import ProviderError, ToolError
from plugsky_tui.kernel.messages import ToolCall
from plugsky_tui.kernel.ports import FetchUrl, Judgement, Prepared, Progress, ToolResult
from plugsky_tui.permissions.power import Power
from plugsky_tui.permissions.url_judge import near
from plugsky_tui.workspace.web.fetched import Fetched
from plugsky_tui.workspace.web.urls import at_address, host_and_port, joined, origin

if TYPE_CHECKING:
    from plugsky_tui.permissions.gate import PermissionGate
    from plugsky_tui.providers.http import HttpAnswer

TOTAL_S = 30.0
CONNECT_S = 8.0
RESOLVE_S = 5.0
MOST_REDIRECTS = 5
BODY_LIMIT = 5 * 1024 * 1024  # bytes, decompressed
_ERROR_LIMIT = 64 * 1024  # of a page that says what went wrong
_BINARY_LIMIT = 1024  # of what nobody reads: enough to tell what it is
_MOST_ADDRESSES = 4  # tried one after the other
_UNREAD = ("video/", "audio/", "font/", "application/zip", "application/pdf", "application/gzip", "application/x-tar")
_REDIRECTS = (301, 302, 303, 307, 308)


class WebFetcher:
    """Implements `workspace.web.fetched.Fetcher` for one session. `ca_bundle` is `[api] ca_bundle`."""

    def __init__(self, gate: PermissionGate, ca_bundle: str | None) -> None:
        self._gate = gate
        self._ca_bundle = ca_bundle
        self._private: set[str] = set()  # names found to lead into this network, which has to be asked about

    async def reaches(self, url: str) -> Sequence[str]:
        host, port = host_and_port(url)
        if _proxied(url) or self._any_address(host):
            return []
        if host not in self._private and self._judge(url).verdict != "allow":
            return []  # no name is looked up before it may be
        try:
            addresses = await _resolve(host, port)
        except ToolError:
            return []  # fetching says it again
        if not all(map(near, addresses)):
            return []  # what leads into this network is left out
        self._private.add(host)
        return [at_address(origin(url) + "/", address) for address in addresses]

    async def fetch(self, url: str, approved: Sequence[str]) -> Fetched:
        addresses = {host_and_port(one)[0] for one in approved}
        try:
            async with asyncio.timeout(TOTAL_S):
                return await self._follow(url, addresses)
        except TimeoutError:
            raise ToolError(
                f"{origin(url)} has not answered in full after {TOTAL_S:g} seconds.",
                hint="Try again later, or look for the same elsewhere.",
            ) from None
        except ProviderError as error:
            hint = "Check the URL for a typing error." if error.code == "dns" else error.hint
            raise ToolError(error.message, hint=hint, code="fetch") from None

    async def _follow(self, url: str, addresses: set[str]) -> Fetched:
        approved, begun_at = origin(url), host_and_port(url)[0]
        came_by: Fetched | None = None  # the last redirect
        for _ in range(MOST_REDIRECTS + 1):
            host, port = host_and_port(url)
            allowed = await self._addresses(url, host, port, addresses if host == begun_at else set())
            if not allowed:
                why = f"{host} leads to an address of this network"
                if came_by is not None:
                    return _stopped(came_by, url, f"{why}.")
                self._private.add(host)
                raise ToolError(
                    f"{why}, which has to be allowed.", hint="Call web_fetch with the same URL again: now it is asked."
                )
            fetched, location = await self._ask(url, host, allowed)
            if not location:
                return fetched
            try:
                url = joined(url, location)
            except ToolError as error:
                return _stopped(fetched, location, error.message)
            judgement = self._judge(url)
            same_place = origin(url) == approved
            if judgement.verdict == "deny" or (judgement.verdict == "ask" and not same_place):
                return _stopped(fetched, url, judgement.reason)
            came_by = fetched
        assert came_by is not None
        return _stopped(came_by, url, f"{MOST_REDIRECTS} redirects are followed, and this is one more.")

    async def _addresses(self, url: str, host: str, port: int, approved: set[str]) -> list[str | None]:
        """Where to connect to, in order; [None]: to the name, through a proxy. Empty where nothing is allowed."""
        if _proxied(url):
            return [None]
        addresses = (await _resolve(host, port))[:_MOST_ADDRESSES]
        if self._any_address(host):
            return list(addresses)
        return [address for address in addresses if address in approved or not near(address)]

    async def _ask(self, url: str, host: str, addresses: Sequence[str | None]) -> tuple[Fetched, str]:
        """What the first of `addresses` that can be connected to answers, and where it redirects to ("": nowhere)."""
        from plugsky_tui.providers.endpoint import Endpoint
        from plugsky_tui.providers.http import HttpClient  # 65 ms, and only where something is fetched

        for address in addresses:
            client = HttpClient(
                Endpoint(origin(url), ca_bundle=self._ca_bundle, connect_timeout_s=CONNECT_S, idle_timeout_s=TOTAL_S)
            )
            try:
                at = at_address(url, address) if address else url
                answer = await client.send("GET", at, _headers(url), name=None if ":" in host else host)
                try:
                    location = answer.headers.get("location", "") if answer.status in _REDIRECTS else ""
                    return (Fetched(url, answer.status) if location else await _read(answer, url)), location
                finally:
                    await answer.aclose()
            except ProviderError as error:
                if error.code != "connect" or address == addresses[-1]:
                    raise
            finally:
                await client.aclose()
        raise AssertionError("there is an address")

    def _any_address(self, host: str) -> bool:
        """Whether it does not matter where the name leads: it says itself that it is near, and the gate has judged
        that; or a rule of the user's names it."""
        rule = self._gate.rules.for_host(host, needs=Power.SPELLED, rememberable=True)
        return bool(near(host)) or (rule is not None and rule.verdict == "allow" and rule.host is not None)

    def _judge(self, url: str) -> Judgement:
        return self._gate.judge(
            Prepared(ToolCall("", "web_fetch", {"url": url}), f"Fetch {url}", [FetchUrl(url)], _nothing)
        )


async def _read(answer: HttpAnswer, url: str) -> Fetched:
    from email.message import Message  # 20 ms; httpx has it loaded

    from plugsky_tui.workspace.web.inflating import Inflating

    told = Message()
    told["Content-Type"] = answer.headers.get("content-type", "")
    media = told.get_content_type() if answer.headers.get("content-type") else ""
    encoding = answer.headers.get("content-encoding", "")
    length = answer.headers.get("content-length", "")
    fetched = Fetched(url, answer.status, media, str(told.get_param("charset") or "").lower())
    if not encoding and length.isdecimal():
        fetched.size = int(length[:18])
    limit = _ERROR_LIMIT if answer.status >= 400 else _BINARY_LIMIT if media.startswith(_UNREAD) else BODY_LIMIT
    inflating = Inflating(encoding, limit)
    body = bytearray()
    try:
        async for chunk in answer.raw():
            body += inflating.feed(chunk)
            if inflating.full:
                fetched.whole = fetched.size == len(body)
                break
    except ProviderError:
        if not body:
            raise
        fetched.whole = False
    fetched.whole = fetched.whole and inflating.whole
    fetched.body = bytes(body)
    return fetched


def _headers(url: str) -> dict[str, str]:
    from plugsky_tui import __version__
    from plugsky_tui.workspace.web.inflating import ACCEPTED

    return {
        "Host": origin(url).partition("://")[2],
        "User-Agent": f"Mozilla/5.0 (compatible; plugsky/{__version__})",  # many a site shows others a page without text
        "Accept": "text/markdown, text/html;q=0.9, application/xhtml+xml;q=0.9, text/plain;q=0.8, */*;q=0.5",
        "Accept-Language": "en, *;q=0.5",
        "Accept-Encoding": ACCEPTED,
    }


def _stopped(fetched: Fetched, target: str, why: str) -> Fetched:
    fetched.redirect, fetched.why = target, why
    return fetched


def _proxied(url: str) -> bool:
    from plugsky_tui.providers.proxies import proxy_for

    host, port = host_and_port(url)
    try:
        return proxy_for(url.partition(":")[0], host, port, None) is not None
    except ProviderError:
        return True  # the request says what is wrong with it


async def _resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system looks them up, in its order. ToolError where there are none."""
    try:
        async with asyncio.timeout(RESOLVE_S):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except TimeoutError:
        raise ToolError(f"Looking up {host} took longer than {RESOLVE_S:g} seconds.", hint="Try again.") from None
    except (OSError, UnicodeError):
        raise ToolError(
            f"There is no address for {host} (DNS).", hint="Check the URL for a typing error, and the network."
        ) from None
    return list(dict.fromkeys(str(one[4][0]) for one in found))


async def _nothing(progress: Progress) -> ToolResult:
    return ToolResult("")
