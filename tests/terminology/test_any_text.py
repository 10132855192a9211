"""What holds of any text: it is read in time, and a cue reaches no further than its sentence."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.terminology.readings import METASTASES, read_words


@pytest.mark.parametrize(
    "unit",
    [
        "no bone metastases ",
        "no bone metastases,",
        "?bone metastases ",
        "denies a or b or bone metastases or ",
        "no\nbone metastases\n",
        "((((no bone metastases",
        "cannot cannot not not be bone metastases not not not ",
        "no " + "a" * 400 + " bone metastases ",
        "no" + " " * 900 + "bone metastases ",
        "bone metastases" + "?" * 500,
        "no no no no without without no ",
        "a" * 1_000,
    ],
)
def test_a_hundred_kilobytes_are_read_in_a_moment(unit: str) -> None:
    text = (unit * (100_000 // len(unit) + 1))[:100_000]
    started = time.thread_time()
    read_words(text, METASTASES)
    assert time.thread_time() - started < 3


_PIECES = ["bone mets", "no", "denies", "h/o", "family history", "?", ".", ",", "(", ")", "-", " ", "\n", "’", "İ", "ß"]


@given(st.lists(st.sampled_from(_PIECES)).map("".join))
def test_any_text_reads_as_something_or_nothing(text: str) -> None:
    reading = read_words(text, METASTASES)
    assert (reading is None) == (METASTASES.search(text) is None)


_FILLER = st.text(alphabet="bgklmqvxz ", max_size=60)  # without letters that make a cue or an abbreviation: "dd", "cf."


@given(_FILLER, _FILLER)
def test_words_among_meaningless_ones_are_affirmed(before: str, after: str) -> None:
    assert read_words(f"{before} bone metastases {after}", METASTASES) == "affirmed"


@given(
    _FILLER, st.sampled_from(["no", "denies", "without", "no evidence of", "negative for", "r/o", "not", "absence of"])
)
def test_a_cue_right_before_the_words_denies_them_after_any_sentence(sentence: str, cue: str) -> None:
    assert read_words(f"{sentence}. {cue} bone metastases.", METASTASES) == "denied"


@given(
    st.sampled_from(["No cord compression", "Denies pain", "No evidence of fracture", "?PE", "FH breast cancer"]),
    _FILLER,
)
def test_a_cue_does_not_reach_into_the_next_sentence(first: str, rest: str) -> None:
    assert read_words(f"{first}. Bone metastases {rest}", METASTASES) == "affirmed"


@pytest.mark.parametrize(
    "text",
    [
        "Lung metastases ruled out",
        "Lung metastases have been excluded",
        "lung metastasis unlikely?",
        "Lung metastases: none",
    ],
)
def test_a_pattern_that_ends_inside_a_word_hears_what_follows_the_word(text: str) -> None:
    assert read_words(text, re.compile(r"\blung metasta", re.IGNORECASE)) in {"denied", "doubted"}
