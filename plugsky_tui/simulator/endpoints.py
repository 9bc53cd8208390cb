"""All endpoints. A further one is a further module here."""

from __future__ import annotations

from plugsky_tui.simulator import chat, completions, embeddings, messages, model_endpoints, openapi, plutos
from plugsky_tui.simulator.routing import Route

ROUTES: list[Route] = [
    *chat.ROUTES,
    *completions.ROUTES,
    *embeddings.ROUTES,
    *openapi.ROUTES,
    *model_endpoints.ROUTES,
    *messages.ROUTES,
    *plutos.ROUTES,
]
