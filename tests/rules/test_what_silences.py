"""What silences a red flag does so by being there: taken away, the card comes back, or nothing is left to be judged."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from cds_service.authoring.scenarios import ConceptTable, request
from cds_service.authoring.variants import with_changes
from cds_service.chart.meanings import Meanings
from cds_service.chart.needs import KEYS
from cds_service.chart.read_fhir import read_case
from cds_service.chart.wire import Prefetch
from cds_service.hooks.contexts import CONTEXTS
from cds_service.hooks.request import Envelope, RequestReader
from cds_service.knowledge.cards import CardDefinition, Example
from cds_service.outcomes import Fired, NotFired, Outcome
from cds_service.service.advisor import circumstances_of
from tests.expected import loaded

KNOWLEDGE, RUNNER = loaded()
CODES, MEANINGS = ConceptTable(KNOWLEDGE.codebook.sets.values()), Meanings(KNOWLEDGE.codebook)
READER = RequestReader(Envelope[Prefetch])
SILENCERS = {
    "mscc-suspected": {"all_under_way", "treated", "mri_excludes", "stroke_explains"},
    "hypercalcaemia": {"treated_falling"},
    "oxygen": {"oxygen_ordered", "comfort_care"},
    "zoledronate-renal-dose": {"dose_fits", "full_dose", "hypercalcaemia_no_reduction"},
    "contrast-safety": {"dialysis"},
}
"""Rungs that silence what is otherwise due; the others find that what was measured is as it should be, or no such order."""


@pytest.mark.parametrize("card", [one for one in KNOWLEDGE.cards.values() if one.red_flag], ids=lambda card: card.topic)
def test_without_the_fact_that_silences_it_a_red_flag_comes_back(card: CardDefinition) -> None:
    reached, wrong = set(), []
    for example, body, silent in _silenced(card):
        answers = [_ask(card, example, _without(body, one.reference)) for one in silent.evidence]
        reached.add(silent.because)
        back = any(isinstance(answer, Fired) for answer in answers)
        if silent.because in SILENCERS.get(card.topic, ()) and not back:
            wrong.append(f"{example.name}: {silent.because}, and does not come back")
        wrong += [
            f"{example.name}: {answer.because} without a fact and without looking"
            for answer in answers
            if isinstance(answer, NotFired) and not answer.evidence and not answer.looked_in
        ]
    assert wrong == []
    assert SILENCERS.get(card.topic, set()) <= reached


def _silenced(card: CardDefinition) -> Iterator[tuple[Example, Any, NotFired]]:
    """The examples that a fact silences, as requests."""
    keys = {name: (key.type,) for name, key in KEYS.items()}
    for example in card.examples:
        if example.expect == "silent" and example.hook in card.red_flag:
            body = request(RUNNER.scenario(example), CODES, prefetch_keys=keys)
            answer = _ask(card, example, body)
            if isinstance(answer, NotFired) and answer.evidence and not answer.looked_in:
                yield example, body, answer


def _ask(card: CardDefinition, example: Example, body: Any) -> Outcome:
    call = READER.read(msgspec.json.encode(body), CONTEXTS)
    case = read_case(call.prefetch, circumstances_of(call, RUNNER.scenario(example).as_of), MEANINGS)
    return with_changes(card, example.changes).ask(case.restricted_to(card.needs).observed())


def _without(body: Any, reference: str) -> Any:
    """The request without one resource, its Bundle as whole as before."""
    less = copy.deepcopy(body)
    for bundle in (*less["prefetch"].values(), less["context"].get("draftOrders") or {}):
        if entries := (bundle or {}).get("entry"):
            bundle["entry"] = [
                one for one in entries if f"{one['resource']['resourceType']}/{one['resource'].get('id')}" != reference
            ]
            bundle.pop("total", None)
    return less
