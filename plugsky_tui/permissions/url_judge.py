"""Findings about URLs: the web at large is read freely, this computer and its network are asked about."""

from __future__ import annotations

from plugsky_tui.permissions.finding import Finding
from plugsky_tui.permissions.power import Power
from plugsky_tui.permissions.rules import Rules


def judge_url(url: str, rules: Rules) -> Finding:
    """What fetching `url` reaches. Only what is written is looked at; who resolves the name must look again."""
    from urllib.parse import urlsplit  # 5 ms, and only where something is fetched

    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").lower()
        port = parts.port
    except ValueError:
        return _refused(url, f"{url} is not a URL.")
    if parts.scheme not in ("http", "https"):
        return _refused(url, "Only http and https are fetched.")
    if not host or any(
        char <= " " or char == "\x7f" or char in "\\%"
        for char in url.split("?", maxsplit=1)[0][: len(parts.scheme) + 3 + len(parts.netloc)]
    ):
        return _refused(url, "The URL names no host.")
    if parts.username is not None or parts.password is not None:
        rule = rules.for_host(host, needs=Power.NOTHING, rememberable=False)
        return Finding(url, "guarded", f"The URL sends a name or password to {host}.", None, Power.NOTHING, rule)
    why = near(host)
    if why:
        rule = rules.for_host(host, needs=Power.SPELLED, rememberable=True)
        return Finding(url, "look", f"{host} {why}.", f"fetch({host})", Power.SPELLED, rule)
    rule = rules.for_host(host, needs=Power.ANY, rememberable=True)
    at = f"{host}:{port}" if port else host
    return Finding(url, "read", f"It reads a page of {at}.", f"fetch({host})", Power.ANY, rule)


def _refused(url: str, reason: str) -> Finding:
    return Finding(url, "forbidden", reason, None, Power.NOTHING)


def near(host: str) -> str:
    """Why `host` is not the web at large, "" where it is."""
    import ipaddress
    import socket

    if host == "localhost" or host.endswith(".localhost"):
        return "is this computer"
    if host.endswith((".local", ".internal", ".lan", ".home", ".home.arpa", ".corp", ".intranet")) or (
        "." not in host and ":" not in host and not host.isdigit()
    ):
        return "is a name of the local network"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        try:
            address = ipaddress.ip_address(socket.inet_aton(host))  # 127.1, 0x7f000001, 2130706433
        except OSError:
            return ""
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    address = mapped or address
    if address.is_loopback or address.is_unspecified:
        return "is this computer"
    if address.is_link_local:
        return "is a link-local address, where machines keep their credentials"
    return "" if address.is_global else "is a private address"
