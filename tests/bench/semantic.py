"""The semantic index at its size: how long it takes to write, and to search, with numpy and without. A benchmark, not a
test: prints a table, and asserts only that both ways of searching find the same.

    python tests/bench/semantic.py [--chunks N] [--dimensions N] [--rounds N]

write   N vectors, in batches as `plugsky index` writes them; what the API takes for them comes on top
scan    the search itself: every vector read from SQLite and compared with the query
whole   all that `semantic_search` does once the query has its vector: places, files as they are now, notes

Vectors are random (no model is asked), the folder is made for it: N chunks in N/10 files.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import tempfile
import time
from array import array
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from plugsky_tui.workspace.semantic.build import BATCH
from plugsky_tui.workspace.semantic.chunks import Chunk
from plugsky_tui.workspace.semantic.scoring import packed, ranked
from plugsky_tui.workspace.semantic.search import search
from plugsky_tui.workspace.semantic.store import IndexedFile, Store
from plugsky_tui.workspace.semantic.survey import Stamp
from plugsky_tui.workspace.symbols.worker import digest_of

PER_FILE = 10
LINES = 30  # of a chunk


def vector(dimensions: int, seed: int) -> array[float]:
    rng = random.Random(seed)
    values = [rng.gauss(0, 1) for _ in range(dimensions)]
    length = sum(value * value for value in values) ** 0.5
    return array("f", [value / length for value in values])


def files(folder: Path, chunks: int) -> Iterator[IndexedFile]:
    for number in range(chunks // PER_FILE):
        texts = ["\n".join(f"line {number} {part} {line}" for line in range(LINES)) for part in range(PER_FILE)]
        path = folder / f"file_{number}.txt"
        path.write_text("\n".join(texts) + "\n")
        pieces = [Chunk(1 + at * LINES, (at + 1) * LINES, "", text) for at, text in enumerate(texts)]
        yield IndexedFile(path.name, digest_of(path.read_bytes()), Stamp.of(path.stat()), pieces)


def timed(work: Callable[[], object], rounds: int) -> list[float]:
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return times


def scan(store: Store, wanted: set[bytes], query: array[float], numpy: bool) -> list[tuple[float, bytes]]:
    return ranked(query, store.vectors(wanted), numpy=numpy)


def show(name: str, times: list[float]) -> None:
    print(f"{name:24} min {min(times):7.3f} s   median {statistics.median(times):7.3f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chunks", type=int, default=10_000)
    parser.add_argument("--dimensions", type=int, default=4096)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "folder"
        folder.mkdir()
        store = Store(str(Path(made) / "index.sqlite"))
        indexed = list(files(folder, args.chunks))
        keys = [chunk.key for file in indexed for chunk in file.chunks]
        blobs = {key: packed(vector(args.dimensions, seed)) for seed, key in enumerate(keys)}
        print(f"{len(keys):,} chunks of {args.dimensions:,} dimensions, {args.rounds} rounds")

        started = time.perf_counter()
        for at in range(0, len(keys), BATCH):
            batch = keys[at : at + BATCH]
            store.save(
                {key: blobs[key] for key in batch}, indexed[at // PER_FILE : (at + BATCH) // PER_FILE], args.dimensions
            )
        store.save({}, indexed, args.dimensions)
        store.finish()
        print(f"{'write':24} {time.perf_counter() - started:11.3f} s   {Path(store.path).stat().st_size >> 20} MiB")
        del blobs

        query = vector(args.dimensions, -1)
        wanted = set(keys)
        ways = [False, True] if find_spec("numpy") else [False]
        found = {}
        for numpy in ways:
            name = "numpy" if numpy else "pure Python"
            show(f"scan, {name}", timed(partial(scan, store, wanted, query, numpy), args.rounds))
            found[numpy] = scan(store, wanted, query, numpy)
        show("whole", timed(lambda: search(store, str(folder), query, limit=8), args.rounds))
        if len(ways) == 2:
            assert [key for _, key in found[False]][:100] == [key for _, key in found[True]][:100]
            assert all(abs(a - b) < 1e-5 for (a, _), (b, _) in zip(found[False], found[True], strict=True))
        else:
            print("numpy is not installed: the extra `semantic` brings it")
        print(
            f"memory at its peak: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MiB (the bench's own included)"
        )


if __name__ == "__main__":
    main()
