"""The main path: prompts, the queue, steering, interrupting, errors."""

from __future__ import annotations

import asyncio

import pytest

from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.kernel.events import (
    ErrorRaised,
    Notice,
    PermissionResolved,
    ReasoningDelta,
    RequestStarted,
    Retry,
    TextDelta,
    ThoughtSealed,
    ToolCalled,
    ToolResulted,
    Usage,
)
from plugsky_tui.kernel.messages import UserMessage
from plugsky_tui.providers.pacer import Rate


async def type_text(pilot, text: str) -> None:
    for letter in text:
        await pilot.press({" ": "space", "/": "slash"}.get(letter, letter))


async def test_a_prompt_is_answered(stage, shown, until):
    app = stage.app([TextDelta("Hello "), TextDelta("you.")])
    async with app.run_test(size=(80, 24)) as pilot:
        assert "Ask plugsky" in shown(app)
        await type_text(pilot, "hi")
        await pilot.press("enter")
        await until(pilot, lambda: "Hello you." in shown(app))
        assert stage.session.sent == ["hi"]
        assert app.composer.text == ""


async def test_who_is_here_for_the_first_time_learns_what_there_is_to_choose(stage, shown, until):
    app = stage.app(first=True, has_key=lambda: False)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "plugsky demo" in shown(app))
        for said in ("/login", "free tier", "/theme", "Shift+Tab", "mode: plan reads, ask asks", "F1"):
            assert said in shown(app)


async def test_the_welcome_goes_when_something_is_said(stage, shown, until):
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "help: all keys and commands" in shown(app)
        await type_text(pilot, "hi")
        await pilot.press("enter")
        await until(pilot, lambda: "You said: hi" in shown(app))
        assert "help: all keys and commands" not in shown(app)


async def test_a_prompt_sent_before_the_session_is_open_waits_for_it_visibly(stage, shown, until):
    gate = asyncio.Event()
    app = stage.app(opening=lambda options: gate.wait())
    async with app.run_test(size=(80, 24)) as pilot:
        await type_text(pilot, "early")
        await pilot.press("enter")
        await until(pilot, lambda: "Getting ready" in shown(app) and "early" in shown(app))
        gate.set()
        await until(pilot, lambda: "You said: early" in shown(app))
        assert shown(app).count("early") == 2  # the prompt and its answer


async def test_checks_are_told_while_they_run_and_what_came_of_them_stays(stage, shown, until):
    hold = stage.Hold()
    app = stage.app(
        [
            TextDelta("Done."),
            Notice("checks", "Running ruff check a.py …"),
            hold,
            Notice("checks_passed", "Check passed: ruff check a.py"),
            Notice("checks_failed", "Check failed (exit code 1): pytest -q\nE  assert 1 == 2"),
            Notice("asked_again", "Sent back to the model (1 of 3)."),
        ]
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await type_text(pilot, "hi")
        await pilot.press("enter")
        await until(pilot, lambda: "◐ Running ruff check a.py …" in shown(app).replace("◓", "◐").replace("◑", "◐"))
        hold.released.set()
        await until(pilot, lambda: "(1 of 3)" in shown(app))
        screen = shown(app)
        assert "· Check passed: ruff check a.py" in screen
        assert "! Check failed (exit code 1): pytest -q\n" in "\n".join(line.strip() for line in screen.splitlines())
        assert "assert 1 == 2" in screen
        assert "Running ruff" not in screen


async def test_a_session_that_cannot_be_opened_is_explained_and_the_prompt_comes_back(stage, shown, until):
    def fail(options):
        raise PlugskyError("There is no key for the API.", hint="Run plugsky auth login.")

    app = stage.app(opening=fail)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "There is no key for the API." in shown(app))
        assert "Run plugsky auth login." in shown(app)
        await type_text(pilot, "try")
        await pilot.press("enter")
        await until(pilot, lambda: app.composer.text == "try")
        assert len(stage.opened) == 2  # it was tried again


async def test_what_breaks_while_opening_is_told_without_a_traceback(stage, shown, until):
    def fail(options):
        raise RuntimeError("[/] oops")

    app = stage.app(opening=fail)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "RuntimeError: [/] oops" in shown(app))
        assert "Traceback" not in shown(app)


async def test_the_screen_is_drawn_anew_when_the_process_was_suspended(stage, until):
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.desk()
        drawn = []
        app.screen._compositor.render_full_update, whole = (
            lambda *a, **k: drawn.append(1) or whole(*a, **k),
            app.screen._compositor.render_full_update,
        )
        app.app_resume_signal.publish(app)
        await until(pilot, lambda: drawn)


async def test_what_was_kept_of_always_is_told(stage, shown, until):
    said = "The user allowed it, and shell(make *) from now on."
    app = stage.app([ToolCalled("c1", "shell", {"command": "make"}), PermissionResolved("c1", "allow", "user", said)])
    async with app.run_test(size=(80, 24)) as pilot:
        await type_text(pilot, "go")
        await pilot.press("enter")
        await until(pilot, lambda: said in shown(app))


async def test_the_branch_is_looked_up_again_after_a_run(stage, shown, until):
    (stage.folder / ".git").mkdir()
    head = stage.folder / ".git" / "HEAD"
    head.write_text("ref: refs/heads/one\n")
    app = stage.app()
    async with app.run_test(size=(160, 24)) as pilot:
        await until(pilot, lambda: "⎇ one" in shown(app))
        head.write_text("ref: refs/heads/two\n")
        await type_text(pilot, "go")
        await pilot.press("enter")
        await until(pilot, lambda: "⎇ two" in shown(app))


async def test_prompts_sent_while_the_agent_works_wait_in_line(stage, shown, until):
    hold = stage.Hold()
    app = stage.app([hold])
    async with app.run_test(size=(80, 24)) as pilot:
        await type_text(pilot, "one")
        await pilot.press("enter")
        await until(pilot, hold.reached.is_set)
        await type_text(pilot, "two")
        await pilot.press("enter")
        await until(pilot, lambda: "queued: two" in shown(app))
        assert "Esc takes it back" in shown(app)
        assert stage.session.sent == ["one"]
        hold.released.set()
        await until(pilot, lambda: stage.session.sent == ["one", "two"])
        await until(pilot, lambda: "queued" not in shown(app))


async def test_escape_gives_the_queue_back_and_then_interrupts(stage, shown, until):
    hold = stage.Hold()
    app = stage.app([TextDelta("so far"), hold])
    async with app.run_test(size=(80, 24)) as pilot:
        await type_text(pilot, "one")
        await pilot.press("enter")
        await until(pilot, hold.reached.is_set)
        await type_text(pilot, "two")
        await pilot.press("enter")
        await until(pilot, lambda: "queued: two" in shown(app))
        await type_text(pilot, "dr")
        await pilot.press("escape")
        assert app.composer.text == "two\n\ndr"
        assert stage.session.interrupted == 0
        await pilot.press("escape")
        await until(pilot, lambda: "Interrupted" in shown(app))
        assert stage.session.sent == ["one"]
        assert "so far" in shown(app)
        await pilot.press("escape")  # at any time: nothing left to close
        assert app.composer.text == "two\n\ndr"


async def test_escape_before_the_session_is_open_gives_the_prompt_back(stage, shown, until):
    app = stage.app(opening=lambda options: asyncio.Event().wait())
    async with app.run_test(size=(80, 24)) as pilot:
        await type_text(pilot, "early")
        await pilot.press("enter")
        await until(pilot, lambda: "Getting ready" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.composer.text == "early")


async def test_steering_is_heard_by_the_session_and_shown_until_then(stage, shown, until):
    hold = stage.Hold()
    app = stage.app([hold])
    async with app.run_test(size=(80, 24)) as pilot:
        await type_text(pilot, "one")
        await pilot.press("enter")
        await until(pilot, hold.reached.is_set)
        await type_text(pilot, "left")
        await pilot.press("alt+s")
        await until(pilot, lambda: "next step: left" in shown(app))
        assert stage.session.steered == ["left"]
        hold.released.set()


async def test_steering_an_idle_agent_is_a_prompt(stage, until):
    app = stage.app()
    async with app.run_test() as pilot:
        await type_text(pilot, "go")
        await pilot.press("ctrl+enter")
        await until(pilot, lambda: stage.sessions and stage.session.sent == ["go"])


async def test_an_error_of_the_api_is_shown_with_its_hint_and_the_queue_comes_back(stage, shown, until):
    hold = stage.Hold()
    app = stage.app([hold, ErrorRaised("auth", 401, "The key is not known.", "Run plugsky auth login.", "req-1")])
    stage_status = "failed"
    async with app.run_test(size=(80, 24)) as pilot:
        await type_text(pilot, "one")
        await pilot.press("enter")
        await until(pilot, hold.reached.is_set)
        hold.released.set()
        await until(pilot, lambda: "Run plugsky auth login." in shown(app))
        assert "req-1" in shown(app), stage_status


async def test_a_retry_counts_down(stage, shown, until):
    hold = stage.Hold()
    app = stage.app([Retry(1, 8.0, 503, "The server is busy"), hold])
    async with app.run_test(size=(80, 24)) as pilot:
        await type_text(pilot, "one")
        await pilot.press("enter")
        await until(pilot, lambda: "The server is busy (503), attempt 2  again in" in shown(app))
        hold.released.set()


async def test_waiting_for_the_plans_limit_counts_down_and_leaves_nothing_behind(stage, shown, until):
    hold = stage.Hold()
    text = "60 requests a minute is the plan's limit: waiting 12 s"
    app = stage.app([Notice("paced", text, 12.0), hold, RequestStarted("r", "m", "k"), TextDelta("done")])
    async with app.run_test(size=(90, 24)) as pilot:
        await type_text(pilot, "one")
        await pilot.press("enter")
        await until(pilot, lambda: "60 requests a minute is the plan's limit  sent in 1" in shown(app))
        hold.released.set()
        await until(pilot, lambda: "done" in shown(app) and not stage.session.busy)
        assert "plan's limit" not in shown(app)


async def test_when_a_countdown_is_over_it_is_said_what_happens_then(stage, shown, until):
    hold = stage.Hold()
    app = stage.app([Retry(1, 8.0, 503, "The server is busy"), hold])
    async with app.run_test(size=(80, 24)) as pilot:
        await type_text(pilot, "one")
        await pilot.press("enter")
        await until(pilot, lambda: "again in" in shown(app))
        activity = (await app.desk()).activity
        began = activity._clock()
        activity._clock = lambda: began + 9
        await until(pilot, lambda: "Trying again…" in shown(app))
        assert "again in" not in shown(app)
        hold.released.set()


async def test_reasoning_is_folded_and_opens_by_key_and_mouse(stage, shown, until):
    thoughts = [ReasoningDelta("First this.\n"), ReasoningDelta("Then that."), ThoughtSealed("sig"), TextDelta("So.")]
    app = stage.app(thoughts)
    async with app.run_test(size=(80, 24)) as pilot:
        await type_text(pilot, "one")
        await pilot.press("enter")
        await until(pilot, lambda: "So." in shown(app) and not stage.session.busy)
        assert "Thought ▸" in shown(app)
        assert "First this" not in shown(app)
        await pilot.press("tab", "up", "up", "enter")
        await until(pilot, lambda: "│ First this." in shown(app))
        row = next(y for y, text in enumerate(shown(app).splitlines()) if "Thought ▾" in text)
        await pilot.click(offset=(4, row))
        await until(pilot, lambda: "First this" not in shown(app))


async def test_reasoning_is_folded_when_a_thread_is_shown_again_and_sealed_thoughts_are_nothing_to_see(
    stage, shown, until
):
    history = [
        UserMessage("hello"),
        ReasoningDelta("A long thought."),
        ThoughtSealed("sig"),
        ReasoningDelta(""),
        ThoughtSealed("sealed away", redacted=True),
        TextDelta("The answer."),
    ]
    app = stage.app(session=stage.Session(history=history))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "The answer." in shown(app))
        assert shown(app).count("Thought") == 1
        assert "A long thought" not in shown(app)
        assert "sealed away" not in shown(app)


async def test_only_a_redacted_thought_is_no_thought_to_show(stage, shown, until):
    app = stage.app([ReasoningDelta(""), ThoughtSealed("x", redacted=True), TextDelta("Done.")])
    async with app.run_test(size=(80, 24)) as pilot:
        await type_text(pilot, "one")
        await pilot.press("enter")
        await until(pilot, lambda: "Done." in shown(app) and not stage.session.busy)
        assert "Thought" not in shown(app)


async def test_requests_per_minute_and_the_region_are_on_the_status_line(stage, shown, until):
    session = stage.Session([[RequestStarted("r", "m", "k"), TextDelta("done")]])
    session.region = "eu-west"
    app = stage.app(session=session)
    async with app.run_test(size=(100, 24)) as pilot:
        await until(pilot, lambda: "eu-west" in shown(app))
        assert "rpm" not in shown(app)
        session.used_rate = Rate(12, 60)
        await type_text(pilot, "one")
        await pilot.press("enter")
        await until(pilot, lambda: "12/60 rpm" in shown(app))


async def test_context_and_the_answering_model_are_on_the_status_line(stage, shown, until):
    app = stage.app([Usage(11_000, 1_300, 0, 12_300, 131_072)])
    async with app.run_test(size=(80, 24)) as pilot:
        await type_text(pilot, "x")
        await pilot.press("enter")
        await until(pilot, lambda: "12.3k/131k 9%" in shown(app))


async def test_a_resumed_thread_is_drawn_again(stage, shown, until):
    history = [
        UserMessage("what was that?"),
        TextDelta("It was a test."),
        ToolCalled("c9", "read", {"file_path": "a.py"}),
        ToolResulted("c9", True, "1 x", 0.1),
    ]
    app = stage.app(session=stage.Session(history=history), resuming=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "It was a test." in shown(app))
        assert "what was that?" in shown(app)
        assert "a.py" in shown(app)


async def test_ctrl_c_clears_and_twice_quits(stage, shown, until):
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: bool(stage.sessions))
        await type_text(pilot, "draft")
        await pilot.press("ctrl+c")
        assert app.composer.text == ""
        await pilot.press("ctrl+c")
        await until(pilot, lambda: "once more quits" in shown(app))
        await pilot.press("up")
        assert app.composer.text == "draft"  # what was cleared is in the history
        await pilot.press("ctrl+c", "ctrl+c", "ctrl+c")
        await until(pilot, lambda: stage.session.closed)


async def test_leaving_while_the_agent_works_ends_the_run_in_order(stage, until):
    hold = stage.Hold()
    app = stage.app([hold])
    async with app.run_test() as pilot:
        await type_text(pilot, "one")
        await pilot.press("enter")
        await until(pilot, hold.reached.is_set)
        await type_text(pilot, "/quit")
        await pilot.press("enter")
        await until(pilot, lambda: stage.session.closed)
        assert stage.session.interrupted == 1
        assert not stage.session.busy


async def test_nothing_ticks_while_nothing_happens(stage, until):
    app = stage.app()
    async with app.run_test() as pilot:
        await type_text(pilot, "hi")
        await pilot.press("enter")
        await until(pilot, lambda: stage.sessions and stage.session.sent and not stage.session.busy)
        await pilot.pause(0.1)
        desk = await app.desk()
        assert not desk.activity.running
        assert not app.composer.cursor_blink


async def test_the_end_stays_in_sight_when_the_lines_below_come_and_go(stage, shown, until):
    hold = stage.Hold()
    app = stage.app(
        [TextDelta("\n\n".join(f"paragraph {number}" for number in range(60))), hold, TextDelta("\n\nlast")]
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await type_text(pilot, "go")
        await pilot.press("enter")
        await until(pilot, hold.reached.is_set)
        await until(pilot, lambda: "paragraph 59" in shown(app))
        await pilot.press("f2")
        await pilot.pause(0.1)
        await pilot.press("escape")
        hold.released.set()
        await until(pilot, lambda: "last" in shown(app) and not stage.session.busy)
        await pilot.pause(0.1)
        assert "Ctrl+End" not in shown(app)
        await pilot.press("pageup")
        await until(pilot, lambda: "Ctrl+End" in shown(app))
        await pilot.press("ctrl+end")
        await until(pilot, lambda: "last" in shown(app) and "Ctrl+End" not in shown(app))


async def test_typing_in_the_transcript_means_the_composer(stage, shown, until):
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await type_text(pilot, "hi")
        await pilot.press("enter")
        await until(pilot, lambda: "You said: hi" in shown(app))
        desk = await app.desk()
        await pilot.press("tab")
        assert app.focused is desk.transcript
        await pilot.press("x")
        assert app.focused is app.composer
        assert app.composer.text == "x"
        await pilot.press("tab", "escape")
        assert app.focused is app.composer


async def test_a_link_is_opened_only_after_its_host_was_shown(stage, shown, until, unguarded, monkeypatch):
    opened = []
    app = stage.app([TextDelta("see")])
    monkeypatch.setattr(app, "open_url", opened.append)
    async with app.run_test(size=(80, 24)) as pilot:
        desk = await app.desk()
        await until(pilot, lambda: bool(stage.sessions))
        desk.transcript.post_message(desk.transcript.LinkOpened("https://pаypal.com/?q=[b]x"))  # a Cyrillic letter
        await until(pilot, lambda: "xn--pypal-4ve.com" in shown(app))
        await unguarded(pilot, app)
        await pilot.press("enter")
        await until(pilot, lambda: desk.layers.top is None)
        assert opened == []
        desk.transcript.post_message(desk.transcript.LinkOpened("https://example.org/a"))
        await unguarded(pilot, app)
        await pilot.press("y")
        await until(pilot, lambda: opened == ["https://example.org/a"])
        desk.transcript.post_message(desk.transcript.LinkOpened("file:///etc/passwd"))
        await until(pilot, lambda: "Only http and https" in shown(app))
        assert len(opened) == 1


async def test_a_breakdown_is_told_in_a_sentence_and_its_details_are_in_a_file(stage, until, tmp_path):
    app = stage.app(data_dir=tmp_path / "data")
    with pytest.raises(ZeroDivisionError):
        async with app.run_test() as pilot:
            secret = "hunter2"
            app.call_later(lambda: len(secret) / 0)
            await pilot.pause(0.2)
            told = str(app._exit_renderables[0])
            assert "plugsky broke down: ZeroDivisionError" in told
            assert "plugsky -c" in told
    (details,) = (tmp_path / "data" / "crashes").iterdir()
    assert "Traceback" in details.read_text()
    assert "hunter2" not in details.read_text()
