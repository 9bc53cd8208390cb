"""Endpoints beside Plugsky's own, through the real command: Anthropic's Messages API, and that of the PlutosAI document."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.command import KEY, User

CLAUDE, PLUTOS = "claude/plugsky-pro", "pl/plugsky-pro"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
# Anthropic documents this text for tests: thinking is then sent redacted.
HIDE = (
    "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB"
)
LOOK = {"tool_calls": [{"name": "read", "arguments": {"file_path": "README.md"}}], "text": "Let me look."}


def configure(user: User, url: str, *more: str) -> None:
    folder = Path(user.env["HOME"], ".config/plugsky")
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        *more,
        # The one is given without its /v1, as Anthropic's own clients want it, the other with it.
        f'[providers.claude]\nkind = "anthropic-messages"\nbase_url = "{url.removesuffix("/v1")}"\napi_key_env = "OTHER_KEY"',
        f'[providers.pl]\nkind = "plutos"\nbase_url = "{url}"\napi_key_env = "OTHER_KEY"',
    ]
    (folder / "config.toml").write_text("\n".join(lines) + "\n")
    user.env["OTHER_KEY"] = KEY


THINKING = '[parameters]\nreasoning_effort = "low"'
Begin = Callable[..., User]


@pytest.fixture
def endpoints(scripted: Begin) -> Begin:
    """`endpoints(reply, …)`: the user, whose endpoints all play those replies in turn."""

    def begin(*replies: dict, config: str = "") -> User:
        user = scripted(*replies)
        configure(user, user.env["PLUGSKY_BASE_URL"], config)
        return user

    return begin


def of(events: list[dict], kind: str) -> list[dict]:
    return [event for event in events if event["type"] == kind]


def codes(events: list[dict]) -> list[str]:
    return [event["code"] for event in of(events, "notice")]


# --- Anthropic's Messages API -----------------------------------------------------------------


def test_a_tool_goes_there_and_back(endpoints):
    user = endpoints(LOOK, {"text": "It adds numbers."})
    events, done = user.events("-m", CLAUDE, "What is this?")
    assert done.returncode == 0 and events[-1]["text"] == "It adds numbers."
    (result,) = of(events, "tool.result")
    assert result["ok"] and "# Sums" in result["output"]
    assert [turn["finish_reason"] for turn in of(events, "turn.completed")] == ["tool_calls", "stop"]
    assert all(usage["prompt_tokens"] > 0 and usage["completion_tokens"] > 0 for usage in of(events, "usage"))
    assert codes(events) == []


@pytest.mark.parametrize("prompt", ["What is this?", f"What is this? {HIDE}"])
def test_thoughts_and_their_seals_outlive_the_process(endpoints, prompt):
    # The simulator refuses results whose call does not begin with its thinking, and thinking that is not as it sent it.
    thoughtful = LOOK | {"reasoning": "I should\nread it: é🎉."}
    user = endpoints(thoughtful, thoughtful, {"text": "It adds numbers."}, config=THINKING)
    events, done = user.events("-m", CLAUDE, "--max-turns", "1", prompt)
    assert done.returncode == 3
    assert "".join(event["text"] for event in of(events, "reasoning.delta")) == (
        "" if HIDE in prompt else "I should\nread it: é🎉."
    )
    events, done = user.events("-c", "-m", CLAUDE, "Go on.")
    assert done.returncode == 0 and events[-1]["text"] == "It adds numbers."
    assert codes(events) == []  # above all: thinking was not switched off for want of what was thought before
    assert of(events, "thought.sealed") == []  # of no use to anyone but the model


def test_a_thread_changes_hands_in_the_middle(endpoints):
    user = endpoints(
        LOOK | {"reasoning": "One."},  # openai-chat, stopped after its call
        LOOK | {"reasoning": "Two."},
        {"text": "Claude was here."},
        {"text": "Pluto was here."},
        LOOK | {"reasoning": "Three."},  # claude again, stopped after its call
        {"text": "And so was Plugsky."},
        {"text": "The end."},
        config=THINKING,
    )
    user.events("--max-turns", "1", "-m", "plugsky-pro", "Look.")
    events, _ = user.events("-c", "-m", CLAUDE, "Go on.")
    assert events[-1]["text"] == "Claude was here." and "thinking_off" in codes(events)
    events, _ = user.events("-c", "-m", PLUTOS, "Go on.")
    assert events[-1]["text"] == "Pluto was here." and "no_tools" in codes(events)
    assert user.events("-c", "-m", CLAUDE, "--max-turns", "1", "Go on.")[1].returncode == 3
    events, _ = user.events("-c", "-m", "plugsky-pro", "Go on.")
    assert events[-1]["text"] == "And so was Plugsky."
    events, done = user.events("-c", "-m", CLAUDE, "Go on.")
    assert done.returncode == 0 and events[-1]["text"] == "The end."


def test_an_image_reaches_a_model_that_sees(endpoints, repo):
    (repo / "dot.png").write_bytes(PIXEL)
    user = endpoints(
        {"tool_calls": [{"name": "read", "arguments": {"file_path": "dot.png"}}]}, {"text": "A dot, twice."}
    )
    events, done = user.events("-m", "claude/plugsky-qwen-vl", "-f", "dot.png", "What is this?")
    assert done.returncode == 0 and events[-1]["text"] == "A dot, twice."


def test_what_a_server_refuses_is_left_out_and_told(endpoints):
    refusal = {"status": 400, "error": "messages.0.content.0.text.cache_control: Extra inputs are not permitted"}
    user = endpoints(refusal, LOOK, {"text": "Done."})
    events, done = user.events("-m", CLAUDE, "hello")
    assert done.returncode == 0 and events[-1]["text"] == "Done."
    assert codes(events) == ["parameter_dropped"] and "cache_control" in of(events, "notice")[0]["text"]


@pytest.mark.parametrize("model", [CLAUDE, PLUTOS])
@pytest.mark.parametrize(
    ("status", "code", "hint"),
    [
        (401, "auth", "api_key_env of [providers."),
        (402, "", "dashboard"),
        (403, "forbidden", "scopes"),
    ],
)
def test_errors_are_explained(endpoints, model, status, code, hint):
    events, done = endpoints({"status": status, "error": "No."}).events("-m", model, "hello")
    (error,) = of(events, "error")
    assert done.returncode == 1 and error["status"] == status and error["request_id"]
    assert code in error["code"] and hint in error["hint"]
    assert KEY not in done.stdout + done.stderr


@pytest.mark.parametrize("model", ["claude/nobody", "pl/nobody"])
def test_a_model_that_is_not_there_is_told(endpoints, model):
    events, done = endpoints({"text": "never"}).events("-m", model, "hello")
    (error,) = of(events, "error")
    assert done.returncode == 1 and error["code"] == "model_not_found" and "nobody" in error["message"]


@pytest.mark.parametrize("model", [CLAUDE, PLUTOS])
@pytest.mark.parametrize("status", [429, 503, 529])
def test_what_passes_is_tried_again_under_the_same_key(endpoints, model, status):
    user = endpoints({"status": status, "headers": {"retry-after-ms": "1"}}, {"text": "Here."})
    events, done = user.events("-m", model, "hello")
    assert done.returncode == 0 and events[-1]["text"] == "Here."
    assert [retry["status"] for retry in of(events, "retry")] == [status]
    assert len({started["idempotency_key"] for started in of(events, "request.started")}) == 1


@pytest.mark.parametrize("model", [CLAUDE, PLUTOS])
def test_an_answer_that_breaks_off_is_asked_for_again(endpoints, model):
    user = endpoints({"text": ["One ", "two ", "three ", "four."], "cut_after": 4}, {"text": "One to four."})
    events, done = user.events("-m", model, "count")
    assert done.returncode == 0 and events[-1]["text"] == "One to four." and len(of(events, "retry")) == 1


def test_an_address_may_have_its_version_or_not(endpoints):
    user = endpoints({"text": "Here."}, {"text": "Here."})
    config = Path(user.env["HOME"], ".config/plugsky/config.toml")
    root = user.env["PLUGSKY_BASE_URL"].removesuffix("/v1")
    other_way_round = {f'"{root}"': f'"{root}/v1/"', f'"{root}/v1"': f'"{root}"'}
    config.write_text(re.sub(r'(?<=base_url = )".*"', lambda found: other_way_round[found[0]], config.read_text()))
    for model in (CLAUDE, PLUTOS):
        assert user.plugsky("run", "-m", model, "hello").stdout == "Here.\n"


# --- PlutosAI ---------------------------------------------------------------------------------


def test_chat_without_tools_says_so(endpoints):
    user = endpoints({"text": "I cannot look."}, {"text": "Still not."})
    events, done = user.events("-m", PLUTOS, "What is this?")
    assert done.returncode == 0 and events[-1]["text"] == "I cannot look."
    assert "".join(event["text"] for event in of(events, "text.delta")) == "I cannot look."
    (notice,) = of(events, "notice")
    assert notice["code"] == "no_tools" and "not read, edit or run anything" in notice["text"]
    assert of(events, "usage")[0]["prompt_tokens"] > 0
    assert user.plugsky("run", "-c", "-m", PLUTOS, "And now?").stdout == "Still not.\n"


def test_what_only_process_takes_is_not_streamed(endpoints):
    user = endpoints({"text": "One two END three"}, config='[parameters]\nstop = ["END"]\nseed = 1')
    events, done = user.events("-m", PLUTOS, "count")
    assert done.returncode == 0 and len(of(events, "text.delta")) == 1
    assert sorted(codes(events)) == ["no_tools", "not_streamed", "parameter_dropped"]


# --- lists of models --------------------------------------------------------------------------


def test_models_of_every_endpoint_are_listed_under_its_name(endpoints):
    user = endpoints({"text": "never"})
    listed = {model["id"]: model for model in json.loads(user.plugsky("models", "--refresh", "--json").stdout)}
    for name in ("plugsky-pro", CLAUDE, PLUTOS):
        assert listed[name]["live"] and listed[name]["context_window"]


# --- docs/providers.md ------------------------------------------------------------------------

GUIDE = Path(__file__).parents[2].joinpath("docs/providers.md").read_text()


def examples(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("example", examples("toml"))
def test_each_configuration_of_the_guide_works(scripted, example):
    user = scripted({"text": "Here."}, {"text": "Here."})
    url = user.env["PLUGSKY_BASE_URL"]
    mapped = re.sub(
        r'base_url = "http[^"]*?(/v1)?"',
        lambda found: f'base_url = "{url.removesuffix("/v1")}{found[1] or ""}"',
        example,
    )
    folder = Path(user.env["HOME"], ".config/plugsky")
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(mapped)
    user.env |= {"ANTHROPIC_API_KEY": KEY, "PLUTOS_API_KEY": KEY}
    for name in re.findall(r"^\[providers\.(\w+)\]", example, re.MULTILINE):
        events, done = user.events("-m", f"{name}/plugsky-micro", "Are you there?")
        assert done.returncode == 0 and events[-1]["text"] == "Here."
        assert "warning" not in done.stderr.lower()


def test_the_program_of_the_guide_works(scripted):
    user = scripted({"text": "Paris."}, {"text": "Berlin."})
    (program,) = examples("python")
    env = user.env | {"PLUTOS_API_KEY": KEY, "PLUTOS_BASE_URL": user.env["PLUGSKY_BASE_URL"]}
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("['Paris.', 'Berlin.']\nAccountUsage(")
