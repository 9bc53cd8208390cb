"""Pictures as they come in requests, known by their first bytes."""

from __future__ import annotations

TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")


def image_type(data: bytes) -> str | None:
    """The media type an image's first bytes tell; None where they are no image of `TYPES`."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return None
