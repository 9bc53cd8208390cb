"""What a file that is not text is, by its first bytes."""

from __future__ import annotations

from dataclasses import dataclass

IMAGE_LIMIT = 5 * 1024 * 1024  # bytes: what the APIs take as one image

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "PNG", "image/png"),
    (b"\xff\xd8\xff", "JPEG", "image/jpeg"),
    (b"GIF87a", "GIF", "image/gif"),
    (b"GIF89a", "GIF", "image/gif"),
    (b"%PDF-", "PDF document", ""),
    (b"PK\x03\x04", "ZIP archive or office document", ""),
    (b"\x1f\x8b", "gzip", ""),
    (b"BZh", "bzip2", ""),
    (b"\xfd7zXZ\0", "xz", ""),
    (b"\x28\xb5\x2f\xfd", "Zstandard", ""),
    (b"\x7fELF", "ELF program or library", ""),
    (b"\xcf\xfa\xed\xfe", "Mach-O program or library", ""),
    (b"MZ", "Windows program", ""),
    (b"SQLite format 3\0", "SQLite database", ""),
    (b"\0asm", "WebAssembly", ""),
    (b"wOFF", "font", ""),
    (b"wOF2", "font", ""),
    (b"OggS", "Ogg media", ""),
    (b"ID3", "MP3", ""),
)


@dataclass(slots=True)
class Kind:
    """`media_type` is "" for what is not an image that models are sent."""

    name: str
    media_type: str = ""


def kind_of(head: bytes) -> Kind:
    """By the first bytes of a file; "binary data" where they say nothing."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind("WebP", "image/webp")
    for magic, name, media_type in _MAGIC:
        if head.startswith(magic):
            return Kind(name, media_type)
    return Kind("binary data")
