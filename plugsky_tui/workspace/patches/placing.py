"""Finding where the hunks of a patch belong in a file, by their lines alone, and putting them in.

The ladder is that of edits, line by line: exact (whatever the line ends), space at line ends, indentation by one rule,
typographic punctuation. A hunk must fit in one place only; what may narrow the choice: the block of its `@@` anchor,
the order of the hunks, and where several places fit, the heading and the line number of a unified diff if they agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from plugsky_tui.workspace.edits.elision import new_placeholder
from plugsky_tui.workspace.edits.indents import shifted
from plugsky_tui.workspace.edits.places import named
from plugsky_tui.workspace.edits.rungs import LADDER
from plugsky_tui.workspace.edits.views import plain
from plugsky_tui.workspace.patches.blocks import find_anchor, within
from plugsky_tui.workspace.patches.choosing import Fit, choose
from plugsky_tui.workspace.patches.filelines import FileLines
from plugsky_tui.workspace.patches.splicing import splice
from plugsky_tui.workspace.patches.steps import Hunk, PatchError

_, _, _BY_BLANKS, _BY_INDENTATION, _BY_PUNCTUATION, _BY_BOTH = (relaxed for relaxed, _ in LADDER)
_MOST_FITS = 500


@dataclass(slots=True)
class Patched:
    """`text` after all hunks, what was `replaced` by what, and how hunks were found that do not fit exactly."""

    text: str
    replaced: list[tuple[str, str]]
    notes: list[str]


def apply_hunks(text: str, hunks: Sequence[Hunk], shown: str) -> Patched:
    """`text` with all `hunks` put in; `shown` names the file. PatchError says which hunk does not fit, and why."""
    hunks = [hunk for hunk in hunks if hunk.lines]
    lines = FileLines.of(text)
    told = [_Told(hunk, at, len(hunks), shown) for at, hunk in enumerate(hunks, 1)]
    fits = [_fits(lines, text, each) for each in told]
    chosen = choose(fits, [hunk.start for hunk in hunks], [_under(lines, hunk) for hunk in hunks])
    if isinstance(chosen, int):
        raise _undecided(told[chosen], fits[chosen])
    notes = [f"{told[at].name} {each.how}." for at, each in enumerate(chosen) if each.how]
    return Patched(*splice(text, lines, list(zip(hunks, chosen, strict=True))), notes)


@dataclass(slots=True)
class _Told:
    """A hunk, and how errors name it."""

    hunk: Hunk
    number: int
    count: int
    shown: str

    @property
    def name(self) -> str:
        which = f"Hunk {self.number} of {self.count}" if self.count > 1 else "The hunk"
        return f"{which} for {self.shown}"

    def error(self, what: str, hint: str) -> PatchError:
        return PatchError(f"{self.name} (line {self.hunk.line} of the patch) {what}", hint=hint)


def _fits(lines: FileLines, text: str, told: _Told) -> list[Fit]:
    """All places for a hunk, by the strictest rung that has any. PatchError where there is none."""
    hunk = told.hunk
    left_out = new_placeholder("\n".join(hunk.added), text)
    if left_out is not None:
        raise told.error(
            f"leaves code out: its line {left_out!r} would be written as it is.",
            "Write out all that is to stand there.",
        )
    blocks = within(lines.texts, hunk.anchors)
    if hunk.anchors and not blocks:
        raise _no_anchor(lines, told)
    if not hunk.old:
        return _additions(lines, told, blocks)
    elsewhere: list[Fit] = []
    first, _ = hunk.changed
    for how, find in _rungs(lines.texts, hunk):
        found = [Fit(at, hunk.changed, adapt, how) for at, adapt in find]
        if hunk.at_end:
            found = [fit for fit in found if fit.at + len(hunk.old) == len(lines.texts)] or found
        inside = [fit for fit in found if any(begin <= fit.at + first <= end for begin, end in blocks)]
        if inside:
            return inside[:_MOST_FITS]
        elsewhere = elsewhere or found
    if elsewhere:
        begin, end = blocks[0]
        raise told.error(
            f"does not fit: its lines stand at line {elsewhere[0].at + 1}, but the block of @@ "
            f"{hunk.anchors[-1].strip()} is lines {begin + 1} to {end}.",
            "Anchor it by a line of the block it is in, or leave the anchor out and quote more lines.",
        )
    raise _misfit(lines, text, told)


def _rungs(texts: list[str], hunk: Hunk) -> Iterator[tuple[str, Iterator[tuple[int, Callable[[str], str]]]]]:
    old, added = hunk.old, hunk.added
    yield "", _same(texts, old, str)
    yield f"was found {_BY_BLANKS}", _same(texts, old, _unblanked)
    yield f"was found {_BY_INDENTATION}", shifted(texts, old, added)
    yield f"was found {_BY_PUNCTUATION}", _same(texts, old, lambda line: plain(_unblanked(line)))
    yield f"was found {_BY_BOTH}", shifted(texts, old, added, plain)


def _same(texts: list[str], old: list[str], look: Callable[[str], str]) -> Iterator[tuple[int, Callable[[str], str]]]:
    seen = texts if look is str else [look(line) for line in texts]
    wanted = [look(line) for line in old]
    for at in range(len(seen) - len(wanted) + 1):
        if seen[at] == wanted[0] and seen[at : at + len(wanted)] == wanted:
            yield at, str


def _unblanked(line: str) -> str:
    return line.rstrip(" \t")


def _additions(lines: FileLines, told: _Told, blocks: list[tuple[int, int]]) -> list[Fit]:
    """Where a hunk goes that only adds: behind its anchor, or at the end of the file."""
    hunk = told.hunk
    if hunk.anchors and not hunk.at_end:
        return [Fit(at + 1, (0, 0), str, f"was put behind the line {hunk.anchors[-1].strip()!r}") for at, _ in blocks]
    if hunk.start is not None and lines.texts and not hunk.at_end:
        raise told.error(
            "has no line that stays or goes: line numbers alone do not tell where it belongs.",
            "Quote a few lines above and below the change, each with a blank in front.",
        )
    how = "" if hunk.at_end or not lines.texts else "has no lines of the file and was put at its end"
    return [Fit(len(lines.texts), (0, 0), str, how)]


def _under(lines: FileLines, hunk: Hunk) -> list[tuple[int, int]]:
    """The blocks under the heading of a unified diff (git cuts headings off: the start of a line will do)."""
    if not hunk.heading:
        return []
    return within(lines.texts, [hunk.heading])


# --- what is said ------------------------------------------------------------------------------


def _no_anchor(lines: FileLines, told: _Told) -> PatchError:
    from plugsky_tui.workspace.edits.nearest import nearest_block  # difflib, only on the way to an error

    anchors = told.hunk.anchors
    missing = next((each for each in anchors if not find_anchor(lines.texts, each)), None)
    if missing is None:
        return told.error(
            f"does not fit: no block of @@ {anchors[-1].strip()} lies in that of @@ {anchors[-2].strip()}.",
            "Give the anchors from the outermost to the innermost, as they are nested in the file.",
        )
    missing = missing.strip()
    near = nearest_block(lines.texts, [missing], "the patch")
    return told.error(
        f"does not fit: its anchor @@ {missing} is not in the file.{' ' if near else ''}{near}",
        "Copy a line of the file after @@, or leave the anchor out and quote enough lines.",
    )


def _misfit(lines: FileLines, text: str, told: _Told) -> PatchError:
    from plugsky_tui.workspace.edits.causes import hints
    from plugsky_tui.workspace.edits.nearest import nearest_block

    old, new = "\n".join(told.hunk.old), "\n".join(told.hunk.new)
    near = nearest_block(lines.texts, told.hunk.old, "the patch") or "Nothing in it resembles them."
    causes = " ".join(each.replace("old_string", "the hunk") for each in hints(text, old, new))
    return told.error(
        f"does not fit: its kept and removed lines are not in the file as they are written. {near}",
        f"Quote the lines exactly as they are in the file now. {causes}".strip().replace("new_string", "what it makes"),
    )


def _undecided(told: _Told, fits: list[Fit]) -> PatchError:
    if len(fits) == 1:
        return told.error(
            f"does not fit: it changes the same lines as another one, at line {fits[0].at + 1}.",
            "Make one hunk of the two.",
        )
    how = f" ({fits[0].how})" if fits[0].how else ""
    return told.error(
        f"fits in {named([fit.at + 1 for fit in fits])}{how}: it is not clear which one is meant.",
        "Quote more lines around the change, or name the block it lies in: @@ and a line such as def name(): above it.",
    )
