"""Lines that are no prompts: `! command` is the user's own, `# text` is one for AGENTS.md.

A prompt that only looks like one is sent as a prompt: what spans several lines and begins with `#` (Markdown that was
pasted), `## …`, `#!…` and `#12` are, and so is anything behind a blank.
"""

from __future__ import annotations

from typing import Literal

Kind = Literal["", "shell", "note"]


def kind_of(text: str) -> Kind:
    """What `text` is, or is about to become: "shell" also for `!` alone."""
    if text.startswith("!"):
        return "shell"
    if text.startswith("#") and "\n" not in text.rstrip() and not (text[1:2] in ("#", "!") or text[1:2].isdigit()):
        return "note"
    return ""


def content_of(text: str) -> str:
    """The command, or the text of the note: what stands behind the mark."""
    return text[1:].strip()
