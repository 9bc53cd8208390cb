"""Copying by asking the terminal to: OSC 52, to which no terminal answers."""

from __future__ import annotations

import base64

from plugsky_tui.frontends.line.asking import Desk

_LIMIT = 74_994  # bytes: what is longer, terminals drop without a word (xterm's limit for OSC 52 in base64)


def copy(desk: Desk, answer: str) -> None:
    """Copy `answer`, or say why that cannot be."""
    paper, data = desk.paper, answer.encode("utf-8", "replace")
    if not answer:
        paper.line("There is no answer to copy yet.", "warning")
    elif desk.manner.plain:
        paper.line("This terminal has no way to copy: TERM is dumb, or output is no terminal.", "warning")
    elif len(data) > _LIMIT:
        paper.line(f"The answer has {len(data):,} bytes: terminals copy {_LIMIT:,} at most.", "warning")
    else:
        paper.escape(f"\x1b]52;c;{base64.b64encode(data).decode()}\x07")
        paper.line(
            f"Sent to the terminal's clipboard: {len(answer):,} characters. It does not say whether it took them;"
            " some terminals must allow OSC 52."
        )
