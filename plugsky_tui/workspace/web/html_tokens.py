"""HTML cut into tags and text, in linear time on any input.

As browsers do it in the main (WHATWG HTML, 13.2.5), without the tree. The standard library's parser takes quadratic
time on malformed input in most Python 3.11 to 3.13 (CVE-2025-6069), and what is read here is anybody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

_TAG_LIMIT = 16 * 1024  # characters: a longer tag is read without regard to its quotes
_TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]{0,60}+)((?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+)>")
_NAME = re.compile(r"<(/?)([A-Za-z][^\s/>]{0,60}+)")
_ATTRIBUTE = re.compile(r"([^\s=/\"'>]++)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++)))?+")
# What stands in these is no markup (WHATWG HTML, 13.2.6.2); each is skipped as a whole, but for a title.
_RAW = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
    for name in ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "noscript")
}


@dataclass(slots=True)
class Tag:
    name: str
    closing: bool = False
    attributes: dict[str, str] = field(default_factory=dict)


def tokens(html: str) -> Iterator[Tag | str]:
    """Tags, and the text between them with its character references resolved. The text of a title comes between its
    tags; that of scripts and styles does not come."""
    at, end = 0, len(html)
    while at < end:
        start = html.find("<", at)
        if start < 0:
            start = end
        if start > at:
            yield unescape(html[at:start])
        if start == end:
            return
        following = html[start + 1 : start + 2]
        if following in ("!", "?"):
            at = _after_declaration(html, start)
            continue
        tag, at = _tag(html, start)
        if tag is None:
            yield html[start:at]
            continue
        yield tag
        if tag.name in _RAW and not tag.closing:
            found = _RAW[tag.name].search(html, at)
            stop = found.start() if found else end
            if tag.name == "title":
                yield unescape(html[at:stop])
            at = stop


def _after_declaration(html: str, start: int) -> int:
    """Behind a comment, a doctype or the like."""
    mark = "-->" if html.startswith("<!--", start) else "]]>" if html.startswith("<![CDATA[", start) else ">"
    stop = html.find(mark, start + 2)
    return stop + len(mark) if stop >= 0 else len(html)


def _tag(html: str, start: int) -> tuple[Tag | None, int]:
    """The tag at `start` and where it ends; None where the "<" begins none: there is text up to that place."""
    found = _TAG.match(html, start, start + _TAG_LIMIT)
    if found is not None:
        return Tag(found[2].lower(), found[1] == "/", _attributes(found[3])), found.end()
    named = _NAME.match(html, start)
    if named is None:
        return None, start + 1
    stop = html.find(">", named.end(), named.end() + _TAG_LIMIT)
    if stop < 0:
        next_end = html.find(">", named.end())  # nothing before that can be a tag, but for what is near it
        return None, max(start + 1, next_end - _TAG_LIMIT) if next_end >= 0 else len(html)
    return Tag(named[2].lower(), named[1] == "/", _attributes(html[named.end() : stop])), stop + 1


def _attributes(text: str) -> dict[str, str]:
    """The first of each name counts."""
    found: dict[str, str] = {}
    if not text or text.isspace():
        return found
    for one in _ATTRIBUTE.finditer(text):
        value = one[2] or one[3] or one[4] or ""
        found.setdefault(one[1].lower(), unescape(value) if "&" in value else value)
    return found
