"""What a session offers front ends of its commands in the background: a real session, the simulator, real bash."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plugsky_tui.kernel.events import ToolCalled, ToolOutput, ToolResulted
from plugsky_tui.session.build import open_session
from plugsky_tui.session.options import Options
from plugsky_tui.simulator.script import parse_script
from plugsky_tui.simulator.server import Simulator


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
async def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A session whose model runs one long command, and then says that it has."""
    command = "echo $$ > pid; echo up; sleep 300"
    script = [{"tool_calls": [{"name": "shell", "arguments": {"command": command}}]}, {"text": "It serves."}]
    simulator = Simulator(parse_script(json.dumps(script)), pace_s=0)
    for name in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.setenv(f"PLUGSKY_{name}_DIR", str(tmp_path / name))
    monkeypatch.setenv("PLUGSKY_BASE_URL", await simulator.start())
    monkeypatch.setenv("PLUGSKY_API_KEY", "psk_live_12345678")
    (tmp_path / "work").mkdir()
    session = await open_session(Options(folder=tmp_path / "work", mode="auto", allow=["shell"]))
    yield session
    await session.close()
    await simulator.stop()


async def test_a_command_that_runs_is_moved_to_the_background_and_the_agent_goes_on(session) -> None:
    assert not session.background("nothing")
    results, call_id = [], ""
    async for event in session.send("serve"):
        if isinstance(event, ToolCalled):
            call_id = event.call_id
        if isinstance(event, ToolOutput) and "up" in event.text:
            assert session.background(call_id)
        if isinstance(event, ToolResulted):
            results.append(event)
        last = event
    assert last.text == "It serves."
    assert results[0].ok and "job_id job_1" in results[0].output
    [job] = session.jobs()
    assert (job.job_id, job.state, job.ended) == ("job_1", "running", None)
    assert "sleep 300" in job.command
    assert Path(job.path).read_text() == "up\n"
    pid = int((session.folder / "pid").read_text())
    assert alive(pid)
    await session.close()
    assert not alive(pid)
    assert (job.state, session.left_running) == ("killed", [])


async def test_a_run_that_is_interrupted_leaves_its_jobs_alone_and_stops_its_command(session) -> None:
    async for event in session.send("serve"):
        if isinstance(event, ToolOutput) and "up" in event.text:
            session.interrupt()
    assert not alive(int((session.folder / "pid").read_text()))
    assert session.jobs() == []
