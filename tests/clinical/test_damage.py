"""No damage makes a red flag silent without a reason, no noise makes it speak, and what silences it silences by being there."""

from __future__ import annotations

import pytest

from cds_service.outcomes import Fired, Outcome
from tests.clinical import red_flags
from tests.clinical.damage import DAMAGES, damaged
from tests.clinical.noise import NOISE, noisy


@pytest.mark.parametrize("name", red_flags.names())
def test_a_red_flag_whose_facts_come_damaged_speaks_or_is_said_to_be_open(name: str) -> None:
    request = red_flags.sent(name)
    complaints = []
    for topic, outcome in red_flags.flags(red_flags.consult(request)).items():
        if not isinstance(outcome, Fired):
            continue
        for reference in dict.fromkeys(fact.reference for fact in outcome.evidence):
            for damage, changed in damaged(request, reference):
                if complaint := red_flags.complaint(topic, reference, red_flags.consult(changed)):
                    complaints.append(f"{topic}, {reference}: {damage}: {complaint}")
    assert complaints == []


@pytest.mark.parametrize("name", red_flags.names())
def test_noise_changes_no_red_flag(name: str) -> None:
    request = red_flags.sent(name)
    before = red_flags.flags(red_flags.consult(request))
    answers = {topic: _kind(outcome) for topic, outcome in before.items()}
    changed = []
    for noise in NOISE:
        after = red_flags.flags(red_flags.consult(noisy(request, noise)))
        changed += [f"{noise}: {topic} {one.rung}" for topic, one in after.items() if _kind(one) != answers[topic]]
    assert changed == []


def test_there_are_thirty_ways_and_more() -> None:
    assert len(DAMAGES) >= 30
    assert len(NOISE) >= 20


def _kind(outcome: Outcome) -> tuple[type[Outcome], str]:
    """Yes and with which message, no, or not known."""
    return type(outcome), outcome.message if isinstance(outcome, Fired) else ""
