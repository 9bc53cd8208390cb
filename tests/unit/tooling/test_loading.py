"""Tools are loaded from files, the built-in ones and anyone's own by the same code."""

from __future__ import annotations

import importlib.util
import os
import py_compile
import subprocess
import sys
from pathlib import Path

import pytest

from plugsky_tui.tooling.loading import Origin, builtin_folder, load_folder
from plugsky_tui.tooling.registry import load_tools, project_tools_folder

GREET = '''
"""Greets."""
from __future__ import annotations
from dataclasses import dataclass
from typing import Annotated
from plugsky_tui.tooling import Plan, Progress, Tool, ToolContext, ToolResult

@dataclass
class Params:
    name: Annotated[str, "Whom to greet."]

class Greet(Tool[Params]):
    name = "{name}"
    description = "Greets somebody."
    reads_only = True

    async def prepare(self, params: Params, context: ToolContext) -> Plan:
        async def act(progress: Progress) -> ToolResult:
            return ToolResult(f"Hello, {{params.name}}!")
        return Plan(f"Greet {{params.name}}", act)
'''
ISSUE_TWO = {"read", "write", "edit", "multi_edit", "shell", "grep", "glob", "list", "todo", "ask_user"}


def put(folder: Path, file: str, text: str) -> Path:
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(text)
    return folder / file


def test_the_built_in_tools_are_all_there() -> None:
    registry = load_tools()
    assert registry.problems == []
    assert {each.tool.name for each in registry.tools} >= ISSUE_TWO
    assert all(os.path.dirname(each.path) == builtin_folder() for each in registry.tools)
    assert all(each.tool.main_parameter for each in registry.tools)


def test_a_users_tool_has_the_same_shape(tmp_path: Path) -> None:
    put(tmp_path, "greet.py", GREET.format(name="greet"))
    put(tmp_path, "_helper.py", "raise SystemExit('never run')")
    put(tmp_path, "notes.txt", "not a tool")
    registry = load_tools(user_folder=str(tmp_path))
    assert registry.problems == []
    assert "greet" in {each.tool.name for each in registry.tools}


def test_broken_files_are_reported_with_their_line_and_the_rest_is_loaded(tmp_path: Path) -> None:
    put(tmp_path, "a_syntax.py", "x = 1\nclass Broken(:\n")
    put(tmp_path, "b_raises.py", "import os\n\nos.nothing\n")
    put(tmp_path, "c_exits.py", "import sys\nsys.exit(3)\n")
    put(tmp_path, "d_none.py", "x = 1\n")
    put(tmp_path, "e_name.py", GREET.format(name="not a name"))
    put(tmp_path, "f_type.py", GREET.format(name="f").replace("Annotated[str, ", "Annotated[bytes, "))
    put(tmp_path, "g_import.py", "import no_such_module_anywhere\n")
    put(tmp_path, "h_abstract.py", GREET.format(name="h").replace("async def prepare", "async def prepares"))
    (tmp_path / "i_bytes.py").write_bytes(b"x = '\xff'\n")
    put(
        tmp_path,
        "j_two.py",
        GREET.format(name="j") + "\nclass Again(Greet):\n    pass\nclass Other(Tool[Params]):\n    pass\n",
    )
    put(tmp_path, "k_nameless.py", GREET.format(name="k").replace('name = "k"', ""))
    put(tmp_path, "l_sync.py", GREET.format(name="l").replace("async def prepare", "def prepare"))
    put(tmp_path, "m_loose.py", GREET.format(name="m").replace("Tool[Params]", "Tool"))
    put(tmp_path, "n_types.py", GREET.format(name="n").replace("Annotated[str, ", "Annotated[Nowhere, "))
    put(tmp_path, "o_asks.py", "\nanswer = input('Who are you?')\n")
    put(tmp_path, "p_describes.py", GREET.format(name="p").replace("Greets somebody.", " "))
    (tmp_path / "q_folder.py").mkdir()
    os.mkfifo(tmp_path / "r_pipe.py")
    put(tmp_path, "z_good.py", GREET.format(name="good"))
    loaded = load_folder(str(tmp_path), "user")
    assert [each.tool.name for each in loaded.tools] == ["good"]
    problems = {os.path.basename(problem.path)[0]: problem for problem in loaded.problems}
    assert "".join(sorted(problems)) == "abcdefghijklmnopqr"
    lines = {letter: problem.line for letter, problem in problems.items()}
    head = GREET.split("class Greet", maxsplit=1)[0].count("\n") + 1  # the line of the class
    told = [2, 3, 2, 0, head, head - 2, 1, head, 1, 24, head, head + 5, head, head - 3, 2, head, 0, 0]
    assert lines == dict(zip("abcdefghijklmnopqr", told, strict=True))
    assert "ends the program" in problems["c"].message
    assert "No module named 'no_such_module_anywhere': it is not installed in the Python" in problems["g"].message
    assert "no method prepare" in problems["h"].message
    assert problems["j"].message.endswith("here: Again, Other")
    assert "must be `async def`" in problems["l"].message
    assert "Nowhere" in problems["n"].message
    assert "EOFError" in problems["o"].message
    assert "no regular file" in problems["r"].message
    assert str(problems["b"]).startswith(f"{tmp_path}/b_raises.py:3: AttributeError")
    assert "one class" in problems["d"].message
    assert "Params.name" in problems["f"].message


def test_what_is_printed_while_a_tool_is_loaded_is_kept_from_standard_output_and_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    put(tmp_path, "greet.py", GREET.format(name="greet") + "print('loading', 1)\nprint('x' * 99)\n")
    (note,) = load_tools(user_folder=str(tmp_path)).notes
    assert capfd.readouterr().out == ""
    assert note.startswith(f"{tmp_path}/greet.py prints when it is loaded, which is not shown: loading 1 xxx")


@pytest.mark.parametrize("origin", ["user", "project"])
def test_a_tool_may_import_the_files_beside_it(tmp_path: Path, origin: Origin) -> None:
    put(tmp_path, "_words.py", "from .lib.more import HI\n")
    put(tmp_path, "lib/__init__.py", "")
    put(tmp_path, "lib/more.py", "HI = 'Hi'\n")
    put(tmp_path, "greet.py", GREET.format(name="greet") + "\nfrom ._words import HI\n")
    put(tmp_path, "lost.py", "from . import _nowhere\n")
    put(tmp_path, "missing.py", "\nfrom ._gone import x\n")
    put(tmp_path, "plain.py", "import _words\n")
    put(tmp_path, "wrong.py", "from ._broken import x\n")
    put(tmp_path, "_broken.py", "\n\nx = (\n")
    loaded = load_folder(str(tmp_path), origin)
    assert [each.tool.name for each in loaded.tools] == ["greet"]
    said = {os.path.basename(each.path): (each.line, each.message) for each in loaded.problems}
    assert said["missing.py"] == (2, "there is no _gone.py beside it")
    assert said["plain.py"][1].endswith("the file beside it is imported with `from . import _words`")
    assert said["lost.py"][0] == 1 and "_nowhere" in said["lost.py"][1]
    assert said["wrong.py"][0] == 1 and "_broken.py, line 3" in said["wrong.py"][1]
    if origin == "project":
        assert not [*tmp_path.rglob("*.pyc")]  # it would be something new to trust


def test_a_changed_helper_counts_with_the_next_loading(tmp_path: Path) -> None:
    put(tmp_path, "greet.py", GREET.format(name="x") + "\nfrom ._words import NAME\nGreet.name = NAME\n")
    names = []
    for name in ("one", "two_"):
        put(tmp_path, "_words.py", f"NAME = {name!r}\n")
        names += [each.tool.name for each in load_folder(str(tmp_path), "project").tools]
    assert names == ["one", "two_"]


def test_the_nearer_of_two_counts_and_it_is_said(tmp_path: Path) -> None:
    user, project = tmp_path / "user", Path(project_tools_folder(str(tmp_path)))
    put(user, "greet.py", GREET.format(name="greet"))
    put(project, "greet.py", GREET.format(name="greet"))
    registry = load_tools(user_folder=str(user), project_folder=str(project))
    (greet,) = [each for each in registry.tools if each.tool.name == "greet"]
    assert greet.origin == "project"
    assert any("greet" in note and "project" in note for note in registry.notes)


def test_a_project_cannot_stand_in_for_a_built_in_tool_but_the_user_can(tmp_path: Path) -> None:
    user, project = tmp_path / "user", tmp_path / "project"
    put(user, "read.py", GREET.format(name="read"))
    put(project, "shell.py", GREET.format(name="shell"))
    registry = load_tools(user_folder=str(user), project_folder=str(project))
    origins = {each.tool.name: each.origin for each in registry.tools}
    assert origins["read"] == "user"
    assert origins["shell"] == "built-in"
    assert any("cannot replace" in note for note in registry.notes)


def test_cached_bytecode_of_a_project_is_never_run(tmp_path: Path) -> None:
    """Trust looks at the source; a forged cache beside it would be other code."""
    good, evil = GREET.format(name="greet"), GREET.format(name="evil!")
    path = put(tmp_path, "greet.py", evil.ljust(len(good)))
    os.utime(path, (1_000_000, 1_000_000))
    py_compile.compile(str(path), cfile=importlib.util.cache_from_source(str(path)))
    path.write_text(good.ljust(len(evil)))
    os.utime(path, (1_000_000, 1_000_000))
    assert [each.tool.name for each in load_folder(str(tmp_path), "project").tools] == ["greet"]


def test_loading_them_imports_nothing_heavy() -> None:
    code = (
        "import sys; from plugsky_tui.tooling.registry import load_tools; load_tools();"
        "print(*[name for name in ('pydantic', 'httpx', 'textual', 'asyncio.base_events', 'difflib', 'subprocess', "
        "'pathspec', 'git', 'rich', 'sqlite3', 'tomllib', 'logging', 'secrets') "
        "if name in sys.modules and name not in before])"
    )
    code = "import sys, asyncio; before = set(sys.modules);" + code
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
