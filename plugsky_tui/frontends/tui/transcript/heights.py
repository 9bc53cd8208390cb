"""Sums of heights that may change: where a unit begins, and what stands at a line, in logarithmic time."""

from __future__ import annotations

from collections.abc import Iterable


class Heights:
    """Heights by number. A Fenwick tree (P. M. Fenwick, 1994) that also grows and shrinks at its end."""

    __slots__ = ("_heights", "_tree")

    def __init__(self) -> None:
        self._heights: list[int] = []
        self._tree: list[int] = [0]

    def __len__(self) -> int:
        return len(self._heights)

    def __getitem__(self, number: int) -> int:
        return self._heights[number]

    def append(self, height: int) -> None:
        self._heights.append(height)
        node = len(self._heights)
        total, step = height, 1
        while step < node & -node:
            total += self._tree[node - step]
            step <<= 1
        self._tree.append(total)

    def extend(self, heights: Iterable[int]) -> None:
        for height in heights:
            self.append(height)

    def truncate(self, count: int) -> None:
        """Keep the first `count`."""
        del self._heights[count:]
        del self._tree[count + 1 :]

    def set(self, number: int, height: int) -> None:
        change = height - self._heights[number]
        if not change:
            return
        self._heights[number] = height
        node = number + 1
        while node < len(self._tree):
            self._tree[node] += change
            node += node & -node

    def before(self, number: int) -> int:
        """The sum of the first `number` heights."""
        total = 0
        while number:
            total += self._tree[number]
            number -= number & -number
        return total

    @property
    def total(self) -> int:
        return self.before(len(self._heights))

    def find(self, place: int) -> tuple[int, int]:
        """The number of what stands at `place` (from 0), and how far into it that is. Behind the end: the last."""
        node, left = 0, max(place, 0)
        step = 1 << len(self._heights).bit_length()
        while step:
            following = node + step
            if following < len(self._tree) and self._tree[following] <= left:
                node = following
                left -= self._tree[following]
            step >>= 1
        if node >= len(self._heights):
            last = len(self._heights) - 1
            return max(last, 0), max(self._heights[last] - 1, 0) if last >= 0 else 0
        return node, left
