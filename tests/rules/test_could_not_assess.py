"""Which gaps of the red flags are told, and in which words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cds_service.chart.case import Case, NotAsked
from cds_service.chart.evidence import Evidence, Unanswered
from cds_service.chart.gaps import Gap, Supply
from cds_service.outcomes import Fired, NotFired, Outcome
from cds_service.rules.could_not_assess import could_not_assess

COUNTED = ("conditions", "observations")


def judged(*flags: Unanswered, **supply: str) -> Outcome:
    given = {need: Supply(state) for need, state in supply.items()}  # type: ignore[arg-type]
    chart = Case(as_of=datetime(2026, 3, 2, tzinfo=UTC), hook="patient-view", supply=given, unanswered=flags)
    return could_not_assess(chart, counted_needs=COUNTED)


def gap(need: str, *concepts: str, reference: str = "Observation/ca-1") -> Gap:
    return Gap(need=need, concepts=frozenset(concepts), reference=reference, problem="implausible")


def words(outcome: Outcome) -> tuple[object, object]:
    assert isinstance(outcome, Fired)
    return outcome.words["topics"], outcome.words["missing"]


@pytest.mark.parametrize(
    ("state", "how"),
    [
        ("absent", "not supplied"),
        ("null", "no data from the record"),
        ("error", "the record answered with an error"),
        ("other-patient", "of another patient"),
        ("unreadable", "unreadable"),
    ],
)
def test_how_the_data_failed_to_come_is_said(state: str, how: str) -> None:
    answer = judged(Unanswered("Hypercalcaemia", ("observations",)), observations=state)
    assert words(answer) == (("hypercalcaemia",), (f"observations ({how})",))


def test_a_rule_that_failed_is_reported_whatever_counts() -> None:
    assert words(judged(Unanswered("Cord", ()))) == (("cord",), ("an internal error",))


def test_a_fact_that_no_data_would_bring_is_reported() -> None:
    assert words(judged(Unanswered("Hypercalcaemia", ("calcium unit",)))) == (("hypercalcaemia",), ("calcium unit",))


def test_what_two_red_flags_lack_is_said_once() -> None:
    answer = judged(Unanswered("Cord", ("conditions",)), Unanswered("Hypercalcaemia", ("conditions",)))
    assert words(answer) == (("cord", "hypercalcaemia"), ("conditions (not supplied)",))


def test_a_red_flag_whose_gap_does_not_count_is_not_named_beside_one_whose_does() -> None:
    answer = judged(Unanswered("Radium", ("medications",)), Unanswered("Cord", ("conditions",)))
    assert words(answer) == (("cord",), ("conditions (not supplied)",))


def test_without_a_gap_that_counts_nothing_is_said() -> None:
    answer = [judged(), judged(Unanswered("Radium", ("medications",)))]
    assert [one.because for one in answer if isinstance(one, NotFired)] == ["all_answered", "gap_does_not_count"]


def test_red_flags_that_were_not_asked_are_no_all_clear() -> None:
    with pytest.raises(NotAsked):
        could_not_assess(Case(as_of=datetime(2026, 3, 2, tzinfo=UTC), hook="patient-view"), counted_needs=COUNTED)


@pytest.mark.parametrize(
    ("found", "counts"),
    [
        (gap("observations", "calcium-total"), True),
        (gap("observations"), True),
        (gap("reports", "cord-compression"), True),
        (gap("reports"), False),
        (gap("draft_orders"), True),
    ],
)
def test_a_gap_counts_by_its_concept_or_its_kind_of_data(found: Gap, counts: bool) -> None:
    answer = judged(Unanswered("Hypercalcaemia", (), (found,)))
    assert isinstance(answer, Fired) is counts


def test_one_card_names_each_gap_once_with_the_facts_that_leave_it_open() -> None:
    calcium, other = gap("observations", "calcium-total"), gap("observations", "spo2")
    open_value = Evidence("Observation/ca-2", "Calcium", "4.8")
    answer = judged(
        Unanswered("Hypercalcaemia", ("calcium unit",), (calcium,), (open_value,)),
        Unanswered("Oxygen", (), (calcium, other)),
    )
    assert isinstance(answer, Fired)
    assert answer.gaps == (calcium, other)
    assert answer.evidence == (open_value,)
    assert answer.notes == ("missing",)


def test_gaps_alone_are_not_said_to_be_missing() -> None:
    answer = judged(Unanswered("Hypercalcaemia", (), (gap("observations", "calcium-total"),)))
    assert isinstance(answer, Fired)
    assert answer.notes == ()
