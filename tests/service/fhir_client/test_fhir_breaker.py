"""A server that fails call after call is left alone for a while."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from cds_service.service.breaker import Breaker, Breakers


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def a_breaker(clock: Clock, failures: int = 3) -> Breaker:
    return Breaker(failures_to_open=failures, pause_s=10, clock=clock)


def opened(clock: Clock) -> Breaker:
    breaker = a_breaker(clock)
    for _ in range(3):
        assert breaker.admits()
        breaker.record(well=False)
    return breaker


def test_it_opens_at_the_third_failure_in_a_row() -> None:
    clock = Clock()
    breaker = a_breaker(clock)
    breaker.record(well=False)
    breaker.record(well=False)
    assert breaker.admits()
    breaker.record(well=False)
    assert breaker.state == "open"
    assert not breaker.admits()


def test_a_good_call_between_starts_the_count_anew() -> None:
    breaker = a_breaker(Clock())
    for well in (False, False, True, False, False):
        breaker.record(well=well)
    assert breaker.state == "closed"


def test_after_the_pause_one_call_is_let_through_and_only_one() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 9.9
    assert not breaker.admits()
    clock.now += 0.2
    assert breaker.state == "half-open"
    assert [breaker.admits() for _ in range(3)] == [True, False, False]


def test_a_good_trial_closes_it() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 11
    assert breaker.admits()
    breaker.record(well=True)
    assert breaker.state == "closed"
    assert breaker.admits()


def test_a_bad_trial_opens_it_for_another_rest() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 11
    assert breaker.admits()
    breaker.record(well=False)
    assert breaker.state == "open"
    clock.now += 9.9
    assert not breaker.admits()
    clock.now += 0.2
    assert breaker.admits()


def test_a_trial_that_never_reports_does_not_shut_the_server_out_for_ever() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 11
    assert breaker.admits()
    assert not breaker.admits()
    clock.now += 11
    assert breaker.admits()


def test_many_threads_get_one_trial_between_them() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 11
    with ThreadPoolExecutor(16) as threads:
        admitted = list(threads.map(lambda _: breaker.admits(), range(200)))
    assert sum(admitted) == 1


def test_each_server_has_its_own() -> None:
    breakers = Breakers(failures_to_open=1, pause_s=10, clock=Clock())
    breakers.of("https://a.example").record(well=False)
    assert breakers.of("https://b.example").admits()
    assert breakers.states() == {"https://a.example": "open", "https://b.example": "closed"}
