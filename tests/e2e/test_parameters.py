"""What a request is sent with, and which model answered, through the real command."""

from __future__ import annotations

import json

import pytest


def call(name, **arguments):
    return {"tool_calls": [{"name": name, "arguments": arguments}]}


@pytest.fixture
def configured(tmp_path):
    """`configured(text)` writes the user's config.toml."""

    def write(text):
        file = tmp_path / "home/.config/plugsky/config.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    return write


def sent(user, tmp_path, *words):
    """The bodies the server was sent."""
    tape = tmp_path / f"{len(list(tmp_path.iterdir()))}.tape"
    done = user.plugsky("run", "--record", str(tape), *words)
    assert done.returncode == 0, done.stderr
    return [json.loads(line)["request"] for line in tape.read_text().splitlines()[1:]]


def test_parameters_of_all_models_of_one_and_of_an_agent(scripted, configured, tmp_path):
    folder = configured(
        "[parameters]\ntemperature = 0.1\ntop_p = 0.2\nmax_tokens = 300\nuser = 'ci'\n"
        "[models.plugsky-pro]\ntop_p = 0.5\nmax_tokens = 500\nstop = ['END']\n"
    ).parent
    (folder / "agents").mkdir()
    (folder / "agents" / "precise.md").write_text("---\nparameters:\n  max_tokens: 700\n  seed: 7\n---\nBe precise.\n")
    user = scripted(*[{"text": "Hello."}] * 3)

    def given(body):
        names = ("temperature", "top_p", "max_tokens", "user", "stop", "seed")
        return {name: body[name] for name in names if name in body}

    (body,) = sent(user, tmp_path, "-m", "plugsky-max", "hi")
    assert given(body) == {"temperature": 0.1, "top_p": 0.2, "max_tokens": 300, "user": "ci"}
    (body,) = sent(user, tmp_path, "hi")
    assert given(body) == {"temperature": 0.1, "top_p": 0.5, "max_tokens": 500, "user": "ci", "stop": ["END"]}
    (body,) = sent(user, tmp_path, "--agent", "precise", "hi")
    assert given(body) == {
        "temperature": 0.1, "top_p": 0.5, "max_tokens": 700, "user": "ci", "stop": ["END"], "seed": 7,
    }  # fmt: skip


def test_without_any_the_server_decides(scripted, tmp_path):
    (body,) = sent(scripted({"text": "Hello."}), tmp_path, "hi")
    assert set(body) == {"model", "messages", "stream", "stream_options", "tools"}


@pytest.mark.parametrize(
    ("choice", "wire"), [("required", "required"), ("read", {"type": "function", "function": {"name": "read"}})]
)
def test_a_tool_is_forced_on_the_first_request_of_a_run_only(scripted, configured, tmp_path, choice, wire):
    configured(f"[parameters]\ntool_choice = '{choice}'\n")
    user = scripted(call("read", file_path="README.md"), {"text": "Done."})
    first, second = sent(user, tmp_path, "hi")
    assert first["tool_choice"] == wire and "tool_choice" not in second


def test_a_named_tool_that_is_not_on_offer_is_not_forced(scripted, configured, tmp_path):
    configured("[parameters]\ntool_choice = 'frobnicate'\n")
    (body,) = sent(scripted({"text": "Done."}), tmp_path, "hi")
    assert "tool_choice" not in body


def test_tools_that_are_not_to_be_called_stay_so(scripted, configured, tmp_path):
    configured("[parameters]\ntool_choice = 'none'\n")
    (body,) = sent(scripted({"text": "Done."}), tmp_path, "hi")
    assert body["tool_choice"] == "none" and body["tools"]


def test_routing_is_told_to_routers_only(scripted, configured, tmp_path):
    configured("[parameters]\nroute_hint = 'cost'\n[models.auto]\nmax_cost_per_1m = 2.5\n")
    user = scripted(*[{"text": "Hello."}] * 2)
    (body,) = sent(user, tmp_path, "-m", "auto", "hi")
    assert (body["route_hint"], body["max_cost_per_1m"]) == ("cost", 2.5)
    (body,) = sent(user, tmp_path, "hi")
    assert not {"route_hint", "max_cost_per_1m"} & set(body)


@pytest.mark.parametrize("router", ["auto", "plugsky-fusion"])
def test_the_model_that_answered_is_shown_and_stored(scripted, router):
    user = scripted({"text": "One."}, {"text": "Two."})
    events, _ = user.events("-m", router, "hi")
    assert events[0]["model"] == router
    answered = next(event["model"] for event in events if event["type"] == "turn.completed")
    assert answered.startswith("plugsky-") and answered != router
    shown = user.plugsky("threads", "export", events[0]["thread_id"], "--format", "json")
    kept = shown.stdout or user.plugsky("threads", "show", "--json", events[0]["thread_id"]).stdout
    assert answered in kept
    answer = json.loads(user.plugsky("run", "--format", "json", "-m", router, "hi").stdout)
    assert answer["model"] == answered


def test_what_configuration_says_of_an_unlisted_model_is_known(scripted, configured, user):
    user = scripted({"text": "Hello."})
    configured(
        f'[providers.local]\nbase_url = "{user.env["PLUGSKY_BASE_URL"]}"\napi_key_env = "PLUGSKY_API_KEY"\n'
        '[models."local/plugsky-pro"]\ncontext_window = 4321\n'
    )
    events, _ = user.events("-m", "local/plugsky-pro", "hi")
    assert next(event for event in events if event["type"] == "usage")["context_window"] == 4321


def test_a_parameter_out_of_range_is_exit_2_naming_file_line_and_key(user, configured):
    file = configured("[models.'local/llama3']\ntemperature = 3\n")
    done = user.plugsky("run", "hi")
    assert done.returncode == 2
    assert f'{file}:2: models."local/llama3".temperature must be between 0 and 2' in done.stderr


def test_an_untrusted_project_sets_no_parameters(scripted, repo, tmp_path):
    (repo / ".plugsky").mkdir()
    (repo / ".plugsky/config.toml").write_text("[parameters]\nmax_tokens = 1\n")
    (body,) = sent(scripted({"text": "Hello."}), tmp_path, "hi")
    assert "max_tokens" not in body
