"""Parsing in processes of their own: what befalls one file befalls no other, and nothing is left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import aclosing
from pathlib import Path

import pytest

from plugsky_tui.kernel.errors import ToolError
from plugsky_tui.workspace.environment import child_environment
from plugsky_tui.workspace.symbols import worker, workers
from plugsky_tui.workspace.symbols.tags import FileTags
from plugsky_tui.workspace.symbols.workers import Answer, Order, ask_workers

ENVIRONMENT = child_environment(os.environ)
needs_proc = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="looks for processes in /proc")


def workers_alive() -> set[int]:
    found = set()
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            line = Path(f"/proc/{name}/cmdline").read_bytes().split(b"\0")
            parent = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if os.fsencode(worker.__file__) in line and int(parent) == os.getpid():
            found.add(int(name))
    return found


async def answers_to(folder: Path, *orders: Order, **options: float) -> dict[str, Answer]:
    async with aclosing(ask_workers(orders, str(folder), ENVIRONMENT, **options)) as answers:
        return {answer.order.path: answer async for answer in answers}


async def test_each_order_is_answered(tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"m{number}.py").write_text(f"def f{number}(): g()\n")
    found = await answers_to(tmp_path, *(Order(f"m{number}.py", "python") for number in range(60)))
    assert len(found) == 60
    for number in range(60):
        tags = FileTags.from_json(found[f"m{number}.py"].result)
        assert [each.name for each in tags.definitions] == [f"f{number}"]


async def test_files_that_are_no_source_are_left_alone_and_the_reason_given(tmp_path: Path) -> None:
    (tmp_path / "big.py").write_text("x = 1\n" * 200_000)
    (tmp_path / "min.js").write_text("var a=1;" * 5_000)
    (tmp_path / "bin.py").write_bytes(b"def f(): pass\n\0\1\2")
    (tmp_path / "wide.py").write_bytes("\ufeffdef größe(): pass\n".encode("utf-16-le"))
    (tmp_path / "empty.py").write_bytes(b"")
    (tmp_path / "link.py").symlink_to("empty.py")
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "odd\nname\udcff.py").write_text("def odd(): pass\n")
    names = ["big.py", "min.js", "bin.py", "wide.py", "empty.py", "link.py", "pipe.py", "odd\nname\udcff.py", "gone.py"]
    found = await answers_to(tmp_path, *(Order(name, "python") for name in names))
    problems = {name: answer.problem for name, answer in found.items()}
    assert problems["big.py"] == "is larger than 1 MiB"
    assert problems["min.js"] == "is minified"
    assert problems["bin.py"] == "is binary"
    assert problems["pipe.py"] == "is not a regular file"
    assert problems["link.py"].startswith("cannot be read")
    assert problems["gone.py"].startswith("cannot be read")
    assert problems["empty.py"] == problems["wide.py"] == problems["odd\nname\udcff.py"] == ""
    assert [each.name for each in FileTags.from_json(found["wide.py"].result).definitions] == ["größe"]


async def test_a_file_that_takes_too_long_is_given_up_and_the_others_are_parsed(tmp_path: Path) -> None:
    deep = "\n".join(["(" * 100] * 9_000)  # the parser looks at ever more of them at once
    (tmp_path / "deep.py").write_text(deep)
    for number in range(20):
        (tmp_path / f"m{number}.py").write_text("def f(): pass\n")
    orders = [Order("m0.py", "python"), Order("deep.py", "python")]
    found = await answers_to(tmp_path, *orders, *(Order(f"m{number}.py", "python") for number in range(1, 20)))
    # 3 s of the processor, or 20 s where others have it
    assert found["deep.py"].problem in ("took more than 3 s to parse", "took more than 20 s to parse")
    assert len(found) == 21
    assert [name for name, answer in found.items() if answer.problem] == ["deep.py"]


@needs_proc
async def test_a_process_that_stands_still_is_ended(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f(): pass\n" * 30_000)
    (tmp_path / "b.py").write_text("def f(): pass\n")

    async def stop_the_first() -> None:
        while not (alive := workers_alive()):
            await asyncio.sleep(0.001)
        os.kill(alive.pop(), signal.SIGSTOP)

    stopping = asyncio.ensure_future(stop_the_first())
    found = await answers_to(tmp_path, Order("a.py", "python"), Order("b.py", "python"), wall_limit_s=2.0)
    await stopping
    assert found["a.py"].problem == "took more than 2 s to parse"
    assert found["b.py"].problem == ""
    assert workers_alive() == set()


@needs_proc
async def test_a_process_that_is_killed_takes_nothing_with_it_but_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f(): pass\n" * 60_000)
    (tmp_path / "b.py").write_text("def f(): pass\n")

    async def kill_the_first() -> None:
        while not (alive := workers_alive()):
            await asyncio.sleep(0.001)
        os.kill(alive.pop(), signal.SIGKILL)

    killing = asyncio.ensure_future(kill_the_first())
    found = await answers_to(tmp_path, Order("a.py", "python"), Order("b.py", "python"))
    await killing
    assert found["a.py"].problem == "made the parser crash"
    assert found["b.py"].problem == ""


@needs_proc
async def test_nothing_is_left_when_nobody_waits_any_more(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"m{number}.py").write_text("def f(): g()\n" * 5_000)
    orders = [Order(f"m{number}.py", "python") for number in range(40)]
    async with aclosing(ask_workers(orders, str(tmp_path), ENVIRONMENT)) as answers:
        async for _ in answers:
            assert workers_alive()
            break
    assert workers_alive() == set()
    task = asyncio.ensure_future(answers_to(tmp_path, *orders))
    while not workers_alive():
        await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert workers_alive() == set()


async def test_a_program_that_never_starts_is_told_once_not_once_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit(1)\n")
    monkeypatch.setattr(worker, "__file__", str(broken))
    with pytest.raises(ToolError) as caught:
        await answers_to(tmp_path, *(Order(f"m{number}.py", "python") for number in range(100)))
    assert "grep" in caught.value.hint


def test_the_program_loads_little(tmp_path: Path) -> None:
    import subprocess

    (tmp_path / "a.py").write_text("def f(): pass\n")
    code = (
        "import runpy, sys\n"
        f"sys.argv[1:] = {workers._packages()!r}\n"
        "sys.stdin = open(0)\n"
        "try: runpy.run_path(%r, run_name='__main__')\n"
        % worker.__file__
        + "finally: print(' '.join(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        input=Order("a.py", "python").line(),
        capture_output=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    loaded = done.stderr.decode().split()
    assert "tree_sitter_python" in loaded
    assert not {"asyncio", "sqlite3", "pydantic", "httpx", "textual", "tree_sitter_cpp"} & set(loaded)
