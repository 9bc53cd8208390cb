"""grep, and the index behind `@`: a benchmark, not a test. It prints tables, and asserts only that there were answers.

    python tests/bench/search.py [FOLDER] [--tree FOLDER] [--files N] [--rounds N] [--no-tree]

FOLDER is any source tree (Python's own library, if none is given). Another of N files (200,000) with made-up names is
written to --tree, unless it is there already, and left there.

grep   the whole of our tool (listing of secrets, order, permission) with ripgrep and without, beside `rg` itself
index  from the first question to the last file listed, by each of the three ways; the longest time a coroutine that
       should run each millisecond did not; memory of the process that keeps it, and of this one
keys   each query letter by letter: from asking to the answer, per letter
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import statistics
import subprocess
import sys
import sysconfig
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from plugsky_tui.kernel.messages import ToolCall
from plugsky_tui.tooling import ToolContext
from plugsky_tui.tooling.registry import load_tools
from plugsky_tui.tooling.toolbox import ToolboxOf
from plugsky_tui.workspace.environment import child_environment
from plugsky_tui.workspace.paths import Root
from plugsky_tui.workspace.search import content
from plugsky_tui.workspace.search.index.client import Answer, FileIndex
from plugsky_tui.workspace.search.listing import Means

PATTERNS = ("def test_", r"\bclass \w+Error\b", "return None$", "zzzqqqxxx")
QUERIES = (
    *("user", "userservice", "UserService", "FCB", "README.md", "config.ts", "testuser", "src/us", "src/userservice"),
    *("packages/comp/layout", "srcus", "compfactory", "paymentclient.ts", "dockerfile", "aeiou", "qqqq", "e", "café"),
)
WORDS = [
    *("user", "account", "session", "token", "order", "invoice", "payment", "cart", "product", "search"),
    *("index", "query", "parser", "lexer", "render", "view", "model", "controller", "service", "client"),
    *("server", "request", "response", "handler", "config", "settings", "logger", "cache", "store", "queue"),
    *("worker", "task", "event", "stream", "buffer", "socket", "http", "json", "yaml", "auth"),
    *("login", "profile", "image", "video", "audio", "upload", "download", "report", "chart", "table"),
    *("form", "button", "modal", "dialog", "menu", "sidebar", "header", "footer", "layout", "theme"),
    *("color", "utils", "helper", "common", "shared", "core", "base", "test", "mock", "fixture"),
    *("sample", "data", "schema", "migration", "route", "middleware", "plugin", "module", "component", "factory"),
]
ENDINGS = (".py", ".ts", ".tsx", ".js", ".go", ".rs", ".java", ".md", ".json", ".css", ".test.ts", ".spec.js", ".yaml")


class WithoutRipgrep(Means):
    def ripgrep(self) -> str | None:
        return None


def grow(folder: Path, files: int) -> None:
    """A tree as repositories are: some 13 files to a folder, up to nine deep, a tenth of it ignored."""
    choose = random.Random(7)

    def name() -> str:
        words = [choose.choice(WORDS) for _ in range(choose.randint(1, 3))]
        humped = "".join(word.title() for word in words)
        number = str(choose.randint(1, 99)) if choose.random() < 0.3 else ""
        return choose.choice([humped, "_".join(words), "-".join(words)]) + number + choose.choice(ENDINGS)

    folders = ["src", "lib", "packages", "apps", "services", "tests", "docs", "tools", "internal", "pkg"]
    while len(folders) < files // 13:
        above = choose.choice(folders)
        if above.count("/") < 8:
            folders.append(f"{above}/{choose.choice(WORDS)}" + choose.choice(["", "-", "_"]))
    paths: set[str] = {"README.md", "src/café.md"}
    while len(paths) < files:
        paths.add(f"{choose.choice(folders)}/{name()}")
    paths |= {f"node_modules/left-pad/index{number}.js" for number in range(files // 10)}
    for each in {os.path.dirname(path) for path in paths}:
        os.makedirs(folder / each, exist_ok=True)
    for number, path in enumerate(sorted(paths)):
        (folder / path).write_text(f"def {choose.choice(WORDS)}():\n    return {number}\n")
    (folder / ".gitignore").write_text("node_modules/\n")
    subprocess.run(["git", "init", "-q", folder], check=True)


# --- grep -------------------------------------------------------------------------------------


async def grep(toolbox: ToolboxOf, pattern: str) -> float:
    started = time.perf_counter()
    prepared = await toolbox.prepare(ToolCall("1", "grep", {"pattern": pattern}))
    result = await prepared.act(lambda text: None)
    assert result.output
    return time.perf_counter() - started


def bare(program: str, folder: Path, pattern: str) -> float:
    started = time.perf_counter()
    subprocess.run([program, "--line-number", "-e", pattern, "./"], cwd=folder, capture_output=True)
    return time.perf_counter() - started


async def measure_grep(folder: Path, rounds: int) -> None:
    toolbox = ToolboxOf(
        [tool for tool in load_tools().instances() if tool.name == "grep"],
        ToolContext(Root(folder), environment=child_environment(os.environ), git_allowed=True),
    )
    program = shutil.which("rg")
    found = Means.ripgrep
    content.TIME_LIMIT_S = 300.0
    print(f"\ngrep in {folder}, ms (least of {rounds})")
    print(f"{'pattern':24}{'rg':>9}{'with rg':>9}{'ratio':>7}{'without':>9}{'ratio':>7}")
    for pattern in PATTERNS:
        plain = min(bare(program, folder, pattern) for _ in range(rounds)) if program else float("nan")
        with_it = min([await grep(toolbox, pattern) for _ in range(rounds)])
        Means.ripgrep = lambda self: None  # type: ignore[method-assign]
        try:
            without = min([await grep(toolbox, pattern) for _ in range(rounds)])
        finally:
            Means.ripgrep = found  # type: ignore[method-assign]
        numbers = f"{plain * 1e3:9.0f}{with_it * 1e3:9.0f}{with_it / plain:7.1f}{without * 1e3:9.0f}"
        print(f"{pattern:24}{numbers}{without / plain:7.1f}")


# --- the index ---------------------------------------------------------------------------------


class Ticking:
    """The longest time in which a coroutine that wants to run each millisecond did not run."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def run(self) -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            self.longest, last = max(self.longest, now - last), now


class Asked:
    """An index, and how long its answers take."""

    def __init__(self, folder: Path, means: type[Means], *, git: bool) -> None:
        environment = child_environment(os.environ)
        self._news = asyncio.Event()
        self._answer = Answer("")
        self.index = FileIndex(str(folder), lambda: means(str(folder), environment, git), self._hear)

    def _hear(self, answer: Answer) -> None:
        self._answer = answer
        self._news.set()

    async def ask(self, query: str, *, complete: bool = False) -> tuple[float, Answer]:
        """Seconds until there is an answer, one that names something if the folder is still being listed."""
        started = time.perf_counter()
        self._news.clear()
        self.index.ask(query)
        while True:
            await self._news.wait()
            self._news.clear()
            there = self._answer.paths or not self._answer.listing
            if self._answer.query == query and there and not (complete and self._answer.listing):
                return time.perf_counter() - started, self._answer


@asynccontextmanager
async def indexed(folder: Path, means: type[Means], *, git: bool) -> AsyncIterator[tuple[Asked, Ticking]]:
    asked, ticking = Asked(folder, means, git=git), Ticking()
    task = asyncio.create_task(ticking.run())
    try:
        yield asked, ticking
    finally:
        task.cancel()
        await asked.index.close()


def memory(what: str) -> int:
    """MiB that our child with this in its command takes; ours where it is ""."""
    listed = subprocess.run(["ps", "-axww", "-o", "pid=,ppid=,rss=,args="], capture_output=True, text=True, check=True)
    for line in listed.stdout.splitlines():
        pid, parent, size, args = line.split(maxsplit=3)
        if (what and int(parent) == os.getpid() and what in args) or (not what and int(pid) == os.getpid()):
            return int(size) // 1024
    return 0


async def measure_index(folder: Path, rounds: int) -> None:
    print(
        f"\nindex of {folder}: s to the first names, s to the last, longest gap in ms, MiB there, MiB here (least/most)"
    )
    ways: list[tuple[str, type[Means], bool]] = [
        ("ripgrep", Means, False),
        ("git", WithoutRipgrep, True),
        ("own walk", WithoutRipgrep, False),
    ]
    for name, means, git in ways:
        rows: list[tuple[float, float, float, int, int]] = []
        count = 0
        for _ in range(rounds):
            async with indexed(folder, means, git=git) as (asked, ticking):
                first, _ = await asked.ask("e")
                more, answer = await asked.ask("er", complete=True)
                assert answer.paths
                count = answer.count
                rows.append((first, first + more, ticking.longest, memory("index/worker.py"), memory("")))
        best = [min(column) for column in zip(*rows, strict=True)]
        gap = max(row[2] for row in rows)
        print(f"{name:10}{count:9,}{best[0]:7.2f}{best[1]:7.2f}{gap * 1e3:8.1f}{best[3]:6}{best[4]:6}")


async def measure_keys(folder: Path) -> None:
    print(f"\nkeys in {folder}: ms per letter, there and back (median of 3)")
    every: list[float] = []
    async with indexed(folder, Means, git=False) as (asked, ticking):
        await asked.ask("", complete=True)
        ticking.longest = 0.0
        for query in QUERIES:
            rounds = [[(await asked.ask(query[:end]))[0] * 1e3 for end in range(1, len(query) + 1)] for _ in range(3)]
            times = [statistics.median(column) for column in zip(*rounds, strict=True)]
            every += times
            print(f"  {query:24}{statistics.median(times):7.1f}{max(times):7.1f}")
    over = sum(each > 50 for each in every)
    print(
        f"median {statistics.median(every):.1f}, 95% {sorted(every)[int(len(every) * 0.95)]:.1f}, most {max(every):.1f},"
    )
    print(f"{over} of {len(every)} over 50; longest gap {ticking.longest * 1e3:.1f}")


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(sysconfig.get_path("stdlib")))
    parser.add_argument("--tree", type=Path, default=Path("/tmp/plugsky-bench-tree"))
    parser.add_argument("--files", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-tree", action="store_true")
    args = parser.parse_args()
    folders = [args.folder.resolve()]
    if not args.no_tree:
        if not args.tree.is_dir():
            args.tree.mkdir()
            grow(args.tree, args.files)
        folders.append(args.tree.resolve())
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores, Python {sys.version.split()[0]}")
    for folder in folders:
        await measure_grep(folder, args.rounds)
        await measure_index(folder, args.rounds)
        await measure_keys(folder)


if __name__ == "__main__":
    asyncio.run(main())
