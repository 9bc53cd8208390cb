"""How long a model may think, and how long its answer may be, as the Messages API has it.

Models up to 4.5 are given a budget in tokens, which is part of `max_tokens`; later ones think as they see fit, and are
given an effort (https://docs.claude.com/en/docs/build-with-claude/extended-thinking, …/adaptive-thinking, …/effort).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from plugsky_tui.kernel.events import Notice
from plugsky_tui.kernel.ports import Request
from plugsky_tui.providers.messages_refusals import SMALLEST_MAX_TOKENS
from plugsky_tui.providers.messages_turns import Turn, has_thoughts, opens_with_results

MIN_BUDGET = 1024
BUDGETS = {"low": 2048, "medium": 8192, "high": 16384, "xhigh": 32000}
ANSWER = 8192  # tokens of an answer where nobody says, and nothing is known of the model
CLAUDE_ANSWER = 32000

# The longest answers of Claude models, thinking included; the first that a name begins with counts.
_LONGEST = (
    ("claude-3-7", 64000),
    ("claude-3-5", 8192),
    ("claude-3", SMALLEST_MAX_TOKENS),
    ("claude-2", SMALLEST_MAX_TOKENS),
    ("claude-opus-4-2025", 32000),
    ("claude-opus-4-0", 32000),
    ("claude-opus-4-1", 32000),
    ("claude-", 64000),
)
_VERSION = re.compile(r"claude-[a-z]+-(\d+)(?:-(\d{1,2})(?!\d))?")


@dataclass(slots=True)
class Plan:
    """What goes into the request. `thinking` None: nothing is said of it."""

    max_tokens: int
    thinking: dict[str, Any] | None = None
    effort: str | None = None
    notices: list[Notice] = field(default_factory=list)

    @property
    def thinks(self) -> bool:
        return self.thinking is not None and self.thinking["type"] != "disabled"


def plan(request: Request, turns: Sequence[Turn], without: Collection[str]) -> Plan:
    """`turns` are the messages as they will be sent; `without` what the server refuses."""
    given, effort = request.parameters, request.parameters.reasoning_effort
    longest = SMALLEST_MAX_TOKENS if "max_tokens" in without else _longest(request.model)
    asked = None if "max_tokens" in without else given.max_tokens
    answer = asked or min(longest or ANSWER, CLAUDE_ANSWER)
    if effort is None:
        return Plan(answer)
    if effort not in BUDGETS:
        return Plan(answer, None if "thinking" in without else {"type": "disabled"})
    version = _version(request.model)
    adaptive = version >= (4, 6) or "budget_tokens" in without
    if "thinking" in without and not adaptive:
        return Plan(answer)
    if given.tool_choice not in (None, "auto", "none") and request.tools:
        return _without(answer, "a tool choice that forces a call rules thinking out")
    if adaptive:
        shown = {} if "display" in without else {"display": "summarized"}
        thinking = None if "thinking" in without else {"type": "adaptive", **shown}
        named = "max" if effort == "xhigh" and version < (4, 7) else effort
        if asked is None and longest:
            answer = longest  # the thinking is part of it, and no one says how long that gets
        return Plan(answer, thinking, None if "effort" in without else named)
    if not _may_think(turns):
        return _without(answer, "its calls are answered that were made without thinking")
    budget = BUDGETS[effort]
    if asked is None:
        answer = min(longest or budget + answer, budget + answer)
    if budget > answer // 2:
        budget = max(answer // 2, min(budget, answer - ANSWER))
    if budget < MIN_BUDGET:
        return _without(
            answer, f"max_tokens leaves no room for it (it takes {MIN_BUDGET} of at least {MIN_BUDGET * 2})"
        )
    return Plan(answer, {"type": "enabled", "budget_tokens": budget})


def _without(answer: int, reason: str) -> Plan:
    return Plan(answer, notices=[Notice("thinking_off", f"The model goes on without thinking: {reason}.")])


def _may_think(turns: Sequence[Turn]) -> bool:
    """Whether thinking may be on: a turn of calls and results must have begun with it."""
    first = last = None
    for place in range(len(turns) - 1, 0, -2):
        if not opens_with_results(turns[place]):
            break
        first = turns[place - 1]
        last = last or first
    return first is None or last is None or has_thoughts(first) or has_thoughts(last)


def _longest(model: str) -> int | None:
    return next((tokens for name, tokens in _LONGEST if model.startswith(name)), None)


def _version(model: str) -> tuple[int, int]:
    """That of a Claude model ("claude-opus-4-6"); (0, 0) for others, and for the names before 4."""
    found = _VERSION.match(model)
    return (int(found[1]), int(found[2] or 0)) if found and len(found[1]) < 3 else (0, 0)
