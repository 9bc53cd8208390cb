"""The small parts by themselves: keys, themes, the status line, matching, wrapping."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from plugsky_tui.frontends.calls import full_input, summary
from plugsky_tui.frontends.changes import Changes
from plugsky_tui.frontends.thread_facts import ago
from plugsky_tui.frontends.tui.composer.chips import Chips
from plugsky_tui.frontends.tui.fuzzy import ranked, score
from plugsky_tui.frontends.tui.gauge import RateGauge
from plugsky_tui.frontends.tui.keys import KEY_ACTIONS, Keys, doubt, refusal, shown
from plugsky_tui.frontends.tui.layers.link import may_open, real_host
from plugsky_tui.frontends.tui.look import short_folder
from plugsky_tui.frontends.tui.widgets.activity import duration
from plugsky_tui.frontends.tui.widgets.blocks import diff_parts, parts_of
from plugsky_tui.frontends.tui.widgets.cells import fit, fit_end, wrapped, wrapped_words
from plugsky_tui.frontends.tui.widgets.columns import bar, table
from plugsky_tui.frontends.tui.widgets.status import Status, layout, requests_used, thousands
from plugsky_tui.kernel.display import DiffBlock, TableBlock, TodoBlock, TodoItem
from plugsky_tui.kernel.events import ToolCalled
from plugsky_tui.providers.pacer import Rate

# --- keys ---------------------------------------------------------------------------------------


def test_no_default_key_means_two_things_in_one_place():
    assert [entry.name for entry in KEY_ACTIONS for key in entry.keys if Keys().holder(key, entry.name)] == []


def test_a_key_may_mean_different_things_where_only_one_of_them_is_heard():
    keys = Keys({"block.copy": "enter", "model.favourite": "ctrl+g"})
    assert keys.of("message.send") == "Enter"
    assert keys.of("block.open") == ""
    assert keys.of("editor.open") == "Ctrl+G"


def test_a_key_of_ones_own_replaces_the_default():
    keys = Keys({"model.pick": "f7, ctrl+l"})
    assert keys.keymap == {"model.pick": "f7,ctrl+l"}
    assert keys.of("model.pick") == "F7"
    assert keys.problems == []


def test_a_key_taken_from_another_action_is_reported():
    keys = Keys({"model.pick": "f1"})
    assert keys.of("help.show") == ""
    assert "'help.show' has no key any more" in keys.problems[0]


def test_an_unknown_action_is_reported_with_the_nearest():
    assert "Did you mean 'model.pick'?" in Keys({"model.pik": "f7"}).problems[0]


def test_one_key_for_two_actions_is_reported():
    assert "is given to both" in Keys({"model.pick": "f7", "help.show": "f7"}).problems[0]


def test_keys_are_shown_as_people_write_them():
    assert [shown(key) for key in ("ctrl+o", "shift+tab", "escape", "f2", "alt+s")] == [
        "Ctrl+O",
        "Shift+Tab",
        "Esc",
        "F2",
        "Alt+S",
    ]


async def test_a_moved_key_works_and_the_old_one_does_not(stage, until, shown):
    app = stage.app(keys={"model.pick": "f7"})
    screen = shown
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f2")
        await pilot.pause(0.1)
        assert "● plugsky-pro" not in screen(app)
        await pilot.press("f7")
        await until(pilot, lambda: "● plugsky-pro" in screen(app))


async def test_problems_with_keys_are_told(stage, until, shown):
    app = stage.app(keys={"nonsense": "f7"})
    screen = shown
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "'nonsense' is no action" in screen(app))


# --- the status line ----------------------------------------------------------------------------

FULL = Status("~/src/a-long-folder-name", "feature/parser", "ask", "auto", "plugsky-pro", 12_300, 131_072)


def line(status: Status, width: int) -> str:
    return "".join(text for text, _ in layout(status, width))


@given(st.integers(10, 200))
def test_the_status_line_is_never_wider_than_the_screen(width):
    assert cell_len(line(FULL, width)) <= width
    assert "ask" in line(FULL, width)


def test_the_status_line_drops_what_matters_least_first():
    assert line(FULL, 120).split() == (
        ["~/src/a-long-folder-name", "⎇", "feature/parser", "ask", "auto", "→", "plugsky-pro", "12.3k/131k", "9%"]
    )
    assert "12.3k" not in line(FULL, 66)
    assert "9%" in line(FULL, 66)
    assert "feature" not in line(FULL, 40)
    assert "name" in line(FULL, 40)


PLANNED = replace(FULL, used=12, limit=60, region="eu-west")


@given(st.integers(10, 200), st.integers(0, 70))
def test_with_a_gauge_and_a_region_it_is_not_wider_either(width, used):
    assert cell_len(line(replace(PLANNED, used=used), width)) <= width


def test_requests_per_minute_and_the_region_are_on_it_and_go_in_their_turn():
    assert line(PLANNED, 140).endswith("131k 9%  12/60 rpm  eu-west")
    shorter = [line(PLANNED, width) for width in range(140, 20, -1)]
    gone = [next(n for n, text in enumerate(shorter) if word not in text) for word in GOING]
    assert gone == sorted(gone)
    near = replace(PLANNED, used=48)
    assert "48/60 rpm" in line(near, 45)  # what is nearly used up stays longer
    assert "12/60 rpm" not in line(PLANNED, 45)


GOING = ("12.3k", "→", "rpm", "eu-west", "⎇", "9%")


def test_the_gauge_is_calm_until_four_fifths_are_used():
    assert requests_used(Status(used=47, limit=60)) == ("47/60 rpm", "")
    assert requests_used(Status(used=48, limit=60)) == ("48/60 rpm", "$text-warning")
    assert requests_used(Status(used=17, limit=100_000)) == ("17/100k rpm", "")
    for unknown in (Status(used=3), Status(used=0, limit=60)):
        assert requests_used(unknown) == ("", "")


class Line:
    """A status line that remembers when it was to be called again."""

    def __init__(self) -> None:
        self.status = Status()
        self.timers: list[tuple[float, Any]] = []

    def update(self, **fields: Any) -> None:
        self.status = replace(self.status, **fields)

    def set_timer(self, seconds: float, call: Any) -> Any:
        timer = (round(seconds, 3), call)
        self.timers.append(timer)
        return SimpleNamespace(stop=lambda: self.timers.remove(timer))


def test_the_gauge_looks_again_when_the_oldest_request_is_a_minute_old_and_then_rests():
    now, account, status = [0.0], SimpleNamespace(region="eu", rate=lambda: Rate(used[0], 60)), Line()
    used = [0]
    gauge = RateGauge(status, lambda: account, lambda: now[0])
    gauge.look()
    assert status.timers == []
    for at, count in ((1.0, 1), (11.0, 2)):
        now[0], used[0] = at, count
        gauge.look()
    assert [seconds for seconds, _ in status.timers] == [50.0]
    assert (status.status.used, status.status.limit, status.status.region) == (2, 60, "eu")
    now[0], used[0] = 61.0, 1
    status.timers[-1][1]()
    assert [seconds for seconds, _ in status.timers] == [10.0]
    now[0], used[0] = 71.0, 0
    status.timers[-1][1]()
    assert status.timers == []
    assert status.status.used == 0


def test_tokens_and_times_are_short():
    assert [thousands(count) for count in (0, 999, 1000, 12_345, 131_072, 2_000_000)] == [
        "0",
        "999",
        "1.0k",
        "12.3k",
        "131k",
        "2.0M",
    ]
    assert [duration(seconds) for seconds in (0.9, 59, 65, 3725)] == ["0s", "59s", "1m 05s", "1h 02m"]


def test_ages_of_threads():
    now = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)
    times = ("2026-11-20T11:59:30Z", "2026-11-20T11:15:00Z", "2026-11-20T08:00:00Z", "2026-11-19T08:00:00Z")
    assert [ago(then, now) for then in times] == ["just now", "45 min ago", "4 h ago", "yesterday"]
    assert ago("2026-10-01T00:00:00Z", now) == "2026-10-01"
    assert ago("nonsense", now) == "nonsense"


# --- text ---------------------------------------------------------------------------------------

any_text = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=80)


@given(any_text, st.integers(1, 60))
def test_fitted_text_is_exactly_as_wide_as_asked(text, width):
    assert cell_len(fit(text, width)) == width
    assert cell_len(fit_end(text, width)) <= width


@given(any_text, st.integers(2, 60))
def test_wrapping_loses_nothing_and_is_never_too_wide(text, width):
    rows = wrapped(text, width)
    assert "".join(rows) == text
    assert all(cell_len(row) <= width for row in rows)


@given(st.text(alphabet="ab c日", max_size=80), st.integers(4, 40))
def test_prose_loses_no_word_and_is_never_too_wide(text, width):
    rows = wrapped_words(text, width)
    assert "".join("".join(rows).split()) == "".join(text.split())
    assert all(cell_len(row) <= width for row in rows)


def test_better_matches_come_first():
    names = ["plugsky-frontier", "plugsky-pro", "pro", "prompt"]
    assert ranked("pro", names, str) == ["pro", "prompt", "plugsky-pro", "plugsky-frontier"]
    assert ranked("", names, str) == names
    assert ranked("xyz", names, str) == []


@given(st.text(max_size=20), st.text(max_size=40))
def test_a_text_is_found_in_whatever_contains_it(query, text):
    assert score(query, text + query + text) is not None


def test_only_chips_made_here_are_expanded():
    chips = Chips()
    assert chips.fold("short") == "short"
    label = chips.fold("x\n" * 13)
    assert label == "[Pasted 14 lines #1]"
    assert (
        chips.expand(f"a {label} b [Pasted 14 lines #2]")
        == f"a {'x' + chr(10)}" + "x\n" * 12 + " b [Pasted 14 lines #2]"
    )
    assert chips.fold("y" * 3000) == "[Pasted 3,000 characters #2]"
    assert chips.ending(f"a {label}") == label
    assert chips.ending("a [x]") == ""


def test_a_folder_is_shown_from_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert short_folder(tmp_path / "src") == "~/src"
    assert short_folder(tmp_path) == "~"
    assert short_folder(Path("/opt/x")) == "/opt/x"


# --- calls, changes, blocks -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "raw", "expected"),
    [
        ({"command": "pytest  -q\n&& ls", "timeout_s": 3}, None, "pytest -q && ls"),
        ({"file_path": "a.py", "old_string": "x"}, None, "a.py"),
        ({"items": [1, 2]}, None, "2 items"),
        ({"n": 1, "m": "x"}, None, "n=1, m=x"),
        (None, '{"broken', '{"broken'),
        ({}, None, ""),
    ],
)
def test_a_call_in_one_line(arguments, raw, expected):
    assert summary(ToolCalled("c", "tool", arguments, raw)) == expected


def test_the_whole_input_of_a_call():
    assert full_input(ToolCalled("c", "shell", {"command": "a\nb"})) == "a\nb"
    assert full_input(ToolCalled("c", "edit", {"file_path": "a", "new": "x\ny"})) == "file_path: a\nnew:\nx\ny"
    assert full_input(ToolCalled("c", "edit", None, "{")) == "{"


def test_changes_go_from_the_first_state_to_the_last():
    changes = Changes()
    changes.note([DiffBlock("a", "1", "2"), DiffBlock("b", None, "new")])
    changes.note([DiffBlock("a", "2", "3"), DiffBlock("b", "new", None), DiffBlock("c", "x", "x")])
    assert changes.files() == [DiffBlock("a", "1", "3")]


def test_a_diff_shows_line_ends_only_where_they_matter():
    def text(before: str, after: str) -> str:
        view = diff_parts(DiffBlock("a", before, after))[1]
        return "".join(entry.text for entry in view.diff.lines)

    assert "␍" not in text("a\r\nb\r\n", "a\r\nc\r\n")
    assert "␍" in text("a\r\nb\r\n", "a\nb\n")
    assert "␍" in text("a\nb\n", "a\nb\r\n")


def test_every_kind_of_block_has_lines():
    todo = TodoBlock([TodoItem("one", "completed"), TodoItem("two", "in_progress"), TodoItem("three")])
    table = TableBlock(["a"], [["\x1b[31m"]])
    lines = [part[1] for part in parts_of([todo, table])]
    assert lines == ["☑ one", "▸ two", "☐ three", "", "a", "␛[31m"]


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://example.org", True),
        ("http://localhost:1/x", True),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("https://a\x1b[31m", False),
        ("https://[", False),
        ("plugsky://x", False),
    ],
)
def test_which_links_may_be_opened(url, allowed):
    assert may_open(url) is allowed


def test_a_host_is_shown_as_it_is_looked_up():
    assert real_host("https://user@example.org:8080/x") == "example.org"
    assert real_host("https://pаypal.com").startswith("xn--")


# --- more keys ------------------------------------------------------------------------------------


def test_who_else_has_a_key_is_known_by_place():
    keys = Keys({"job.end": "f9"})
    assert keys.holder("f2", "threads.pick").name == "model.pick"
    assert keys.holder("f9", "model.pick").name == "job.end"  # the whole app's would be heard in the list of jobs, too
    assert keys.holder("f9", "model.favourite") is None  # two lists are never open at once
    assert keys.holder("f2", "model.pick") is None


@pytest.mark.parametrize(
    ("key", "character", "refused", "doubted"),
    [
        ("a", "a", True, False),
        ("space", " ", True, False),
        ("upper_a", "A", True, False),
        ("f9", None, False, False),
        ("ctrl+y", "\x19", False, False),
        ("ctrl+enter", None, False, True),
        ("ctrl+shift+k", None, False, True),
        ("super+k", None, False, True),
        ("alt+k", "k", False, True),
        ("shift+f5", None, False, False),
    ],
)
def test_keys_for_typing_are_refused_and_those_few_terminals_send_are_warned_of(key, character, refused, doubted):
    assert bool(refusal(key, character, "app")) == refused
    assert refused or bool(doubt(key)) == doubted
    assert not refusal(key, character, "transcript")  # nobody writes there


# --- tables ---------------------------------------------------------------------------------------

ROWS = [["plugsky-pro", "1,204", "12.3k"], ["a very long name of a model indeed", "7", "1"]]


@given(st.integers(12, 120))
def test_a_table_is_never_wider_than_it_may_be_and_numbers_end_under_each_other(width):
    lines = [line.plain for line in table(("", "Requests", "Prompt"), ROWS, width)]
    assert max(map(cell_len, lines)) <= width
    if width >= 60:
        assert len({cell_len(line) for line in lines}) == 1


@given(st.lists(st.integers(0, 1000), max_size=8), st.integers(4, 80))
def test_a_bar_is_as_wide_as_it_should_be_and_shows_all_there_is(amounts, width):
    drawn = bar([(amount, "") for amount in amounts], max(sum(amounts), 1), width)
    assert drawn.cell_length == width
    parts = sum(amount > 0 for amount in amounts)
    assert drawn.plain.count("█") >= min(parts, width)
