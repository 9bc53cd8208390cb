"""What tools answer, read back: numbered lines, search hits, listings, shell output.

Tolerant on purpose: the simulator serves any client, and each numbers lines and names hits in a
way of its own.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass

from plugsky_tui.simulator.agent.steps import Act, Blocked, Call, Result, Results, checked

MAX_PAGES = 6  # of one file

_NUMBERED = re.compile(r"^\s*(\d+)(\t|→|\||│|:)(.*)$")
_MORE = re.compile(r"\b(more lines|truncated|offset|omitted)\b", re.IGNORECASE)
_CUT = re.compile(r"\bline \d+ is cut|\blines are cut", re.IGNORECASE)
_HIT = re.compile(r"^(?P<path>(?:[A-Za-z]:)?[^:\n]+?):(?P<line>\d+):(?P<text>.*)$")
_HEADED_HIT = re.compile(r"^\s*(\d+)[:\t→|](.*)$")
_NO_FILE = re.compile(
    r"^\W*(?:[A-Z]\w*)?(?:Error|Exception|Errno)\b|^(?:error|traceback|failed)\b|\bno such file|\bnot found\b|\bdoes not exist\b"
    r"|\bdenied\b|\bis a (?:directory|folder|binary)|\b(?:cannot|can't|could not) (?:be )?(?:read|open|find|access|decode)|\bnot allowed\b",
    re.IGNORECASE,
)
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_TREE_ART = re.compile(r"^[\s│├└─|`+\-*]*")


@dataclass(slots=True)
class Source:
    """A file as read. `lines[0]` is line `first`; `complete` where its end was seen, and each line whole."""

    path: str
    lines: list[str]
    first: int = 1
    complete: bool = True

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


@dataclass(slots=True)
class Hit:
    """One line a search found."""

    path: str
    line: int
    text: str


class Unreadable(Exception):
    """A file could not be read; `answer` is what the tool said."""

    def __init__(self, path: str, answer: str) -> None:
        super().__init__(answer)
        self.path = path
        self.answer = answer


def numbered_lines(output: str) -> list[tuple[int, str]]:
    """The (number, text) pairs of a file shown with line numbers; what does not fit the pattern is left out."""
    rows: list[tuple[int, str, str]] = []
    for line in output.split("\n"):
        found = _NUMBERED.match(line)
        if found and (not rows or (int(found[1]) == rows[-1][0] + 1 and found[2] == rows[-1][1])):
            rows.append((int(found[1]), found[2], found[3]))
    if not _shown_by_number(output, len(rows)):
        return []
    padded = bool(rows) and rows[0][1] in ":|│" and all(text[:1] in ("", " ") for _, _, text in rows)
    return [(number, text[1:] if padded else text) for number, _, text in rows]


def _shown_by_number(output: str, count: int) -> bool:
    """Whether `count` numbered lines make `output` a numbered file, and not a text that has some of its own."""
    lines = [line for line in output.split("\n") if line.strip()]
    return count * 2 >= len(lines) or any(_NUMBERED.match(line) for line in lines[:1])


def _plain_lines(output: str) -> list[str]:
    """The lines of a file that came without numbers; [] for what a tool says instead of a file."""
    first = output.lstrip().split("\n", 1)[0]
    if not first or _NO_FILE.search(first):
        return []
    return output.removesuffix("\n").split("\n")


def read_file(path: str, say: str = "") -> Generator[Act, Results, Source]:
    """The whole file, page by page where it is long. Raises Unreadable, or Blocked where it is not allowed."""
    lines: list[str] = []
    offset = 1
    whole = True
    for _ in range(MAX_PAGES):
        arguments: dict[str, object] = {"file_path": path}
        if offset > 1:
            arguments["offset"] = offset
        [result] = yield Act([Call("read", arguments)], say if offset == 1 else "")
        output = checked(result).output
        rows = numbered_lines(output)
        if not rows:
            if offset > 1 or "empty" in output.lower():
                return Source(path, lines)
            if plain_text := _plain_lines(output):
                return Source(path, plain_text)
            raise Unreadable(path, output)
        lines += [text for _, text in rows]
        offset = rows[-1][0] + 1
        after = _after_lines(output, rows[-1][0])
        whole = whole and not _CUT.search(after)
        if not _MORE.search(after):
            return Source(path, lines, complete=whole)
    return Source(path, lines, complete=False)


def read_around(path: str, line: int, before: int = 4, count: int = 24) -> Generator[Act, Results, Source]:
    """The lines around `line`. Raises as `read_file` does."""
    first = max(1, line - before)
    [result] = yield Act([Call("read", {"file_path": path, "offset": first, "limit": count})])
    rows = numbered_lines(checked(result).output)
    if not rows:  # then it may not know of parts of a file either
        whole = yield from read_file(path)
        return Source(path, whole.lines[first - 1 : first - 1 + count], first, complete=False)
    return Source(path, [text for _, text in rows], rows[0][0], complete=False)


def _after_lines(output: str, last: int) -> str:
    """What the tool says below the file's lines."""
    tail = output[-600:].split("\n")
    for place in range(len(tail) - 1, -1, -1):
        found = _NUMBERED.match(tail[place])
        if found and int(found[1]) == last:
            return "\n".join(tail[place + 1 :])
    return ""


def search_hits(output: str) -> list[Hit]:
    """The hits of a search, whether each names its file or they stand below their file's name."""
    hits: list[Hit] = []
    heading = ""
    for line in output.split("\n"):
        if found := _HIT.match(line):
            text = found["text"]
            hits.append(Hit(_normal(found["path"]), int(found["line"]), text.strip()))
        elif heading and (below := _HEADED_HIT.match(line)):
            hits.append(Hit(_normal(heading), int(below[1]), below[2].strip()))
        elif line.strip() and " " not in line.strip().rstrip(":"):
            heading = line.strip().rstrip(":")
    return hits


def listed_names(output: str) -> list[str]:
    """The paths in a listing, without tree art, sizes and what is said around them."""
    names: list[str] = []
    for line in output.split("\n"):
        entry = _TREE_ART.sub("", line).strip()
        if entry and not entry.startswith(("(", "[", "…")):
            names.append(_normal(re.split(r"\s{2,}|\t| \(| -> ", entry)[0]))
    return [name for name in names if name]


def plain(output: str) -> str:
    """Terminal output without colours and carriage returns."""
    return _ANSI.sub("", output).replace("\r\n", "\n")


def failed_edit(result: Result) -> str:
    """Why an edit or write did nothing ("" where it did): the first line of what the tool said."""
    first = result.output.strip().split("\n", 1)[0]
    return first if _EDIT_FAILED.search(first) and not _EDIT_DONE.match(first) else ""


_EDIT_DONE = re.compile(
    r"(?:changed|created|edited|wrote|updated|replaced|applied|successfully|done|ok)\b(?! since)", re.IGNORECASE
)
_EDIT_FAILED = re.compile(
    r"not found|no match|does not|doesn't|did not|ambiguous|more than one|several|\d+ places|occurs? \d+|refus|cannot|can't|could not"
    r"|changed since|no such|error|failed|unknown|invalid|missing|identical|nothing to change|is not|are the same|is empty|keeps changing",
    re.IGNORECASE,
)


def _normal(path: str) -> str:
    return path[2:] if path.startswith("./") else path


def unreadable_message(error: Unreadable) -> Blocked:
    said = error.answer.strip() or "(nothing)"
    return Blocked(f"I could not read `{error.path}`. The tool said:\n\n```text\n{said[:600]}\n```")
