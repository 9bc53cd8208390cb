"""The models Plugsky documents, bundled, and what a live list adds to them.

The rows are the tables of the API's "Models" page; 131K there is 131,072 tokens, 1M 1,048,576.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(slots=True)
class ModelInfo:
    """One model. `context_window` is in tokens, None where unknown; `live`: the server lists it now.

    `tier` is "free", "paid", "default", "reasoning", "specialized", "embedding", or "" for others.
    """

    id: str
    context_window: int | None = None
    tier: str = ""
    capabilities: tuple[str, ...] = ()
    note: str = ""
    live: bool = False

    @property
    def sees(self) -> bool | None:
        """Whether it takes images; None where nobody says what it can do."""
        if not self.capabilities or "routing" in self.capabilities:
            return None
        return not _SIGHT.isdisjoint(self.capabilities)

    @property
    def chats(self) -> bool:
        return self.tier != "embedding" and "embedding" not in self.capabilities


_SIGHT = frozenset({"vision", "image", "images", "multimodal", "image_input", "omni"})

_K = 1024
_M = 1024 * _K

# id, context window, tier, capabilities, note
_ROWS: tuple[tuple[str, int | None, str, str, str], ...] = (
    ("plugsky-micro", 128 * _K, "free", "fast tools", "Fast, cheap: classification, simple chat, intent detection"),
    ("plugsky-lite", 32 * _K, "free", "tools", "Support and chat automation, moderate complexity"),
    ("plugsky-plus", 32 * _K, "paid", "tools", "Balanced general agent, good quality at lower cost"),
    ("plugsky-pro", 64 * _K, "default", "code reasoning tools", "Coding and reasoning, strong general purpose"),
    ("plugsky-max", 128 * _K, "reasoning", "reasoning tools", "Complex multi-step work, deep reasoning"),
    ("plugsky-frontier", 128 * _K, "reasoning", "long-context eu tools", "Mistral Large 3 675B (EU origin)"),
    ("plugsky-reasoning", 64 * _K, "specialized", "reasoning tools", "Math and code: NVIDIA Nemotron Super 120B"),
    ("plugsky-kimi", 128 * _K, "specialized", "long-context", "MoonshotAI Kimi K2.6"),
    ("plugsky-deepseek-pro", 64 * _K, "specialized", "reasoning code", "DeepSeek V4 Pro"),
    ("plugsky-deepseek-flash", 32 * _K, "specialized", "fast", "DeepSeek V4 Flash"),
    ("plugsky-gpt-oss", 32 * _K, "specialized", "reasoning long-context", "gpt-oss-120B (NVIDIA)"),
    ("plugsky-qwen-next", 128 * _K, "specialized", "long-context moe", "Alibaba Qwen3 Next 80B"),
    ("plugsky-coder", 128 * _K, "specialized", "code long-context", "Qwen3 Coder 480B: the best open coding model"),
    (
        "plugsky-minimax",
        32 * _K,
        "specialized",
        "vision video reasoning",
        "NVIDIA MiniMax-M3: multimodal and reasoning",
    ),
    ("plugsky-vision-fast", 32 * _K, "specialized", "vision", "Llama 3.2 Vision 11B: multimodal, fast"),
    ("plugsky-llama4", 128 * _K, "specialized", "moe long-context", "Meta Llama 4 Maverick 17B (128 experts)"),
    ("plugsky-qwen-vl", 256 * _K, "specialized", "vision reasoning long-context", "Qwen 3.5 397B: multimodal"),
    ("plugsky-longctx", 128 * _K, "specialized", "long-context eu", "Mistral Large 3 675B: European"),
    ("plugsky-mistral-medium", 128 * _K, "specialized", "long-context", "Mistral Medium 3.5 128B: fast"),
    ("plugsky-gemma-4", 32 * _K, "specialized", "vision fast", "Google Gemma 3 Nano 4B: fast, multimodal"),
    ("plugsky-nano", _M, "specialized", "long-context moe", "NVIDIA Nemotron 3 Nano 30B: fast"),
    ("plugsky-tiny", 128 * _K, "specialized", "fast", "NVIDIA Nemotron Nano 9B v2: small, low cost"),
    ("plugsky-coder-fast", 32 * _K, "specialized", "code fast", "Llama 3.2 3B: fast coding"),
    ("plugsky-phi", 128 * _K, "specialized", "fast", "NVIDIA Nemotron Mini 4B: ultra-compact"),
    (
        "plugsky-ultra",
        _M,
        "specialized",
        "vision reasoning long-context",
        "NVIDIA Nemotron 3 Nano Omni 30B: omni-modal",
    ),
    ("plugsky-gemma3-nano-2b", 32 * _K, "specialized", "fast", "Google Gemma 3 Nano 2B: ultra-compact"),
    ("plugsky-gemma3-nano-4b", 32 * _K, "specialized", "fast", "Google Gemma 3 Nano 4B: small, multimodal"),
    ("plugsky-mistral-small", 128 * _K, "specialized", "long-context", "Mistral Small 4 119B: fast"),
    ("plugsky-embed", 8 * _K, "embedding", "", "4096 dimensions: the default for retrieval"),
    ("plugsky-embed-nim", 8 * _K, "embedding", "", "4096 dimensions: NVIDIA NV-Embed v1"),
    ("plugsky-embed-multilingual", 8 * _K, "embedding", "", "1024 dimensions: BGE-M3, over 100 languages"),
    ("plugsky-fusion", None, "", "routing tools", "Runs the chain of models set up in the dashboard"),
    ("auto", None, "", "routing tools", "Plugsky picks the model for each request"),
)

_WINDOW_NAMES = (
    "context_window",
    "context_length",
    "max_model_len",
    "max_context_length",
    "max_input_tokens",
    "maxTokens",
)


def bundled() -> list[ModelInfo]:
    """Every documented model, as documented; none is known to be live."""
    return [ModelInfo(id_, window, tier, tuple(can.split()), note) for id_, window, tier, can, note in _ROWS]


def find(model: str) -> ModelInfo | None:
    """The documented model of that name."""
    return next((info for info in bundled() if info.id == model), None)


def merge(live: Iterable[ModelInfo]) -> list[ModelInfo]:
    """The bundled catalogue with what the server says now: its order first, then models only the server knows."""
    answered = {info.id: info for info in live}
    merged = [_merged(info, answered.pop(info.id, None)) for info in bundled()]
    return merged + list(answered.values())


def _merged(known: ModelInfo, live: ModelInfo | None) -> ModelInfo:
    if live is None:
        return known
    return replace(
        known,
        context_window=live.context_window or known.context_window,
        capabilities=live.capabilities or known.capabilities,
        note=live.note or known.note,
        live=True,
    )


def read_models(answer: Any) -> list[ModelInfo]:
    """The models of a `GET /models` answer: `{"data": […]}`, `{"models": […]}` or a bare list, of objects or names.

    What cannot be understood is left out. Models without a name are no models.
    """
    entries: list[Any] = []
    if isinstance(answer, list):
        entries = answer
    elif isinstance(answer, dict):
        for name in ("data", "models"):
            if isinstance(part := answer.get(name), list):
                entries += part
    found: dict[str, ModelInfo] = {}
    for entry in entries:
        info = _read(entry)
        if info is not None and info.id not in found:
            found[info.id] = info
    return list(found.values())


def _read(entry: Any) -> ModelInfo | None:
    if isinstance(entry, str):
        return ModelInfo(entry, live=True) if entry else None
    if not isinstance(entry, dict):
        return None
    name = next((value for key in ("id", "model", "name") if isinstance(value := entry.get(key), str) and value), None)
    if name is None:
        return None
    places: Sequence[Any] = (entry, entry.get("top_provider"), entry.get("meta"))
    window = next(
        (
            value
            for place in places
            if isinstance(place, dict)
            for key in _WINDOW_NAMES
            if isinstance(value := place.get(key), int) and not isinstance(value, bool) and value > 0
        ),
        None,
    )
    capabilities = _capabilities(entry.get("capabilities"))
    known = find(name)
    if known is not None:
        return _merged(known, ModelInfo(name, window, "", capabilities, live=True))
    note = entry.get("description")
    return ModelInfo(name, window, "", capabilities, note[:200] if isinstance(note, str) else "", live=True)


def _capabilities(given: Any) -> tuple[str, ...]:
    """A list of names; or, as Anthropic's API has it, an object of them: `{"image_input": {"supported": true}, …}`."""
    match given:
        case list():
            return tuple(item for item in given if isinstance(item, str))
        case dict():
            return tuple(
                str(name) for name, said in given.items() if isinstance(said, dict) and said.get("supported") is True
            )
        case _:
            return ()
