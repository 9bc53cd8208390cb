"""The transcript beside what Textual offers: a widget mounted for each block. A benchmark, not a test.

    python tests/bench/mounted.py [CHUNKS...]         (default: 500 1000 2000; three minutes)

The same chunks of four or five characters, into the transcript and into a Textual `Markdown` in a `VerticalScroll` that
follows its end: `append` for each chunk, as its documentation shows, and through its `MarkdownStream`, which puts together
what comes in while it is at work. CPU time until all is drawn; then what one step of scrolling and one new width cost.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Markdown

sys.path.insert(0, str(Path(__file__).parent))
from transcript import Bench, chunks

from plugsky_tui.frontends.tui.transcript.widget import Transcript

RATE = 1000  # chunks a second: faster than models write
KINDS = ("markdown", "fence", "table")
Take = Callable[[str], Awaitable[None]]


class Mounted(App[None]):
    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Markdown()


async def feed(pieces: list[str], take: Take, settle: Callable[[], Awaitable[None]]) -> float:
    """CPU seconds per chunk, less what the same loop costs with nothing to do."""

    async def run(take: Take) -> float:
        began, started = time.perf_counter(), time.process_time()
        for number, piece in enumerate(pieces):
            await take(piece)
            await asyncio.sleep(max(0.0, began + number / RATE - time.perf_counter()))
        return time.process_time() - started

    async def nothing(piece: str) -> None:
        pass

    bare = await run(nothing)
    spent = await run(take)
    started = time.process_time()
    await settle()
    return (spent + time.process_time() - started - bare) / len(pieces)


async def cost(work: Callable[[], None], app: App[None], times: int = 10) -> float:
    """CPU seconds of one `work`, with the frame that comes of it."""
    started = time.process_time()
    for _ in range(times):
        work()
        for _ in range(20):
            await asyncio.sleep(0.001)
        app.screen._compositor.render_strips()
    return (time.process_time() - started) / times


Figures = tuple[float, float, float]  # per chunk, per step of scrolling, per new width


async def ours(pieces: list[str]) -> Figures:
    app = Bench()
    async with app.run_test(size=(120, 40)) as pilot:
        transcript = app.query_one(Transcript)

        async def take(piece: str) -> None:
            transcript.stream_text(piece)

        async def settle() -> None:
            transcript.end_answer()
            while transcript._pacer.waiting:
                await asyncio.sleep(0.005)

        per_chunk = await feed(pieces, take, settle)
        step = await cost(lambda: transcript.scroll_relative(y=-3, animate=False), app)
        widths = iter([119, 118] * 10)
        wider = await cost(lambda: app._size_to(next(widths)), app, 6)
        await pilot.pause()
        return per_chunk, step, wider


async def theirs(pieces: list[str], *, gathered: bool) -> Figures:
    app = Mounted()
    async with app.run_test(size=(120, 40)) as pilot:
        markdown, scroll = app.query_one(Markdown), app.query_one(VerticalScroll)
        scroll.anchor()
        stream = Markdown.get_stream(markdown) if gathered else None

        async def take(piece: str) -> None:
            await (stream.write(piece) if stream is not None else markdown.append(piece))

        async def settle() -> None:
            if stream is not None:
                await stream.stop()
            await pilot.pause()

        per_chunk = await feed(pieces, take, settle)
        step = await cost(lambda: scroll.scroll_relative(y=-3, animate=False), app)
        widths = iter([119, 118] * 10)
        wider = await cost(lambda: app._size_to(next(widths)), app, 6)
        return per_chunk, step, wider


def size_to(app: App[None], width: int) -> None:
    """As if the terminal had become `width` wide."""
    from textual.events import Resize
    from textual.geometry import Size

    size = Size(width, 40)
    app.post_message(Resize(size, size))


def main() -> None:
    Bench._size_to = Mounted._size_to = size_to  # type: ignore[attr-defined]
    counts = [int(one) for one in sys.argv[1:]] or [500, 1000, 2000]
    print(f"{'':19} {'ms per chunk':^41} {'ms per step':^23} {'ms per width':^23}")
    print(
        f"{'':19} {'ours':>8} {'append':>10} {'gathered':>10} {'ratio':>11} {'ours':>7} {'theirs':>7} {'ratio':>7}" * 1,
        end="",
    )
    print(f" {'ours':>7} {'theirs':>7} {'ratio':>7}")
    for kind in KINDS:
        for count in counts:
            pieces = chunks(kind, count)
            mine = asyncio.run(ours(pieces))
            plain = asyncio.run(theirs(pieces, gathered=False))
            stream = asyncio.run(theirs(pieces, gathered=True))
            a, b, c = (figures[0] * 1e3 for figures in (mine, plain, stream))
            row = f"{kind:10} {count:6}   {a:8.3f} {b:10.2f} {c:10.2f} {b / a:5.0f}/{c / a:3.0f}x"
            for place in (1, 2):
                x, y = mine[place] * 1e3, min(plain[place], stream[place]) * 1e3
                row += f" {x:7.2f} {y:7.2f} {y / x:6.0f}x"
            print(row, flush=True)


if __name__ == "__main__":
    main()
