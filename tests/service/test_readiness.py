"""Readiness fails when calls fail, and only then."""

from __future__ import annotations

import pytest

from cds_service.service.readiness import Readiness, RecentCalls


class Clock:
    at = 0.0

    def __call__(self) -> float:
        return self.at


def ended(*statuses: int) -> RecentCalls:
    calls = RecentCalls(Clock())
    for status in statuses:
        calls.record(status)
    return calls


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        ([], "ready"),
        ([200] * 3, "ready"),
        ([500] * 4, "ready"),
        ([500] * 5, "failing"),
        ([500] * 5 + [200] * 5, "ready"),
        ([500] * 6 + [200] * 5, "failing"),
        ([400] * 50, "ready"),  # the clients' fault
        ([503] * 19, "ready"),
        ([503] * 20, "failing"),
        ([503] * 100 + [200], "ready"),  # overloaded: fewer nodes would be worse
        ([503] * 100 + [500] * 5 + [200] * 4, "failing"),
    ],
)
def test_a_worker_fails_when_most_of_its_calls_do(statuses: list[int], state: str) -> None:
    assert Readiness(ended(*statuses)).now()[0] == state


def test_a_worker_that_got_no_calls_for_half_a_minute_is_tried_again() -> None:
    clock = Clock()
    calls = RecentCalls(clock)
    for _ in range(5):
        calls.record(500)
    clock.at = 30.0
    assert calls.trouble
    clock.at = 30.1
    assert not calls.trouble


def test_what_is_lost_beside_the_calls_degrades_only() -> None:
    state, checks = Readiness(ended(200), lambda: {"store": "OperationalError"}).now()
    assert state == "degraded"
    assert checks == {"store": "OperationalError", "calls": "ok"}
