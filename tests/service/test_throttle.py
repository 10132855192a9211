"""Guessing is slowed, whoever guesses; nobody else waits for it."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest

from cds_service.service.throttle import FORGOTTEN_AFTER, FREE_TRIES, LONGEST_WAIT, WrongTries, address_of


class Tries:
    """Tries at a time that is set."""

    def __init__(self, capacity: int = 10_000) -> None:
        self.at = 0.0
        self.tries = WrongTries(lambda: self.at, capacity)

    def wrong(self, address: str, account: str = "", times: int = 1) -> float | None:
        return [self.tries.attempt(lambda: False, address, account) for _ in range(times)][-1]

    def right(self, address: str, account: str = "") -> float | None:
        return self.tries.attempt(lambda: True, address, account)


def test_an_address_waits_after_five_wrong_tries_ever_longer_up_to_a_minute() -> None:
    made, waits = Tries(), []
    for _ in range(FREE_TRIES + 8):
        assert made.wrong("a") == 0.0
        waits.append(made.right("a") if len(waits) >= FREE_TRIES - 1 else 0.0)
        made.at += waits[-1] or 0.0
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT]
    assert made.right("a") is None
    assert made.wrong("a", times=FREE_TRIES) == 0.0, "a right one ends the row"


def test_who_guesses_from_one_address_slows_neither_other_addresses_nor_other_accounts() -> None:
    made = Tries()
    made.wrong("a", "ada", times=FREE_TRIES)
    assert made.right("b", "bert") is None
    assert made.right("b") is None
    assert made.right("a", "bert") == 1.0, "the address itself waits, whatever account it tries next"


def test_an_account_that_is_guessed_at_from_many_addresses_waits_but_not_where_it_was_right_before() -> None:
    made = Tries()
    assert made.right("home", "ada") is None
    for number in range(FREE_TRIES):
        made.wrong(f"stranger-{number}", "ada")
    assert made.wrong("stranger-99", "ada") == 1.0
    assert made.right("home", "ada") is None
    made.wrong("home", "ada", times=FREE_TRIES)
    assert made.right("home", "ada") == 1.0, "guessing there is slowed as anywhere"
    assert made.right("home", "bert") is None


def test_of_many_tries_at_once_no_more_are_judged_than_one_after_another() -> None:
    made, barrier, judged = Tries(), Barrier(FREE_TRIES + 1, timeout=10), []

    def wrong() -> bool:
        judged.append(1)
        barrier.wait()  # all are under way
        return False

    threads = [Thread(target=made.tries.attempt, args=(wrong, "a", "ada")) for _ in range(FREE_TRIES)]
    for thread in threads:
        thread.start()
    barrier.wait()
    for thread in threads:
        thread.join()
    assert made.wrong("a", "ada") == 1.0
    assert len(judged) == FREE_TRIES


def test_wrong_tries_are_forgotten_after_an_hour_and_memory_is_bounded() -> None:
    made = Tries(capacity=100)
    made.wrong("a", times=FREE_TRIES + 1)
    made.at = FORGOTTEN_AFTER
    made.wrong("a", times=FREE_TRIES)
    assert made.wrong("a") == 1.0
    for number in range(1000):
        made.wrong(f"stranger-{number}", f"name-{number}")
        made.right(f"member-{number}", f"member-{number}")
    assert len(made.tries._rows) <= 100
    assert len(made.tries._at_home) <= 100


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ({"REMOTE_ADDR": "10.0.0.1"}, {"REMOTE_ADDR": "10.0.0.2"}, False),
        ({"REMOTE_ADDR": "2001:db8::1"}, {"REMOTE_ADDR": "2001:db8::ffff:2"}, True),
        ({"REMOTE_ADDR": "2001:db8::1"}, {"REMOTE_ADDR": "2001:db8:0:1::1"}, False),
        (
            {"REMOTE_ADDR": "proxy", "HTTP_X_FORWARDED_FOR": "192.0.2.1"},
            {"REMOTE_ADDR": "proxy", "HTTP_X_FORWARDED_FOR": "192.0.2.2"},
            False,
        ),
        (  # what a client wrote stands before what the proxy adds
            {"REMOTE_ADDR": "proxy", "HTTP_X_FORWARDED_FOR": "one, 192.0.2.1"},
            {"REMOTE_ADDR": "proxy", "HTTP_X_FORWARDED_FOR": "another,192.0.2.1"},
            True,
        ),
        (  # past the proxy: another's address is written, and still not his
            {"REMOTE_ADDR": "10.0.0.9", "HTTP_X_FORWARDED_FOR": "192.0.2.1"},
            {"REMOTE_ADDR": "proxy", "HTTP_X_FORWARDED_FOR": "192.0.2.1"},
            False,
        ),
        ({}, {"REMOTE_ADDR": ""}, True),
        ({"HTTP_X_FORWARDED_FOR": "x" * 64}, {"HTTP_X_FORWARDED_FOR": "x" * 9999}, True),
    ],
)
def test_who_is_the_same_address(one: dict[str, str], other: dict[str, str], alike: bool) -> None:
    assert (address_of(one) == address_of(other)) is alike
