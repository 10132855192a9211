"""No client, and no set of clients, takes another's place; each has its minute's share."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.service.quotas import Quota
from cds_service.service.shares import NoPlace, Shares


def taken(shares: Shares, stack: ExitStack, client: str, amount: int = 1) -> bool:
    try:
        stack.enter_context(shares.held(client, amount))
    except NoPlace:
        return False
    return True


@given(
    st.integers(1, 40),
    st.integers(1, 8),
    st.lists(st.tuples(st.integers(0, 7), st.integers(1, 3)), max_size=80),
)
def test_whatever_others_hold_a_client_that_holds_nothing_gets_a_place(
    places: int, clients: int, wanted: list[tuple[int, int]]
) -> None:
    shares = Shares.divided(places, clients)
    shares._patience = 0
    assert shares.common + clients * shares.own in {
        places,
        clients,
    }  # the second when there are more clients than places
    with ExitStack() as stack:
        held = sum(amount for client, amount in wanted if taken(shares, stack, f"client {client % clients}", amount))
        assert held <= max(places, clients)
        for client in range(clients):
            if not shares._used.get(f"client {client}"):
                assert taken(shares, stack, f"client {client}")
    assert not shares._used
    assert shares._beyond == 0


def test_one_client_alone_may_hold_all_but_what_the_others_own() -> None:
    shares = Shares.divided(32, 2)
    shares._patience = 0
    with ExitStack() as stack:
        assert sum(taken(shares, stack, "greedy") for _ in range(100)) == 24
        assert sum(taken(shares, stack, "other") for _ in range(100)) == 8


def test_a_place_that_comes_free_is_given_to_who_waits() -> None:
    shares = Shares(1, 0, patience=5)
    with shares.held("one"):
        pass
    with shares.held("two"):
        pass


def test_more_bytes_than_there_are_never_fit() -> None:
    shares = Shares(100, 10, patience=0)
    with pytest.raises(NoPlace), shares.held("one", 111):
        pass
    with shares.held("one", 110):
        pass


class Clock:
    at = 0.0

    def __call__(self) -> float:
        return self.at


def test_a_quota_fills_in_a_minute_and_says_when_to_come_again() -> None:
    clock = Clock()
    quota = Quota(60, clock)
    assert [quota.take("one") for _ in range(61)] == [0] * 60 + [1]
    assert quota.take("another") == 0
    assert quota.take("one", 30) == 30
    clock.at = 30
    assert quota.take("one", 30) == 0
    assert quota.take("one") == 1
    clock.at = 1000
    assert quota.take("one", 60) == 0
    assert quota.take("one", 61) > 0


def test_no_quota_is_no_bound() -> None:
    quota = Quota(0)
    assert {quota.take("one", 10**9) for _ in range(100)} == {0}


def test_nothing_may_be_held_and_given_back() -> None:
    shares = Shares(1, 1)
    with shares.held("one", 0):
        pass
    with shares.held("one"):
        pass
