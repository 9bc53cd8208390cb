"""Through which proxy an endpoint is reached: `[api] proxy`, the environment's, the system's, or none.

The variables are those of curl and Go: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, in lower case too (which
then counts). NO_PROXY holds for every proxy, as with curl. This machine itself is never reached through a proxy of the
environment (as in Go's net/http), but is through `[api] proxy`: somebody asked for that by name.
"""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

from plugsky_tui.kernel.errors import ProviderError

_SCHEMES = ("http", "https", "socks5", "socks5h")
_ALIASES = {"socks": "socks5"}  # what GNOME writes into ALL_PROXY


@dataclass(slots=True)
class Proxy:
    """`url` may hold a name and password; `place` is the same without them. `source` is who named it: a variable,
    "api.proxy", or "the system's settings"."""

    url: str
    place: str
    source: str

    @property
    def scheme(self) -> str:
        return self.url.partition("://")[0]

    @property
    def at_http(self) -> bool:
        """Whether it speaks HTTP; else it is a SOCKS proxy."""
        return self.scheme in ("http", "https")


def proxy_for(
    scheme: str, host: str, port: int, given: str | None, env: Mapping[str, str] = os.environ
) -> Proxy | None:
    """The proxy to `scheme`://`host`:`port`; `given` is `[api] proxy`.

    Raises ProviderError ("proxy") where the address of the proxy is none; the message never holds a password.
    """
    if _excepted(host, port, env.get("no_proxy") or env.get("NO_PROXY") or ""):
        return None
    if given:
        return _read(given, "api.proxy")
    if is_loopback(host):
        return None
    for kind in (scheme, "all"):
        for variable in (f"{kind}_proxy", f"{kind}_proxy".upper()):
            if variable == "HTTP_PROXY" and "REQUEST_METHOD" in env:
                continue  # under CGI the caller sets it, with a Proxy: header (httpoxy.org)
            if address := env.get(variable, "").strip():
                return _read(address, variable)
    return _of_the_system(scheme, host, env)


def is_loopback(host: str) -> bool:
    """Whether `host` (a name or an address, without brackets) is this machine."""
    host = host.rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _of_the_system(scheme: str, host: str, env: Mapping[str, str]) -> Proxy | None:
    """What the desktop's network settings say, where the system has such a thing and no variable says otherwise."""
    if any(name.lower() in ("http_proxy", "https_proxy", "all_proxy") and env[name] for name in env):
        return None
    if sys.platform in ("darwin", "win32"):
        from urllib.request import getproxies, proxy_bypass  # httpx has it loaded

        address = getproxies().get(scheme)
        return _read(address, "the system's settings") if address and not proxy_bypass(host) else None
    return None


def _read(address: str, source: str) -> Proxy:
    """An address as people write it, made one that every library reads the same way.

    Name and password may be percent-encoded (RFC 3986, 3.2.1), and need not be: the last "@" ends them, as with curl.
    """
    scheme, mark, rest = address.rpartition("://")
    scheme = _ALIASES.get(scheme.lower(), scheme.lower()) if mark else "http"
    userinfo, at, place = rest.rpartition("@")
    place = place.partition("/")[0]
    if scheme not in _SCHEMES or not _is_place(place):
        raise ProviderError(
            f"The proxy that {source} names is none: {scheme}://{place}",
            hint="A proxy is http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT, with NAME:PASSWORD@ before HOST "
            f"where it wants them (and %40 for an @ in them). {_way_out(source)}",
            code="proxy",
        )
    shown = f"{scheme}://{place}"
    if not at:
        return Proxy(shown, shown, source)
    name, colon, password = (quote(unquote(part), safe="") for part in _halves(userinfo))
    return Proxy(f"{scheme}://{name}{':' if colon else ''}{password}@{place}", shown, source)


def _halves(userinfo: str) -> tuple[str, str, str]:
    return userinfo.partition(":")


def _is_place(place: str) -> bool:
    host, colon, port = place.rpartition(":") if not place.endswith("]") else (place, "", "")
    if colon and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        return False
    host = host or place
    if host.startswith("["):
        return _address(host) is not None
    return bool(host) and host.isprintable() and not any(mark in host for mark in " :\\?#<>\"'")


def _way_out(source: str) -> str:
    match source:
        case "api.proxy":
            return "plugsky config set api.proxy ADDRESS puts it right."
        case "the system's settings":
            return "HTTPS_PROXY comes before them."
        case _:
            return f"Unset {source} where none is wanted."


# --- NO_PROXY ---------------------------------------------------------------------------------


def _excepted(host: str, port: int, no_proxy: str) -> bool:
    """Whether NO_PROXY lists the host: a name (and all below it), an address, a block of them, each perhaps with a port."""
    host = host.rstrip(".").lower()
    return any(_matches(entry.lower(), host, port) for entry in no_proxy.replace(",", " ").split())


def _matches(entry: str, host: str, port: int) -> bool:
    if entry == "*":
        return True
    address = _address(host)
    if address is not None and (block := _block(entry)) is not None:
        return address.version == block.version and address in block
    name, colon, wanted = entry.rpartition(":")
    if colon and wanted.isdigit():
        if int(wanted) != port:
            return False
        entry = name
    if address is not None:
        return address == _address(entry)
    entry = entry.removeprefix("*").strip(".")
    return bool(entry) and (host == entry or host.endswith("." + entry))


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def _block(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text.removeprefix("[").removesuffix("]"), strict=False)
    except ValueError:
        return None
