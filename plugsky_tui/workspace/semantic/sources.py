"""Which files go into the index, and how they are read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatch

from plugsky_tui.workspace.semantic.chunks import Chunk, Span, cut_up
from plugsky_tui.workspace.semantic.spans import MARKDOWN, spans_of_code, spans_of_markdown
from plugsky_tui.workspace.symbols.graph import is_foreign
from plugsky_tui.workspace.symbols.languages import language_of
from plugsky_tui.workspace.symbols.source import Unreadable, check_written, is_generated, read_source
from plugsky_tui.workspace.symbols.tags import FileTags
from plugsky_tui.workspace.symbols.worker import digest_of
from plugsky_tui.workspace.text import NotText, decode, presentable, split_lines

TEXT_LIMIT = 256 * 1024  # bytes of a file that is no source code: what is larger is data

_LOCK_FILES = """
package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock poetry.lock uv.lock pdm.lock Pipfile.lock
Cargo.lock go.sum Gemfile.lock composer.lock mix.lock pubspec.lock Podfile.lock flake.lock packages.lock.json
gradle.lockfile
"""
_LOCKED = frozenset(_LOCK_FILES.split())
_PACKED = ("*.min.js", "*.min.css", "*.min.mjs", "*.bundle.js", "*.map")
_DATA = (".csv", ".tsv", ".jsonl", ".ndjson", ".svg", ".snap", ".ipynb", ".patch", ".diff", ".po", ".log")
_WORD = re.compile(r"\w")


@dataclass(slots=True)
class Source:
    """A file as it was read. `lines` are without their ends."""

    lines: list[str]
    digest: str
    generated: bool = False


def left_alone(path: str) -> str:
    """Why a file of this name is not read at all, to follow on "it "; "" where it is."""
    name = path.rpartition("/")[2]
    if name in _LOCKED:
        return "is a lock file"
    if any(fnmatch(name.lower(), pattern) for pattern in _PACKED):
        return "is minified"
    if is_foreign(path):
        return "is in a folder of other projects' code"
    return "is data" if name.lower().endswith(_DATA) else ""


def read(absolute: str) -> Source:
    """The file at an absolute path. Unreadable says why it does not count."""
    data = read_source(absolute)
    digest = digest_of(data)
    if len(data) > TEXT_LIMIT and language_of(absolute) is None:
        raise Unreadable("is larger than 256 KiB and no source code")
    check_written(data)
    try:
        text, _ = decode(data)
    except NotText:
        raise Unreadable("is binary") from None
    lines = [line.rstrip("\r\n") for line in split_lines(presentable(text))]
    return Source(lines, digest, is_generated(data))


def chunks_of(path: str, source: Source, tags: FileTags | None) -> list[Chunk]:
    """The chunks of a file; `tags` are those of source code, where it could be parsed."""
    spans: list[Span] = []
    if tags is not None:
        spans = spans_of_code(source.lines, tags)
    elif path.lower().endswith(MARKDOWN):
        spans = spans_of_markdown(source.lines)
    return [chunk for chunk in cut_up(source.lines, spans) if _WORD.search(chunk.text)]
