"""The `messages` of a Messages request as turns, and the order Anthropic's API insists on.

Messages of one role that follow each other are one turn. Each `tool_use` must have its
`tool_result` at the very beginning of the next user turn, and a result must belong to a use.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from plugsky_tui.simulator import messages_checks as checks
from plugsky_tui.simulator.conversation import Message
from plugsky_tui.simulator.errors import invalid
from plugsky_tui.simulator.messages_blocks import (
    Block,
    Picture,
    Redacted,
    Result,
    Text,
    Thought,
    Use,
    kind_of,
    parse_content,
    parse_texts,
)
from plugsky_tui.simulator.messages_signature import is_redacted, is_signed

TurnRole = Literal["user", "assistant", "system"]

_THINKING_DOCS = "https://docs.claude.com/en/docs/build-with-claude/extended-thinking"


@dataclass(slots=True)
class Turn:
    """`at` is the path of its first message."""

    role: TurnRole
    at: str
    blocks: list[Block]


def parse_turns(value: Any) -> list[Turn]:
    """The turns of a request, in a valid order. ApiError 400 names what is wrong."""
    items = checks.array(value, "messages")
    if not items:
        raise checks.wrong("messages", "at least one message is required")
    turns: list[Turn] = []
    for place, item in enumerate(items):
        turn = _turn(item, f"messages.{place}")
        if turns and turns[-1].role == turn.role:
            turns[-1].blocks += turn.blocks
        else:
            turns.append(turn)
    _check_tools(turns)
    for turn in turns:
        _check_thinking_place(turn)
    if turns[-1].role == "assistant":  # a rule cannot go on with somebody else's sentence, nor can the newest models
        raise invalid(
            "This model does not support assistant message prefill. The conversation must end with a user message.",
            "messages",
        )
    return turns


def _turn(value: Any, at: str) -> Turn:
    item = checks.mapping(value, at)
    role = checks.required(item, "role", at)
    content = checks.required(item, "content", at)
    checks.no_extras(item, ("role", "content"), at)
    blocks: list[Block]
    match checks.one_of(role, f"{at}.role", get_args(TurnRole)):
        case "system":
            turn = Turn("system", at, [Text(f"{at}.content", text) for text in parse_texts(content, f"{at}.content")])
        case "user":
            turn = Turn("user", at, parse_content(content, f"{at}.content", "user"))
        case _:
            turn = Turn("assistant", at, parse_content(content, f"{at}.content", "assistant"))
    blocks = turn.blocks
    if not blocks or all(isinstance(block, Text) and not block.text.strip() for block in blocks):
        raise checks.wrong(
            at, "all messages must have non-empty content except for the optional final assistant message"
        )
    return turn


# --- order -------------------------------------------------------------------------------------


def _check_tools(turns: list[Turn]) -> None:
    known: set[str] = set()
    waiting: list[Use] = []
    for turn in turns:
        _check_results(turn, waiting)
        waiting = [block for block in turn.blocks if isinstance(block, Use)]
        for use in waiting:
            if use.call.call_id in known:
                raise checks.wrong(use.at, "`tool_use` ids must be unique")
            known.add(use.call.call_id)
    _check_answered(waiting, set())


def _check_results(turn: Turn, waiting: list[Use]) -> None:
    """`turn` must begin with a result for each of `waiting`, and have no other."""
    leading: set[str] = set()
    given: set[str] = set()
    ids = {use.call.call_id for use in waiting}
    others = 0
    for block in turn.blocks:
        if not isinstance(block, Result):
            others += 1
            continue
        if block.call_id in given:
            raise checks.wrong(
                block.at,
                "each tool_use must have a single result. Found multiple `tool_result` blocks with id: "
                f"{block.call_id}",
            )
        if block.call_id not in ids:
            raise checks.wrong(
                block.at,
                f"unexpected `tool_use_id` found in `tool_result` blocks: {block.call_id}. Each `tool_result` block "
                "must have a corresponding `tool_use` block in the previous message.",
            )
        given.add(block.call_id)
        if not others:
            leading.add(block.call_id)
    _check_answered(waiting, leading)


def _check_answered(waiting: list[Use], answered: set[str]) -> None:
    left = [use for use in waiting if use.call.call_id not in answered]
    if left:
        raise checks.wrong(
            left[0].at.split(".content", 1)[0],
            "`tool_use` ids were found without `tool_result` blocks immediately after: "
            f"{', '.join(use.call.call_id for use in left)}. Each `tool_use` block must have a corresponding "
            "`tool_result` block in the next message.",
        )


def _check_thinking_place(turn: Turn) -> None:
    if not any(isinstance(block, Thought | Redacted) for block in turn.blocks):
        return
    first, last = turn.blocks[0], turn.blocks[-1]
    if not isinstance(first, Thought | Redacted):
        raise checks.wrong(
            first.at,
            "If an assistant message contains any thinking blocks, the first block must be `thinking` or "
            f"`redacted_thinking`. Found `{kind_of(first)}`.",
        )
    if isinstance(last, Thought | Redacted):
        raise checks.wrong(turn.at, f"The final block in an assistant message cannot be `{kind_of(last)}`.")


# --- thinking ----------------------------------------------------------------------------------


def check_signatures(turns: list[Turn], model: str | None) -> None:
    """Every thinking block must be as `model` sent it (None: as any model did). ApiError 400 for one that is not."""
    for turn in turns:
        for block in turn.blocks:
            match block:
                case Thought(thinking=thinking, signature=signature) if not is_signed(thinking, signature, model):
                    raise checks.wrong(block.at, "Invalid `signature` in `thinking` block")
                case Redacted(data=data) if not is_redacted(data, model):
                    raise checks.wrong(block.at, "Invalid `data` in `redacted_thinking` block")


def check_thinking_returned(turns: list[Turn]) -> None:
    """With thinking enabled, the assistant's turn whose results are sent must begin with its thinking. ApiError 400."""
    if len(turns) < 2 or not isinstance(turns[-1].blocks[0], Result):
        return
    first = turns[-2].blocks[0]
    if not isinstance(first, Thought | Redacted):
        raise checks.wrong(
            f"{first.at}.type",
            f"Expected `thinking` or `redacted_thinking`, but found `{kind_of(first)}`. When `thinking` is enabled, a "
            "final `assistant` message must start with a thinking block (preceeding the lastmost set of `tool_use` and "
            "`tool_result` blocks). We recommend you include thinking blocks from previous turns. To avoid this "
            f"requirement, disable `thinking`. Please consult our documentation at {_THINKING_DOCS}",
        )


# --- as a conversation -------------------------------------------------------------------------


def to_messages(turns: list[Turn]) -> list[Message]:
    """The turns as the simulator's model is given them: each tool result a message of its own, thinking left out."""
    return [message for turn in turns for message in _messages(turn)]


def _messages(turn: Turn) -> list[Message]:
    results: list[Message] = []
    own = Message(turn.role)
    texts: list[str] = []
    for block in turn.blocks:
        match block:
            case Text(text=text):
                texts.append(text)
            case Picture():
                own.images += 1
            case Use(call=call):
                own.calls.append(call)
            case Result(call_id=call_id, content=content):
                said = "\n".join(part.text for part in content if isinstance(part, Text))
                pictures = sum(isinstance(part, Picture) for part in content)
                results.append(Message("tool", said, call_id=call_id, images=pictures))
    own.text = "\n".join(texts)
    return [*results, own] if texts or own.images or own.calls else results
