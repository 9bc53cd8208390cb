"""The one module that speaks HTTP as a client. Nothing of the library behind it leaves this file.

Importing it costs 65 ms: whoever uses it imports it when the first request is made.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import ssl
import sys
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing, contextmanager
from time import monotonic
from urllib.request import getproxies

# httpx imports its own command line where click is installed (40 ms), and copes where that cannot be imported.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
import httpx  # noqa: E402

from plugsky_tui import __version__  # noqa: E402
from plugsky_tui.kernel.errors import ProviderError  # noqa: E402
from plugsky_tui.providers.endpoint import Endpoint  # noqa: E402
from plugsky_tui.providers.errors import host_of  # noqa: E402

# Under these names ssl reports a connection that went away, or is not there yet: no fault of the encryption.
_CUT_SHORT = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_TRICKLE_S = 0.001  # a chunk that was there already took less
_KEEP_ALIVE_S = 90.0  # tools run for a while between two requests of a turn


class HttpAnswer:
    """A response whose headers have come; the body is still to be read. Close it in any case."""

    def __init__(self, response: httpx.Response, endpoint: Endpoint) -> None:
        self.status = response.status_code
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}
        self._response = response
        self._endpoint = endpoint

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The body as it comes off the network, decompressed. Raises ProviderError ("disconnected", "idle_timeout")."""
        gather_s = self._endpoint.gather_s
        with _translated(self._endpoint, reading=True):
            asked = monotonic()
            async for chunk in self._response.aiter_bytes():
                waited = monotonic() - asked
                yield chunk
                if gather_s and waited > _TRICKLE_S:
                    await asyncio.sleep(gather_s)
                asked = monotonic()

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


class HttpClient:
    """The connections to one endpoint; they are kept alive between requests, within one event loop."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._client: httpx.AsyncClient | None = None

    async def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> HttpAnswer:
        """Send a request and wait for the headers of the answer. No redirect is followed: the key stays here.

        Raises ProviderError; `retryable` says whether it makes sense to send it again.
        """
        with _translated(self._endpoint):
            client = self._client = self._client or _build(self._endpoint)
            request = client.build_request(method, url, headers=dict(headers), content=body)
            return HttpAnswer(await client.send(request, stream=True, follow_redirects=False), self._endpoint)

    async def aclose(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


def _build(endpoint: Endpoint) -> httpx.AsyncClient:
    url = httpx.URL(endpoint.base_url)
    if url.scheme not in ("http", "https") or not url.host:
        raise ProviderError(
            f"base_url {endpoint.base_url!r} is no http(s) address.", hint="Set it right.", code="base_url"
        )
    if url.userinfo:
        # "https://api.example.com@evil.example" goes to evil.example, whatever it looks like.
        raise ProviderError(
            f"base_url holds a user name before an '@': it would go to {url.host!r}.",
            hint="Give the address without it; the key is set with plugsky auth login.",
            code="base_url",
        )
    # Nothing on this machine is reached through a proxy, unless one was asked for by name (as in Go's net/http).
    from_environment = endpoint.proxy is None and not _is_loopback(url.host)
    proxies = [endpoint.proxy or ""] + (list(getproxies().values()) if from_environment else [])
    encrypted = url.scheme == "https" or any(proxy.startswith("https:") for proxy in proxies)
    tls = _trusting(endpoint) if encrypted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts no one; unused
    return httpx.AsyncClient(
        verify=tls,
        trust_env=from_environment,
        proxy=_proxy(endpoint.proxy, tls) if endpoint.proxy else None,
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


def _proxy(address: str, tls: ssl.SSLContext) -> httpx.Proxy:
    proxy = httpx.Proxy(address)
    if proxy.url.scheme == "https":
        proxy.ssl_context = tls
    return proxy


def _trusting(endpoint: Endpoint) -> ssl.SSLContext:
    """Whom the system trusts (SSL_CERT_FILE and SSL_CERT_DIR move that), and the endpoint's own bundle."""
    context = _system_store()
    paths = ssl.get_default_verify_paths()
    if not (paths.cafile or paths.capath or context.get_ca_certs()):
        import certifi  # a Python without a system store (python.org's on macOS): httpx brings Mozilla's

        context.load_verify_locations(certifi.where())
    if endpoint.ca_bundle:
        try:
            context.load_verify_locations(os.path.expanduser(endpoint.ca_bundle))  # noqa: PTH111
        except (OSError, ssl.SSLError) as error:
            raise ProviderError(
                f"The CA bundle {endpoint.ca_bundle} cannot be used: {error.strerror or error}.",
                hint="ca_bundle is a file of certificates in PEM form.",
                code="tls",
            ) from error
    return context


def _system_store() -> ssl.SSLContext:
    if sys.platform in ("darwin", "win32"):
        try:
            import truststore  # type: ignore[import-not-found, unused-ignore]  # asks the system itself, so that a company's own CA in the keychain counts
        except ImportError:
            pass
        else:
            return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return ssl.create_default_context()


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


# --- errors -----------------------------------------------------------------------------------


@contextmanager
def _translated(endpoint: Endpoint, *, reading: bool = False) -> Iterator[None]:
    try:
        yield
    except httpx.LocalProtocolError:
        raise _malformed() from None  # what it says may quote a header, and so the key
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        raise _translate(error, endpoint, reading=reading) from error
    except ImportError as error:  # a SOCKS proxy without the package for it
        raise _proxy_error(endpoint, str(error)) from error
    except ValueError:  # httpx on proxy addresses and header values; these too may hold secrets
        raise _malformed() from None


def _malformed() -> ProviderError:
    return ProviderError(
        "The request could not be made: an address, a proxy or a header is malformed.",
        hint="Check base_url, proxy (HTTPS_PROXY, ALL_PROXY), project, region and the key for odd characters.",
        code="request",
    )


def _translate(error: Exception, endpoint: Endpoint, *, reading: bool) -> ProviderError:
    who = host_of(endpoint)
    if not reading and not isinstance(error, httpx.TimeoutException):
        for cause in _causes(error):
            if isinstance(cause, ssl.SSLError) and not isinstance(cause, _CUT_SHORT):
                return _tls_error(cause, who)
    match error:
        case httpx.ProxyError():
            return _proxy_error(endpoint, str(error))
        case httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return ProviderError(f"base_url {endpoint.base_url!r} is no http(s) address.", code="base_url")
        case httpx.ReadTimeout():
            return ProviderError(
                f"{who} sent nothing for {endpoint.idle_timeout_s:g} seconds.",
                hint="Try again; api.timeout_s allows for longer silences.",
                code="idle_timeout",
            )
        case httpx.TimeoutException():
            return ProviderError(
                f"{who} could not be reached in time.",
                hint="Check the network, and whether a proxy is needed (HTTPS_PROXY).",
                code="connect",
                retryable=True,
            )
        case httpx.ConnectError():
            return _connect_error(error, endpoint, who)
        case _:
            where = "in the middle of its answer" if reading else "before it answered"
            return ProviderError(f"{who} closed the connection {where}.", code="disconnected", retryable=True)


def _connect_error(error: Exception, endpoint: Endpoint, who: str) -> ProviderError:
    import socket

    if any(isinstance(cause, socket.gaierror) for cause in _causes(error)):
        through = ", or for the proxy" if _proxied(endpoint) else ""
        return ProviderError(
            f"There is no address for {who}{through} (DNS).",
            hint="Check the network connection, and base_url for a typing error.",
            code="dns",
            retryable=True,
        )
    hint = "Check the network connection, and whether a proxy is needed (HTTPS_PROXY)."
    if _is_loopback(httpx.URL(endpoint.base_url).host):
        hint = "Is the server running, on this port?"
    through = " through the proxy" if _proxied(endpoint) else ""
    return ProviderError(f"{who} could not be connected to{through}.", hint=hint, code="connect", retryable=True)


def _proxied(endpoint: Endpoint) -> bool:
    if endpoint.proxy:
        return True
    url = httpx.URL(endpoint.base_url)
    return not _is_loopback(url.host) and bool({url.scheme, "all"} & set(getproxies()))


def _tls_error(error: ssl.SSLError, who: str) -> ProviderError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return ProviderError(
            f"The certificate of {who} is not trusted: {error.verify_message or error.reason}.",
            hint="If a company proxy re-signs traffic, set api.ca_bundle (or SSL_CERT_FILE) to its CA certificate; "
            "also check the clock. Checking is never switched off.",
            code="tls",
        )
    return ProviderError(
        f"No encrypted connection to {who} came about: {(error.reason or str(error)).replace('_', ' ').lower()}.",
        hint="Check base_url (https where plain http is spoken?) and whether a proxy stands between.",
        code="tls",
    )


def _proxy_error(endpoint: Endpoint, text: str) -> ProviderError:
    if "407" in text:
        return ProviderError(
            "The proxy wants a name and password (407).",
            hint="Put them into the proxy's address: http://NAME:PASSWORD@HOST:PORT (api.proxy, or HTTPS_PROXY).",
            code="proxy_auth",
            status=407,
        )
    if "socksio" in text:
        return ProviderError(
            "A SOCKS proxy is set, and the package for it is missing.",
            hint="Install it (pip install socksio), or set an http:// proxy; unset ALL_PROXY if none is wanted.",
            code="proxy",
        )
    return ProviderError(
        f"The proxy refused to connect to {host_of(endpoint)}.",
        hint="Check api.proxy or HTTPS_PROXY; NO_PROXY names hosts that need none.",
        code="proxy",
        retryable=not text.startswith("4"),
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            yield from current.exceptions
        current = current.__cause__ or current.__context__
