"""Which parameters a request is sent with."""

from __future__ import annotations

from typing import Any

from plugsky_tui.config.shape import ModelSettings, Settings
from plugsky_tui.kernel.parameters import Parameters
from plugsky_tui.kernel.ports import Request, ToolDefinition
from plugsky_tui.session.parameters import parameters_of
from plugsky_tui.session.response_format import shaped

READ = ToolDefinition("read", "Reads.", {"type": "object"})


def sent(settings: Settings, model: str = "m", opening: bool = True, **run: Any) -> dict[str, Any]:
    return parameters_of(Request(model, "", [], [READ], Parameters(**run), opening), settings).given()


def test_the_run_goes_before_the_model_and_the_model_before_all() -> None:
    settings = Settings(
        parameters=Parameters(temperature=0.1, top_p=0.2, seed=1),
        models={"m": ModelSettings(top_p=0.5, seed=2, context_window=10), "other": ModelSettings(seed=9)},
    )
    assert sent(settings, seed=3) == {"temperature": 0.1, "top_p": 0.5, "seed": 3}
    assert sent(settings, "local/m") == {"temperature": 0.1, "top_p": 0.2, "seed": 1}


def test_zero_and_false_are_values() -> None:
    settings = Settings(parameters=Parameters(temperature=1.0, logprobs=True, top_logprobs=2))
    assert sent(settings, temperature=0.0, logprobs=False) == {"temperature": 0.0, "logprobs": False}


def test_a_tool_is_forced_at_the_opening_only_and_only_one_on_offer() -> None:
    settings = Settings(parameters=Parameters(tool_choice="required"))
    assert sent(settings) == {"tool_choice": "required"} and sent(settings, opening=False) == {}
    assert sent(settings, tool_choice="read") == {"tool_choice": "read"}
    assert sent(settings, tool_choice="write") == {}
    assert sent(settings, opening=False, tool_choice="none") == {"tool_choice": "none"}


def test_routing_is_for_routers_or_for_whoever_it_was_set_for() -> None:
    settings = Settings(parameters=Parameters(route_hint="cost"), models={"mine": ModelSettings(max_cost_per_1m=1.0)})
    assert sent(settings, "auto", route_hint="quality") == {"route_hint": "quality"}
    assert sent(settings, "m", route_hint="quality") == {}
    assert sent(settings, "mine") == {"max_cost_per_1m": 1.0}


def test_a_response_format_is_put_in_words_where_it_is_not_taken() -> None:
    schema = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}
    for wanted, words in ((schema, '{"type": "object"}'), ({"type": "json_object"}, "one JSON object")):
        request = Request("m", "Be kind.", [], [READ], Parameters(seed=1, response_format=wanted))
        assert shaped(request, taken=True) is request
        said = shaped(request, taken=False)
        assert said.system.startswith("Be kind.\n\n") and words in said.system
        assert said.parameters.given() == {"seed": 1}
