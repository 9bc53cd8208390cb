"""What the API's documentation names and the simulator does not offer: a 404 that says so, and what there is instead.

Sources: the endpoint table of the OpenAI-compatibility page (audio and images: roadmap), its
"Limitations vs. native OpenAI", and the titles of the API reference.
"""

from __future__ import annotations

_TOPICS = {
    "/v1/audio": "Speech (audio transcriptions, translations and speech) is on the API's roadmap",
    "/v1/images": "Image generation is on the API's roadmap",
    "/v1/videos": "Video generation is no part of the API",
    "/v1/moderations": "Moderation",
    "/v1/files": "Files",
    "/v1/uploads": "Files",
    "/v1/batches": "The Batch API",
    "/v1/fine_tuning": "Fine-tuning",
    "/v1/assistants": "Assistants and agents",
    "/v1/threads": "Assistants and agents",
    "/v1/vector_stores": "Vector stores and retrieval",
    "/v1/rag": "Vector stores and retrieval",
    "/v1/responses": "Responses (stateful)",
    "/v1/realtime": "Realtime sessions",
    "/v1/webhooks": "Webhooks",
    "/v1/bedrock": "The Converse API of AWS Bedrock",
    "/v1/plugsky": "The Plugsky extensions under /v1/plugsky",
    "/v1/organization": "Administration (keys, projects, billing)",
}
_INSTEAD = {
    "/v1/responses": " Use /v1/chat/completions.",
    "/v1/assistants": " Use /v1/chat/completions with tools.",
    "/v1/threads": " Use /v1/chat/completions with tools.",
    "/v1/bedrock": " Use /v1/chat/completions or /v1/messages.",
    "/v1/batches": " Send the requests one by one; many at the same time are fine.",
    "/v1/rag": " Use /v1/embeddings and a store of your own.",
    "/v1/vector_stores": " Use /v1/embeddings and a store of your own.",
}


def why_not(path: str) -> str | None:
    """Why there is nothing at `path`; None where the documentation does not speak of it either."""
    place = "/".join(path.split("/")[:3])
    topic = _TOPICS.get(place)
    if topic is None:
        return None
    verb = ", and the simulator does not offer it." if " is " in topic else ": the simulator does not offer this."
    return f"{topic}{verb}{_INSTEAD.get(place, '')} GET /v1/openapi.json lists what there is."
