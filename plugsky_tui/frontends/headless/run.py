"""One task without a UI: a session, its events printed, an exit code."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Iterator, Sequence

from plugsky_tui.frontends.headless.printers import Printer, printer_for
from plugsky_tui.frontends.headless.prompt import compose
from plugsky_tui.frontends.headless.stdin import PipedInput
from plugsky_tui.kernel.errors import PlugskyError
from plugsky_tui.kernel.events import Status, ThreadCompleted
from plugsky_tui.session.options import Options
from plugsky_tui.session.session import Session

EXIT: dict[Status, int] = {"completed": 0, "failed": 1, "limited": 3, "interrupted": 130}
TERMINATED = 143


def run_task(options: Options, *, words: Sequence[str], files: Sequence[str], style: str) -> int:
    """Run one task; the exit code of the contract: 0 done, 1 failed, 2 usage, 3 limit, 130 and 143 signals."""
    said = " ".join(words)
    if said == "-":
        said = ""
    piped = PipedInput(wanted=not said)
    printer = printer_for(style)
    try:
        return asyncio.run(_run(options, said, piped, files, printer))
    except PlugskyError as error:
        printer.failed(error)
        return error.exit_code


async def _run(options: Options, said: str, piped: PipedInput, files: Sequence[str], printer: Printer) -> int:
    from plugsky_tui.session.build import open_session

    prompt, images = compose(said, piped.text(), files, options.folder)
    if piped.silent:
        printer.warning(
            "standard input is open but silent: it was not waited for (give - as the prompt to read it to its end)"
        )
    if piped.cut:
        printer.warning("standard input was not read to its end")
    session = await open_session(options)
    gc.freeze()  # what start-up made stays: no collection need look at it again
    gc.enable()
    stopped_by: list[int] = []
    _on_signals(session, stopped_by)
    status: Status = "failed"
    try:
        for warning in (*_input_warnings(piped), *session.warnings):
            printer.warning(warning, session.thread_id)
        timer = None
        if options.timeout_s is not None:
            timer = asyncio.get_running_loop().call_later(options.timeout_s, session.interrupt, "limited")
        async for event in session.send(prompt, images):
            printer.event(event, session.thread_id)
            if isinstance(event, ThreadCompleted):
                status = event.status
        if timer is not None:
            timer.cancel()
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, ASYNC230  # nobody reads us any more; nothing is left to close
    finally:
        await session.close()
        for process in session.left_running:
            sys.stderr.write(f"plugsky: still running, in a session of its own: {process}\n")
    return TERMINATED if signal.SIGTERM in stopped_by else EXIT[status]


def _input_warnings(piped: PipedInput) -> Iterator[str]:
    if piped.silent:
        yield "standard input is open but silent: it was not waited for (give - as the prompt to read it to its end)"
    if piped.cut:
        yield "standard input was not read to its end"


def _on_signals(session: Session, stopped_by: list[int]) -> None:
    """The first signal ends the run in order; a second SIGINT ends the process."""
    loop = asyncio.get_running_loop()

    def stop(number: int) -> None:
        if stopped_by:
            os._exit(EXIT["interrupted"])
        stopped_by.append(number)
        session.interrupt()

    for number, meaning in (
        (signal.SIGINT, signal.SIGINT),
        (signal.SIGTERM, signal.SIGTERM),
        (signal.SIGHUP, signal.SIGTERM),
    ):
        loop.add_signal_handler(number, stop, meaning)
