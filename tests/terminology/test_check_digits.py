"""A mistyped code is found; a right one passes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.terminology.check_digits import loinc_ok, verhoeff_ok

SCTIDS = ["94222008", "128462008", "363346000", "2667000", "1229903009", "138875005", "900000000000207008"]
LOINCS = ["17861-6", "2000-8", "29265-6", "46099-8", "1995-0", "97509-4", "21907-1", "89247-1", "718-7"]


@pytest.mark.parametrize("sctid", SCTIDS)
def test_published_snomed_ct_codes_pass(sctid: str) -> None:
    assert verhoeff_ok(sctid)


@pytest.mark.parametrize("code", LOINCS)
def test_published_loinc_codes_pass(code: str) -> None:
    assert loinc_ok(code)


@pytest.mark.parametrize(
    "sctid", ["", "9422200", "094222008", "94222008 ", "9422200x", "٩٤٢٢٢٠٠٨", "-94222008", "1" * 19, "00000"]
)
def test_what_is_no_snomed_ct_code_fails(sctid: str) -> None:
    assert not verhoeff_ok(sctid)


@pytest.mark.parametrize(
    "code", ["", "17861", "17861-", "-6", "17861-66", "17861-x", "1786a-6", "17861-6 ", "12345678-4", "٢-٨"]
)
def test_what_is_no_loinc_code_fails(code: str) -> None:
    assert not loinc_ok(code)


@given(st.sampled_from(SCTIDS), st.integers(min_value=0, max_value=30), st.integers(min_value=1, max_value=9))
def test_one_wrong_digit_of_a_snomed_ct_code_is_found(sctid: str, place: int, shift: int) -> None:
    place %= len(sctid)
    wrong = sctid[:place] + str((int(sctid[place]) + shift) % 10) + sctid[place + 1 :]
    assert not verhoeff_ok(wrong)


@given(st.sampled_from(SCTIDS), st.integers(min_value=0, max_value=30))
def test_two_neighbours_of_a_snomed_ct_code_changed_about_are_found(sctid: str, place: int) -> None:
    place %= len(sctid) - 1
    wrong = sctid[:place] + sctid[place + 1] + sctid[place] + sctid[place + 2 :]
    assert wrong == sctid or not verhoeff_ok(wrong)


@given(st.sampled_from(LOINCS), st.integers(min_value=1, max_value=9))
def test_only_one_check_digit_fits_a_loinc_number(code: str, shift: int) -> None:
    assert not loinc_ok(code[:-1] + str((int(code[-1]) + shift) % 10))
