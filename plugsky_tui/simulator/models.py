"""The models of the API's documentation, and what the routing names `auto` and `plugsky-fusion` choose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from plugsky_tui.simulator.errors import ApiError

K = 1000
FREE_BELOW = 0.10  # dollars for a million tokens: the flat plans name no price, so less than this means the free tier
RELEASED = 1_782_172_800  # 2026-06-23, the release the documentation speaks of

Kind = Literal["chat", "embedding", "router"]


@dataclass(slots=True)
class Model:
    """`context` in tokens (for an embedding: the longest input); `dimensions` of an embedding's vectors."""

    id: str
    context: int
    about: str
    tier: str = "paid"
    capabilities: tuple[str, ...] = ()
    kind: Kind = "chat"
    dimensions: int = 0
    listed: bool = True

    @property
    def free(self) -> bool:
        return self.tier == "free"

    @property
    def sees(self) -> bool:
        return "vision" in self.capabilities

    @property
    def reasons(self) -> bool:
        return "reasoning" in self.capabilities

    def openai(self) -> dict[str, Any]:
        """As an entry of `data`: OpenAI's four fields and what the documentation's tables add."""
        entry: dict[str, Any] = {"id": self.id, "object": "model", "created": RELEASED, "owned_by": "plugsky"}
        entry |= {"context_window": self.context, "tier": self.tier, "capabilities": list(self.capabilities)}
        if self.dimensions:
            entry["dimensions"] = self.dimensions
        return entry

    def plutos(self) -> dict[str, Any]:
        """As an entry of `models`: the shape of the PlutosAI document."""
        return {
            "id": self.id,
            "name": self.id.replace("-", " ").title(),
            "description": self.about,
            "maxTokens": self.context,
            "supportsStreaming": self.kind != "embedding",
            "pricing": {"inputTokens": 0, "outputTokens": 0},  # flat monthly plans: no price per token
        }


_CHAT = """
plugsky-micro          131 free      -                          Fast, cheap: classification, simple chat, intent detection
plugsky-lite            32 free      -                          Support and chat automation: moderate complexity
plugsky-plus            32 paid      -                          Balanced general agent: good quality at lower cost
plugsky-pro             65 default   code,reasoning             Coding and reasoning: strong general purpose
plugsky-max            131 reasoning reasoning                  Complex multi-step: deep reasoning
plugsky-frontier       131 reasoning reasoning                  Frontier tier
plugsky-reasoning       65 paid      reasoning                  Deep reasoning, math, code
plugsky-kimi           131 paid      long-context               Long context
plugsky-deepseek-pro    65 paid      reasoning,code             Reasoning and code
plugsky-deepseek-flash  32 paid      fast                       Fast
plugsky-gpt-oss         32 paid      reasoning,long-context     Open-source GPT
plugsky-qwen-next      131 paid      long-context               Mixture of experts, long context
plugsky-coder          131 paid      code,long-context          Best open coding model
plugsky-minimax         32 paid      vision,video,reasoning     Strong multimodal and reasoning
plugsky-vision-fast     32 paid      vision                     Multimodal, fast
plugsky-llama4         131 paid      long-context               Mixture of 128 experts
plugsky-qwen-vl        262 paid      vision,reasoning,long-context  Multimodal, long context and reasoning
plugsky-longctx        131 paid      long-context               European, 128K context
plugsky-mistral-medium 131 paid      long-context               Fast 128K context
plugsky-gemma-4         32 paid      vision,fast                Fast and multimodal
plugsky-nano          1000 paid      long-context               1M context, fast
plugsky-tiny           131 paid      fast                       Small, fast, low cost
plugsky-coder-fast      32 paid      code,fast                  Fast coding
plugsky-phi            131 paid      fast                       Ultra-compact, very fast
plugsky-ultra         1000 paid      vision,reasoning,long-context  Omni-modal and reasoning, 1M context
plugsky-gemma3-nano-2b  32 paid      fast                       Ultra-compact, fast
plugsky-gemma3-nano-4b  32 paid      vision,fast                Small, fast, multimodal
plugsky-mistral-small  131 paid      long-context               Fast, 128K context
"""


class Catalogue:
    """Every model the API answers for; `listed` is what `GET /v1/models` shows."""

    def __init__(self) -> None:
        self._models = {model.id: model for model in _known()}

    def listed(self, *, free_only: bool = False) -> list[Model]:
        return [model for model in self._models.values() if model.listed and (model.free or not free_only)]

    def find(self, name: str) -> Model:
        """The model called `name`. ApiError 404 where there is none."""
        model = self._models.get(name)
        if model is None:
            raise ApiError(
                404,
                f"The model '{name}' does not exist or you do not have access to it. GET /v1/models lists those there are.",
                param="model",
                code="model_not_found",
            )
        return model

    def routed(
        self,
        model: Model,
        *,
        hint: str | None,
        tools: bool,
        pictures: bool = False,
        max_cost: float | None = None,
    ) -> Model:
        """The model that answers a request made to `model`: itself, unless it is a routing name.

        `hint` is the request's `route_hint`, `max_cost` its `max_cost_per_1m` in dollars. Pictures go to a model
        that sees; without a hint, work with tools goes to the coding model.
        """
        if model.kind != "router":
            return model
        if pictures:
            return self._models["plugsky-vision-fast"]
        if max_cost is not None and max_cost < FREE_BELOW:
            return self._models["plugsky-micro"]
        chosen = {"cost": "plugsky-micro", "quality": "plugsky-frontier", "latency": "plugsky-tiny"}
        return self._models[chosen.get(hint or "", "plugsky-pro" if tools else "plugsky-micro")]


def _known() -> Iterator[Model]:
    for line in _CHAT.strip().splitlines():
        name, context, tier, capabilities, about = line.split(None, 4)
        able = () if capabilities == "-" else tuple(capabilities.split(","))
        yield Model(name, int(context) * K, about, tier, (*able, "tools"))
    for name, dimensions, about, listed in (
        ("plugsky-embed", 4096, "Default. Best quality for its price", True),
        ("plugsky-embed-nim", 4096, "Best general embeddings", True),
        ("plugsky-embed-multilingual", 1024, "Multilingual embeddings, over 100 languages", True),
        ("plugsky-embed-2", 1536, "The name the getting-started guide uses", False),
        ("plugsky-embed-v1", 1536, "General-purpose, ada-compatible", False),
        ("plugsky-embed-large", 3072, "High-recall retrieval, multilingual", False),
    ):
        yield Model(name, 8192, about, kind="embedding", dimensions=dimensions, listed=listed)
    yield Model(
        "plugsky-vision",
        32 * K,
        "The name the chat reference uses for vision",
        "paid",
        ("vision", "tools"),
        listed=False,
    )
    yield Model(
        "plugsky-fusion", 131 * K, "The workspace's default chain of models", "paid", ("tools",), "router", listed=False
    )
    yield Model(
        "auto", 131 * K, "Picks the model by the prompt and route_hint", "paid", ("tools",), "router", listed=False
    )
