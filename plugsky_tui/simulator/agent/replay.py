"""Plays an ability against what the conversation already holds, up to the first thing it does not."""

from __future__ import annotations

from collections.abc import Sequence

from plugsky_tui.simulator.agent.offer import Offer
from plugsky_tui.simulator.agent.steps import Ability, Act, Call, Result, ToolMissing


class _Memory:
    """The results of the calls made so far, given out in the order they were made."""

    def __init__(self, made: Sequence[Result]) -> None:
        self._made = made
        self._place = 0

    def recall(self, call: Call) -> Result | None:
        """The result of `call`, if it has been made. What lies before it is passed over: a compaction may
        have dropped calls, and other agents' calls may stand between."""
        for place in range(self._place, len(self._made)):
            if self._made[place].call == call:
                self._place = place + 1
                return self._made[place]
        return None


def play(ability: Ability, made: Sequence[Result], offer: Offer) -> Act | str:
    """The next step of `ability`: calls to make, or its final answer.

    `made` are the calls with their results so far; `offer` the tools there are, in whose terms the calls are.
    Raises Blocked where the ability cannot go on.
    """
    memory = _Memory(made)
    try:
        act = next(ability)
        while True:
            try:
                calls = [offer.fitted(call) for call in act.calls]
            except ToolMissing as missing:
                act = ability.throw(missing)
                continue
            results = [memory.recall(call) for call in calls]
            if None in results:
                still_open = [call for call, result in zip(calls, results, strict=True) if result is None]
                return Act(still_open, act.say, act.why)
            outputs = [result.output for result in results if result is not None]
            known = [Result(call, offer.read_back(call, text)) for call, text in zip(act.calls, outputs, strict=True)]
            act = ability.send(known)
    except StopIteration as done:
        answer: str = done.value
        return answer
