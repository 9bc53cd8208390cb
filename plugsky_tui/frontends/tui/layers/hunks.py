"""The hunks of a change that is to be approved: each can be left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual.events import Click, Key, Resize
from textual.message import Message

from plugsky_tui.frontends.diffing import Diff, hunk_diffs
from plugsky_tui.frontends.tui.layers.choices import Choices
from plugsky_tui.frontends.tui.transcript.diff_view import DiffView
from plugsky_tui.frontends.tui.transcript.palette import Palette
from plugsky_tui.frontends.tui.transcript.rows import Row
from plugsky_tui.frontends.tui.widgets.blocks import BlocksView, Part, parts_of, sides
from plugsky_tui.kernel.display import DiffBlock
from plugsky_tui.kernel.ports import Hunk, Prepared


@dataclass(slots=True, eq=False)
class HunkView(DiffView):
    """A hunk, or the first row of it where the parts that follow show it: `number` from 0, `head` says where it is."""

    number: int = 0
    head: str = ""


def hunk_parts(prepared: Prepared) -> list[Part]:
    """All that is shown of a change, hunk by hunk; nothing where it is only one. For a thread: comparing takes time."""
    hunks = prepared.parts.hunks() if prepared.parts is not None else ()
    if len(hunks) < 2:
        return []
    parts: list[Part] = []
    for place, block in enumerate(prepared.preview):
        of_block = [(number, hunk) for number, hunk in enumerate(hunks) if hunk.block == place]
        head, *body = parts_of([block])
        parts += [("text", "")] if parts else []
        if isinstance(block, DiffBlock) and all(hunk.changes for _, hunk in of_block):
            parts += [head, *_views(block, of_block)]
            continue
        for number, _ in of_block:  # one: it comes, goes or moves as a whole
            view = next((part for part in body if isinstance(part, DiffView)), DiffView("", Diff()))
            rest = [part for part in body if not isinstance(part, DiffView)]
            parts += [head, HunkView(view.path, view.diff, number, "all of it"), *rest]
    return parts


def _views(block: DiffBlock, hunks: Sequence[tuple[int, Hunk]]) -> list[Part]:
    path, before, after = sides(block)
    diffs = hunk_diffs(before, after, [hunk.changes for _, hunk in hunks])
    views: list[Part] = []
    for (number, hunk), diff in zip(hunks, diffs, strict=True):
        diff.lines = diff.lines[1:] if diff.lines and diff.lines[0].kind == "skip" else diff.lines
        counts = " ".join(text for text in (f"+{diff.added}", f"-{diff.removed}") if text not in ("+0", "-0"))
        views.append(HunkView(path, diff, number, f"line {hunk.changes[0][0] + 1}  {counts}"))
    return views


class HunkChoices(Choices):
    """The answers, while ↑↓ walk through hunks, Space leaves one out or takes it in, and so does its number."""

    class Walked(Message):
        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    class Switched(Message):
        """`number` from 0; None: the marked one."""

        def __init__(self, number: int | None) -> None:
            super().__init__()
            self.number = number

    async def on_key(self, event: Key) -> None:
        message: Message | None = None
        if event.key in ("up", "down"):
            message = self.Walked(-1 if event.key == "up" else 1)
        elif event.key == "space":
            message = self.Switched(None)
        elif (event.character or "").isdecimal() and event.character != "0":
            message = self.Switched(int(event.character or "1") - 1)
        if message is not None and self._ready():
            event.stop()
            event.prevent_default()
            self.post_message(message)


class HunksView(BlocksView):
    """Shows `hunk_parts`. `chosen` are the numbers of those that are to be made, `marked` is the one keys speak of."""

    def __init__(self, parts: Sequence[Part], *, switched: Callable[[], None], ready: Callable[[], bool]) -> None:
        """`switched` is called whenever `chosen` has changed, clicks count while `ready`."""
        super().__init__(parts)
        self.count = sum(isinstance(part, HunkView) for part in parts)
        self.chosen = set(range(self.count))
        self.marked = 0
        self._switched = switched
        self._clicks_count = ready
        self._heads: list[int] = []  # the row of each hunk's head
        self._bodies: dict[tuple[int, bool], list[Row]] = {}
        self._bodies_for: object = None

    def walk(self, step: int) -> None:
        self.mark(max(0, min(self.marked + step, self.count - 1)))

    def mark(self, number: int) -> None:
        """To hunk `number`, and as much of it in sight as fits."""
        self.marked = number
        self._again()
        self._come_into_sight()
        self.call_after_refresh(self._come_into_sight)  # where nothing was laid out yet

    def on_resize(self, event: Resize) -> None:
        """Also of a dialog that is still finding its size: keys may have come before."""
        super().on_resize(event)
        if self.marked:
            self.call_after_refresh(self._come_into_sight)

    def _come_into_sight(self) -> None:
        number = self.marked
        if len(self._heads) <= number:
            return
        first = self._heads[number]
        end = self._heads[number + 1] if number + 1 < self.count else len(self._rows)
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if number == 0:
            self.scroll_to(y=0, animate=False)  # with the name of the file
        elif first < top or end - first >= height:
            self.scroll_to(y=first, animate=False)
        elif end > top + height:
            self.scroll_to(y=end - height, animate=False)

    def switch(self, number: int | None) -> None:
        """Leave the hunk out, or take it in again; None: the marked one."""
        number = self.marked if number is None else number
        if number < self.count:
            self.chosen ^= {number}
            self.mark(number)
            self._switched()

    async def on_click(self, event: Click) -> None:
        row = event.y + self.scroll_offset.y
        number = max((place for place, head in enumerate(self._heads) if head <= row), default=None)
        if number is None or not self._clicks_count():
            return
        event.stop()
        if row == self._heads[number]:
            self.switch(number)
        else:
            self.mark(number)

    def _again(self) -> None:
        self._laid_out = None
        self.refresh()

    def _lay_out(self, width: int) -> list[Row]:
        if width > 0 and self._laid_out != (width, self.app.theme):
            self._heads = []
            looks = (width, self.app.theme, self._colours)
            if looks != self._bodies_for:
                self._bodies_for = looks
                self._bodies.clear()
        return super()._lay_out(width)

    def _rows_of(self, part: Part, width: int, palette: Palette) -> list[Row]:
        if not isinstance(part, HunkView):
            return super()._rows_of(part, width, palette)
        self._heads.append(len(self._rows))
        key = part.number, part.number in self.chosen
        body = self._bodies.get(key)
        if body is None:
            body = super()._rows_of(part, width, palette)
            if part.number not in self.chosen:
                body = [Row([Segment(segment.text, palette.dim) for segment in row.segments]) for row in body]
            self._bodies[key] = body
        return [self._head(part, width, palette), *body]

    def _head(self, part: HunkView, width: int, palette: Palette) -> Row:
        is_in, is_marked = part.number in self.chosen, part.number == self.marked
        style = palette.heading if is_marked else palette.base if is_in else palette.dim
        text = f"{'❯' if is_marked else ' '} {'☑' if is_in else '☐'} {part.number + 1}  {part.head}"
        text += "" if is_in else "  left out"
        return Row([Segment(text[:width], style)])
