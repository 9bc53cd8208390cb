"""The files and threads that a prompt names with `@`: looked up when it is sent, under the rules for the agent's reads.

A file is read with the tool `read`, so that the permission rules, bounds and line numbers are those the model knows, and the
file counts as read. What would have to be asked about is not sent: the prompt says its name only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.kernel.messages import ToolCall
from plugsky_tui.session.enclosures import Enclosure, quoted

if TYPE_CHECKING:
    from pathlib import Path

    from plugsky_tui.kernel.ports import Gate, Toolbox

FILE_LINES = 2000
MOST_FILES = 20
MOST_NAMES = 2000  # that are looked up: a pasted log may be full of them
MOST_CHARACTERS = 200_000  # of all of them together
THREAD_CHARACTERS = 20_000
THREAD_MARK = "thread:"

_MENTION = re.compile(r'(?<![^\s(])@(?:"([^"\n]+)"|(\S+))')
_LINES = re.compile(r"(.+):(\d+)(?:-(\d+))?")
_LINE = re.compile(r"^ *\d+\t", re.MULTILINE)


@dataclass(slots=True)
class Mention:
    """`path` relative to the folder or absolute; lines `first` to `last`, the whole file where that is None."""

    path: str
    first: int = 1
    last: int | None = None


@dataclass(slots=True)
class Looked:
    """What goes along, and why something does not."""

    enclosures: list[Enclosure] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def mentions(text: str) -> list[str]:
    """What `@` names in `text`, each once; `@"…"` holds spaces. Punctuation behind a name is not part of it."""
    if "@" not in text:
        return []
    names = (quotation or plain.rstrip(",;:!?)").rstrip(".") for quotation, plain in _MENTION.findall(text))
    return list(dict.fromkeys(name for name in names if name))


def mention_of(name: str, folder: Path) -> Mention | None:
    """The file that `name` means: a path, perhaps with `:12` or `:12-40` behind it; None where there is none. Asks the disk."""
    try:
        if (folder / name).expanduser().is_file():
            return Mention(name)
        found = _LINES.fullmatch(name)
        if found is not None and (folder / found[1]).expanduser().is_file():
            first = max(1, int(found[2][:9]))
            return Mention(found[1], first, max(first, int((found[3] or found[2])[:9])))
    except (OSError, ValueError, RuntimeError):  # no name a file could have, no home
        return None
    return None


class MentionReader:
    def __init__(self, folder: Path, data_dir: Path, toolbox: Toolbox, gate: Gate) -> None:
        self._folder = folder
        self._data_dir = data_dir
        self._toolbox = toolbox
        self._gate = gate

    async def look(self, prompt: str, passed: tuple[str, ...] = ()) -> Looked:
        """What `prompt` names. Names that end in one of `passed` are left to whoever asks."""
        import asyncio  # loaded already

        looked = Looked()
        names = mentions(prompt)[:MOST_NAMES]
        found = await asyncio.to_thread(lambda: {name: mention_of(name, self._folder) for name in names})
        room, files = MOST_CHARACTERS, 0
        for name in names:
            if name.startswith(THREAD_MARK):
                enclosed = await asyncio.to_thread(self._thread, name, looked)
            else:
                mention = found[name]
                if mention is None or mention.path.lower().endswith(passed):
                    continue
                files += 1
                if files > MOST_FILES:
                    looked.remarks.append(f"{name}: not attached. {MOST_FILES} files go along at most.")
                    continue
                enclosed = await self._file(name, mention, looked)
            if enclosed is None:
                continue
            room -= len(enclosed.text)
            if room < 0:
                room += len(enclosed.text)
                looked.remarks.append(
                    f"{name}: not attached. It would be too much in one prompt; the agent can read it."
                )
                continue
            looked.enclosures.append(enclosed)
        return looked

    async def _file(self, name: str, mention: Mention, looked: Looked) -> Enclosure | None:
        limit = FILE_LINES if mention.last is None else min(FILE_LINES, mention.last - mention.first + 1)
        arguments = {"file_path": mention.path, "offset": mention.first, "limit": limit}
        try:
            prepared = await self._toolbox.prepare(ToolCall("mention", "read", arguments))
            judgement = self._gate.judge(prepared)
            if judgement.verdict != "allow":
                looked.remarks.append(f"{name}: named, but not attached. {judgement.reason.rstrip('.')}.")
                return None
            result = await prepared.act(lambda told: None)
        except PlugskyError as error:
            looked.remarks.append(f"{name}: named, but not attached. {error.message}")
            return None
        if result.images or not result.ok:
            return None
        return Enclosure("file", name, _amount(result.output, whole=mention.last is None), result.output)

    def _thread(self, name: str, looked: Looked) -> Enclosure | None:
        from plugsky_tui.threads.reading import digest  # for those who name one

        try:
            found = digest(self._data_dir, name.removeprefix(THREAD_MARK), THREAD_CHARACTERS)
        except PlugskyError as error:
            looked.remarks.append(f"@{name}: not attached. {error.message}")
            return None
        count = "1 answer" if found.answers == 1 else f"{found.answers} answers"
        return Enclosure("thread", name, f"“{found.title}”, {count}", quoted(found.text))


def _amount(output: str, *, whole: bool) -> str:
    """How much of a file there is in what `read` gave of it; `whole`: all of it was asked for."""
    count = len(_LINE.findall(output))
    if not count:
        return "empty"
    if whole and "; read on with offset=" in output[-400:]:
        return f"its first {count:,} lines"
    return "1 line" if count == 1 else f"{count:,} lines"
