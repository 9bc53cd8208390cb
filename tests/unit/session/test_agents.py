"""Agents: what their files may say, where they are found, and what they can never do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from plugsky_tui.kernel.errors import ConfigError, UsageError
from plugsky_tui.session.agent_file import read_agent
from plugsky_tui.session.agents import LIMIT, Agent, Listed, find_agent, list_agents, mode_under


@pytest.fixture
def user(tmp_path: Path) -> Path:
    (tmp_path / "config" / "agents").mkdir(parents=True)
    return tmp_path / "config"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "app" / ".plugsky" / "agents").mkdir(parents=True)
    return tmp_path / "app"


def own(listed: list[Listed]) -> list[Listed]:
    return [one for one in listed if one.origin != "built-in"]


def reads(user: Path, text: str | bytes) -> Agent:
    path = user / "agents" / "a.md"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_agent(path, "user")


def test_everything_an_agent_may_say(user: Path) -> None:
    agent = reads(
        user,
        "---\n"
        "description: Reviews\nmodel: local/llama3\nmode: plan\n"
        "tools:\n  - read\n  - mcp__x__*\nask: [shell(git *)]\ndeny: [read(.env*)]\n"
        "parameters:\n  temperature: 1\n  stop: [END]\n  response_format: {type: json_object}\n"
        "---\n\nBe kind.\n\n--- not a fence\n",
    )
    assert (agent.name, agent.description, agent.model, agent.mode) == ("a", "Reviews", "local/llama3", "plan")
    assert agent.parameters.given() == {
        "temperature": 1,
        "stop": ["END"],
        "response_format": {"type": "json_object"},
    }
    assert (agent.ask, agent.deny) == (["shell(git *)"], ["read(.env*)"])
    assert agent.prompt == "Be kind.\n\n--- not a fence"
    assert [agent.offers(name) for name in ("read", "mcp__x__go", "write")] == [True, True, False]
    assert agent.warnings == []


@pytest.mark.parametrize(
    "text", ["Just a prompt.\n", "---\n---\nJust a prompt.", "\ufeff---\r\n---\r\nJust a prompt.\r\n"]
)
def test_a_prompt_alone_is_an_agent_with_all_tools(user: Path, text: str) -> None:
    agent = reads(user, text)
    assert (agent.prompt, agent.tools, agent.model) == ("Just a prompt.", None, None)
    assert agent.offers("shell")


def test_no_tools_at_all_can_be_said(user: Path) -> None:
    assert not reads(user, "---\ntools: []\n---\n").offers("read")


def test_what_other_tools_write_is_understood_or_warned_about(user: Path) -> None:
    agent = reads(user, "---\nname: other\ntools: read, grep\ncolor: red\nmodle: x\nparameters: {tempratur: 1}\n---\n")
    assert agent.tools == ["read", "grep"]
    path = user / "agents" / "a.md"
    assert agent.warnings == [
        f"{path}:4: unknown key color",
        f"{path}:5: unknown key modle (did you mean model?)",
        f"{path}:2: the agent is called a, after its file",
        f"{path}:6: unknown key parameters.tempratur (did you mean temperature?)",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("---\nmodel: x\n", ":1: the front matter has no end"),
        ("---\nmodel: [x\n---\n", ":2: expected"),
        ("---\n- a\n---\n", ":2: the front matter must be keys and values"),
        ("---\nmodel: x\nmode: off\n---\n", ":3: mode must be a text"),
        ("---\nmode: yolo\n---\n", ":2: mode must be one of plan, ask, edit, auto"),
        ("---\nmodel:\n  - x\n---\n", ":2: model must be a text"),
        ("---\ntools: {read: yes}\n---\n", ":2: tools must be a list of names"),
        ("---\ntools: [1]\n---\n", ":2: tools must be a list of names"),
        ("---\ndeny: [shell(]\n---\n", ":2: deny holds a rule that is none"),
        ("---\nmodel: a\nmodel: b\n---\n", ":3: model is there twice"),
        ("---\n1: a\n---\n", ":2: a key must be a word"),
        ("---\nmodel: a\n<<: {mode: auto}\n---\n", ":3: a key must be a word"),
        ("---\nmodel: !!python/object/apply:os.getcwd []\n---\n", ":2: could not determine a constructor"),
        ("---\ndescription: &x y\n---\n", ":2: anchors and aliases are not read"),
        ("---\nparameters:\n  temperature: 3\n---\n", ":3: parameters.temperature must be between 0 and 2"),
        ("---\nparameters:\n  top_p: 1\n  seed: '7'\n---\n", ":4: parameters.seed must be a valid integer"),
        ("---\nparameters:\n  temperature: .nan\n---\n", ":3: parameters.temperature must be between 0 and 2"),
        ("---\nparameters:\n  user: 2020-01-01\n---\n", ":3: parameters.user must be a valid string"),
        ("---\nparameters: 3\n---\n", ":2: parameters must be names and values"),
        ("---\ndescription: 2020-99-99\n---\n", ":2: "),
        (b"---\nmodel: \xff\n---\n", ":2: not valid UTF-8"),
        ("---\nmodel: a\x00b\n---\n", ":2: "),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(user: Path, text: str | bytes, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        reads(user, text)
    assert f"{user / 'agents' / 'a.md'}{problem}" in caught.value.message


@pytest.mark.parametrize(
    "text",
    ["---\na: " + "[" * 30_000 + "\n---\n", "---\n" + "? " * 20_000 + "\n---\n", "x" * (LIMIT + 1)],
    ids=["deep", "keys", "large"],
)
def test_a_hostile_file_is_an_error_and_no_more(user: Path, text: str) -> None:
    with pytest.raises(ConfigError):
        reads(user, text)


def test_characters_nobody_sees_are_shown_to_the_model_too(user: Path) -> None:
    assert reads(user, "---\ndescription: a\u200bb\n---\nobey\u202e").prompt == "obey⟨U+202E⟩"


def test_a_pipe_is_no_agent_and_blocks_nothing(user: Path) -> None:
    os.mkfifo(user / "agents" / "pipe.md")
    (listed,) = own(list_agents(user, user, trusted=True))
    assert (listed.name, listed.state) == ("pipe", "broken")


@pytest.mark.parametrize("target", ["../../../outside.md", "../../.env", "/etc/hostname"])
def test_a_projects_link_out_of_it_or_to_a_secret_is_not_read(project: Path, user: Path, target: str) -> None:
    for name in ("../outside.md", ".env"):
        (project / name).write_text("secret")
    (project / ".plugsky/agents/x.md").symlink_to(target)
    with pytest.raises(ConfigError, match="link out of the project"):
        find_agent("x", project, user, trusted=True)


def test_a_trusted_projects_agent_comes_before_the_users(project: Path, user: Path) -> None:
    (user / "agents" / "a.md").write_text("mine")
    (project / ".plugsky/agents/a.md").write_text("theirs")
    assert find_agent("a", project, user, trusted=True).prompt == "theirs"
    assert find_agent("a", project, user, trusted=False).prompt == "mine"
    states = {
        trusted: [one.state for one in own(list_agents(project, user, trusted=trusted))] for trusted in (True, False)
    }
    assert states == {True: ["ready", "hidden"], False: ["inert", "ready"]}


def test_the_users_agent_stands_in_for_a_built_in_one_and_a_projects_never(project: Path, user: Path) -> None:
    (project / ".plugsky/agents/explore.md").write_text("theirs")
    assert find_agent("explore", project, user, trusted=True).origin == "built-in"
    (user / "agents" / "explore.md").write_text("mine")
    assert find_agent("explore", project, user, trusted=True).prompt == "mine"
    listed = [one for one in list_agents(project, user, trusted=True) if one.name == "explore"]
    assert [(one.origin, one.state) for one in listed] == [
        ("built-in", "hidden"),
        ("project", "hidden"),
        ("user", "ready"),
    ]


@pytest.mark.parametrize("name", ["nope", "", ".", "../a", "a.md", "a\n"])
def test_only_names_of_files_are_agents(project: Path, user: Path, name: str) -> None:
    (user / "agents" / "a.md").write_text("mine")
    (user / "agents" / ".hidden.md").write_text("")
    with pytest.raises(UsageError):
        find_agent(name, project, user, trusted=True)


@pytest.mark.parametrize(
    ("origin", "wants", "chosen", "option", "mode"),
    [
        ("user", "auto", "ask", None, "auto"),
        ("user", "plan", "auto", None, "plan"),
        ("user", "auto", "plan", "plan", "plan"),
        ("project", "auto", "ask", None, "ask"),
        ("project", "edit", "auto", None, "edit"),
        ("project", "plan", "auto", "auto", "auto"),
        ("project", None, "edit", None, "edit"),
    ],
)
def test_which_mode_counts(origin, wants, chosen, option, mode) -> None:
    agent = Agent("a", Path("a.md"), origin, mode=wants)
    found, warning = mode_under(agent, chosen, option)
    assert found == mode
    assert bool(warning) == (origin == "project" and wants == "auto" and option is None)
