"""All of one tool call: what it was given, and what came of it."""

from __future__ import annotations

from plugsky_tui.frontends.calls import full_input
from plugsky_tui.frontends.line.ledger import Entry
from plugsky_tui.frontends.line.paper import Line
from plugsky_tui.frontends.line.voice import Voice
from plugsky_tui.kernel.display import DiffBlock


def opened(entry: Entry, voice: Voice) -> list[Line]:
    """Its lines; comparing what a diff shows takes time."""
    lines = voice.called(entry)[:1]
    given = full_input(entry.call)
    if "\n" in given:
        lines.append(("output", given))
    result = entry.result
    if result is None:
        return [*lines, ("faint", "It has not ended.")]
    lines += voice.resulted(entry, result)[:1]
    for block in result.display:
        if isinstance(block, DiffBlock):
            lines += voice.diff(block)
    return [*lines, ("output", result.output.rstrip("\n"))]
