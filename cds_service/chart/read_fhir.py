"""From decoded FHIR to a :class:`Case`: whose resource is it, is it usable, does any loaded card care?

Reading is lenient and nothing is lost in silence: what cannot be read, belongs to another patient, or was entered in
error is set aside by name. Only resources that belong to some value set become facts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import msgspec
from msgspec import Raw

from cds_service.chart.case import Case, Facts
from cds_service.chart.facts import DraftOrder, Fact, Supplied, Supply
from cds_service.chart.meanings import Meanings
from cds_service.chart.needs import NEEDS
from cds_service.chart.read_care import read_allergy, read_device, read_encounter, read_patient
from cds_service.chart.read_findings import read_condition, read_observation, read_report
from cds_service.chart.read_orders import read_medication, read_order, read_procedure
from cds_service.chart.reading import Circumstances, Reading, bare_id, reference_of
from cds_service.chart.relevance import own, worth_reading
from cds_service.chart.unpack import LooseBundle, LooseEntry, Tally, decode_alone, need_of, tally_of, unpack
from cds_service.chart.wire import (
    AllergyIntolerance,
    Condition,
    Device,
    DiagnosticReport,
    Encounter,
    ImagingStudy,
    Medication,
    MedicationAdministration,
    MedicationDispense,
    MedicationRequest,
    MedicationStatement,
    Observation,
    Patient,
    Prefetch,
    Procedure,
    Resource,
    ServiceRequest,
)

NEWEST_OF_A_CODE = 12
"""How many of the newest observations of one code are read; a trend needs three, older ones change no card."""


def read_case(
    prefetch: Prefetch | Mapping[str, Raw],
    circumstances: Circumstances,
    meanings: Meanings,
    *,
    newest_of_a_code: int = NEWEST_OF_A_CODE,
) -> Case:
    """Read everything that a request brought. ``prefetch`` comes typed, or raw by key when one odd resource spoilt that.

    A cohort, which asks about earlier moments too, reads more than the ``newest_of_a_code`` observations.
    """
    reading = Reading(meanings, circumstances)
    tallies: dict[str, Tally] = {}
    kinds: defaultdict[type[Resource], list[Resource]] = defaultdict(list)
    for key, value in prefetch.items():
        for kind, resources in unpack(key, value, reading, tallies).items():
            kinds[kind] += resources
    for medicine in kinds.pop(Medication, ()):
        if isinstance(medicine, Medication) and medicine.code:
            reading.medicines[reference_of(medicine, reading)] = medicine
    for patient in kinds.pop(Patient, ()):
        _read_patient(cast(Patient, patient), reading, tally_of(tallies, "patient"))
    for kind in READERS:  # conditions first: reasons refer to them
        if brought := kinds.get(kind):
            tally = tally_of(tallies, NEED_OF[kind])
            if patients_own := own(brought, reading, tally):
                for resource in worth_reading(patients_own, reading, tally, newest_of_a_code):
                    _read(resource, reading, tally)
    drafts = _read_drafts(reading, tally_of(tallies, "draft_orders"))
    return Case(
        as_of=circumstances.as_of,
        hook=circumstances.hook,
        patient=reading.patient,
        encounter=f"Encounter/{bare_id(circumstances.encounter_id)}" if circumstances.encounter_id else "",
        supply={need: _supply(tally) for need, tally in tallies.items()} | _unfetched(circumstances, tallies),
        set_aside=tuple(reading.set_aside),
        drafts=drafts,
        **{kind: Facts(facts) for kind, facts in reading.facts.items()},  # type: ignore[arg-type]  # keys are Case fields
    )


_Reader = Callable[[Any, Reading, str], Iterable[Fact]]

READERS: Mapping[type[Resource], tuple[str, _Reader]] = {
    Condition: ("conditions", read_condition),
    Observation: ("observations", read_observation),
    DiagnosticReport: ("reports", read_report),
    ImagingStudy: ("reports", read_report),
    Procedure: ("procedures", read_procedure),
    MedicationRequest: ("medications", read_medication),
    MedicationAdministration: ("medications", read_medication),
    MedicationStatement: ("medications", read_medication),
    MedicationDispense: ("medications", read_medication),
    ServiceRequest: ("orders", read_order),
    AllergyIntolerance: ("allergies", read_allergy),
    Device: ("devices", read_device),
    Encounter: ("encounters", read_encounter),
}
NEED_OF = {kind: need for kind in READERS for need, kinds in NEEDS.items() if kind.__name__ in kinds}


def _read(resource: Resource, reading: Reading, tally: Tally) -> None:
    """Read one resource of this patient; whatever goes wrong costs this resource only."""
    reference = reference_of(resource, reading)
    collection, reader = READERS[type(resource)]
    try:
        facts = reader(resource, reading, reference)
        reading.put(collection, facts)
    except (msgspec.DecodeError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
        tally.unreadable += 1
        reading.aside(reference, "unreadable", type(error).__name__)
        return
    tally.good += 1


def _read_patient(patient: Patient, reading: Reading, tally: Tally) -> None:
    if patient.id and patient.id != reading.patient_id:
        tally.other += 1
        reading.aside(reference_of(patient, reading), "other-patient")
        return
    tally.good += 1
    reading.patient = read_patient(patient, f"Patient/{reading.patient_id}")


def _read_drafts(reading: Reading, tally: Tally) -> dict[str, DraftOrder]:
    """Read ``context.draftOrders``; every draft keeps its JSON for update actions."""
    circumstances = reading.circumstances
    if not circumstances.draft_orders:
        return {}
    tally.states.append("given")
    try:
        bundle = msgspec.json.decode(circumstances.draft_orders, type=LooseBundle)
    except (msgspec.DecodeError, RecursionError):
        tally.states.append("unreadable")
        return {}
    drafts: list[tuple[Resource, Raw]] = []
    for entry in bundle.entry or ():
        try:
            raw = msgspec.json.decode(entry, type=LooseEntry).resource
        except (msgspec.DecodeError, RecursionError):
            tally.unreadable += 1
            continue
        draft = decode_alone(raw, reading) if raw else None
        if draft is not None:
            drafts.append((draft, raw))
            if isinstance(draft, Medication) and draft.code:
                reading.medicines[reference_of(draft, reading)] = draft
    return _drafts(drafts, reading, tally)


def _drafts(drafts: list[tuple[Resource, Raw]], reading: Reading, tally: Tally) -> dict[str, DraftOrder]:
    found: dict[str, DraftOrder] = {}
    selections = reading.circumstances.selections or ()
    wanted = {bare_id(selected) for selected in selections} & {draft.id for draft, _ in drafts if draft.id}
    reading.drafting = True
    for draft, raw in drafts:
        reading.selecting = not wanted or draft.id in wanted
        if not draft.id:
            draft.id = reference_of(draft, reading).partition("/")[2]
        reference = f"{draft.resource_type}/{draft.id}"
        found[reference] = DraftOrder(reference, bytes(raw))
        if type(draft) in READERS and own([draft], reading, tally):
            _read(draft, reading, tally)
    return found


def _supply(tally: Tally) -> Supply:
    """Sum up how a need came: an error outweighs what else came, since what is missing then is not known."""
    states = set(tally.states)
    state: Supplied
    if "error" in states:
        state = "error"
    elif tally.good:
        state = "given"
    elif tally.other:
        state = "other-patient"
    elif tally.unreadable or "unreadable" in states:
        state = "unreadable"
    elif states & {"empty", "given"}:
        state = "empty"
    else:
        state = "null" if "null" in states else "absent"
    return Supply(state, tally.truncated, tally.detail)


def _unfetched(circumstances: Circumstances, tallies: Mapping[str, Tally]) -> dict[str, Supply]:
    """Needs whose keys were to be fetched and could not be, unless another key of the need brought something."""
    return {
        need_of(key): Supply("error", detail=why)
        for key, why in circumstances.absent_reasons.items()
        if not (tally := tallies.get(need_of(key))) or not tally.good
    }
