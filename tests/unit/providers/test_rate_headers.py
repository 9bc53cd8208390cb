"""What headers say of an account's limit, in the ways that servers write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugsky_tui.providers.rate_headers import Told, read_rate

NOW = 1696004797.0  # Fri, 29 Sep 2023 16:26:37 GMT


def told(**headers: str) -> Told | None:
    """`_` in header names stands for `-`."""
    return read_rate({name.replace("_", "-"): value for name, value in headers.items()}, NOW)


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [
        ("1696004827", 30.0),
        ("1696004827000", 30.0),
        ("30", 30.0),
        ("0.5", 0.5),
        ("1696004700", 0.0),
        ("2023-09-29T16:27:07Z", 30.0),
        ("soon", None),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("", None),
    ],
)
def test_the_documented_headers_say_limit_remaining_and_reset(reset: str, seconds: float | None) -> None:
    assert told(x_ratelimit_limit="60", x_ratelimit_remaining="45", x_ratelimit_reset=reset) == Told(60, 45, seconds)


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [("1.2s", 1.2), ("1m0s", 60.0), ("1ms", 0.001), ("0s", 0.0), ("20", 20.0), ("1m", 60.0), ("1x", None), ("s", None)],
)
def test_openai_writes_durations(reset: str, seconds: float | None) -> None:
    given = {"limit": "500", "remaining": "499", "reset": reset}
    assert told(**{f"x_ratelimit_{name}_requests": value for name, value in given.items()}) == Told(500, 499, seconds)


def test_anthropic_writes_moments() -> None:
    start = "anthropic_ratelimit_requests_"
    given = {f"{start}limit": "50", f"{start}remaining": "0", f"{start}reset": "2023-09-29T16:26:57Z"}
    assert told(**given) == Told(50, 0, 20.0)


@pytest.mark.parametrize(
    "given",
    [
        {"ratelimit": '"default";r=50;t=30', "ratelimit_policy": '"default";q=100;w=60'},
        {"ratelimit": "limit=100, remaining=50, reset=30"},
        {"ratelimit": "limit=100, remaining=50, reset=30", "ratelimit_policy": "100;w=60"},
        {"ratelimit_limit": "100", "ratelimit_remaining": "50", "ratelimit_reset": "30"},
        {"ratelimit_remaining": "50", "ratelimit_reset": "30", "ratelimit_policy": "100;w=60"},
        {"ratelimit_limit": "100, 100;w=60", "ratelimit_remaining": "50", "ratelimit_reset": "30"},
    ],
)
def test_the_draft_standard_is_read_in_all_its_forms(given: dict[str, str]) -> None:
    assert told(**given) == Told(100, 50, 30.0)


def test_a_limit_of_another_span_is_none_of_a_minute() -> None:
    assert told(ratelimit='"d";r=50;t=30', ratelimit_policy='"d";q=100;w=3600') == Told(None, 50, 30.0)
    day = {"x_ratelimit_limit_requests": "14400", "x_ratelimit_remaining_requests": "14399"}
    assert told(**day, x_ratelimit_reset_requests="2m6s") == Told(None, 14399, 126.0)


@pytest.mark.parametrize("value", ["", "0", "-5", "many", "1e3", "99999999999", "6.5", "٦٠"])
def test_a_limit_that_is_none_is_passed_over(value: str) -> None:
    assert told(x_ratelimit_limit=value) is None
    assert told(x_ratelimit_limit=value, x_ratelimit_remaining="7") == Told(None, 7, None)


def test_more_left_than_there_is_makes_no_sense() -> None:
    assert told(x_ratelimit_limit="60", x_ratelimit_remaining="61") == Told(60, None, None)


def test_the_servers_own_clock_counts() -> None:
    given = {"x_ratelimit_limit": "60", "x_ratelimit_reset": "1696001197"}  # an hour ago by ours
    assert told(**given, date="Fri, 29 Sep 2023 15:26:07 GMT") == Told(60, None, 30.0)
    assert told(**given, date="Fri, 29 Sep 2023 25:26:07 GMT") == Told(60, None, 0.0)


def test_no_headers_say_nothing() -> None:
    assert told() is None
    assert told(x_request_id="7", content_type="text/plain") is None


@given(st.dictionaries(st.sampled_from(
    ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-ratelimit-limit-requests",
     "x-ratelimit-reset-requests", "ratelimit", "ratelimit-policy", "anthropic-ratelimit-requests-reset", "date"]
), st.text(max_size=40) | st.integers().map(str) | st.floats().map(str)))  # fmt: skip
def test_nothing_a_server_writes_is_an_error(headers: dict[str, str]) -> None:
    found = read_rate(headers, NOW)
    if found is not None:
        assert found.limit is None or found.limit >= 1
        assert found.remaining is None or found.remaining >= 0
        assert found.reset_s is None or found.reset_s >= 0
