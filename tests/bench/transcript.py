"""What the transcript costs per streamed chunk. A benchmark, not a test: prints, and asserts nothing.

    python tests/bench/transcript.py [KIND...]      (markdown, fence, paragraph, arabic, table, list; default: all)

A headless app of 120x40 cells is fed 30,000 chunks of four or five characters a second; frames come as they do in
life. "per chunk" is CPU time, frames included, less what the same loop costs without a transcript. Then the same at
200 chunks a second for three seconds: what one frame costs. Memory is what was added to the resident set.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from textual.app import App, ComposeResult

from plugsky_tui.frontends.tui.transcript.widget import Transcript

SECTION = """## Section {k}: caching and I/O

The quick brown fox **jumps over** the lazy dog while `parse_config()` reads the *second* file, and then
the scheduler picks the next job from the queue. It is a plain paragraph with a [link](https://example.org/{k}).

- first item with `code` and some words
- second item, **bold** text here
  - nested item number {k}

1. one step to do
2. another step to do

```python
def compute_{k}(values: list[int]) -> int:
    total = 0
    for index, value in enumerate(values):
        if value % {k1} == 0:
            total += value * index  # weight
    return total
```

> A short quotation, to vary the blocks a little.

| name | value |
|------|-------|
| row{k} | {k} |

"""
CODE = """def compute_{k}(values: list[int]) -> int:
    total = 0
    for index, value in enumerate(values):
        if value % {k1} == 0:
            total += value * index  # weight
    return total

"""
WORDS = "The quick brown fox **jumps over** the lazy dog while `parse_config()` reads the *second* file {k}, and then "
KINDS = {
    "markdown": ("", SECTION),
    "fence": ("```python\n", CODE),
    "paragraph": ("", WORDS),
    "table": ("| name | value | note |\n|---|--:|---|\n", "| row {k} | {k} | some **words** about it |\n"),
    "arabic": ("", "هذا نص عربي طويل فيه كلمات كثيرة ومسار src/main.py و**كلمة مهمة** رقمها {k}، لا أكثر. "),
    "list": ("", "- item {k} with `code` and **bold** words that go on for a while\n"),
}
RATE = 30_000  # as fast as a client reads and parses them
TOKEN = re.compile(r"\s*\w{1,5}|\s*[^\w\s]{1,2}|\s+")


def chunks(kind: str, count: int) -> list[str]:
    opening, section = KINDS[kind]

    def pieces() -> Iterator[str]:
        yield opening
        for k in itertools.count(1):
            yield from TOKEN.findall(section.format(k=k, k1=k % 7 + 2))

    return list(itertools.islice(pieces(), count))


class Bench(App[None]):
    CSS = "Transcript { height: 1fr; }"

    def compose(self) -> ComposeResult:
        yield Transcript(way="visual")


def resident() -> float:
    """MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


async def pump(pieces: list[str], take: Callable[[str], None]) -> float:
    """CPU seconds to hand all pieces to `take`, RATE a second, sixteen at most per turn of the loop."""
    began, started = time.perf_counter(), time.process_time()
    for number, piece in enumerate(pieces):
        take(piece)
        if number % 16 == 15:
            await asyncio.sleep(max(0.0, began + number / RATE - time.perf_counter()))
    return time.process_time() - started


async def full_speed(kind: str, count: int) -> None:
    pieces = chunks(kind, count)
    app = Bench()
    async with app.run_test(size=(120, 40)) as pilot:
        transcript = app.query_one(Transcript)
        transcript.stream_text("warm up\n\n```python\nx = 1\n```\n\n| a | b |\n|--|--|\n| 1 | 2 |\n")
        transcript.end_answer()
        await pilot.pause(0.3)
        transcript.add_prompt("go")
        await pilot.pause(0.1)
        gc.collect()
        bare = await pump(pieces, lambda piece: None)
        before = resident()
        started = time.process_time()
        await pump(pieces, transcript.stream_text)
        transcript.end_answer()
        while transcript._pacer.waiting:
            await asyncio.sleep(0.005)
        spent = time.process_time() - started - bare
        print(
            f"{kind:10} {count:6} chunks  {spent / count * 1e6:6.2f} µs per chunk   +{resident() - before:5.1f} MiB"
            f"   {transcript.stage.sheet.layouts} layouts, {len(transcript.document.units)} units"
        )


async def live(kind: str, rate: int = 200, seconds: int = 3) -> None:
    pieces = chunks(kind, 3000 + rate * seconds)
    app = Bench()
    async with app.run_test(size=(120, 40)) as pilot:
        transcript = app.query_one(Transcript)
        for piece in pieces[:3000]:
            transcript.stream_text(piece)
        await pilot.pause(1)
        frames = 0
        frame = transcript._pacer._draw
        drawing = 0.0

        def counted() -> None:
            nonlocal frames, drawing
            began = time.perf_counter()
            frame()
            drawing += time.perf_counter() - began
            frames += 1

        transcript._pacer._draw = counted
        began, started = time.perf_counter(), time.process_time()
        for number, piece in enumerate(pieces[3000:]):
            transcript.stream_text(piece)
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        spent = time.process_time() - started
        print(
            f"{kind:10} {rate} a second: {spent / seconds * 100:5.1f} % CPU, {frames / seconds:.0f} frames a second, "
            f"{spent / frames * 1e3:.2f} ms a frame with Textual's part ({drawing / frames * 1e3:.2f} ms without)"
        )


async def history(messages: int) -> None:
    app = Bench()
    async with app.run_test(size=(120, 40)) as pilot:
        transcript = app.query_one(Transcript)
        await pilot.pause(0.1)
        started = time.perf_counter()
        for number in range(messages // 2):
            transcript.add_prompt(f"Question {number}")
            transcript.stream_text(SECTION.format(k=number, k1=3))
            transcript.end_answer()
        transcript.draw_now()
        print(f"{messages} messages opened in {time.perf_counter() - started:.2f} s")


def main() -> None:
    kinds = sys.argv[1:] or list(KINDS)
    for kind in kinds:
        for count in (2000, 20000, 50000):
            asyncio.run(full_speed(kind, count))
    for kind in kinds:
        asyncio.run(live(kind))
    asyncio.run(history(10_000))


if __name__ == "__main__":
    main()
