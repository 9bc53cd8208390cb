"""Anchors: the lines behind `@@` that say in which part of a file a hunk lies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from plugsky_tui.workspace.edits.views import plain

_TITLE = re.compile(r"(#{1,6})\s")  # of Markdown; a comment of many languages too
# What may stand no deeper than the line that opens a block, and is part of it all the same.
_PART_OF = re.compile(
    r"[{}()\[\]]|</|(?:end|else|elif|elsif|except|finally|catch|rescue|then|do|done|fi|esac)\b|#|//|/\*|\*"
    r"|(?:public|private|protected|signals|slots|default|case\b.*)\s*:"
)


def within(lines: Sequence[str], anchors: Sequence[str]) -> list[tuple[int, int]]:
    """The blocks that the anchors lead to, the outermost anchor first: line of the last one, and where its block ends."""
    blocks = [(0, len(lines))]
    for depth, anchor in enumerate(anchors):
        inner: dict[int, int] = {}
        for first, last in blocks:
            start = first + 1 if depth else first
            for at in find_anchor(lines, anchor, start, last):
                inner[at] = max(inner.get(at, 0), min(last, _end(lines, at)))
        blocks = sorted(inner.items())
    return blocks


def find_anchor(lines: Sequence[str], anchor: str, first: int = 0, last: int | None = None) -> list[int]:
    """The lines meant by an anchor: equal to it but for blanks around them, else for typography, else holding it whole."""
    last = len(lines) if last is None else last
    for same in _ways(anchor):
        found = [at for at in range(first, last) if same(lines[at])]
        if found:
            return found
    return []


def _ways(anchor: str) -> Iterator[Callable[[str], bool]]:
    bare = anchor.strip()
    simple = plain(bare)
    # No boundary is asked for beside what is no word: "foo(" may go on at once.
    start, end = (r"\b" if simple[:1].isidentifier() else ""), (r"\b" if simple[-1:].isalnum() else "")
    part = re.compile(start + re.escape(simple) + end)
    if anchor[:1] in " \t":  # written with its indentation; without it, no depth is meant before another
        yield lambda line: line == anchor
    yield lambda line: line.strip() == bare
    yield lambda line: plain(line).strip() == simple
    yield lambda line: part.search(plain(line)) is not None


def _end(lines: Sequence[str], at: int) -> int:
    """Where the block ends that begins at line `at`: by indentation, as all languages are written."""
    title = _TITLE.match(lines[at])
    following = next((line for line in lines[at + 1 :] if line.strip()), "")
    depth = _depth(lines[at])
    opens = _depth(following) > depth or following.lstrip().startswith("{")
    for end in range(at + 1, len(lines)):
        line = lines[end]
        if not line.strip():
            continue
        if title:
            other = _TITLE.match(line)
            if other and len(other[1]) <= len(title[1]):
                return end
        elif opens:
            if _depth(line) <= depth and not (_depth(line) == depth and _PART_OF.match(line.strip())):
                if _PART_OF.match(line.strip()) and line.lstrip()[:1] in "#/*":
                    continue  # a directive or a comment at the margin
                return end
        elif _depth(line) < depth:
            return end
    return len(lines)


def _depth(line: str) -> int:
    return len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())
