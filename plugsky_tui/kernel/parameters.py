"""How a model is asked to answer: the parameters of the API's chat reference that people may set.

They are the same for every wire format; each format sends those it has a name for.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Annotated, Any, Literal

RouteHint = Literal["cost", "quality", "latency"]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh"]


@dataclass(slots=True)
class Parameters:
    """None, or empty: not sent, so that the server's own default holds."""

    temperature: Annotated[float | None, "0 to 2: how freely the model chooses its words."] = None
    top_p: Annotated[float | None, "0 to 1: the share of likely words it chooses from."] = None
    max_tokens: Annotated[int | None, "The longest answer, in tokens."] = None
    stop: Annotated[list[str], "Up to four texts that end an answer."] = field(default_factory=list)
    presence_penalty: Annotated[float | None, "-2 to 2: above 0 it turns to new subjects."] = None
    frequency_penalty: Annotated[float | None, "-2 to 2: above 0 it repeats itself less."] = None
    seed: Annotated[int | None, "The same seed asks for the same answer."] = None
    tool_choice: Annotated[str | None, "auto, none, required, or the name of a tool."] = None
    response_format: Annotated[dict[str, Any] | None, 'Such as { type = "json_object" }.'] = None
    logprobs: Annotated[bool | None, "Whether to ask for the probabilities of the words."] = None
    top_logprobs: Annotated[int | None, "0 to 20: how many alternatives to each word."] = None
    user: Annotated[str | None, "Who it is for, in the account's records."] = None
    reasoning_effort: Annotated[Effort | None, "How long a model that reasons may think."] = None
    route_hint: Annotated[RouteHint | None, "What the model auto chooses by."] = None
    max_cost_per_1m: Annotated[float | None, "The most that auto may choose, in dollars per million tokens."] = None

    def given(self) -> dict[str, Any]:
        """Those that are set, by name."""
        values = {one.name: getattr(self, one.name) for one in fields(Parameters)}
        return {name: value for name, value in values.items() if value is not None and value != []}

    def over(self, other: Parameters) -> Parameters:
        """These, and those of `other` where these are not set."""
        return replace(Parameters(**other.given()), **self.given())
