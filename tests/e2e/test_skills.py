"""Skills and `plugsky skills list`, through the real command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plugsky_tui.permissions.trust import Trust


def call(name, /, **arguments):
    return {"tool_calls": [{"name": name, "arguments": arguments}]}


RELEASE = """---
name: release
description: How this team makes a release.
  Use it when somebody asks for one.
license: MIT
metadata:
  author: us
---
# Release

Run scripts/tag.sh, then read notes.md.
"""


@pytest.fixture
def mine(tmp_path):
    """`mine(name, text, **files)`: a skill of the user's own."""
    return lambda name, text, **files: put(tmp_path / "home/.config/plugsky/skills" / name, text, files)


@pytest.fixture
def theirs(repo):
    """`theirs(name, text, **files)`: a skill of the project's."""
    return lambda name, text, **files: put(repo / ".plugsky/skills" / name, text, files)


def put(folder: Path, text: str | bytes, files: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "SKILL.md").write_bytes(text.encode() if isinstance(text, str) else text)
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


@pytest.fixture
def trust(tmp_path, repo):
    return lambda: Trust(tmp_path / "home/.local/share/plugsky").grant(repo)


def offered(user) -> dict[str, str]:
    listed = json.loads(user.plugsky("tool", "--list").stdout)
    return {each["function"]["name"]: each["function"]["description"] for each in listed}


def listed(user) -> dict[str, dict]:
    return {one["name"]: one for one in json.loads(user.plugsky("skills", "list", "--json").stdout)}


def test_the_model_knows_the_skills_there_are_and_without_any_is_not_offered_the_tool(user, mine) -> None:
    assert "skill" not in offered(user)
    mine("release", RELEASE)
    assert offered(user)["skill"].endswith(
        "- release: How this team makes a release. Use it when somebody asks for one."
    )


def test_loading_one_gives_its_text_and_its_files_which_may_be_read_without_asking(scripted, mine) -> None:
    folder = mine("release", RELEASE, notes_dot_md="The notes.", scripts__tag_dot_sh="git tag", _dot_hidden="no")
    user = scripted(
        call("skill", name="release"),
        call("read", file_path=str(folder / "notes.md")),
        call("read", file_path=str(folder.parent.parent / "other.txt")),
        {"text": "Done."},
    )
    (folder.parent.parent / "other.txt").write_text("not the skill's")
    events, done = user.events("release it")
    assert done.returncode == 0, done.stderr
    loaded, notes, other = [event["output"] for event in events if event["type"] == "tool.result"]
    assert loaded == (
        f"The skill release. Paths in it are relative to its folder, {folder}\n\n"
        "# Release\n\nRun scripts/tag.sh, then read notes.md.\n\n"
        f"Its files:\n{folder}/notes.md\n{folder}/scripts/tag.sh"
    )
    assert "The notes." in notes
    assert "no one to ask" in other


def test_secrets_in_a_skill_and_what_its_links_lead_to_are_still_asked_about(user, mine, tmp_path) -> None:
    folder = mine("release", RELEASE)
    (folder / ".env").write_text("TOKEN=1")
    (tmp_path / "elsewhere.txt").write_text("x")
    (folder / "link.txt").symlink_to(tmp_path / "elsewhere.txt")
    for name in (".env", "link.txt"):
        done = user.plugsky("tool", "read", "--args", json.dumps({"file_path": str(folder / name)}))
        assert done.returncode == 4, name


def test_a_project_s_skills_are_inert_until_it_is_trusted_and_then_come_first(user, mine, theirs, trust) -> None:
    mine("release", RELEASE.replace("this team", "I"))
    theirs("release", RELEASE)
    theirs("review", RELEASE.replace("release", "review"))
    assert "this team" not in offered(user)["skill"]
    assert [(one["name"], one["origin"], one["state"]) for one in json.loads(user.plugsky("skills", "list", "--json").stdout)] == [
        ("release", "project", "inert"),
        ("release", "user", "ready"),
        ("review", "project", "inert"),
    ]  # fmt: skip
    assert "not used: the folder is not trusted" in user.plugsky("skills", "list").stdout
    trust()
    assert "- release: How this team makes" in offered(user)["skill"]
    assert [(one["name"], one["state"]) for one in json.loads(user.plugsky("skills", "list", "--json").stdout)] == [
        ("release", "ready"),
        ("release", "hidden"),
        ("review", "ready"),
    ]


def test_a_project_s_skill_that_changes_while_a_session_runs_is_not_loaded(scripted, repo, theirs, trust) -> None:
    theirs("release", RELEASE)
    trust()
    user = scripted(
        call("shell", command="bash change.sh"),
        call("skill", name="release"),
        {"text": "No."},
    )
    (repo / "change.sh").write_text("echo obey me >> .plugsky/skills/release/SKILL.md\n")
    events, _ = user.events("--mode", "auto", "--allow", "shell", "go")
    changed, loaded = [event for event in events if event["type"] == "tool.result"]
    assert changed["ok"]
    assert not loaded["ok"]
    assert "has changed since the user trusted it" in loaded["output"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("broken", "---\nname: broken\ndescription: [x\n---\n", "SKILL.md:3: expected"),
        ("broken", "---\nname: broken\n", "SKILL.md:1: the front matter has no end"),
        ("broken", "---\nname: broken\ndescription: 7\n---\n", "SKILL.md:3: description must be a text"),
        ("broken", "---\nname: broken\n---\nText", "SKILL.md:1: description is missing"),
        ("broken", "No front matter", "SKILL.md:1: description is missing"),
        ("broken", b"---\ndescription: \xff\n---\n", "SKILL.md:2: not valid UTF-8"),
        ("broken", "---\ndescription: &a [*a]\n---\n", "SKILL.md:2: anchors"),
        ("Broken_Name", RELEASE, "a-z, 0-9 and single hyphens"),
        ("a--b", RELEASE, "a-z, 0-9 and single hyphens"),
        ("a" * 65, RELEASE, "at most 64"),
    ],
)
def test_a_broken_skill_is_listed_with_its_line_and_the_others_work(user, mine, name, text, said) -> None:
    mine(name, text)
    mine("release", RELEASE)
    assert listed(user)[name]["state"] == "broken"
    assert said in listed(user)[name]["problem"]
    assert said in user.plugsky("skills", "list").stdout
    assert offered(user)["skill"].count("\n- ") == 1


def test_a_skill_without_its_file_says_so(user, mine) -> None:
    (mine("empty", "x") / "SKILL.md").unlink()
    assert "SKILL.md: it is gone" in listed(user)["empty"]["problem"]


def test_a_long_description_is_cut_and_many_of_them_are_bounded(user, mine) -> None:
    mine("long", f"---\ndescription: {'word ' * 400}\n---\n")
    assert "2,000" not in listed(user)["long"]["description"] and len(listed(user)["long"]["description"]) == 1024
    assert "description is cut" in listed(user)["long"]["warnings"][1]
    for number in range(60):
        mine(f"skill-{number}", f"---\ndescription: {'word ' * 150}\n---\n")
    assert len(offered(user)["skill"]) < 17_000
    assert "- skill-59: word" in offered(user)["skill"]


def test_a_name_that_is_none_is_answered_with_the_nearest(user, mine) -> None:
    mine("release", RELEASE)
    done = user.plugsky("tool", "skill", "--args", '{"name": "relase"}')
    assert done.returncode == 1
    assert "Did you mean release?" in done.stderr
    assert user.plugsky("tool", "skill", "--args", '{"skill": "/Release"}').returncode == 0


def test_without_skills_the_listing_says_where_they_go(user, tmp_path) -> None:
    done = user.plugsky("skills", "list")
    assert "home/.config/plugsky/skills/NAME/SKILL.md" in done.stdout
    assert json.loads(user.plugsky("skills", "list", "--json").stdout) == []


def test_a_project_s_link_out_of_it_is_no_skill(user, theirs, trust, tmp_path) -> None:
    folder = theirs("leak", "x")
    (tmp_path / "secret.md").write_text(RELEASE)
    (folder / "SKILL.md").unlink()
    (folder / "SKILL.md").symlink_to(tmp_path / "secret.md")
    trust()
    assert "link out of the project" in listed(user)["leak"]["problem"]
