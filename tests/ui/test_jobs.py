"""Background jobs on the screen: how many run, what they print, an end to them, and the way into the background."""

from __future__ import annotations

import pytest
from support.stand_ins import three_jobs

from plugsky_tui.kernel.events import ToolCalled
from plugsky_tui.workspace.jobs import Foreground, Jobs
from plugsky_tui.workspace.spill import Spill


@pytest.fixture
async def jobs(tmp_path):
    """Real ones; `start(command)` adds one."""
    real = Jobs()
    await_start = {"cwd": str(tmp_path), "environment": {"PATH": "/usr/bin:/bin"}, "spill": Spill(str(tmp_path / "o"))}
    real.begin = lambda command: real.start(command, **await_start)
    yield real
    await real.close()


def slash(name: str) -> tuple[str, ...]:
    return ("slash", *name, "enter")


async def test_a_job_is_looked_at_while_it_runs_and_ended(stage, shown, until, jobs, tmp_path) -> None:
    session = stage.Session()
    session.jobs = lambda: list(jobs)
    app = stage.app(session=session)
    async with app.run_test(size=(100, 24)) as pilot:
        await jobs.begin("echo one; until [ -e go ]; do sleep 0.02; done; printf two; sleep 300")
        await pilot.press(*slash("jobs"))
        await until(pilot, lambda: "job_1" in shown(app) and "running 0s · echo one;" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: "\n│one" in shown(app).replace("│ ", "│"))
        (tmp_path / "go").touch()
        await until(pilot, lambda: "two" in shown(app).split("one;")[-1].split("\n", 1)[-1])
        await pilot.press("ctrl+x")
        await until(pilot, lambda: "job_1: ended by request after" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: "None of them runs any more" in shown(app))
        await pilot.press("ctrl+x")
        await until(pilot, lambda: "job_1 has ended already" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is app.composer)
    assert next(iter(jobs)).look().strip("\n") == "one\ntwo"  # the model still gets all of it


async def test_the_status_line_counts_those_that_run(stage, shown, until) -> None:
    session = stage.Session([[]])
    app = stage.app(session=session)
    async with app.run_test(size=(100, 24)) as pilot:
        session.background_jobs = three_jobs()
        await pilot.press(*"go", "enter")
        await until(pilot, lambda: "2 jobs" in shown(app).splitlines()[-1])
        session.background_jobs = []
        (await app.desk()).jobs.look()
        await until(pilot, lambda: "job" not in shown(app).splitlines()[-1])


async def test_a_command_is_moved_to_the_background_by_a_key_which_is_offered_after_a_minute(
    stage, shown, until
) -> None:
    hold = stage.Hold()
    session = stage.Session([[ToolCalled("c1", "shell", {"command": "make"}), hold]])
    app = stage.app(session=session, keys={"job.background": "f6"})
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("f6")
        await until(pilot, lambda: "No command is running that could be moved" in shown(app))
        await pilot.press(*"go", "enter")
        await until(pilot, lambda: "Running shell: make" in shown(app))
        session.waited_for = [Foreground("c1", "make", 12.0)]
        assert "F6 to the background" not in shown(app)
        session.waited_for = [Foreground("c1", "make", 60.0)]
        await until(pilot, lambda: "Esc to interrupt · F6 to the background" in shown(app))
        await pilot.press("f6")
        await until(pilot, lambda: session.moved == ["c1"] and "It goes on in the background" in shown(app))
        hold.released.set()


async def test_what_becomes_of_the_jobs_of_another_thread_is_said(stage, shown, until) -> None:
    session = stage.Session([[]])
    app = stage.app(session=session)
    async with app.run_test(size=(100, 24)) as pilot:
        session.background_jobs, session.left_running = three_jobs(), ["sleep 300 (77)"]
        await pilot.press(*"go", "enter")
        await until(pilot, lambda: "2 jobs" in shown(app).splitlines()[-1])
        await pilot.press(*slash("new"))
        await until(pilot, lambda: "2 jobs of the thread before were ended." in shown(app))
        assert "Still running, in a session of its own: sleep 300" in shown(app)
        assert "job" not in shown(app).splitlines()[-1]


async def test_what_is_left_running_is_said_at_the_end(stage, until, capsys) -> None:
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: bool(stage.sessions))
        stage.session.left_running = ["sleep [300] (77)"]
        await pilot.press(*slash("quit"))
        await until(pilot, lambda: stage.session.closed)
    assert capsys.readouterr().err == "plugsky: Still running, in a session of its own: sleep [300] (77)\n"
