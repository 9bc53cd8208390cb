"""The prompt of a headless run: the words given, the files of `--file`, and what was piped in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from plugsky_tui.kernel.errors import UsageError
from plugsky_tui.kernel.messages import Image


def compose(words: str, piped: str, files: Sequence[str], folder: Path) -> tuple[str, list[Image]]:
    """Prompt text and images. UsageError names the file that cannot be used, or that there is no prompt."""
    parts = [words] if words else []
    images: list[Image] = []
    for name in files:
        from plugsky_tui.frontends.attachments import load_file  # only for those who give one

        match load_file(name, folder, f"--file {name}"):
            case Image() as image:
                images.append(image)
            case text:
                parts.append(f"The file {name}:\n{_fenced(text)}")
    if piped.strip():
        parts.append(piped if not words else f"Standard input:\n{_fenced(piped)}")
    if not parts:
        raise UsageError("there is no prompt", hint="Give one: plugsky run 'Explain this repository', or pipe it in.")
    return "\n\n".join(parts), images


def _fenced(text: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text.rstrip()}\n{fence}"
