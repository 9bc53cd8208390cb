"""Replacing a piece of text that a model quotes from memory.

A ladder of relaxations, each tried only when the stricter ones found nothing, each taking a place
only when it is the only one: exact; line ends; space at line ends; indentation that differs by the
same rule on every line; typographic punctuation. Then the same for what was quoted around the text
by mistake: blank lines, the line numbers of `read`. Nothing else is ever guessed. What the
model did not change between its old and new text stays in the file as it is there, byte by byte.
Pure: text in, text out.
"""

from __future__ import annotations

from dataclasses import dataclass

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.workspace.edits.edges import Request, requests
from plugsky_tui.workspace.edits.elision import new_placeholder
from plugsky_tui.workspace.edits.merging import merged
from plugsky_tui.workspace.edits.numbered import without_numbers
from plugsky_tui.workspace.edits.places import Place, line_number, named
from plugsky_tui.workspace.edits.rungs import (
    BY_BLANKS,
    BY_INDENTATION,
    BY_LINE_ENDS,
    LADDER,
    exact,
    indentation,
    inside_indentation,
    line_ends,
)
from plugsky_tui.workspace.text import LINE_END


@dataclass(slots=True)
class Edited:
    """`text` after the edit, what was replaced by what, and by which relaxation it was found ("" for none)."""

    text: str
    replaced: list[tuple[str, str]]
    relaxed: str = ""


class NoMatch(ToolError):
    """The old text is not there, or not only once."""

    code = "no_match"


def replace_text(text: str, old: str, new: str, *, replace_all: bool = False) -> Edited:
    """`text` with `old` replaced by `new` where it stands exactly once (everywhere with `replace_all`).

    NoMatch says what is nearest, or which places there are; ToolError where the request makes no sense.
    """
    if old == new:
        raise ToolError(
            "old_string and new_string are the same: there is nothing to change.",
            hint="Send the new text as new_string.",
        )
    if not old:
        raise ToolError("old_string is empty.", hint="Quote the text to replace, or use write for a whole file.")
    for request in requests(text, old, new):
        edited = _climb(text, request, replace_all) if request.old != request.new else None
        if edited is not None:
            return _complete(edited, new, old, text)
    edited = _without_numbers(text, old, new)
    if edited is not None:
        return _complete(edited, new, old, text)
    from plugsky_tui.workspace.edits.nearest import describe_miss  # difflib, only on the way to an error

    message, hint = describe_miss(text, old, new)
    raise NoMatch(message, hint=hint)


def _climb(text: str, request: Request, replace_all: bool) -> Edited | None:
    for relaxed, find in LADDER:
        places = [place for place in find(text, request.old, request.new, replace_all) if request.allows(text, place)]
        if not places:
            continue
        how = ", ".join(each for each in (request.without, relaxed) if each)
        if len(places) > 1 and (not replace_all or relaxed not in ("", BY_LINE_ENDS) or request.without):
            raise _ambiguous(text, places, how)
        if relaxed == BY_LINE_ENDS and all(text[place.start : place.end] == request.old for place in places):
            how = request.without
        if len(places) == 1 and relaxed in ("", BY_LINE_ENDS):
            deeper = _deeper(text, places[0], request)
            if deeper is not None:
                places, how = [deeper], ", ".join(each for each in (request.without, BY_INDENTATION) if each)
        elif len(places) == 1:
            how += _besides(text[places[0].start : places[0].end], request.old, relaxed)
        return _apply(text, places, request, how)
    return None


def _besides(found: str, quoted: str, relaxed: str) -> str:
    """What the stricter rungs let pass, where a laxer one needed that as well."""
    besides: list[str] = []
    lines = list(zip(LINE_END.split(found), LINE_END.split(quoted), strict=False))
    if relaxed != BY_BLANKS and any(_blanks_after(have) != _blanks_after(want) for have, want in lines):
        besides.append("space at line ends")
    if any(have != want for have, want in zip(LINE_END.findall(found), LINE_END.findall(quoted), strict=False)):
        besides.append("its line ends")
    return f", and from {' and '.join(besides)}" if besides else ""


def _blanks_after(line: str) -> str:
    return line[len(line.rstrip(" \t")) :]


def _deeper(text: str, place: Place, request: Request) -> Place | None:
    """The whole line, where less than its indentation was quoted and lines are added to it."""
    if not inside_indentation(text, place, request.old, request.new):
        return None
    whole = indentation(text, request.old, request.new, False)
    return whole[0] if len(whole) == 1 and whole[0].start < place.start <= whole[0].end else None


def _without_numbers(text: str, old: str, new: str) -> Edited | None:
    """The edit with the line numbers taken off, where what is left stands exactly once, as whole lines."""
    bare = without_numbers(old, new)
    if bare is None or bare[0] == bare[1] or not bare[0].strip():
        return None
    request = Request(bare[0], bare[1], at_line_start=True, at_line_end=True)
    for find in (exact, line_ends):
        places = find(text, request.old, request.new, False)
        if len(places) == 1 and request.allows(text, places[0]):
            # A single number may be part of the text: it must also be the right one.
            if "\n" not in old.strip("\r\n") and line_number(text, places[0].start) != bare[2]:
                return None
            return _apply(text, places, request, "without the line numbers that read shows before each line")
    return None


def _complete(edited: Edited, new: str, old: str, text: str) -> Edited:
    """The edit, unless it would write a placeholder over the code that the placeholder leaves out."""
    left_out = new_placeholder(new, old, text)
    if left_out is None:
        return edited
    raise ToolError(
        f"new_string leaves code out: its line {left_out!r} is not in the file, and would be written as it is. "
        "Nothing was changed.",
        hint="Write out all that is to stand there, or quote a smaller piece as old_string so that the rest stays.",
        code="placeholder",
    )


def _apply(text: str, places: list[Place], request: Request, relaxed: str) -> Edited:
    parts: list[str] = []
    replaced: list[tuple[str, str]] = []
    at = 0
    for place in places:
        put = merged(text, place, request.old, request.new)
        parts += (text[at : place.start], put)
        replaced.append((text[place.start : place.end], put))
        at = place.end
    parts.append(text[at:])
    return Edited("".join(parts), replaced, relaxed)


def _ambiguous(text: str, places: list[Place], relaxed: str) -> NoMatch:
    where = named([line_number(text, place.start) for place in places])
    return NoMatch(
        f"old_string matches {where.replace(' places', f' places ({relaxed})' if relaxed else ' places', 1)}: "
        "it is not clear which one is meant.",
        hint="Quote more lines around the one you mean"
        + (
            ", or send replace_all=true to change all of them." if not relaxed else ", exactly as they are in the file."
        ),
    )
