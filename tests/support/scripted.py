"""A scripted model, toolbox, gate and journal: the loop's four ports with every move visible."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.kernel.events import Event, TextDelta
from plugsky_tui.kernel.loop import Run, run_turns
from plugsky_tui.kernel.messages import ToolCall, UserMessage
from plugsky_tui.kernel.ports import (
    Answer,
    Finished,
    Judgement,
    Prepared,
    Request,
    StreamItem,
    ToolDefinition,
    ToolResult,
)

Step = StreamItem | Exception | Callable[[], object]


@dataclass
class ScriptedModel:
    """Plays one list of items per request; keeps the requests."""

    answers: list[list[Step]]
    requests: list[Request] = field(default_factory=list)
    closed: int = 0

    async def stream(self, request: Request) -> AsyncIterator[StreamItem]:
        self.requests.append(request)
        try:
            for step in self.answers[len(self.requests) - 1]:
                await asyncio.sleep(0)
                if isinstance(step, Exception):
                    raise step
                if callable(step):
                    await step()  # type: ignore[misc]
                else:
                    yield step
        finally:
            self.closed += 1


@dataclass
class Tools:
    """`reads` are read-only, anything else changes things. Each logs when it starts and ends."""

    reads: set[str] = field(default_factory=lambda: {"read", "grep"})
    log: list[str] = field(default_factory=list)
    outputs: dict[str, Callable[[ToolCall], str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def definitions(self) -> Sequence[ToolDefinition]:
        return [ToolDefinition("read", "Reads.", {"type": "object", "properties": {}})]

    def reads_only(self, name: str) -> bool:
        return name in self.reads

    async def prepare(self, call: ToolCall) -> Prepared:
        if call.name == "missing":
            raise ToolError("There is no tool named missing.", hint="Use read.")

        async def act(progress: Callable[[str], None]) -> ToolResult:
            self.log.append(f"start {call.call_id}")
            try:
                progress(f"working on {call.call_id}")
                await asyncio.sleep(self.seconds.get(call.name, 0.01))
                make = self.outputs.get(call.name)
                return ToolResult(make(call) if make else f"result of {call.call_id}")
            except asyncio.CancelledError:
                self.log.append(f"cancelled {call.call_id}")
                raise
            finally:
                self.log.append(f"end {call.call_id}")

        return Prepared(call, f"{call.name} {call.call_id}", (), act)


@dataclass
class OpenGate:
    verdicts: dict[str, str] = field(default_factory=dict)
    answer: Answer = field(default_factory=lambda: Answer("deny", "user", "the user said no", "use the other file"))

    def judge(self, prepared: Prepared) -> Judgement:
        return Judgement(self.verdicts.get(prepared.call.name, "allow"), "mode", "because")  # type: ignore[arg-type]

    async def ask(self, prepared: Prepared, judgement: Judgement) -> Answer:
        return self.answer


@dataclass
class Pages:
    events: list[Event] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)

    def prompt(self, message: UserMessage) -> None:
        self.prompts.append(message.text)

    def event(self, event: Event) -> None:
        self.events.append(event)


@dataclass
class Stage:
    model: ScriptedModel
    tools: Tools = field(default_factory=Tools)
    gate: OpenGate = field(default_factory=OpenGate)
    journal: Pages = field(default_factory=Pages)
    run: Run = field(default_factory=lambda: Run("m", [UserMessage("do it")]))

    def events(self) -> AsyncIterator[Event]:
        return run_turns(self.run, provider=self.model, toolbox=self.tools, gate=self.gate, journal=self.journal)

    async def play(self) -> list[Event]:
        return [event async for event in self.events()]


def stage(*answers: list[Step], **parts: object) -> Stage:
    return Stage(ScriptedModel(list(answers)), **parts)  # type: ignore[arg-type]


def says(text: str) -> list[Step]:
    return [TextDelta(text), Finished("stop", "m")]


def calls(*pairs: tuple[str, str]) -> list[Step]:
    made = [ToolCall(call_id, name, {"of": name}) for call_id, name in pairs]
    return [Finished("tool_calls", "m", made)]
