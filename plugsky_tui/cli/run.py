"""`plugsky run`: one task without a UI."""

from __future__ import annotations

import argparse
import gc
from pathlib import Path

from plugsky_tui.cli.agent_options import add_agent_options, options_of

SUMMARY = "Do one task without a UI; piped standard input is added to the prompt."


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "prompt", nargs="*", metavar="PROMPT", help="what to do; without one, or with -, standard input is the prompt"
    )
    add_agent_options(parser)
    parser.add_argument(
        "--format",
        choices=("text", "json", "jsonl"),
        default="text",
        help="text: the final answer; json: one object at the end; jsonl: an event a line",
    )
    parser.add_argument(
        "-f",
        "--file",
        metavar="PATH",
        action="append",
        default=[],
        dest="files",
        help="a text or image file to put before the model (repeatable)",
    )
    parser.add_argument(
        "--max-turns", metavar="N", type=_positive, help="stop after N requests to the model (exit code 3)"
    )
    parser.add_argument("--timeout", metavar="SECONDS", type=_seconds, help="stop after that time (exit code 3)")
    parser.add_argument("--ephemeral", action="store_true", help="keep no thread on disk")
    parser.add_argument(
        "--json-schema",
        metavar="FILE",
        type=Path,
        help="the final answer is JSON that fits the JSON Schema in FILE, and nothing else",
    )
    parser.add_argument(
        "--record", metavar="FILE", type=Path, help="keep what goes between plugsky and the model in FILE, a new one"
    )
    parser.add_argument(
        "--replay",
        metavar="FILE",
        type=Path,
        help="let FILE, a recording, answer: no key, no network; ends where the run goes another way",
    )


def run(args: argparse.Namespace) -> int:
    gc.disable()  # all that start-up makes stays; the run collects again once it stands
    from plugsky_tui.frontends.headless.run import run_task

    options = options_of(args)
    options.max_turns = args.max_turns
    options.timeout_s = args.timeout
    options.ephemeral = args.ephemeral
    options.json_schema, options.record, options.replay = args.json_schema, args.record, args.replay
    return run_task(options, words=args.prompt, files=args.files, style=args.format)


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of 1 or more, not {text!r}")
    return number


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a number of seconds above 0, not {text!r}")
    return number
