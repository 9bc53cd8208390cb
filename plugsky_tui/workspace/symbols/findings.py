"""What was found for a name, as text: definitions, then the lines that use it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from plugsky_tui.workspace.symbols.lookup import Uses
from plugsky_tui.workspace.symbols.tags import FileTags

DEFINITIONS = 40  # shown of each kind
REFERENCES = 100
PER_FILE = 5  # references shown of one file, so that many files are seen


def definition_lines(found: Sequence[tuple[str, FileTags, int]], show: Callable[[str], str]) -> list[str]:
    """`path:first-last: Class.name  signature` for each."""
    lines = []
    for path, tags, place in found:
        definition = tags.definitions[place]
        last = f"-{definition.end}" if definition.end > definition.line else ""
        name = tags.qualified(place)
        inside = f" {name}:" if name != definition.name else ""
        lines.append(f"{show(path)}:{definition.line}{last}:{inside} {definition.signature}")
    return lines


def reference_lines(uses: Uses, show: Callable[[str], str]) -> tuple[list[str], list[str]]:
    """`path:line: text` for each, and of these as many as are shown."""
    whole: list[str] = []
    shown: list[str] = []
    for path, lines in uses.lines.items():
        own = [f"{show(path)}:{number}: {text}" for number, text in lines]
        whole += own
        some = own[:PER_FILE]
        if len(own) > len(some):
            some[-1] += f"  (and {len(own) - len(some)} more in this file)"
        shown += some
    return whole, shown[:REFERENCES]


def without_definitions(uses: Uses, found: Sequence[tuple[str, FileTags, int]]) -> None:
    """Take out the lines that are definitions of the name themselves."""
    own: dict[str, set[int]] = {}
    for path, tags, place in found:
        own.setdefault(path, set()).add(tags.definitions[place].line)
    for path in list(uses.lines):
        kept = [each for each in uses.lines[path] if each[0] not in own.get(path, ())]
        if kept:
            uses.lines[path] = kept
        else:
            del uses.lines[path]
