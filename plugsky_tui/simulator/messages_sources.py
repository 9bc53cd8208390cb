"""Where a block's picture or document comes from: base64, a URL, or plain text."""

from __future__ import annotations

import base64
from typing import Any

from plugsky_tui.simulator import messages_checks as checks
from plugsky_tui.simulator import pictures
from plugsky_tui.simulator.errors import invalid

MAX_IMAGE = 5 * 1024 * 1024  # bytes of its base64


def check_image(source: dict[str, Any], at: str) -> None:
    """The `source` of an image block. ApiError 400 where it is no picture, or not the one it says it is."""
    if checks.tag(source, at, ("base64", "url")) == "url":
        check_url(source, f"{at}.url")
        return
    inside = f"{at}.base64"
    checks.no_extras(source, ("type", "media_type", "data"), inside)
    declared = checks.one_of(checks.required(source, "media_type", inside), f"{inside}.media_type", pictures.TYPES)
    data = _decoded(source, inside)
    size = len(source["data"])
    if size > MAX_IMAGE:
        raise checks.wrong(inside, f"image exceeds 5 MB maximum: {size} bytes > {MAX_IMAGE} bytes")
    found = pictures.image_type(data)
    if found is None:
        raise invalid("Could not process image", inside)
    if found != declared:
        raise checks.wrong(
            inside,
            f"The image was specified using the {declared} media type, but the image appears to be a {found} image",
        )


def check_pdf(source: dict[str, Any], at: str) -> None:
    checks.no_extras(source, ("type", "media_type", "data"), at)
    checks.one_of(checks.required(source, "media_type", at), f"{at}.media_type", ("application/pdf",))
    if not _decoded(source, at).startswith(b"%PDF-"):
        raise checks.wrong(f"{at}.data", "The PDF specified was not valid.")


def check_url(source: dict[str, Any], at: str) -> None:
    """Only its form: nothing is fetched."""
    checks.no_extras(source, ("type", "url"), at)
    if not checks.text(checks.required(source, "url", at), f"{at}.url").startswith("https://"):
        raise checks.wrong(at, "Only HTTPS URLs are supported.")


def plain_text(source: dict[str, Any], at: str) -> str:
    checks.no_extras(source, ("type", "media_type", "data"), at)
    checks.one_of(checks.required(source, "media_type", at), f"{at}.media_type", ("text/plain",))
    return checks.text(checks.required(source, "data", at), f"{at}.data")


def _decoded(source: dict[str, Any], at: str) -> bytes:
    data = checks.text(checks.required(source, "data", at), f"{at}.data")
    try:
        return base64.b64decode(data, validate=True)
    except ValueError:
        raise checks.wrong(f"{at}.data", "Invalid base64 data") from None
