"""A session that plays what it is told, and the app around it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from plugsky_tui.frontends.tui.app import PlugskyApp
from plugsky_tui.frontends.tui.look import Look
from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.kernel.events import (
    Event,
    PermissionAsked,
    PermissionResolved,
    TextDelta,
    ThreadCompleted,
    ThreadStarted,
    ToolResulted,
    TurnCompleted,
    TurnStarted,
)
from plugsky_tui.kernel.messages import ToolCall, UserMessage
from plugsky_tui.kernel.ports import JudgedPart, Judgement, Prepared
from plugsky_tui.permissions.ask import Approval
from plugsky_tui.providers.catalogue import ModelInfo
from plugsky_tui.providers.pacer import Rate
from plugsky_tui.session.models import ModelList
from plugsky_tui.session.options import Options
from plugsky_tui.tooling.context import SUBAGENT


@dataclass
class Ask:
    """A step of a script: a call that needs approval, of the subagent `agent`, where one is named."""

    prepared: Prepared
    judgement: Judgement
    agent: str = ""


@dataclass
class Question:
    question: str
    options: list[str] = field(default_factory=list)
    agent: str = ""


class Hold:
    """A step of a script: wait until released (or interrupted)."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.released = asyncio.Event()


Step = Event | Ask | Question | Hold


class FakeSession:
    """Session's surface. Each prompt plays the next script; without one, the prompt is echoed."""

    def __init__(self, scripts: Sequence[Sequence[Step]] = (), history: Sequence[UserMessage | Event] = ()) -> None:
        self.scripts = [list(script) for script in scripts]
        self.folder = Path("/work")
        self.thread_id = "thread-1"
        self.thread = SimpleNamespace(title="The first one", settings={}, on_problem=None)
        self.thread.setting = self.thread.settings.__setitem__
        self.warnings: list[str] = []
        self.model, self.mode = "plugsky-pro", "ask"
        self.sent: list[str] = []
        self.steered: list[str] = []
        self.approvals: list[Approval] = []
        self.answers: list[str | None] = []
        self.interrupted = 0
        self.closed = False
        self.asker: Any = None
        self.questioner: Any = None
        self.known = [
            ModelInfo("plugsky-micro", 131_072, "free", ("fast", "tools"), "small and quick"),
            ModelInfo("plugsky-pro", 65_536, "default", ("code", "tools"), "code and reasoning"),
            ModelInfo("plugsky-max", 131_072, "reasoning", ("reasoning",), "long thoughts"),
        ]
        self.live: Sequence[ModelInfo] | PlugskyError | None = None
        self.age_s: float | None = 0.0
        self.troubles: dict[str, PlugskyError] = {}
        self.refreshed = 0
        self.images: list[Any] = []
        self.region: str | None = None
        self.used_rate: Rate | None = None
        self.background_jobs: list[Any] = []
        self.waited_for: list[Any] = []
        self.moved: list[str] = []
        self.left_running: list[str] = []
        self.beside: Any = None
        self.told: list[str] = []
        self.gate: Any = None
        self.toolbox: Any = SimpleNamespace(definitions=list, reads_only=lambda name: True)
        self.said: list[Any] = []
        self._history = list(history)
        self._task: asyncio.Task[Any] | None = None

    @property
    def busy(self) -> bool:
        return self._task is not None

    def history(self) -> list[UserMessage | Event]:
        return self._history

    def system(self) -> str:
        return "You are plugsky."

    def conversation(self) -> list[Any]:
        return self.said

    async def models(self, *, refresh: bool = False) -> ModelList:
        self.refreshed += refresh
        if refresh and isinstance(self.live, PlugskyError):
            raise self.live
        models = ModelList(self.live if refresh and self.live is not None else self.known)
        models.age_s, models.troubles = (0.0 if refresh else self.age_s), self.troubles if refresh else {}
        return models

    def sees(self, model: str) -> bool | None:
        return next((info.sees for info in self.known if info.id == model), None)

    def rate(self) -> Rate | None:
        return self.used_rate

    async def send(self, prompt: str, images: Sequence[Any] = ()) -> AsyncGenerator[Event, None]:
        self._task = asyncio.current_task()
        self.sent.append(prompt)
        self.images.append(list(images))
        script: list[Step] = self.scripts.pop(0) if self.scripts else [TextDelta(f"You said: {prompt}")]
        status = "completed"
        try:
            yield ThreadStarted(str(self.folder), self.model, self.mode)
            yield TurnStarted(1)
            try:
                for step in script:
                    async for event in self._play(step):
                        yield event
                yield TurnCompleted("stop", "plugsky-pro")
            except asyncio.CancelledError:
                if not self.interrupted:
                    raise
                asyncio.current_task().uncancel()  # type: ignore[union-attr]
                status = "interrupted"
            yield ThreadCompleted(status, "", 1)  # type: ignore[arg-type]
        finally:
            self._task = None

    async def _play(self, step: Step) -> AsyncGenerator[Event, None]:
        match step:
            case Ask():
                call_id = step.prepared.call.call_id
                SUBAGENT.set(step.agent)
                yield PermissionAsked(call_id, step.judgement.reason)
                answer = await self.asker(step.prepared, step.judgement)
                self.approvals.append(answer)
                yield PermissionResolved(call_id, answer.verdict, "user", "")
                yield ToolResulted(call_id, answer.verdict == "allow", answer.verdict, 0.1)
            case Question():
                SUBAGENT.set(step.agent)
                self.answers.append(await self.questioner(step.question, step.options))
            case Hold():
                step.reached.set()
                await step.released.wait()
            case _:
                yield step

    def jobs(self) -> list[Any]:
        return self.background_jobs

    def foreground(self) -> list[Any]:
        return self.waited_for

    def background(self, call_id: str) -> bool:
        self.moved.append(call_id)
        return True

    def tell(self, text: str) -> None:
        self.told.append(text)

    def steer(self, text: str) -> None:
        self.steered.append(text)

    def interrupt(self, status: str = "interrupted") -> None:
        self.interrupted += 1
        if self._task is not None:
            self._task.cancel()

    async def close(self) -> None:
        self.closed = True


class Stage:
    """Makes apps and the things that happen in them."""

    Ask, Question, Hold, Session = Ask, Question, Hold, FakeSession

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sessions: list[FakeSession] = []
        self.opened: list[Options] = []
        self.apps: list[PlugskyApp] = []

    def app(
        self,
        *scripts: Sequence[Step],
        opening: Callable[[Options], Any] | None = None,
        on_trust: Any = None,
        session: FakeSession | None = None,
        **look: Any,
    ) -> PlugskyApp:
        """An app whose first session plays `scripts`; `opening` may wait or raise before it is there."""
        waiting = [session or FakeSession(scripts)]

        async def open_session(options: Options, asker: Any, questioner: Any) -> Any:
            self.opened.append(options)
            if opening is not None:
                result = opening(options)
                if asyncio.iscoroutine(result):
                    await result
            new = waiting.pop(0) if waiting else FakeSession()
            new.asker, new.questioner = asker, questioner
            if options.model:
                new.model = options.model
            if options.resume:
                new.thread_id = options.resume
            self.sessions.append(new)
            return new

        look = {"folder": self.folder, "model": "plugsky-pro", "theme": "plugsky-dark", **look}
        app = PlugskyApp(Options(folder=self.folder), Look(**look), open_session, on_trust=on_trust)
        self.apps.append(app)
        return app

    @property
    def session(self) -> FakeSession:
        return self.sessions[-1]

    @staticmethod
    def call(title: str = "Run a command", *preview: Any, reason: str = "not plainly read-only", **more: Any) -> Ask:
        """A call to approve; `more` goes into the Judgement."""
        prepared = Prepared(ToolCall("c1", "shell", {"command": "x"}), title, (), _never, preview)
        return Ask(prepared, Judgement("ask", "mode", reason, **more))

    @staticmethod
    def part(command: str, reason: str) -> JudgedPart:
        return JudgedPart(command, "ask", reason)


async def _never(progress: Any) -> Any:
    raise AssertionError("nothing runs here")


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """A stage on which a pressed key has been dealt with as soon as no message waits any more.

    Textual's pilot waits for the process to be idle, which takes 40 ms a key at best, and a second on a busy machine.
    """
    made = Stage(tmp_path)

    async def until_quiet(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
        deadline = asyncio.get_running_loop().time() + max_sleep
        quiet = 0
        while quiet < 3 and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.001)
            app = made.apps[-1]
            pumps = [app, *app.screen.walk_children(with_self=True)] if app.is_running else []
            quiet = 0 if any(pump.message_queue_size for pump in pumps) else quiet + 1

    monkeypatch.setattr("textual.app.wait_for_idle", until_quiet)
    monkeypatch.setattr("textual.pilot.wait_for_idle", until_quiet)
    return made


def screen_text(app: PlugskyApp) -> str:
    """What is on the screen, line by line."""
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in lines[: app.size.height])


@pytest.fixture
def shown() -> Callable[[PlugskyApp], str]:
    return screen_text


async def wait_until(pilot: Any, condition: Callable[[], Any], seconds: float = 15.0) -> None:
    """Wait for something that must happen soon; AssertionError where it does not."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "it did not happen"
        await pilot.pause(0.01)


@pytest.fixture
def until() -> Callable[..., Any]:
    return wait_until


async def unguard(pilot: Any, app: PlugskyApp) -> Any:
    """The dialog on top, its guard being over; waits until there is one."""
    desk = await app.desk()
    await wait_until(pilot, lambda: desk.layers.top is not None and desk.layers.top._ready_at != float("inf"))
    layer = desk.layers.top
    layer._ready_at = layer.clock() - 1
    return layer


@pytest.fixture
def unguarded() -> Callable[..., Any]:
    return unguard
