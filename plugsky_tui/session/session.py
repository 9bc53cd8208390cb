"""A session: one thread being worked on. Front ends send prompts, iterate over events, and decide nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from plugsky_tui.kernel.events import Event, Notice, Status, ThreadStarted
from plugsky_tui.kernel.loop import Objection, Review, Run, close_open_calls, run_turns
from plugsky_tui.kernel.messages import Image, Message, UserMessage
from plugsky_tui.kernel.parameters import Parameters
from plugsky_tui.kernel.ports import Provider, Toolbox
from plugsky_tui.kernel.redaction import redact
from plugsky_tui.session.sight import cannot_see

if TYPE_CHECKING:
    from plugsky_tui.permissions.gate import PermissionGate
    from plugsky_tui.providers.pacer import Rate
    from plugsky_tui.session.beside import Beside
    from plugsky_tui.session.models import ModelList
    from plugsky_tui.session.schemas import Schema
    from plugsky_tui.threads.thread import Thread
    from plugsky_tui.workspace.jobs import Foreground, Job, Jobs


class Session:
    """One agent on one thread in one folder.

    `thread` is the journal and what was said before; `gate` holds mode and rules; `provider`
    and `toolbox` may be replaced between runs, never during one.
    """

    def __init__(
        self,
        *,
        folder: Path,
        model: str,
        thread: Thread,
        gate: PermissionGate,
        toolbox: Toolbox,
        provider: Provider,
        system: Callable[[], str],
        models: Callable[[bool], Awaitable[ModelList]],
        sees: Callable[[str], bool | None],
        keys: Callable[[], Sequence[str]],
        jobs: Jobs,
        close: Callable[[], Awaitable[None]],
        rate: Callable[[str], Rate | None] = lambda model: None,
        region: Callable[[str], str | None] = lambda model: None,
        max_turns: int | None = None,
        warnings: Sequence[str] = (),
        parameters: Parameters | None = None,
        schema: Schema | None = None,
        last_words: Callable[[], list[Notice]] = list,
        reviews: Callable[[Run], list[Review]] = lambda run: [],
    ) -> None:
        self.folder = folder
        self.thread = thread
        self.gate = gate
        self.toolbox = toolbox
        self.provider = provider
        self.max_turns = max_turns
        self.warnings = list(warnings)
        self._model = model
        self._system = system
        self._models = models
        self._sees = sees
        self._keys = keys
        self._jobs = jobs
        self.left_running: list[str] = []  # after `close`: what left its command's session, as "sleep 60 (123)"
        self._close = close
        self._parameters = parameters or Parameters()
        self._schema = schema
        self._last_words = last_words
        self._reviews = reviews
        self._rate = rate
        self._region = region
        self._conversation: list[Message] = thread.conversation()
        self._inbox: list[UserMessage] = []
        self._told: list[
            UserMessage
        ] = []  # what the user did meanwhile: part of the conversation from the next prompt on
        self.beside: Beside | None = None  # set by whoever builds a session that has one
        self._task: asyncio.Task[object] | None = None
        self._stop: Status | None = None
        self._resumed = bool(self._conversation)
        self._troubles: list[str] = []  # what went wrong with saving, not told yet
        thread.on_problem = self._troubles.append

    # --- what it is -------------------------------------------------------------------------

    @property
    def thread_id(self) -> str:
        return self.thread.thread_id

    @property
    def busy(self) -> bool:
        """True from `send` until its last event."""
        return self._task is not None

    @property
    def model(self) -> str:
        return self._model

    @model.setter
    def model(self, name: str) -> None:
        """Takes effect with the next prompt."""
        self._model = name
        self.thread.setting("model", name)

    @property
    def mode(self) -> str:
        return self.gate.mode

    @mode.setter
    def mode(self, name: str) -> None:
        self.gate.mode = name
        self.thread.setting("mode", name)

    def rate(self) -> Rate | None:
        """The requests of the last minute against the plan; None before the first of this process."""
        return self._rate(self._model)

    @property
    def region(self) -> str | None:
        """Where requests are to be processed, as configured; None where nothing is, or for another provider."""
        return self._region(self._model)

    def system(self) -> str:
        """The system prompt of the next request."""
        return self._system()

    def conversation(self) -> Sequence[Message]:
        """What the next request would send of what was said so far."""
        return list(self._conversation)

    def history(self) -> list[UserMessage | Event]:
        """What was said and done in this thread before, to be drawn again: each text block is one delta. What a review
        told the model is left out: they are not the user's words, and the notice before them tells of it."""
        return _without_objections(self.thread.history())

    async def models(self, *, refresh: bool = False) -> ModelList:
        """The models on offer; `refresh` asks the servers (ProviderError where none answers), else what is known
        is enough."""
        return await self._models(refresh)

    def sees(self, model: str) -> bool | None:
        """Whether `model` takes images; None where that is not known."""
        return self._sees(model)

    # --- what it does -----------------------------------------------------------------------

    async def send(self, prompt: str, images: Sequence[Image] = ()) -> AsyncGenerator[Event, None]:
        """One run: `ThreadStarted` first, `ThreadCompleted` last. One at a time.

        The caller must do nothing but draw between two events: `interrupt` cancels the task that
        iterates, and the run then ends here, in order, with its last events. UsageError ("no_vision") for
        images to a model that cannot see: nothing has happened then.
        """
        if self._task is not None:
            raise RuntimeError("this session is already working on a prompt")
        if images and self._sees(self._model) is False:
            raise cannot_see(self._model, [info.id for info in await self._models(False) if info.sees])
        self._task = asyncio.current_task()
        self._stop = None
        run = Run(
            model=self._model,
            conversation=self._conversation,
            system=self._system,
            max_turns=self.max_turns,
            inbox=self._take_inbox,
            last_words=self._last_words,
            parameters=self._parameters,
        )
        run.reviews = self._reviews(run)
        if self._schema is not None:
            self._ask_for_json(run, self._schema)
        try:
            started = ThreadStarted(str(self.folder), self._model, self.mode, self._resumed)
            self._resumed = True
            self.thread.event(started)
            self._take_told()
            yield started
            message = UserMessage(redact(prompt, self._keys()), list(images))
            self.thread.prompt(message)
            if message.text != prompt:
                yield Notice("key_removed", "Your API key was in the prompt: it was taken out.")
            self._conversation.append(message)
            turns = run_turns(run, provider=self.provider, toolbox=self.toolbox, gate=self.gate, journal=self.thread)
            try:
                async with aclosing(turns) as events:
                    async for event in events:
                        yield event
                        while self._troubles:
                            yield Notice("not_saved", self._troubles.pop(0))
            except asyncio.CancelledError:
                stop = self._asked_to_stop()
                if stop is None:
                    raise  # whoever owns the task wants it to end, not the run
                for event in (*close_open_calls(self._conversation), *_why(stop), run.completed(stop)):
                    self.thread.event(event)
                    yield event
        finally:
            self._task = None
            self._take_told()

    def steer(self, text: str) -> None:
        """Said while the agent works: heard at its next request."""
        self._inbox.append(UserMessage(redact(text, self._keys())))

    def tell(self, text: str) -> None:
        """Let the model know of something the user did, with the next prompt. Part of the thread at once, while a run goes on
        after its end."""
        self._told.append(UserMessage(redact(text, self._keys())))
        if self._task is None:
            self._take_told()

    def interrupt(self, status: Status = "interrupted") -> None:
        """End the run now. Its stream is closed and its processes are stopped; nothing said or done is lost."""
        if self._task is not None and self._stop is None:
            self._stop = status
            self._task.cancel()

    def jobs(self) -> list[Job]:
        """The commands in the background, also those that have ended; the oldest first."""
        return list(self._jobs)

    def foreground(self) -> list[Foreground]:
        """The commands that `background` can move."""
        return self._jobs.foreground

    def background(self, call_id: str) -> bool:
        """Let the command that the call runs go on in the background, so that its call ends; False where it runs none."""
        return self._jobs.move(call_id)

    async def close(self) -> None:
        """Stop what still runs and let go of thread, connections and child processes."""
        self.thread.close()
        await self._close()

    def _ask_for_json(self, run: Run, schema: Schema) -> None:
        """The run ends with JSON that fits `schema`, or fails."""
        from plugsky_tui.session.structured import Structured

        structured = Structured(schema)

        async def review(text: str) -> AsyncIterator[Event | Objection]:
            objection = structured.review(text)
            if structured.accepted is not None:
                run.text = structured.accepted
            if objection:
                yield Objection(objection)

        run.reviews = [*run.reviews, review]
        run.parameters = replace(run.parameters, response_format=structured.response_format)
        run.last_words = lambda: [*structured.last_words(), *self._last_words()]

    def _asked_to_stop(self) -> Status | None:
        """How `interrupt` wants the run to end; the cancellation it used to get here is then over."""
        if self._stop is not None and self._task is not None:
            self._task.uncancel()
        return self._stop

    def _take_told(self) -> None:
        while self._told:
            message = self._told.pop(0)
            self.thread.prompt(message)
            self._conversation.append(message)

    def _take_inbox(self) -> list[UserMessage]:
        taken, self._inbox = self._inbox, []
        return taken


def _without_objections(history: Sequence[UserMessage | Event]) -> list[UserMessage | Event]:
    kept: list[UserMessage | Event] = []
    asked_again = False
    for item in history:
        if not (asked_again and isinstance(item, UserMessage)):
            kept.append(item)
        asked_again = isinstance(item, Notice) and item.code == "asked_again"
    return kept


def _why(status: Status) -> list[Event]:
    return [Notice("time_limit", "Stopped: the time of this run is up.")] if status == "limited" else []
