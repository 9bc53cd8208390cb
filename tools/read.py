"""read: a window of a file's lines, or an image."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from plugsky_tui.kernel.display import TextBlock
from plugsky_tui.tooling import Also, Plan, Progress, Tool, ToolContext, ToolError, ToolResult
from plugsky_tui.tooling.needs import resolve, to_read, visible
from plugsky_tui.workspace.paths import Resolved

if TYPE_CHECKING:
    from plugsky_tui.workspace.windows import Head, Window


@dataclass
class Params:
    file_path: Annotated[str, "Path of the file, relative to the workspace or absolute."]
    offset: Annotated[int, "Number of the first line to read, from 1."] = 1
    limit: Annotated[int, "How many lines to read at most.", Also("max_lines")] = 2000


class Read(Tool[Params]):
    name = "read"
    description = """Reads a file. Text comes with line numbers, as `     1\\tfirst line`: the number and the tab are not part of the file.
Reads 2000 lines unless told otherwise; use offset and limit for others. Long lines are cut. Images (PNG, JPEG, GIF, WebP) are shown to you.
Read a file before you change it. Several files can be read at once, by several calls. For folders use list."""
    reads_only = True
    main_parameter = "file_path"

    async def prepare(self, params: Params, context: ToolContext) -> Plan:
        if params.offset < 0 or params.limit < 1:
            raise ToolError(
                "offset counts lines from 1, and limit is at least 1.", hint="Leave them out to read from the start."
            )
        resolved = resolve(context.root, params.file_path)
        shown = visible(resolved.shown)
        wanted = _Wanted(resolved, shown, max(1, params.offset), params.limit)

        async def act(progress: Progress) -> ToolResult:
            stop = threading.Event()
            try:
                return await asyncio.to_thread(_read, wanted, context, stop)
            except asyncio.CancelledError:
                stop.set()
                raise

        return Plan(f"Read {shown}{wanted.lines}", act, to_read(context, resolved))


@dataclass
class _Wanted:
    resolved: Resolved
    shown: str
    first: int
    limit: int

    @property
    def lines(self) -> str:
        whole = self.first == 1 and self.limit >= 2000
        return "" if whole else f" ({self.first}–{self.first + self.limit - 1})"


def _read(wanted: _Wanted, context: ToolContext, stop: threading.Event) -> ToolResult:
    from plugsky_tui.workspace.handles import said
    from plugsky_tui.workspace.windows import Head, read_window

    resolved, shown = wanted.resolved, wanted.shown
    try:
        window = read_window(resolved.real, shown, wanted.first, wanted.limit, stop.is_set)
    except FileNotFoundError:
        raise _missing(resolved, shown, context) from None
    except OSError as error:
        raise said(error, shown, "read") from None
    if isinstance(window, Head):
        return _not_text(resolved, shown, window, context)
    if context.reads is not None:
        context.reads.read(resolved.real, window.digest, window.stamp)
    notes = _notes(window, shown)
    numbered = [f"{window.first + at:6}\t{line}" for at, line in enumerate(window.lines)]
    text = "\n".join(numbered)
    output = "\n\n".join(part for part in (text, "\n".join(f"({note})" for note in notes)) if part)
    return ToolResult(output, display=[TextBlock("\n".join(window.lines), _language(shown))])


def _notes(window: Window, shown: str) -> list[str]:
    from plugsky_tui.workspace.files import size_text
    from plugsky_tui.workspace.windows import LINE_LIMIT

    if window.size == 0:
        return [f"{shown}: the file is empty"]
    notes: list[str] = []
    last = window.first + len(window.lines) - 1
    if not window.lines:
        lines = "1 line" if window.total == 1 else f"{window.total} lines"
        return [f"{shown} has only {lines}: there is nothing from line {window.first} on"]
    if window.more:
        of = f"of {window.total}" if window.total is not None else f"of a file of {size_text(window.size)}"
        why = ", as much as is shown at once" if window.full else ""
        notes.append(f"lines {window.first} to {last} {of}{why}; read on with offset={last + 1}")
    for number, length in list(window.cut.items())[:5]:
        notes.append(f"line {number} is cut: it has {length:,} characters, the first {LINE_LIMIT:,} are shown")
    if len(window.cut) > 5:
        notes.append(f"{len(window.cut) - 5} more lines are cut")
    if window.encoding.codec != "utf-8":
        notes.append(f"the file is written in {window.encoding.label}, and stays so when it is edited")
    elif window.encoding.errors == "surrogateescape":
        notes.append("� stands for bytes that are not valid UTF-8; they stay as they are when other text is edited")
    return notes


def _missing(resolved: Resolved, shown: str, context: ToolContext) -> ToolError:
    from plugsky_tui.workspace.names import similar_paths

    similar = similar_paths(resolved.real, context.root.real) if resolved.inside else []
    names = ", ".join(visible(context.root.shown(path)) for path in similar)
    hint = f"Did you mean {names}?" if names else "Look for its name with glob or list."
    return ToolError(f"{shown} does not exist.", hint=hint)


def _not_text(resolved: Resolved, shown: str, head: Head, context: ToolContext) -> ToolResult:
    from plugsky_tui.workspace.files import size_text
    from plugsky_tui.workspace.images import IMAGE_LIMIT, kind_of
    from plugsky_tui.workspace.windows import read_whole

    kind = kind_of(head.data)
    if not kind.media_type:
        raise ToolError(
            f"{shown} is not text ({kind.name}, {size_text(head.size)}; {head.reason}).",
            hint="Use a command that understands it (file, strings, xxd, or a program for this format).",
        )
    if context.sees() is False:
        raise ToolError(
            f"{shown} is an image ({kind.name}, {size_text(head.size)}), and you cannot see images.",
            hint="A command may tell what you need of it; else the user can switch to a model with vision.",
        )
    if head.size > IMAGE_LIMIT:
        raise ToolError(
            f"{shown} is an image of {size_text(head.size)}: more than the {size_text(IMAGE_LIMIT)} that can be sent.",
            hint="Make a smaller copy of it with a command, and read that.",
        )
    from base64 import b64encode

    from plugsky_tui.kernel.messages import Image

    data = b64encode(read_whole(resolved.real, shown, IMAGE_LIMIT)).decode("ascii")
    text = f"{shown}: {kind.name} image, {size_text(head.size)}; it is attached."
    return ToolResult(text, display=[TextBlock(text)], images=[Image(kind.media_type, data, shown)])


def _language(shown: str) -> str:
    """What front ends colour it as: they know file endings."""
    return shown.rpartition(".")[2].lower() if "." in shown.rpartition("/")[2] else ""
