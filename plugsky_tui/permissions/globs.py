"""gitignore-like globs of path rules, as regular expressions (gitignore(5), PATTERN FORMAT).

`*` and `?` stop at `/`, `**` does not. A pattern without a slash matches at any depth, one with a
slash from the workspace on; either covers what lies below what it names. `//etc/x` is a path from
the root of the disk, `~/x` one at home.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal


@dataclass(slots=True)
class Glob:
    """`base`: what `regex` is matched against. `loose`: it is a bare name, good at any depth.
    `spelled`: its last part begins with a letter of its own, so that it names something in particular."""

    text: str
    base: Literal["workspace", "disk", "home"]
    regex: str
    loose: bool
    spelled: bool

    def matches(self, path: str, *, ignore_case: bool = False) -> bool:
        """Whether it covers `path`: relative to its base, without a leading slash."""
        return _compiled(self.regex, ignore_case).fullmatch(path) is not None


@lru_cache(maxsize=1024)
def _compiled(regex: str, ignore_case: bool) -> re.Pattern[str]:
    return re.compile(regex, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def parse_glob(text: str) -> Glob:
    """ValueError says what is wrong with `text`."""
    if not text.strip():
        raise ValueError("the pattern is empty")
    if text.startswith("!"):
        raise ValueError("patterns cannot be negated: write a deny rule instead")
    if "\0" in text or "\n" in text:
        raise ValueError("the pattern holds a character no file name has")
    base: Literal["workspace", "disk", "home"] = "workspace"
    rest = text
    if text.startswith("//"):
        base, rest = "disk", text.lstrip("/")
    elif text == "~" or text.startswith("~/"):
        base, rest = "home", text[2:]
    rest = rest.removeprefix("./") if not rest.startswith(".//") else rest
    anchored = base != "workspace" or "/" in rest.rstrip("/")
    rest = rest.strip("/")
    if any(part == ".." for part in rest.split("/")):
        raise ValueError(
            '".." is not understood in a pattern: write the path from the root as //path, or from home as ~/path'
        )
    last = rest.rsplit("/", 1)[-1]
    regex = _regex(rest)
    if not anchored:
        regex = f"(?:.*/)?{regex}"
    # What lies below a folder that matches is covered too.
    return Glob(text, base, f"{regex}(?:/.*)?" if rest else ".*", not anchored, bool(last) and last[0] not in "*?[\\")


def _regex(pattern: str) -> str:
    out: list[str] = []
    parts = pattern.split("/")
    for place, part in enumerate(parts):
        final = place == len(parts) - 1
        if part == "**":
            out.append(".+" if final else "(?:[^/]+/)*")
            continue
        out.append(_part(part) + ("" if final else "/"))
    return "".join(out)


def _part(part: str) -> str:
    out: list[str] = []
    i = 0
    while i < len(part):
        char = part[i]
        i += 1
        if char == "*":
            while part[i : i + 1] == "*":
                i += 1
            out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "\\" and i < len(part):
            out.append(re.escape(part[i]))
            i += 1
        elif char == "[" and (close := _class_end(part, i)) > 0:
            inside = part[i:close]
            negated = inside[0] in "!^"
            inside = inside[1:] if negated else inside
            safe = (
                inside.replace("\\", "\\\\")
                .replace("[", "\\[")
                .replace("&", "\\&")
                .replace("~", "\\~")
                .replace("|", "\\|")
            )
            safe = "\\" + safe if safe[:1] in ("^", "]") else safe
            out.append(f"(?!/)[{'^' if negated else ''}{safe}]")
            i = close + 1
        else:
            out.append(re.escape(char))
    return "".join(out)


def _class_end(part: str, i: int) -> int:
    """The place of the `]` that closes the class whose content begins at `i`, -1 where there is none."""
    start = i + 1 if part[i : i + 1] in ("!", "^") else i
    close = part.find("]", start + 1)
    if close < 0:
        return -1
    try:
        re.compile(f"[{part[start:close].replace(chr(92), chr(92) * 2)}]")
    except re.error:  # a reversed range such as [z-a]
        return -1
    return close


def escape(path: str) -> str:
    """A pattern that matches just `path`."""
    return re.sub(r"([*?\[\\])", r"\\\1", path)
