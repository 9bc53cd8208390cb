"""URLs that may be fetched, in one spelling: what is judged, shown and asked for is the same text.

http and https only, no names or passwords in them, the host in ASCII (an internationalised name as its punycode, so
that letters that look alike are told apart; RFC 3492, UTS 46), no fragment (RFC 9110, 4.2.5: it is not sent).
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

from plugsky_tui.kernel.errors import ToolError

_LONGEST = 8192  # characters: more than servers take
_SAFE = "%/:?#[]@!$&'()*+,;=-._~"  # RFC 3986: everything else is percent-encoded; % stands for what already is


def web_url(given: str) -> str:
    """`given` in that spelling. ToolError where it is no such URL."""
    text = given.strip()
    if len(text) > _LONGEST:
        raise ToolError(
            f"The URL is {len(text):,} characters long: at most {_LONGEST:,} are taken.", hint="Give a shorter one."
        )
    if re.search(r"[\x00-\x20\x7f\\]", text):
        raise ToolError("The URL contains a space, a backslash or a control character.", hint="Write a space as %20.")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ToolError(f"{given!r} is not a URL: {error}.", hint="Such as https://docs.python.org/3/.") from None
    if parts.scheme.lower() not in ("http", "https"):
        what = (
            f"{parts.scheme}: is not fetched" if "://" in text or parts.scheme in _OTHERS else "the URL has no scheme"
        )
        raise ToolError(
            f"{given!r}: {what}.", hint="Give a URL that begins with https:// or http://; for files there is read."
        )
    if "@" in parts.netloc:
        raise ToolError(
            "The URL holds a name or password before an @: such are not sent.", hint="Give the URL without them."
        )
    host = _ascii_host(parts, given)
    default = 443 if parts.scheme == "https" else 80
    netloc = host if port in (None, default) else f"{host}:{port}"
    return urlunsplit((parts.scheme, netloc, quote(parts.path or "/", _SAFE), quote(parts.query, _SAFE), ""))


_OTHERS = ("file", "ftp", "data", "javascript", "mailto", "about", "blob")


def _ascii_host(parts: SplitResult, given: str) -> str:
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:
        return f"[{host}]"
    if not host.isascii():
        import idna  # httpx brings it; 10 ms, and only for such names

        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError as error:
            raise ToolError(
                f"{given!r}: the host is no name: {error}.", hint="Such as https://docs.python.org/3/."
            ) from None
    if not host or not re.fullmatch(r"[A-Za-z0-9_.-]+", host):
        raise ToolError(f"{given!r}: the URL names no host.", hint="Such as https://docs.python.org/3/.")
    return host.lower()


def joined(url: str, location: str) -> str:
    """Where a redirect of `url` leads (RFC 9110, 10.2.2). ToolError where it is nowhere that may be fetched."""
    try:
        return web_url(urljoin(url, location.strip()))
    except ValueError:
        raise ToolError(
            f"{location!r} is not a URL.", hint="The server is at fault: look for the page elsewhere."
        ) from None


def host_and_port(url: str) -> tuple[str, int]:
    """Of a URL as `web_url` makes it; the host without brackets."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def origin(url: str) -> str:
    """Scheme, host and port (RFC 6454)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def at_address(url: str, address: str) -> str:
    """`url` with the address of its host in the place of the name."""
    parts = urlsplit(url)
    host = f"[{address}]" if ":" in address else address
    netloc = f"{host}:{parts.port}" if parts.port else host
    return urlunsplit((parts.scheme, netloc, parts.path, parts.query, ""))
