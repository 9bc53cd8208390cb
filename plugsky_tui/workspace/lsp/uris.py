"""Paths as file URIs (RFC 8089), and back, whatever way a server writes them."""

from __future__ import annotations

import re
from urllib.parse import quote_from_bytes, unquote_to_bytes

_DRIVE = re.compile(rb"/?([A-Za-z])(?::|\|)(/|\Z)")


def uri_of(path: str) -> str:
    """The URI of an absolute path; a Windows path such as C:\\a keeps its drive."""
    raw = path.encode("utf-8", "surrogateescape")
    if re.match(rb"[A-Za-z]:[\\/]", raw):
        raw = b"/" + raw[:1].lower() + raw[1:].replace(b"\\", b"/")
        return "file://" + quote_from_bytes(raw, safe=b"/-._~")
    return "file://" + quote_from_bytes(raw, safe=b"/-._~!$&'()*+,;=:@")


def path_of(uri: str) -> str | None:
    """The path of a file URI of this machine; None for any other URI."""
    scheme, colon, rest = uri.partition(":")
    if not colon or scheme.lower() != "file":
        return None
    if rest.startswith("//"):
        host, slash, rest = rest[2:].partition("/")
        if host.lower() not in ("", "localhost"):
            return None
        rest = slash + rest
    raw = unquote_to_bytes(re.split("[?#]", rest, maxsplit=1)[0])
    if drive := _DRIVE.match(raw):
        raw = drive[1].lower() + b":" + (raw[drive.end(1) + 1 :] or b"/")
    if not raw or b"\0" in raw:
        return None
    return raw.decode("utf-8", "surrogateescape")


def same(uri: str) -> str:
    """A key that is equal for all ways to write one URI: servers escape more, or less, than we do."""
    path = path_of(uri)
    return uri if path is None else uri_of(path)
