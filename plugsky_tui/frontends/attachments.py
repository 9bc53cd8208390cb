"""What goes along with a prompt: files and images, checked before anything is sent."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from plugsky_tui.kernel.errors import UsageError
from plugsky_tui.kernel.messages import Image

TEXT_LIMIT = 2 * 1024 * 1024
IMAGE_LIMIT = 10 * 1024 * 1024
SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp")  # a hint only: what counts are the first bytes

_KINDS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WebP"}


def load_file(name: str, folder: Path, said: str = "") -> str | Image:
    """The text or the image in the file `name` (relative to `folder`; `~` is understood).

    Raises UsageError, which calls the file `said`, where it is neither or too large.
    """
    said = said or name
    path = folder / os.path.expanduser(name)  # noqa: PTH111  # Path.expanduser raises where there is no home
    data = _read(path, said, f"Paths are taken from {folder}.")
    if media_type(data):
        return make_image(data, path.name)
    if b"\0" in data[:8192]:
        raise UsageError(
            f"{said}: neither text nor a PNG, JPEG, GIF or WebP image",
            hint="Name it in the prompt; the agent can look at it with its tools.",
        )
    if len(data) > TEXT_LIMIT:
        raise UsageError(
            f"{said}: {len(data):,} bytes of text are too many; the limit is {TEXT_LIMIT:,} (2 MiB)",
            hint="Let the agent read parts of it instead.",
        )
    return data.decode("utf-8-sig", "replace")


def load_image(path: Path) -> Image:
    """The image in the file at `path`; UsageError where it is none, too large or cannot be read."""
    data = _read(path, path.name, f"It is looked for at {path}.")
    if not media_type(data):
        raise UsageError(f"{path.name}: not a PNG, JPEG, GIF or WebP image", hint="Convert it to one of these.")
    return make_image(data, path.name)


def make_image(data: bytes, name: str) -> Image:
    """`data`, an image of a known type, as it is sent. UsageError where it is too large."""
    from base64 import b64encode

    if len(data) > IMAGE_LIMIT:
        raise _too_large(name, len(data))
    return Image(media_type(data), b64encode(data).decode("ascii"), name)


def media_type(data: bytes) -> str:
    """ "image/png" and the like by the first bytes; "" for what models are not sent as an image."""
    from plugsky_tui.workspace.images import kind_of

    return kind_of(data[:16]).media_type


def describe(image: Image) -> str:
    """An image for people: "cat.png · PNG · 120 kB"."""
    kind = _KINDS.get(image.media_type, image.media_type)
    return f"{image.name or 'image'} · {kind} · {size_text(size_of(image))}"


def size_of(image: Image) -> int:
    """Its bytes."""
    return len(image.data) * 3 // 4 - image.data[-2:].count("=")


def size_text(count: int) -> str:
    """Bytes as people say it: 812 bytes, 120 kB, 1.2 MB."""
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1000:.0f} kB" if count < 999_500 else f"{count / 1_000_000:.1f} MB"


def _read(path: Path, said: str, where: str) -> bytes:
    from plugsky_tui.config.files import read_regular

    try:
        if path.is_dir():
            raise UsageError(f"{said}: is a folder", hint=where)
        found = read_regular(path, IMAGE_LIMIT)
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise _too_large(said, path.stat().st_size) from None
        if error.errno == errno.EINVAL:
            raise UsageError(f"{said}: is not a plain file", hint=where) from None
        raise UsageError(f"{said}: {error.strerror}", hint="Check the path and its permissions.") from error
    if found is None:
        raise UsageError(f"{said}: does not exist", hint=where)
    return found[0]


def _too_large(said: str, size: int) -> UsageError:
    return UsageError(
        f"{said}: {size:,} bytes are too many; the limit is {IMAGE_LIMIT:,} (10 MiB)",
        hint="Make an image smaller; of a text, let the agent read parts.",
    )
