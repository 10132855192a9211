"""The requests of the fixtures put through the service, and whether what a red flag says of a damaged one is honest."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from cds_service.chart.wire import Prefetch
from cds_service.engine.evaluate import is_flag
from cds_service.hooks.contexts import CONTEXTS
from cds_service.hooks.request import Envelope, RequestReader
from cds_service.outcomes import Fired, NotFired, Outcome
from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.service.clock import this_minute
from cds_service.service.consultation import Consultation
from cds_service.service.handler import moment_of_request
from tests import shipped

FOLDER = Path(__file__).parent.parent.parent / "fhir_fixtures" / "requests"
_READER = RequestReader(Envelope[Prefetch])
_SAID_BY_THE_RECORD = frozenset({"other-patient", "entered-in-error"})
"""What is set aside for these reasons is no fact of this patient's: the explanation names it, and silence is right."""


@cache
def _advisor() -> KnowledgeAdvisor:
    return KnowledgeAdvisor(shipped.knowledge())


@cache
def names() -> tuple[str, ...]:
    """All fixtures' requests."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


def sent(name: str) -> dict[str, Any]:
    """A request of the fixtures, the caller's own copy."""
    body: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return body


def consult(body: dict[str, Any]) -> Consultation:
    """What the service makes of a request."""
    request = _READER.read(msgspec.json.encode(body), CONTEXTS)
    service = next(one.id for one in _advisor().services if one.hook == request.hook)
    return _advisor().consult(service, request, moment_of_request(request) or this_minute())


def flags(consultation: Consultation) -> dict[str, Outcome]:
    """What each red flag says, by topic."""
    hook = consultation.case.hook
    return {one.card.topic: one.outcome for one in consultation.verdicts if is_flag(one.card, hook)}


def complaint(topic: str, reference: str, after: Consultation) -> str:
    """What is dishonest about a red flag's answer once a resource that had decided it came damaged; empty when nothing is.

    Honest are the card; *not known*, told by ``could-not-assess``; and a *no* that names a usable fact, or whose missing fact
    the record itself takes back.
    """
    outcome = flags(after)[topic]
    if isinstance(outcome, Fired):
        return ""
    if isinstance(outcome, NotFired):
        aside = {one.reference for one in after.case.set_aside if one.because in _SAID_BY_THE_RECORD}
        return "" if outcome.evidence or reference in aside else f"silent: {outcome.because}"
    reported = any(shown.topic == "could-not-assess" for shown in after.answer.shown)
    return "" if reported or "could-not-assess" in after.answer.held_back else "not known, and nobody is told"
