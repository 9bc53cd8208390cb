"""Messages of the user's, printed again: the words, and what was sent along with them."""

from __future__ import annotations

from plugsky_tui.frontends.line.paper import Line
from plugsky_tui.frontends.line.voice import Voice
from plugsky_tui.session.enclosures import ran_of, split


def prompt_lines(voice: Voice, message: str) -> list[Line]:
    """`message` as it is in the thread: a prompt, or what the model was told of a command of the user's own."""
    ran = ran_of(message)
    if ran is not None:
        return [*voice.prompt(f"!{ran.command}"), ("output", ran.output), ("faint", ran.end)]
    words, enclosures = split(message)
    return [*voice.prompt(words), *[("faint", f"Sent along: {one.line}") for one in enclosures]]
