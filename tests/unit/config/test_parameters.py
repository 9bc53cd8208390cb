"""How models are asked: [parameters] for all, [models."NAME"] for one."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from plugsky_tui.cli import config
from plugsky_tui.kernel.errors import ConfigError, UsageError

from .conftest import World

Command = Callable[..., int]
Capture = pytest.CaptureFixture[str]

ALL = """
[parameters]
temperature = 0.5
top_p = 1
max_tokens = 100
stop = ["END"]
presence_penalty = -2
frequency_penalty = 2.0
seed = 7
tool_choice = "auto"
response_format = { type = "json_object" }
logprobs = true
top_logprobs = 3
user = "ci"
reasoning_effort = "high"

[models."local/llama3"]
temperature = 0
context_window = 8192
capabilities = ["vision"]

[models.auto]
route_hint = "cost"
max_cost_per_1m = 2.5
"""


def test_every_documented_parameter_can_be_set(world: World) -> None:
    world.user_says(ALL)
    settings = world.load().settings
    assert settings.parameters.given() == {
        "temperature": 0.5,
        "top_p": 1,
        "max_tokens": 100,
        "stop": ["END"],
        "presence_penalty": -2,
        "frequency_penalty": 2.0,
        "seed": 7,
        "tool_choice": "auto",
        "response_format": {"type": "json_object"},
        "logprobs": True,
        "top_logprobs": 3,
        "user": "ci",
        "reasoning_effort": "high",
    }
    llama = settings.models["local/llama3"]
    assert (llama.given(), llama.context_window, llama.capabilities) == ({"temperature": 0}, 8192, ["vision"])
    assert settings.models["auto"].given() == {"route_hint": "cost", "max_cost_per_1m": 2.5}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("temperature = 2.1", "temperature must be between 0 and 2"),
        ("temperature = nan", "temperature must be between 0 and 2"),
        ("temperature = '1'", "temperature must be a valid number"),
        ("top_p = -0.1", "top_p must be between 0 and 1"),
        ("max_tokens = 0", "max_tokens must be a number of tokens above 0"),
        ("max_tokens = 1.5", "max_tokens must be a valid integer"),
        ("stop = 'END'", "stop must be a valid array"),
        ("stop = ['']", "stop must not hold an empty text"),
        ("stop = ['1', '2', '3', '4', '5']", "stop must hold at most 4 texts"),
        ("presence_penalty = 3", "presence_penalty must be between -2 and 2"),
        ("frequency_penalty = -3", "frequency_penalty must be between -2 and 2"),
        ("seed = 1e3", "seed must be a valid integer"),
        ("tool_choice = 'the best'", "tool_choice must be auto, none, required, or the name of a tool"),
        ("response_format = { type = 'xml' }", "response_format.type must be text, json_object or json_schema"),
        ("response_format = { type = 'json_schema' }", "response_format.json_schema must be a table"),
        ("top_logprobs = 3", "top_logprobs needs logprobs = true"),
        ("logprobs = true\ntop_logprobs = 21", "top_logprobs must be between 0 and 20"),
        ("user = ''", "user must not be empty"),
        ("reasoning_effort = 'huge'", "reasoning_effort must be 'none', 'minimal'"),
        ("route_hint = 'luck'", "route_hint must be 'cost', 'quality' or 'latency'"),
        ("max_cost_per_1m = inf", "max_cost_per_1m must be a number of dollars above 0"),
    ],
)
@pytest.mark.parametrize("table", ["parameters", 'models."local/llama3"'])
def test_a_value_out_of_range_names_file_line_and_key(world: World, table: str, line: str, problem: str) -> None:
    path = world.user_says(f'model = "x"\n\n[{table}]\n{line}\n')
    with pytest.raises(ConfigError) as caught:
        world.load()
    assert caught.value.exit_code == 2
    number = 4 + line.count("\n")
    assert f"{path}:{number}: {table}.{problem}" in caught.value.message


def test_an_unknown_parameter_warns_with_the_nearest(world: World) -> None:
    path = world.user_says("[models.auto]\nroute_hnt = 'cost'\n")
    assert world.load().warnings == [f"{path}:2: unknown key models.auto.route_hnt (did you mean route_hint?)"]


def test_a_project_sets_parameters_only_where_it_is_trusted(world: World) -> None:
    world.user_says("[models.m]\nseed = 1\ntop_p = 0.5\n")
    world.project_says("[parameters]\nuser = 'them'\n[models.m]\nseed = 2\n")
    loaded = world.load()
    assert loaded.settings.parameters.user is None
    assert loaded.effective(trusted=False).models["m"].given() == {"seed": 1, "top_p": 0.5}
    assert loaded.project is not None
    assert loaded.project.waiting() == ['parameters.user = "them"', "models.m.seed = 2"]
    trusted = loaded.effective(trusted=True)
    assert trusted.parameters.user == "them"
    assert trusted.models["m"].given() == {"seed": 2, "top_p": 0.5}  # the user's other values stay


def test_the_command_knows_them_all(world: World, command: Command, capsys: Capture) -> None:
    path = world.user_says('[models."local/llama3"]\ntemperature = 0.5\n')
    key = 'models."local/llama3".temperature'
    command(config, "get", key)
    assert capsys.readouterr().out == "0.5\n"
    command(config, "explain", key)
    out = capsys.readouterr().out
    assert f"{key} = 0.5\n  0 to 2: how freely" in out and f"→ user         0.5  {path}:2" in out
    command(config, "list", "--json")
    rows = {row["key"]: row["value"] for row in json.loads(capsys.readouterr().out)}
    assert rows[key] == 0.5 and rows["parameters.temperature"] is None
    assert 'models."local/llama3".seed' not in rows  # a model's table lists what is set
    command(config, "set", "models.plugsky-pro.max_tokens", "500")
    command(config, "set", key, "1.5")
    models = world.load().settings.models
    assert (models["plugsky-pro"].max_tokens, models["local/llama3"].temperature) == (500, 1.5)
    with pytest.raises(UsageError, match=r"Not changed.*temperature must be between 0 and 2"):
        command(config, "set", key, "3")
    with pytest.raises(UsageError) as caught:
        command(config, "get", "parameters.temprature")
    assert caught.value.hint == "Did you mean parameters.temperature?"
    command(config, "schema")
    schema = json.loads(capsys.readouterr().out)
    assert schema["$defs"]["Parameters"]["properties"]["top_p"]["description"]
    assert schema["$defs"]["ModelSettings"]["properties"]["context_window"]["description"]
