"""Why there was no answer at all, in words: no route, no name, no proxy, silence. What is wrong and what to do."""

from __future__ import annotations

from plugsky_tui.kernel.errors import ProviderError
from plugsky_tui.providers.endpoint import Endpoint
from plugsky_tui.providers.errors import host_of, quote
from plugsky_tui.providers.proxies import Proxy, is_loopback


def malformed() -> ProviderError:
    """Says nothing of what it was: that may be the key."""
    return ProviderError(
        "The request could not be made: an address, a proxy or a header is malformed.",
        hint="Check base_url, proxy (HTTPS_PROXY, ALL_PROXY), project, region and the key for odd characters.",
        code="request",
    )


def no_address(endpoint: Endpoint) -> ProviderError:
    return ProviderError(
        f"base_url {endpoint.base_url!r} is no http(s) address.", hint="Set it right.", code="base_url"
    )


def idle(endpoint: Endpoint) -> ProviderError:
    return ProviderError(
        f"{host_of(endpoint)} sent nothing for {endpoint.idle_timeout_s:g} seconds.",
        hint="Try again; api.timeout_s allows for longer silences.",
        code="idle_timeout",
    )


def not_taken(endpoint: Endpoint) -> ProviderError:
    return ProviderError(
        f"{host_of(endpoint)} took nothing of the request for {endpoint.write_timeout_s:g} seconds.",
        hint="Check the network connection; a long thread or large images take long on a slow line.",
        code="write_timeout",
        retryable=True,
    )


def too_slow(endpoint: Endpoint, proxy: Proxy | None) -> ProviderError:
    """No connection in time: to the proxy, where there is one."""
    return ProviderError(
        f"{_first_hop(endpoint, proxy)} could not be reached in time.",
        hint=_check_proxy(proxy) if proxy else "Check the network, and whether a proxy is needed (HTTPS_PROXY).",
        code="connect",
        retryable=True,
    )


def no_connection(endpoint: Endpoint, proxy: Proxy | None, host: str) -> ProviderError:
    """`host` is that of the endpoint, without its port."""
    hint = "Check the network connection, and whether a proxy is needed (HTTPS_PROXY)."
    if proxy:
        hint = f"Is it running? {_check_proxy(proxy)}"
    elif is_loopback(host):
        hint = "Is the server running, on this port?"
    return ProviderError(
        f"{_first_hop(endpoint, proxy)} could not be connected to.", hint=hint, code="connect", retryable=True
    )


def no_name(endpoint: Endpoint, proxy: Proxy | None) -> ProviderError:
    return ProviderError(
        f"There is no address for {_first_hop(endpoint, proxy)} (DNS).",
        hint=_check_proxy(proxy) if proxy else "Check the network connection, and base_url for a typing error.",
        code="dns",
        retryable=True,
    )


def closed(endpoint: Endpoint, *, reading: bool) -> ProviderError:
    where = "in the middle of its answer" if reading else "before it answered"
    hint = "" if reading else "If it always does: is it http:// or https://, and is the port right (base_url)?"
    return ProviderError(
        f"{host_of(endpoint)} closed the connection {where}.", hint=hint, code="disconnected", retryable=True
    )


def proxy_refused(endpoint: Endpoint, proxy: Proxy | None, said: str) -> ProviderError:
    """`said` is the proxy's status line ("403 Forbidden"), or what failed in speaking SOCKS with it."""
    name = f"The proxy {proxy.place}" if proxy else "The proxy"
    status = int(said[:3]) if said[:3].isdecimal() else None
    refused_login = status == 407 or (status is None and any(word in said.lower() for word in ("auth", "password")))
    if refused_login:
        given = proxy is not None and "@" in proxy.url
        return ProviderError(
            f"{name} {'does not accept the name and password it was given' if given else 'wants a name and password'}"
            + (" (407)." if status else "."),
            hint=f"Put them into the proxy's address: {proxy.scheme if proxy else 'http'}://NAME:PASSWORD@HOST:PORT "
            f"({proxy.source if proxy else 'HTTPS_PROXY'}); an @ in them is written %40.",
            code="proxy_auth",
            status=status,
        )
    words = quote(said, endpoint)
    return ProviderError(
        f"{name} would not connect to {host_of(endpoint)}" + (f": {words}." if words else "."),
        hint=f"{_check_proxy(proxy)} Whether it lets this host through is for its owner to say."
        if proxy
        else "Check HTTPS_PROXY and api.proxy.",
        code="proxy",
        status=status,
        retryable=status in (502, 503, 504),  # its own trouble in reaching the host, which may pass
    )


def _first_hop(endpoint: Endpoint, proxy: Proxy | None) -> str:
    return f"The proxy {proxy.place} (on the way to {host_of(endpoint)})" if proxy else host_of(endpoint)


def _check_proxy(proxy: Proxy | None) -> str:
    if proxy is None:
        return ""
    return f"The proxy comes from {proxy.source}: check it there; NO_PROXY lists hosts that need none."
