"""Looking around: what is in the folder, where something is, what a file does. Changes nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator
from pathlib import PurePosixPath

from plugsky_tui.simulator.agent.outline import Entry, Outline, fence_of, outline
from plugsky_tui.simulator.agent.reading import (
    Hit,
    Source,
    Unreadable,
    listed_names,
    read_around,
    read_file,
    search_hits,
    unreadable_message,
)
from plugsky_tui.simulator.agent.steps import Ability, Act, Call, Results, ToolMissing, checked

MAX_HITS_SHOWN = 12
MAX_ENTRIES_SHOWN = 40

_META = re.compile(r"[\\.+*?()|\[\]{}^$]")
_WORD = re.compile(r"[A-Za-z_\u0621-\u064a][\w\u0621-\u064a]{2,}")
_STOP_WORDS = {
    "the", "and", "for", "are", "where", "which", "that", "this", "with", "does", "how", "file", "files", "code", "all", "any",
    "function", "class", "method", "definition", "place", "places", "comments", "comment", "its", "from", "into", "there", "has", "have",
}  # fmt: skip
_DEFINES = re.compile(
    r"^\s*(?:export\s+|pub\s+|async\s+|public\s+|static\s+|default\s+)*(?:def|class|function|func|fn|struct|enum|trait|type|interface|const|let|var)\s+"
)
_TESTS = re.compile(
    r"(?:^|/)(?:tests?|testing|spec|__tests__)(?:/|$)|(?:^|/)(?:test_[^/]*|conftest)\.py$|_test\.\w+$|\.(?:test|spec)\.\w+$"
)
_PROSE = re.compile(
    r"\.(?:md|rst|txt|lock|svg|json|html)$|(?:^|/)(?:CHANGELOG|CHANGES|HISTORY|NEWS)[^/]*$|(?:^|/)docs?/", re.IGNORECASE
)
_README = re.compile(r"^README(?:\.\w+)?$", re.IGNORECASE)


def escaped(text: str) -> str:
    """`text` as a regular expression that every engine reads alike."""
    return _META.sub(lambda found: "\\" + found[0], text)


def is_test(path: str) -> bool:
    return _TESTS.search(path) is not None


# --- what is in the folder ----------------------------------------------------------------------


def overview() -> Ability:
    [listing] = yield Act([Call("list", {"path": ".", "depth": 2})], "I look at the folder.")
    names = listed_names(checked(listing).output)
    summary = ""
    readme = next((name for name in names if _README.match(name)), None)
    if readme:
        try:
            summary = _lead((yield from read_file(readme)))
        except (Unreadable, ToolMissing):
            summary = ""
    parts = ["## What is here"]
    if summary:
        parts.append(f"`{readme}` says:\n\n> " + summary)
    kinds = Counter(fence_of(name) for name in names if PurePosixPath(name).suffix)
    kinds.pop("text", None)
    if kinds:
        parts.append("Mostly: " + ", ".join(f"{kind} ({count})" for kind, count in kinds.most_common(4)) + ".")
    lines = listing.output.rstrip().split("\n")
    shown = "\n".join(lines[:40]) + (f"\n… and {len(lines) - 40} more lines" if len(lines) > 40 else "")
    parts.append(f"```text\n{shown}\n```")
    parts.append("Ask me to `explain` one of these files, or to `run the tests`.")
    return "\n\n".join(parts)


def _lead(readme: Source) -> str:
    """The first paragraph of prose: no heading, badge, image, directive or list."""
    for paragraph in re.split(r"\n\s*\n", readme.text):
        stripped = " ".join(paragraph.split())
        if (
            len(stripped) > 30
            and re.match(r"[\w*`\"']", stripped)
            and not re.search(r"^\S*\s*(?:===|---|~~~)", stripped)
        ):
            return stripped[:400] + ("…" if len(stripped) > 400 else "")
    return ""


# --- where something is -------------------------------------------------------------------------


def find(what: str, *, exact: bool) -> Ability:
    if exact and re.fullmatch(r"[\w./-]*\.\w{1,5}", what) and not what.endswith(")"):
        paths = yield from _files_called(what)
        if paths:
            return _paths_answer(what, paths)
    words = [] if exact else [word for word in _WORD.findall(what) if word.lower() not in _STOP_WORDS][:5]
    hits = yield from _search(what if exact or not words else None, words)
    if not hits and not exact and len(words) > 1:
        hits = yield from _search(None, words)
    if not hits:
        return (
            f"Nothing here matches `{what}`.\n\nI search for the words as they are written: another spelling, or a "
            "part of the name, may find it."
        )
    ranked = sorted(hits, key=lambda hit: -_rank(hit, what, words))
    best = ranked[0]
    parts = [
        f"**`{best.path}:{best.line}`**" + (" defines it:" if _DEFINES.match(best.text) else " is the best match:")
    ]
    try:
        defines = _DEFINES.match(best.text) is not None
        source = yield from read_around(best.path, best.line, before=0 if defines else 4)
        lines = _block_at(source, best.line) if defines else source.lines
        parts.append(f"```{fence_of(best.path)}\n" + "\n".join(_dedented(lines)).strip("\n") + "\n```")
    except (Unreadable, ToolMissing):
        parts.append(f"```{fence_of(best.path)}\n{best.text}\n```")
    others = [hit for hit in ranked[1:] if (hit.path, hit.line) != (best.path, best.line)]
    if others:
        files = len({hit.path for hit in hits})
        parts.append(f"Further places ({len(others)}{' or more' if len(hits) >= 100 else ''}, in {files} files):")
        parts.append(
            "\n".join(f"- `{hit.path}:{hit.line}` — `{_clipped(hit.text)}`" for hit in others[:MAX_HITS_SHOWN])
        )
        if len(others) > MAX_HITS_SHOWN:
            parts.append(f"… and {len(others) - MAX_HITS_SHOWN} more.")
    return "\n\n".join(parts)


def _search(phrase: str | None, words: list[str]) -> Generator[Act, Results, list[Hit]]:
    if phrase is not None:
        [result] = yield Act([Call("grep", {"pattern": escaped(phrase)})], f"I search for `{phrase}`.")
        if hits := search_hits(checked(result).output):
            return hits
        pattern = escaped(phrase)
    else:
        pattern = "|".join(words)
    [result] = yield Act(
        [Call("grep", {"pattern": pattern, "ignore_case": True})],
        "" if phrase else f"I search for {', '.join(f'`{word}`' for word in words)}.",
    )
    return search_hits(checked(result).output)


def _rank(hit: Hit, what: str, words: list[str]) -> float:
    score = 0.0
    lowered = hit.text.lower()
    score += sum(3.0 for word in words if word.lower() in lowered)
    score += sum(1.0 for word in words if word.lower() in hit.path.lower())
    if _DEFINES.match(hit.text):
        named = re.search(rf"\b{re.escape(what)}\b\s*(?:[(:={{<]|$)", hit.text) is not None
        score += 8.0 if named or words else 2.0
    elif re.match(rf"\s*{re.escape(what)}\s*[:=]", hit.text):
        score += 5.0
    if is_test(hit.path):
        score -= 4.0
    if _PROSE.search(hit.path):
        score -= 3.0
    return score - len(hit.path) / 1000


def _files_called(name: str) -> Generator[Act, Results, list[str]]:
    try:
        [result] = yield Act([Call("glob", {"pattern": f"**/{PurePosixPath(name).name}"})], f"I look for `{name}`.")
    except ToolMissing:
        return []
    base = PurePosixPath(name).name
    paths = [path for path in listed_names(checked(result).output) if PurePosixPath(path).name == base]
    return sorted(paths, key=lambda path: (not path.endswith(name), is_test(path), len(path)))


def _paths_answer(what: str, paths: list[str]) -> str:
    if len(paths) == 1:
        return f"`{what}` is at **`{paths[0]}`**. Say `explain {paths[0]}` for its outline."
    return f"There are {len(paths)} files of that name:\n\n" + "\n".join(f"- `{path}`" for path in paths[:20])


# --- what a file does ---------------------------------------------------------------------------


def explain(what: str) -> Ability:
    looks_like_path = (
        "/" in what
        or re.search(r"\.\w{1,5}$", what) is not None
        or what in {"Makefile", "Dockerfile", "LICENSE", "README"}
    )
    if not looks_like_path:
        return (yield from _explain_name(what))
    try:
        source = yield from read_file(what, f"I read `{what}`.")
    except Unreadable as error:
        paths = yield from _files_called(what)
        if not paths:
            raise unreadable_message(error) from None
        try:
            source = yield from read_file(paths[0], f"It is at `{paths[0]}`.")
        except Unreadable as second:
            raise unreadable_message(second) from None
    return _described(source)


def _described(source: Source) -> str:
    found = outline(source.path, source.text)
    parts = [f"## `{source.path}`"]
    if found.about:
        parts.append(f"> {found.about}")
    lines = f"{len(source.lines)} lines" + ("" if source.complete else " (as far as I read)")
    parts.append(f"{lines} of {found.language}." + _counted(found))
    if found.imports:
        unique = list(dict.fromkeys(found.imports))
        more = f" and {len(unique) - 12} more" if len(unique) > 12 else ""
        parts.append("**Uses** " + ", ".join(f"`{name}`" for name in unique[:12]) + more + ".")
    if found.entries:
        parts.append("**Defines**\n\n" + "\n".join(_entry_lines(found.entries)))
    elif source.lines:
        excerpt = "\n".join(source.lines[:12])
        parts.append(f"It begins:\n\n```{fence_of(source.path)}\n{excerpt}\n```")
    parts.append("_This is its outline, read by rules: I do not understand what the code means._")
    return "\n\n".join(parts)


def _counted(found: Outline) -> str:
    counts = Counter(entry.kind for entry in found.entries)
    if not counts:
        return ""
    return " It has " + ", ".join(f"{count} {_plural(kind, count)}" for kind, count in counts.items()) + "."


def _plural(word: str, count: int) -> str:
    if count == 1:
        return word
    return word + ("es" if word.endswith("s") else "s")


def _entry_lines(entries: list[Entry]) -> list[str]:
    lines: list[str] = []
    for entry in entries:
        about = f" — {entry.about}" if entry.about else ""
        lines.append(f"- {entry.kind} `{entry.name}` (line {entry.line}){about}")
        lines += [f"  - `{member.name}`{f' — {member.about}' if member.about else ''}" for member in entry.members]
    if len(lines) > MAX_ENTRIES_SHOWN:
        lines = [*lines[:MAX_ENTRIES_SHOWN], f"- … and {len(lines) - MAX_ENTRIES_SHOWN} more"]
    return lines


def _explain_name(name: str) -> Ability:
    bare = name.removesuffix("()").rsplit(".", 1)[-1]
    pattern = rf"^\s*(?:export\s+|pub\s+|async\s+)*(?:def|class|function|func|fn|struct|enum|type|interface)\s+{escaped(bare)}\b"
    [result] = yield Act([Call("grep", {"pattern": pattern})], f"I look for the definition of `{name}`.")
    hits = search_hits(checked(result).output)
    if not hits:
        return (yield from find(name, exact=re.fullmatch(r"[\w.]+", name) is not None))
    hit = min(hits, key=lambda hit: (is_test(hit.path), len(hit.path)))
    try:
        source = yield from read_file(hit.path, f"It is in `{hit.path}`.")
    except Unreadable as error:
        raise unreadable_message(error) from None
    block = _block_at(source, hit.line)
    about = _documented(block)
    uses = sorted({word for word in re.findall(r"\b([A-Za-z_]\w+)\(", "\n".join(block[1:])) if word != bare})
    parts = [f"`{bare}` is defined at **`{hit.path}:{hit.line}`** ({len(block)} lines)."]
    if about:
        parts.append(f"> {about}")
    if uses:
        parts.append("It calls " + ", ".join(f"`{word}`" for word in uses[:12]) + ".")
    shown = _dedented(block[:40])
    parts.append(f"```{fence_of(hit.path)}\n" + "\n".join(shown) + ("\n…" if len(block) > 40 else "") + "\n```")
    return "\n\n".join(parts)


def _block_at(source: Source, line: int) -> list[str]:
    """The lines of the definition that begins at `line`: as far as they are indented deeper, or to its closing brace."""
    start = line - source.first
    lines = source.lines
    indent = len(lines[start]) - len(lines[start].lstrip())
    end, opened = start + 1, lines[start].rstrip().endswith((":", "{"))
    while end < len(lines):
        stripped = lines[end].strip()
        deep = len(lines[end]) - len(lines[end].lstrip())
        if stripped and deep <= indent:
            if opened and not stripped.startswith(("}", ")")):
                break
            opened = opened or stripped.endswith((":", "{"))
            if stripped.startswith("}"):
                end += 1
                break
        end += 1
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    return lines[start:end]


def _documented(block: list[str]) -> str:
    found = re.search(r'(?:"""|\'\'\')\s*(.+?)\s*(?:\n|"""|\'\'\')', "\n".join(block[1:12]))
    return found[1] if found else ""


def _dedented(lines: list[str]) -> list[str]:
    deep = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return [line[deep:] for line in lines]


def _clipped(text: str) -> str:
    text = text.strip().replace("`", "'")
    return text if len(text) <= 90 else text[:87] + "…"
