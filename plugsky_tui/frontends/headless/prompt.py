"""The prompt of a headless run: the words given, the files of `--file`, and what was piped in."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from plugsky_tui.kernel.errors import UsageError
from plugsky_tui.kernel.messages import Image

TEXT_LIMIT = 2 * 1024 * 1024
IMAGE_LIMIT = 10 * 1024 * 1024

_MAGIC = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif"))


def compose(words: str, piped: str, files: Sequence[str], folder: Path) -> tuple[str, list[Image]]:
    """Prompt text and images. UsageError names the file that cannot be used, or that there is no prompt."""
    parts = [words] if words else []
    images: list[Image] = []
    for name in files:
        match _load(name, folder):
            case Image() as image:
                images.append(image)
            case text:
                parts.append(f"The file {name}:\n{_fenced(text)}")
    if piped.strip():
        parts.append(piped if not words else f"Standard input:\n{_fenced(piped)}")
    if not parts:
        raise UsageError("there is no prompt", hint="Give one: plugsky run 'Explain this repository', or pipe it in.")
    return "\n\n".join(parts), images


def _load(name: str, folder: Path) -> str | Image:
    path = folder / os.path.expanduser(name)  # noqa: PTH111  # Path.expanduser raises where there is no home
    try:
        if not path.is_file():
            reason = (
                "is a folder" if path.is_dir() else "does not exist" if not path.exists() else "is not a plain file"
            )
            raise UsageError(f"--file {name}: {reason}", hint=f"Paths are taken from {folder}.")
        size = path.stat().st_size
        if size > IMAGE_LIMIT:
            raise UsageError(
                f"--file {name}: {size:,} bytes are too many", hint="Let the agent read parts of it instead."
            )
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"--file {name}: {error.strerror}", hint="Check the path and its permissions.") from error
    kind = _media_type(data)
    if kind:
        from base64 import b64encode

        return Image(kind, b64encode(data).decode("ascii"), path.name)
    if b"\0" in data[:8192]:
        raise UsageError(
            f"--file {name}: neither text nor a PNG, JPEG, GIF or WebP image",
            hint="Name it in the prompt; the agent can look at it with its tools.",
        )
    if size > TEXT_LIMIT:
        raise UsageError(
            f"--file {name}: {size:,} bytes of text are too many", hint="Let the agent read parts of it instead."
        )
    return data.decode("utf-8-sig", "replace")


def _media_type(data: bytes) -> str:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _MAGIC if data.startswith(magic)), "")


def _fenced(text: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text.rstrip()}\n{fence}"
