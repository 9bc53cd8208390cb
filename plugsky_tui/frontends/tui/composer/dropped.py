"""Files dragged onto a terminal, or copied in a file manager, arrive as pasted paths: those of images are attached."""

from __future__ import annotations

import os
from pathlib import Path

from plugsky_tui.frontends.attachments import SUFFIXES

_LONGEST = 8192


def image_paths(text: str) -> list[Path]:
    """The image files that `text` consists of; none where there is anything else in it.

    Paths must be absolute: quoted, with escaped spaces, as they are, or as `file://` addresses. Asks the disk.
    """
    text = text.strip().strip("\0")
    if not text or len(text) > _LONGEST or not text.lower().rstrip("'\"").endswith(SUFFIXES):
        return []
    paths: list[Path] = []
    for line in text.splitlines():
        if line.strip():
            found = _on_line(line.strip())
            if not found:
                return []
            paths += found
    return paths


def _on_line(line: str) -> list[Path]:
    whole = _path(line)
    if whole is not None:
        return [whole]
    import shlex

    try:
        words = shlex.split(line)
    except ValueError:  # a quote that does not end
        return []
    paths = [_path(word) for word in words]
    return [path for path in paths if path is not None] if all(paths) else []


def _path(word: str) -> Path | None:
    if word.startswith("file://"):
        from urllib.parse import unquote, urlsplit

        try:
            parts = urlsplit(word)
        except ValueError:
            return None
        if parts.netloc not in ("", "localhost"):
            return None
        word = unquote(parts.path)
    word = os.path.expanduser(word)  # noqa: PTH111  # Path.expanduser raises where there is no home
    if not word.startswith("/") or "\0" in word or not word.lower().endswith(SUFFIXES):
        return None
    try:
        return Path(word) if os.path.isfile(word) else None  # noqa: PTH113  # never raises
    except ValueError:
        return None
