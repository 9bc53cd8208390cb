"""The agent loop: one run is requests and tool calls in turn, until the model calls no more tools.

Everything it needs comes through the ports. Cancelling the task that iterates ends the run at
once: the stream is closed, running tools are cancelled (they stop their child processes), what
was said and done stays in the conversation, and `repair` makes it valid for the next request.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import field
from io import StringIO
from itertools import groupby
from time import monotonic

from plugsky_tui.kernel.errors import PlugskyError, ProviderError, ToolError
from plugsky_tui.kernel.events import (
    Denial,
    ErrorRaised,
    Event,
    FileChanged,
    Notice,
    PermissionAsked,
    PermissionResolved,
    ReasoningDelta,
    Status,
    TextDelta,
    ThoughtSealed,
    ThreadCompleted,
    ToolCalled,
    ToolOutput,
    ToolResulted,
    TurnCompleted,
    TurnStarted,
    Within,
)
from plugsky_tui.kernel.guard import NUDGE, NUDGE_AT, STOP_AT, LoopGuard
from plugsky_tui.kernel.messages import (
    INTERRUPTED,
    AssistantMessage,
    Message,
    Thought,
    ToolCall,
    ToolMessage,
    UserMessage,
    repair,
)
from plugsky_tui.kernel.parameters import Parameters
from plugsky_tui.kernel.ports import (
    Finished,
    Gate,
    Journal,
    Prepared,
    Provider,
    Request,
    Restarted,
    Toolbox,
    ToolResult,
)
from plugsky_tui.kernel.record import record

SLICE_S = 0.002  # how long a stream may keep everything else waiting

Live = ToolOutput | FileChanged | Within


def _nothing() -> list[UserMessage]:
    return []


def _silent() -> list[Notice]:
    return []


@record
class Objection:
    """Why an answer cannot be the last: put to the model, which then goes on. `notice`, where it is not empty, is what
    people are told of it instead."""

    text: str
    notice: str = ""


Review = Callable[[str], AsyncIterator[Event | Objection]]


@record
class Run:
    """One run and its state: whoever started it can read how far it came, also after a cancellation.

    `conversation` is extended in place. `system` makes the system prompt of each request, `inbox`
    gives (and forgets) what the user said meanwhile, to be heard at the next request. Each of `reviews`, in order, reads
    the answer a run would end with: it may tell what it does in events, the first Objection ends the reviews, and a
    PlugskyError ends the run as failed. `last_words` are told before `ThreadCompleted`. `changed` are the paths of files
    that tools have changed, as in FileChanged; who reviews may empty it.
    """

    model: str
    conversation: list[Message]
    system: Callable[[], str] = str
    max_turns: int | None = None
    inbox: Callable[[], list[UserMessage]] = _nothing
    reviews: Sequence[Review] = ()
    last_words: Callable[[], list[Notice]] = _silent
    parameters: Parameters = field(default_factory=Parameters)
    turns: int = 0
    text: str = ""
    denied: list[Denial] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    guard: LoopGuard = field(default_factory=LoopGuard)

    def completed(self, status: Status) -> ThreadCompleted:
        return ThreadCompleted(status, self.text, self.turns, list(self.denied))


async def run_turns(
    run: Run, *, provider: Provider, toolbox: Toolbox, gate: Gate, journal: Journal
) -> AsyncGenerator[Event, None]:
    """The events of one run, each in the journal before it is yielded; `ThreadCompleted` is the last."""
    async with aclosing(_turns(run, provider, toolbox, gate, journal)) as events:
        async for event in events:
            if type(event) is ThreadCompleted:
                for notice in run.last_words():
                    journal.event(notice)
                    yield notice
            journal.event(event)
            yield event


async def _turns(
    run: Run, provider: Provider, toolbox: Toolbox, gate: Gate, journal: Journal
) -> AsyncGenerator[Event, None]:
    while run.max_turns is None or run.turns < run.max_turns:
        run.turns += 1
        yield TurnStarted(run.turns)
        for message in run.inbox():
            journal.prompt(message)
            run.conversation.append(message)
        run.conversation[:], mended = repair(run.conversation)
        for sentence in mended:
            yield Notice("repaired", sentence)

        reply = AssistantMessage(model=run.model)
        request = Request(
            run.model,
            run.system(),
            tuple(run.conversation),
            toolbox.definitions(),
            run.parameters,
            opening=run.turns == 1,
        )
        finished: Finished | None = None
        try:
            async with aclosing(_listen(provider, request, run, reply)) as heard:
                async for item in heard:
                    if isinstance(item, Finished):
                        finished = item
                    else:
                        yield item
        except ProviderError as error:
            yield ErrorRaised(error.code, error.status, error.message, error.hint, error.request_id)
        if finished is None:
            yield run.completed("failed")
            return

        reply.calls, reply.model = finished.calls, finished.model
        for call in reply.calls:
            yield ToolCalled(call.call_id, call.name, call.arguments, call.raw)
        circling = False
        async with aclosing(_run_calls(reply.calls, run, toolbox, gate)) as done:
            async for event in done:
                yield event
                if isinstance(event, Notice) and event.code == "loop_guard":
                    circling = True
                    break
        if circling:
            for closed in close_open_calls(run.conversation):
                yield closed
        yield TurnCompleted(finished.finish_reason, finished.model)
        if circling:
            yield run.completed("limited")
            return
        if not reply.calls:
            waiting = run.inbox()
            if not waiting:
                async with aclosing(_reviewed(run, reply.text)) as reviewed:
                    async for told in reviewed:
                        if isinstance(told, UserMessage):
                            waiting.append(told)
                        else:
                            yield told
            if not waiting:
                return
            for message in waiting:
                journal.prompt(message)
            run.conversation.extend(waiting)
    yield Notice("turn_limit", f"Stopped after {run.turns} turns, the limit of this run; the thread can be continued.")
    yield run.completed("limited")


async def _reviewed(run: Run, text: str) -> AsyncGenerator[Event | UserMessage, None]:
    """What the reviews of `text` tell, then the last events of the run; or, where it must not end so, what the model is
    told."""
    try:
        for review in run.reviews:
            async for item in review(text):
                if isinstance(item, Objection):
                    yield Notice("asked_again", item.notice or item.text)
                    yield UserMessage(item.text)
                    return
                yield item
    except PlugskyError as error:
        yield ErrorRaised(error.code, None, error.message, error.hint, "")
        yield run.completed("failed")
        return
    said = run.inbox()  # reviews take their time
    for message in said:
        yield message
    if said:
        return
    if not text.strip():
        yield Notice("empty_answer", "The model ended without a word: ask again, or another model.")
    yield run.completed("completed")


async def _listen(
    provider: Provider, request: Request, run: Run, reply: AssistantMessage
) -> AsyncGenerator[Event | Finished, None]:
    """The stream of one request; `reply` is in the conversation from the start, and whole whenever this ends."""
    said = StringIO()  # a list would keep each of a million deltas alive
    thought = StringIO()
    unsealed = 0  # where in `thought` the block begins that has no seal yet
    run.conversation.append(reply)
    reply.interrupted = True
    try:
        async with aclosing(provider.stream(request)) as stream:  # type: ignore[type-var]  # every generator can be closed
            breath = monotonic() + SLICE_S
            async for item in stream:
                if monotonic() > breath:
                    await asyncio.sleep(0)  # buffered chunks come without a pause: keys and frames want their turn
                    breath = monotonic() + SLICE_S
                if type(item) is TextDelta:  # the hot path comes first
                    said.write(item.text)
                    yield item
                elif isinstance(item, ReasoningDelta):
                    thought.write(item.text)
                    yield item
                elif isinstance(item, ThoughtSealed):
                    text = "" if item.redacted else thought.getvalue()[unsealed:]
                    reply.thoughts.append(Thought(text, item.seal, item.redacted))
                    unsealed = thought.tell()
                    yield item
                elif isinstance(item, Restarted):
                    said, thought = StringIO(), StringIO()
                    reply.thoughts.clear()
                    unsealed = 0
                    yield Notice(
                        "answer_restarted", "The connection broke in the middle of the answer: it is asked for again."
                    )
                elif isinstance(item, Finished):
                    reply.interrupted = False
                    reply.text, reply.reasoning = said.getvalue(), thought.getvalue()
                    yield item
                else:
                    yield item
    finally:
        if reply.interrupted:
            reply.text, reply.reasoning = said.getvalue(), thought.getvalue()
        run.text = reply.text  # also where it broke off: the status says that it is not whole


async def _run_calls(calls: Sequence[ToolCall], run: Run, toolbox: Toolbox, gate: Gate) -> AsyncGenerator[Event, None]:
    """Reading calls that stand next to each other run side by side; each changing call runs alone, in order."""
    for batch in _batches(calls, toolbox):
        allowed: list[Prepared] = []
        for call in batch:
            try:
                prepared = await toolbox.prepare(call)
            except ToolError as error:
                for event in _concluded(run, call, call.name, ToolResult(explain(error), ok=False), 0.0):
                    yield event
                continue
            judgement = gate.judge(prepared)
            if judgement.verdict == "ask":
                yield PermissionAsked(call.call_id, judgement.reason)
                answer = await gate.ask(prepared, judgement)
                verdict, by, reason, word = answer.verdict, answer.by, answer.reason, answer.word
                if answer.hunks is not None and prepared.parts is not None:
                    prepared = prepared.parts.only(answer.hunks)
            else:
                verdict, by, reason, word = judgement.verdict, judgement.by, judgement.reason, ""
            yield PermissionResolved(call.call_id, verdict, by, reason)
            if verdict == "allow":
                allowed.append(prepared)
                continue
            run.denied.append(Denial(call.call_id, call.name, reason))
            for event in _concluded(run, call, prepared.title, ToolResult(_refusal(by, reason, word), ok=False), 0.0):
                yield event
        async with aclosing(_side_by_side(allowed)) as happenings:
            async for happening in happenings:
                if not isinstance(happening, tuple):
                    if isinstance(happening, FileChanged):
                        run.changed.append(happening.path)
                    yield happening
                    continue
                prepared, result, seconds = happening
                run.denied += result.denied
                for change in result.changes:
                    run.changed.append(change.path)
                    yield FileChanged(change.path, change.added, change.removed)
                for event in _concluded(run, prepared.call, prepared.title, result, seconds):
                    yield event


def _batches(calls: Sequence[ToolCall], toolbox: Toolbox) -> Iterator[list[ToolCall]]:
    for reads_only, group in groupby(calls, key=lambda call: toolbox.reads_only(call.name)):
        if reads_only:
            yield list(group)
        else:
            yield from ([call] for call in group)


async def _side_by_side(
    ready: Sequence[Prepared],
) -> AsyncGenerator[Live | tuple[Prepared, ToolResult, float], None]:
    """Live output and results as they come. Ending this early cancels what still runs, and waits for it."""
    queue: asyncio.Queue[Live | tuple[Prepared, ToolResult, float]] = asyncio.Queue()

    async def act(prepared: Prepared) -> None:
        started = monotonic()
        call_id = prepared.call.call_id
        try:
            result = await prepared.act(lambda told: queue.put_nowait(_live(call_id, told)))
        except ToolError as error:
            result = ToolResult(explain(error), ok=False)
        except Exception as error:  # a tool of anyone's making: its fault is a result, not our crash
            result = ToolResult(f"The tool {prepared.call.name} failed: {type(error).__name__}: {error}", ok=False)
        queue.put_nowait((prepared, result, monotonic() - started))

    tasks = [asyncio.create_task(act(prepared)) for prepared in ready]
    left = len(tasks)
    try:
        while left:
            happening = await queue.get()
            if isinstance(happening, tuple):
                left -= 1
            yield happening
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _live(call_id: str, told: str | Event) -> Live:
    """What a call tells while it runs. A file is changed at once, whoever did it: an interruption cannot undo that."""
    if isinstance(told, str):
        return ToolOutput(call_id, told)
    return told if isinstance(told, FileChanged) else Within(call_id, told)


def _concluded(run: Run, call: ToolCall, title: str, result: ToolResult, seconds: float) -> Iterator[Event]:
    """The result, into the conversation too. Refused and impossible calls go in circles as well as others."""
    times = run.guard.seen(call.name, call.arguments or call.raw, result.output)
    if times >= NUDGE_AT:
        result.output += "\n\n" + NUDGE.format(count=times)
    run.conversation.append(ToolMessage(call.call_id, call.name, result.output, result.ok, result.images))
    yield ToolResulted(call.call_id, result.ok, result.output, round(seconds, 3), result.display, result.images)
    if times >= STOP_AT:
        yield Notice("loop_guard", f"Stopped: {title} came {times} times to the same result.")


_WITHOUT = "Go on without it, and say in your answer what is left to do."


def _refusal(by: str, reason: str, word: str) -> str:
    match by:
        case "user":
            text, hint = "The user did not allow this.", ""  # the system prompt says what to do then
        case "no-one-to-ask":
            text, hint = f"Not allowed: {reason} There is no one to ask in this run.", _WITHOUT
        case _:
            text, hint = f"Not allowed: {reason}", _WITHOUT
    return f"{text} The user says: {word}" if word else f"{text}\n{hint}".rstrip()


def explain(error: ToolError) -> str:
    """What the model reads of a tool's error: what went wrong, then what to do next."""
    return f"{error.message}\n{error.hint}" if error.hint else error.message


def close_open_calls(conversation: list[Message]) -> list[ToolResulted]:
    """After a cancellation: results, put into the conversation, for the last answer's calls that have none."""
    answered: set[str] = set()
    closed: list[ToolCall] = []
    for message in reversed(conversation):
        if isinstance(message, AssistantMessage):
            closed = [call for call in message.calls if call.call_id not in answered]
            break
        if isinstance(message, ToolMessage):  # of this answer: earlier ones may have had the same ids
            answered.add(message.call_id)
    conversation.extend(ToolMessage(call.call_id, call.name, INTERRUPTED, ok=False) for call in closed)
    return [ToolResulted(call.call_id, False, INTERRUPTED, 0.0) for call in closed]
