"""When failures or rates of a knowledge version on trial leave their band."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from cds_service.service.canary_band import Tally, out_of_band
from cds_service.service.canary_record import Terms


def tally(calls: int, failed: int = 0, **cards: int) -> Tally:
    return Tally(calls, failed, Counter(cards))


@pytest.mark.parametrize(
    ("tried", "elsewhere", "left"),
    [
        (tally(100, 2), tally(900, 0), False),
        (tally(100, 3), tally(900, 0), True),
        (tally(3, 3), tally(0, 0), True),
        (tally(100, 20), tally(100, 10), False),  # exactly twice as often
        (tally(100, 21), tally(100, 10), True),
        (tally(100, 20), tally(101, 10), True),
    ],
)
def test_failures_leave_the_band_when_they_are_three_and_more_than_twice_as_many(
    tried: Tally, elsewhere: Tally, left: bool
) -> None:
    assert bool(out_of_band(tried, elsewhere, Terms(10, 24))) is left


@pytest.mark.parametrize(
    ("tried", "elsewhere", "left"),
    [
        (tally(200, oxygen=40), tally(200, oxygen=20), False),  # exactly twice as often
        (tally(200, oxygen=41), tally(200, oxygen=20), True),
        (tally(200, oxygen=40), tally(201, oxygen=20), True),
        (tally(199, oxygen=90), tally(200, oxygen=20), False),  # too few calls
        (tally(200, oxygen=90), tally(199, oxygen=20), False),
        (tally(200, oxygen=20), tally(200, oxygen=40), False),  # exactly half as often
        (tally(200, oxygen=19), tally(200, oxygen=40), True),
        (tally(200, oxygen=0), tally(200, oxygen=8), False),  # within chance
        (tally(200, oxygen=0), tally(200, oxygen=9), True),
        (tally(200, oxygen=4), tally(2000), False),
        (tally(200, oxygen=5), tally(2000), True),
        (tally(200, oxygen=6), tally(2000, oxygen=20), False),  # of two expected, six are within chance
        (tally(200, oxygen=7), tally(2000, oxygen=20), True),
    ],
)
def test_a_rate_leaves_the_band_beyond_chance_and_twice_and_after_enough_calls(
    tried: Tally, elsewhere: Tally, left: bool
) -> None:
    said = out_of_band(tried, elsewhere, Terms(10, 24))
    assert bool(said) is left
    assert said.startswith("oxygen is due") is left
    assert not out_of_band(tried, elsewhere, Terms(10, 24, expected=("oxygen",)))


@pytest.mark.parametrize(
    "wrong",
    [{"share": 0}, {"share": 100.1}, {"share": float("nan")}, {"hours": 0}, {"hours": 1e9}, {"band": 1}, {"calls": 0}],
)
def test_terms_that_make_no_canary_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Terms(**{"share": 10, "hours": 24, **wrong})
