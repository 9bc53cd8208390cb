"""Stated changes, made on real files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

CODE = "count = 1\nrecount = count + 1\nprint(count, recount, account)\n"


def test_a_rename_takes_whole_words_only(repo: Callable[..., Any]) -> None:
    driver = repo({"a.py": CODE})
    text = driver.ask("rename count to total in a.py")
    assert (driver.folder / "a.py").read_text() == "total = 1\nrecount = total + 1\nprint(total, recount, account)\n"
    assert "3 places in 1 file" in text and "```diff" in text
    assert [name for name, _ in driver.calls] == ["read", "multi_edit"]


def test_without_multi_edit_the_lines_are_edited_one_by_one(repo: Callable[..., Any]) -> None:
    driver = repo({"a.py": CODE})
    driver.tools = ("read", "edit")
    driver.ask("rename count to total in a.py")
    assert (driver.folder / "a.py").read_text().startswith("total = 1\nrecount = total + 1\n")
    assert [name for name, _ in driver.calls] == ["read", "edit", "edit", "edit"]


def test_a_rename_everywhere_visits_each_file_that_has_it(repo: Callable[..., Any]) -> None:
    driver = repo({"a.py": "def f(): pass\n", "pkg/b.py": "from a import f\nf()\n", "c.py": "fine = 1\n"})
    text = driver.ask("rename f to go")
    assert (driver.folder / "pkg/b.py").read_text() == "from a import go\ngo()\n"
    assert (driver.folder / "c.py").read_text() == "fine = 1\n"
    assert "`a.py` (1)" in text and "`pkg/b.py` (2)" in text


def test_a_replacement_is_made_in_every_place_of_the_file(repo: Callable[..., Any]) -> None:
    driver = repo({"README.md": "colour and colour\n"})
    assert "2 places" in driver.ask("replace 'colour' with 'color' in README.md")
    assert (driver.folder / "README.md").read_text() == "color and color\n"
    assert driver.calls[-1] == (
        "edit",
        {"file_path": "README.md", "old_string": "colour", "new_string": "color", "replace_all": True},
    )


def test_text_with_signs_is_replaced_as_it_stands(repo: Callable[..., Any]) -> None:
    driver = repo({"a.py": "if a < b[0]:\n    x\n"})
    driver.ask(r"in a.py, change `a < b[0]` to `a <= b[\1]`")
    assert (driver.folder / "a.py").read_text() == "if a <= b[\\1]:\n    x\n"


def test_what_is_not_there_is_not_replaced(repo: Callable[..., Any]) -> None:
    driver = repo({"a.py": "x = 1\n"})
    assert "does not stand in `a.py`" in driver.ask("replace 'y' with 'z' in a.py")
    assert "stands nowhere" in driver.ask("rename nothing_here to something")
    assert "nothing to do" in driver.ask("rename x to x in a.py")
    assert "could not read" in driver.ask("rename x to y in b.py")
    assert (driver.folder / "a.py").read_text() == "x = 1\n"


def test_a_refused_edit_is_shown_as_a_proposal(repo: Callable[..., Any]) -> None:
    driver = repo({"a.py": "x = 1\n"})
    driver.refuse = {"edit": "Not allowed: plan mode reads only."}
    text = driver.ask("rename x to y in a.py")
    assert "plan mode reads only" in text and "-x\n+y" in text and "was not allowed" in text


def test_an_edit_the_tool_cannot_make_is_reported(repo: Callable[..., Any]) -> None:
    driver = repo({"a.py": "x = 1\n"})
    driver.refuse = {"edit": "a.py has changed since it was read: read it again."}
    assert "**Not done:**" in driver.ask("rename x to y in a.py")


def test_a_file_is_created_and_an_existing_one_left_alone(repo: Callable[..., Any]) -> None:
    driver = repo({})
    assert "created **`notes/a.md`** (2 lines)" in driver.ask("create notes/a.md with\n```\n# hi\nthere\n```")
    assert (driver.folder / "notes/a.md").read_text() == "# hi\nthere\n"
    assert "there already (2 lines)" in driver.ask("create notes/a.md with nothing")
    assert (driver.folder / "notes/a.md").read_text() == "# hi\nthere\n"


def test_a_command_and_a_tool_are_called_as_they_are_spelled(repo: Callable[..., Any]) -> None:
    driver = repo({"a.txt": "x\n"})
    assert "a.txt" in driver.ask("run `ls`")
    assert "a.txt" in driver.ask('call list with {"path": "."}')
    assert "no valid JSON" in driver.ask('call list with {"path": .}')
    assert "I need the tool `fetch`" in driver.ask('call fetch with {"url": "x"}')
