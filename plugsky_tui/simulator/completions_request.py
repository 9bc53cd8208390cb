"""The body of `POST /v1/completions`, checked and typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from plugsky_tui.simulator import checks
from plugsky_tui.simulator.chat_request import MAX_CHOICES, check_sampling, include_usage, stops
from plugsky_tui.simulator.completions import OPTIONAL, REQUIRED
from plugsky_tui.simulator.errors import invalid

DEFAULT_TOKENS = 16
MAX_PROMPTS = 2048
MAX_LOGPROBS = 5


@dataclass(slots=True)
class Prompt:
    """A text; or, with `tokens` of them, the numbers of tokens, which `text` spells out: nobody here can read them."""

    text: str
    tokens: int = 0


@dataclass(slots=True)
class CompletionRequest:
    """`logprobs` None: none asked for; else how many alternatives."""

    model: str
    prompts: list[Prompt]
    stream: bool = False
    include_usage: bool = False
    choices: int = 1
    stop: list[str] = field(default_factory=list)
    max_tokens: int = DEFAULT_TOKENS
    logprobs: int | None = None
    echo: bool = False


def parse_completion(body: dict[str, Any]) -> CompletionRequest:
    """The request in `body`. ApiError 400 for whatever the API would refuse."""
    if body.get("model") in (None, ""):
        raise invalid("you must provide a model parameter", "model", "missing_required_parameter")
    if body.get("prompt") is None:
        raise checks.missing("prompt")
    checks.unknown(body, (*REQUIRED, *OPTIONAL))
    check_sampling(body)
    if body.get("suffix") is not None:
        checks.text(body["suffix"], "suffix")  # what follows what is said: a rule does not look ahead
    stream = checks.boolean(body, "stream")
    choices = checks.integer(body, "n", 1, MAX_CHOICES) or 1
    _check_best_of(checks.integer(body, "best_of", 1, 20), choices, stream)
    wanted = checks.integer(body, "max_tokens", 0)
    return CompletionRequest(
        checks.text(body["model"], "model"),
        _prompts(body["prompt"]),
        stream=stream,
        include_usage=include_usage(body.get("stream_options"), stream),
        choices=choices,
        stop=stops(body.get("stop")),
        max_tokens=DEFAULT_TOKENS if wanted is None else wanted,
        logprobs=checks.integer(body, "logprobs", 0, MAX_LOGPROBS),
        echo=checks.boolean(body, "echo"),
    )


def _check_best_of(best_of: int | None, choices: int, stream: bool) -> None:
    if best_of is None:
        return
    if best_of < choices:
        raise invalid("Invalid 'best_of': it must be at least 'n'.", "best_of", "invalid_value")
    if stream and best_of > choices:
        raise invalid("Cannot stream results with 'best_of' greater than 'n'.", "best_of", "invalid_value")


def _prompts(value: Any) -> list[Prompt]:
    match value:
        case str():
            return [Prompt(value)]
        case [int(), *_]:
            return [_of_tokens(value, "prompt")]
        case list():
            listed = checks.array(value, "prompt", at_most=MAX_PROMPTS)
            return [_prompt(item, f"prompt[{place}]") for place, item in enumerate(listed)]
        case _:
            raise checks.wrong_type(value, "prompt", "a string or an array of strings or of token ids")


def _prompt(value: Any, at: str) -> Prompt:
    return _of_tokens(value, at) if isinstance(value, list) else Prompt(checks.text(value, at))


def _of_tokens(value: list[Any], at: str) -> Prompt:
    for place, number in enumerate(checks.array(value, at)):
        if isinstance(number, bool) or not isinstance(number, int):
            raise checks.wrong_type(number, f"{at}[{place}]", "an integer")
    return Prompt(" ".join(map(str, value)), len(value))
