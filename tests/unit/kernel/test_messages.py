"""Repair: whatever happened to a conversation, what is sent is valid."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plugsky_tui.kernel.messages import INTERRUPTED, AssistantMessage, ToolCall, ToolMessage, UserMessage, repair


def call(call_id: str) -> ToolCall:
    return ToolCall(call_id, "read", {})


def valid(messages) -> bool:
    """Every call has exactly one result, in order and directly behind it, and every result its call."""
    position, used = 0, set()
    while position < len(messages):
        message = messages[position]
        position += 1
        if isinstance(message, ToolMessage):
            return False
        if isinstance(message, AssistantMessage):
            if message.empty:
                return False
            for made in message.calls:
                following = messages[position] if position < len(messages) else None
                if not isinstance(following, ToolMessage) or following.call_id != made.call_id or made.call_id in used:
                    return False
                used.add(made.call_id)
                position += 1
    return True


def test_a_call_without_a_result_is_closed_as_interrupted():
    messages, mended = repair([UserMessage("x"), AssistantMessage(calls=[call("a")]), UserMessage("y")])
    assert messages[2] == ToolMessage("a", "read", INTERRUPTED, ok=False)
    assert len(mended) == 1 and "a" in mended[0]


def test_a_result_away_from_its_call_is_moved_behind_it_and_that_is_not_worth_a_word():
    result = ToolMessage("a", "read", "text")
    messages, mended = repair([AssistantMessage(calls=[call("a")]), UserMessage("y"), result])
    assert messages[1] is result and not mended


def test_results_without_a_call_or_given_twice_are_left_out():
    messages, mended = repair(
        [
            AssistantMessage(calls=[call("a")]),
            ToolMessage("a", "read", "1"),
            ToolMessage("a", "read", "2"),
            ToolMessage("z", "read", "3"),
        ]
    )
    assert [m.output for m in messages if isinstance(m, ToolMessage)] == ["1"]
    assert mended == ["2 tool result(s) without a matching call were left out"]


def test_an_id_used_again_in_a_later_turn_is_renamed_with_its_result():
    messages, mended = repair(
        [
            AssistantMessage(calls=[call("a")]),
            ToolMessage("a", "read", "1"),
            AssistantMessage(calls=[call("a")]),
            ToolMessage("a", "read", "2"),
        ]
    )
    assert [m.call_id for m in messages if isinstance(m, ToolMessage)] == ["a", "a_2"]
    assert [m.output for m in messages if isinstance(m, ToolMessage)] == ["1", "2"]
    assert len(mended) == 1


def test_empty_answers_are_left_out():
    assert repair([UserMessage("x"), AssistantMessage(reasoning="hm"), UserMessage("y")])[0] == [
        UserMessage("x"),
        UserMessage("y"),
    ]


def test_what_is_valid_is_untouched():
    fine = [
        UserMessage("x"),
        AssistantMessage("t", calls=[call("a"), call("b")]),
        ToolMessage("a", "read", "1"),
        ToolMessage("b", "read", "2"),
    ]
    assert repair(fine) == (fine, [])


ids = st.sampled_from(["a", "b", "c", ""])
anything = st.one_of(
    st.builds(UserMessage, st.text(max_size=3)),
    st.builds(AssistantMessage, st.text(max_size=3), st.just(""), st.lists(st.builds(call, ids), max_size=3)),
    st.builds(ToolMessage, ids, st.just("read"), st.text(max_size=3)),
)


@given(st.lists(anything, max_size=12))
def test_any_conversation_becomes_valid_and_repairing_again_changes_nothing(messages):
    once, _ = repair(messages)
    assert valid(once)
    assert repair(once) == (once, [])
