"""The sums and words of `plugsky stats`."""

from __future__ import annotations

import time

import pytest

from plugsky_tui.cli.stats import _short, _table
from plugsky_tui.config.settings import ProviderSettings, Settings
from plugsky_tui.config.shape import ApiSettings
from plugsky_tui.frontends.usage_sums import Report, busiest, is_routed, midnight, per_minute
from plugsky_tui.providers.rate_memory import Known
from plugsky_tui.threads.usage import Calls, Requests, Used

NOW = 1_800_000_000.0
SETTINGS = Settings(providers={"local": ProviderSettings("http://x.test")})
HOST = "api.plugsky.com"


@pytest.mark.parametrize(
    ("asked", "answered", "routed"),
    [
        ("auto", "plugsky-max", True),
        ("plugsky-pro", "plugsky-pro-max", True),
        ("plugsky-pro", "plugsky-pro", False),
        ("plugsky-pro", "plugsky-pro-2026-03-01", False),
        ("local/llama3", "llama3:latest", False),
        ("local/llama3", "mistral", True),
        ("other/llama3", "llama3", True),
        ("auto", "", False),
    ],
)
def test_a_model_is_routed_where_another_answered(asked: str, answered: str, routed: bool) -> None:
    assert is_routed(asked, answered, SETTINGS.providers) is routed


def test_the_busiest_minute_slides() -> None:
    assert busiest([]) == (0, None)
    assert busiest([5.0]) == (1, 5.0)
    assert busiest([0.0, 50.0, 59.9, 60.0, 100.0, 300.0]) == (4, 50.0)


def test_requests_to_other_providers_do_not_count_against_the_plan() -> None:
    used = Used([], [], [(NOW - 69, "a"), (NOW - 30, "local/b"), (NOW - 20, "a"), (NOW - 10, "org/a")])
    minute = per_minute(used, SETTINGS, [], NOW)
    assert (minute.now, minute.peak, minute.limit, minute.source, minute.host) == (2, 3, None, None, HOST)


def test_what_others_use_of_the_key_counts_while_it_is_news() -> None:
    known = [Known("1", HOST, NOW - 5, 60, 20), Known("2", HOST, NOW - 500, 300), Known("3", "x.test", NOW, 7)]
    minute = per_minute(Used([], [], []), SETTINGS, known, NOW)
    assert (minute.now, minute.limit, minute.source, minute.learned_at) == (40, 60, "learned", NOW - 5)
    assert per_minute(Used([], [], []), SETTINGS, known, NOW + 100).now == 0
    minute = per_minute(Used([], [], []), Settings(api=ApiSettings(rpm=9)), known, NOW)
    assert (minute.limit, minute.source) == (9, "configured")


def test_sums_are_by_model_day_and_tool_the_most_used_first() -> None:
    used = Used(
        [
            Requests("2026-03-01", "m", "m", "answered", 2, 10, 5, 1),
            Requests("2026-03-02", "m", "m-2026", "retried", 1, 0, 0, 0),
            Requests("2026-03-02", "auto", "big", "answered", 4, 1, 0, 1),
            Requests("2026-03-02", "auto", "", "open", 1, 0, 0, 0),
        ],
        [Calls("2026-03-01", "read", "ok", 1), Calls("2026-03-03", "edit", "refused", 2), Calls("2026-03-03", "edit", "open", 1)],
        [],
    )  # fmt: skip
    report = Report(used, ())
    assert [(row.asked, row.model, row.sums.requests) for row in report.by_model] == [
        ("auto", "big", 4), ("m", "m", 3), ("auto", "auto", 1),
    ]  # fmt: skip
    assert [(day, sums.requests, calls.calls) for day, sums, calls in report.by_day] == [
        ("2026-03-01", 2, 1), ("2026-03-02", 6, 0), ("2026-03-03", 0, 3),
    ]  # fmt: skip
    assert [(name, calls.calls, calls.refused, calls.interrupted) for name, calls in report.by_tool] == [
        ("edit", 3, 2, 1), ("read", 1, 0, 0),
    ]  # fmt: skip
    assert (report.totals.requests, report.totals.retried, report.totals.interrupted) == (8, 1, 1)


def test_days_begin_at_local_midnight_also_when_clocks_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        for days in range(0, 400, 7):
            assert time.localtime(midnight(NOW, days))[3:6] == (0, 0, 0)
        assert NOW - 86400 < midnight(NOW, 0) <= NOW
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (9_999, "9,999"), (10_000, "10.0K"), (123_456, "123K"), (999_999, "1,000K"), (1_234_567, "1.2M"), (5 * 10**9, "5.0G")],
)  # fmt: skip
def test_large_numbers_are_short(count: int, text: str) -> None:
    assert _short(count) == text


def test_long_and_hostile_names_leave_the_numbers_where_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    cells = ["1,234,567"] * 6
    _table(
        "Model",
        ["Requests", "Retried", "Failed", "Prompt", "Cached", "Answer"],
        [("m" * 200, cells), ("\x1b[2Jx\n", cells)],
    )
    lines = capsys.readouterr().out.splitlines()
    assert {len(line) for line in lines if line} == {80}
    assert "\x1b" not in "".join(lines)
