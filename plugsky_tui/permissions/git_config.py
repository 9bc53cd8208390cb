"""What a repository's configuration makes git run, read as text: no git is started for it.

The syntax is that of git-config(1). Whatever cannot be read counts as naming a program.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from plugsky_tui.permissions.git_index import Unreadable, submodules
from plugsky_tui.workspace.paths import common_git_folder, read_git_pointer, regular_start

_LIMIT = 256 * 1024
_SUBMODULES_LIMIT = 500

# Keys whose value is a program, or brings in configuration or a working tree from elsewhere. From git-config(1).
_PROGRAMS = (
    r"core\.(fsmonitor|hookspath|pager|editor|sshcommand|gitproxy|askpass|worktree|alternaterefscommand)"
    r"|diff\.external|diff\..*\.(command|textconv)|(diff|merge)tool\..*\.(cmd|path)|merge\..*\.driver"
    r"|filter\..*\.(clean|smudge|process)|pager\..*|interactive\.difffilter|sequence\.editor|credential(\..*)?\.helper"
    r"|gpg\.program|gpg\..*\.(program|defaultkeycommand)|log\.showsignature|include\.path|includeif\..*\.path"
    r"|web\.browser|browser\..*|man\..*\.(cmd|path)|help\.browser|instaweb\..*|sendemail\..*(cmd|server|path)|imap\.tunnel"
    r"|remote\..*\.(uploadpack|receivepack|vcs)|uploadpack\..*hook|submodule\..*\.update|trailer\..*\.(command|cmd)"
    r"|tar\..*\.command|init\.templatedir|hook\..*|lfs\.(customtransfer|extension|standalonetransferagent).*"
    r"|protocol\..*|guitool\..*|gc\.recentobjectshook|url\..*::.*"
)
_SWITCHES = frozenset(("true", "false", "yes", "no", "on", "off", "0", "1", ""))


@dataclass(slots=True)
class Repository:
    """`root` is the folder git would work in, `git_folder` the real path of what its `.git` is or points to."""

    root: str
    git_folder: str


def repositories(folder: str) -> list[Repository]:
    """What git would find from `folder` upwards. The first is the one it takes, if it is whole; else it goes on."""
    found: list[Repository] = []
    place = folder
    while True:
        entry = os.path.join(place, ".git")
        if os.path.lexists(entry):
            found.append(Repository(place, os.path.realpath(read_git_pointer(entry) or entry)))
        elif looks_bare(place):
            found.append(Repository(place, place))
        parent = os.path.dirname(place)
        if parent == place or (found and _whole(found[-1].git_folder)):
            return found
        place = parent


def looks_bare(folder: str) -> bool:
    """Whether git takes the folder itself for a repository (git-init(1), --bare). One with a `commondir` keeps its
    objects and its configuration elsewhere."""
    if not os.path.lexists(os.path.join(folder, "HEAD")):
        return False
    return os.path.isdir(os.path.join(folder, "objects")) or os.path.lexists(os.path.join(folder, "commondir"))


def _whole(git_folder: str) -> bool:
    """Whether git stops here, and looks no further up. As strict as git itself: what only looks like a repository
    would keep us from seeing the one it takes."""
    common = common_git_folder(git_folder)
    if not (os.path.isdir(os.path.join(common, "objects")) and os.path.isdir(os.path.join(common, "refs"))):
        return False
    head = os.path.join(git_folder, "HEAD")
    with suppress(OSError):
        return os.readlink(head).startswith("refs/")
    return re.match(r"ref:\s*refs/|[0-9a-fA-F]{40}", _read(head) or "") is not None


def submodules_in(repository: Repository) -> list[Repository]:
    """The submodules that are there, and theirs. git_index.Unreadable where that cannot be told."""
    found: list[Repository] = []
    waiting = [repository]
    while waiting:
        outer = waiting.pop()
        for path in submodules(outer.git_folder):
            root = os.path.join(outer.root, path)
            entry = os.path.join(root, ".git")
            if os.path.lexists(entry) and len(found) < _SUBMODULES_LIMIT:
                inner = Repository(root, os.path.realpath(read_git_pointer(entry) or entry))
                found.append(inner)
                waiting.append(inner)
            elif len(found) >= _SUBMODULES_LIMIT:
                raise Unreadable("it has too many submodules")
    return found


def programs_named(git_folder: str) -> dict[str, str]:
    """What in the configuration of this git folder names programs: "git config core.pager" -> the value."""
    found: dict[str, str] = {}
    common = os.path.realpath(common_git_folder(git_folder))
    for path in dict.fromkeys((os.path.join(common, "config"), os.path.join(git_folder, "config.worktree"))):
        text = _read(path)
        if text is None:
            continue
        try:
            entries = parse(text)
        except ValueError as error:
            found[f"git {os.path.basename(path)}"] = f"cannot be read: {error}\n{text}"
            continue
        for key, value in entries:
            if names_program(key, value):
                name = f"git {os.path.basename(path)} {key}"
                found[name] = f"{found[name]}\n{value}" if name in found else value
    hook = os.path.join(common, "hooks", "post-index-change")  # the one hook that reading commands run
    if os.access(hook, os.X_OK) and (script := _read(hook)) is not None:
        found["git hook post-index-change"] = script
    return found


def names_program(key: str, value: str) -> bool:
    if key.startswith(("core.fsmonitor", "pager.")) and value.strip().lower() in _SWITCHES:
        return key == "core.fsmonitor" and value.strip().lower() not in ("false", "no", "off", "0", "")
    if key.startswith("submodule.") and key.endswith(".update"):
        return value.lstrip().startswith("!")
    if key.startswith("alias."):
        return value.lstrip().startswith("!")
    if key.startswith("remote.") and key.endswith((".url", ".pushurl")):
        return "::" in value or value.startswith("-")  # ext::sh -c …, and options posing as hosts
    return re.fullmatch(_PROGRAMS, key, re.DOTALL) is not None


def parse(text: str) -> list[tuple[str, str]]:
    """(key, value) in order; section and name in lower case, subsections as they are. ValueError where it is no
    configuration."""
    entries: list[tuple[str, str]] = []
    section = ""
    lines = iter(text.replace("\r\n", "\n").removeprefix("\ufeff").split("\n"))
    for number, line in enumerate(lines, 1):
        rest = line.strip()
        if rest.startswith("["):
            match = re.match(r'\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\\n]|\\.)*)")?\s*\]', rest)
            if match is None:
                raise ValueError(f"line {number}")
            section = match[1].lower()
            if match[2] is not None:
                section += "." + re.sub(r"\\(.)", _itself, match[2])
            rest = rest[match.end() :].strip()
        if not rest or rest[0] in "#;":
            continue
        match = re.match(r"([A-Za-z][A-Za-z0-9-]*)\s*(?:=\s*(.*))?$", rest, re.DOTALL)
        if match is None or not section:
            raise ValueError(f"line {number}")
        value = _value(match[2], lines) if match[2] is not None else "true"
        entries.append((f"{section}.{match[1].lower()}", value))
    return entries


def _itself(match: re.Match[str]) -> str:
    return match[1]


def _value(raw: str, lines: Iterator[str]) -> str:
    """Quotes and escapes taken away, comments cut off. A backslash at the end takes the next of `lines` in, but not
    one in a comment: there it is nothing, and what follows is a line of its own."""
    out: list[str] = []
    quoted = False
    i = 0
    while i < len(raw):
        char = raw[i]
        if char == "\\":
            if i + 1 == len(raw):
                raw, i = next(lines, ""), 0
                continue
            out.append({"n": "\n", "t": "\t", "b": "\b"}.get(raw[i + 1], raw[i + 1]))
            i += 2
            continue
        if char == '"':
            quoted = not quoted
        elif char in "#;" and not quoted:
            break
        else:
            out.append(char)
        i += 1
    return "".join(out).strip()


def _read(path: str) -> str | None:
    """The text of a regular file, None where there is none. One that is too large is not read to its end, and then
    cannot be parsed either."""
    try:
        data = regular_start(path, _LIMIT + 1)
    except OSError:
        return None
    if data is None:
        return None
    return data.decode("utf-8", "surrogateescape") if len(data) <= _LIMIT else "[too large"
