"""The agent keeps nothing between requests: each reply follows from the conversation alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from plugsky_tui.simulator.agent import answer
from plugsky_tui.simulator.agent.offer import Offer
from plugsky_tui.simulator.agent.replay import play
from plugsky_tui.simulator.agent.steps import Ability, Act, Blocked, Call, Result, ToolMissing
from plugsky_tui.simulator.conversation import Conversation, Message, ToolSpec


def two_steps() -> Ability:
    [one] = yield Act([Call("read", {"file_path": "a"})], "first")
    results = yield Act([Call("grep", {"pattern": one.output}), Call("list", {})], "second")
    return " ".join(result.output for result in results)


A = Result(Call("read", {"file_path": "a"}), "x")
B = Result(Call("grep", {"pattern": "x"}), "y")
C = Result(Call("list", {}), "z")
TOOLS = Offer([ToolSpec(name) for name in ("read", "grep", "list")])


def test_the_first_call_without_a_result_is_the_next_reply() -> None:
    assert play(two_steps(), [], TOOLS) == Act([A.call], "first")
    assert play(two_steps(), [A], TOOLS) == Act([B.call, C.call], "second")
    assert play(two_steps(), [A, B], TOOLS) == Act([C.call], "second")
    assert play(two_steps(), [A, B, C], TOOLS) == "y z"


def test_calls_of_others_in_between_are_passed_over_and_lost_ones_made_again() -> None:
    stranger = Result(Call("shell", {"command": "date"}), "now")
    assert play(two_steps(), [stranger, A, stranger, B, C], TOOLS) == "y z"
    assert play(two_steps(), [B, C], TOOLS) == Act([A.call], "first")


def test_the_same_call_made_twice_has_its_own_result_each_time() -> None:
    def twice() -> Ability:
        [one] = yield Act([C.call])
        [two] = yield Act([C.call])
        return one.output + two.output

    assert play(twice(), [C], TOOLS) == Act([C.call])
    assert play(twice(), [C, Result(C.call, "w")], TOOLS) == "zw"


def test_a_tool_that_is_not_offered_ends_the_ability_or_is_done_without() -> None:
    with pytest.raises(ToolMissing):
        play(two_steps(), [A], Offer([ToolSpec("read")]))

    def modest() -> Ability:
        try:
            yield Act([Call("todo", {})])
        except ToolMissing:
            return "without"
        return "with"

    assert play(modest(), [], TOOLS) == "without"


def test_a_refusal_is_told_with_what_was_meant() -> None:
    with pytest.raises(Blocked) as caught:
        from plugsky_tui.simulator.agent.steps import checked

        checked(Result(Call("shell", {"command": "make"}), "Not allowed: there is no one to ask."))
    assert "`make`" in caught.value.message and "no one to ask" in caught.value.message


def test_the_same_conversation_gets_the_same_reply() -> None:
    asked = Conversation([Message("user", "run the tests")], [ToolSpec("list"), ToolSpec("shell")])
    assert answer(asked) == answer(asked)


def test_continue_takes_the_refused_call_up_again(repo: Callable[..., Any]) -> None:
    driver = repo({"a.py": "x = 1\n"})
    driver.refuse = {"edit": "The user did not allow this."}
    assert "not allowed" in driver.ask("rename x to y in a.py")
    driver.refuse = {}
    assert "Done: rename" in driver.ask("continue")
    assert (driver.folder / "a.py").read_text() == "y = 1\n"
    assert [name for name, _ in driver.calls] == ["read", "edit", "edit"]


def test_continue_with_nothing_before_it_says_so(repo: Callable[..., Any]) -> None:
    assert "nothing to continue" in repo({}).ask("continue")


def test_an_interrupted_call_is_not_taken_for_done(repo: Callable[..., Any]) -> None:
    driver = repo({"pyproject.toml": "", "test_a.py": "def test_a(): pass\n"})
    driver.refuse = {"shell": "Interrupted before it finished: there is no result. Its effects, if any, are unknown."}
    assert "was interrupted" in driver.ask("run the tests")
    driver.refuse = {}
    assert "1 passed" in driver.ask("continue")


def test_a_new_message_is_a_new_task(repo: Callable[..., Any]) -> None:
    driver = repo({"a.py": "x = 1\n"})
    driver.messages.append(Message("user", "explain a.py"))
    assert driver.step().calls[0].name == "read"
    driver.messages.append(
        Message(
            "tool", "Interrupted before it finished: there is no result.", call_id=driver.messages[-1].calls[0].call_id
        )
    )
    assert "nothing further" in driver.ask("stop")


def test_without_any_tools_it_says_what_it_would_need() -> None:
    reply = answer(Conversation([Message("user", "explain a.py")]))
    assert not reply.calls and "`read`" in reply.text and "no language model" in reply.text
    assert "offers me no tools" in answer(Conversation([Message("user", "hum a tune")])).text


def test_a_request_it_does_not_know_is_answered_with_two_examples() -> None:
    text = answer(Conversation([Message("user", "write me a poem")], [ToolSpec("read")])).text
    assert "did not understand" in text and "`where is NAME?`" in text and "`run the tests`" in text


def test_several_tasks_are_done_in_turn_and_a_block_ends_them(repo: Callable[..., Any]) -> None:
    driver = repo({"a.py": "x = 1\n", "b.py": "y = 2\n"})
    text = driver.ask("explain a.py and then explain b.py")
    assert text.index("`a.py`") < text.index("`b.py`")
    assert "could not read" in driver.ask("explain missing.zzz and then explain b.py")
    assert driver.calls[-1][1].get("file_path") != "b.py"
