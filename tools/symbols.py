"""symbols: definitions, references, outlines, and the ranked map of a repository."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from plugsky_tui.kernel.display import TextBlock
from plugsky_tui.tooling import Also, Plan, Progress, Tool, ToolContext, ToolError, ToolResult
from plugsky_tui.tooling.needs import resolve, to_read, visible
from plugsky_tui.tooling.searching import existing_folder, left_out, means_of
from plugsky_tui.workspace.paths import Resolved

if TYPE_CHECKING:
    from plugsky_tui.workspace.symbols.cache import SymbolCache
    from plugsky_tui.workspace.symbols.index import Index
    from plugsky_tui.workspace.symbols.lookup import Uses
    from plugsky_tui.workspace.symbols.ranking import Focus
    from plugsky_tui.workspace.symbols.tags import FileTags

OUTPUT_LIMIT = 30_000  # characters of an outline


@dataclass
class Params:
    name: Annotated[
        str, 'A symbol: "parse" or "Queue.push". Without one you get the map of a folder, or the outline of a file.'
    ] = ""
    path: Annotated[str, "File or folder; the workspace, if not given.", Also("file_path")] = "."
    budget_tokens: Annotated[int, "How long the map may be."] = 2000
    focus: Annotated[list[str], "Files and names the task is about: the map starts from them."] = field(
        default_factory=list
    )


class Symbols(Tool[Params]):
    name = "symbols"
    description = """Finds where a name is defined in source code and where it is used (in code only; for comments, strings and other text use grep).
Without a name: the outline of a file, or the map of a folder, which has its most important definitions, ranked by how the rest of the code uses them. Start with the map in a repository you don't know."""
    reads_only = True
    main_parameter = "name"

    async def prepare(self, params: Params, context: ToolContext) -> Plan:
        if params.budget_tokens < 1:
            raise ToolError("budget_tokens is at least 1.", hint="Leave it out: 2000 is enough for a first look.")
        name = params.name.strip()
        if not name.isprintable():
            raise ToolError("The name contains control characters.", hint="Send one symbol; for text use grep.")
        resolved = resolve(context.root, params.path or ".")
        where = visible(resolved.shown)

        async def act(progress: Progress) -> ToolResult:
            try:
                text = await _answer(params, resolved, context, progress)
            except (ValueError, KeyError, TypeError, IndexError):  # what is in the cache makes no sense
                await asyncio.to_thread(_cache(resolved, context).discard)
                text = await _answer(params, resolved, context, progress)
            return ToolResult(text, display=[TextBlock(text)])

        place = f" in {where}" if where != "." else ""
        return Plan(f"Find {name}{place}" if name else f"Map the code{place}", act, to_read(context, resolved))


@dataclass(slots=True)
class _View:
    """What was asked for, indexed; how its paths are shown; which of them may be read; what it leaves out."""

    index: Index
    show: Callable[[str], str]
    may_read: Callable[[str], bool]
    notes: list[str]


async def _answer(params: Params, resolved: Resolved, context: ToolContext, progress: Progress) -> str:
    from plugsky_tui.workspace.symbols.repo_map import draw_map

    is_file = _is_regular(resolved.real)
    view = await (_of_file if is_file else _of_folder)(resolved, context, progress)
    if not view.index.keys:
        return _nothing(view, resolved)
    if params.name.strip():
        return await _find(params.name.strip(), view, context)
    if is_file:
        return await asyncio.to_thread(_outline, view, context)
    focus = _focus(params.focus, view, context)
    return await asyncio.to_thread(
        lambda: draw_map(
            view.index, focus, params.budget_tokens, show=view.show, may_read=view.may_read, notes=view.notes
        )
    )


async def _of_file(resolved: Resolved, context: ToolContext, progress: Progress) -> _View:
    from plugsky_tui.workspace.symbols.languages import language_of, supported

    if language_of(resolved.real) is None:
        raise ToolError(
            f"{visible(resolved.shown)} is in no language that symbols knows ({supported()}).",
            hint="Look at it with read or grep.",
        )
    return await _view([_below(resolved, context)], resolved, context, progress, whole=False)


async def _of_folder(resolved: Resolved, context: ToolContext, progress: Progress) -> _View:
    from plugsky_tui.workspace.search.listing import list_files
    from plugsky_tui.workspace.symbols.languages import language_of

    existing_folder(resolved)
    listing = await list_files(resolved.real, means_of(context), lambda path: language_of(path) is not None)
    below = _below(resolved, context)
    prefix = below and below + "/"
    view = await _view([prefix + path for path in listing.files], resolved, context, progress, whole=not prefix)
    shown = "" if resolved.shown == "." else resolved.shown.rstrip("/") + "/"
    view.notes += left_out([path for path in listing.secrets if language_of(path)], shown, "parsed")
    if listing.more:
        view.notes.append(f"only the first {len(listing.files):,} files were looked at: give a folder as path")
    return view


async def _view(
    paths: Sequence[str], resolved: Resolved, context: ToolContext, progress: Progress, *, whole: bool
) -> _View:
    from plugsky_tui.workspace.symbols.index import bring_up_to_date

    root = _root(resolved, context)
    cache = _cache(resolved, context)
    index = await bring_up_to_date(cache, root, paths, context.environment, whole=whole, told=progress)
    before = "" if root == context.root.real else root.rstrip("/") + "/"

    def show(path: str) -> str:
        return visible(before + path)

    return _View(index, show, lambda path: context.may_read(f"{root}/{path}"), index.notes(show))


def _cache(resolved: Resolved, context: ToolContext) -> SymbolCache:
    from plugsky_tui.workspace.symbols.cache import SymbolCache  # SQLite, and only here

    # Beside the rest of long results: both lie in the user's cache folder.
    folder = os.path.join(os.path.dirname(context.spill.folder), "symbols")
    return SymbolCache(folder, _root(resolved, context))


def _root(resolved: Resolved, context: ToolContext) -> str:
    """What paths are relative to, and whose cache it is: the workspace, or a folder elsewhere."""
    if context.root.contains(resolved.real):
        return context.root.real
    return resolved.real if os.path.isdir(resolved.real) else os.path.dirname(resolved.real)


def _below(resolved: Resolved, context: ToolContext) -> str:
    """The path within the root, "" for the root itself."""
    return resolved.real.removeprefix(_root(resolved, context)).strip("/")


def _is_regular(real: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(real).st_mode)
    except OSError:
        return False


def _nothing(view: _View, resolved: Resolved) -> str:
    from plugsky_tui.workspace.symbols.languages import supported

    lines = [f"There is no source code in {visible(resolved.shown)} that symbols can read ({supported()})."]
    return "\n".join([*lines, *(f"({note})" for note in view.notes), "Look around with list, glob, grep or read."])


def _focus(given: Sequence[str], view: _View, context: ToolContext) -> Focus:
    """What the model says the task is about, and the files it has read or changed."""
    from plugsky_tui.workspace.symbols.ranking import Focus

    root = view.index.root.rstrip("/") + "/"
    reals = context.reads.paths() if context.reads is not None else []
    names: list[str] = []
    for each in filter(None, map(str.strip, given)):
        real = context.root.resolve(each).real if "\0" not in each else ""
        if real.startswith(root) and os.path.lexists(real):
            reals.append(real)
        else:
            names.append(each)
    return Focus([real[len(root) :] for real in reals if real.startswith(root)], names)


def _outline(view: _View, context: ToolContext) -> str:
    from plugsky_tui.workspace.symbols.render import outline

    [(path, tags)] = view.index.tags(list(view.index.keys)).items()
    lines = outline(tags)
    if not lines:
        return f"{view.show(path)} defines nothing by name. Look at it with read."
    notes = ["parts of it could not be parsed: what is in them may be missing here"] if tags.errors else []
    shown: list[str] = []
    size = 0
    for line in lines:
        size += len(line) + 1
        if size > OUTPUT_LIMIT:
            where = _kept("\n".join(lines), context)
            notes.append(f"{len(lines) - len(shown):,} more definitions; {where}")
            break
        shown.append(line)
    return "\n".join([view.show(path), *shown, *(f"({note})" for note in notes)])


async def _find(name: str, view: _View, context: ToolContext) -> str:
    """Definitions of `name` and the lines that use it."""
    from plugsky_tui.workspace.symbols.findings import without_definitions
    from plugsky_tui.workspace.symbols.lookup import candidates, definitions_of, nearest, parts_of, uses_in

    index = view.index
    parts = parts_of(name)
    if not parts:
        raise ToolError(f"{name!r} is no symbol.", hint="Send a name such as parse or Queue.push; for text use grep.")
    named = await asyncio.to_thread(definitions_of, index, parts[-1])
    found = named if len(parts) == 1 else await asyncio.to_thread(definitions_of, index, name)
    holding = await asyncio.to_thread(candidates, index, parts[-1])
    uses = await uses_in(index, [path for path in holding if view.may_read(path)], parts[-1], context.environment)
    without_definitions(uses, named)
    found = [each for each in found if view.may_read(each[0])]
    if found or uses.lines:
        elsewhere = [each for each in named if each not in found and view.may_read(each[0])]
        lines = _findings(name, found or elsewhere, uses, view, context, exact=bool(found))
    else:
        near = await asyncio.to_thread(nearest, index, name)
        meant = f" Did you mean {', '.join(near)}?" if near else ""
        lines = [
            f"No symbol {name} in {len(index.keys):,} source files.{meant} For comments, strings and other text use grep."
        ]
    return "\n".join([*lines, *(f"({note})" for note in view.notes)])


def _findings(
    name: str,
    found: Sequence[tuple[str, FileTags, int]],
    uses: Uses,
    view: _View,
    context: ToolContext,
    *,
    exact: bool,
) -> list[str]:
    from plugsky_tui.workspace.symbols.findings import DEFINITIONS, definition_lines, reference_lines

    definitions = definition_lines(found, view.show)
    whole, shown = reference_lines(uses, view.show)
    if exact:
        lines = [f"Definitions of {name} ({len(found):,}):"]
    elif found:
        lines = [f"There is no {name}. Others of that name ({len(found):,}):"]
    else:
        lines = [f"{name} is defined in no source file here: it comes from elsewhere, or is a local name."]
    lines += definitions[:DEFINITIONS]
    if whole:
        more = "at least " if uses.unsearched else ""
        lines.append(f"Uses of the name ({more}{len(whole):,} lines in {len(uses.lines):,} files):")
        lines += shown
    else:
        lines.append("The name is not used anywhere else in code.")
    if uses.unsearched:
        lines.append(f"({uses.unsearched:,} files were not searched, for lack of time: give a folder as path)")
    if len(whole) > len(shown) or len(definitions) > DEFINITIONS:
        where = _kept("\n".join([*definitions, "", *whole]), context)
        lines.append(f"(not all is shown: {where}; or give a folder as path)")
    return lines


def _kept(text: str, context: ToolContext) -> str:
    path = context.spill.save("symbols", text)
    return f"all of them are in {path}" if path else "no file could be made to hold the others"
