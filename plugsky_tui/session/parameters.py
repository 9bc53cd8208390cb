"""Which parameters a request is sent with: those of its run (an agent's) before its model's before those for all."""

from __future__ import annotations

from dataclasses import replace

from plugsky_tui.config.settings import Settings
from plugsky_tui.kernel.parameters import Parameters
from plugsky_tui.kernel.ports import Request

ROUTERS = ("auto", "plugsky-fusion")  # names behind which the server chooses a model
_FREE_CHOICE = (None, "auto", "none")


def parameters_of(request: Request, settings: Settings) -> Parameters:
    """What `request` is sent with; its model is named as the user names it ("local/llama3").

    A tool is forced on the first request of a run only, and only one that is on offer. What routes a request is said
    to a router, or where it was set for just this model.
    """
    run, general = request.parameters, settings.parameters
    if request.model not in ROUTERS:
        run, general = (replace(one, route_hint=None, max_cost_per_1m=None) for one in (run, general))
    own = settings.models.get(request.model)
    merged = run.over(own.over(general) if own is not None else general)
    if not _may_choose(merged.tool_choice, request):
        merged.tool_choice = None
    if not merged.logprobs:
        merged.top_logprobs = None  # servers refuse the one without the other
    return merged


def _may_choose(choice: str | None, request: Request) -> bool:
    if choice in _FREE_CHOICE:
        return True
    return request.opening and (choice == "required" or any(tool.name == choice for tool in request.tools))
