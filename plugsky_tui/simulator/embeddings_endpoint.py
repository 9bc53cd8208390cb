"""`POST /v1/embeddings`.

Parameters and limits: the documentation's embeddings page (2,048 inputs of 8,191 tokens) and the
OpenAI API reference, whose SDK asks for base64 of little-endian 32-bit floats where nothing is said.
"""

from __future__ import annotations

import asyncio
import sys
from array import array
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from plugsky_tui.simulator import checks, tokens
from plugsky_tui.simulator.embedding import embed, embed_tokens, shortened
from plugsky_tui.simulator.embeddings import OPTIONAL, REQUIRED
from plugsky_tui.simulator.errors import ApiError, invalid
from plugsky_tui.simulator.http import HttpResponse, to_json
from plugsky_tui.simulator.routing import Call

if TYPE_CHECKING:
    from plugsky_tui.simulator.models import Model

MAX_INPUTS = 2048
MAX_TOKENS = 8191

Input = str | Sequence[int]


@dataclass(slots=True)
class EmbeddingsRequest:
    """Each of `inputs` is a text, or the numbers of its tokens. `dimensions` None: all the model has."""

    model: str
    inputs: list[Input]
    dimensions: int | None
    base64: bool


async def create(call: Call) -> HttpResponse:
    """The vectors of one text or of many."""
    request = parse_embeddings(call.http.json())
    model = call.service.catalogue.find(request.model)
    call.caller.may_infer(model)
    if model.kind != "embedding":
        raise ApiError(
            404,
            f"'{model.id}' is not an embedding model, and thus not supported in the v1/embeddings endpoint. "
            "Did you mean plugsky-embed?",
            param="model",
        )
    if request.dimensions is not None and request.dimensions > model.dimensions:
        raise invalid(
            f"Invalid 'dimensions': '{model.id}' has {model.dimensions}, but got {request.dimensions}.",
            "dimensions",
            "integer_above_max_value",
        )
    counts = [_tokens(value, place) for place, value in enumerate(request.inputs)]
    call.record(model.id, sum(counts), 0)
    # In a thread: two thousand texts take seconds, and the loop has other callers.
    return HttpResponse(200, await asyncio.to_thread(_body, request, model, sum(counts)))


def parse_embeddings(body: dict[str, Any]) -> EmbeddingsRequest:
    """The request in `body`. ApiError 400 for whatever the API would refuse."""
    if body.get("model") in (None, ""):
        raise invalid("you must provide a model parameter", "model", "missing_required_parameter")
    checks.unknown(body, (*REQUIRED, *OPTIONAL))
    if body.get("user") is not None:
        checks.text(body["user"], "user")
    encoding = body.get("encoding_format")
    if encoding is not None:
        checks.one_of(checks.text(encoding, "encoding_format"), "encoding_format", ("float", "base64"))
    return EmbeddingsRequest(
        checks.text(body["model"], "model"),
        _inputs(body.get("input")),
        checks.integer(body, "dimensions", 1),
        encoding == "base64",
    )


def _inputs(value: Any) -> list[Input]:
    match value:
        case None:
            raise checks.missing("input")
        case str():
            return [_text(value, "input")]
        case [int(), *_]:
            return [_numbers(value, "input")]
        case list():
            texts = checks.array(value, "input", at_most=MAX_INPUTS)
            return [_input(item, f"input[{place}]") for place, item in enumerate(texts)]
        case _:
            raise checks.wrong_type(value, "input", "a string or an array of strings or of token ids")


def _input(value: Any, at: str) -> Input:
    return _numbers(value, at) if isinstance(value, list) else _text(value, at)


def _text(value: Any, at: str) -> str:
    text = checks.text(value, at)
    if not text:
        raise invalid(f"Invalid '{at}': input cannot be an empty string.", at, "invalid_value")
    return text


def _numbers(value: list[Any], at: str) -> list[int]:
    for place, number in enumerate(checks.array(value, at)):
        if isinstance(number, bool) or not isinstance(number, int):
            raise checks.wrong_type(number, f"{at}[{place}]", "an integer")
        if number < 0:
            raise invalid(f"Invalid '{at}[{place}]': a token id is 0 or more.", f"{at}[{place}]", "invalid_value")
    return value


def _tokens(value: Input, place: int) -> int:
    count = tokens.of_text(value) if isinstance(value, str) else len(value)
    if count > MAX_TOKENS:
        raise invalid(
            f"Invalid 'input[{place}]': maximum context length is {MAX_TOKENS} tokens, but this input has {count}. "
            "Please reduce its length.",
            "input",
            "context_length_exceeded",
        )
    return count


def _body(request: EmbeddingsRequest, model: Model, count: int) -> bytes:
    data = [
        {"object": "embedding", "index": index, "embedding": _written(_vector(value, model, request), request.base64)}
        for index, value in enumerate(request.inputs)
    ]
    usage = {"prompt_tokens": count, "total_tokens": count}
    return to_json({"object": "list", "data": data, "model": model.id, "usage": usage})


def _vector(value: Input, model: Model, request: EmbeddingsRequest) -> array[float]:
    vector = embed(value, model.dimensions) if isinstance(value, str) else embed_tokens(value, model.dimensions)
    return vector if request.dimensions is None else shortened(vector, request.dimensions)


def _written(vector: array[float], base64: bool) -> str | list[float]:
    if not base64:
        return [round(value, 9) if value else 0.0 for value in vector]  # more digits than that a 32-bit float has not
    if sys.byteorder == "big":
        vector = vector[:]
        vector.byteswap()
    return b64encode(vector.tobytes()).decode()
