"""Where definitions and sections begin and end: from the tags of source code, and the headings of Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from plugsky_tui.workspace.semantic.chunks import Span
from plugsky_tui.workspace.symbols.tags import NO_PARENT, Definition, FileTags

MARKDOWN = (".md", ".markdown", ".mdx")
_NO_BOUNDARY = frozenset(("variable", "constant", "prototype"))
_LEADING = 30  # lines of comment and decorators that are looked at above a definition
_HEAD_LINES = 6  # over which what stands before a name may go
_LEADS = ("#", "//", "/*", "*", "--", "@", '"""', "'''", "template", "[")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_TITLE = 120  # characters of a heading


def spans_of_code(lines: Sequence[str], tags: FileTags) -> list[Span]:
    """The definitions of a file, each with its decorators and the comment before it, nested as they are."""
    spans: dict[int, Span] = {}
    outer: list[Span] = []
    for at, definition in enumerate(tags.definitions):
        if definition.kind in _NO_BOUNDARY or definition.line > len(lines):
            continue
        around = _around(tags, at, spans)
        siblings = around.inside if around is not None else outer
        floor = around.first if around is not None else 0
        limit = around.last if around is not None else len(lines)
        if siblings:
            floor = max(floor, siblings[-1].last)
        first = _first_line(lines, definition, floor)
        last = min(max(definition.end, first), limit)
        if first <= floor or first > last:  # two on one line
            continue
        spans[at] = Span(first, last, tags.qualified(at))
        siblings.append(spans[at])
    return outer


def _around(tags: FileTags, at: int, spans: dict[int, Span]) -> Span | None:
    parent = tags.definitions[at].parent
    while parent != NO_PARENT and parent not in spans:
        parent = tags.definitions[parent].parent
    return spans.get(parent)


def _first_line(lines: Sequence[str], definition: Definition, floor: int) -> int:
    """Where a definition begins: what its name follows (in C often on the line before), its decorators, its comment.
    Above `floor` it is something else's."""
    first = definition.line
    opening = definition.signature.split(" ", 1)[0]
    for line in range(first, max(floor, first - _HEAD_LINES), -1):
        if lines[line - 1].lstrip().startswith(opening):
            first = line
            break
    found = first
    for line in range(first - 1, max(floor, first - 1 - _LEADING), -1):
        text = lines[line - 1].lstrip()
        if not text:
            break
        if text.startswith(_LEADS):
            found = line
    return found


def spans_of_markdown(lines: Sequence[str]) -> list[Span]:
    """The sections of a Markdown file (CommonMark's ATX headings), nested by their level."""
    outer: list[Span] = []
    open_: list[tuple[int, Span]] = []
    fence = ""
    for number, line in enumerate(lines, 1):
        if mark := _FENCE.match(line):
            if not fence:
                fence = mark[1]
            elif mark[1].startswith(fence):
                fence = ""
            continue
        heading = None if fence else _HEADING.match(line)
        if heading is None:
            continue
        level = len(heading[1])
        while open_ and open_[-1][0] >= level:
            open_.pop()[1].last = number - 1
        title = (heading[2] or "")[:_TITLE]
        above = open_[-1][1].name if open_ else ""
        span = Span(number, len(lines), f"{above} > {title}" if above and title else title or above)
        (open_[-1][1].inside if open_ else outer).append(span)
        open_.append((level, span))
    return outer
