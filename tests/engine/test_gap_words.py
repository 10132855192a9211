"""What cannot be used is named: what it is, as written, what is wrong, and what to do."""

from __future__ import annotations

from typing import get_args

import pytest
from msgspec import structs

from cds_service.chart.gaps import Gap, Problem
from cds_service.engine.gap_words import gap_json, gap_text
from cds_service.engine.lines import not_understood
from cds_service.engine.phrases import Phrases
from cds_service.terminology.dates import parse_moment
from tests import shipped

KNOWLEDGE = shipped.knowledge()


def calcium(problem: Problem = "implausible", written: str = "13.1 ng/mL") -> Gap:
    return Gap(
        need="observations",
        concepts=frozenset({"calcium-total"}),
        reference="Observation/ca-1",
        problem=problem,
        written=written,
        when=parse_moment("2026-03-01T08:00:00Z"),
    )


def test_a_gap_reads_as_what_it_is_and_what_to_do() -> None:
    title = KNOWLEDGE.codebook.sets["calcium-total"].short.capitalize()
    words = f'{title}: "13.1 ng/mL" (2026-03-01) cannot be right: ring the laboratory, repeat now'
    assert gap_text(calcium(), KNOWLEDGE) == words
    assert gap_json(calcium(), KNOWLEDGE)["reference"] == "Observation/ca-1"


def test_what_the_record_writes_formats_nothing() -> None:
    (line,) = not_understood((calcium(written="**3.4** <b>\n[x](http://y)"),), KNOWLEDGE, Phrases({}))
    assert "**3.4**" not in line
    assert "<b>" not in line
    assert "\n" not in line


def test_a_whole_source_is_named_by_its_kind() -> None:
    whole = Gap(need="observations", problem="cut-short", written="0 of 12 sent")
    assert (
        gap_text(whole, KNOWLEDGE) == 'Observations: "0 of 12 sent" came in part only: look for the rest in the record'
    )


@pytest.mark.parametrize("problem", get_args(Problem))
def test_every_problem_has_words_that_say_what_to_do(problem: Problem) -> None:
    assert ": " in gap_text(calcium(problem), KNOWLEDGE)


def test_a_date_is_said_once() -> None:
    vague = structs.replace(calcium("vague-date", "2026"), when=parse_moment("2026"))
    assert gap_text(vague, KNOWLEDGE).count("2026") == 1


def test_a_draft_is_named_as_one() -> None:
    draft = Gap(need="draft_orders", problem="unresolved-reference", written="Medication/z")
    assert gap_text(draft, KNOWLEDGE).startswith('A draft order: "Medication/z" names something')
