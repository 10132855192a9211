"""From decoded FHIR to a :class:`Case`: whose resource is it, does any loaded card care, and what came at all?

Reading is lenient and nothing is lost in silence: what belongs to another patient or was entered in error is set aside by
name, and what concerns a card and cannot be used is a gap. Only resources that belong to some value set become facts, most of
them when a rule first asks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from copy import copy
from functools import partial
from typing import Any, cast

import msgspec
from msgspec import Raw

from cds_service.chart.case import Case, Facts
from cds_service.chart.collection import Batch
from cds_service.chart.contained import contained_in, holders_of
from cds_service.chart.decode import UNREADABLE, decoded
from cds_service.chart.facts import DraftOrder, Fact, Prohibition
from cds_service.chart.gaps import Supply
from cds_service.chart.identity import bare_id
from cds_service.chart.meanings import Meanings
from cds_service.chart.needs import KEYS, NEED_OF_TYPE, TYPE_NOW
from cds_service.chart.read_care import (
    read_allergy,
    read_care_plan,
    read_complaints,
    read_device,
    read_encounter,
    read_patient,
)
from cds_service.chart.read_condition import read_condition
from cds_service.chart.read_observation import read_observation
from cds_service.chart.read_orders import read_medication, read_order, read_procedure
from cds_service.chart.read_questionnaire import read_questionnaire
from cds_service.chart.read_report import read_report
from cds_service.chart.read_setting import read_locations, read_setting, read_user, requester, visit_of
from cds_service.chart.reading import Circumstances, Reading, reference_of
from cds_service.chart.relevance import groups_of, own
from cds_service.chart.unpack import LooseBundle, LooseEntry, Received, Tally
from cds_service.chart.unread import note_unread
from cds_service.chart.wire import (
    AllergyIntolerance,
    CarePlan,
    Condition,
    Device,
    DiagnosticOrder,
    DiagnosticReport,
    Encounter,
    Entry,
    ImagingStudy,
    MedicationAdministration,
    MedicationDispense,
    MedicationOrder,
    MedicationRequest,
    MedicationStatement,
    Observation,
    OperationOutcome,
    PractitionerRole,
    Prefetch,
    Procedure,
    ProcedureRequest,
    QuestionnaireResponse,
    ReferralRequest,
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
    received = Received(reading)
    for key, value in prefetch.items():
        received.take(key, value)
    _read_patient(received)
    facts = _Sorted(reading, newest_of_a_code)
    holders = holders_of(received.kinds.get(kind, []) for kind in READERS)
    for kind, reader in READERS.items():
        brought = received.kinds.get(kind, [])
        if kind in CONTAINED:
            brought = brought + contained_in(holders, kind)
        if brought:
            facts.take(brought, *reader, received.tally(NEED_OF_TYPE[kind.__name__]))
    drafts = _read_drafts(received, facts)
    visits = cast(list[Encounter], received.kinds.get(Encounter, []))
    if visit := visit_of(visits, circumstances.encounter_id):
        facts.add("observations", _facts_of(own([visit], reading), read_complaints, reading))
    reading.gaps += [gap for need, tally in received.tallies.items() for gap in tally.gaps(need)]
    return Case(
        as_of=circumstances.as_of,
        hook=circumstances.hook,
        patient=reading.patient,
        setting=read_setting(visits, circumstances.encounter_id),
        locations=read_locations(visits, circumstances.encounter_id),
        user=read_user(cast(list[PractitionerRole], received.kinds.get(PractitionerRole, [])), circumstances.user_id),
        requester=requester(circumstances.user_id),
        trigger=circumstances.trigger,
        client=circumstances.client,
        encounter=f"Encounter/{bare_id(circumstances.encounter_id)}" if circumstances.encounter_id else "",
        supply={need: tally.supply() for need, tally in received.tallies.items()} | _unfetched(circumstances, received),
        set_aside=reading.set_aside,
        gaps=reading.gaps,
        unlisted=reading.unlisted,
        drafts=drafts,
        groups=reading.meanings.codebook.groups,
        **facts.by_kind(),
    )


_Reader = Callable[[Any, Reading, str], Iterable[Fact]]

READERS: Mapping[type[Resource], tuple[str, _Reader]] = {
    Condition: ("conditions", read_condition),
    Observation: ("observations", read_observation),
    QuestionnaireResponse: ("observations", read_questionnaire),
    DiagnosticReport: ("reports", read_report),
    ImagingStudy: ("reports", read_report),
    Procedure: ("procedures", read_procedure),
    CarePlan: ("procedures", read_care_plan),
    MedicationRequest: ("medications", read_medication),
    MedicationOrder: ("medications", read_medication),
    MedicationAdministration: ("medications", read_medication),
    MedicationStatement: ("medications", read_medication),
    MedicationDispense: ("medications", read_medication),
    ServiceRequest: ("orders", read_order),
    ProcedureRequest: ("orders", read_order),
    DiagnosticOrder: ("orders", read_order),
    ReferralRequest: ("orders", read_order),
    AllergyIntolerance: ("allergies", read_allergy),
    Device: ("devices", read_device),
    Encounter: ("encounters", read_encounter),
}
CONTAINED = frozenset({Condition, Observation})
"""Types whose resources count wherever they stand: within a report, say."""


class _Sorted:
    """The facts of a case by kind: those that had to be read, and those that wait until somebody asks."""

    def __init__(self, reading: Reading, newest: int) -> None:
        self._reading, self._newest = reading, newest
        self._read: defaultdict[str, list[Fact]] = defaultdict(list)
        self._waiting: defaultdict[str, list[Batch[Fact]]] = defaultdict(list)

    def take(self, resources: list[Any], kind: str, reader: _Reader, tally: Tally) -> None:
        """Sort the resources of one type; those of somebody else are counted and left out."""
        reading = self._reading
        patients_own = own(resources, reading)
        tally.good += len(patients_own)
        tally.other += len(resources) - len(patients_own)
        for group in groups_of(patients_own, reading, self._newest) if patients_own else ():
            read = partial(_facts_of, group.resources, reader, reading)
            if group.concepts is None:
                self.add(kind, read())
            elif group.resources:
                self._waiting[kind].append(Batch(group.concepts, read))

    def add(self, kind: str, facts: Iterable[Fact]) -> None:
        """Add facts that were read; what is not to be done is a kind of its own."""
        for fact in facts:
            self._read["prohibitions" if isinstance(fact, Prohibition) else kind].append(fact)

    def by_kind(self) -> dict[str, Any]:
        """The facts under the names that they have in a case."""
        kinds = self._read.keys() | self._waiting.keys()
        return {kind: Facts(self._read.get(kind, ()), self._waiting.get(kind, ())) for kind in kinds}


def _facts_of(resources: Iterable[Resource], reader: _Reader, reading: Reading) -> list[Fact]:
    """Read resources; whatever goes wrong affects one resource only, which is then not known."""
    facts: list[Fact] = []
    allowance = reading.meanings.allowance
    for resource in resources:
        reference, refused = reference_of(resource), allowance.refused
        try:
            facts += reader(resource, reading, reference)
        except (*UNREADABLE, ValueError, TypeError, ArithmeticError) as error:
            reading.aside(reference, "unreadable", type(error).__name__)
            reading.gap(NEED_OF_TYPE[resource.resource_type], "unreadable", reference)
        if allowance.refused != refused:
            note_unread(resource, reading)
    return facts


def _read_patient(received: Received) -> None:
    """Find out who the patient is; without a Patient resource the id of the request has to do."""
    reading, tally = received.reading, received.tally("patient")
    own_one, others = reading.identity.find(received.patients)
    for other in others:
        tally.other += 1
        reading.aside(reference_of(other), "other-patient")
    if own_one is not None:
        tally.good += 1
        reading.patient = read_patient(own_one, f"Patient/{reading.identity.patient_id}", reading)


_DRAFT_BUNDLE = msgspec.json.Decoder(LooseBundle)
_ORDERED = frozenset({*TYPE_NOW, *TYPE_NOW.values()})
_DRAFT_ENTRY = msgspec.json.Decoder(LooseEntry)


def _read_drafts(received: Received, facts: _Sorted) -> dict[str, DraftOrder]:
    """Read ``context.draftOrders``; every draft keeps its JSON for update actions."""
    reading, tally = received.reading, received.tally("draft_orders")
    if not reading.circumstances.draft_orders:
        return {}
    tally.states.append("given")
    bundle = decoded(reading.circumstances.draft_orders, _DRAFT_BUNDLE)
    if bundle is None:
        tally.states.append("unreadable")
        return {}
    drafts: list[tuple[Resource, Raw]] = []
    urls: dict[str, Resource] = {}
    lost = 0
    for part in bundle.entry or ():
        entry = decoded(part, _DRAFT_ENTRY)
        draft = received.decode_alone(entry.resource) if entry and entry.resource else None
        if draft is None or entry is None or isinstance(draft, OperationOutcome):
            lost += 1
        elif isinstance(draft, Resource):  # others are of a type that no card reads
            url, body = entry.url, entry.resource
            if url:
                urls[bare_id(url)] = draft
            if url and not draft.id and (name := _id_in(url, draft)):
                draft.id = name
                body = Raw(msgspec.json.encode({**msgspec.json.decode(body), "id": name}))
            drafts.append((draft, body))
            reading.directory.add([Entry(url, draft)])
    tally.unreadable += lost
    _note_unread_drafts(lost, {*urls, *(draft.id or "" for draft, _ in drafts)}, reading)
    picked = [urls[name] for one in reading.circumstances.selections or () if (name := bare_id(one)) in urls]
    return _drafts(drafts, picked, reading, tally, facts)


def _id_in(url: str, draft: Resource) -> str | None:
    """The id that the full URL of a resource without one ends with: ``https://ehr.example.org/MedicationRequest/77``."""
    kind, _, name = url.rpartition("/")
    return name if kind.rpartition("/")[2] == draft.resource_type else None


def _note_unread_drafts(lost: int, read: Collection[str], reading: Reading) -> None:
    """A draft that was picked and not sent, or one that could not be read and may be picked, may be any order."""
    picking, selections = reading.of_draft(selected=True), reading.circumstances.selections or ()
    ours = [one for one in selections if "/" not in one or one.partition("/")[0] in _ORDERED]
    for selected in ours:
        if bare_id(selected) not in read:
            picking.gap("draft_orders", "unreadable" if lost else "unresolved-reference", selected)
    if lost and not selections:
        picking.gap("draft_orders", "unreadable", f"{lost} of the drafts")


def _drafts(
    drafts: list[tuple[Resource, Raw]], picked: list[Resource], reading: Reading, tally: Tally, facts: _Sorted
) -> dict[str, DraftOrder]:
    """The drafts by reference; ``picked`` are those that a selection names by full URL."""
    found: dict[str, DraftOrder] = {}
    reading = copy(reading)
    reading.meanings = reading.meanings.anew()
    selections = reading.circumstances.selections or ()
    wanted = {bare_id(selected) for selected in selections} & {draft.id for draft, _ in drafts if draft.id}
    for draft, raw in drafts:
        if not draft.id:
            reading.count += 1
            draft.id = f"#{reading.count}"
        reference = f"{draft.resource_type}/{draft.id}"
        found[reference] = DraftOrder(reference, bytes(raw))
        if type(draft) in READERS:
            selected = not (wanted or picked) or draft.id in wanted or any(draft is one for one in picked)
            of_draft = reading.of_draft(selected=selected)
            if own([draft], reading):
                tally.good += 1
                kind, reader = READERS[type(draft)]
                facts.add(kind, _facts_of([draft], reader, of_draft))
            else:
                tally.other += 1
                of_draft.gap("draft_orders", "other-patient", reference)
    return found


def _unfetched(circumstances: Circumstances, received: Received) -> dict[str, Supply]:
    """Needs whose keys were to be fetched and could not be, unless another key of the need brought something."""
    missing = {KEYS[key].need if key in KEYS else key: why for key, why in circumstances.absent_reasons.items()}
    tallies = received.tallies
    return {
        need: Supply("error", detail=why)
        for need, why in missing.items()
        if not (tally := tallies.get(need)) or not tally.good
    }
