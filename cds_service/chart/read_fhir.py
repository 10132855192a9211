"""From decoded FHIR to a :class:`Case`: whose resource is it, is it usable, does any loaded card care?

Reading is lenient and nothing is lost in silence: what cannot be read, belongs to another patient, or was entered in
error is set aside by name. Only resources that belong to some value set become facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec import Raw

from cds_service.chart.case import Case, Facts
from cds_service.chart.facts import DraftOrder, Fact, Supplied, Supply
from cds_service.chart.meanings import Meanings
from cds_service.chart.needs import KEYS, NEEDS
from cds_service.chart.read_care import read_allergy, read_device, read_encounter, read_patient
from cds_service.chart.read_findings import read_condition, read_observation, read_report
from cds_service.chart.read_orders import read_medication, read_order, read_procedure
from cds_service.chart.reading import Circumstances, Reading, bare_id, reference_of
from cds_service.chart.wire import ABSENT, Node, Prefetch

_NEED_OF_TYPE = {kind: need for need, kinds in NEEDS.items() for kind in kinds}

NEWEST_OF_A_CODE = 12
"""How many of the newest observations of one code are read; a trend needs three, older ones change no card."""


@dataclass(slots=True)
class _Tally:
    """How many resources of one need were good, unreadable or of somebody else."""

    good: int = 0
    unreadable: int = 0
    other: int = 0
    states: list[Supplied] = field(default_factory=list)
    truncated: bool = False
    detail: str = ""


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
    tallies: dict[str, _Tally] = {}
    nodes: list[tuple[str, Node]] = []
    for key, value in prefetch.items():
        nodes.extend(_open(key, value, reading, tallies))
    for _, node in nodes:
        if node.resource_type == "Medication" and node.code:
            reading.medicines[reference_of(node, reading)] = node.code
    for need, node in _worth_reading(nodes, reading, tallies, newest_of_a_code):
        _read(node, reading, _tally(tallies, need))
    drafts = _read_drafts(reading, _tally(tallies, "draft_orders"))
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


def need_of(key: str) -> str:
    """The need that a prefetch key serves; a key of the client's own stands for itself."""
    known = KEYS.get(key)
    return known.need if known else key


_NODE = msgspec.json.Decoder(Node)


class _LooseEntry(msgspec.Struct, gc=False):
    resource: Raw = ABSENT


class _LooseBundle(msgspec.Struct, gc=False, rename="camel"):
    resource_type: str = ""
    entry: list[Raw] | None = None
    link: Raw = ABSENT


def _open(key: str, value: Node | Raw | None, reading: Reading, tallies: dict[str, _Tally]) -> list[tuple[str, Node]]:
    """Unpack one prefetch value into resources, and note in what state it came."""
    tally = _tally(tallies, need_of(key))
    if isinstance(value, Raw):
        if bytes(value).strip() == b"null":
            value = None
        else:
            return _open_loosely(key, value, reading, tallies)
    if value is None:
        tally.states.append("null")
        return []
    if value.resource_type == "Bundle" or (not value.resource_type and value.entry is not None):
        resources = [entry.resource for entry in value.entry or () if entry.resource is not None]
        return _opened(key, resources, _has_next(value.link), tally)
    return _opened(key, [value], False, tally)


def _open_loosely(key: str, raw: Raw, reading: Reading, tallies: dict[str, _Tally]) -> list[tuple[str, Node]]:
    """Open a value resource by resource, so that one unreadable resource costs no other."""
    tally = _tally(tallies, need_of(key))
    try:
        bundle = msgspec.json.decode(raw, type=_LooseBundle)
    except (msgspec.DecodeError, RecursionError):
        tally.states.append("unreadable")
        return []
    if bundle.resource_type != "Bundle" and bundle.entry is None:
        node = _decode_alone(raw, reading)
        tally.unreadable += node is None
        return _opened(key, [node] if node else [], False, tally, lost=node is None)
    resources: list[Node] = []
    lost = 0
    for entry in bundle.entry or ():
        try:
            resource = msgspec.json.decode(entry, type=_LooseEntry).resource
        except (msgspec.DecodeError, RecursionError):
            resource, lost = ABSENT, lost + 1
        if not resource or bytes(resource) == b"null":
            continue
        node = _decode_alone(resource, reading)
        if node is None:
            lost += 1
        else:
            resources.append(node)
    tally.unreadable += lost
    return _opened(key, resources, _has_next(bundle.link), tally, lost=bool(lost))


def _opened(key: str, nodes: list[Node], more: bool, tally: _Tally, *, lost: bool = False) -> list[tuple[str, Node]]:
    tally.truncated |= more
    problems = [node for node in nodes if node.resource_type == "OperationOutcome"]
    resources = [node for node in nodes if node.resource_type != "OperationOutcome"]
    if problems and not resources:
        tally.states.append("error")
    elif not resources:
        tally.states.append("unreadable" if lost else "empty")
    else:
        tally.states.append("given")
    return [(key, node) for node in resources]


def _decode_alone(raw: Raw, reading: Reading) -> Node | None:
    """Decode one resource; mend scalars of the wrong type; failing that, set it aside as unreadable."""
    try:
        return _NODE.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        problem = error
    try:
        loose = msgspec.json.decode(raw)
        if isinstance(loose, dict):
            return msgspec.convert(_mended(loose), type=Node)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError, TypeError):
        loose = None
    reading.count += 1
    kind = loose.get("resourceType") if isinstance(loose, dict) else None
    name = f"{kind if isinstance(kind, str) else 'Resource'}/#{reading.count}"
    reading.aside(name, "unreadable", str(problem) if isinstance(problem, msgspec.ValidationError) else "not JSON")
    return None


_RAW_FIELDS = frozenset(item.encode_name for item in msgspec.structs.fields(Node) if item.type is Raw)
_TEXT_FIELDS = frozenset(
    item.encode_name for item in msgspec.structs.fields(Node) if str in (item.type, *getattr(item.type, "__args__", ()))
)


def _mended(loose: dict[str, Any]) -> dict[str, Any]:
    """Numbers where text belongs become text, other misfits are left out, sub-structures go back to bytes."""
    mended: dict[str, Any] = {}
    for name, value in loose.items():
        if name in _RAW_FIELDS:
            mended[name] = Raw(msgspec.json.encode(value))
        elif name in _TEXT_FIELDS:
            if isinstance(value, str | int) and not isinstance(value, bool):
                mended[name] = str(value)
        else:
            mended[name] = value
    return mended


def _worth_reading(
    nodes: list[tuple[str, Node]], reading: Reading, tallies: dict[str, _Tally], newest: int
) -> Iterable[tuple[str, Node]]:
    """Yield resources with their need. Of observations, those that a card can use: of each code the newest few.

    Whole groups of a code that no value set knows, without any worded or coded answer, are passed over at once.
    """
    groups: dict[bytes, list[Node]] = {}
    for key, node in nodes:
        kind = node.resource_type
        if kind == "Observation" and node.code:
            groups.setdefault(bytes(node.code), []).append(node)
        else:
            yield _NEED_OF_TYPE.get(kind) or need_of(key), node
    for group in groups.values():
        if not reading.meanings.of("Observation", group[0].code).concepts:
            group = _answering(group, reading, tallies)  # noqa: PLW2901 - what is left of it
        if len(group) > newest:
            group = _newest(group, newest, reading, tallies)  # noqa: PLW2901 - what is left of it
        for node in group:
            yield "observations", node


def _newest(group: list[Node], newest: int, reading: Reading, tallies: dict[str, _Tally]) -> list[Node]:
    """The newest few that stand and are this patient's, each once; and those that do not, so that they are named."""
    standing: dict[str | int, Node] = {}
    apart = []
    for node in group:
        if node.status in _VOID or not _is_this_patients(node, reading):
            apart.append(node)
        else:
            standing.setdefault(node.id or id(node), node)
    ordered = sorted(standing.values(), key=_written_date, reverse=True)
    _tally(tallies, "observations").good += len(ordered[newest:])
    return ordered[:newest] + apart


def _answering(group: list[Node], reading: Reading, tallies: dict[str, _Tally]) -> list[Node]:
    """Those whose answer or components may still say something; the others are counted and left."""
    speaking, silent = [], 0
    for node in group:
        if node.component or node.value_codeable_concept or node.value_string:
            speaking.append(node)
        elif _is_this_patients(node, reading):
            silent += 1
        else:
            speaking.append(node)
    _tally(tallies, "observations").good += silent
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


def _read(node: Node, reading: Reading, tally: _Tally) -> None:
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


def _read_patient(node: Node, reading: Reading, tally: _Tally) -> None:
    if node.id and node.id != reading.patient_id:
        tally.other += 1
        reading.aside(reference_of(node, reading), "other-patient")
        return
    tally.good += 1
    reading.patient = read_patient(node, f"Patient/{reading.patient_id}")


def _is_this_patients(node: Node, reading: Reading) -> bool:
    """Whether the subject is the patient of the request; a resource that names no subject is taken to be."""
    subject = node.subject or node.patient
    if subject is None or not subject.reference:
        return True
    reference = subject.reference
    known = reading.subjects.get(reference)
    if known is None:
        known = reading.subjects[reference] = bare_id(reference) == reading.patient_id
    return known


def _read_drafts(reading: Reading, tally: _Tally) -> dict[str, DraftOrder]:
    """Read ``context.draftOrders``; every draft keeps its JSON for update actions."""
    circumstances = reading.circumstances
    if not circumstances.draft_orders:
        return {}
    tally.states.append("given")
    try:
        bundle = msgspec.json.decode(circumstances.draft_orders, type=_LooseBundle)
    except (msgspec.DecodeError, RecursionError):
        tally.states.append("unreadable")
        return {}
    nodes: list[tuple[Node, Raw]] = []
    for entry in bundle.entry or ():
        try:
            resource = msgspec.json.decode(entry, type=_LooseEntry).resource
        except (msgspec.DecodeError, RecursionError):
            tally.unreadable += 1
            continue
        node = _decode_alone(resource, reading) if resource else None
        if node is not None:
            nodes.append((node, resource))
            if node.resource_type == "Medication" and node.code:
                reading.medicines[reference_of(node, reading)] = node.code
    return _drafts(nodes, reading, tally)


def _drafts(nodes: list[tuple[Node, Raw]], reading: Reading, tally: _Tally) -> dict[str, DraftOrder]:
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


def _tally(tallies: dict[str, _Tally], need: str) -> _Tally:
    return tallies.setdefault(need, _Tally())


def _supply(tally: _Tally) -> Supply:
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


def _unfetched(circumstances: Circumstances, tallies: Mapping[str, _Tally]) -> dict[str, Supply]:
    """Needs whose keys were to be fetched and could not be, unless another key of the need brought something."""
    return {
        need_of(key): Supply("error", detail=why)
        for key, why in circumstances.absent_reasons.items()
        if not (tally := tallies.get(need_of(key))) or not tally.good
    }


def _has_next(link: Raw) -> bool:
    if not link:
        return False
    try:
        links = msgspec.json.decode(link)
    except (msgspec.DecodeError, RecursionError):
        return False
    return isinstance(links, list) and any(isinstance(item, dict) and item.get("relation") == "next" for item in links)
