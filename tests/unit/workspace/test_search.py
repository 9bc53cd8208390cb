"""Searching and listing: ripgrep, git and our own walk give the same answers on the same trees."""

from __future__ import annotations

import asyncio
import os
import random
import re
import shutil
import socket
import subprocess
import time
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.workspace.environment import child_environment
from plugsky_tui.workspace.search import content, scan
from plugsky_tui.workspace.search.content import Found, Query, search_file, search_folder
from plugsky_tui.workspace.search.globs import expand_braces, matcher
from plugsky_tui.workspace.search.listing import Listing, Means, list_files
from plugsky_tui.workspace.search.patterns import NeedsRipgrepError, for_re
from plugsky_tui.workspace.search.programs import Running, find_program
from plugsky_tui.workspace.search.walk import walk

needs_ripgrep = pytest.mark.skipif(shutil.which("rg") is None, reason="compares with ripgrep, which is not installed")
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="compares with git, which is not installed")


class Without(Means):
    """Means that pretend ripgrep (or both programs) were not there."""

    def ripgrep(self) -> str | None:
        return None


def means(folder: Path, kind: str) -> Means:
    environment = child_environment({**os.environ, "HOME": str(folder)})
    match kind:
        case "rg":
            return Means(str(folder), environment)
        case "git":
            return Without(str(folder), environment, git_allowed=True)
        case _:
            return Without(str(folder), environment)


def make(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Path(os.path.realpath(folder))


def git(folder: Path, *arguments: str) -> None:
    quiet = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True, env=quiet)


TREE: dict[str, str | bytes] = {
    ".gitignore": "*.log\nbuild/\n/only-top\n!keep.log\n",
    "a.py": "import os\n\ndef find(self):\n    return os\n",
    "b.py": "def other():\n    find(1)\n",
    "crlf.txt": b"one\r\nfind me\r\nthree\r\n",
    "keep.log": "find in kept log\n",
    "noise.log": "find in log\n",
    "only-top": "find\n",
    "sub/only-top": "find below\n",
    "build/out.py": "find\n",
    "sub/.gitignore": "secret.txt\n!noise.log\n",
    "sub/secret.txt": "find\n",
    "sub/noise.log": "find again\n",
    "sub/deep/x.ts": "const find = 1\n",
    ".github/workflows/ci.yml": "find: yes\n",
    ".env": "TOKEN=find\n",
    "sub/.env.local": "TOKEN=find\n",
    "keys/id_rsa": "find\n",
    "image.bin": b"find\0\1\2",
    "latin.txt": b"caf\xe9 find\n",
    "wide.txt": "find w\u00efde\n".encode("utf-16"),
    "with space & $(x);.txt": "find\n",
    "-rf": "find\n",
    # What may be read in more than one way:
    "bom.txt": b"\xef\xbb\xbffind after a mark\nsecond\n",
    "utf16be.txt": b"\xfe\xff" + "big find\r\nend\r\n".encode("utf-16-be"),
    "utf16-unmarked.txt": "find\n".encode("utf-16-le"),
    "mixed-ends.txt": b"one find\r\ntwo find\nthree\r find\nlast find",
    "empty.txt": b"",
    "one-line": b"find",
    "late-nul.dat": b"find first\n" + b"plain text here\n" * 8000 + b"\0 find\n",
    "bad-bytes.txt": b"caf\xe9find\n\xff\xfe find\xff\nfind \xf0\x9f\x98\x80 smile\n\xd9\x82\xd8\xa7\xd8\xa6 find\n",
    "marks.txt": "re\u0301sume\u0301 find\n\u0645\u064f\u062d\u064e\u0645\u0651\u064e\u062f find\n\u212a elvin \u017f\n",
    "long.txt": b"x y " * 20_000 + b" find " + b"y z " * 20_000 + b"\nshort find\n",
    "regex.txt": "<div> aab aaab a{2} [a] ab\ta|b a+b \\d find(1) $x ^y 12 \u0663\nfoo_bar fooBar foo-bar\nAAB\n",
    "braces/a.tsx": "find\n",
    "braces/b{1}.ts": "find\n",
    "sub/deep/.gitignore": b"hidden.txt\r\n*.tmp\r\n!keep.tmp\r\nwith\x0bbar\n",
    "sub/deep/hidden.txt": "find\n",
    "sub/deep/x.tmp": "find\n",
    "sub/deep/keep.tmp": "find\n",
    "sub/deep/bar": "find\n",
    "credentials.json": "find\n",
    "server.pem": "find\n",
    "sub/.npmrc": "find\n",
}
BAD_NAME = os.fsdecode(b"name-\xff.txt")


SECRETS = [".env", "credentials.json", "keys/id_rsa", "server.pem", "sub/.env.local", "sub/.npmrc"]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return grown(tmp_path / "tree")


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same tree, for those who only look at it."""
    return grown(tmp_path_factory.mktemp("searched") / "tree")


def grown(where: Path) -> Path:
    folder = make(where, TREE)
    os.mkfifo(folder / "pipe")
    os.symlink("a.py", folder / "link.py")
    os.symlink("/etc", folder / "etc")
    os.symlink(".", folder / "sub/loop")
    os.symlink("b", folder / "a-link")
    os.symlink("nowhere", folder / "dangling")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(folder / "socket"))
    (folder / BAD_NAME).write_text("find\n")
    return folder


async def listing(folder: Path, kind: str) -> Listing:
    return await list_files(str(folder), means(folder, kind))


async def matches(folder: Path, query: Query, kind: str) -> Found:
    return await search_folder(str(folder), query, means(folder, kind), lambda path: True)


async def test_listing_leaves_out_what_git_ignores_links_and_special_files(tree: Path) -> None:
    found = await listing(tree, "walk")
    ignored = {"noise.log", "only-top", "build/out.py", "sub/secret.txt", "sub/deep/hidden.txt", "sub/deep/x.tmp"}
    assert found.files == sorted({*TREE, BAD_NAME} - ignored - set(SECRETS))
    assert found.secrets == SECRETS


@needs_ripgrep
async def test_ripgrep_lists_the_same_as_our_walk(tree: Path) -> None:
    assert await listing(tree, "rg") == await listing(tree, "walk")


@needs_git
@needs_ripgrep
async def test_git_lists_the_same_in_a_repository(tree: Path) -> None:
    git(tree, "init", "-q")
    git(tree, "add", "-f", "a.py", "noise.log", ".env")  # one that is tracked though it is ignored
    (tree / ".git/info/exclude").write_text("b.py\n")
    make(tree / "linked", {"noise.log": "find in a repository kept elsewhere"})
    git(tree / "linked", "init", "-q", "--separate-git-dir", str(tree.parent / "elsewhere"))
    make(tree / "sub/vendored", {"v.py": "find\n", "x.log": "find\n", ".gitignore": "y*\n", "y": "find\n"})
    git(tree / "sub/vendored", "init", "-q")
    (tree / "a-deleted.py").write_text("x")
    git(tree, "add", "a-deleted.py")
    (tree / "a-deleted.py").unlink()
    by_ripgrep, by_git, by_walk = [await listing(tree, kind) for kind in ("rg", "git", "walk")]
    assert by_ripgrep == by_walk
    assert by_git == by_walk
    assert "b.py" not in by_walk.files
    assert "sub/vendored/x.log" in by_walk.files  # a repository inside starts anew
    below = [await listing(tree / "sub", kind) for kind in ("rg", "git", "walk")]
    assert below[0] == below[1] == below[2]
    assert "only-top" in below[0].files


@needs_git
@needs_ripgrep
async def test_random_trees_with_random_rules_give_the_same_listing(tmp_path: Path) -> None:
    rules = [
        "*.a",
        "!x.a",
        "d/",
        "/d",
        "d/e",
        "**/e/*.b",
        "x*",
        "!d/x.b",
        "[xy].c",
        "e/**",
        "# no",
        "\\#y",
        "y.? ",
        "*",
        "!*/",
    ]
    for seed in range(12):
        choose = random.Random(seed)
        folder = tmp_path / str(seed)
        names = ["x.a", "y.a", "x.b", "y.c", "#y", "y.d"]
        folders = ["", "d/", "d/e/", "e/", "e/d/"]
        make(folder, {choose.choice(folders) + choose.choice(names): "x" for _ in range(14)})
        for where in choose.sample(folders, 2):
            make(folder, {where + ".gitignore": "\n".join(choose.sample(rules, 3))})
        if seed % 2:
            git(folder, "init", "-q")
        kinds = ("rg", "git", "walk") if seed % 2 else ("rg", "walk")
        found = [await listing(folder, kind) for kind in kinds]
        assert all(each == found[-1] for each in found), seed


QUERIES = [
    Query("find"),
    Query("FIND", ignore_case=True),
    Query("FIND"),
    Query("find", context=1),
    Query("find", glob="*.py"),
    Query("find", glob="sub/**/*.{ts,log}"),
    Query("find", glob="!*.py"),
    Query(r"^find me$"),
    Query(r"\bfind\b.*\bme\b"),
    Query(r"def (find|other)\("),
    Query("import os\n\ndef"),
    Query(r"import os\n\ndef"),
    Query("[[:upper:]]+ ?="),
    Query("^caf"),
    Query("w\u00efde"),
    Query("find(?=\\()"),
    Query("find{}"),
    Query("-rf"),
    Query("nowhere at all"),
    Query("find", context=3),
    Query("find", glob="*.{ts,tsx}"),
    Query("find", glob="braces/b{1}.ts"),
    Query("find", glob="**/*.LOG"),
    Query("find$"),
    Query("^find"),
    Query("^"),
    Query("$"),
    Query("^$"),
    Query(r"\r"),
    Query(r"find\r?\n"),
    Query("."),
    Query("caf.find"),
    Query("caf[^x]find"),
    Query(r"caf\Wfind"),
    Query(r"caf\Dfind"),
    Query(r"caf\Sfind"),
    Query(r"caf(?s:.)find"),
    Query("find."),
    Query(r"\w+ find"),
    Query(r"\bfind"),
    Query(r"find\b"),
    Query(r"\d+$"),
    Query(r"^\w+ find$"),
    Query(r"\bm\w+ find"),
    Query("[\u0600-\u06ff]+ find"),
    Query("K", ignore_case=True),
    Query("s$", ignore_case=True),
    Query("a++b"),
    Query("a*+ab"),
    Query("a?+a?+b"),
    Query("a{2}+b"),
    Query("a{,2}b"),
    Query("a{2,}?b"),
    Query("a{2}"),
    Query(r"a\{2\}"),
    Query("[^[:alpha:]]find"),
    Query("[]a]"),
    Query("[^]a]b"),
    Query("[a-]"),
    Query(r"[\w-]+bar"),
    Query(r"\pL+ find"),
    Query(r"\p{Lu}\p{Ll}"),
    Query(r"\PLfind"),
    Query(r"\x{66}ind"),
    Query(r"\u{66}ind"),
    Query(r"\u0066ind"),
    Query(r"\x66ind"),
    Query("(?<word>find)"),
    Query("(?P<word>find) me"),
    Query("(?i)FIND ME"),
    Query("f(?i)IND me"),
    Query("f(?i)IND|ONE"),
    Query("(?i:FIND) me"),
    Query("(?i)f(?-i)ind"),
    Query("(?x) find \\  me # a comment"),
    Query(r"\<div"),
    Query(r"\bfoo\>"),
    Query(r"\b{start}find"),
    Query(r"\Aimport"),
    Query(r"os\z"),
    Query(r"os\Z"),
    Query(r"(a)\1b"),
    Query(r"(?!x)find\("),
    Query(r"(?>a+)b"),
    Query(r"\/find"),
    Query(r"\-find"),
    Query(r"\_"),
    Query("a|"),
    Query("(|a)b"),
    Query("x*"),
    Query(r"[\d\s]find"),
    Query(r"[^\d\s]find"),
    Query(r"[\]]"),
    Query(r"\$x \^y"),
    Query("a\tb"),
    Query(r"b\ta"),
    Query(r"import.*\n+def"),
    Query(r"(?s)import.*return os\n"),
    Query(r"os$\n^$", context=1),
    Query(r"me\r$"),
    Query(r"\Aconst"),
    Query(r"\bre\b"),
    Query("a**b"),
    Query("[[]"),
    Query("[a&b]ab"),
    Query(r"\n\n"),
    Query("y z"),
    Query(r"z x|\bfind"),
    Query(r"\Bhort|y\b$"),
    Query(r"\b"),
]


@needs_ripgrep
@pytest.mark.parametrize("query", QUERIES, ids=lambda query: repr((query.pattern, query.glob))[:40])
async def test_ripgrep_finds_the_same_as_our_scan(searched: Path, query: Query) -> None:
    by_ripgrep, by_scan = await asyncio.gather(matches(searched, query, "rg"), matches(searched, query, "walk"))
    assert by_ripgrep == by_scan
    assert all(".env" not in file.path and "id_rsa" not in file.path for file in by_scan.files)


@pytest.mark.parametrize(
    "pattern", ["[a-z&&[^b-z]]ab", "[a-z--b-z]ab", "[a-c~~b-z]ab", "[a[b]]ab", r"\p{Arabic}+", r"[\P{L}]", "(?U)a.+b"]
)
async def test_what_takes_ripgrep_says_so_where_there_is_none(searched: Path, pattern: str) -> None:
    with pytest.raises(ToolError) as caught:
        await matches(searched, Query(pattern), "walk")
    assert "takes ripgrep" in caught.value.message
    assert "install ripgrep" in caught.value.hint


@given(st.text(r"ab.*+?{}[]()|^$\\pLxwbdDsSzA<>-&~:,1i#P=!0", max_size=14))
def test_no_pattern_ends_in_anything_but_an_expression_or_a_reason(pattern: str) -> None:
    for careful in (False, True):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                re.compile(for_re(pattern, careful=careful))
        except (NeedsRipgrepError, re.error, OverflowError):
            pass


@given(st.text("ab.*+?()|[]^$-", max_size=10), st.text("ab-", max_size=12))
def test_what_both_know_stays_as_it_was(pattern: str, text: str) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            before = re.compile(pattern)
    except (re.error, FutureWarning):
        return
    if re.search(r"[*+?][*+]", pattern):
        return  # in Python the second plus forbids to go back
    for careful in (False, True):
        try:
            assert bool(re.search(for_re(pattern, careful=careful), text)) == bool(before.search(text))
        except NeedsRipgrepError:
            pass


@pytest.mark.parametrize("kind", [pytest.param("rg", marks=needs_ripgrep), "walk"])
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the administrator may read everything")
async def test_files_that_cannot_be_read_are_named(tree: Path, kind: str) -> None:
    (tree / "a.py").chmod(0)
    assert (await matches(tree, Query("find"), kind)).skipped == {"a.py": "Permission denied"}


async def test_a_file_too_large_for_our_own_search_is_named(tree: Path) -> None:
    with (tree / "huge.txt").open("wb") as file:
        file.truncate(scan.SIZE_LIMIT + 1)
    found = await matches(tree, Query("find"), "walk")
    assert list(found.skipped) == ["huge.txt"]
    assert "larger than 256 MiB" in found.skipped["huge.txt"]


@needs_git
async def test_a_folder_that_git_ignores_has_its_files_for_who_works_in_it(tmp_path: Path) -> None:
    folder = make(tmp_path, {".gitignore": "build/\n*.log\n", "build/a.py": "x", "build/b.log": "x"})
    git(folder, "init", "-q")
    for kind in ("git", "walk", *(["rg"] if shutil.which("rg") else [])):
        assert (await listing(folder / "build", kind)).files == ["a.py"], kind


@needs_git
async def test_a_gitignore_with_a_mark_at_its_start_is_read_as_git_does(tmp_path: Path) -> None:
    folder = make(tmp_path, {".gitignore": b"\xef\xbb\xbfhidden\n", "hidden": "x", "seen": "x"})
    git(folder, "init", "-q")
    assert (await listing(folder, "walk")).files == [".gitignore", "seen"]
    assert await listing(folder, "git") == await listing(folder, "walk")


@pytest.mark.parametrize("kind", [pytest.param("rg", marks=needs_ripgrep), "walk"])
async def test_matches_come_with_their_lines_and_context(tree: Path, kind: str) -> None:
    found = await matches(tree, Query("find me", context=1), kind)
    (file,) = found.files
    assert [(line.number, line.text, line.matches) for line in file.lines] == [
        (1, "one", False),
        (2, "find me", True),
        (3, "three", False),
    ]


@pytest.mark.parametrize("kind", [pytest.param("rg", marks=needs_ripgrep), "walk"])
async def test_secrets_are_named_whether_they_match_or_not(tree: Path, kind: str) -> None:
    for pattern in ("TOKEN", "nowhere"):
        found = await matches(tree, Query(pattern), kind)
        assert found.files == []
        assert found.secrets == SECRETS


@pytest.mark.parametrize("kind", [pytest.param("rg", marks=needs_ripgrep), "walk"])
async def test_ignored_secrets_are_named_too(tmp_path: Path, kind: str) -> None:
    folder = make(tmp_path, {".gitignore": ".env\n", ".env": "x\n", "a": "x\n"})
    assert (await matches(folder, Query("x"), kind)).secrets == [".env"]
    assert (await listing(folder, kind)).secrets == [".env"]


@pytest.mark.parametrize("kind", [pytest.param("rg", marks=needs_ripgrep), "walk"])
async def test_files_that_may_not_be_read_are_not_in_the_answer(tree: Path, kind: str) -> None:
    found = await search_folder(str(tree), Query("find"), means(tree, kind), lambda path: not path.endswith("/a.py"))
    paths = [file.path for file in found.files]
    assert "b.py" in paths
    assert "a.py" not in paths


@pytest.mark.parametrize("kind", [pytest.param("rg", marks=needs_ripgrep), "walk"])
@pytest.mark.parametrize("name", [".env", "-rf", "with space & $(x);.txt", "noise.log"])
async def test_a_file_that_is_named_is_searched_whatever_it_is_called(tree: Path, kind: str, name: str) -> None:
    found = await search_file(str(tree), name, Query("find"), means(tree, kind))
    assert [file.path for file in found.files] == [name]


@pytest.mark.parametrize("kind", [pytest.param("rg", marks=needs_ripgrep), "walk"])
async def test_a_pattern_that_is_no_expression_is_an_error_with_advice(tree: Path, kind: str) -> None:
    with pytest.raises(ToolError) as caught:
        await matches(tree, Query("find("), kind)
    assert "backslash" in caught.value.hint


@pytest.mark.parametrize("kind", [pytest.param("rg", marks=needs_ripgrep), "walk"])
async def test_a_line_of_many_mebibytes_does_not_drown_the_answer(tmp_path: Path, kind: str) -> None:
    folder = make(tmp_path, {"big.txt": b"needle " + b"x" * (5 << 20) + b"\nneedle\n"})
    found = await matches(folder, Query("needle"), kind)
    assert found.files[0].count == 2
    assert sum(len(line.text) for line in found.files[0].lines) < 2 << 20


async def test_an_expression_that_never_ends_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make(tmp_path, {"a.txt": "a" * 40 + "\n"})
    monkeypatch.setattr(content, "TIME_LIMIT_S", 0.5)
    started = time.monotonic()
    found = await matches(folder, Query("(a+)+$(?<!a)"), "walk")
    assert time.monotonic() - started < 2
    assert "stopped" in found.cut_short


async def test_a_line_that_takes_too_long_does_not_hide_other_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make(tmp_path, {"a-minified.js": "x" * 200_000 + " bar\n", "z.js": "foobar\n"})
    monkeypatch.setattr(content, "TIME_LIMIT_S", 1.5)
    found = await matches(folder, Query(r"\w+bar"), "walk")
    assert [file.path for file in found.files] == ["z.js"]
    assert "stopped" in found.cut_short


async def test_cancelling_ends_the_searching_process(tmp_path: Path) -> None:
    folder = make(tmp_path, {"a.txt": "a" * 40 + "\n"})
    task = asyncio.ensure_future(matches(folder, Query("(a+)+$(?<!a)"), "walk"))
    await asyncio.sleep(0.3)
    started = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - started < 0.5


def test_programs_inside_the_workspace_are_not_started(tmp_path: Path) -> None:
    program = make(tmp_path, {"bin/rg": "#!/bin/sh\ntouch evil\n"}) / "bin/rg"
    program.chmod(0o755)
    found = find_program("rg", {"PATH": f"{tmp_path}/bin"}, os.path.realpath(tmp_path))
    assert found != str(program)
    assert find_program("rg", {"PATH": f"{tmp_path}/bin"}, "/elsewhere") == str(program)


@needs_git
async def test_git_is_not_started_unless_it_is_allowed(tmp_path: Path) -> None:
    folder = make(tmp_path / "repo", {"a.py": "x\n"})
    git(folder, "init", "-q")
    trap = make(tmp_path, {"trap": f"#!/bin/sh\ntouch {tmp_path}/OUT\n"}) / "trap"
    trap.chmod(0o755)
    git(folder, "config", "core.fsmonitor", str(trap))
    git(folder, "add", "a.py")
    (tmp_path / "OUT").unlink(missing_ok=True)
    for kind in ("walk", "git"):
        assert (await listing(folder, kind)).files == ["a.py"]
        assert not (tmp_path / "OUT").exists()


def test_a_walk_goes_as_deep_as_asked(tree: Path) -> None:
    names = {entry.path: entry for entry in walk(str(tree), depth=1)}
    assert names["pipe"].kind == "special"
    assert names["etc"].kind == "symlink"
    assert names["build"].ignored
    assert all("/" not in path for path in names)
    assert "sub/deep" in {entry.path for entry in walk(str(tree), depth=2)}


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("*.py", ["a.py", "x/y/a.py", ".py"], ["a.pyc", "a.py/b"]),
        ("src/**/*.ts", ["src/a.ts", "src/x/y/a.ts"], ["a.ts", "lib/src/a.ts"]),
        ("**/*.py", ["a.py", "b/a.py"], ["a.pyc"]),
        ("*.{js,ts}", ["a.js", "q/b.ts"], ["a.py"]),
        ("src/**", ["src/a", "src/b/c"], ["src", "b/src/a"]),
        ("src/", ["src/a"], ["b/src/a"]),
        ("./a.py", ["a.py", "b/a.py"], ["a.pyc"]),
        ("!*.py", ["a.js"], ["a.py", "b/a.py"]),
        ("/a.py", ["a.py"], ["b/a.py"]),
        ("a/*/c", ["a/b/c"], ["a/c", "a/b/b/c"]),
        ("a/**/b/**/c", ["a/b/c", "a/x/b/y/c"], ["a/c"]),
        ("[ab].c", ["a.c", "x/b.c"], ["c.c"]),
        ("[!ab].c", ["c.c"], ["a.c"]),
        ("test_?.py", ["test_1.py"], ["test_12.py", "test_.py"]),
        ("**", ["a", "a/b"], []),
    ],
)
def test_globs_mean_what_models_mean_by_them(pattern: str, yes: list[str], no: list[str]) -> None:
    matches = matcher(pattern)
    assert [path for path in yes if not matches(path)] == []
    assert [path for path in no if matches(path)] == []


def test_braces_nest_and_stay_plain_without_a_comma() -> None:
    assert expand_braces("a{b,c{d,e}}f") == ["abf", "acdf", "acef"]
    assert expand_braces("a{b}{c,d") == ["a{b}{c,d"]
    with pytest.raises(ValueError, match="too many"):
        expand_braces("{a,b}" * 12)


@given(st.text("a*?/[]{},!.", max_size=12), st.text("a/.", min_size=1, max_size=8))
def test_no_glob_raises_anything_unexpected(pattern: str, path: str) -> None:
    try:
        matcher(pattern)(path)
    except ValueError:
        pass


def test_a_glob_of_many_stars_takes_no_time() -> None:
    started = time.monotonic()
    matcher("**/" * 20 + "*a*" * 20 + "b")("a/" * 30 + "a" * 200)
    assert time.monotonic() - started < 0.5


async def test_a_program_that_is_stopped_takes_along_what_it_started(tmp_path: Path) -> None:
    script = tmp_path / "slow"
    script.write_text("#!/bin/sh\necho begun\nsleep 60\n")
    script.chmod(0o755)
    stream = Running([str(script)], cwd=str(tmp_path), environment={"PATH": os.environ["PATH"]}).stream()
    assert await anext(stream) == b"begun\n"
    async with asyncio.timeout(10):
        await stream.aclose()  # the sleep holds the pipe: it would have been waited for
