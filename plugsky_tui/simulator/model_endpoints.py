"""`GET /v1/models` and `GET /v1/models/{model}`."""

from __future__ import annotations

from plugsky_tui.simulator.http import HttpResponse, json_response
from plugsky_tui.simulator.routing import Call, Route


async def list_models(call: Call) -> HttpResponse:
    """Every model, in OpenAI's shape (`data`) and in the PlutosAI document's (`models`). Without a key, the free ones."""
    models = call.service.catalogue.listed(free_only=not call.caller.key)
    return json_response(
        {
            "object": "list",
            "data": [model.openai() for model in models],
            "models": [model.plutos() for model in models],
        }
    )


async def get_model(call: Call) -> HttpResponse:
    """One model, in OpenAI's shape."""
    return json_response(call.service.catalogue.find(call.names["model"]).openai())


ROUTES = [
    Route("GET", "/v1/models", list_models, "models:read"),
    Route("GET", "/v1/models/{model}", get_model, "models:read"),
]
