"""Where a conversation stands: the task in hand, and the calls made for it so far."""

from __future__ import annotations

import json
from dataclasses import dataclass

from plugsky_tui.simulator.agent.intents import understood
from plugsky_tui.simulator.agent.steps import Call, Result
from plugsky_tui.simulator.agent.tasks import Continue, Fix, RunTests, Task
from plugsky_tui.simulator.conversation import Conversation, Message


@dataclass(slots=True)
class Situation:
    """`made` are the calls for these tasks with their results, in order; `first`: nothing was answered before."""

    tasks: list[Task]
    made: list[Result]
    first: bool
    said: str  # the message the tasks are from


def situation(conversation: Conversation) -> Situation:
    messages = conversation.messages
    asked = [place for place, message in enumerate(messages) if message.role == "user"]
    first = not any(message.role == "assistant" for message in messages)
    if not asked:
        return Situation(understood(""), [], first, "")
    place = asked.pop()
    said = messages[place].text
    tasks = understood(said)
    fresh = True  # only a task that is taken up again has something behind it to skip
    while len(tasks) == 1 and isinstance(tasks[0], Continue) and asked:
        consent = tasks[0].consent
        newest, place = place, asked.pop()
        tasks = understood(messages[place].text)
        if consent and isinstance(tasks[-1], RunTests):
            return Situation([Fix()], _made(messages[newest:]), first, said)  # what the report of the tests offered
        fresh = False
    made = _made(messages[place:])
    if not fresh:
        made = [result for result in made if not (result.refused or result.interrupted)]
    return Situation(tasks, made, first, messages[place].text)


def _made(messages: list[Message]) -> list[Result]:
    outputs = {message.call_id: message.text for message in messages if message.role == "tool"}
    return [
        Result(Call(call.name, _arguments(call.arguments)), outputs[call.call_id])
        for message in messages
        for call in message.calls
        if call.call_id in outputs
    ]


def _arguments(text: str) -> dict[str, object]:
    try:
        parsed = json.loads(text)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
