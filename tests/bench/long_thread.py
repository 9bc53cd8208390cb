"""What a thread of 10,000 messages costs: to open, to scroll, to search. A benchmark, not a test: prints, asserts nothing.

    python tests/bench/long_thread.py [MESSAGES]

The thread is kept on disk as plugsky keeps it, and opened as `plugsky --resume` does, without a terminal, at 120x40. A frame
is all that is done for one: layout, the transcript's own part, and the strips of the whole screen.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    os.environ.setdefault("PLUGSKY_API_KEY", "")

from transcript import SECTION

from plugsky_tui.kernel.display import DiffBlock
from plugsky_tui.kernel.events import TextDelta, ToolCalled, ToolResulted, TurnCompleted, TurnStarted
from plugsky_tui.kernel.messages import UserMessage

if TYPE_CHECKING:
    from plugsky_tui.frontends.tui.app import PlugskyApp
    from plugsky_tui.frontends.tui.transcript.widget import Transcript

CODE = "".join(f"def step_{n}(value: int) -> int:\n    return value * {n}\n\n" for n in range(12))


def make_thread(data: Path, folder: Path, messages: int) -> str:
    """Half of the messages are prompts; every fifth answer comes after an edit."""
    from plugsky_tui.threads.store import ThreadStore

    thread = ThreadStore(data).create(folder, "plugsky-pro", "ask")
    for number in range(messages // 2):
        thread.prompt(UserMessage(f"Question {number}: what about section {number}?"))
        thread.event(TurnStarted(1))
        if number % 5 == 0:
            call_id = f"call_{number}"
            block = DiffBlock(f"src/part{number}.py", CODE, CODE.replace("step_5", f"step_{number}"))
            thread.event(
                ToolCalled(call_id, "edit", {"file_path": block.path, "old_string": "5", "new_string": "x"}, "")
            )
            thread.event(ToolResulted(call_id, True, f"Changed {block.path}: +1 -1 lines.", 0.1, [block]))
        thread.event(TextDelta(SECTION.format(k=number, k1=number % 7 + 2)))
        thread.event(TurnCompleted("stop", "plugsky-pro"))
    thread.close()
    return thread.thread_id


async def opened(data: Path, folder: Path, thread_id: str) -> PlugskyApp:
    from plugsky_tui.cli.ui import _open_session
    from plugsky_tui.frontends.tui.app import PlugskyApp
    from plugsky_tui.frontends.tui.look import Look
    from plugsky_tui.session.options import Options

    options = Options(folder=folder, resume=thread_id, offline=True)
    return PlugskyApp(
        options, Look(folder=folder, model="plugsky-pro", theme="plugsky-dark", data_dir=data), _open_session
    )


def frame(app: PlugskyApp, transcript: Transcript) -> float:
    """CPU seconds for one frame of the whole screen: on a busy machine, others count into what a clock shows."""
    began = time.process_time()
    transcript.draw_now()
    app.screen._compositor.render_strips()
    return time.process_time() - began


def tell(what: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    late = sum(one > 1 / 30 for one in seconds)
    print(
        f"{what:34} {len(seconds):5} frames   median {statistics.median(seconds) * 1e3:6.2f} ms   "
        f"99 % {ordered[len(ordered) * 99 // 100] * 1e3:6.2f} ms   longest {ordered[-1] * 1e3:6.2f} ms   "
        f"{late} later than 1/30 s"
    )


def timed(what: str, work: Callable[[], object]) -> None:
    began = time.process_time()
    result = work()
    print(f"{what:34} {(time.process_time() - began) * 1e3:8.1f} ms   {result}")


async def measure(messages: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        data, folder = Path(home) / "data", Path(home) / "work"
        folder.mkdir()
        os.environ["PLUGSKY_DATA_DIR"], os.environ["PLUGSKY_CONFIG_DIR"] = str(data), str(Path(home) / "config")
        thread_id = make_thread(data, folder, messages)
        size = sum(file.stat().st_size for file in data.rglob("*") if file.is_file()) / 2**20
        app = await opened(data, folder, thread_id)
        async with app.run_test(size=(120, 40)) as pilot:
            desk = await app.desk()
            transcript = desk.transcript
            drawing = desk.view.replay
            marks: list[float] = []

            def replay(history):  # type: ignore[no-untyped-def]
                marks.append(time.perf_counter())
                drawing(history)
                transcript.draw_now()
                marks.append(time.perf_counter())

            desk.view.replay = replay  # type: ignore[method-assign]
            began = time.perf_counter()
            while len(marks) < 2 or not transcript.stage.viewport.lines:
                await asyncio.sleep(0.001)
            print(f"{messages} messages, {size:.1f} MB on disk, {len(transcript.document.units)} units")
            print(f"read and session opened {marks[0] - began:.2f} s, drawn {marks[1] - marks[0]:.2f} s")
            await pilot.pause(0.3)
            scroll(app, transcript)
            search(transcript)


def scroll(app: PlugskyApp, transcript: Transcript) -> None:
    viewport = transcript.stage.viewport
    pages: list[float] = []
    while (viewport.top or not pages) and len(pages) < 20_000:
        transcript.scroll_page_up(animate=False)
        pages.append(frame(app, transcript))
    tell("by pages, from the end to the start", pages)
    wheel = []
    for _ in range(3000):
        transcript.scroll_relative(y=3, animate=False)
        wheel.append(frame(app, transcript))
    tell("by the wheel, three lines each", wheel)
    jumps = []
    total = transcript.stage.lines_in_all
    for number in range(300):
        transcript.scroll_to(y=number * 7919 % total, animate=False)
        jumps.append(frame(app, transcript))
    tell("anywhere, with the bar", jumps)
    jumps = []
    transcript.jump_to_end()
    transcript.draw_now()
    for _ in range(500):
        transcript.jump_prompt(-1)
        jumps.append(frame(app, transcript))
    tell("from prompt to prompt", jumps)


def search(transcript: Transcript) -> None:
    for query in ("s", "sec", "section 49", "nowhere to be found"):
        timed(f"search for {query!r}", lambda query=query: transcript.search(query))
    transcript.search("section 49")
    timed("to the next place", lambda: transcript.search_on(1))
    timed("to the place before", lambda: transcript.search_on(-1))


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
