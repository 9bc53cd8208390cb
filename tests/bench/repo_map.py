"""The map of a repository: ours beside aider's, on a real one. A benchmark, not a test: prints a table, and asserts
only that both made a map, and that ours is the same each time.

    python tests/bench/repo_map.py FOLDER [--aider PYTHON] [--budget TOKENS] [--rounds N]

FOLDER is a checkout of more than 2,000 source files; an unpacked sdist of Django will do. It is copied first: aider
keeps its cache in it. PYTHON is the interpreter of a virtual environment with `aider-chat`; without it only ours is
measured.

cold    nothing cached, a fresh process: the time of the call alone, without imports
warm    nothing changed since, another fresh process
again   once more in that process
edited  warm, after one file has changed
command the whole of `plugsky tool symbols`, warm, from start to end (ours only)
memory  peak of the resident set of the process, and of the largest of its children

Each process has its own PYTHONHASHSEED: an order that hangs on it shows as a map that differs.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

OURS = """
import asyncio, hashlib, json, os, resource, sys, time
from plugsky_tui.kernel.messages import ToolCall
from plugsky_tui.tooling import ToolContext
from plugsky_tui.tooling.registry import load_tools
from plugsky_tui.tooling.toolbox import ToolboxOf
from plugsky_tui.workspace.paths import Root

async def one(toolbox):
    prepared = await toolbox.prepare(ToolCall("1", "symbols", {"budget_tokens": budget}))
    started = time.perf_counter()
    result = await prepared.act(lambda text: None)
    return time.perf_counter() - started, result.output

async def main():
    tools = [tool for tool in load_tools().instances() if tool.name == "symbols"]
    toolbox = ToolboxOf(tools, ToolContext(Root(folder)))
    return [await one(toolbox) for _ in range(2)]

folder, budget = sys.argv[1], int(sys.argv[2])
found = asyncio.run(main())
"""

AIDERS = """
import hashlib, json, os, resource, sys, time
folder, budget = sys.argv[1], int(sys.argv[2])
os.chdir(folder)
from aider.repomap import RepoMap

class Quiet:
    def read_text(self, path):
        try:
            with open(path, encoding="utf-8") as file:
                return file.read()
        except (OSError, UnicodeDecodeError):
            return None
    def tool_output(self, *words): pass
    tool_warning = tool_error = tool_output

class Model:
    def token_count(self, text): return len(text) / 4

paths = sorted(os.path.join(where, name) for where, folders, names in os.walk(folder) for name in names
               if name.endswith(tuple(sys.argv[3].split(","))))
repo_map = RepoMap(map_tokens=budget, root=folder, main_model=Model(), io=Quiet())
found = []
for _ in range(2):
    repo_map.map_cache.clear()
    started = time.perf_counter()
    text = repo_map.get_repo_map([], paths, force_refresh=True)
    found.append((time.perf_counter() - started, text or ""))
"""

REPORT = """
print(json.dumps({
    "seconds": [seconds for seconds, _ in found],
    "maps": [hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() for _, text in found],
    "characters": len(found[0][1]),
    "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "children": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
}), file=sys.__stdout__)
"""


class Side:
    """One of the two, in processes of its own, with the cache wherever it keeps it."""

    def __init__(self, name: str, python: str, script: str, work: Path, words: list[str]) -> None:
        self.name = name
        self._command = [python, "-c", script + REPORT, *words]
        self._env = {
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[2]) if name == "ours" else "",
            "PLUGSKY_CACHE_DIR": str(work / "cache"),
            "PLUGSKY_CONFIG_DIR": str(work / "config"),
            "PLUGSKY_DATA_DIR": str(work / "data"),
        }
        self.maps: set[str] = set()
        self.memory = self.children = 0.0

    def run(self, seed: int) -> list[float]:
        done = subprocess.run(
            self._command, env={**self._env, "PYTHONHASHSEED": str(seed)}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        assert report["characters"] > 100
        self.maps.update(report["maps"])
        self.memory = max(self.memory, report["memory"])
        self.children = max(self.children, report["children"])
        seconds: list[float] = report["seconds"]
        return seconds

    def command(self, folder: Path) -> float:
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "plugsky_tui", "tool", "symbols"],
            cwd=folder,
            env=self._env,
            check=True,
            capture_output=True,
        )
        return time.perf_counter() - started


def forget(folder: Path, work: Path) -> None:
    shutil.rmtree(work / "cache", ignore_errors=True)
    for cache in folder.glob(".aider*"):
        shutil.rmtree(cache, ignore_errors=True)


def measure(side: Side, folder: Path, work: Path, rounds: int) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {"cold": [], "warm": [], "again": [], "edited": [], "command": []}
    edited = max(folder.rglob("*.py"), key=lambda path: (path.stat().st_size < 50_000, path.stat().st_size))
    before = edited.read_bytes()
    for seed in range(rounds):
        forget(folder, work)
        found["cold"].append(side.run(3 * seed)[0])
        warm, again = side.run(3 * seed + 1)
        found["warm"].append(warm)
        found["again"].append(again)
        if side.name == "ours":
            found["command"].append(side.command(folder))
        maps = set(side.maps)
        edited.write_bytes(before + f"\n\ndef added_{seed}_{time.time_ns()}():\n    pass\n".encode())
        found["edited"].append(side.run(3 * seed + 2)[0])
        edited.write_bytes(before)
        side.maps = maps  # that one was to differ
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--aider", metavar="PYTHON")
    parser.add_argument("--budget", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    from plugsky_tui.workspace.symbols.languages import LANGUAGES

    endings = tuple(ending for language in LANGUAGES for ending in language.suffixes)
    with tempfile.TemporaryDirectory() as made:
        work = Path(os.path.realpath(made))
        folder = work / "repo"
        shutil.copytree(args.folder, folder, symlinks=True, ignore=shutil.ignore_patterns(".aider*"))
        files = sum(path.name.endswith(endings) for path in folder.rglob("*"))
        sides = [Side("ours", sys.executable, OURS, work, [str(folder), str(args.budget)])]
        if args.aider:
            sides.append(Side("aider", args.aider, AIDERS, work, [str(folder), str(args.budget), ",".join(endings)]))
        print(f"{files:,} source files, {args.budget:,} tokens, {args.rounds} rounds, medians")
        medians: dict[str, dict[str, float]] = {}
        for side in sides:
            found = measure(side, folder, work, args.rounds)
            medians[side.name] = {name: statistics.median(each) for name, each in found.items() if each}
            times = "  ".join(f"{name} {seconds:7.3f} s" for name, seconds in medians[side.name].items())
            print(f"{side.name:6} {times}")
            print(
                f"{'':6} memory {side.memory:.0f} MiB, largest child {side.children:.0f} MiB; "
                f"{len(side.maps)} different map{'s' * (len(side.maps) != 1)} in {3 * args.rounds} processes"
            )
            if side.name == "ours":
                assert len(side.maps) == 1
        if args.aider:
            ratios = (f"{name} {medians['aider'][name] / medians['ours'][name]:.1f}x" for name in medians["aider"])
            print("aider's time in ours:", ", ".join(ratios))


if __name__ == "__main__":
    main()
