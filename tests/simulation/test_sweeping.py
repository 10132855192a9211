"""A sweep says what as many simulations would say, and asks far fewer patients."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from cds_service.knowledge.cards import Knowledge
from cds_service.service.knowledge_files import load_knowledge
from cds_service.simulation.page import sweep_page
from cds_service.simulation.question import Question
from cds_service.simulation.recorded_checks import Notes, recording
from cds_service.simulation.sweep import axis, readers
from cds_service.terminology.dates import Span, parse_moment, parse_span
from cds_service.terminology.quantities import Limit, parse_quantity
from cds_service.workbench.cohort import open_cohort
from cds_service.workbench.cohort.ask import ask
from cds_service.workbench.cohort.sweeping import sweep
from cds_service.workbench.cohort.workers import open_workers


def progress(*_: object) -> None:
    """Nobody watches."""


@pytest.mark.parametrize(
    ("key", "start", "stop", "step"),
    [
        ("shared.calcium_treat_at", "2.8", "3.2", "0.4"),
        ("shared.neurology_window", "14", "60", "46"),
        ("oxygen.warn_below", "90", "94", "4"),
        ("shared.pain_moderate_from", "3", "6", "3"),
    ],
)
def test_each_point_equals_a_simulation(
    cohort: Path, knowledge: Knowledge, cache: Path, as_of: datetime, key: str, start: str, stop: str, step: str
) -> None:
    one = axis(knowledge, key, start, stop, step)
    with open_workers(1) as pool:
        cached = open_cohort(cohort, [knowledge.codebook], cache, pool, progress)
        for _ in range(2):  # looked first, then remembered
            curve = sweep(cached, "cohort", Question(knowledge, None, as_of), [one], pool, progress)
        for value, point in zip(one.values, curve.points, strict=True):
            changed = load_knowledge(settings=(f"{key}={value}",))
            tally = ask(cached, Question(changed, None, as_of), pool, progress)
            assert dict(point.by_topic) == {
                topic: pytest.approx(100 * tally.current.patients[topic] / 120, abs=0.001) for topic in curve.topics
            }


def test_two_parameters_make_a_grid(cohort: Path, knowledge: Knowledge, cache: Path, as_of: datetime) -> None:
    axes = [
        axis(knowledge, "shared.calcium_treat_at", "2.9", "3.1", "0.1"),
        axis(knowledge, "shared.calcium_severe_at", "3.4", "3.6", "0.1"),
    ]
    with open_workers(1) as pool:
        cached = open_cohort(cohort, [knowledge.codebook], cache, pool, progress)
        curve = sweep(cached, "cohort", Question(knowledge, None, as_of), axes, pool, progress)
    assert len(curve.points) == 9
    assert sum(point.is_current for point in curve.points) == 1
    page = sweep_page(curve)
    assert "<svg" in page and "http" not in page.replace("http://www.w3.org", "")
    assert "<script>" not in sweep_page(replace(curve, cohort="<script>", topics=("a<script>",)))
    other = replace(curve.axes[1], key='"><script>')
    assert "<script>" not in sweep_page(replace(curve, axes=(curve.axes[0], other)))


def test_an_unknown_parameter_names_the_nearest(knowledge: Knowledge) -> None:
    with pytest.raises(ValueError, match=r"nearest is hypercalcaemia\.treat_at"):
        axis(knowledge, "hypercalcaemia.treat_att", "2.9", "3.1", "0.1")


def test_a_sweep_stays_in_the_allowed_range(knowledge: Knowledge) -> None:
    with pytest.raises(ValueError, match="lies outside"):
        axis(knowledge, "hypercalcaemia.treat_at", "1.0", "3.1", "0.1")


def test_a_shared_parameter_is_read_by_several_cards(knowledge: Knowledge) -> None:
    one = axis(knowledge, "shared.neurology_window", "14", "30", "8")
    assert len(readers(knowledge, [one])) > 3


def test_a_watched_limit_answers_and_notes() -> None:
    notes = Notes()
    limit = recording(Limit((parse_quantity("3.0 mmol/L"),)), 0, notes)
    assert limit.compare(parse_quantity("3.1 mmol/L")) == 1
    assert isinstance(limit, Limit)
    assert {limit: "in a memory"}[limit]
    assert not notes.blind
    assert [
        check.holds(Limit((parse_quantity(f"{value} mmol/L"),))) for check in notes.checks for value in ("3.05", "3.1")
    ] == [
        True,
        False,
    ]


def test_reading_a_limits_number_cannot_be_replayed() -> None:
    notes = Notes()
    assert recording(Limit((parse_quantity("3.0 mmol/L"),)), 0, notes).stated
    assert notes.blind


def test_a_watched_span_answers_and_notes(as_of: datetime) -> None:
    notes = Notes()
    span = recording(parse_span("14 d"), 0, notes)
    moment = parse_moment("2026-02-20")
    assert moment is not None
    assert isinstance(span, Span)
    assert span.reaches(moment, as_of)
    assert not notes.blind
    assert notes.checks[0].holds(parse_span("10 d"))
    assert not notes.checks[0].holds(parse_span("9 d"))


def test_a_number_cannot_be_watched() -> None:
    notes = Notes()
    assert recording(3, 0, notes) == 3
    assert notes.unwatched


@pytest.mark.parametrize(("unit", "answer"), [("mmol/L", 1), ("kg", None)])
def test_a_limit_that_is_asked_for_a_side_can_be_asked_again_for_another_value(unit: str, answer: int | None) -> None:
    notes = Notes()
    watched = recording(Limit((parse_quantity("3.0 mmol/L"),)), 0, notes)
    asked = parse_quantity(f"3.1 {unit}")
    assert watched.side(asked) == answer
    assert not notes.blind
    (check,) = notes.checks
    assert check.holds(Limit((parse_quantity("3.05 mmol/L"),)))
    assert check.holds(Limit((parse_quantity("3.2 mmol/L"),))) is (answer is None)
