"""Dates move as a whole, keep their precision and their zone; what only looks like a date stays."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cds_service.workbench.playground.date_shift import DateShift, own_names, renamed

MOVE = DateShift(datetime(2026, 3, 2, 9, 0, tzinfo=UTC), datetime(2026, 11, 22, 10, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("written", "moved"),
    [
        ("2026-03-02", "2026-11-22"),
        ("2026-03-01", "2026-11-21"),
        ("2026-03", "2026-11"),
        ("2025-12", "2026-08"),
        ("2016", "2016"),
        ("2026-03-02T09:00:00Z", "2026-11-22T10:30:00Z"),
        ("2026-03-02T10:00:00+01:00", "2026-11-22T11:30:00+01:00"),
        ("2026-03-02T09:00", "2026-11-22T10:30"),
        ("2026-03-02T09:00:00.25z", "2026-11-22T10:30:00.25z"),
        ("2026-02-31", "2026-02-31"),
        ("9999-12-31", "9999-12-31"),
        ("soon", "soon"),
    ],
)
def test_a_date_moves_and_keeps_its_precision(written: str, moved: str) -> None:
    assert MOVE.text(written) == moved


def test_codes_and_texts_that_look_like_dates_stay() -> None:
    resource = {"code": {"coding": [{"code": "2026-03-02", "version": "2024"}], "text": "2026-03-02"}}
    assert MOVE.moved(resource) == resource


def test_dates_in_lists_and_periods_move() -> None:
    resource = {"event": ["2026-03-02"], "period": {"start": "2026-03-01T09:00:00Z"}}
    assert MOVE.moved(resource) == {"event": ["2026-11-22"], "period": {"start": "2026-11-21T10:30:00Z"}}


def test_resources_of_one_patient_get_names_of_their_own_and_references_follow() -> None:
    record = [{"resourceType": "Patient", "id": "ada"}, {"resourceType": "Condition", "id": "condition-1"}]
    names = own_names(record, "ada")
    assert names == {"Condition/condition-1": "Condition/ada.condition-1"}
    pointing = {"reasonReference": [{"reference": "Condition/condition-1"}], "subject": {"reference": "Patient/ada"}}
    assert renamed(pointing, names)["reasonReference"] == [{"reference": "Condition/ada.condition-1"}]
    assert renamed(pointing, names)["subject"] == {"reference": "Patient/ada"}
