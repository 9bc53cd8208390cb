"""grep, glob, list: bounded answers that say what they leave out."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from plugsky_tui.kernel.ports import ReadPath
from plugsky_tui.workspace.search import scan
from plugsky_tui.workspace.search.listing import Means
from plugsky_tui.workspace.spill import Spill

from .conftest import TOOLS


@pytest.fixture
def tree(ws):
    ws.put(".gitignore", "*.log\nnode_modules/\n")
    ws.put("src/app.py", "import os\n\ndef main():\n    return os\n")
    ws.put("src/util.py", "def main_helper():\n    pass\n")
    ws.put("noise.log", "main\n")
    ws.put("node_modules/x/main.js", "main\n")
    ws.put(".env", "main=1\n")
    ws.put("data.bin", b"main\0")
    ws.put("docs/read me.md", "main\n")
    return ws


async def test_grep_answers_with_path_line_and_text(tree) -> None:
    output = (await tree("grep", pattern="def main")).output
    assert output == (
        "src/app.py:3:def main():\nsrc/util.py:1:def main_helper():\n(not searched, since they may hold secrets: .env)"
    )


async def test_grep_tells_of_binary_files_and_of_no_matches(tree) -> None:
    assert "(binary files that match, not shown: data.bin)" in (await tree("grep", pattern="main")).output
    assert (await tree("grep", pattern="nowhere", glob="*.py")).output == "No matches."


async def test_grep_shows_context_in_blocks(tree) -> None:
    output = (await tree("grep", pattern="def main", path="src", context=1)).output
    assert output == (
        "src/app.py-2-\nsrc/app.py:3:def main():\nsrc/app.py-4-    return os\n--\n"
        "src/util.py:1:def main_helper():\nsrc/util.py-2-    pass"
    )


async def test_grep_says_how_much_more_there_is(tree) -> None:
    tree.put("many.txt", "needle\n" * 500)
    output = (await tree("grep", pattern="needle", limit=3)).output
    assert output.count("many.txt:") == 3
    assert "497 more matching lines; 500 in 1 file in all" in output


def kept(output: str) -> str:
    """What is in the file that the answer names as holding all of it."""
    [path] = re.findall(r"; the whole output is in (/\S+/plugsky-[a-z]+-[0-9a-f]{12}\.txt)\)$", output, re.MULTILINE)
    return Path(path).read_text()


def no_file_can_be_made(ws) -> None:
    ws.put("in the way")
    ws.context.spill = Spill(str(ws.path / "in the way"))


async def test_grep_keeps_all_that_was_found_in_a_file_that_may_be_read(tree) -> None:
    tree.put("many.txt", "needle\n" * 500)
    output = (await tree("grep", pattern="needle", limit=3)).output
    assert kept(output) == "".join(f"many.txt:{at}:needle\n" for at in range(1, 501))
    [path] = re.findall(r"/\S+\.txt", output)
    assert list((await tree.prepare("read", file_path=path)).needs) == []
    assert list((await tree.prepare("grep", pattern="needle", path=path)).needs) == []


async def test_a_file_of_results_has_context_and_the_whole_of_long_lines(tree) -> None:
    tree.put("many.txt", "before\nneedle" + "x" * 10_000 + "\nafter\n\n\nneedle\n")
    output = (await tree("grep", pattern="needle", context=1, limit=1)).output
    assert kept(output) == (
        "many.txt-1-before\nmany.txt:2:needle" + "x" * 10_000 + "\nmany.txt-3-after\n"
        "--\nmany.txt-5-\nmany.txt:6:needle\n"
    )


async def test_context_that_has_no_room_is_kept_too(tree) -> None:
    tree.put("many.txt", "needle\n" + f"{'y' * 499}\n" * 100)
    output = (await tree("grep", pattern="needle", context=100)).output
    assert len(output) < 45_000
    assert "(more lines of context: ask for less; the whole output is in /" in output
    assert kept(output).count("\n") == 101


async def test_answers_that_are_whole_need_no_file(tree) -> None:
    tree.put("many.txt", "needle\n" * 200)
    await tree("grep", pattern="needle")
    await tree("glob", pattern="**/*")
    await tree("list")
    assert not os.path.exists(tree.context.spill.folder)


async def test_without_a_file_the_answer_still_says_how_much_more_there_is(tree) -> None:
    no_file_can_be_made(tree)
    for number in range(520):
        tree.put(f"many/{number}.txt", "needle\n")
    grep, glob, tree_of = [
        (await tree(name, **arguments)).output.splitlines()[-1]
        for name, arguments in (
            ("grep", {"pattern": "needle", "path": "many"}),
            ("glob", {"pattern": "many/*.txt"}),
            ("list", {"path": "many"}),
        )
    ]
    assert grep == ("(320 more matching lines; 520 in 520 files in all: narrow pattern, path or glob)")
    assert glob == "(20 more files match: narrow the pattern)"
    assert tree_of == "(20 more names: list a folder further down, or with a smaller depth)"


@pytest.mark.parametrize("ripgrep", [True, False])
async def test_of_a_file_with_more_matches_than_are_collected_the_first_are_shown(tree, monkeypatch, ripgrep) -> None:
    monkeypatch.setattr("plugsky_tui.workspace.search.content.MATCH_LIMIT", 50)
    if not ripgrep:
        monkeypatch.setattr("plugsky_tui.workspace.search.listing.Means.ripgrep", lambda means: None)
    tree.put("many.txt", "needle\n" * 500)
    lines = (await tree("grep", pattern="needle", limit=3)).output.splitlines()
    assert [line for line in lines if line.startswith("many.txt:")] == [f"many.txt:{at}:needle" for at in (1, 2, 3)]
    assert "(the search was stopped after 50 matches)" in lines
    assert any("more matching lines; " in line and "file so far: narrow" in line for line in lines)
    assert any("; the beginning of the output is in /" in line for line in lines)


@pytest.mark.parametrize("ripgrep", [True, False])
async def test_of_a_line_too_long_to_keep_the_length_is_not_made_up(tree, monkeypatch, ripgrep) -> None:
    if not ripgrep:
        monkeypatch.setattr("plugsky_tui.workspace.search.listing.Means.ripgrep", lambda means: None)
    tree.put("wide.txt", "x" * 4_000_000 + "needle\n" + " " * 4_000_000 + "\n")
    beginning = (await tree("grep", pattern="needle", glob="*.txt")).output
    assert beginning.startswith("wide.txt:1:xxx") and beginning.endswith("x… (a very long line)")
    assert (await tree("grep", pattern=r"^\s{9}")).output.startswith("wide.txt:")


async def test_an_empty_pattern_is_no_pattern(tree) -> None:
    assert "pattern is empty" in await tree.fails("grep", pattern="")
    assert "pattern is empty" in await tree.fails("glob", pattern="")


async def test_grep_cuts_long_lines(tree) -> None:
    tree.put("wide.txt", "needle" + "x" * 10_000 + "\n")
    output = (await tree("grep", pattern="needle")).output
    assert len(output) < 1000
    assert "(10,006 characters)" in output


@pytest.mark.parametrize("ripgrep", [True, False])
async def test_of_a_long_line_the_part_with_the_match_is_shown(tree, monkeypatch, ripgrep) -> None:
    if not ripgrep:
        monkeypatch.setattr("plugsky_tui.workspace.search.listing.Means.ripgrep", lambda means: None)
    tree.put("wide.txt", "ä" * 5_000 + "needle" + "x" * 5_000 + "\n" + "a" * 9_000 + "needle;" + "\n")
    first, last = (await tree("grep", pattern="needle", path="wide.txt")).output.splitlines()
    assert first == f"wide.txt:1:…{'ä' * 100}needle{'x' * 394}… (10,006 characters, from 4,901 on)"
    assert last == f"wide.txt:2:…{'a' * 493}needle; (9,007 characters, from 8,508 on)"
    tree.put("wide.txt", "x" * 1_000 + "needle " * 30_000)  # whose matches take more room than they are given
    assert (await tree("grep", pattern="needle", path="wide.txt")).output.startswith(
        f"wide.txt:1:…{'x' * 100}needle needle"
    )
    tree.put("wide.txt", "a" * 9_000 + "needle;")
    early = (await tree("grep", pattern="a{30}", path="wide.txt")).output
    assert early == f"wide.txt:1:{'a' * 500}… (9,007 characters)"


async def test_grep_searches_one_file_by_name(tree) -> None:
    assert (await tree("grep", pattern="MAIN", path="noise.log", ignore_case=True)).output == "noise.log:1:main"
    assert "does not exist" in await tree.fails("grep", pattern="x", path="nowhere")


async def test_grep_needs_leave_for_what_it_searches(tree) -> None:
    assert list((await tree.prepare("grep", pattern="x", path="src")).needs) == [ReadPath(str(tree.path / "src"))]
    assert list((await tree.prepare("grep", pattern="x")).needs) == [ReadPath(str(tree.path))]


async def test_grep_leaves_out_what_the_rules_do_not_let_it_read(tree) -> None:
    tree.context.may_read = lambda path: not path.endswith("util.py")
    assert "util.py" not in (await tree("grep", pattern="def main")).output


async def test_grep_does_not_wait_for_a_pipe(tree) -> None:
    os.mkfifo(tree.path / "src" / "pipe")
    assert "app.py" in (await tree("grep", pattern="def main", path="src")).output


async def test_grep_names_what_it_could_not_read(tree, monkeypatch) -> None:
    monkeypatch.setattr(Means, "ripgrep", lambda self: None)
    with tree.put("src/huge.txt").open("wb") as file:
        file.truncate(scan.SIZE_LIMIT + 1)
    output = (await tree("grep", pattern="def main", path="src")).output
    assert "src/app.py:3:def main():" in output
    assert "(not searched: src/huge.txt (larger than 256 MiB, which takes ripgrep))" in output


async def test_a_wrong_pattern_is_answered_with_what_to_do(tree) -> None:
    assert "put a backslash before" in await tree.fails("grep", pattern="main(")


async def test_names_with_line_ends_cannot_forge_an_answer(tree) -> None:
    tree.put("a\nsrc/fake.py:1:needle", "needle\n")
    output = (await tree("grep", pattern="needle")).output
    assert output.splitlines()[0] == "a\\nsrc/fake.py:1:needle:1:needle"


async def test_glob_finds_names_at_any_depth_in_order(tree) -> None:
    assert (await tree("glob", pattern="*.py")).output == "src/app.py\nsrc/util.py"
    assert (await tree("glob", pattern="docs/**")).output == "docs/read me.md"
    assert (await tree("glob", pattern="*.py", path="src")).output == "src/app.py\nsrc/util.py"
    assert (await tree("glob", pattern="*.js")).output == "No file matches *.js."


async def test_glob_takes_an_absolute_pattern(tree) -> None:
    prepared = await tree.prepare("glob", pattern=f"{tree.path}/src/*.py")
    assert list(prepared.needs) == [ReadPath(f"{tree.path}/src")]
    assert (await prepared.act(print)).output == "src/app.py\nsrc/util.py"


async def test_glob_keeps_secrets_apart(tree) -> None:
    assert "(not listed, since they may hold secrets: .env)" in (await tree("glob", pattern="**/*")).output


async def test_glob_is_bounded(tree) -> None:
    for number in range(520):
        tree.put(f"many/{number}.txt")
    output = (await tree("glob", pattern="many/*.txt")).output
    assert "\n(20 more files match: narrow the pattern; the whole output is in /" in output
    assert kept(output).splitlines() == sorted(f"many/{number}.txt" for number in range(520))


async def test_list_shows_a_tree(tree) -> None:
    os.symlink("src", tree.path / "link")
    os.mkfifo(tree.path / "pipe")
    assert (await tree("list")).output.splitlines() == [
        "./",
        "  .env",
        "  .gitignore",
        "  data.bin",
        "  docs/",
        "    read me.md",
        "  link -> src",
        "  pipe (not a regular file)",
        "  src/",
        "    app.py",
        "    util.py",
        "(2 ignored by .gitignore: node_modules/, noise.log)",
    ]


async def test_list_goes_as_deep_as_asked_and_is_bounded(tree) -> None:
    assert "app.py" not in (await tree("list", depth=1)).output
    for number in range(600):
        tree.put(f"many/{number}.txt")
    output = (await tree("list", path="many")).output
    assert "\n(100 more names: list a folder further down, or with a smaller depth; the whole output is in /" in output
    assert kept(output).splitlines() == ["many/", *sorted(f"  {number}.txt" for number in range(600))]
    assert "does not exist" in await tree.fails("list", path="nowhere")
    assert "not a folder" in await tree.fails("list", path=".env")
    (tree.path / "empty").mkdir()
    assert "the folder is empty" in (await tree("list", path="empty")).output


async def test_of_more_names_than_are_looked_at_the_first_are_kept(tree, monkeypatch) -> None:
    [tool] = [tool for tool in TOOLS if tool.name == "list"]
    monkeypatch.setitem(type(tool).prepare.__globals__, "_COUNTED", 510)  # its module may be loaded more than once
    for number in range(520):
        tree.put(f"many/{number}.txt")
    output = (await tree("list", path="many")).output
    assert "(many more names: " in output
    [path] = re.findall(r"; the beginning of the output is in (/\S+\.txt)\)$", output)
    assert len(Path(path).read_text().splitlines()) == 511


async def test_a_pipe_that_is_named_is_no_file_to_search(tree) -> None:
    os.mkfifo(tree.path / "src" / "pipe")
    assert "pipe" in await tree.fails("grep", pattern="x", path="src/pipe")
