"""Unified diffs, as git and diff write them and as models imitate them.

The counts in `@@ -1,7 +1,8 @@` are not trusted: a hunk goes on for as long as its lines look like lines of one. Its
first line number only ever helps to choose between places that fit. git's headers for new, deleted, renamed and copied
files are obeyed (git-diff(1), "Generating patch text"); binary patches are refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from plugsky_tui.workspace.patches.steps import AddFile, DeleteFile, Hunk, PatchError, Sign, Step, UpdateFile

RANGES = re.compile(r"@@+ -(\d+)(?:,\d+)? \+\d+(?:,\d+)?(?: @@+)?(?: (.*))?\Z")
_HUNK = re.compile(r"@@+(?:\s|\Z)")
_GIT = "diff --git "
_SKIPPED = (
    "index ",
    "old mode ",
    "new mode ",
    "new file mode ",
    "deleted file mode ",
    "similarity index ",
    "dissimilarity index ",
    "diff ",
    "Index: ",
    "=====",
    "Only in ",
)
_PREFIXES = {("a/", "b/"), ("i/", "w/"), ("c/", "i/"), ("c/", "w/"), ("o/", "w/")}  # git's, mnemonic ones too
_NOTHING = "/dev/null"
_VERSION = re.compile(r"\d+\.\d+[\w.() -]*")
_OCTAL = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
_SIGNS: dict[str, Sign] = {" ": " ", "-": "-", "+": "+"}


def looks_unified(lines: Sequence[str]) -> bool:
    return any(
        line.startswith((_GIT, "GIT binary patch"))
        or (line.startswith("--- ") and at + 1 < len(lines) and lines[at + 1].startswith("+++ "))
        for at, line in enumerate(lines)
    )


@dataclass(slots=True)
class _Section:
    """One file of the diff: its names with their prefixes, what its headers say, its hunks."""

    number: int
    old: str = ""
    new: str = ""
    git: str = ""
    moved: tuple[str, str] = ("", "")
    copied: bool = False
    created: bool = False
    deleted: bool = False
    mode_only: bool = False
    hunks: list[Hunk] = field(default_factory=list)


def read_unified(lines: list[tuple[int, str]]) -> list[Step]:
    """The steps of a diff; words before its first file are nobody's. PatchError names the line that cannot be read."""
    sections: list[_Section] = []
    section: _Section | None = None
    at = 0
    while at < len(lines):
        number, line = lines[at]
        if line.startswith(_GIT):
            section = _Section(number, git=line.removeprefix(_GIT))
            sections.append(section)
        elif _names_follow(lines, at):
            if section is None or section.old or section.hunks:
                section = _Section(number)
                sections.append(section)
            section.old, section.new = _name(line[4:]), _name(lines[at + 1][1][4:])
            at += 1
        elif section is not None and _HUNK.match(line):
            if not section.old:
                raise PatchError(
                    f"Line {number} of the patch begins a hunk, but no file is named before it.",
                    hint="Write --- a/path and +++ b/path above it.",
                )
            at = _read_hunk(section, lines, at)
            continue
        elif section is not None:
            _header(section, number, line)
        at += 1
    return [_step(each) for each in sections]


def read_range(hunk: Hunk, ranges: re.Match[str]) -> None:
    hunk.start = int(ranges[1][:9])
    hunk.heading = (ranges[2] or "").strip()


def _names_follow(lines: list[tuple[int, str]], at: int) -> bool:
    """Whether `---` and `+++` lines stand here (a removed line may begin with --, the one added for it with ++)."""
    if not lines[at][1].startswith("--- ") or at + 1 >= len(lines) or not lines[at + 1][1].startswith("+++ "):
        return False
    after = next((line for _, line in lines[at + 2 :] if line.strip()), "@@")
    return bool(_HUNK.match(after)) or after.startswith(_GIT)


def _signature(lines: list[tuple[int, str]], at: int) -> bool:
    """Whether git's signature stands here, which ends a patch that was made to be mailed: "-- ", then its version."""
    rest = [line.strip() for _, line in lines[at + 1 :] if line.strip()]
    return lines[at][1] in ("--", "-- ") and len(rest) == 1 and bool(_VERSION.fullmatch(rest[0]))


def _read_hunk(section: _Section, lines: list[tuple[int, str]], at: int) -> int:
    """Reads the hunk whose `@@` line is at `at`; where it ends."""
    number, line = lines[at]
    hunk = Hunk(line=number, start=0)
    ranges = RANGES.match(line.rstrip())
    if ranges is not None:
        read_range(hunk, ranges)
    else:  # no line numbers, as models write it: what is there is an anchor
        hunk.start = None
        if anchor := line.strip("@ \t.\u2026"):
            hunk.anchors.append(anchor)
    at += 1
    while at < len(lines):
        number, line = lines[at]
        if _HUNK.match(line) or line.startswith(_GIT) or _names_follow(lines, at) or _signature(lines, at):
            break
        if line.startswith("\\"):
            hunk.unended()
        elif not line:
            hunk.lines.append((" ", ""))
        elif line[0] in _SIGNS:
            hunk.lines.append((_SIGNS[line[0]], line[1:]))
        elif line[0] == "\t":
            hunk.lines.append((" ", line))
        elif line.startswith(_SKIPPED):
            break
        else:
            raise PatchError(
                f"Line {number} of the patch begins with {line[0]!r}: {line.strip()[:80]!r}.",
                hint="Each line of a hunk begins with a blank (it stays), - (it goes) or + (it comes).",
            )
        at += 1
    hunk.trim()
    section.hunks.append(hunk)
    return at


def _header(section: _Section, number: int, line: str) -> None:
    word, _, rest = line.partition(" ")
    if line.startswith("GIT binary patch") or (line.startswith("Binary files ") and line.rstrip().endswith("differ")):
        raise PatchError(
            f"Line {number} of the patch is of a binary file: such a patch cannot be applied. Nothing was changed.",
            hint="Make or copy binary files with a command.",
        )
    if line.startswith(("rename from ", "copy from ")):
        section.moved, section.copied = (_name(rest.removeprefix("from ")), section.moved[1]), word == "copy"
    elif line.startswith(("rename to ", "copy to ")):
        section.moved = (section.moved[0], _name(rest.removeprefix("to ")))
    elif line.startswith("new file mode "):
        section.created = True
    elif line.startswith("deleted file mode "):
        section.deleted = True
    elif line.startswith("new mode "):
        section.mode_only = True


def _step(section: _Section) -> Step:
    old, new = _names(section)
    if section.moved[0] and section.moved[1]:
        return UpdateFile(section.moved[0], section.hunks, section.moved[1], keeps_source=section.copied)
    if section.created or old == _NOTHING:
        return AddFile(new, _whole(section, new))
    if section.deleted or new == _NOTHING:
        return DeleteFile(old, section.hunks)
    if old != new:
        raise PatchError(
            f"Line {section.number} of the patch names two files, {old} and {new}: it is not clear which one is meant.",
            hint="Name the same file twice; to move one, add the lines rename from PATH and rename to PATH.",
        )
    if not section.hunks:
        what = "only changes the mode of" if section.mode_only else "changes nothing in"
        raise PatchError(
            f"The patch {what} {old}.",
            hint="Change modes with a command (chmod)." if section.mode_only else "Write its hunks.",
        )
    return UpdateFile(old, section.hunks)


def _whole(section: _Section, path: str) -> str:
    """The text of a new file: all that its hunk adds."""
    lines = [line for hunk in section.hunks for line in hunk.lines]
    if any(sign == "-" or (sign == " " and text) for sign, text in lines):
        raise PatchError(
            f"The patch makes {path} anew, but has lines that stay or go in it.",
            hint="Each line of a new file begins with +. To change a file that exists, name it after --- too.",
        )
    text = "".join(text + "\n" for _, text in lines)
    ended = all(hunk.new_ended for hunk in section.hunks)
    return text if ended else text.removesuffix("\n")


def _names(section: _Section) -> tuple[str, str]:
    old, new = section.old, section.new
    if not old:
        old, new = _git_names(section.git)
    for first, second in _PREFIXES:
        if (old.startswith(first) or old == _NOTHING) and (new.startswith(second) or new == _NOTHING):
            return old.removeprefix(first) if old != _NOTHING else old, (
                new.removeprefix(second) if new != _NOTHING else new
            )
    return old, new


def _git_names(text: str) -> tuple[str, str]:
    """The two names of a `diff --git` line, which is all there is of an empty or purely moved file."""
    text = text.strip()
    if text.startswith('"'):
        end = text.find('" ', 1)
        return _name(text[: end + 1]), _name(text[end + 2 :])
    half = len(text) // 2
    if len(text) % 2 and text[half] == " " and text[2:half] == text[half + 3 :]:  # the usual case: the same name twice
        return text[:half], text[half + 1 :]
    old, _, new = text.partition(" b/")
    return old, "b/" + new


def _name(text: str) -> str:
    """A file name of a header: without its time stamp, unquoted where git has quoted it."""
    text = text.split("\t", maxsplit=1)[0].strip()
    if len(text) < 2 or not (text.startswith('"') and text.endswith('"')):
        return text
    raw = _OCTAL.sub(_unescaped, text[1:-1].encode("utf-8", "surrogateescape"))
    return raw.decode("utf-8", "surrogateescape")


def _unescaped(found: re.Match[bytes]) -> bytes:
    escape: bytes = found[1]
    return bytes([int(escape, 8) & 255]) if len(escape) == 3 else _LETTERS.get(escape, escape)
