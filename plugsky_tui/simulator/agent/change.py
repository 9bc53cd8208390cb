"""Changes that were stated in so many words: rename, replace, create. Nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Generator
from dataclasses import dataclass

from plugsky_tui.simulator.agent.edits import diff_block, edit_call, refused_edit, unique_edit
from plugsky_tui.simulator.agent.look import escaped
from plugsky_tui.simulator.agent.reading import (
    Source,
    Unreadable,
    failed_edit,
    read_file,
    search_hits,
    unreadable_message,
)
from plugsky_tui.simulator.agent.steps import Ability, Act, Blocked, Call, Results, ToolMissing, checked

MAX_FILES = 30


def rename(old: str, new: str, path: str | None) -> Ability:
    """Every whole-word `old` becomes `new`, in one file or in all that have it."""
    word = re.compile(rf"(?<!\w){re.escape(old)}(?!\w)")
    return (yield from _change(old, new, path, word, f"rename `{old}` to `{new}`"))


def replace(old: str, new: str, path: str | None) -> Ability:
    """Every `old`, word for word, becomes `new`."""
    return (yield from _change(old, new, path, re.compile(re.escape(old)), f"replace `{old}` with `{new}`"))


def create(path: str, content: str) -> Ability:
    """A new file. One that is there already is left alone."""
    try:
        there = yield from read_file(path, f"I see whether `{path}` is there already.")
    except Unreadable:
        there = None
    if there is not None:
        return (
            f"`{path}` is there already ({len(there.lines)} lines), so I left it alone. "
            "Give another name, or ask me to `replace` a text in it."
        )
    [result] = yield Act([Call("write", {"file_path": path, "content": content})], f"I write `{path}`.")
    if problem := failed_edit(checked(result)):
        return f"`{path}` could not be written: {problem}"
    count = content.count("\n")
    return f"I created **`{path}`** ({count} line{'' if count == 1 else 's'})."


def _change(old: str, new: str, path: str | None, pattern: re.Pattern[str], stated: str) -> Ability:
    if old == new:
        return f"There is nothing to do: both texts are `{old}`."
    paths = [path] if path else (yield from _files_with(old, stated))
    if not paths:
        return f"`{old}` stands nowhere in this folder, so there is nothing to change."
    done: list[tuple[str, int]] = []
    shown: list[str] = []
    problems: list[str] = []
    for target in paths[:MAX_FILES]:
        try:
            source = yield from read_file(target, f"I read `{target}` to {stated}." if path else "")
        except Unreadable as error:
            if path:
                raise unreadable_message(error) from None
            problems.append(f"`{target}` could not be read")
            continue
        count = len(pattern.findall(source.text))
        if not count:
            if path:
                return f"`{old}` does not stand in `{target}`, so I changed nothing."
            continue
        changes = _changes(source, old, new, pattern)
        try:
            results = yield Act([_all_at_once(target, changes)], _announced(target, count, old, new))
        except ToolMissing:  # only its simpler sister, then
            results, changes = [], _by_line(source, new, pattern) or changes
            for change in changes:
                results += yield Act([change.call(target)], _announced(target, count, old, new) if not results else "")
                if results[-1].refused:
                    break
        refused = next((result for result in results if result.refused), None)
        if refused is not None:
            return refused_edit(refused, target, [change.diff(target) for change in changes])
        failed = [problem for result in results if (problem := failed_edit(checked(result)))]
        problems += [f"`{target}`: {problem}" for problem in failed]
        if failed:
            continue
        shown += [change.diff(target) for change in changes]
        done.append((target, count))
    return _summary(stated, done, shown, problems, left_out=max(0, len(paths) - MAX_FILES))


def _announced(path: str, count: int, old: str, new: str) -> str:
    places = "one place" if count == 1 else f"{count} places"
    return f"In `{path}`, {places}: `{old}` becomes `{new}`."


def _files_with(old: str, stated: str) -> Generator[Act, Results, list[str]]:
    [result] = yield Act([Call("grep", {"pattern": escaped(old)})], f"I look for the places to {stated}.")
    hits = search_hits(checked(result).output)
    return list(dict.fromkeys(hit.path for hit in hits))


@dataclass(slots=True)
class _Change:
    """One replacement, as the edit tools take it."""

    old: str
    new: str
    everywhere: bool = False

    def call(self, path: str) -> Call:
        return edit_call(path, self.old, self.new, everywhere=self.everywhere)

    def diff(self, path: str) -> str:
        return diff_block(path, self.old, self.new)


def _changes(source: Source, old: str, new: str, pattern: re.Pattern[str]) -> list[_Change]:
    """One change where every occurrence is meant; else one for each line that has some that are."""
    if not source.complete:
        raise Blocked(f"`{source.path}` is too long for me to change safely: I did not see all of it.")
    if len(pattern.findall(source.text)) == source.text.count(old):
        return [_Change(old, new, everywhere=source.text.count(old) > 1)]
    return _by_line(source, new, pattern)


def _by_line(source: Source, new: str, pattern: re.Pattern[str]) -> list[_Change]:
    """One change for each line with something to replace, each as it finds the file after those before it."""
    changes: list[_Change] = []
    lines = list(source.lines)
    for place, line in enumerate(lines):
        fresh = pattern.sub(lambda _: new, line)
        if fresh != line:
            changes.append(_Change(*unique_edit(lines, place, place, [fresh])))
            lines[place] = fresh
    return changes


def _all_at_once(path: str, changes: list[_Change]) -> Call:
    if len(changes) == 1:
        return changes[0].call(path)
    edits = [{"old_string": change.old, "new_string": change.new} for change in changes]
    return Call("multi_edit", {"file_path": path, "edits": edits})


def _summary(stated: str, done: list[tuple[str, int]], shown: list[str], problems: list[str], *, left_out: int) -> str:
    if not done and not problems:
        return f"There was nothing to {stated}: the places I found are parts of other words."
    total = sum(count for _, count in done)
    parts = [
        f"Done: {stated}, {total} place{'' if total == 1 else 's'} in {len(done)} file{'' if len(done) == 1 else 's'}."
    ]
    if len(done) > 1:
        parts.append("\n".join(f"- `{path}` ({count})" for path, count in done))
    parts += shown[:3]
    if len(shown) > 3:
        parts.append(f"… and {len(shown) - 3} more edits like these.")
    if problems:
        parts.append("**Not done:**\n\n" + "\n".join(f"- {problem}" for problem in problems))
    if left_out:
        parts.append(f"{left_out} more files have it; ask again for those.")
    return "\n\n".join(parts)
