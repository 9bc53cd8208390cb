"""Requests of one account take turns: by the minute, by how many run at a time, and by what the server says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from plugsky_tui.providers import rate_memory
from plugsky_tui.providers.pacer import Pacer, Rate, Turn, Wait
from plugsky_tui.providers.pacers import Pacers
from plugsky_tui.providers.rate_headers import Told
from plugsky_tui.providers.rate_memory import FILE, load


class Timer:
    def __init__(self, at: float, call: Callable[[], None]) -> None:
        self.at = at
        self.call = call
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.timers: list[Timer] = []

    def now(self) -> float:
        return self.time

    def later(self, seconds: float, call: Callable[[], None]) -> Timer:
        self.timers.append(Timer(self.time + seconds, call))
        return self.timers[-1]

    def pending(self) -> list[Timer]:
        return [timer for timer in self.timers if not timer.cancelled]

    def advance(self, seconds: float) -> None:
        end = self.time + seconds
        while due := [timer for timer in self.pending() if timer.at <= end]:
            first = min(due, key=lambda timer: timer.at)
            first.cancelled = True
            self.time = max(self.time, first.at)
            first.call()
        self.time = end


@pytest.fixture
def clock() -> Clock:
    return Clock()


def begun(turns: list[Turn]) -> int:
    return sum(turn.begun for turn in turns)


def done(turn: Turn, told: Told | None = None, status: int = 200, asked_s: float | None = None) -> None:
    turn.sent = True
    turn.answered(status, told, asked_s)
    turn.leave()


# --- by the minute --------------------------------------------------------------------------------


def test_without_a_known_limit_nothing_waits(clock: Clock) -> None:
    pacer = Pacer(clock=clock)
    assert begun([pacer.queue() for _ in range(500)]) == 500
    assert clock.pending() == []
    assert pacer.rate() == Rate(500, None)


def test_a_burst_goes_at_once_and_what_is_beyond_the_limit_waits_for_the_minute_to_end(clock: Clock) -> None:
    pacer = Pacer(rpm=10, clock=clock)
    turns = [pacer.queue() for _ in range(25)]
    assert begun(turns) == 10
    assert turns[10].wait == Wait("rpm", 61.0)
    assert turns[20].wait == Wait("rpm", 121.0)
    clock.advance(60.9)
    assert begun(turns) == 10
    clock.advance(0.2)
    assert begun(turns) == 20
    clock.advance(61)
    assert begun(turns) == 25
    assert clock.pending() == []


def test_the_minute_slides(clock: Clock) -> None:
    pacer = Pacer(rpm=2, clock=clock)
    first = pacer.queue()
    clock.advance(30)
    second, third, fourth = pacer.queue(), pacer.queue(), pacer.queue()
    assert [turn.begun for turn in (first, second, third, fourth)] == [True, True, False, False]
    clock.advance(31.1)
    assert (third.begun, fourth.begun) == (True, False)
    assert fourth.wait == Wait("rpm", pytest.approx(29.9))
    assert pacer.rate() == Rate(2, 2)


def test_who_asked_first_goes_first_also_when_sent_back(clock: Clock) -> None:
    pacer = Pacer(concurrency=1, clock=clock)
    early = pacer.queue()
    clock.advance(1)
    late = [pacer.queue() for _ in range(3)]
    early.leave()
    assert [turn.begun for turn in late] == [True, False, False]
    again = pacer.queue(early.since)
    late[0].leave()
    assert again.begun
    assert begun(late[1:]) == 0
    again.leave()
    assert [turn.begun for turn in late[1:]] == [True, False]


def test_a_waiter_that_gives_up_leaves_its_place_to_the_next(clock: Clock) -> None:
    pacer = Pacer(rpm=1, clock=clock)
    pacer.queue()
    second, third = pacer.queue(), pacer.queue()
    assert third.wait == Wait("rpm", 121.0)
    second.leave()
    assert third.wait == Wait("rpm", 61.0)
    third.leave()
    assert (pacer.waiting, clock.pending()) == (0, [])


def test_a_request_that_was_never_sent_does_not_count(clock: Clock) -> None:
    pacer = Pacer(rpm=1, clock=clock)
    first, second = pacer.queue(), pacer.queue()
    first.leave()
    assert second.begun
    assert pacer.rate().used == 1


def test_a_limit_of_none_a_minute_turns_pacing_off(clock: Clock) -> None:
    pacer = Pacer(rpm=0, clock=clock)
    done(pacer.queue(), Told(60, 0, 30.0))
    assert begun([pacer.queue() for _ in range(100)]) == 100


# --- what the server says -------------------------------------------------------------------------


def test_the_limit_is_learned_from_the_first_answer(clock: Clock) -> None:
    pacer = Pacer(clock=clock)
    done(pacer.queue(), Told(5, 4, 60.0))
    turns = [pacer.queue() for _ in range(6)]
    assert begun(turns) == 4
    assert turns[4].wait == Wait("rpm", 60.0)
    assert pacer.rate() == Rate(5, 5)


def test_what_others_use_of_the_same_key_shows_in_what_remains(clock: Clock) -> None:
    pacer = Pacer(clock=clock)
    done(pacer.queue(), Told(60, 2, 12.0))
    assert pacer.rate() == Rate(58, 60)
    turns = [pacer.queue() for _ in range(3)]
    assert begun(turns) == 2
    assert turns[2].wait == Wait("rpm", 12.0)


@pytest.mark.parametrize(("left", "then"), [(0, 1), (1, 2), (59, 10)])
def test_after_the_reset_one_request_finds_out_what_there_is(clock: Clock, left: int, then: int) -> None:
    pacer = Pacer(clock=clock)
    done(pacer.queue(), Told(60, 0, 12.0))
    turns = [pacer.queue() for _ in range(10)]
    assert begun(turns) == 0
    clock.advance(12)
    assert begun(turns) == 1
    turns[0].answered(200, Told(60, left, 5.0))
    assert begun(turns) == then


def test_an_answer_without_headers_does_not_hold_the_rest_up(clock: Clock) -> None:
    pacer = Pacer(clock=clock)
    done(pacer.queue(), Told(60, 0, 1.0))
    turns = [pacer.queue() for _ in range(3)]
    clock.advance(1)
    for turn in turns:
        assert turn.begun
        turn.leave()


def test_answers_that_come_out_of_order_do_not_make_room(clock: Clock) -> None:
    pacer = Pacer(clock=clock)
    first, second = pacer.queue(), pacer.queue()
    done(second, Told(60, 0, 30.0))
    done(first, Told(60, 50, 30.0))
    assert not pacer.queue().begun


def test_requests_on_their_way_count_against_what_remains(clock: Clock) -> None:
    pacer = Pacer(limit=60, clock=clock)
    on_their_way = [pacer.queue() for _ in range(5)]
    on_their_way[0].answered(200, Told(60, 6, 30.0))
    assert begun([pacer.queue() for _ in range(4)]) == 2


def test_a_server_whose_minute_is_shorter_is_believed(clock: Clock) -> None:
    pacer = Pacer(clock=clock)
    for _ in range(30):
        turn = pacer.queue()
        assert turn.begun
        done(turn, Told(10, 9, 1.0))
        clock.advance(0.5)


def test_nobody_waits_long_for_a_reset_that_is_hours_away(clock: Clock) -> None:
    pacer = Pacer(clock=clock)
    done(pacer.queue(), Told(None, 0, 7200.0))
    assert pacer.queue().begun  # the server's refusal says it better


def test_a_word_of_long_ago_does_not_count(clock: Clock) -> None:
    pacer = Pacer(clock=clock)
    done(pacer.queue(), Told(5, 3, 20.0))
    clock.advance(90)
    turns = [pacer.queue() for _ in range(6)]
    assert begun(turns) == 5
    assert pacer.rate() == Rate(5, 5)


def test_a_set_limit_counts_instead_of_the_learned_one(clock: Clock) -> None:
    pacer = Pacer(rpm=3, clock=clock)
    done(pacer.queue(), Told(60, 59, 60.0))
    assert begun([pacer.queue() for _ in range(5)]) == 2
    assert pacer.rate() == Rate(3, 3)


# --- refusals -------------------------------------------------------------------------------------


def test_after_a_429_all_wait_as_long_as_the_server_asks(clock: Clock) -> None:
    pacer = Pacer(clock=clock)
    done(pacer.queue(), status=429, asked_s=7.0)
    turns = [pacer.queue() for _ in range(2)]
    assert begun(turns) == 0
    assert turns[0].wait == Wait("asked", 7.0)
    clock.advance(7)
    assert turns[0].begun


def test_a_wait_beyond_two_minutes_is_for_people_to_decide(clock: Clock) -> None:
    pacer = Pacer(clock=clock)
    done(pacer.queue(), status=429, asked_s=600.0)
    assert pacer.queue().begun


def test_after_a_429_half_as_many_run_side_by_side_and_more_with_each_success(clock: Clock) -> None:
    pacer = Pacer(clock=clock)
    running = [pacer.queue() for _ in range(8)]
    for turn in running:  # turned away together: that counts once
        turn.answered(429, None)
    for turn in running:
        turn.leave()
    turns = [pacer.queue() for _ in range(20)]
    assert begun(turns) == 4
    for turn in turns[:4]:
        turn.answered(200, None)
    assert begun(turns) == 4
    turns[0].answered(200, None)
    assert begun(turns) == 5
    turns[0].leave()
    assert begun(turns) == 6


def test_alone_one_always_may(clock: Clock) -> None:
    pacer = Pacer(clock=clock)
    for _ in range(5):
        turn = pacer.queue()
        assert turn.begun
        done(turn, status=429)
    assert pacer.queue().begun
    assert not pacer.queue().begun


def test_a_spent_minute_says_nothing_of_how_many_may_run_at_a_time(clock: Clock) -> None:
    pacer = Pacer(clock=clock)
    running = [pacer.queue() for _ in range(8)]
    for turn in running:
        done(turn, Told(60, 0, 10.0), 429, 10.0)
    clock.advance(10)
    probe = pacer.queue()
    done(probe, Told(60, 60, 0.0))
    assert begun([pacer.queue() for _ in range(8)]) == 8


def test_no_more_run_at_a_time_than_was_set(clock: Clock) -> None:
    pacer = Pacer(concurrency=2, clock=clock)
    turns = [pacer.queue() for _ in range(4)]
    assert begun(turns) == 2
    assert turns[2].wait == Wait("concurrency", None)
    turns[1].leave()
    turns[1].leave()  # twice is once
    assert begun(turns) == 3


# --- in a running loop ----------------------------------------------------------------------------


async def test_waiting_ends_when_it_may_or_after_a_while() -> None:
    pacer = Pacer(concurrency=1)
    first, second = pacer.queue(), pacer.queue()
    assert await first.granted()
    assert not await second.granted(0.01)
    waiting = asyncio.create_task(second.granted())
    await asyncio.sleep(0)
    first.leave()
    assert await waiting


async def test_the_clock_alone_lets_the_next_one_go() -> None:
    pacer = Pacer()
    turn = pacer.queue()
    done(turn, status=429, asked_s=0.05)
    assert await asyncio.wait_for(pacer.queue().granted(), 2)


async def test_a_waiter_that_is_cancelled_is_gone() -> None:
    pacer = Pacer(concurrency=1)
    pacer.queue()

    async def wait() -> None:
        turn = pacer.queue()
        try:
            await turn.granted()
        finally:
            turn.leave()

    task = asyncio.create_task(wait())
    await asyncio.sleep(0.01)
    assert pacer.waiting == 1
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert pacer.waiting == 0


# --- accounts, and what is remembered of them -----------------------------------------------------


def test_an_account_is_a_server_and_a_key() -> None:
    pacers = Pacers()
    assert pacers.of("a.test", "k1") is pacers.of("a.test", "k1") is pacers.of("A.test", "k1")
    assert len({id(pacers.of(host, key)) for host in ("a.test", "b.test") for key in ("k1", "k2")}) == 4


async def test_the_next_process_knows_the_limit_and_what_was_left_a_moment_ago(tmp_path: Path) -> None:
    pacers = Pacers(lambda: tmp_path)
    done(pacers.of("a.test", "psk_live_secret").queue(), Told(60, 1, 40.0))
    pacers.settle()
    (known,) = load(tmp_path).values()
    assert (known.host, known.limit, known.remaining) == ("a.test", 60, 1)
    text = (tmp_path / FILE).read_text()
    assert "secret" not in text
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    again = Pacers(lambda: tmp_path).of("a.test", "psk_live_secret")
    assert again.rate() == Rate(59, 60)
    assert again.queue().begun
    waiting = again.queue()
    assert waiting.wait is not None and 30 < (waiting.wait.seconds or 0) <= 40  # for the reset
    waiting.leave()
    assert Pacers(lambda: tmp_path).of("a.test", "psk_live_other").limit is None


def test_accounts_of_other_processes_stay_remembered(tmp_path: Path) -> None:
    for key in ("k1", "k2"):
        pacers = Pacers(lambda: tmp_path)
        done(pacers.of("a.test", key).queue(), Told(60, 1, 40.0))
        pacers.save()
    assert len(load(tmp_path)) == 2


def test_it_is_written_when_a_limit_changes_and_else_now_and_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pacers = Pacers(lambda: tmp_path)
    pacer = pacers.of("a.test", "k")
    written = []
    monkeypatch.setattr(rate_memory, "save", lambda folder, known: written.append(known))
    for remaining in range(9, 0, -1):
        done(pacer.queue(), Told(10, remaining, 40.0))
        pacers.settle()
    assert len(written) == 1
    done(pacer.queue(), Told(20, 8, 40.0))
    pacers.settle()
    assert len(written) == 2
    pacers.save()
    assert len(written) == 2  # nothing new
    done(pacer.queue(), Told(20, 7, 40.0))
    pacers.save()
    assert len(written) == 3


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"{}", b"null", b'{"v": 1}', b'{"v": 1, "accounts": 7}', b'{"v": 1, "accounts": [{}]}', b"\xff",
        b'{"v": 1, "accounts": [{"account": "a", "host": "h", "at": "x", "limit": 1}]}', b"[" * 100_000,
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_forgotten(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert load(tmp_path) == {}
    assert Pacers(lambda: tmp_path).of("a.test", "k").limit is None


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    pacers = Pacers(lambda: tmp_path / "file")
    done(pacers.of("a.test", "k").queue(), Told(60, 1, 40.0))
    pacers.save()
