"""When a failed request is sent again: the cases are those of the official OpenAI clients' tests, with a cap of 120 s."""

from __future__ import annotations

from statistics import mean

import pytest

from plugsky_tui.providers.retry import asked_wait, backoff, is_final, should_retry, wait_before_retry

NOW = 1696004797.0  # Fri, 29 Sep 2023 16:26:37 GMT


def wait(headers: dict[str, str], failures: int = 1, random: float = 1.0) -> float | None:
    return wait_before_retry(headers, failures, now=NOW, random=lambda: random)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("20", 20),
        ("60", 60),
        ("61", 61),
        ("120", 120),
        ("1.5", 1.5),
        ("121", None),
        ("3600", None),
        ("0", 0.5),
        ("-10", 0.5),
        ("inf", 0.5),
        ("nan", 0.5),
        ("9" * 400, 0.5),
        ("9" * 35, 0.5),
        ("", 0.5),
        ("soon", 0.5),
        ("Fri, 29 Sep 2023 16:26:57 GMT", 20),
        ("Fri, 29 Sep 2023 16:26:37 GMT", 0.5),
        ("Fri, 29 Sep 2023 16:26:27 GMT", 0.5),
        ("Fri, 29 Sep 2023 16:27:37 GMT", 60),
        ("Fri, 29 Sep 2023 16:27:38 GMT", 61),
        ("Fri, 29 Sep 2023 16:28:37 GMT", 120),
        ("Fri, 29 Sep 2023 16:28:38 GMT", None),
        ("Zun, 29 Sep 2023 16:26:27 GMT", 0.5),
        ("Fri, 29 Sep 100000 16:26:27 GMT", 0.5),
    ],
)
def test_what_the_server_asks_to_wait_is_kept_to_up_to_two_minutes(value: str, seconds: float | None) -> None:
    assert wait({"retry-after": value}) == seconds


def test_milliseconds_come_before_seconds() -> None:
    assert wait({"retry-after-ms": "1500", "retry-after": "60"}) == 1.5
    assert wait({"retry-after-ms": "120000"}) == 120
    assert wait({"retry-after-ms": "120001"}) is None
    assert wait({"retry-after-ms": "x", "retry-after": "7"}) == 7
    assert asked_wait({}, NOW) is None


def test_the_wait_doubles_from_half_a_second_to_eight() -> None:
    assert [backoff(failures) for failures in range(1, 8)] == [0.5, 1, 2, 4, 8, 8, 8]
    assert backoff(100_000) == 8


def test_clients_turned_away_together_do_not_come_back_together() -> None:
    import random

    waits = [wait_before_retry({}, 3, now=NOW, random=random.random) or 0.0 for _ in range(50)]
    assert all(0 <= seconds <= 2 for seconds in waits)
    assert (max(waits) - min(waits)) / mean(waits) > 0.2


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 529])
def test_these_are_retried_unless_the_server_says_no(status: int) -> None:
    assert should_retry(status, {})
    assert not should_retry(status, {"x-should-retry": "false"})


@pytest.mark.parametrize("status", [301, 400, 401, 402, 403, 404, 409, 413, 422, 501])
def test_these_are_not_retried_unless_the_server_says_yes(status: int) -> None:
    assert not should_retry(status, {})
    assert should_retry(status, {"x-should-retry": "true"})


def test_an_empty_account_is_never_retried() -> None:
    assert is_final("insufficient_quota")
    assert not should_retry(429, {}, "insufficient_quota")
    assert not should_retry(429, {"x-should-retry": "true"}, "insufficient_quota")
