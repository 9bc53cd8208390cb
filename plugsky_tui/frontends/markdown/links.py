"""Where a link leads, as a person should read it. Nothing here is ever fetched."""

from __future__ import annotations


def openable(url: str) -> bool:
    """Whether `url` may be offered for opening: http and https only."""
    scheme, separator, rest = url.partition("://")
    return separator != "" and rest != "" and scheme.lower() in ("http", "https")


def shown(url: str) -> str:
    """`url` with the host in punycode where it has other letters than ASCII: `аpple.com` is not `apple.com`."""
    if url.isascii():
        return url
    scheme, separator, rest = url.partition("://")
    if not separator:
        return url
    host = rest
    for end in "/?#":
        host = host.partition(end)[0]
    if host.isascii():
        return url
    labels = (
        label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii") for label in host.split(".")
    )
    return f"{scheme}://{'.'.join(labels)}{rest[len(host) :]}"


def says_itself(label: str, url: str) -> bool:
    """Whether `label` is the address itself, so that showing it again would say nothing."""
    return url in (label, f"mailto:{label}", f"https://{label}", f"http://{label}")
