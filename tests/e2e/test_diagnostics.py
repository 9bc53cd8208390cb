"""An edit that breaks something: a real language server says so in the edit's result."""

from __future__ import annotations

import pytest

pytest.importorskip("basedpyright")


def call(name, **arguments):
    return {"tool_calls": [{"name": name, "arguments": arguments}]}


def results(events):
    return [event["output"] for event in events if event["type"] == "tool.result"]


def test_an_edit_that_brings_a_type_error_is_told_so(scripted):
    user = scripted(
        call("diagnostics", file_path="src/sums.py"),
        call("edit", file_path="src/sums.py", old_string="(a, b)", new_string="(a: int, b: int) -> str"),
        call("edit", file_path="src/sums.py", old_string="-> str", new_string="-> int"),
        {"text": "Done."},
    ).with_type_checker()
    events, done = user.events("--mode", "edit", "type it")
    assert done.returncode == 0
    clean, broken, mended = results(events)
    assert clean == "src/sums.py: no errors, no warnings (basedpyright-langserver)"
    assert "New errors after this edit (basedpyright-langserver):\nsrc/sums.py:3:12: error: Type " in broken
    assert broken.endswith("(reportReturnType)")
    assert "error" not in mended and "basedpyright" not in mended
