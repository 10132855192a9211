"""The letters that a pattern needs never keep a match from being found."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.terminology.triggers import TriggerIndex, triggers

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
        (r"cannon ?-?ball", [{"cannon"}, {"ball"}]),
        (r"spinal|vertebral", [{"spinal", "vertebral"}]),
        (r"(spinal )?cord", [{"cord"}]),
        (r"BONE", [{"bone"}]),
        (r"\d+", []),
        (r"bone|\d", []),
        (r"(an(a)?esthesia)", [{"esthesia"}, {"an"}]),
        (r"\b(bone|spine) (metasta|deposit)", [{"metasta", "deposit"}, {"bone", "spine"}]),
    ],
)
def test_the_letters_that_must_occur_are_found_the_most_telling_first(pattern: str, found: list[set[str]]) -> None:
    assert [set(group) for group in triggers(pattern)] == found


MATCHES = {pattern: st.from_regex(re.compile(pattern, re.IGNORECASE | re.ASCII)) for pattern in PATTERNS}


@pytest.mark.parametrize("pattern", PATTERNS)
@given(data=st.data())
def test_whatever_a_pattern_matches_holds_one_of_each_group_of_triggers(pattern: str, data: st.DataObject) -> None:
    text = data.draw(MATCHES[pattern]).lower()
    assert all(any(trigger in text for trigger in group) for group in triggers(pattern))


def test_an_index_gives_the_things_whose_every_group_is_there_in_their_order() -> None:
    patterns = [r"liver\b.*cancer", r"\d", r"lung (cancer|mets)", r"lung\b.*mets"]
    index = TriggerIndex((pattern, triggers(pattern)) for pattern in patterns)
    assert index.of("liver and lung metastasis, no cancer") == [r"liver\b.*cancer", r"\d", r"lung (cancer|mets)"]
    assert index.of("lung mets") == [r"\d", r"lung (cancer|mets)", r"lung\b.*mets"]
    assert index.of("") == [r"\d"]


@pytest.mark.parametrize("pattern", [r"(unclosed", r"(?<=a|bc)d", r"x(?<!a+)"])
def test_what_could_not_be_compiled_is_refused_at_once(pattern: str) -> None:
    with pytest.raises(re.error):
        triggers(pattern)
