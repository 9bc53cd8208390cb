"""URIs, positions and what makes a diagnostic the same one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugsky_tui.workspace.lsp.diagnostics import Diagnostic, characters, new_since, read_diagnostics
from plugsky_tui.workspace.lsp.languages import language_id, language_name
from plugsky_tui.workspace.lsp.uris import path_of, same, uri_of


def at(line, character, message="m", **more):
    return {"range": {"start": {"line": line, "character": character}, "end": {}}, "message": message, **more}


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_a_path_comes_back_from_its_uri(name) -> None:
    assert path_of(uri_of("/w/" + name)) == "/w/" + name


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a%20b/%C3%BC.py", "/a b/ü.py"),
        ("FILE://localhost/a", "/a"),
        ("file:/a", "/a"),
        ("file:///c%3A/x.py", "c:/x.py"),
        ("file:///C:/x.py", "c:/x.py"),
        ("file:///a#L3", "/a"),
        ("untitled:1", None),
        ("file://server/share", None),
        ("file:///%00", None),
    ],
)
def test_uris_are_read_however_a_server_writes_them(uri, path) -> None:
    assert path_of(uri) == path


def test_uris_are_the_same_with_more_or_less_escaped() -> None:
    assert same("file:///w/%61%20b%28.py") == uri_of("/w/a b(.py")
    assert uri_of("C:\\a b\\c.py") == "file:///c%3A/a%20b/c.py"
    assert path_of(uri_of("/w/\udcff.py")) == "/w/\udcff.py"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), st.integers(0, 20))
def test_columns_are_characters_though_servers_count_utf16(line, count) -> None:
    units = len(line[:count].encode("utf-16-le")) // 2
    assert characters(line, units) == min(count, len(line))


def test_diagnostics_are_read_with_place_severity_code_and_line() -> None:
    text = "first\r\n  é😀 = nope\rlast"
    [found] = read_diagnostics(
        [at(1, 5, "not\u00a0defined\n  at all\x1b[31m", severity=1, code=7, source="pyflakes")], text
    )
    assert found == Diagnostic(2, 5, 1, "not defined; at all [31m", "7", "pyflakes", "é😀 = nope")
    assert found.shown("a.py") == "a.py:2:5: error: not defined; at all [31m (7)"


def test_what_has_no_shape_is_left_out() -> None:
    odd = [None, 3, {}, {"range": None}, at(0, 0, None), at("x", 0), at(99, 5), at(0, 0, {"value": "marked"})]
    assert [each.message for each in read_diagnostics(odd, "one line")] == ["marked", "m"]
    assert read_diagnostics({"not": "a list"}, "") == []


def test_an_error_that_only_moved_is_not_new_but_its_copy_is() -> None:
    before = read_diagnostics([at(0, 0, "bad")], "x = nope\n")
    moved = read_diagnostics([at(2, 4, "bad")], "\n\n    x = nope\n")
    assert new_since(before, moved) == []
    twice = read_diagnostics([at(0, 0, "bad"), at(1, 0, "bad")], "x = nope\nx = nope\n")
    assert [each.line for each in new_since(before, twice)] == [2]
    assert new_since(before, read_diagnostics([at(0, 0, "bad")], "y = nope\n"))


def test_languages_are_named_as_the_specification_and_as_people_do() -> None:
    assert language_id("/w/a.TSX") == "typescriptreact"
    assert language_name("/w/a.tsx") == "typescript"
    assert language_id("/w/Dockerfile") == "dockerfile"
    assert language_id("/w/a.unheard") == "unheard"
    assert language_id("/w/LICENSE") == "plaintext"
