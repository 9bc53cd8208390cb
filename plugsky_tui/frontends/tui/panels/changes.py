"""`/diff`: every file this thread has changed, and the diff of the one that is marked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Mount, Resize

from plugsky_tui.frontends.text import clean
from plugsky_tui.frontends.tui.keys import Keys, bindings
from plugsky_tui.frontends.tui.layers.picker import Pick, Picker
from plugsky_tui.frontends.tui.layers.reader import ReaderLayer
from plugsky_tui.frontends.tui.widgets.blocks import BlocksView, Part, diff_parts
from plugsky_tui.kernel.display import DiffBlock
from plugsky_tui.workspace.linecount import added_and_removed

if TYPE_CHECKING:
    from plugsky_tui.frontends.tui.layers.base import Layers

_WIDE = 100  # cells: from here on the diff stands beside the list
_LIST = 38  # cells of the list then
_KEPT = 64  # diffs that are remembered: comparing a file takes time
Copy = Callable[[str], None]


class ChangesPanel:
    """`show` is the list and what is opened from it; `copy` takes a path to the clipboard."""

    def __init__(self, files: Sequence[DiffBlock], layers: Layers, keys: Keys, copy: Copy) -> None:
        self.files = list(files)
        self.keys = keys
        self.copy = copy
        self._layers = layers
        self._parts: dict[int, list[Part]] = {}

    async def show(self) -> None:
        """Until the user closes the list."""
        counts = await asyncio.to_thread(lambda: [added_and_removed(block.before, block.after) for block in self.files])
        marked: int | None = 0
        if len(self.files) == 1:
            await self._layers.ask(DiffReader(self, 0, await self.parts(0)))
            return
        while True:
            marked = await self._layers.ask(ChangesList(self, counts, marked or 0))
            if marked is None:
                return
            reader = DiffReader(self, marked, await self.parts(marked))
            await self._layers.ask(reader)
            marked = reader.number

    async def parts(self, number: int) -> list[Part]:
        """The diff of file `number`, compared when it is first asked for."""
        if number not in self._parts:
            made = await asyncio.to_thread(diff_parts, self.files[number])
            if len(self._parts) >= _KEPT:
                self._parts.clear()
            self._parts[number] = made
        return self._parts[number]

    def hint(self, *parts: str) -> str:
        copy = self.keys.of("changes.copy")
        return " · ".join([*parts, *([f"{copy} copies the path"] if copy else []), "Esc"])


class ChangesList(Picker[int]):
    """The files, the diff of the marked one beside them where there is room. Ends with the number of a file."""

    BINDINGS = bindings("changes")
    DEFAULT_CSS = """
    ChangesList > Horizontal { height: auto; }
    ChangesList > Horizontal > Vertical { height: auto; width: 1fr; }
    ChangesList > Horizontal > BlocksView { width: 1fr; height: auto; display: none; margin-left: 1; }
    ChangesList.-wide > Horizontal > BlocksView { display: block; }
    ChangesList OptionList {
        height: auto; border: none; padding: 0; background: $background; margin-top: 1; scrollbar-size-vertical: 1;
        &:focus { border: none; }
        & > .option-list--option-highlighted { background: $block-cursor-background; color: $block-cursor-foreground; }
    }
    ChangesList .about, ChangesList .note { display: none; }
    """

    def __init__(self, panel: ChangesPanel, counts: Sequence[tuple[int, int]], marked: int) -> None:
        super().__init__(
            f"Changes of this thread · {len(panel.files)} files",
            [Pick(number, *_titles(block, counts[number])) for number, block in enumerate(panel.files)],
            preview=self._look_at,
            marked=marked,
            most_rows=1000,
            keys=panel.hint("↑↓", "PgUp PgDn", "Enter opens"),
        )
        self._panel = panel
        self._diff = BlocksView([("faint", "…")])
        self._seen: int | None = None
        self._looking: asyncio.Task[None] | None = None

    def compose(self) -> ComposeResult:
        with Horizontal():
            with Vertical():
                yield from super().compose()
            yield self._diff

    def on_resize(self, event: Resize) -> None:
        width, height = self.app.size
        self.set_class(width >= _WIDE, "-wide")
        self._list.parent.styles.width = _LIST if width >= _WIDE else "1fr"  # type: ignore[union-attr]  # it has one
        self._diff.styles.height = max(height - 7, 3)

    @property
    def room(self) -> int:
        return _LIST if self.has_class("-wide") else super().room

    def on_unmount(self) -> None:
        if self._looking is not None:
            self._looking.cancel()

    def scroll_page(self, direction: int) -> bool:
        return self._diff.page(direction) if self.has_class("-wide") else super().scroll_page(direction)

    def action_file(self, step: int) -> None:
        if step > 0:
            self._list.action_cursor_down()
        else:
            self._list.action_cursor_up()

    def action_copy_path(self) -> None:
        if (pick := self.marked) is not None:
            self._panel.copy(self._panel.files[pick.value].path)

    def _look_at(self, number: int) -> None:
        if number == self._seen:
            return
        self._seen = number
        if self._looking is not None:
            self._looking.cancel()
        self._looking = asyncio.create_task(self._show_diff(number))

    async def _show_diff(self, number: int) -> None:
        parts = await self._panel.parts(number)
        self._diff.set_parts(parts)
        self._diff.scroll_home(animate=False)


class DiffReader(ReaderLayer):
    """The diff of one file; keys go on to the next. `number` is the one that is shown."""

    BINDINGS = bindings("changes")

    def __init__(self, panel: ChangesPanel, number: int, parts: Sequence[Part]) -> None:
        super().__init__(_title(panel, number), parts)
        self.number = number
        self._panel = panel
        self._turning: asyncio.Task[None] | None = None

    def on_mount(self, event: Mount) -> None:
        self.call_after_refresh(self._entitle)

    def on_unmount(self) -> None:
        if self._turning is not None:
            self._turning.cancel()

    def action_file(self, step: int) -> None:
        number = self.number + step
        if 0 <= number < len(self._panel.files):
            self.number = number
            if self._turning is not None:
                self._turning.cancel()
            self._turning = asyncio.create_task(self._turn_to(number))

    def action_copy_path(self) -> None:
        self._panel.copy(self._panel.files[self.number].path)

    async def _turn_to(self, number: int) -> None:
        self._entitle()
        parts = await self._panel.parts(number)
        self._view.set_parts(parts)
        self._view.scroll_home(animate=False)

    def _entitle(self) -> None:
        keys, several = self._panel.keys, len(self._panel.files) > 1
        turn = f"{keys.of('changes.previous')}{keys.of('changes.next')} files"
        self.border_title = Content(_title(self._panel, self.number))
        self.border_subtitle = Content(self._panel.hint("↑↓ PgUp PgDn", *([turn] if several else [])))


def _title(panel: ChangesPanel, number: int) -> str:
    count = len(panel.files)
    return "Changes of this thread · 1 file" if count == 1 else f"Changes of this thread · file {number + 1} of {count}"


def _titles(block: DiffBlock, counts: tuple[int, int]) -> tuple[str, str]:
    """Its name and what became of it, then its folder."""
    added, removed = counts
    folder, _, name = clean(block.path).rpartition("/")
    what = "new" if block.before is None else "deleted" if block.after is None else ""
    numbers = " ".join(text for text in (f"+{added}", f"-{removed}", what) if text not in ("+0", "-0", ""))
    return name, " ".join(part for part in (numbers, folder) if part)
