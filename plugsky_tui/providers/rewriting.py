"""One text put in the place of another in an answer that was recorded, wherever its stream was cut.

A key must not be on a tape, and a folder on it must become the folder of the replay. Both may have come word by
word: each piece then stands in an event of its own, and only what the events say, put together, has the whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Chunks = list[tuple[float, bytes]]  # seconds since the request, bytes

# Under these names answers carry, piece by piece, what the model says (of every wire format there is).
_SPOKEN = frozenset(
    {
        "content", "text", "reasoning_content", "reasoning", "refusal", "thinking", "arguments", "partial_json",
        "input", "output", "delta", "chunk", "data", "response",
    }
)  # fmt: skip


@dataclass(slots=True)
class _Piece:
    """One text in an event: `holder[name]`, in the line of that number."""

    holder: dict[str, Any]
    name: str
    line: int


@dataclass(slots=True)
class _Lines:
    """The lines of an event stream, each with its line end, and when its last byte came."""

    texts: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)


def rewrite(chunks: Chunks, instead: Mapping[str, str]) -> Chunks:
    """`chunks` with the texts of `instead` replaced; as they came where there is nothing to replace, else a line a
    chunk."""
    instead = {old: new for old, new in instead.items() if old and old != new}
    if not instead or not chunks:
        return chunks
    lines = _lines(chunks)
    before = list(lines.texts)
    for at, text in enumerate(lines.texts):
        lines.texts[at] = _replaced(text, _escaped(instead))
    _rewrite_events(lines.texts, instead)
    if lines.texts == before:
        return chunks
    return [(at, _bytes(text)) for at, text in zip(lines.times, lines.texts, strict=True)]


def _lines(chunks: Chunks) -> _Lines:
    lines = _Lines()
    rest = ""
    for at, text in _decoded(chunks):
        *whole, rest = (rest + text).split("\n")
        lines.texts += [line + "\n" for line in whole]
        lines.times += [at] * len(whole)
    if rest:
        lines.texts.append(rest)
        lines.times.append(chunks[-1][0])
    return lines


def _decoded(chunks: Chunks) -> Iterator[tuple[float, str]]:
    from codecs import getincrementaldecoder

    decoder = getincrementaldecoder("utf-8")("surrogateescape")
    for at, chunk in chunks:
        yield at, decoder.decode(chunk)
    if rest := decoder.decode(b"", final=True):
        yield chunks[-1][0], rest


def _rewrite_events(texts: list[str], instead: Mapping[str, str]) -> None:
    """What was said in pieces: each text that is replaced goes whole to where it began."""
    events: dict[int, Any] = {}
    spoken: dict[tuple[str, ...], list[_Piece]] = {}
    for at, text in enumerate(texts):
        if not text.startswith("data:") or "{" not in text:
            continue
        try:
            events[at] = json.loads(text[5:])
        except (ValueError, RecursionError):
            continue
        for place, holder, name in _spoken(events[at], ()):
            spoken.setdefault(place, []).append(_Piece(holder, name, at))
    changed: set[int] = set()
    for pieces in spoken.values():
        for old, new in _escaped(instead).items():
            changed |= _replace_across(pieces, old, new)
    for at in changed:
        end = "\r\n" if texts[at].endswith("\r\n") else "\n"
        texts[at] = f"data: {json.dumps(events[at], ensure_ascii=False)}{end}"


def _spoken(value: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], dict[str, Any], str]]:
    """Each text the model says in an event: its place, with the numbers of choices and calls, and where it stands."""
    if isinstance(value, list):
        for item in value:
            yield from _spoken(item, place)
    elif isinstance(value, dict):
        if "index" in value:
            place = (*place, str(value["index"]))
        for name, item in value.items():
            if isinstance(item, str):
                if name in _SPOKEN:
                    yield (*place, name), value, name
            else:
                yield from _spoken(item, (*place, name))


def _replace_across(pieces: Sequence[_Piece], old: str, new: str) -> set[int]:
    """Replace `old` in the text that `pieces` make up; the numbers of the lines that changed."""
    whole = "".join(piece.holder[piece.name] for piece in pieces)
    starts: list[int] = []
    found = whole.find(old)
    while found >= 0:
        starts.append(found)
        found = whole.find(old, found + len(old))
    changed: set[int] = set()
    if not starts:
        return changed
    begin = 0
    for piece in pieces:
        text: str = piece.holder[piece.name]
        end = begin + len(text)
        said, at = "", begin
        for start in starts:
            stop = start + len(old)
            if stop <= at or start >= end:
                continue
            said += whole[at : max(start, at)] + (new if begin <= start < end else "")
            at = min(stop, end)
        said += whole[at:end]
        if said != text:
            piece.holder[piece.name] = said
            changed.add(piece.line)
        begin = end
    return changed


def _replaced(text: str, instead: Mapping[str, str]) -> str:
    for old, new in instead.items():
        text = text.replace(old, new)
    return text


def _escaped(instead: Mapping[str, str]) -> dict[str, str]:
    """With what the same texts look like inside JSON."""
    return {**{json.dumps(old)[1:-1]: json.dumps(new)[1:-1] for old, new in instead.items()}, **instead}


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
