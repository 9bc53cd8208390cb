"""What a Messages request can do without, and how a server says that it refuses it."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from plugsky_tui.providers.errors import Complaint

SMALLEST_MAX_TOKENS = 4096  # the least that any Claude model can say

# In the order in which refusals are looked for: the particular before the general.
DROPPABLE = {
    "cache_control": "every request is read anew, which takes longer and costs more",
    "thinking_blocks": "the model does not see its earlier reasoning",
    "budget_tokens": "the model decides itself how long it thinks",
    "display": "its reasoning may stay hidden",
    "effort": "the model thinks as long as it likes",
    "thinking": "the model answers without thinking first",
    "response_format": "the answer is checked here instead",
    "stream": "the answer comes in one piece",
    "top_p": "the server's own value holds",
    "temperature": "the server's own value holds",
    "max_tokens": f"an answer has at most {SMALLEST_MAX_TOKENS} tokens",
    "stop_sequences": "nothing but its end ends an answer",
    "tool_choice": "the model chooses its tools itself",
    "metadata": "the account's records do not say who it was for",
    "tools": "this model can answer, but not read, edit or run anything",
}

# Patterns over error messages: compiled when there is one, not at start-up.
_REFUSED = (
    r"(?i)unknown|unrecogni[sz]ed|unsupported|not (?:\w+ )?support|unexpected|not permitted|not allowed|not available"
    r"|extra (?:inputs|fields?)|deprecated|cannot both be|is not enabled|maximum of \d+ blocks"
)
_NO_TOOLS = (
    r"(?i)(?:does not|doesn't|not) support (?:tools?|tool calling|tool use|function calling|functions)\b"
    r"|\b(?:tools?|tool use|function calling) (?:is|are) not supported|^tools: extra inputs"
)
# Whole sentences of Anthropic's that name what is at fault in their own way.
_SENTENCES = (
    (r"(?i)expected .{0,3}thinking.{0,30}but found|thinking may not be enabled", "thinking"),
    (
        r"(?i)invalid .{0,3}(?:signature|data).{0,3} in .{0,3}(?:redacted_)?thinking|blocks? .{0,60}cannot be modified"
        r"|cannot contain .{0,3}thinking|in a thinking block",
        "thinking_blocks",
    ),
    (r"(?i)thinking\.type\.enabled|thinking\.enabled\b|adaptive. and .?output_config|budget_tokens", "budget_tokens"),
    (r"(?i)output_config\.format|output_format|structured outputs?|json_schema", "response_format"),
    (r"(?i)output_config|effort", "effort"),
    (r"(?i)max_tokens.{0,12}\d+ ?> ?\d+|max_tokens.{0,40}exceeds?\b", "max_tokens"),
)


def sent_parameters(body: dict[str, Any]) -> set[str]:
    """Which of the droppable things `body` has."""
    sent = {name for name in DROPPABLE if name in body}
    config, thinking = body.get("output_config", {}), body.get("thinking", {})
    sent |= {name for name in ("budget_tokens", "display") if name in thinking}
    sent |= {"effort"} & set(config)
    sent |= {"response_format"} if "format" in config else set()
    kinds = [block["type"] for turn in body["messages"] for block in turn["content"]]
    if "thinking" in kinds or "redacted_thinking" in kinds:
        sent.add("thinking_blocks")
    if isinstance(body.get("system"), list) or any("cache_control" in turn["content"][-1] for turn in body["messages"]):
        sent.add("cache_control")
    return sent


def refused_parameter(complaint: Complaint, sent: Collection[str]) -> str | None:
    """The one of `sent` that a 400 refuses by name, if any."""
    said = f"{complaint.message} {complaint.code}"
    for pattern, name in _SENTENCES:
        if name in sent and re.search(pattern, said):
            return name
    if "tools" in sent and re.search(_NO_TOOLS, said):
        return "tools"
    if not re.search(_REFUSED, said):
        return None
    for name in DROPPABLE:
        if name == "tools" or name not in sent:
            continue  # tools with a fault in them are named too: only the plain words above drop them
        if complaint.param.rpartition(".")[2] == name or re.search(rf"(?<!\w){name}(?!\w)", said):
            return name
    return "stream" if "stream" in sent and re.search(r"(?i)\bstreaming\b", said) else None
