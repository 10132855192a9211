"""The letters that a pattern needs never keep a match from being found."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.terminology.triggers import triggers

PATTERNS = (
    r"\b(bone|bony|osseous) (mets\b|metasta)",
    r"cannon ?-?ball",
    r"saddle (an(a)?esthesia|numbness)",
    r"(?<!umbilical )(spinal )?cord compression",
    r"mr(i)? (of )?(the )?(whole|total) spine",
    r"\bx{2,3}y\b",
    r"[ab]c|d.e",
)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (r"cannon ?-?ball", {"cannon"}),
        (r"spinal|vertebral", {"spinal", "vertebral"}),
        (r"(spinal )?cord", {"cord"}),
        (r"BONE", {"bone"}),
        (r"\d+", set()),
        (r"bone|\d", set()),
        (r"(an(a)?esthesia)", {"esthesia"}),
    ],
)
def test_the_longest_letters_that_must_occur_are_found(pattern: str, found: set[str]) -> None:
    assert triggers(pattern) == found


@pytest.mark.parametrize("pattern", PATTERNS)
@given(data=st.data())
def test_whatever_a_pattern_matches_holds_one_of_its_triggers(pattern: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(re.compile(pattern, re.IGNORECASE | re.ASCII)))
    needed = triggers(pattern)
    assert not needed or any(trigger in text.lower() for trigger in needed)
