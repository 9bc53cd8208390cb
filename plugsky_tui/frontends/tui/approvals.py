"""What the gate and the ask_user tool ask of the user: one question on the screen at a time, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from plugsky_tui.permissions.ask import Approval
from plugsky_tui.tooling.context import SUBAGENT

if TYPE_CHECKING:
    from plugsky_tui.frontends.tui.layers.base import Layers
    from plugsky_tui.kernel.ports import Judgement, Prepared


class Approvals:
    """Both methods may be called side by side; a cancellation takes the question away again."""

    def __init__(self, *, layers: Layers, say: Callable[[str], None]) -> None:
        """`say` shows what is going on."""
        self._layers = layers
        self._say = say
        self._turn = asyncio.Lock()
        self._asking = 0

    async def approve(self, prepared: Prepared, judgement: Judgement) -> Approval:
        """The user's answer; closing the dialog is no."""
        from plugsky_tui.frontends.tui.layers.approval import ApprovalLayer, what_is_done  # at the first question
        from plugsky_tui.frontends.tui.layers.hunks import hunk_parts

        self._asking += 1
        try:
            hunks = await asyncio.to_thread(hunk_parts, prepared)
            done = [] if hunks else await asyncio.to_thread(what_is_done, prepared)
            async with self._turn:
                layer = ApprovalLayer(
                    prepared, judgement, done, hunks=hunks, waiting=self._asking - 1, asks=SUBAGENT.get()
                )
                answer = await self._layers.ask(layer)
        finally:
            self._asking -= 1
        return answer or Approval("deny")

    async def question(self, question: str, options: list[str]) -> str | None:
        """The user's answer, None where they would not give one."""
        from plugsky_tui.frontends.tui.layers.question import QuestionLayer

        self._asking += 1
        try:
            async with self._turn:
                self._say("Waiting for your answer…")
                return await self._layers.ask(QuestionLayer(question, options, asks=SUBAGENT.get()))
        finally:
            self._asking -= 1
