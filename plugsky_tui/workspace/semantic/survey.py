"""What has changed in a folder since its index was built, and what is to be asked for. Nothing is asked here."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.workspace.semantic import sources
from plugsky_tui.workspace.semantic.chunks import Chunk, body_of, digest
from plugsky_tui.workspace.semantic.store import IndexedFile, Known, Store
from plugsky_tui.workspace.symbols.cache import Stamp, SymbolCache
from plugsky_tui.workspace.symbols.index import bring_up_to_date
from plugsky_tui.workspace.symbols.languages import language_of
from plugsky_tui.workspace.symbols.source import Unreadable
from plugsky_tui.workspace.symbols.tags import FileTags

FILE_LIMIT = 50_000  # files in one index
_AT_ONCE = 400  # files whose symbols are held in memory
_PARSING_S = 120.0  # for so many: what takes longer is cut by lines, not by definitions
_TOLD_EVERY_S = 1.0

Say = Callable[[str], None]


@dataclass(slots=True)
class Folder:
    """What is indexed: the files `paths`, relative to the real path `root`. `symbols` is the cache of what parsing
    found, `environment` that of the processes that parse. `clean` takes out of a text what must not be sent."""

    root: str
    paths: Sequence[str]
    symbols: SymbolCache
    environment: Mapping[str, str]
    clean: Callable[[str], str] = lambda text: text

    def absolute(self, path: str) -> str:
        return f"{self.root.rstrip('/')}/{path}"


@dataclass(slots=True)
class Survey:
    """`fresh` are files that are new or have changed, with their chunks, but without the texts of these; `same` those
    as they were; `gone` what is in the index and nowhere else. `skipped`: path -> why."""

    fresh: list[IndexedFile] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    restamped: dict[str, Stamp] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    beyond: int = 0


@dataclass(slots=True)
class _Seen:
    """A file that is to be chunked."""

    path: str
    stamp: Stamp


async def look_around(folder: Folder, store: Store, say: Say) -> Survey:
    """Compare the folder with its index. `say` is given a line now and then. Damaged and Unusable as the store has it."""
    known = await asyncio.to_thread(store.files) if store.exists else {}
    survey, seen = await asyncio.to_thread(_compare, folder, known)
    tell_at = time.monotonic() + _TOLD_EVERY_S
    for start in range(0, len(seen), _AT_ONCE):
        some = seen[start : start + _AT_ONCE]
        tags = await _tags(folder, [each.path for each in some], say)
        await asyncio.to_thread(_chunk, folder, some, tags, survey)
        if time.monotonic() >= tell_at:
            tell_at = time.monotonic() + _TOLD_EVERY_S
            say(f"{min(start + _AT_ONCE, len(seen)):,} of {len(seen):,} files read")
    survey.gone = sorted(set(known) - set(survey.same) - {file.path for file in survey.fresh})
    return survey


@dataclass(slots=True)
class Standing:
    """How many files are as they are in the index, have changed, are new, and are gone."""

    same: int = 0
    changed: int = 0
    new: int = 0
    gone: int = 0


def standing(folder: Folder, store: Store) -> Standing:
    """Where the index stands beside the folder. Nothing is parsed or written. Blocking."""
    known = store.files()
    survey, seen = _compare(folder, known)
    found = Standing(same=len(survey.same))
    left = set(known).difference(survey.same)
    for each in seen:
        try:
            if sources.read(folder.absolute(each.path)).generated:
                continue
        except Unreadable:
            continue
        if each.path in known:
            found.changed += 1
            left.discard(each.path)
        else:
            found.new += 1
    found.gone = len(left)
    return found


def changed_since(root: str, known: Mapping[str, Known]) -> list[str]:
    """Those of the files `known` that are no longer what they were, or are gone. Blocking."""
    return [path for path, each in known.items() if not _state(f"{root.rstrip('/')}/{path}", each).same]


def _compare(folder: Folder, known: Mapping[str, Known]) -> tuple[Survey, list[_Seen]]:
    """The survey of what need not be read, and the files that must be."""
    survey = Survey()
    seen: list[_Seen] = []
    paths = folder.paths
    if len(paths) > FILE_LIMIT:  # the upper folders are what people ask about
        paths = sorted(paths, key=lambda path: (path.count("/"), path))[:FILE_LIMIT]
        survey.beyond = len(folder.paths) - FILE_LIMIT
    for path in paths:
        if why := sources.left_alone(path):
            survey.skipped[path] = why
            continue
        before = known.get(path)
        state = _state(folder.absolute(path), before)
        if state.same and before is not None:
            survey.same.append(path)
            if state.settled and state.stamp is not None and state.stamp != before.stamp:
                survey.restamped[path] = state.stamp
        elif state.stamp is not None:
            seen.append(_Seen(path, state.stamp))
    return survey, seen


@dataclass(slots=True)
class _State:
    """A file beside what is known of it. `stamp` is None where there is no such file; `settled`: see `Stamp`."""

    stamp: Stamp | None
    same: bool = False
    settled: bool = False


def _state(absolute: str, known: Known | None) -> _State:
    now = time.time_ns()
    try:
        status = os.lstat(absolute)
    except OSError:
        return _State(None)
    if not stat.S_ISREG(status.st_mode):
        return _State(None)
    stamp = Stamp.of(status)
    if known is None or known.stamp == stamp:
        return _State(stamp, known is not None, True)
    try:
        same = sources.read(absolute).digest == known.digest
    except Unreadable:
        same = False
    return _State(stamp, same, stamp.settled(now))


async def _tags(folder: Folder, paths: Sequence[str], say: Say) -> dict[str, FileTags]:
    """What parsing finds in source code; where it cannot be had, files are cut by their lines."""
    code = [path for path in paths if language_of(path) is not None]
    if not code:
        return {}
    try:
        index = await bring_up_to_date(
            folder.symbols,
            folder.root,
            code,
            folder.environment,
            whole=False,
            time_limit_s=_PARSING_S,
            file_limit=len(code),
        )
        return await asyncio.to_thread(index.tags, list(index.keys))
    except ToolError as error:  # the program that parses does not start
        say(f"{error.message} Chunks are cut by lines instead.")
        return {}
    except (ValueError, KeyError, TypeError, IndexError):  # what is in that cache makes no sense
        await asyncio.to_thread(folder.symbols.discard)
        return {}


def _chunk(folder: Folder, seen: Sequence[_Seen], tags: Mapping[str, FileTags], survey: Survey) -> None:
    for each in seen:
        now = time.time_ns()
        try:
            source = sources.read(folder.absolute(each.path))
        except Unreadable as error:
            survey.skipped[each.path] = str(error)
            continue
        if source.generated:
            survey.skipped[each.path] = "is generated"
            continue
        chunks = [
            _of_lines(folder, source, chunk) for chunk in sources.chunks_of(each.path, source, tags.get(each.path))
        ]
        for chunk in chunks:
            chunk.text = ""  # those of a whole repository are not held in memory at once
        stamp = each.stamp if each.stamp.settled(now) else None
        survey.fresh.append(IndexedFile(each.path, source.digest, stamp, chunks))


def texts_of(folder: Folder, file: IndexedFile) -> dict[bytes, str] | None:
    """Key -> what a model is given, of the chunks of `file`, read anew; None where it has changed meanwhile. Blocking."""
    try:
        source = sources.read(folder.absolute(file.path))
    except Unreadable:
        return None
    if source.digest != file.digest:
        return None
    texts = {each.key: each.given for each in (_of_lines(folder, source, chunk) for chunk in file.chunks)}
    return texts if all(chunk.key in texts for chunk in file.chunks) else None


def _of_lines(folder: Folder, source: sources.Source, chunk: Chunk) -> Chunk:
    """The chunk with what may be sent of its lines as its text, and with the digest of these as they are."""
    text = body_of(source.lines, chunk.first, chunk.last)
    clean = Chunk(chunk.first, chunk.last, folder.clean(chunk.name), folder.clean(text))
    clean.body = digest(text)
    return clean
