"""The index: only what is new is parsed, whatever happened to the cache meanwhile."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import time
from pathlib import Path

import pytest

from plugsky_tui.workspace.environment import child_environment
from plugsky_tui.workspace.symbols import cache as cache_module
from plugsky_tui.workspace.symbols import index as index_module
from plugsky_tui.workspace.symbols.cache import Row, Stamp, SymbolCache
from plugsky_tui.workspace.symbols.index import Index, bring_up_to_date

ENVIRONMENT = child_environment(os.environ)


class Project:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "project"
        self.folder.mkdir()
        self.cache = SymbolCache(str(folder / "cache"), str(self.folder))

    def put(self, name: str, text: str, *, old: bool = True) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if old:  # the change time cannot be set: wait until it is out of doubt
            time.sleep(0.06)

    async def index(self, **options: float) -> Index:
        paths = sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())
        return await bring_up_to_date(self.cache, str(self.folder), paths, ENVIRONMENT, whole=True, **options)

    async def names(self) -> dict[str, list[str]]:
        index = await self.index()
        tags = index.tags(list(index.keys))
        return {path: [each.name for each in found.definitions] for path, found in tags.items()}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.put("a.py", "def a(): pass\n")
    made.put("src/b.go", "package b\nfunc B() {}\n")
    made.put("notes.md", "# no source\n")
    return made


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that are sent to the workers."""
    seen: list[str] = []
    real = index_module.ask_workers

    def asked(orders, *rest, **options):
        seen.extend(order.path for order in orders)
        return real(orders, *rest, **options)

    monkeypatch.setattr(index_module, "ask_workers", asked)
    return seen


async def test_only_what_changed_is_parsed_again(project: Project, parsed: list[str]) -> None:
    assert await project.names() == {"a.py": ["a"], "src/b.go": ["B"]}
    parsed.clear()
    assert await project.names() == {"a.py": ["a"], "src/b.go": ["B"]}
    assert parsed == []
    project.put("a.py", "def z(): pass\n")
    assert await project.names() == {"a.py": ["z"], "src/b.go": ["B"]}
    assert parsed == ["a.py"]


async def test_content_that_was_parsed_before_is_known_again(project: Project, parsed: list[str]) -> None:
    await project.index()
    project.put("a.py", "def other(): pass\n")
    await project.index()
    parsed.clear()
    project.put("a.py", "def a(): pass\n")  # as after a change of branch and back
    (project.folder / "src/b.go").rename(project.folder / "moved.go")
    assert await project.names() == {"a.py": ["a"], "moved.go": ["B"]}
    assert parsed == []


async def test_a_change_that_no_stamp_shows_is_seen(project: Project) -> None:
    """Written twice within one tick of the clock, with the same size."""
    now = time.time_ns()
    recent = Stamp(10, now, now, 1)
    assert not recent.settled(now)
    assert recent.settled(now + 3_000_000_000)
    for number in range(20):
        project.put("a.py", f"def a{number % 10}(): pass\n", old=False)
        assert (await project.names())["a.py"] == [f"a{number % 10}"]


async def test_files_that_are_gone_are_forgotten(project: Project) -> None:
    await project.index()
    (project.folder / "a.py").unlink()
    assert await project.names() == {"src/b.go": ["B"]}
    assert set(project.cache.rows()) == {"src/b.go"}


@pytest.mark.parametrize("damage", ["rubbish", "middle", "empty", "tables", "tags", "folder"])
async def test_a_damaged_cache_is_made_again(project: Project, damage: str) -> None:
    for number in range(50):
        (project.folder / f"m{number}.py").write_text(f"def f{number}(): pass\n" * 20)
    expected = await project.names()
    path = Path(project.cache.path)
    match damage:
        case "rubbish":
            path.write_bytes(b"no database at all" * 1000)
        case "middle":
            data = bytearray(path.read_bytes())
            data[4096 : len(data) - 4096] = bytes(len(data) - 8192)
            path.write_bytes(data)
        case "empty":
            path.write_bytes(b"")
        case "tables":
            with sqlite3.connect(path) as db:
                db.execute("DROP TABLE tags")
        case "tags":
            with sqlite3.connect(path) as db:
                db.execute("DELETE FROM tags")
        case "folder":
            shutil.rmtree(path.parent)
    assert await project.names() == expected
    assert await project.names() == expected


async def test_without_a_place_for_the_cache_the_answer_is_the_same(project: Project, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert await project.names() == {"a.py": ["a"], "src/b.go": ["B"]}


async def test_the_cache_can_be_read_by_its_owner_only(project: Project) -> None:
    await project.index()
    assert os.stat(project.cache.path).st_mode & 0o777 == 0o600
    assert os.stat(os.path.dirname(project.cache.path)).st_mode & 0o077 == 0


async def test_other_queries_or_grammars_make_it_anew(
    project: Project, parsed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await project.index()
    parsed.clear()
    monkeypatch.setattr(cache_module, "_outside_version", lambda: "others")
    assert await project.names() == {"a.py": ["a"], "src/b.go": ["B"]}
    assert sorted(parsed) == ["a.py", "src/b.go"]


async def test_several_may_use_the_cache_at_once(project: Project) -> None:
    for number in range(60):
        (project.folder / f"m{number}.py").write_text(f"def f{number}(): pass\n")
    found = await asyncio.gather(*(project.names() for _ in range(4)))
    assert all(each == found[0] for each in found)
    assert len(found[0]) == 62


async def test_what_there_was_no_time_for_is_parsed_by_the_next_call(project: Project) -> None:
    for number in range(40):
        (project.folder / f"m{number}.py").write_text(f"def f{number}(): pass\n")
    first = await project.index(time_limit_s=0.0)
    assert first.unparsed == 41
    assert "41 files are not parsed yet" in "".join(first.notes(str))
    assert (await project.index()).unparsed == 0


async def test_of_very_many_files_the_upper_ones_count(project: Project) -> None:
    project.put("x/y/z/deep.py", "def deep(): pass\n")
    index = await project.index(file_limit=2)
    assert list(index.keys) == ["a.py", "src/b.go"]
    assert index.beyond == 1


async def test_a_file_that_is_not_parsed_is_not_tried_again_until_it_changes(
    project: Project, parsed: list[str]
) -> None:
    project.put("min.js", "var a=1;" * 5000)
    index = await project.index()
    assert index.notes(str) == ["not parsed: min.js is minified"]
    parsed.clear()
    assert (await project.index()).skipped == {"min.js": "is minified"}
    assert parsed == []


async def test_names_that_are_no_text_are_kept(project: Project) -> None:
    name = os.fsdecode(b"caf\xe9.py")
    project.put(name, "def tea(): pass\n")
    assert (await project.names())[name] == ["tea"]
    assert name in project.cache.rows()


def test_caches_nobody_uses_are_deleted(tmp_path: Path) -> None:
    cache = SymbolCache(str(tmp_path), "/a")
    cache.save({"a.py": Row(Stamp(1, 2, 3, 4), "python:x")}, {"python:x": "{}"})
    old = tmp_path / "old.sqlite"
    old.write_bytes(b"")
    os.utime(old, (1, 1))
    cache.clean()
    assert [path.name for path in tmp_path.iterdir()] == [os.path.basename(cache.path)]
