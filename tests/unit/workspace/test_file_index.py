"""The index of files: found by letters of their paths, best first, listed and searched in a process of its own."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugsky_tui.workspace.environment import child_environment
from plugsky_tui.workspace.search.index.client import Answer, FileIndex
from plugsky_tui.workspace.search.index.matching import search
from plugsky_tui.workspace.search.index.segment import SIZE, folded
from plugsky_tui.workspace.search.index.table import Table
from plugsky_tui.workspace.search.listing import Means
from plugsky_tui.workspace.sensitive import secret


def table(*files: str, limit: int = 1000) -> Table:
    made = Table(lambda path: secret(f"/work/{path}"), limit=limit)
    made.add(files)
    made.finish()
    return made


def test_nothing_typed_gives_what_is_nearest_folders_with_a_slash() -> None:
    names = table("b.py", "src/app/main.py", "src/z.py", "a.py")
    assert search(names, "") == ["a.py", "b.py", "src/", "src/app/", "src/z.py", "src/app/main.py"]


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [
        ("main", "deep/in/main.py", "main_menu.py"),  # the name but for its ending
        ("main", "deep/in/main_menu.py", "domain.py"),  # its beginning
        ("menu", "deep/in/main_menu.py", "xmenu.py"),  # a word in it
        ("mm", "deep/in/main_menu.py", "hammer.py"),  # the first letters of its words
        ("uh", "deep/in/UserHandler.py", "xuhu.py"),  # humps are words
        ("test", "deep/in/contest.py", "test/folder.py"),  # names before folders
        ("tst", "deep/in/attestat.py", "tests/folder.py"),
        ("main", "main.py", "src/main.py"),  # short paths
        ("compfil", "composer/files.py", "c/o/m/p/xfxixl.py"),
        ("abc", "in/xaxbcx.py", "xaxxxbxxxc.py"),  # letters that stand together
        ("src/ma", "src/main.py", "lib/src/main.py"),
        ("src/ma", "lib/src/main.py", "srcs/ma/other.py"),
        ("src/main.py", "src/main.py", "lib/src/main.pyi"),
    ],
)
def test_what_is_meant_comes_first(query: str, better: str, worse: str) -> None:
    found = [path for path in search(table(worse, better), query) if path in (better, worse)]
    assert found[0] == better


def test_what_is_typed_in_full_comes_first() -> None:
    names = ["src/a.py", "a.py", "src/a.pyx", "lib/src/a.py", "src/a.py.orig"]
    for name in names:
        assert search(table(*names), name)[0] == name


def test_case_counts_where_a_capital_is_typed() -> None:
    names = table("README.md", "readme.txt", "src/UserService.py", "src/userservice.py")
    assert search(names, "readme") == ["README.md", "readme.txt"]
    assert search(names, "README") == ["README.md"]
    assert search(names, "UsSe") == ["src/UserService.py"]


def test_accents_are_found_with_and_without_composed_or_not() -> None:
    names = table(
        "caf\u00e9.md", "re\u0301sume\u0301.md", "\u0642\u0627\u0626\u0645\u0629.py", "\u65e5\u672c\u8a9e.txt"
    )
    for query in ("cafe", "caf\u00e9", "cafe\u0301"):
        assert search(names, query) == ["caf\u00e9.md"]
    assert search(names, "resume") == search(names, "r\u00e9sum\u00e9") == ["re\u0301sume\u0301.md"]
    assert search(names, "\u0642\u0627\u0626") == ["\u0642\u0627\u0626\u0645\u0629.py"]
    assert search(names, "\u672c") == ["\u65e5\u672c\u8a9e.txt"]


def test_after_a_folder_and_a_slash_comes_what_is_in_it() -> None:
    names = table("src/b.py", "src/ui/a.py", "lib/src/c.py", "srcs/d.py", "other/src.py")
    assert search(names, "src/") == ["src/b.py", "src/ui/", "lib/src/c.py", "src/ui/a.py", "srcs/d.py"]
    assert search(names, "ui/")[0] == "src/ui/a.py"
    assert search(names, "./src/b")[0] == "src/b.py"
    assert search(names, "/etc") == []


def test_secrets_are_offered_to_who_begins_to_type_their_names() -> None:
    names = table(".env", ".env.local", "keys/id_rsa", "src/environment.py")
    assert search(names, "") == ["src/", "src/environment.py"]
    assert search(names, "env") == ["src/environment.py"]
    assert search(names, ".env") == [".env", ".env.local"]
    assert search(names, "keys/id") == ["keys/id_rsa"]
    assert search(names, "rsa") == []


def test_names_that_are_not_printable_are_left_out() -> None:
    names = table("a\x1b[31m.py", "a\n.py", os.fsdecode(b"a\xff.py"), "a\u202e.py", "ok/a.py", "bad\x07/a.py")
    assert search(names, "a") == ["ok/a.py"]


def test_there_is_a_limit_and_it_is_told() -> None:
    names = table(*(f"{number}.py" for number in range(30)), limit=20)
    assert names.full
    assert names.count == 20
    assert len(search(names, "py")) == 20


def test_many_segments_are_searched_as_one() -> None:
    files = [f"folder{number % 97}/sub/name{number}.py" for number in range(2 * SIZE + 1000)]
    names = table(*files, "zz/needle_in_hay.py", limit=10 * SIZE)
    assert len(names.segments) >= 3
    assert search(names, "needle")[0] == "zz/needle_in_hay.py"
    assert search(names, "nih")[0] == "zz/needle_in_hay.py"
    assert search(names, "name20999.py")[0] == "folder47/sub/name20999.py"
    assert len(search(names, "name")) == 50
    assert search(names, "folder96/20")[0].startswith("folder96/sub/name20")


def in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)


PATHS = st.lists(
    st.lists(st.text("abAB_.1é", min_size=1, max_size=6), min_size=1, max_size=3).map("/".join),
    min_size=1,
    max_size=12,
    unique=True,
)


@settings(max_examples=150)
@given(PATHS, st.text("abB_.1é/", min_size=1, max_size=5))
def test_all_that_has_the_letters_in_order_is_found_and_nothing_else(files: list[str], query: str) -> None:
    names = table(*files)
    found = search(names, query)
    assert len(found) == len(set(found))
    every = {names.path(segment, at) for segment in names.segments for at in range(segment.count)}
    assert set(found) <= every
    typed = query.removeprefix("./")
    for path in found:
        assert not typed or in_order(
            typed if typed != typed.lower() else folded(typed), path if typed != typed.lower() else folded(path)
        )
    if typed and typed == typed.lower() and not typed.startswith("/"):
        # A folder's own slash is typed by who looks into it: it is not offered itself.
        assert {path for path in every if in_order(folded(typed), folded(path.rstrip("/")))} <= set(found)


@settings(max_examples=100)
@given(st.text(max_size=70))
def test_whatever_is_typed_is_no_error(query: str) -> None:
    search(table("src/main.py", "ı/İ/ß.py", "a.b"), query)


@settings(max_examples=60)
@given(PATHS, st.text("ab_.1/", min_size=2, max_size=6))
def test_letter_by_letter_gives_what_all_at_once_gives(files: list[str], query: str) -> None:
    typed = table(*files)
    for end in range(1, len(query)):
        search(typed, query[:end])
    assert search(typed, query) == search(table(*files), query)


# --- the process -----------------------------------------------------------------------------


class Without(Means):
    def ripgrep(self) -> str | None:
        return None


class Asking:
    """An index, and what it has answered."""

    def __init__(self, folder: Path, means: Callable[[], Means]) -> None:
        self.heard: list[Answer] = []
        self._news = asyncio.Event()
        self.index = FileIndex(os.path.realpath(folder), means, self._hear)

    def _hear(self, answer: Answer) -> None:
        self.heard.append(answer)
        self._news.set()

    async def __call__(
        self, query: str, until: Callable[[Answer], bool] = lambda answer: not answer.listing
    ) -> list[str]:
        self.index.ask(query)
        async with asyncio.timeout(20):
            while not (self.heard and self.heard[-1].query == query and until(self.heard[-1])):
                self._news.clear()
                await self._news.wait()
        return self.heard[-1].paths


def means_for(folder: Path, kind: str = "rg") -> Callable[[], Means]:
    environment = child_environment({**os.environ, "HOME": str(folder)})
    real = os.path.realpath(folder)
    if kind == "rg":
        return lambda: Means(real, environment)
    return lambda: Without(real, environment, git_allowed=kind == "git")


@asynccontextmanager
async def asking(folder: Path, kind: str = "walk") -> AsyncIterator[Asking]:
    asked = Asking(folder, means_for(folder, kind))
    try:
        yield asked
    finally:
        await asked.index.close()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    for name in ("src/main.py", "src/deep/down.py", "build/out.py", "sub/kept.log", "noise.log", "README.md", ".env"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x\n")
    (folder / ".gitignore").write_text("build/\n*.log\n")
    (folder / "sub/.gitignore").write_text("!kept.log\n")
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to(folder)
    return folder


@pytest.mark.parametrize("kind", ["rg", "git", "walk"])
async def test_the_index_has_the_files_the_tools_list(tree: Path, kind: str) -> None:
    if kind != "walk" and shutil.which(kind) is None:
        pytest.skip(f"{kind} is not installed")
    if kind == "git":
        subprocess.run(["git", "-C", tree, "init", "-q"], check=True)
    async with asking(tree, kind) as asked:
        found = await asked("")
    top = [".gitignore", "README.md", "src/", "sub/"]
    assert found == [*top, "src/deep/", "src/main.py", "sub/.gitignore", "sub/kept.log", "src/deep/down.py"]


async def test_only_the_last_question_is_answered(tree: Path) -> None:
    async with asking(tree) as asked:
        await asked("")
        seen = len(asked.heard)
        for query in ("m", "ma", "mai"):
            asked.index.ask(query)
        assert await asked("main") == ["src/main.py"]
        assert {answer.query for answer in asked.heard[seen:]} == {"main"}


async def test_an_old_listing_answers_until_there_is_a_new_one(tree: Path) -> None:
    async with asking(tree) as asked:
        await asked("")
        (tree / "brandnew.py").write_text("")
        assert await asked("brandnew") == []
        asked.index.expire()
        assert await asked("brandnew", until=lambda answer: bool(answer.paths)) == ["brandnew.py"]
        assert all(not answer.listing for answer in asked.heard[-2:])


async def test_an_index_that_dies_is_started_again(tree: Path) -> None:
    async with asking(tree) as asked:
        await asked("main")
        [child] = workers()
        os.kill(child, signal.SIGKILL)
        assert await asked("down") == ["src/deep/down.py"]


async def test_closing_the_index_ends_its_process(tree: Path) -> None:
    async with asking(tree) as asked:
        await asked("main")
        assert workers()
    assert not workers()


async def test_a_folder_that_is_gone_is_said_to_have_no_files(tree: Path) -> None:
    async with asking(tree / "nowhere") as asked:
        assert await asked("x") == []
        assert asked.heard[-1].problem


def workers() -> list[int]:
    """The numbers of our own processes that keep an index."""
    listed = subprocess.run(["ps", "-axww", "-o", "ppid=,pid=,args="], capture_output=True, text=True, check=True)
    lines = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
    return [int(pid) for parent, pid, args in lines if int(parent) == os.getpid() and "index/worker.py" in args]
