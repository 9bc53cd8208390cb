"""What is told of changed files: to people a diff of each, to the model what was done and how the lines read now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plugsky_tui.kernel.display import DiffBlock, Display, TextBlock
from plugsky_tui.kernel.ports import FileChange, ToolResult
from plugsky_tui.tooling.drafts import Draft
from plugsky_tui.workspace.files import size_text
from plugsky_tui.workspace.linecount import added_and_removed
from plugsky_tui.workspace.text import presentable, split_lines

_SNIPPET_LINES = 4  # around each change
_SNIPPET_LIMIT = 40


def blocks(drafts: Sequence[Draft]) -> list[Display]:
    """A diff for each file; of a moved one against what it was under its old name."""
    return [_block(draft) for draft in shown(drafts)]


def result(drafts: Sequence[Draft], notes: Mapping[str, str], *, reveals: bool) -> ToolResult:
    """The result of changes that were made; `notes` by real path. With `reveals` the model sees the lines as they are."""
    lines: list[str] = []
    for draft in shown(drafts):
        lines += [_done(draft), *draft.notes]
        lines += [note for note in (notes.get(draft.target.real, ""),) if note]
        before, after = _sides(draft)
        if reveals and before is not None and after is not None and before != after:
            lines.append(_snippet(before, after))
    changes = [FileChange(draft.target.shown, *added_and_removed(draft.before(), draft.after())) for draft in drafts]
    return ToolResult("\n".join(lines), display=blocks(drafts), changes=changes)


def shown(drafts: Sequence[Draft]) -> list[Draft]:
    """Without those that have only become the source of another."""
    moved = {id(draft.source) for draft in drafts if draft.source is not None}
    return [draft for draft in drafts if not (draft.data is None and id(draft) in moved)]


def _sides(draft: Draft) -> tuple[str | None, str | None]:
    before = draft.source.before() if draft.source is not None else draft.before()
    return before, draft.after()


def _moved(draft: Draft) -> str:
    if draft.source is None:
        return ""
    return "moved" if draft.source.data is None else "copied"


def _block(draft: Draft) -> Display:
    before, after = _sides(draft)
    people = draft.target.people
    if draft.source is not None:
        people = f"{people} ({_moved(draft)} from {draft.source.target.people})"
    data = draft.data if draft.data is not None else draft.found.data
    if draft.data is None and before is None:
        return TextBlock(f"Deletes {people}, which is no text: {size_text(len(data or b''))}.")
    if draft.source is not None and before == after:
        return TextBlock(f"{people}: {size_text(len(data or b''))}, unchanged.")
    return DiffBlock(people, _plain(before), _plain(after))


def _done(draft: Draft) -> str:
    before, after = _sides(draft)
    added, removed = added_and_removed(before, after)
    people = draft.target.people
    if draft.data is None:
        return f"Deleted {people}: -{removed} lines." if before is not None else f"Deleted {people}."
    if draft.source is not None:
        return f"{_moved(draft).capitalize()} {draft.source.target.people} to {people}: +{added} -{removed} lines."
    return f"{'Created' if draft.found.data is None else 'Changed'} {people}: +{added} -{removed} lines."


def deed(draft: Draft) -> str:
    """What becomes of the file as a whole, in a word or two."""
    if draft.source is not None:
        return f"{_moved(draft)} from {draft.source.target.people}"
    if draft.data is None:
        return "deleted"
    return "created" if draft.found.data is None else "changed"


def _snippet(before: str, after: str) -> str:
    """The changed region as it is now, with a few lines around it, numbered."""
    old, new = split_lines(before), split_lines(after)
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    first = max(0, head - _SNIPPET_LINES)
    last = min(len(new), len(new) - tail + _SNIPPET_LINES)
    numbered = [f"{at + 1:6}\t{presentable(new[at].rstrip())[:400]}" for at in range(first, last)]
    if len(numbered) > _SNIPPET_LIMIT:
        half = _SNIPPET_LIMIT // 2
        numbered[half:-half] = ["       …"]
    return "It now reads:\n" + "\n".join(numbered) if numbered else "The file is empty now."


def _plain(text: str | None) -> str | None:
    return None if text is None else presentable(text)
