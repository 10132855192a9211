"""One way of damage for each fixture with a red flag, in turn; ``tests/clinical/test_damage.py`` does all of them to all."""

from __future__ import annotations

from itertools import cycle

from cds_service.outcomes import Fired
from tests.clinical import red_flags
from tests.clinical.damage import DAMAGES, damaged_so


def test_no_damage_makes_a_red_flag_silent_without_a_reason() -> None:
    ways, complaints = cycle(DAMAGES), []
    for name in red_flags.names():
        request = red_flags.sent(name)
        for topic, outcome in red_flags.flags(red_flags.consult(request)).items():
            if not isinstance(outcome, Fired):
                continue
            for reference in dict.fromkeys(fact.reference for fact in outcome.evidence[:2]):
                way = next(ways)
                spoilt = damaged_so(way, request, reference)
                if spoilt and (found := red_flags.complaint(topic, reference, red_flags.consult(spoilt))):
                    complaints.append(f"{name}, {topic}, {reference}: {way}: {found}")
    assert complaints == []
