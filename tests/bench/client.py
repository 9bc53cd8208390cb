"""What the client costs beside what it talks to. A benchmark, not a test: prints a table, and asserts only that the
answers came whole.

    python tests/bench/client.py [parse] [start] [lump] [stream]      (default: all; a minute)

A server in a process of its own sends bytes that were made beforehand, over loopback.

parse   20,000 chunks through EventDecoder and Assembler, and the same bytes through the official openai client, each
        over httpx in a process of its own. The best of five passes after one to warm up.
start   `plugsky run` for a short answer, and a bare httpx request in a fresh Python, in turn; whole processes, medians.
lump    one delta of 5 MB through `plugsky run`.
stream  200 MB of chunks through `plugsky run --ephemeral`, in small deltas and in large ones: what memory comes to,
        beside the size of the answer itself, which the run has to hold.

PLUGSKY_BIN names another command to measure. Memory is the peak of the resident set, as the system counts it.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# This process stays small: what a child has before it becomes another program counts into the child's peak.

CHUNKS = 20_000
PASSES = 5
PAIRS = 15
LUMP_BYTES = 5_000_000
STREAM_BYTES = 200_000_000
WORDS = ["The ", "scheduler ", "picks ", "the ", "next ", "job ", "from ", "`the_queue`", ", ", "and **then** "]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
MB = 1e6


# --- the server -------------------------------------------------------------------------------


def chunk(delta: dict[str, str], reason: str | None = None) -> bytes:
    data = {
        "id": "chatcmpl-9f8b6c1d2e3f4a5b6c7d8e9f",
        "object": "chat.completion.chunk",
        "created": 1795000000,
        "model": "bench",
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}],
    }
    return b"data: " + json.dumps(data, separators=(",", ":")).encode() + b"\n\n"


def words(count: int) -> bytes:
    return b"".join(chunk({"content": WORDS[number % len(WORDS)]}) for number in range(count))


def large(size: int) -> bytes:
    return chunk({"content": ("0123456789abcde\n" * (size // 16 + 1))[:size]})


BODIES: dict[str, Callable[[], tuple[bytes, int]]] = {  # name in the URL -> a block, and how often it is sent
    "short": lambda: (words(5), 1),
    "words": lambda: (words(CHUNKS), 1),
    "lump": lambda: (large(LUMP_BYTES), 1),
    "small": lambda: (block := words(5000), STREAM_BYTES // len(block)),
    "large": lambda: (block := large(65536), STREAM_BYTES // len(block)),
}


def answer_size(name: str) -> int:
    """How many characters the answer of `name` has."""
    block, times = BODIES[name]()
    events = (json.loads(line[6:]) for line in block.split(b"\n\n") if line)
    return times * sum(len(event["choices"][0]["delta"]["content"]) for event in events)


async def serve() -> None:
    bodies = {name: make() for name, make in BODIES.items()}

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
        await reader.readexactly(int(length))
        block, times = bodies[head.split(b"/")[1].decode()]
        writer.write(HEAD + chunk({"role": "assistant", "content": ""}))
        for _ in range(times):
            writer.write(block)
            await writer.drain()
        usage = b'data: {"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":10,"total_tokens":20}}\n\n'
        writer.write(chunk({}, "stop") + usage + b"data: [DONE]\n\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], *map(answer_size, BODIES), flush=True)
    await server.serve_forever()


# --- parse: each side in a process of its own -------------------------------------------------


async def read_as_we_do(host: str) -> int:
    import httpx

    from plugsky_tui.kernel.events import TextDelta
    from plugsky_tui.providers.assemble import Assembler
    from plugsky_tui.providers.endpoint import Endpoint
    from plugsky_tui.providers.sse import EventDecoder

    decoder, assembler = EventDecoder(), Assembler(Endpoint(host), "bench")
    said: list[str] = []
    async with (
        httpx.AsyncClient(trust_env=False) as client,
        client.stream("POST", f"{host}/chat/completions", json={"stream": True}) as answer,
    ):
        async for data in answer.aiter_bytes():
            for event in decoder.feed(data):
                said += [item.text for item in assembler.feed(event) if type(item) is TextDelta]
    assembler.end()
    return len("".join(said))


async def read_as_the_sdk_does(host: str) -> int:
    async with _official(host) as client:
        stream = await client.chat.completions.create(model="bench", messages=[], stream=True)
        said = [one.choices[0].delta.content or "" async for one in stream if one.choices]
    return len("".join(said))


async def assemble_as_the_sdk_does(host: str) -> int:
    async with _official(host) as client, client.chat.completions.stream(model="bench", messages=[]) as stream:
        completion = await stream.get_final_completion()
    return len(completion.choices[0].message.content or "")


def _official(host: str) -> Any:
    import openai

    return openai.AsyncOpenAI(base_url=host, api_key="none", max_retries=0)


READERS = {
    "ours": read_as_we_do,
    "sdk": read_as_the_sdk_does,
    "sdk-assembled": assemble_as_the_sdk_does,
}


async def measure(reader: str, host: str) -> None:
    """One side: prints the length of the answer and the seconds of CPU and of the clock of the best pass."""
    read = READERS[reader]
    length, passes = await read(host), []
    for _ in range(PASSES):
        cpu, wall = time.process_time(), time.perf_counter()
        await read(host)
        passes.append((time.process_time() - cpu, time.perf_counter() - wall))
    print(json.dumps([length, *min(passes)]))


# --- what runs the rest -----------------------------------------------------------------------


@dataclass
class Ran:
    """A process that has ended: seconds of the clock and of CPU, peak memory and size of its output in bytes."""

    wall: float
    cpu: float
    peak: int
    output: int


def run(command: Sequence[str], env: dict[str, str], folder: Path) -> Ran:
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=output)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, f"{' '.join(command)} ended with {process.returncode}"
        unit = 1 if sys.platform == "darwin" else 1024
        return Ran(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * unit, os.fstat(output.fileno()).st_size)


class Bench:
    def __init__(self, url: str, sizes: dict[str, int], home: Path) -> None:
        self._url = url
        self._sizes = sizes
        self._folder = home / "work"
        self._folder.mkdir()
        installed = Path(sys.executable).with_name("plugsky")
        command = os.environ.get("PLUGSKY_BIN") or (str(installed) if installed.exists() else "")
        self._command = [command] if command else [sys.executable, "-m", "plugsky_tui"]
        self._env = {"HOME": str(home), "PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}
        self._env |= {"PLUGSKY_API_KEY": "psk_live_bench", "PYTHONPATH": str(Path(__file__).parents[2])}

    def host(self, name: str) -> str:
        return f"{self._url}/{name}/v1"

    def plugsky(self, name: str, style: str = "text") -> Ran:
        words = [*self._command, "run", "--ephemeral", "--format", style, "hello"]
        ran = run(words, self._env | {"PLUGSKY_BASE_URL": self.host(name)}, self._folder)
        assert ran.output >= self._sizes[name], f"the answer came to {ran.output} bytes of {self._sizes[name]}"
        return ran

    def parse(self) -> None:
        print(f"parse: {CHUNKS} chunks over httpx, the best of {PASSES}; CPU of the reading process")
        wire = len(BODIES["words"]()[0])
        cpu_of: dict[str, float] = {}
        for reader in READERS:
            words = [sys.executable, __file__, "--measure", reader, self.host("words")]
            said = subprocess.run(words, env=self._env, capture_output=True, text=True, check=True).stdout
            length, cpu, wall = json.loads(said)
            assert length == self._sizes["words"], f"{reader}: {length} characters of {self._sizes['words']}"
            cpu_of[reader] = cpu
            row(
                reader,
                f"{cpu:.3f} s CPU, {wall:.3f} s wall",
                f"{cpu / CHUNKS * 1e6:.1f} µs a chunk",
                f"{CHUNKS / cpu:,.0f} chunks/s",
                f"{wire / MB / cpu:.1f} MB/s",
                f"x {cpu / cpu_of['ours']:.1f}",
            )

    def start(self) -> None:
        print(f"start: a short answer, whole processes, medians of {PAIRS} in turn")
        request = (
            "import httpx, sys\n"
            "with httpx.stream('POST', sys.argv[1], json={'stream': True}, trust_env=False) as answer:\n"
            "    sys.stdout.buffer.write(answer.read())\n"
        )
        bare_words = [sys.executable, "-c", request, f"{self.host('short')}/chat/completions"]
        bare: list[Ran] = []
        ours: list[Ran] = []
        for number in range(PAIRS + 1):
            pair = run(bare_words, self._env, self._folder), self.plugsky("short")
            if number:  # the first fills the caches
                bare.append(pair[0])
                ours.append(pair[1])
        for name, runs in (("bare httpx", bare), ("plugsky run", ours)):
            wall = statistics.median(one.wall for one in runs)
            cpu = statistics.median(one.cpu for one in runs)
            peak = max(one.peak for one in runs)
            row(name, f"{wall * 1e3:.0f} ms wall", f"{cpu * 1e3:.0f} ms CPU", f"{peak / MB:.0f} MB peak")
        more = statistics.median(mine.wall - theirs.wall for mine, theirs in zip(ours, bare, strict=True))
        times = statistics.median(mine.wall / theirs.wall for mine, theirs in zip(ours, bare, strict=True))
        row("difference", f"{more * 1e3:+.0f} ms wall", f"x {times:.2f}")

    def lump(self) -> None:
        print(f"lump: one delta of {LUMP_BYTES / MB:.0f} MB")
        self._memory("lump", ("text", "jsonl"))

    def stream(self) -> None:
        for name, what in (("small", "in deltas of a word"), ("large", "in deltas of 64 KiB")):
            print(
                f"stream: {STREAM_BYTES / MB:.0f} MB on the wire {what}, an answer of {self._sizes[name] / MB:.0f} MB"
            )
            self._memory(name, ("text", "jsonl"))

    def _memory(self, name: str, styles: Sequence[str]) -> None:
        base = self.plugsky("short").peak
        for style in styles:
            ran = self.plugsky(name, style)
            more = ran.peak - base
            row(
                f"--format {style}",
                f"{ran.wall:.2f} s wall, {ran.cpu:.2f} s CPU",
                f"{ran.peak / MB:.0f} MB peak",
                f"{more / MB:+.0f} MB on a short answer's",
                f"x {more / self._sizes[name]:.1f} of the answer",
            )


def row(name: str, *cells: str) -> None:
    print(f"  {name:14} " + "   ".join(cells), flush=True)


@contextmanager
def server() -> Iterator[tuple[str, dict[str, int]]]:
    """The URL of a server, and the sizes of its answers."""
    process = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port, *sizes = map(int, process.stdout.readline().split())
        yield f"http://127.0.0.1:{port}", dict(zip(BODIES, sizes, strict=True))
    finally:
        process.kill()
        process.wait()


def main(parts: Sequence[str]) -> None:
    with server() as (url, sizes), tempfile.TemporaryDirectory() as home:
        bench = Bench(url, sizes, Path(home))
        every = {"parse": bench.parse, "start": bench.start, "lump": bench.lump, "stream": bench.stream}
        unknown = sorted(set(parts) - set(every))
        if unknown:
            sys.exit(f"There is no part {unknown[0]}: {', '.join(every)}")
        for part in parts or every:
            every[part]()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--serve"]:
            asyncio.run(serve())
        case ["--measure", reader, host]:
            asyncio.run(measure(reader, host))
        case parts:
            main(parts)
