"""Layers: panels at the bottom of the screen that ask for something and take the composer's place meanwhile.

The transcript above stays alive and can be scrolled. Layers stack; Esc closes the top one only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Generic, TypeVar

from textual.containers import Container
from textual.widget import Widget

T = TypeVar("T")


class Layer(Container, Generic[T]):
    """One panel. It ends with a value (`finish`) or, by default on Esc, without one.

    For `guard_s` seconds after it is on the screen no key and no click counts: they were meant for
    what was there before.
    """

    DEFAULT_CSS = """
    Layer {
        height: auto; padding: 0 1; margin: 0; background: $background;
        border: round $primary; border-title-color: $primary; border-title-style: bold;
        border-subtitle-color: $text-muted;
    }
    Layer Input {
        border: none; height: 1; padding: 0; background: $surface;
        &:focus { border: none; background-tint: transparent; }
    }
    """
    guard_s = 0.0

    def __init__(self) -> None:
        super().__init__()
        self._answer: asyncio.Future[T | None] | None = None
        self._ready_at = float("inf")
        self.clock: Callable[[], float] = monotonic

    def bind_answer(self, answer: asyncio.Future[T | None]) -> None:
        self._answer = answer

    def finish(self, value: T | None) -> None:
        """End the layer with `value`; a second call does nothing."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(value)

    def arm(self) -> None:
        """Start the guard: the layer is to be seen from now on."""
        self._ready_at = float("inf")
        self.call_after_refresh(self._start_guard)

    def _start_guard(self) -> None:
        self._ready_at = self.clock() + self.guard_s

    @property
    def ready(self) -> bool:
        """Whether keys and clicks count by now."""
        return not self.guard_s or self.clock() >= self._ready_at

    def escape(self) -> None:
        """Esc was pressed while this layer is on top."""
        if self.ready:
            self.finish(None)

    def scroll_page(self, direction: int) -> bool:
        """PgUp (-1) or PgDn (1): scroll what the layer shows; False leaves the key to the transcript."""
        return False

    def focus_target(self) -> Widget:
        """What takes the keys: the layer itself, where none of its parts does."""
        return self


class Layers(Container):
    """The stack. `changed` is called with True when the first layer opens and False when the last one closes."""

    DEFAULT_CSS = "Layers { height: auto; display: none; }"

    def __init__(self, *, changed: Callable[[bool], None], id: str | None = None) -> None:
        super().__init__(id=id)
        self._stack: list[Layer[object]] = []
        self._changed = changed

    @property
    def top(self) -> Layer[object] | None:
        return self._stack[-1] if self._stack else None

    async def ask(self, layer: Layer[T]) -> T | None:
        """Show `layer` on top until it ends; what it ended with. A cancellation takes it away."""
        answer: asyncio.Future[T | None] = asyncio.get_running_loop().create_future()
        layer.bind_answer(answer)
        self._stack.append(layer)  # type: ignore[arg-type]  # the stack only ever ends layers with None
        try:
            await self.mount(layer)
            self._settle()
            return await answer
        finally:
            self._stack.remove(layer)  # type: ignore[arg-type]
            layer.remove()
            self._settle()

    def _settle(self) -> None:
        for layer in self._stack:
            layer.display = layer is self.top
        self.display = bool(self._stack)
        self._changed(bool(self._stack))
        top = self.top
        if top is not None and top.is_mounted:
            # At once, not at the next message: no key may land where nobody looks any more.
            self.screen.set_focus(top.focus_target(), scroll_visible=False)
            top.arm()
