"""One call has so much processor time; what it could not judge by then is reported as not assessed, and no other call notices."""

from __future__ import annotations

import json
import time
from pathlib import Path
from threading import Thread

import pytest

from cds_service.engine.evaluate import OutOfTime
from cds_service.service.time_budget import LOOK_EVERY, TimeBudget
from tests.conformance.running_service import request_of
from tests.service.whole import whole_service

PATIENT_VIEW = "metastatic-disease-patient-view"
CORD = "breast-bone-mets-leg-weakness-patient-view"


def work(seconds: float) -> None:
    """Use up processor time."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_work_within_its_time_is_not_disturbed() -> None:
    budget = TimeBudget(5)
    with budget:
        work(3 * LOOK_EVERY)
    assert not budget.spent


def test_work_beyond_its_time_is_stopped() -> None:
    budget = TimeBudget(0.1)
    began = time.thread_time()
    with pytest.raises(OutOfTime), budget:
        work(60)
    assert budget.spent
    assert time.thread_time() - began < 30  # how late the look comes is the machine's affair; the work is 60 s
    work(3 * LOOK_EVERY)  # what comes after is not disturbed


def test_what_swallows_errors_of_its_own_does_not_swallow_the_end() -> None:
    def stubborn() -> None:
        while True:
            try:
                work(0.01)
            except Exception:  # noqa: BLE001
                continue

    with pytest.raises(OutOfTime), TimeBudget(0.1):
        stubborn()


def test_a_call_whose_end_was_interrupted_is_stopped_no_more_once_it_is_closed() -> None:
    budget = TimeBudget(0.01)
    budget.__enter__()
    with pytest.raises(OutOfTime):
        work(60)
    budget.close()  # as if what was raised had come while the part was being left
    work(4 * LOOK_EVERY)
    time.sleep(3 * LOOK_EVERY)
    work(4 * LOOK_EVERY)


def test_a_part_that_begins_when_the_time_is_over_does_not_begin() -> None:
    budget = TimeBudget(0.01)
    work(0.02)
    begun = False
    with pytest.raises(OutOfTime), budget:
        begun = True
    assert not begun
    assert budget.spent


def test_waiting_costs_no_time() -> None:
    with TimeBudget(0.1):
        time.sleep(0.3)


def test_nobody_is_stopped_for_another_and_nothing_is_raised_later() -> None:
    """Parts that end right when they are stopped, in many threads."""
    escaped: list[BaseException] = []

    def one(number: int) -> None:
        try:
            for turn in range(12):
                try:
                    with TimeBudget(0.02):
                        work(0.01 + 0.003 * ((number + turn) % 8))
                except OutOfTime:
                    pass
                work(0.01)
        except BaseException as error:  # noqa: BLE001
            escaped.append(error)

    threads = [Thread(target=one, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not escaped


@pytest.mark.parametrize(("seconds", "read"), [(1e-9, False), (10.0, True)])
def test_a_call_that_takes_too_long_says_which_red_flags_were_not_judged(
    tmp_path: Path, seconds: float, read: bool
) -> None:
    with whole_service(tmp_path, call_seconds=seconds) as made:
        answer = made.handler.answer(PATIENT_VIEW, json.dumps(request_of(CORD)).encode())
    assert answer.status == 200
    cards = {card["source"]["topic"]["code"]: card for card in json.loads(answer.body)["cards"]}
    assert ("could-not-assess" not in cards) is read
    assert ("mscc-suspected" in cards) is read
    if not read:
        assert "cord compression" in cards["could-not-assess"]["detail"].lower()


def test_a_call_with_more_text_than_is_read_tells_what_it_knows_and_that_the_rest_was_not_read(tmp_path: Path) -> None:
    body = request_of(CORD)
    text = "No abnormality of the chest. " * 600
    body["prefetch"]["reports"] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [
            {
                "resource": {
                    "resourceType": "DiagnosticReport",
                    "id": f"r{number}",
                    "status": "final",
                    "subject": {"reference": f"Patient/{body['context']['patientId']}"},
                    "code": {"text": "MRI of the spine"},
                    "effectiveDateTime": "2026-03-01",
                    "conclusion": f"{number}. {text}",
                }
            }
            for number in range(40)
        ],
    }
    with whole_service(tmp_path, call_seconds=10.0) as made:
        answer = made.handler.answer(PATIENT_VIEW, json.dumps(body).encode())
    cards = {card["source"]["topic"]["code"]: card for card in json.loads(answer.body)["cards"]}
    assert "mscc-suspected" in cards
    assert "could not be read to the end" in json.dumps(cards)
