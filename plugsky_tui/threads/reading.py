"""A thread in short, for another one that names it: what was asked, and what was answered in the end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from plugsky_tui.kernel.errors import ThreadStoreError
from plugsky_tui.kernel.events import TextDelta, ToolCalled
from plugsky_tui.kernel.messages import UserMessage
from plugsky_tui.threads import rebuild
from plugsky_tui.threads.entries import Entry
from plugsky_tui.threads.log import MemoryLog
from plugsky_tui.threads.records import parse
from plugsky_tui.threads.store import SUFFIX, ThreadStore
from plugsky_tui.threads.thread import Thread

PROMPT_CHARACTERS = 1000


@dataclass(slots=True)
class Digest:
    """`text` holds the last `answers`, each behind its prompt. All of it is untrusted."""

    title: str
    text: str
    answers: int


def digest(data_dir: Path, id_or_prefix: str, limit: int) -> Digest:
    """The thread in at most about `limit` characters: the last answers, the oldest of them left out. It may be open in any
    process. Raises ThreadStoreError."""
    thread_id = ThreadStore(data_dir).resolve(id_or_prefix)
    path = data_dir / "threads" / (thread_id + SUFFIX)
    try:
        parsed = parse(path.read_bytes())
    except OSError as error:
        raise ThreadStoreError(f"{path}: {error.strerror}") from error
    thread = Thread(thread_id=thread_id, folder="", model="", mode="ask", writable=False)
    thread.attach(MemoryLog(), parsed.entries)
    kept: list[str] = []
    room = limit
    exchanges = [one for one in _exchanges(parsed.entries) if one[1]]
    for prompt, answer in reversed(exchanges):
        part = f"The user: {_cut(prompt, PROMPT_CHARACTERS)}\nThe answer: {_cut(answer, limit)}"
        room -= len(part)
        if room < 0 and kept:
            break
        kept.insert(0, part)
    left = len(exchanges) - len(kept)
    head = [f"({left} earlier answers are left out)"] if left else []
    return Digest(thread.title or thread_id, "\n\n".join([*head, *kept]) or "(nothing was answered)", len(kept))


def _exchanges(entries: list[Entry]) -> list[tuple[str, str]]:
    """(prompt, the last text before the next prompt)."""
    found: list[tuple[str, str]] = []
    for item in rebuild.history(entries):
        match item:
            case UserMessage():
                found.append((item.text, ""))
            case TextDelta() if found:
                found[-1] = (found[-1][0], item.text.strip() or found[-1][1])
            case ToolCalled() if found:
                found[-1] = (found[-1][0], "")  # what was said before a call is not what it came to
            case _:
                pass
    return found


def _cut(text: str, limit: int) -> str:
    text = text.strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"
