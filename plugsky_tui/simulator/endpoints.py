"""All endpoints. A further one is a further module here."""

from __future__ import annotations

from plugsky_tui.simulator import chat, messages, model_endpoints, plutos
from plugsky_tui.simulator.routing import Route

ROUTES: list[Route] = [*chat.ROUTES, *model_endpoints.ROUTES, *messages.ROUTES, *plutos.ROUTES]
