"""The case of a moment, from a record that knows what came later: nothing dated after the moment is used.

A fact counts from the day on which it was known: a result from its issue, a problem from its recording. What ended later
had not ended then. A status without a date, such as ``completed``, cannot be turned back and stays; so do undated facts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from cds_service.chart.case import Case, Facts
from cds_service.chart.facts import Condition, Encounter, Fact, Medication, Observation, Report
from cds_service.chart.read_fhir import NEWEST_OF_A_CODE
from cds_service.chart.read_orders import at_moment
from cds_service.simulation.records import KINDS, Record
from cds_service.terminology.dates import Moment


def case_at(record: Record, as_of: datetime) -> Case:
    """Give what was known of the patient at this moment."""
    facts: dict[str, Any] = {kind: getattr(record, kind) for kind in KINDS}
    if record.latest is not None and record.latest > as_of:
        facts = {
            kind: [then for fact in found if (then := _at(fact, as_of)) is not None] for kind, found in facts.items()
        }
    facts["medications"] = [at_moment(medicine, as_of) for medicine in facts["medications"]]
    observations = facts["observations"]
    if len(observations) > NEWEST_OF_A_CODE:
        facts["observations"] = _newest(observations)
    patient = record.patient
    if patient is not None and record.died is not None:
        patient = replace(patient, deceased=record.died.first <= as_of)
    indexed: dict[str, Any] = {kind: Facts(found) for kind, found in facts.items()}
    return Case(
        as_of=as_of,
        hook=record.hook,
        patient=patient,
        encounter=record.encounter,
        supply=record.supply,
        drafts=record.drafts,
        **indexed,
    )


def known_from(fact: Fact) -> Moment | None:
    """The moment from which a fact could be read in the record; ``None`` when nothing tells."""
    if isinstance(fact, Condition):
        return fact.recorded or fact.onset
    if isinstance(fact, Observation | Report):
        return fact.issued or fact.effective
    return fact.when


def _at(fact: Fact, as_of: datetime) -> Fact | None:
    """The fact as it stood, ``None`` when it was not known yet."""
    if getattr(fact, "draft", False):
        return fact
    if _lies_ahead(known_from(fact), as_of) or _lies_ahead(fact.when, as_of):
        return None
    if isinstance(fact, Condition) and _lies_ahead(fact.abated, as_of):
        return replace(fact, abated=None, state="active" if fact.state == "past" else fact.state)
    if isinstance(fact, Medication) and _lies_ahead(fact.ended, as_of):
        return replace(fact, ended=None, status="active" if fact.status in {"completed", "stopped"} else fact.status)
    if isinstance(fact, Encounter) and _lies_ahead(fact.end, as_of):
        return replace(fact, end=None, status="in-progress" if fact.status == "finished" else fact.status)
    return fact


def _lies_ahead(moment: Moment | None, as_of: datetime) -> bool:
    return moment is not None and moment.first > as_of


def _newest(observations: Iterable[Observation]) -> list[Observation]:
    """Of each kind of observation the newest few, as a live request reads them."""
    counted: Counter[tuple[str, frozenset[str]]] = Counter()
    kept = []
    for observation in Facts(observations):
        key = (observation.label, observation.concepts)
        counted[key] += 1
        if counted[key] <= NEWEST_OF_A_CODE:
            kept.append(observation)
    return kept
