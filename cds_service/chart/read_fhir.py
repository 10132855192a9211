"""From decoded FHIR to a :class:`Case`: whose resource is it, is it usable, does any loaded card care?

Reading is lenient and nothing is lost in silence: what cannot be read, belongs to another patient, or was entered in
error is set aside by name. Only resources that belong to some value set become facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

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
from cds_service.chart.unpack import LooseBundle, LooseEntry, Tally, decode_alone, need_of, tally_of, unpack
from cds_service.chart.wire import Node, Prefetch

_NEED_OF_TYPE = {kind: need for need, kinds in NEEDS.items() for kind in kinds}

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
    nodes: list[tuple[str, Node]] = []
    for key, value in prefetch.items():
        nodes.extend(unpack(key, value, reading, tallies))
    for _, node in nodes:
        if node.resource_type == "Medication" and node.code:
            reading.medicines[reference_of(node, reading)] = node.code
    for need, node in _worth_reading(nodes, reading, tallies, newest_of_a_code):
        _read(node, reading, tally_of(tallies, need))
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


def _worth_reading(
    nodes: list[tuple[str, Node]], reading: Reading, tallies: dict[str, Tally], newest: int
) -> Iterable[tuple[str, Node]]:
    """Yield resources with their need. Of observations, those that a card can use: of each code the newest few.

    Whole groups of a code that no value set knows, without any worded or coded answer, are passed over at once.
    """
    groups: dict[bytes, list[Node]] = {}
    for key, node in nodes:
        kind = node.resource_type
        if kind == "Observation" and node.code:
            code = bytes(node.code)
            if (group := groups.get(code)) is None:
                groups[code] = [node]
            else:
                group.append(node)
        elif not _says_nothing(node, reading):
            yield _NEED_OF_TYPE.get(kind) or need_of(key), node
        else:
            tally_of(tallies, _NEED_OF_TYPE[kind]).good += 1
    for group in groups.values():
        if not reading.meanings.of("Observation", group[0].code).concepts:
            group = _answering(group, reading, tallies)  # noqa: PLW2901 - what is left of it
        if len(group) > newest:
            group = _newest(group, newest, reading, tallies)  # noqa: PLW2901 - what is left of it
        for node in group:
            yield "observations", node


def _says_nothing(node: Node, reading: Reading) -> bool:
    """Whether a resource stands, is this patient's, and has a code that no value set knows and no words beside it.

    Most of a record is like that. Its reader would come to the same, later: no fact is made and nothing set aside.
    """
    known = _CODES.get(node.resource_type)
    if known is None or node.status in _SET_ASIDE or not _is_this_patients(node, reading):
        return False
    try:
        return not known(node, reading.meanings)
    except (msgspec.DecodeError, ValueError, TypeError, ArithmeticError, RecursionError):
        return False  # the reader will name it


def _code_of_procedure(node: Node, meanings: Meanings) -> object:
    return meanings.of("Procedure", node.code).concepts


def _codes_of_encounter(node: Node, meanings: Meanings) -> object:
    of_all = meanings.of_all
    known = of_all("Encounter", node.type).concepts or of_all("Encounter", node.class_).concepts
    return known or node.service_type or node.reason_code


def _code_of_report(node: Node, meanings: Meanings) -> object:
    words = node.conclusion or node.conclusion_code or node.presented_form or node.description or node.procedure_code
    return words or meanings.of("DiagnosticReport", node.code).concepts


_CODES: dict[str, Callable[[Node, Meanings], object]] = {
    "Procedure": _code_of_procedure,
    "Encounter": _codes_of_encounter,
    "DiagnosticReport": _code_of_report,
}
"""The kinds of which a record has many, and whether one of them may say something."""
_SET_ASIDE = frozenset({"entered-in-error", "cancelled", "not-done", "revoked", "declined", "unknown"})


def _newest(group: list[Node], newest: int, reading: Reading, tallies: dict[str, Tally]) -> list[Node]:
    """The newest few that stand and are this patient's, each once; and those that do not, so that they are named."""
    standing: dict[str | int, Node] = {}
    apart = []
    for node in group:
        if node.status in _VOID or not _is_this_patients(node, reading):
            apart.append(node)
        else:
            standing.setdefault(node.id or id(node), node)
    ordered = sorted(standing.values(), key=_written_date, reverse=True)
    tally_of(tallies, "observations").good += len(ordered[newest:])
    return ordered[:newest] + apart


def _answering(group: list[Node], reading: Reading, tallies: dict[str, Tally]) -> list[Node]:
    """Those whose answer or components may still say something; the others are counted and left."""
    speaking, silent = [], 0
    for node in group:
        if node.component or node.value_codeable_concept or node.value_string:
            speaking.append(node)
        elif _is_this_patients(node, reading):
            silent += 1
        else:
            speaking.append(node)
    tally_of(tallies, "observations").good += silent
    return speaking


_VOID = {"entered-in-error", "cancelled"}


def _written_date(node: Node) -> str:
    return node.effective_date_time or node.effective_instant or node.issued or ""


_Reader = Callable[[Node, Reading, str], Iterable[Fact]]

_READERS: dict[str, tuple[str, _Reader]] = {
    "Condition": ("conditions", read_condition),
    "Observation": ("observations", read_observation),
    "DiagnosticReport": ("reports", read_report),
    "ImagingStudy": ("reports", read_report),
    "Procedure": ("procedures", read_procedure),
    "MedicationRequest": ("medications", read_medication),
    "MedicationAdministration": ("medications", read_medication),
    "MedicationStatement": ("medications", read_medication),
    "MedicationDispense": ("medications", read_medication),
    "ServiceRequest": ("orders", read_order),
    "AllergyIntolerance": ("allergies", read_allergy),
    "Device": ("devices", read_device),
    "Encounter": ("encounters", read_encounter),
}


def _read(node: Node, reading: Reading, tally: Tally) -> None:
    """Check whose resource this is and read it; whatever goes wrong costs this resource only."""
    kind = node.resource_type
    if kind == "Patient":
        _read_patient(node, reading, tally)
        return
    known = _READERS.get(kind)
    if known is None:
        return
    reference = reference_of(node, reading)
    if not reading.drafting:
        if reference in reading.seen:
            return
        reading.seen.add(reference)
    if not _is_this_patients(node, reading):
        tally.other += 1
        reading.aside(reference, "other-patient")
        return
    collection, reader = known
    try:
        facts = reader(node, reading, reference)
    except (msgspec.DecodeError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
        tally.unreadable += 1
        reading.aside(reference, "unreadable", type(error).__name__)
        return
    tally.good += 1
    reading.put(collection, facts)


def _read_patient(node: Node, reading: Reading, tally: Tally) -> None:
    if node.id and node.id != reading.patient_id:
        tally.other += 1
        reading.aside(reference_of(node, reading), "other-patient")
        return
    tally.good += 1
    reading.patient = read_patient(node, f"Patient/{reading.patient_id}")


def _is_this_patients(node: Node, reading: Reading) -> bool:
    """Whether the subject is the patient of the request; a resource that names no subject is taken to be."""
    subject = node.subject or node.patient
    if subject is None or not (reference := subject.reference):
        return True
    known = reading.subjects.get(reference)
    if known is None:
        known = reading.subjects[reference] = bare_id(reference) == reading.patient_id
    return known


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
    nodes: list[tuple[Node, Raw]] = []
    for entry in bundle.entry or ():
        try:
            resource = msgspec.json.decode(entry, type=LooseEntry).resource
        except (msgspec.DecodeError, RecursionError):
            tally.unreadable += 1
            continue
        node = decode_alone(resource, reading) if resource else None
        if node is not None:
            nodes.append((node, resource))
            if node.resource_type == "Medication" and node.code:
                reading.medicines[reference_of(node, reading)] = node.code
    return _drafts(nodes, reading, tally)


def _drafts(nodes: list[tuple[Node, Raw]], reading: Reading, tally: Tally) -> dict[str, DraftOrder]:
    drafts: dict[str, DraftOrder] = {}
    selections = reading.circumstances.selections or ()
    wanted = {bare_id(selected) for selected in selections} & {node.id for node, _ in nodes if node.id}
    reading.drafting = True
    for node, resource in nodes:
        reading.selecting = not wanted or node.id in wanted
        if not node.id:
            node.id = reference_of(node, reading).partition("/")[2]
        reference = f"{node.resource_type}/{node.id}"
        drafts[reference] = DraftOrder(reference, bytes(resource))
        _read(node, reading, tally)
    return drafts


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
