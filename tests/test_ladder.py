"""A ladder answers with the first rung that holds, and never says no over data that were not understood."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from msgspec.structs import replace

from cds_service.chart.case import Case, Facts, finding
from cds_service.chart.evidence import Evidence
from cds_service.chart.facts import Observation
from cds_service.chart.gaps import Gap, Problem, Supply
from cds_service.findings.finding import Finding
from cds_service.ladder import (
    Ladder,
    Rung,
    absent,
    card,
    draft_needed,
    gravest_of,
    ladder,
    outside_scope,
    silent,
    unknown,
)
from cds_service.outcomes import CannotTell, Fired, NotFired, Offer, parting, path
from cds_service.terminology.dates import Span, parse_moment, parse_span
from cds_service.terminology.quantities import parse_quantity
from tests.findings.results import NOW, result
from tests.findings.shared_tables import shared_groups

DAY, WEEK = parse_span("1 d"), parse_span("7 d")


def observation(name: str, day: str, value: str = "95 %") -> Observation:
    return result(name, when=day, value=parse_quantity(value), reference=f"Observation/{name}-{day}")


def gap(name: str = "", day: str = "", problem: Problem = "no-value") -> Gap:
    concepts = frozenset({name}) if name else frozenset[str]()
    return Gap(
        need="observations",
        concepts=concepts,
        reference="Observation/odd",
        problem=problem,
        when=parse_moment(day) if day else None,
    )


def a_case(*facts: Observation, gaps: tuple[Gap, ...] = (), supplied: bool = True) -> Case:
    supply = {"observations": Supply("given")} if supplied else {}
    return Case(
        as_of=NOW, hook="patient-view", observations=Facts(facts), gaps=gaps, supply=supply, groups=shared_groups()
    )


@finding
def newest(case: Case, name: str, window: Span) -> Observation | None:
    return next((fact for fact in case.observations.of(name) if case.within(fact.when, window)), None)


@ladder
def low_saturation(case: Case) -> Ladder:
    pulse = newest(case, "pulse", WEEK)
    yield absent("no_pulse", pulse, needs=("observations",))
    spo2 = newest(case, "spo2", DAY)
    yield absent("no_saturation", spo2, needs=("observations",))
    assert spo2 is not None and spo2.value is not None
    yield silent("not_low", spo2.value.value >= 92, spo2)
    yield card("low", spo2, pulse)


PULSE, LOW, FINE = (
    observation("pulse", "2026-03-01", "80 /min"),
    observation("spo2", "2026-03-02T08:00:00Z", "88 %"),
    observation("spo2", "2026-03-02T08:00:00Z", "95 %"),
)


def test_the_first_rung_that_holds_answers_and_those_passed_are_kept() -> None:
    outcome = low_saturation(a_case(PULSE, LOW))
    assert isinstance(outcome, Fired)
    assert [step.name for step in outcome.passed] == ["no_pulse", "no_saturation", "not_low"]
    assert outcome.passed[1].stood_on() == (LOW,)
    assert [item.reference for item in outcome.evidence] == [LOW.reference, PULSE.reference]


def test_what_silences_is_quoted_unless_other_facts_are() -> None:
    @ladder
    def measured(case: Case, *, beside: Observation | None) -> Ladder:
        found = case.observations.of("spo2")
        yield silent("measured", found, *((beside,) if beside else ()))

    assert [item.reference for item in _evidence(measured(a_case(LOW), beside=None))] == [LOW.reference]
    assert [item.reference for item in _evidence(measured(a_case(LOW), beside=PULSE))] == [PULSE.reference]


def test_an_answer_quotes_eight_facts_at_most() -> None:
    many = [observation("spo2", f"2026-02-{day:02}") for day in range(1, 20)]

    @ladder
    def often(case: Case) -> Ladder:
        yield silent("measured", case.observations.of("spo2"))

    assert [item.reference for item in _evidence(often(a_case(*many)))] == [
        f"Observation/spo2-2026-02-{day:02}" for day in range(19, 11, -1)
    ]


def _evidence(outcome: object) -> tuple[Evidence, ...]:
    assert isinstance(outcome, NotFired)
    return outcome.evidence


def test_offers_are_named_or_chosen_by_whether_they_hold() -> None:
    @ladder
    def offering(case: Case) -> Ladder:
        yield card("low", offers={"oxygen": LOW, "none": ()})

    outcome = offering(a_case())
    assert isinstance(outcome, Fired)
    assert outcome.offers == (Offer("oxygen"),)


def test_facts_among_the_words_stand_for_their_names_each_once() -> None:
    @ladder
    def speaking(case: Case) -> Ladder:
        spo2 = case.observations.of("spo2")
        yield card("low", words={"one": Finding(spo2), "all": (*spo2, PULSE), "none": (), "number": 3})

    outcome = speaking(a_case(LOW, FINE))
    assert isinstance(outcome, Fired)
    assert outcome.words == {"one": LOW.called, "all": (LOW.called, PULSE.called), "none": (), "number": 3}


def test_a_card_with_a_condition_is_passed_where_it_does_not_hold() -> None:
    @ladder
    def speaking(case: Case) -> Ladder:
        yield card("low", LOW, when=case.observations.of("spo2"))
        yield card("fine", PULSE)

    answers = [speaking(a_case(LOW)), speaking(a_case(PULSE))]
    assert [answer.message for answer in answers if isinstance(answer, Fired)] == ["low", "fine"]


@pytest.mark.parametrize(
    ("hook", "drafts", "rung"),
    [
        ("order-select", (), "no_such_draft"),
        ("order-select", (PULSE,), "no_cancer"),
        ("patient-view", (), "no_cancer"),
    ],
)
def test_orders_ask_for_a_draft_and_then_for_cancer(hook: str, drafts: tuple[Observation, ...], rung: str) -> None:
    @ladder
    def ordering(case: Case) -> Ladder:
        yield from draft_needed(case, drafts)

    supply = {"conditions": Supply("given"), "draft_orders": Supply("given")}
    outcome = ordering(Case(as_of=NOW, hook=hook, supply=supply, groups=shared_groups()))
    assert isinstance(outcome, NotFired)
    assert outcome.because == rung


def test_what_is_absent_is_not_known_when_its_source_did_not_come() -> None:
    assert low_saturation(a_case(PULSE)) == replace(low_saturation(a_case(PULSE)), because="no_saturation")
    missing = low_saturation(a_case(PULSE, supplied=False))
    assert isinstance(missing, CannotTell)
    assert missing.missing == ("observations",)


@pytest.mark.parametrize("day", ["", "2026-03-02T08:30:00Z", "2026-03-01T09:00:00Z"])
def test_a_gap_of_the_concept_within_the_window_makes_absence_not_known(day: str) -> None:
    outcome = low_saturation(a_case(PULSE, gaps=(gap("spo2", day),)))
    assert isinstance(outcome, CannotTell)
    assert (outcome.rung, [one.reference for one in outcome.gaps]) == ("no_saturation", ["Observation/odd"])


def test_a_gap_of_the_whole_source_makes_absence_not_known() -> None:
    assert isinstance(low_saturation(a_case(PULSE, gaps=(gap(problem="cut-short"),))), CannotTell)


def test_a_gap_before_the_window_or_of_another_concept_changes_nothing() -> None:
    for other in (gap("spo2", "2026-02-27"), gap("potassium", "2026-03-02")):
        assert isinstance(low_saturation(a_case(PULSE, gaps=(other,))), NotFired)


def test_a_gap_of_a_rung_that_was_passed_cannot_turn_a_later_no() -> None:
    assert isinstance(low_saturation(a_case(PULSE, FINE, gaps=(gap("pulse", "2026-03-02"),))), NotFired)


def test_a_gap_that_is_later_than_the_fact_that_silences_makes_it_not_known() -> None:
    later, earlier = gap("spo2", "2026-03-02T08:30:00Z"), gap("spo2", "2026-03-02T07:30:00Z")
    assert isinstance(low_saturation(a_case(PULSE, FINE, gaps=(later,))), CannotTell)
    assert isinstance(low_saturation(a_case(PULSE, FINE, gaps=(gap("spo2"),))), CannotTell)
    assert isinstance(low_saturation(a_case(PULSE, FINE, gaps=(earlier,))), NotFired)


def test_a_card_that_is_due_names_the_gap_beside_it() -> None:
    outcome = low_saturation(a_case(PULSE, LOW, gaps=(gap("spo2", "2026-03-02T08:30:00Z"), gap("potassium"))))
    assert isinstance(outcome, Fired)
    assert [one.concepts for one in outcome.gaps] == [frozenset({"spo2"})]


def test_a_finding_that_was_worked_out_early_keeps_its_gaps_until_its_own_rung() -> None:
    @ladder
    def early(case: Case) -> Ladder:
        spo2, pulse = newest(case, "spo2", WEEK), newest(case, "pulse", WEEK)
        yield absent("no_pulse", pulse, needs=())
        yield silent("measured", spo2, spo2)
        yield absent("never_low", None, needs=())

    assert isinstance(early(a_case(PULSE, FINE, gaps=(gap("spo2"),))), CannotTell)
    assert isinstance(early(a_case(PULSE, FINE, gaps=(gap("spo2", "2026-03-01"),))), NotFired)


def test_a_gap_behind_a_card_that_was_passed_keeps_a_later_silence_from_being_a_no() -> None:
    @ladder
    def two_products(case: Case) -> Ladder:
        other = case.observations.of("potassium")
        yield card("duplicate", other, when=other)
        fine = case.observations.of("spo2")
        yield silent("interval_fits", fine, fine)
        yield absent("safe", False, needs=())

    for facts in ((), (FINE,)):
        assert isinstance(two_products(a_case(*facts, gaps=(gap("potassium", "2026-03-02"),))), CannotTell)
        assert isinstance(two_products(a_case(*facts, gaps=(gap("pulse", "2026-03-02"),))), NotFired)


def test_what_is_looked_up_for_its_words_alone_asks_no_further_back_than_the_question() -> None:
    @ladder
    def with_words(case: Case) -> Ladder:
        found, older = newest(case, "spo2", DAY), case.observations.of("spo2")
        yield absent("old" if older else "none", found, older, needs=(), within=DAY)
        yield silent("found", True)

    assert isinstance(with_words(a_case(gaps=(gap("spo2", "2026-02-01"),))), NotFired)
    assert isinstance(with_words(a_case(gaps=(gap("spo2", "2026-03-02"),))), CannotTell)


def test_a_gap_of_another_kind_of_the_same_question_unseats_an_earlier_fact() -> None:
    @ladder
    def of_two_kinds(case: Case) -> Ladder:
        found = case.observations.of("spo2", "pulse")
        yield absent("none", found, needs=())
        yield silent("fine", found, found[:1])

    later, earlier = gap("pulse", "2026-03-02T08:30:00Z"), gap("pulse", "2026-03-02T07:30:00Z")
    unnamed = gap("", "2026-03-02T08:30:00Z")
    assert isinstance(of_two_kinds(a_case(FINE, gaps=(later,))), CannotTell)
    assert isinstance(of_two_kinds(a_case(FINE, gaps=(unnamed,))), CannotTell)
    for other in (earlier, gap("potassium", "2026-03-02T08:30:00Z")):
        assert isinstance(of_two_kinds(a_case(FINE, gaps=(other,))), NotFired)


def test_data_that_failed_to_come_behind_a_card_that_was_passed_are_missing() -> None:
    @ladder
    def on_ordering(case: Case) -> Ladder:
        yield card("low", when=case.observations.of("spo2"))
        yield silent("done", True)

    for state, answer in (("given", NotFired), ("absent", NotFired), ("error", CannotTell), ("unreadable", CannotTell)):
        supply = {"observations": Supply(state)}  # type: ignore[arg-type]
        assert isinstance(
            on_ordering(Case(as_of=NOW, hook="order-sign", supply=supply, groups=shared_groups())), answer
        ), state


def test_an_answer_to_part_of_what_was_asked_takes_the_place_of_no_other() -> None:
    wide = replace(gap("spo2", "2026-03-02T07:30:00Z"), concepts=frozenset({"spo2", "pulse"}))
    assert isinstance(low_saturation(a_case(PULSE, gaps=(wide,))), CannotTell)


def test_no_draft_is_not_known_only_for_a_draft_that_is_not_understood() -> None:
    @ladder
    def on_ordering(case: Case) -> Ladder:
        yield absent("no_such_draft", case.selected_medications("denosumab"), needs=())

    recorded = Gap(need="medications", problem="unresolved-reference", reference="MedicationRequest/old")
    drafted = Gap(need="draft_orders", problem="unresolved-reference", reference="MedicationRequest/draft-1")
    assert isinstance(on_ordering(a_case(gaps=(recorded,))), NotFired)
    assert isinstance(on_ordering(a_case(gaps=(recorded, drafted))), CannotTell)


def test_an_open_question_is_not_known_and_names_what_leaves_it_open() -> None:
    @ladder
    def open_value(case: Case) -> Ladder:
        yield unknown("oxygen saturation", True, LOW)

    outcome = open_value(a_case())
    assert isinstance(outcome, CannotTell)
    assert outcome.missing == ("oxygen saturation",)


def test_of_several_drafts_the_one_that_fires_answers_then_one_that_is_not_known() -> None:
    def of_draft(value: str) -> Iterator[Rung]:
        yield silent("fine", value == "fine", LOW)
        yield unknown("dose", value == "unreadable")
        yield card("wrong", LOW)

    @ladder
    def drafts(case: Case, *, values: tuple[str, ...]) -> Ladder:
        yield gravest_of(of_draft(value) for value in values)

    assert isinstance(drafts(a_case(), values=("fine", "unreadable", "too much")), Fired)
    assert isinstance(drafts(a_case(), values=("fine", "unreadable")), CannotTell)
    assert isinstance(drafts(a_case(), values=("fine", "fine")), NotFired)


def test_two_answers_part_at_the_rung_that_only_one_of_them_passes() -> None:
    fine, low, none = (low_saturation(a_case(*facts)) for facts in ((PULSE, FINE), (PULSE, LOW), ()))
    assert path(low) == ("no_pulse", "no_saturation", "not_low", "low")
    assert parting(fine, low) == parting(low, fine) == "not_low"
    assert parting(none, low) == "no_pulse"
    assert parting(low, low) == "low"


def test_a_ladder_without_an_end_fails() -> None:
    @ladder
    def endless(case: Case) -> Ladder:
        yield silent("never", False)

    with pytest.raises(AssertionError):
        endless(a_case())


def test_without_evidence_of_cancer_only_a_problem_that_cannot_be_read_leaves_the_scope_open() -> None:
    @ladder
    def for_cancer_only(case: Case) -> Ladder:
        yield outside_scope(case)
        yield card("due")

    result = Gap(need="observations", concepts=frozenset({"m-category"}), problem="not-understood")
    problem = Gap(need="conditions", problem="unreadable", reference="Condition/odd")
    supply = {"conditions": Supply("given")}
    of = partial(Case, as_of=NOW, hook="patient-view", supply=supply, groups=shared_groups())
    assert isinstance(for_cancer_only(of(gaps=(result,))), NotFired)
    unclear = for_cancer_only(of(gaps=(result, problem)))
    assert isinstance(unclear, CannotTell)
    assert unclear.gaps == (problem,)


def test_a_card_about_gaps_keeps_its_own() -> None:
    @ladder
    def about(case: Case) -> Ladder:
        yield card("unclear", gaps=(gap("spo2"),))

    outcome = about(a_case())
    assert isinstance(outcome, Fired)
    assert outcome.gaps == (gap("spo2"),)


def test_how_a_whole_source_came_is_no_note_of_a_card() -> None:
    whole = Gap(need="observations", problem="cut-short")
    outcome = low_saturation(a_case(PULSE, LOW, gaps=(whole,)))
    assert isinstance(outcome, Fired)
    assert outcome.gaps == ()
