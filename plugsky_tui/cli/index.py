"""`plugsky index`: builds the semantic index of a folder, which the tool semantic_search asks."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from plugsky_tui.cli.common import add_folder, add_json, add_rules, folder_of, print_json

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from plugsky_tui.session.folder_index import FolderIndex, Status
    from plugsky_tui.workspace.semantic.build import Built

SUMMARY = "build the semantic index of a folder, for searches by meaning"

TERMINATED = 143
INTERRUPTED = 130


def configure(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--status", action="store_true", help="tell what there is, and ask nobody")
    what.add_argument("--clear", action="store_true", help="delete the folder's indexes, whatever their model")
    parser.add_argument("-m", "--model", metavar="NAME", help="the embedding model (default: index.model)")
    parser.add_argument(
        "--offline", action="store_true", help="with the embedded simulator: no key, no network, no language model"
    )
    add_folder(parser)
    add_rules(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """0 done, 1 the API failed, 2 wrong usage or configuration, 130 interrupted, 143 terminated."""
    import asyncio

    from plugsky_tui.config.paths import cache_dir
    from plugsky_tui.providers.pacers import Pacers
    from plugsky_tui.session.folder_index import FolderIndex, IndexOptions

    options = IndexOptions(
        folder_of(args), args.model, args.offline, args.mode, args.allow, args.deny, Pacers(cache_dir)
    )
    index = FolderIndex(options)
    for warning in index.warnings:
        _say(f"warning: {warning}")
    if args.status:
        return _show(asyncio.run(index.status()), as_json=args.json)
    if args.clear:
        gone = asyncio.run(index.clear())
        if args.json:
            print_json({"deleted": gone})
        else:
            print(
                f"Deleted {gone} index{'' if gone == 1 else 'es'} of this folder."
                if gone
                else "There is no index of this folder."
            )
        return 0
    return asyncio.run(_interruptible(_build(index, args)))


async def _build(index: FolderIndex, args: argparse.Namespace) -> int:
    from plugsky_tui.cli.index_progress import progress_for
    from plugsky_tui.frontends.indexing import left_out, summary

    with progress_for(index) as progress:
        built = await index.build(progress)
    for line in left_out(index, built):
        _say(line)
    if args.json:
        print_json(_done(index, built, progress.seconds))
        return 0
    print(summary(built, progress.seconds))
    if args.model and args.model != index.configured_model:
        _say(
            f"semantic_search asks {index.configured_model}; to have it use this index: plugsky config set index.model {args.model}"
        )
    return 0


async def _interruptible(work: Coroutine[Any, Any, int]) -> int:
    """Run `work`; SIGTERM and SIGHUP cancel it as Ctrl-C does. What was written stays."""
    import asyncio
    import signal

    task = asyncio.ensure_future(work)
    code = 0

    def stop(ends_with: int) -> None:
        nonlocal code
        code = ends_with
        task.cancel()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, stop, INTERRUPTED)
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop, TERMINATED)
    try:
        return await task
    except asyncio.CancelledError:
        if not code:
            raise
        return code


def _done(index: FolderIndex, built: Built, seconds: float) -> dict[str, Any]:
    plan = built.plan
    return {
        "model": index.model,
        "host": index.host,
        "path": index.store.path,
        "files": plan.files,
        "changed": plan.changed,
        "gone": plan.gone,
        "chunks_embedded": built.chunks,
        "chunks_known": plan.chunks - plan.missing,
        "changed_meanwhile": built.moved,
        "skipped": plan.skipped,
        "secrets": index.secrets,
        "seconds": round(seconds, 3),
    }


# --- --status -------------------------------------------------------------------------------------


def _show(status: Status, *, as_json: bool) -> int:
    if as_json:
        from dataclasses import asdict

        print_json(asdict(status))
        return 0
    if status.problem:
        print(f"There is an index, but {status.problem}.")
    elif status.facts is None:
        print(f"There is no index of this folder for {status.model} at {status.host}: plugsky index builds one.")
    else:
        for name, value in _rows(status):
            print(f"{name:11} {value}")
    return 0


def _rows(status: Status) -> list[tuple[str, str]]:
    from time import time

    from plugsky_tui.frontends.indexing import lasting
    from plugsky_tui.workspace.files import size_text

    facts, standing = status.facts, status.standing
    assert facts is not None
    dimensions = f", {facts.dimensions:,} dimensions" if facts.dimensions else ""
    built = (
        "not to its end yet: plugsky index goes on" if facts.built is None else f"{lasting(time() - facts.built)} ago"
    )
    rows = [
        ("model", f"{status.model} at {status.host}{dimensions}"),
        ("files", f"{facts.files:,}, in {facts.chunks:,} chunks"),
        ("built", built),
        ("size", f"{size_text(facts.bytes)}, {status.path}"),
    ]
    if standing is not None:
        parts = [(standing.changed, "changed"), (standing.new, "new"), (standing.gone, "gone")]
        stale = ", ".join(f"{count:,} {word}" for count, word in parts if count)
        rows.append(("since then", f"{stale}: plugsky index brings it up to date" if stale else "nothing has changed"))
    return rows


def _say(text: str) -> None:
    from plugsky_tui.frontends.text import clean  # names of files and servers' words are untrusted

    sys.stderr.write(f"plugsky: {clean(text)}\n")
