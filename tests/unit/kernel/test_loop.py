"""The loop: what is yielded, what is kept, and what a cancellation leaves behind."""

from __future__ import annotations

import asyncio

import pytest
from support.scripted import OpenGate, Tools, calls, says, stage

from plugsky_tui.kernel.errors import PlugskyError, ProviderError
from plugsky_tui.kernel.events import (
    ErrorRaised,
    FileChanged,
    Notice,
    PermissionAsked,
    PermissionResolved,
    ReasoningDelta,
    TextDelta,
    ThoughtSealed,
    ThreadCompleted,
    ToolCalled,
    ToolOutput,
    ToolResulted,
    Usage,
    Within,
)
from plugsky_tui.kernel.loop import Objection, close_open_calls
from plugsky_tui.kernel.messages import AssistantMessage, Thought, ToolCall, ToolMessage, UserMessage, repair
from plugsky_tui.kernel.parameters import Parameters
from plugsky_tui.kernel.ports import Answer, Finished, Restarted, ToolResult


def last(events) -> ThreadCompleted:
    assert isinstance(events[-1], ThreadCompleted)
    return events[-1]


async def test_an_answer_without_calls_ends_the_run():
    scene = stage([TextDelta("Hel"), TextDelta("lo"), Finished("stop", "pro")])
    events = await scene.play()
    assert [e.type for e in events] == [
        "turn.started",
        "text.delta",
        "text.delta",
        "turn.completed",
        "thread.completed",
    ]
    assert (last(events).status, last(events).text, last(events).turns) == ("completed", "Hello", 1)
    assert scene.run.conversation[-1] == AssistantMessage("Hello", model="pro")
    assert scene.journal.events == events


async def test_the_journal_has_each_event_before_the_front_end():
    scene = stage(says("one"))
    async for event in scene.events():
        assert scene.journal.events[-1] is event


async def test_reading_calls_run_side_by_side_and_changing_calls_alone_in_order():
    scene = stage(calls(("a", "read"), ("b", "grep"), ("c", "edit"), ("d", "edit"), ("e", "read")), says("done"))
    events = await scene.play()
    assert scene.tools.log[:2] == ["start a", "start b"]
    assert scene.tools.log[4:] == ["start c", "end c", "start d", "end d", "start e", "end e"]
    assert last(events).text == "done"
    sent = scene.model.requests[1].messages
    assert [m.call_id for m in sent if isinstance(m, ToolMessage)] == ["a", "b", "c", "d", "e"]


async def test_every_call_is_announced_before_any_runs():
    scene = stage(calls(("a", "edit"), ("b", "edit")), says(""))
    types = [e.type for e in await scene.play()]
    assert types.index("tool.output") > max(i for i, t in enumerate(types) if t == "tool.call")


async def test_live_output_comes_before_the_result():
    events = await stage(calls(("a", "edit")), says("")).play()
    kinds = [type(e) for e in events if isinstance(e, ToolOutput | ToolResulted)]
    assert kinds == [ToolOutput, ToolResulted]


async def test_a_refused_call_is_told_to_the_model_with_the_users_word():
    scene = stage(calls(("a", "edit")), says("ok"), gate=OpenGate({"edit": "ask"}))
    events = await scene.play()
    assert [type(e) for e in events if isinstance(e, PermissionAsked | PermissionResolved)] == [
        PermissionAsked,
        PermissionResolved,
    ]
    result = next(e for e in events if isinstance(e, ToolResulted))
    assert not result.ok and "use the other file" in result.output
    assert [d.name for d in last(events).denied] == ["edit"]
    assert scene.tools.log == []


async def test_a_refused_call_says_what_to_do_next_where_nobody_was_asked():
    told = []
    for by in ("no-one-to-ask", "mode", "user"):
        gate = OpenGate({"edit": "ask"}, Answer("deny", by, "It changes a.py.", ""))
        events = await stage(calls(("a", "edit")), says("ok"), gate=gate).play()
        told.append(next(e for e in events if isinstance(e, ToolResulted)).output)
    assert told == [
        "Not allowed: It changes a.py. There is no one to ask in this run.\n"
        "Go on without it, and say in your answer what is left to do.",
        "Not allowed: It changes a.py.\nGo on without it, and say in your answer what is left to do.",
        "The user did not allow this.",
    ]


async def test_a_tool_that_does_not_exist_is_an_error_for_the_model_only():
    events = await stage(calls(("a", "missing")), says("sorry")).play()
    result = next(e for e in events if isinstance(e, ToolResulted))
    assert result.output == "There is no tool named missing.\nUse read."
    assert last(events).status == "completed"


async def test_a_tool_that_raises_is_a_failed_result_not_a_crash():
    def burst(call):
        raise ZeroDivisionError("oh")

    events = await stage(calls(("a", "edit")), says("x"), tools=Tools(outputs={"edit": burst})).play()
    result = next(e for e in events if isinstance(e, ToolResulted))
    assert not result.ok and "ZeroDivisionError: oh" in result.output


async def test_the_turn_limit_stops_the_run():
    scene = stage(calls(("a", "read")), calls(("b", "read")), says("never"))
    scene.run.max_turns = 2
    events = await scene.play()
    assert last(events).status == "limited" and last(events).turns == 2
    assert any(isinstance(e, Notice) and e.code == "turn_limit" for e in events)


async def test_a_circle_is_nudged_at_three_and_stopped_at_five():
    scene = stage(*[calls((f"c{n}", "read")) for n in range(9)], tools=Tools(outputs={"read": lambda call: "same"}))
    events = await scene.play()
    outputs = [e.output for e in events if isinstance(e, ToolResulted)]
    assert outputs[:2] == ["same", "same"] and all("try something else" in o for o in outputs[2:])
    assert len(outputs) == 5 and last(events).status == "limited"


@pytest.mark.parametrize(("name", "gate"), [("missing", OpenGate()), ("edit", OpenGate({"edit": "deny"}))])
async def test_calls_that_never_run_go_in_circles_too(name, gate):
    scene = stage(*[calls((f"c{n}", name)) for n in range(9)], gate=gate)
    events = await scene.play()
    assert len([e for e in events if isinstance(e, ToolResulted)]) == 5 and last(events).status == "limited"


async def test_a_circle_leaves_no_call_of_the_same_answer_without_a_result():
    same = [(f"c{n}", "edit") for n in range(7)]
    scene = stage(calls(*same), tools=Tools(outputs={"edit": lambda call: "same"}))
    events = await scene.play()
    assert [e.call_id for e in events if isinstance(e, ToolResulted)] == [call_id for call_id, _ in same]
    assert [e.ok for e in events if isinstance(e, ToolResulted)] == [True] * 5 + [False] * 2
    assert repair(scene.run.conversation)[1] == []


async def test_polling_whose_answer_changes_is_no_circle():
    count = iter(range(100))
    scene = stage(
        *[calls((f"c{n}", "read")) for n in range(8)],
        says("end"),
        tools=Tools(outputs={"read": lambda call: f"{next(count)} %"}),
    )
    assert last(await scene.play()).status == "completed"


async def test_a_provider_error_is_an_event_and_ends_the_run_as_failed():
    scene = stage([TextDelta("half"), ProviderError("no key", hint="log in", code="invalid_key", status=401)])
    events = await scene.play()
    error = next(e for e in events if isinstance(e, ErrorRaised))
    assert (error.code, error.status, error.hint) == ("invalid_key", 401, "log in")
    assert (last(events).status, last(events).text) == ("failed", "half")
    assert scene.run.conversation[-1] == AssistantMessage("half", model="m", interrupted=True)


async def test_a_restarted_answer_forgets_what_was_shown_of_the_first_attempt():
    scene = stage([ReasoningDelta("hm"), TextDelta("ha"), Restarted(), TextDelta("hello"), Finished("stop", "m")])
    events = await scene.play()
    assert last(events).text == "hello"
    assert scene.run.conversation[-1] == AssistantMessage("hello", model="m")
    assert any(isinstance(e, Notice) and e.code == "answer_restarted" for e in events)


async def test_what_the_user_says_meanwhile_is_heard_at_the_next_request():
    scene = stage(calls(("a", "read")), says("first"), says("second"))
    waiting = [[], [UserMessage("and b")], [UserMessage("and c")], [], []]
    scene.run.inbox = lambda: waiting.pop(0) if waiting else []
    events = await scene.play()
    texts = [m.text for m in scene.model.requests[-1].messages if isinstance(m, UserMessage)]
    assert texts == ["do it", "and b", "and c"]
    assert scene.journal.prompts == ["and b", "and c"]
    assert last(events).text == "second"


@pytest.mark.parametrize("when", ["text", "tool"])
async def test_cancelling_stops_everything_and_leaves_a_history_that_can_be_sent(when):
    hang = asyncio.Event().wait
    if when == "text":
        scene = stage([TextDelta("half an ans"), hang])
    else:
        scene = stage(calls(("a", "read"), ("b", "slow")), tools=Tools(seconds={"slow": 60}))
    task = asyncio.create_task(scene.play())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert scene.model.closed == 1
    conversation = scene.run.conversation
    if when == "text":
        assert conversation[-1] == AssistantMessage("half an ans", model="m", interrupted=True)
    else:
        assert "cancelled b" in scene.tools.log
        closed = close_open_calls(conversation)
        assert [c.call_id for c in closed] == ["b"]
    _, mended = repair(conversation)
    assert not mended


async def test_unparsed_arguments_are_shown_as_they_came():
    scene = stage([Finished("tool_calls", "m", [ToolCall("a", "read", None, '{"x": ')])], says(""))
    called = next(e for e in await scene.play() if isinstance(e, ToolCalled))
    assert called.arguments is None and called.raw == '{"x": '


async def test_an_answer_that_is_objected_to_is_given_again():
    scene = stage(says("four"), says('{"n": 4}'))

    async def wants_json(text):
        if not text.startswith("{"):
            yield Objection("Answer with JSON.")

    scene.run.reviews = [wants_json]
    events = await scene.play()
    assert last(events).status == "completed" and last(events).text == '{"n": 4}'
    assert scene.run.conversation[1:3] == [AssistantMessage("four", model="m"), UserMessage("Answer with JSON.")]
    assert "Answer with JSON." in scene.journal.prompts
    assert any(isinstance(e, Notice) and e.code == "asked_again" for e in events)


async def test_a_review_that_gives_up_fails_the_run():
    async def give_up(text):
        yield Notice("looking", "Reading it.")
        raise PlugskyError("It never was JSON.", hint="Try another model.", code="schema_mismatch")

    scene = stage(says("four"))
    scene.run.reviews = [give_up]
    events = await scene.play()
    assert isinstance(events[-2], ErrorRaised) and events[-2].code == "schema_mismatch"
    assert last(events).status == "failed" and last(events).text == "four"


async def test_reviews_come_in_order_and_the_first_objection_ends_them():
    asked = []

    def review(name, objects):
        async def read(text):
            asked.append(name)
            yield Notice(name, "looking")
            if objects and len(asked) == 1:
                yield Objection("Not so: " * 100, notice="Not so.")

        return read

    scene = stage(says("one"), says("two"))
    scene.run.reviews = [review("first", True), review("second", False)]
    events = await scene.play()
    assert asked == ["first", "first", "second"]
    assert [e.code for e in events if isinstance(e, Notice)] == ["first", "asked_again", "first", "second"]
    assert next(e for e in events if isinstance(e, Notice) and e.code == "asked_again").text == "Not so."
    assert scene.run.conversation[2] == UserMessage("Not so: " * 100)
    assert last(events).text == "two"


async def test_what_is_said_while_an_answer_is_reviewed_is_heard():
    scene = stage(says("one"), says("two"))
    inbox = []
    scene.run.inbox = lambda: [inbox.pop()] if inbox else []

    async def slow(text):
        if text == "one":
            inbox.append(UserMessage("and that?"))
        yield Notice("looking", "Reading it.")

    scene.run.reviews = [slow]
    assert last(await scene.play()).text == "two"
    assert UserMessage("and that?") in scene.run.conversation


async def test_sealed_thoughts_are_kept_as_their_server_made_them():
    scene = stage(
        [
            ReasoningDelta("Let me "),
            ReasoningDelta("see."),
            ThoughtSealed("s1"),
            ThoughtSealed("encrypted", redacted=True),
            ReasoningDelta("So"),
            ThoughtSealed("s2"),
            TextDelta("4"),
            Finished("stop", "pro"),
        ]
    )
    await scene.play()
    answer = scene.run.conversation[-1]
    assert answer.reasoning == "Let me see.So"
    assert answer.thoughts == [Thought("Let me see.", "s1"), Thought("", "encrypted", True), Thought("So", "s2")]


async def test_only_the_first_request_of_a_run_is_its_opening():
    scene = stage(calls(("a", "read")), says("Done."))
    scene.run.parameters = Parameters(temperature=0.5)
    await scene.play()
    assert [request.opening for request in scene.model.requests] == [True, False]
    assert [request.parameters.temperature for request in scene.model.requests] == [0.5, 0.5]


async def test_last_words_come_before_the_end_and_are_kept():
    scene = stage(says("Done."))
    scene.run.last_words = lambda: [Notice("afterthought", "One more thing.")]
    events = await scene.play()
    assert [type(event).__name__ for event in events[-2:]] == ["Notice", "ThreadCompleted"]
    assert scene.journal.events == events


async def test_a_call_hands_up_the_events_of_a_run_within_it_and_files_it_changed_count_at_once():
    scene = stage(calls(("c1", "task")), says("done"))
    prepare = scene.tools.prepare

    async def with_a_run(call):
        prepared = await prepare(call)

        async def act(progress):
            progress(Usage(1, 2, 0, 3))
            progress(FileChanged("a.py", 1, 0))
            assert scene.run.changed == []  # told when the loop has its turn
            await asyncio.sleep(0.01)
            assert scene.run.changed == ["a.py"]
            return ToolResult("ok")

        prepared.act = act
        return prepared

    scene.tools.prepare = with_a_run
    events = await scene.play()
    assert events[3:5] == [Within("c1", Usage(1, 2, 0, 3)), FileChanged("a.py", 1, 0)]
    assert last(events).status == "completed"


def test_calls_left_open_are_those_of_the_last_answer_whatever_ids_earlier_ones_had():
    call = ToolCall("c1", "read", {})
    conversation = [AssistantMessage(calls=[call]), ToolMessage("c1", "read", "x"), AssistantMessage(calls=[call])]
    assert [one.call_id for one in close_open_calls(conversation)] == ["c1"]
    assert close_open_calls(conversation) == []
