"""Radiotherapy: dose and fractions as radiotherapists of several countries write them, and from extensions."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw

from cds_service.chart.orders.fractions import Course, course_of
from tests.chart.orders.reading import order_words


def read(text: str, *extensions: dict[str, Any]) -> Course | None:
    return course_of(text, Raw(json.dumps(extensions).encode() if extensions else b""), order_words())


def stated(course: Course | None) -> tuple[int | None, Decimal | None]:
    assert course is not None
    return course.fractions, course.total.value if course.total else None


THIRTY_IN_TEN = """
30 Gy in 10 fractions | 30Gy/10# | 30 Gy/10 | 30 Gy in 10 | 30 Gy / 10 fx | 30 Gy 10# | 30Gy in 10f
30 Gy over 10 fractions | 10 x 3 Gy | 10 × 3 Gy | 3 Gy x 10 | 10x3 Gy | ten fractions of 3 Gy | 10 fractions of 3 Gy
10 fractions @ 3 Gy | ten 3 Gy fractions | 10 fractions, 3 Gy each | 3 Gy per fraction, 10 fractions | 30 Gy (10 x 3 Gy)
30 Gy in 10 fractions (3 Gy per fraction) | 3000 cGy in 10 fractions | 3,000 cGy in 10 fractions | 300 cGy x 10
30 Gy in 10 daily fractions, 5 days a week | 30 Gy in 10 fractions over 2 weeks | Palliative RT T8 30Gy/10#
30 Gy total in 10 fractions | 30 Gy in ten fractions | 3,000 cGy in 10 fx
10 Fraktionen à 3 Gy | 30 Gy in 10 Fraktionen | 10 x 3 Gy Einzeldosis | Gesamtdosis 30 Gy, Einzeldosis 3 Gy
GD 30 Gy, ED 3 Gy | 30 Gy en 10 séances | 10 séances de 3 Gy | 30 Gy en 10 fracciones | 10 sesiones de 3 Gy
total dose 30 Gy, dose per fraction 3 Gy | 30 Gy, 3 Gy per fraction | fraction dose 300 cGy, 10 fractions | 3 Gy/day x 10
30 Gy in 10 fractions over 2 weeks, 5 fractions per week | 30 Gy 10 frazioni da 3 Gy | 3000 cGy/10 fx
30 Gy in 10 frazioni | 10 sedute da 3 Gy | 10 fracties van 3 Gy | 30 Gy in 10 fracties
"""


@pytest.mark.parametrize(
    "text", [text.strip() for line in THIRTY_IN_TEN.strip().split("\n") for text in line.split("|")]
)
def test_thirty_gray_in_ten_fractions(text: str) -> None:
    course = read(text)
    assert stated(course) == (10, 30)
    assert course is not None and not course.unclear


@pytest.mark.parametrize(
    ("text", "fractions", "gray"),
    [
        ("five fractions of 4 Gy", 5, "20"),
        ("37.5 Gy/15", 15, "37.5"),
        ("37,5 Gy in 15 Fraktionen", 15, "37.5"),
        ("20 Gy in 5 #", 5, "20"),
        ("8 Gy x 1", 1, "8"),
        ("8 Gy in 1 fraction", 1, "8"),
        ("8 Gy single fraction to pelvis", 1, "8"),
        ("single fraction of 8 Gy", 1, "8"),
        ("One fraction of 8 Gy", 1, "8"),
        ("8Gy/1#", 1, "8"),
        ("800 cGy once", 1, "8"),
    ],
)
def test_other_courses(text: str, fractions: int, gray: str) -> None:
    assert stated(read(text)) == (fractions, Decimal(gray))


@pytest.mark.parametrize(
    ("text", "fractions"), [("10 fractions to L3", 10), ("dose 30 Gy; fractions: 10", 10), ("5 fractions (20 Gy)", 5)]
)
def test_fractions_without_a_dose_that_is_certain(text: str, fractions: int) -> None:
    assert stated(read(text)) == (fractions, None)


@pytest.mark.parametrize(
    "text",
    [
        "30 Gy",
        "3,000 cGy",
        "30 Gy in 10 fractions (4 Gy per fraction)",
        "50 Gy in 25 fractions then 10 Gy boost in 5 fractions",
        "50 Gy in 25 fractions, boost 10 Gy in 5 fractions",
        "30.000 cGy in 10 fractions",
        "30 Gy in 2.5 fractions",
    ],
)
def test_a_course_that_may_mean_two_things_is_not_readable(text: str) -> None:
    course = read(text)
    assert course is not None and course.unclear
    assert stated(course) == (None, None)


@pytest.mark.parametrize("text", ["palliative to hip", "dose per protocol", "MRI whole spine", "Radiotherapy T8"])
def test_what_says_nothing_of_dose_or_fractions_is_no_course(text: str) -> None:
    assert read(text) is None


MCODE = "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-"


def to_volume(centigray: int, fractions: int, kind: str = "Delivered") -> dict[str, Any]:
    return {
        "url": f"{MCODE}radiotherapy-dose-{kind.lower()}-to-volume",
        "extension": [
            {"url": f"totalDose{kind}", "valueQuantity": {"value": centigray, "code": "cGy"}},
            {"url": f"fractions{kind}", "valueUnsignedInt": fractions},
        ],
    }


def test_extensions_tell_dose_and_fractions() -> None:
    assert stated(read("", {"url": f"{MCODE}radiotherapy-sessions", "valueUnsignedInt": 1}, to_volume(800, 1))) == (
        1,
        8,
    )
    assert stated(read("30 Gy in 10 fractions", to_volume(3000, 10, "Prescribed"))) == (10, 30)


def test_volumes_or_words_that_disagree_are_not_readable() -> None:
    for course in (read("", to_volume(5000, 25), to_volume(6000, 30)), read("8 Gy x 1", to_volume(3000, 10))):
        assert course is not None and course.unclear
        assert stated(course) == (None, None)


@settings(deadline=None)
@given(
    st.integers(1, 40),
    st.sampled_from(["1.8", "2", "2.5", "2.67", "3", "4", "8"]),
    st.sampled_from(
        [
            "{total} Gy in {count} fractions",
            "{total} Gy/{count}#",
            "{count} x {each} Gy",
            "{each} Gy x {count}",
            "{count} fractions of {each} Gy",
            "{count} Fraktionen à {each} Gy",
            "{centigray} cGy in {count} fx",
        ]
    ),
)
def test_every_writing_gives_the_course(count: int, each: str, writing: str) -> None:
    total = Decimal(each) * count
    text = writing.format(count=count, each=each, total=f"{total.normalize():f}", centigray=f"{int(total * 100):,}")
    assert stated(read(text)) == (count, total)
