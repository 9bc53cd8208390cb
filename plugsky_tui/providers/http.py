"""The one module that speaks HTTP as a client. Nothing of the library behind it leaves this file.

Importing it costs 65 ms: whoever uses it imports it when the first request is made.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

# httpx imports its own command line where click is installed (40 ms), and copes where that cannot be imported.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
import httpx  # noqa: E402

from plugsky_tui import __version__  # noqa: E402
from plugsky_tui.kernel.errors import ProviderError  # noqa: E402
from plugsky_tui.providers import network_errors  # noqa: E402
from plugsky_tui.providers.endpoint import Endpoint  # noqa: E402
from plugsky_tui.providers.errors import host_of  # noqa: E402
from plugsky_tui.providers.proxies import Proxy, proxy_for  # noqa: E402

if TYPE_CHECKING:
    from plugsky_tui.providers.tls_errors import Certificate

# Under these names ssl reports a connection that went away, or is not there yet: no fault of the encryption.
_CUT_SHORT = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_TRICKLE_S = 0.001  # a chunk that was there already took less
_PIECE = 256 << 10  # of a body: even 10 KB a second moves it within the time-out
_KEEP_ALIVE_S = 90.0  # tools run for a while between two requests of a turn
_LOOK_S = 3.0  # for a look at the certificate that was refused


class HttpAnswer:
    """A response whose headers have come; the body is still to be read. Close it in any case."""

    def __init__(self, response: httpx.Response, endpoint: Endpoint) -> None:
        """What a server sends back of the key in its headers (an id, a place to go) is taken out: they are passed on."""
        self.status = response.status_code
        secret = _secret(response.request)
        self.headers: Mapping[str, str] = {
            name.lower(): value.replace(secret, "[key]") if secret else value
            for name, value in response.headers.items()
        }
        self._response = response
        self._endpoint = endpoint

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The body as it comes off the network, decompressed. Raises ProviderError ("disconnected", "idle_timeout")."""
        gather_s = self._endpoint.gather_s
        with _translated(self._endpoint, None, reading=True):
            asked = monotonic()
            async for chunk in self._response.aiter_bytes():
                waited = monotonic() - asked
                yield chunk
                if gather_s and waited > _TRICKLE_S:
                    await asyncio.sleep(gather_s)
                asked = monotonic()

    async def raw(self) -> AsyncGenerator[bytes, None]:
        """The body as it comes off the network, compressed as it is. Raises ProviderError as `chunks` does."""
        with _translated(self._endpoint, None, reading=True):
            async for chunk in self._response.aiter_raw():
                yield chunk

    async def read(self, limit: int, seconds: float | None = None) -> bytes:
        """At most `limit` bytes of the body, and no longer than `seconds`; what comes later, or is lost, is given up."""
        body = bytearray()
        try:
            async with asyncio.timeout(seconds), aclosing(self.chunks()) as chunks:
                async for chunk in chunks:
                    body += chunk
                    if len(body) >= limit:
                        break
        except (ProviderError, TimeoutError):
            pass
        return bytes(body[:limit])

    async def aclose(self) -> None:
        await self._response.aclose()


def _secret(request: httpx.Request) -> str:
    sent: str = request.headers.get("x-api-key") or request.headers.get("Authorization", "")
    return sent.rpartition(" ")[2]


def _written(headers: Mapping[str, str], body: bytes | None) -> dict[str, Any]:
    """Headers and body as the library takes them. A large body is handed over in pieces: the time-out is then for
    each of them, and a slow line that gets somewhere is no fault."""
    if body is None or len(body) <= _PIECE:
        return {"headers": dict(headers), "content": body}
    return {"headers": {**headers, "Content-Length": str(len(body))}, "content": _pieces(body)}


async def _pieces(body: bytes) -> AsyncGenerator[bytes, None]:
    for at in range(0, len(body), _PIECE):
        yield body[at : at + _PIECE]


class HttpClient:
    """The connections to one endpoint; they are kept alive between requests, within one event loop."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._route: _Route | None = None
        self._client: httpx.AsyncClient | None = None

    async def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None, *, name: str | None = None
    ) -> HttpAnswer:
        """Send a request and wait for the headers of the answer. No redirect is followed: the key stays here.

        `name` is the host that the certificate must be for, where `url` gives an address in its place.

        Raises ProviderError; `retryable` says whether it makes sense to send it again.
        """
        with _translated(self._endpoint, self._route):
            route = self._route = self._route or _route(self._endpoint)
        with _translated(self._endpoint, route):
            client = self._client = self._client or _client(self._endpoint, route)
            extensions = {"sni_hostname": name} if name else {}
            request = client.build_request(method, url, extensions=extensions, **_written(headers, body))
            try:
                response = await client.send(request, stream=True, follow_redirects=False)
            except httpx.TransportError as error:
                if (fault := _tls_fault(error)) is None:
                    raise
                raise await _refused_certificate(fault, self._endpoint, route) from error
            return HttpAnswer(response, self._endpoint)

    async def aclose(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


@dataclass(slots=True)
class _Route:
    """How the endpoint is reached. `tls` is None where nothing on the way is encrypted."""

    host: str
    proxy: Proxy | None
    tls: ssl.SSLContext | None


def _route(endpoint: Endpoint) -> _Route:
    url = httpx.URL(endpoint.base_url)
    if url.scheme not in ("http", "https") or not url.host:
        raise network_errors.no_address(endpoint)
    if url.userinfo:
        # "https://api.example.com@evil.example" goes to evil.example, whatever it looks like.
        raise ProviderError(
            f"base_url holds a user name before an '@': it would go to {url.host!r}.",
            hint="Give the address without it; the key is set with plugsky auth login.",
            code="base_url",
        )
    proxy = proxy_for(url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80), endpoint.proxy)
    if url.scheme != "https" and (proxy is None or proxy.scheme != "https"):
        return _Route(url.host, proxy, None)
    from plugsky_tui.providers.tls import trusting  # only who needs it reads certificates

    return _Route(url.host, proxy, trusting(endpoint.ca_bundle))


def _client(endpoint: Endpoint, route: _Route) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        verify=route.tls or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),  # the latter trusts no one, and is not used
        trust_env=False,  # proxies.py and tls.py have read the environment
        proxy=_httpx_proxy(route.proxy, route.tls),
        timeout=httpx.Timeout(
            connect=endpoint.connect_timeout_s,
            write=endpoint.write_timeout_s,
            read=endpoint.idle_timeout_s,
            pool=None,
        ),
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=8, keepalive_expiry=_KEEP_ALIVE_S),
        follow_redirects=False,
        headers={"User-Agent": f"plugsky/{__version__}"},
    )


def _httpx_proxy(proxy: Proxy | None, tls: ssl.SSLContext | None) -> httpx.Proxy | None:
    if proxy is None:
        return None
    return httpx.Proxy(proxy.url, ssl_context=tls if proxy.scheme == "https" else None)


# --- certificates that are refused ------------------------------------------------------------


async def _refused_certificate(fault: ssl.SSLError, endpoint: Endpoint, route: _Route) -> ProviderError:
    """The error for a handshake that failed. Where a certificate was refused, it is fetched, to name who issued it."""
    from plugsky_tui.providers.tls_errors import tls_error

    who, shown = host_of(endpoint), None
    if isinstance(fault, ssl.SSLCertVerificationError):
        try:
            async with asyncio.timeout(_LOOK_S):
                if endpoint.base_url.lower().startswith("https:"):
                    shown = await _look(endpoint, route, at_the_proxy=False)
                if shown is None and route.proxy is not None and route.proxy.scheme == "https":
                    who = f"the proxy {route.proxy.place}"
                    shown = await _look(endpoint, route, at_the_proxy=True)
        except TimeoutError:
            pass
    return tls_error(fault, who, shown, ca_bundle=endpoint.ca_bundle)


async def _look(endpoint: Endpoint, route: _Route, *, at_the_proxy: bool) -> Certificate | None:
    """The certificate that the server (or a proxy that is itself reached over https) shows; None where it shows none.

    A handshake of its own without checking, for a failed one leaves nothing to read. It is safe: the connection is
    closed when the handshake is done, before a byte of the request, the key or even its path is written; what is
    learnt is shown to people, and trusts nobody. A proxy hears its CONNECT as before, and only once it is trusted
    itself. The context that checks nothing lives in this function.
    """
    from plugsky_tui.providers.tls_errors import read_certificate

    unchecked = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unchecked.check_hostname = False
    unchecked.verify_mode = ssl.CERT_NONE
    proxy = _httpx_proxy(route.proxy, unchecked if at_the_proxy else route.tls)
    last = (
        "connection" if at_the_proxy or proxy is None else "proxy" if proxy.url.scheme in ("http", "https") else "socks"
    )
    seen: list[Certificate | None] = []

    async def watch(step: str, about: dict[str, Any]) -> None:
        if step != f"{last}.start_tls.complete":
            return
        connection = about["return_value"]
        shaken: ssl.SSLObject = connection.get_extra_info("ssl_object")
        # getpeercert decodes a certificate only where the context, as it is now, would have checked it.
        unchecked.verify_mode = ssl.CERT_REQUIRED
        seen.append(read_certificate(shaken.getpeercert() or {}))
        await connection.aclose()
        raise _Seen

    origin = httpx.URL(endpoint.base_url).copy_with(raw_path=b"/")
    async with httpx.AsyncClient(verify=unchecked, proxy=proxy, trust_env=False, timeout=_LOOK_S) as client:
        try:
            await client.head(origin, extensions={"trace": watch})
        except (_Seen, httpx.HTTPError, OSError, ValueError):
            pass
    return seen[0] if seen else None


class _Seen(Exception):
    """Ends a connection that was made for a look."""


# --- errors -----------------------------------------------------------------------------------


@contextmanager
def _translated(endpoint: Endpoint, route: _Route | None, *, reading: bool = False) -> Iterator[None]:
    try:
        yield
    except httpx.LocalProtocolError:
        raise network_errors.malformed() from None  # what it says may quote a header, and so the key
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        raise _translate(error, endpoint, route, reading=reading) from error
    except ValueError:  # httpx on header values; these too may hold secrets
        raise network_errors.malformed() from None
    except Exception as error:  # what the SOCKS library raises, asserts among it, where no SOCKS proxy answers
        if isinstance(error, ProviderError) or route is None or route.proxy is None or route.proxy.at_http:
            raise
        raise network_errors.proxy_refused(endpoint, route.proxy, "it does not speak SOCKS5") from error


def _translate(error: Exception, endpoint: Endpoint, route: _Route | None, *, reading: bool) -> ProviderError:
    proxy = route.proxy if route else None
    match error:
        case httpx.ProxyError():
            return network_errors.proxy_refused(endpoint, proxy, str(error))
        case httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return network_errors.no_address(endpoint)
        case httpx.ReadTimeout():
            return network_errors.idle(endpoint)
        case httpx.WriteTimeout():
            return network_errors.not_taken(endpoint)
        case httpx.TimeoutException():
            return network_errors.too_slow(endpoint, proxy)
        case httpx.ConnectError():
            if any(isinstance(cause, socket.gaierror) for cause in _causes(error)):
                return network_errors.no_name(endpoint, proxy)
            return network_errors.no_connection(endpoint, proxy, route.host if route else "")
        case _:
            return network_errors.closed(endpoint, reading=reading)


def _tls_fault(error: httpx.TransportError) -> ssl.SSLError | None:
    """What was wrong with the encryption, where it was that; a time-out or a connection cut short is none."""
    if isinstance(error, httpx.TimeoutException):
        return None
    return next(
        (cause for cause in _causes(error) if isinstance(cause, ssl.SSLError) and not isinstance(cause, _CUT_SHORT)),
        None,
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what it was raised from, and what that was raised from."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            yield from current.exceptions
        current = current.__cause__ or current.__context__
