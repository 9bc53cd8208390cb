"""What a repository's configuration makes git run, read as text: no git is started for it.

The syntax is that of git-config(1). Whatever cannot be read counts as naming a program.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass

from plugsky_tui.workspace.paths import common_git_folder, read_git_pointer

_LIMIT = 256 * 1024

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
    """Whether git takes the folder itself for a repository (git-init(1), --bare)."""
    return os.path.lexists(os.path.join(folder, "HEAD")) and os.path.isdir(os.path.join(folder, "objects"))


def _whole(git_folder: str) -> bool:
    return looks_bare(git_folder) or os.path.lexists(os.path.join(git_folder, "commondir"))


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
        value = match[2] if match[2] is not None else "true"
        while _continues(value):
            value = value[:-1] + next(lines, "")
        entries.append((f"{section}.{match[1].lower()}", _value(value)))
    return entries


def _itself(match: re.Match[str]) -> str:
    return match[1]


def _continues(value: str) -> bool:
    return (len(value) - len(value.rstrip("\\"))) % 2 == 1


def _value(raw: str) -> str:
    """Quotes and escapes taken away, comments cut off."""
    out: list[str] = []
    quoted = False
    i = 0
    while i < len(raw):
        char = raw[i]
        if char == "\\" and i + 1 < len(raw):
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
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError:
        return None
    with open(descriptor, encoding="utf-8", errors="surrogateescape") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        text = file.read(_LIMIT + 1)
    return text if len(text) <= _LIMIT else "[too large"
