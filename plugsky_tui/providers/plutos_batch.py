"""Several inputs at once: `POST /batch` of the PlutosAI document.

No command uses it: an agent asks one thing after the other. It is here for programs that build on the client.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from plugsky_tui.kernel.errors import ProviderError, UsageError
from plugsky_tui.kernel.parameters import Parameters
from plugsky_tui.providers.client import Client
from plugsky_tui.providers.errors import host_of
from plugsky_tui.providers.usage import Tokens

MAX_INPUTS = 100
_OPTIONS = {"temperature": "temperature", "max_tokens": "maxTokens", "top_p": "topP"}


@dataclass(slots=True)
class BatchResult:
    input: str
    output: str
    tokens: Tokens


@dataclass(slots=True)
class Batch:
    """`results` in the order of the inputs; `tokens` of all of them together."""

    id: str
    results: list[BatchResult]
    tokens: Tokens = field(default_factory=Tokens)


async def run_batch(
    client: Client, model: str, inputs: Sequence[str], *, system: str = "", parameters: Parameters | None = None
) -> Batch:
    """Answers to up to 100 `inputs`. Of `parameters` the document's /batch takes temperature, max_tokens and top_p.

    UsageError for no input, too many, or a parameter it does not take; ProviderError for what the server says.
    """
    if not 0 < len(inputs) <= MAX_INPUTS:
        raise UsageError(f"a batch has 1 to {MAX_INPUTS} inputs, not {len(inputs)}")
    given = parameters.given() if parameters is not None else {}
    if unknown := [name for name in given if name not in _OPTIONS]:
        raise UsageError(f"a batch takes no {', '.join(unknown)}", hint=f"It takes {', '.join(_OPTIONS)}.")
    options: dict[str, Any] = {_OPTIONS[name]: value for name, value in given.items()}
    if system:
        options["systemPrompt"] = system
    body = {"inputs": list(inputs), "model": model, **({"options": options} if options else {})}
    return _read(await client.fetch("POST", "batch", body), inputs, client)


def _read(answer: Any, inputs: Sequence[str], client: Client) -> Batch:
    results = answer.get("results") if isinstance(answer, dict) else None
    outputs = [_result(item) for item in results] if isinstance(results, list) else []
    if len(outputs) != len(inputs) or None in outputs:
        raise ProviderError(
            f"{host_of(client.endpoint)} did not answer every input of the batch.",
            hint='Only an endpoint of kind = "plutos" has /batch.',
            code="bad_answer",
        )
    batch = Batch(str(answer.get("id", "")), [result for result in outputs if result is not None])
    batch.tokens.read(answer.get("totalUsage"))
    return batch


def _result(item: Any) -> BatchResult | None:
    match item:
        case {"input": str(given), "output": str(output)}:
            result = BatchResult(given, output, Tokens())
            result.tokens.read(item.get("usage"))
            return result
        case _:
            return None
