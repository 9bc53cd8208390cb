"""Plays an ability against what the conversation already holds, up to the first thing it does not."""

from __future__ import annotations

from collections.abc import Collection, Sequence

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


def play(ability: Ability, made: Sequence[Result], offered: Collection[str]) -> Act | str:
    """The next step of `ability`: calls to make, or its final answer.

    `made` are the calls with their results so far; `offered` the names of the tools there are.
    Raises Blocked where the ability cannot go on.
    """
    memory = _Memory(made)
    try:
        act = next(ability)
        while True:
            missing = next((call.name for call in act.calls if call.name not in offered), None)
            if missing is not None:
                act = ability.throw(ToolMissing(missing))
                continue
            results = [memory.recall(call) for call in act.calls]
            known = [result for result in results if result is not None]
            if len(known) < len(results):
                still_open = [call for call, result in zip(act.calls, results, strict=True) if result is None]
                return Act(still_open, act.say, act.why)
            act = ability.send(known)
    except StopIteration as done:
        answer: str = done.value
        return answer
