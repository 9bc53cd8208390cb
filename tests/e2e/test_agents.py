"""`--agent NAME` and `plugsky agents list`, through the real command."""

from __future__ import annotations

import json

import pytest
from support.command import COMMAND
from support.terminal import HAVE_TMUX, Terminal

from plugsky_tui.permissions.trust import Trust


def call(name, **arguments):
    return {"tool_calls": [{"name": name, "arguments": arguments}]}


REVIEWER = """---
description: Reads code, changes nothing
model: plugsky-max
mode: plan
tools: [read, grep, "mcp__*"]
deny: ["read(secret/**)"]
parameters:
  temperature: 0.2
---
You review code. Say what is wrong with it.
"""


@pytest.fixture
def mine(tmp_path):
    """`mine(name, text)`: an agent of the user's own."""

    def write(name, text):
        file = tmp_path / "home/.config/plugsky/agents" / f"{name}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    return write


@pytest.fixture
def theirs(repo):
    """`theirs(name, text)`: an agent of the project's."""

    def write(name, text):
        file = repo / ".plugsky/agents" / f"{name}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    return write


@pytest.fixture
def trust(tmp_path, repo):
    return lambda: Trust(tmp_path / "home/.local/share/plugsky").grant(repo)


def test_an_agent_brings_its_prompt_model_mode_tools_and_parameters(scripted, mine, tmp_path):
    mine("reviewer", REVIEWER)
    tape = tmp_path / "run.tape"
    user = scripted(call("write", file_path="x", content="y"), {"text": "Fine."})
    events, done = user.events("--agent", "reviewer", "--record", str(tape), "review this")
    assert done.returncode == 0, done.stderr
    assert (events[0]["model"], events[0]["mode"]) == ("plugsky-max", "plan")
    body = json.loads(tape.read_text().splitlines()[1])["request"]
    assert [tool["function"]["name"] for tool in body["tools"]] == ["grep", "read"]
    assert (body["model"], body["temperature"]) == ("plugsky-max", 0.2)
    assert "You do this work as the agent reviewer" in body["messages"][0]["content"]
    assert "You review code. Say what is wrong with it." in body["messages"][0]["content"]
    result = next(event for event in events if event["type"] == "tool.result")
    assert not result["ok"] and "There is no tool 'write'" in result["output"]


def test_its_rules_only_make_things_stricter(scripted, mine, repo):
    mine("reviewer", REVIEWER)
    (repo / "secret").mkdir()
    (repo / "secret/plan.txt").write_text("x")
    user = scripted(call("read", file_path="secret/plan.txt"), {"text": "No."})
    events, _ = user.events("--agent", "reviewer", "--allow", "read(secret/**)", "read it")
    resolved = next(event for event in events if event["type"] == "permission.resolved")
    assert (resolved["verdict"], resolved["by"]) == ("deny", "rule")


def test_options_come_before_what_the_agent_wants(scripted, mine):
    mine("reviewer", REVIEWER)
    events, _ = scripted({"text": "Hi."}).events("--agent", "reviewer", "-m", "plugsky-lite", "--mode", "edit", "hi")
    assert (events[0]["model"], events[0]["mode"]) == ("plugsky-lite", "edit")


def test_an_agent_that_is_not_there_is_exit_2_with_the_nearest_names(user, mine):
    done = user.plugsky("run", "--agent", "reviewer", "hi")
    assert done.returncode == 2 and "There are: explore, general. One of your own is a file" in done.stderr
    mine("reviewer", REVIEWER)
    done = user.plugsky("run", "--agent", "reviewr", "hi")
    assert done.returncode == 2 and "Did you mean reviewer?" in done.stderr
    for name in ("../agents/reviewer", "/etc/passwd", ""):
        assert user.plugsky("run", "--agent", name, "hi").returncode == 2


def test_a_broken_agent_is_exit_2_with_file_and_line(user, mine):
    file = mine("broken", "---\ndescription: x\nmode: yolo\n---\n")
    done = user.plugsky("run", "--agent", "broken", "hi")
    assert done.returncode == 2 and f"{file}:3: mode must be one of plan, ask, edit, auto" in done.stderr


def test_a_projects_agent_waits_for_trust(scripted, theirs, trust):
    theirs("helper", "---\nmodel: plugsky-max\n---\nHelp.\n")
    user = scripted({"text": "Hi."})
    done = user.plugsky("run", "--agent", "helper", "hi")
    assert done.returncode == 2 and "the folder is not trusted" in done.stderr
    trust()
    events, done = user.events("--agent", "helper", "hi")
    assert done.returncode == 0 and events[0]["model"] == "plugsky-max"


def test_a_projects_agent_can_narrow_the_mode_and_never_widen_it(scripted, theirs, trust):
    theirs("wide", "---\nmode: auto\n---\n")
    theirs("narrow", "---\nmode: plan\n---\n")
    trust()
    user = scripted(*[{"text": "Hi."}] * 3)

    def begun(*words):
        events, _ = user.events(*words, "hi")
        mode = next(event["mode"] for event in events if event["type"] == "thread.started")
        return mode, any("cannot widen yours" in event.get("text", "") for event in events)

    assert begun("--agent", "wide") == ("ask", True)
    assert begun("--agent", "narrow") == ("plan", False)
    assert begun("--agent", "wide", "--mode", "auto") == ("auto", False)


def test_the_users_own_agent_has_the_mode_it_wants(scripted, mine):
    mine("doer", "---\nmode: auto\n---\n")
    assert scripted({"text": "Hi."}).events("--agent", "doer", "hi")[0][0]["mode"] == "auto"


def test_the_list_has_them_all_with_their_state(user, mine, theirs, trust):
    mine("reviewer", REVIEWER)
    mine("bad", "---\nmodel: [a\n---\n")
    theirs("reviewer", "---\ndescription: theirs\n---\n")
    theirs("bomb", "---\na: &a [x, x]\nb: [*a, *a]\n---\n")
    rows = json.loads(user.plugsky("agents", "list", "--json").stdout)
    assert [(row["name"], row["origin"], row["state"]) for row in rows] == [
        ("bad", "user", "broken"),
        ("bomb", "project", "broken"),
        ("explore", "built-in", "ready"),
        ("general", "built-in", "ready"),
        ("reviewer", "project", "inert"),
        ("reviewer", "user", "ready"),
    ]
    assert "bad.md:" in rows[0]["problem"] and "bomb.md:2: anchors and aliases" in rows[1]["problem"]
    assert rows[5]["description"] == "Reads code, changes nothing"
    assert (rows[5]["model"], rows[5]["mode"], rows[5]["parameters"]) == ("plugsky-max", "plan", {"temperature": 0.2})
    done = user.plugsky("agents", "list")
    assert done.returncode == 0 and "not used: the folder is not trusted" in done.stdout
    trust()
    rows = json.loads(user.plugsky("agents", "list", "--json").stdout)
    assert [row["state"] for row in rows] == ["broken", "broken", "ready", "ready", "ready", "hidden"]


def test_a_list_without_agents_of_ones_own_says_where_they_go(user):
    done = user.plugsky("agents", "list")
    assert done.returncode == 0 and "/agents/NAME.md" in done.stdout
    rows = json.loads(user.plugsky("agents", "list", "--json").stdout)
    assert [(row["name"], row["origin"], row["path"]) for row in rows] == [
        ("explore", "built-in", None),
        ("general", "built-in", None),
    ]


def test_what_an_agent_says_of_itself_reaches_the_terminal_clean(user, theirs):
    theirs("evil", '---\ndescription: "a\\e]0;title\\a\\u202eb"\n---\n')
    out = user.plugsky("agents", "list").stdout
    assert "\x1b" not in out and "\u202e" not in out and "evil" in out


def test_a_tool_that_does_not_exist_is_told(scripted, mine):
    mine("x", "---\ntools: Read, bash\n---\n")
    done = scripted({"text": "Hi."}).plugsky("run", "--agent", "x", "hi")
    assert done.returncode == 0
    assert "there is no tool 'Read' (did you mean read?)" in done.stderr and "there is no tool 'bash'" in done.stderr


def test_other_front_ends_take_it_too(user, mine):
    mine("reviewer", REVIEWER)
    done = user.plugsky("demo", "--run", "hello", "--agent", "reviewer")
    assert done.returncode == 0 and done.stdout
    assert user.plugsky("demo", "--run", "hello", "--agent", "nobody").returncode == 2


@pytest.mark.skipif(not HAVE_TMUX, reason="needs tmux")
def test_the_full_screen_ui_works_as_the_agent(user, mine):
    mine("reviewer", REVIEWER)
    with Terminal([*COMMAND, "--offline", "--agent", "reviewer"], cwd=user.folder, env=user.env) as terminal:
        terminal.wait_for(r"plan +plugsky-max")
    with Terminal([*COMMAND, "--offline", "--agent", "reviewr"], cwd=user.folder, env=user.env) as terminal:
        terminal.wait_for(r"Did you mean reviewer\?")
