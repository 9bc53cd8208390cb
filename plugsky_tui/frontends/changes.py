"""What this thread has changed, file by file: the first state before, the last state after."""

from __future__ import annotations

from collections.abc import Iterable

from plugsky_tui.kernel.display import DiffBlock, Display


class Changes:
    """Collects the diffs of tool results, in the order the files were first touched."""

    def __init__(self) -> None:
        self._files: dict[str, DiffBlock] = {}

    def note(self, blocks: Iterable[Display]) -> None:
        for block in blocks:
            if not isinstance(block, DiffBlock):
                continue
            first = self._files.get(block.path, block)
            self._files[block.path] = DiffBlock(block.path, first.before, block.after)

    def clear(self) -> None:
        self._files.clear()

    def files(self) -> list[DiffBlock]:
        """One diff per file that is not as it was."""
        return [block for block in self._files.values() if block.before != block.after]
