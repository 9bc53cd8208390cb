"""`plugsky stats`: requests, tokens and tools, by model and day, and requests per minute against the plan."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from plugsky_tui.cli.common import add_listing, folder_of, print_json

if TYPE_CHECKING:
    from plugsky_tui.frontends.usage_sums import ModelRow, PerMinute, Report, Sums, ToolSums

SUMMARY = "requests, tokens and tools, by model and day; requests per minute against the plan"

DAYS = 30
WIDTH = 80
NOTE = "Counted from the threads on disk; runs with --ephemeral leave none."
_REQUESTS = ("Requests", "Retried", "Failed", "Prompt", "Cached", "Answer")
_TOOLS = ("Calls", "OK", "Failed", "Refused")

Row = tuple[str, Sequence[str]]


def configure(parser: argparse.ArgumentParser) -> None:
    add_listing(parser)
    parser.add_argument(
        "--days", metavar="N", type=_positive, default=DAYS, help=f"the last N days, today among them (default: {DAYS})"
    )
    parser.add_argument("--by", choices=("model", "day", "tool"), help="this table alone (default: all three)")


def run(args: argparse.Namespace) -> int:
    import time

    from plugsky_tui.config.paths import cache_dir, data_dir
    from plugsky_tui.config.settings import load
    from plugsky_tui.frontends.usage_sums import Report, midnight, per_minute
    from plugsky_tui.providers import rate_memory
    from plugsky_tui.threads.store import ThreadStore

    folder = folder_of(args)
    loaded = load(folder)
    for warning in loaded.warnings:
        _warn(warning)
    now = time.time()
    since = midnight(now, args.days - 1)
    used = ThreadStore(data_dir()).used(since, folder if args.cwd else None)
    report = Report(used, loaded.settings.providers)
    minute = per_minute(used, loaded.settings, rate_memory.load(cache_dir()).values(), now)
    if args.json:
        print_json(_plain(report, minute, args.by, since))
        return 0
    if used.requests or used.calls:
        _print(report, minute, args.by, args.days)
    else:
        print(f"No requests yet in {_span(args.days)}.", file=sys.stderr)
        print(f"{_of_the_plan(minute)}\n{NOTE}", file=sys.stderr)
    return 0


def _print(report: Report, minute: PerMinute, by: str | None, days: int) -> None:
    totals = report.totals
    tokens = totals.prompt_tokens + totals.completion_tokens
    print(
        f"{_span(days).capitalize()}: {_counted(totals.requests, 'request')}, "
        f"{_short(tokens)} tokens, {_counted(report.calls.calls, 'tool call')}\n"
    )
    if by in (None, "model"):
        _table("Model", _REQUESTS, [(_named(row), _request_cells(row.sums)) for row in report.by_model])
    if by in (None, "day"):
        cells = [(day, [*_request_cells(sums), f"{calls.calls:,}"]) for day, sums, calls in report.by_day]
        _table("Day", (*_REQUESTS, "Tools"), cells)
    if by in (None, "tool"):
        _table("Tool", _TOOLS, [(name, _tool_cells(calls)) for name, calls in report.by_tool])
    print(f"{_of_the_minute(minute)}\n{NOTE}")


def _table(first: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Names on the left, cut where they are too long; numbers on the right."""
    from plugsky_tui.frontends.text import clean

    if not rows:
        return
    widths = [max(len(cell) for cell in column) for column in zip(columns, *(cells for _, cells in rows), strict=True)]
    room = WIDTH - sum(width + 2 for width in widths)
    names = [_cut(clean(name).replace("\n", " "), room) for name, _ in rows]
    left = max(map(len, (first, *names)))
    for name, cells in [(first, columns), *zip(names, (cells for _, cells in rows), strict=True)]:
        print(name.ljust(left) + "".join(f"  {cell:>{width}}" for cell, width in zip(cells, widths, strict=True)))
    print()


def _request_cells(sums: Sums) -> list[str]:
    tokens = (sums.prompt_tokens, sums.cached_tokens, sums.completion_tokens)
    return [f"{sums.requests:,}", f"{sums.retried:,}", f"{sums.failed:,}", *map(_short, tokens)]


def _tool_cells(calls: ToolSums) -> list[str]:
    return [f"{count:,}" for count in (calls.calls, calls.ok, calls.failed, calls.refused)]


def _named(row: ModelRow) -> str:
    return f"{row.asked} → {row.model}" if row.routed else row.asked


def _of_the_minute(minute: PerMinute) -> str:
    """Requests per minute: now, at most, and what the plan allows."""
    import time

    text = f"Requests in the last minute: {minute.now:,}"
    if minute.peak:
        text += (
            f"; the most in one: {minute.peak:,} ({time.strftime('%Y-%m-%d %H:%M', time.localtime(minute.peak_at))})"
        )
    return f"{text}.\n{_of_the_plan(minute)}"


def _of_the_plan(minute: PerMinute) -> str:
    import time

    match minute.source:
        case "configured":
            return f"The limit: {minute.limit:,} a minute (api.rpm)."
        case "learned":
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(minute.learned_at))
            return f"The plan's limit: {minute.limit:,} a minute (as {minute.host} said {when})."
        case _:
            return f"The plan's limit is not known yet: answers of {minute.host} will tell."


def _plain(report: Report, minute: PerMinute, by: str | None, since: float) -> dict[str, Any]:
    from dataclasses import asdict

    tables: dict[str, Any] = {
        "model": [{"model": row.model, "asked": row.asked, **asdict(row.sums)} for row in report.by_model],
        "day": [
            {"day": day, **asdict(sums), "tool_calls": calls.calls, "tool_calls_failed": calls.failed}
            for day, sums, calls in report.by_day
        ],
        "tool": [{"tool": name, **asdict(calls)} for name, calls in report.by_tool],
    }
    return {
        "since": _moment(since),
        "totals": {**asdict(report.totals), "tools": asdict(report.calls)},
        **{f"by_{name}": table for name, table in tables.items() if by in (None, name)},
        "requests_per_minute": {
            **asdict(minute),
            "peak_at": _moment(minute.peak_at),
            "learned_at": _moment(minute.learned_at),
        },
    }


def _moment(seconds: float | None) -> str | None:
    from datetime import datetime, timezone

    return (
        None
        if seconds is None
        else datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
    )


def _short(count: int) -> str:
    """A number of tokens in at most six characters."""
    for size, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (10_000, "K")):
        if count >= size:
            whole = count / min(size, 1_000) if unit == "K" else count / size
            return f"{whole:,.0f}{unit}" if whole >= 100 else f"{whole:.1f}{unit}"
    return f"{count:,}"


def _span(days: int) -> str:
    return "today" if days == 1 else f"the last {days} days"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: max(room - 1, 0)] + "…"


def _warn(text: str) -> None:
    from plugsky_tui.frontends.text import clean

    sys.stderr.write(f"plugsky: {clean(text)}\n")


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 36_500:
        raise argparse.ArgumentTypeError("must be a number of days from 1 to 36500")
    return int(text)
