"""The demonstration patients, as they would be today: their records, and hook requests about them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from cds_service.service.handler import AS_OF
from cds_service.workbench.fixture_files import read_scenarios
from cds_service.workbench.playground.date_shift import DateShift, Json, own_names, renamed

_RECORD_OF_THE_EHR = "https://ehr.example/fhir"
"""What stands before the resources' names in recorded requests."""
_MOST_DRAFTS = 20


@dataclass(frozen=True, slots=True)
class DemoPatient:
    """One made-up patient."""

    name: str
    about: str
    hook: str
    """The hook that the patient was made for."""
    topics: tuple[str, ...]
    """Topics that the patient was made for."""
    as_of: datetime
    record: tuple[Json, ...]
    """As in the file, of the day of the file."""
    request: Json


class DemoPatients:
    """All of them, read once. ``clock`` gives now; everything handed out is moved so that the fixture's day is today."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._clock = clock
        self._all: dict[str, DemoPatient] | None = None
        self._moved: tuple[datetime, dict[str, list[Json]]] | None = None
        self._added: dict[str, list[Json]] = {}

    @property
    def by_name(self) -> Mapping[str, DemoPatient]:
        """Every patient, by name; read at the first call."""
        if self._all is None:
            self._all = {patient.name: patient for patient in _read(self._folder)}
        return self._all

    def records(self) -> Mapping[str, list[Json]]:
        """Everybody's resources as of now, by patient; names of resources are of one patient only."""
        now = self._clock()
        if self._moved is None or self._moved[0] != now:
            settled = {name: _settled(patient, now) for name, patient in self.by_name.items()}
            self._moved = now, {name: record + self._added.get(name, []) for name, record in settled.items()}
        return self._moved[1]

    def add(self, name: str, draft: Json) -> None:
        """Keep a draft that somebody wrote about a patient, until this process ends; of each patient the newest few."""
        self._added[name] = [*self._added.get(name, []), draft][-_MOST_DRAFTS:]
        self._moved = None

    def request(self, name: str, hook: str, prefetch: Iterable[str], fhir_base: str) -> Json:
        """Make a request of this hook about a patient, as of now, with the prefetch keys that are asked for.

        Order hooks get the drafts that the patient was made with, or another patient's. Raises :class:`KeyError`.
        """
        patient = self.by_name[name]
        names = own_names(list(patient.record), name)
        recorded = patient.request
        asked = set(prefetch)
        body = {
            "hookInstance": str(uuid4()),
            "hook": hook,
            "context": self._context(patient, hook),
            "prefetch": {key: value for key, value in recorded["prefetch"].items() if key in asked},
        }
        moved: Json = DateShift(patient.as_of, self._clock()).moved(_named(body, names, fhir_base))
        return moved

    def _context(self, patient: DemoPatient, hook: str) -> Json:
        recorded = patient.request["context"]
        context = {name: recorded[name] for name in ("userId", "patientId", "encounterId") if name in recorded}
        if hook not in {"order-select", "order-sign"}:
            return context
        drafts = recorded.get("draftOrders") or self._somebodys_drafts(patient)
        if hook == "order-select":
            made = [entry["resource"] for entry in drafts["entry"]]
            context["selections"] = [f"{draft['resourceType']}/{draft['id']}" for draft in made]
        return context | {"draftOrders": drafts}

    def _somebodys_drafts(self, patient: DemoPatient) -> Json:
        """An order to try, for a patient who was made without one."""
        for other in self.by_name.values():
            if other.name.startswith("zoledronate") and "draftOrders" in other.request["context"]:
                text = json.dumps(other.request["context"]["draftOrders"])
                drafts: Json = json.loads(text.replace(f"Patient/{other.name}", f"Patient/{patient.name}"))
                return drafts
        return {"resourceType": "Bundle", "type": "collection", "entry": []}


def _read(folder: Path) -> Iterable[DemoPatient]:
    for name, scenario in read_scenarios(folder).items():
        request = folder / "requests" / f"{name}-{scenario.hook}.json"
        record = folder / "patients" / f"{name}.json"
        if request.is_file() and record.is_file():
            bundle = json.loads(record.read_text(encoding="utf-8"))
            body = json.loads(request.read_text(encoding="utf-8"))
            yield DemoPatient(
                name=name,
                about=scenario.about,
                hook=scenario.hook,
                topics=tuple(scenario.expect),
                as_of=datetime.fromisoformat(body["extension"][AS_OF]),
                record=tuple(entry["resource"] for entry in bundle["entry"]),
                request=body,
            )


def _settled(patient: DemoPatient, now: datetime) -> list[Json]:
    names = own_names(list(patient.record), patient.name)
    moved: list[Json] = DateShift(patient.as_of, now).moved(_named(list(patient.record), names, ""))
    return moved


def _named(value: Any, names: Mapping[str, str], fhir_base: str) -> Any:
    """Give every resource its name among all patients, in ``id``, references, ``fullUrl`` and the like."""
    return _called(renamed(value, names), names, fhir_base)


def _called(value: Any, names: Mapping[str, str], fhir_base: str) -> Any:
    if isinstance(value, list):
        return [_called(inner, names, fhir_base) for inner in value]
    if not isinstance(value, dict):
        return value
    given = {member: _called(inner, names, fhir_base) for member, inner in value.items()}
    new = names.get(f"{value.get('resourceType')}/{value.get('id')}")
    if new is not None:
        given["id"] = new.partition("/")[2]
    if isinstance(encounter := value.get("encounterId"), str):
        given["encounterId"] = names.get(f"Encounter/{encounter}", f"/{encounter}").partition("/")[2]
    for member in ("fullUrl", "url"):
        url = value.get(member)
        if isinstance(url, str) and url.startswith(_RECORD_OF_THE_EHR):
            name = url.removeprefix(_RECORD_OF_THE_EHR + "/")
            given[member] = f"{fhir_base}/{names.get(name, name)}"
    return given
