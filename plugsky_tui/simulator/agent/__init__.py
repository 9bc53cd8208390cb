"""The rule-based "model": from a conversation and its tools to the next reply, with nothing kept in between."""

from __future__ import annotations

import json
from typing import assert_never

from plugsky_tui.simulator.agent import talk
from plugsky_tui.simulator.agent.calling import call_tool, call_tools, forced, run_command
from plugsky_tui.simulator.agent.intents import is_arabic
from plugsky_tui.simulator.agent.offer import Offer
from plugsky_tui.simulator.agent.replay import play
from plugsky_tui.simulator.agent.situation import Situation, situation
from plugsky_tui.simulator.agent.steps import Ability, Act, Blocked
from plugsky_tui.simulator.agent.tasks import (
    CallTool,
    CallTools,
    Continue,
    Create,
    Delegate,
    Explain,
    Find,
    Fix,
    Greet,
    Introduce,
    Overview,
    Rename,
    Replace,
    RunCommand,
    RunTests,
    Stop,
    Task,
    Thanks,
    Unknown,
)
from plugsky_tui.simulator.conversation import Conversation, FunctionCall, Reply


def answer(conversation: Conversation) -> Reply:
    """The next reply. The same conversation always gets the same one."""
    if (call := forced(conversation)) is not None:
        return call
    now = situation(conversation)
    offer = Offer(conversation.tools if conversation.choice.mode != "none" else [])
    try:
        step = play(_all(now, offer.names), now.made, offer)
    except Blocked as blocked:
        step = blocked.message
    opening = (talk.DISCLAIMER_AR if is_arabic(now.said) else talk.DISCLAIMER) if now.first else ""
    if isinstance(step, Act):
        calls = [FunctionCall(call.name, json.dumps(call.arguments, ensure_ascii=False)) for call in step.calls]
        return Reply(_joined(opening, step.say), step.why or _read_as(now), calls)
    return Reply(_joined(opening, step), _read_as(now))


def _all(now: Situation, offered: set[str]) -> Ability:
    """The tasks one after another, as one ability."""
    answers: list[str] = []
    for task in now.tasks:
        try:
            answers.append((yield from _ability(task, offered, first=now.first)))
        except Blocked as blocked:
            answers.append(blocked.message)
            break  # what comes after may rest on it
    return "\n\n".join(answers)


def _ability(task: Task, offered: set[str], *, first: bool) -> Ability:
    """The ability for `task`. Each is imported when it is first asked for: most runs need one of them."""
    match task:
        case Overview():
            from plugsky_tui.simulator.agent.look import overview

            return (yield from overview())
        case Find(what=what, exact=exact):
            from plugsky_tui.simulator.agent.look import find

            return (yield from find(what, exact=exact))
        case Explain(what=what):
            from plugsky_tui.simulator.agent.look import explain

            return (yield from explain(what))
        case Rename(old=old, new=new, path=path):
            from plugsky_tui.simulator.agent.change import rename

            return (yield from rename(old, new, path))
        case Replace(old=old, new=new, path=path):
            from plugsky_tui.simulator.agent.change import replace

            return (yield from replace(old, new, path))
        case Create(path=path, content=content):
            from plugsky_tui.simulator.agent.change import create

            return (yield from create(path, content))
        case RunTests():
            from plugsky_tui.simulator.agent.testing import run_tests

            return (yield from run_tests())
        case Fix():
            from plugsky_tui.simulator.agent.repair.fix import fix

            return (yield from fix())
        case RunCommand(command=command):
            return (yield from run_command(command))
        case CallTool(name=name, arguments=arguments):
            return (yield from call_tool(name, arguments))
        case CallTools(calls=calls):
            return (yield from call_tools(calls))
        case Delegate(tasks=tasks):
            from plugsky_tui.simulator.agent.delegating import delegate

            return (yield from delegate(tasks))
        case Introduce(arabic=arabic):
            return talk.introduction(first=first, arabic=arabic)
        case Greet(arabic=arabic):
            return talk.greeting(arabic=arabic)
        case Thanks():
            return "You are welcome."
        case Stop():
            return "All right, I do nothing further."
        case Continue():
            return "There is nothing to continue: this is the beginning of our conversation."
        case Unknown(arabic=arabic):
            return talk.not_understood(offered, arabic=arabic)
        case _:
            assert_never(task)


def _read_as(now: Situation) -> str:
    """The rule behind a reply, for those who look into its reasoning."""
    return "Read by rule as: " + ", then ".join(type(task).__name__ for task in now.tasks) + "."


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)
