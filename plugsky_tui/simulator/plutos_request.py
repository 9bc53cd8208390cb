"""The bodies of the PlutosAI surface, checked and typed.

Source: the PlutosAI API reference ("Data Processing", "Batch Processing", "Stream Processing").
Each endpoint takes the options that its section names, and no other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from plugsky_tui.simulator import checks
from plugsky_tui.simulator.conversation import Conversation, Message
from plugsky_tui.simulator.errors import invalid

MAX_INPUTS = 100
DEFAULT_MAX_TOKENS = 1000
MAX_STOPS = 4

_COMMON = ("temperature", "maxTokens", "topP", "systemPrompt")
_PROCESS = (*_COMMON, "frequencyPenalty", "presencePenalty", "stop")

Options = dict[str, Any]


@dataclass(slots=True)
class Wanted:
    """What one endpoint was asked: one input or several, all with the same `options` (as they were sent)."""

    model: str
    inputs: list[str]
    options: Options
    max_tokens: int = DEFAULT_MAX_TOKENS
    stop: list[str] = field(default_factory=list)

    def conversation(self, text: str) -> Conversation:
        """The conversation that the input `text` stands for."""
        system = self.options.get("systemPrompt")
        opening = [Message("system", system)] if system else []
        return Conversation([*opening, Message("user", text)])


def parse_process(body: dict[str, Any]) -> Wanted:
    """`POST /process`. ApiError 400 names what is wrong."""
    return _wanted(body, [_input(body)], ("input", "model", "options"), _PROCESS)


def parse_stream(body: dict[str, Any]) -> Wanted:
    """`POST /stream`."""
    return _wanted(body, [_input(body)], ("input", "model", "options"), _COMMON)


def parse_batch(body: dict[str, Any]) -> Wanted:
    """`POST /batch`."""
    if "inputs" not in body:
        raise checks.missing("inputs")
    given = checks.array(body["inputs"], "inputs", at_most=MAX_INPUTS)
    inputs = [_text(item, f"inputs[{place}]") for place, item in enumerate(given)]
    return _wanted(body, inputs, ("inputs", "model", "options"), _COMMON)


def _wanted(body: dict[str, Any], inputs: list[str], known: Collection[str], options: Collection[str]) -> Wanted:
    if "model" not in body:
        raise checks.missing("model")
    model = _text(body["model"], "model")
    checks.unknown(body, known)
    given = checks.mapping(body["options"], "options") if body.get("options") is not None else {}
    checks.unknown(given, options, "options.")
    named = {f"options.{name}": value for name, value in given.items()}
    _check_sampling(named)
    limit = checks.integer(named, "options.maxTokens", 1)
    return Wanted(model, inputs, given, DEFAULT_MAX_TOKENS if limit is None else limit, _stops(named))


def _check_sampling(options: Mapping[str, Any]) -> None:
    """Options that have no effect where nothing is sampled, and must be right all the same."""
    checks.number(options, "options.temperature", 0, 2)
    checks.number(options, "options.topP", 0, 1)
    checks.number(options, "options.frequencyPenalty", -2, 2)
    checks.number(options, "options.presencePenalty", -2, 2)
    if options.get("options.systemPrompt") is not None:
        checks.text(options["options.systemPrompt"], "options.systemPrompt")


def _stops(options: Mapping[str, Any]) -> list[str]:
    value = options.get("options.stop")
    if value is None:
        return []
    stops = checks.array(value, "options.stop", at_most=MAX_STOPS, may_be_empty=True)
    return [_text(item, f"options.stop[{place}]") for place, item in enumerate(stops)]


def _input(body: dict[str, Any]) -> str:
    if "input" not in body:
        raise checks.missing("input")
    return _text(body["input"], "input")


def _text(value: Any, param: str) -> str:
    written = checks.text(value, param)
    if not written:
        raise invalid(f"Invalid '{param}': the text is empty.", param)
    return written
