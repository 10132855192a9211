"""Whose a resource is, and which resource a reference means: by full URL first, then by id."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from cds_service.chart.decode import listed
from cds_service.chart.elements import Identifier, Reference, Subject
from cds_service.chart.wire import Bundle, Entry, Patient, Resource


class _Linked(msgspec.Struct, gc=False):
    other: Reference | None = None


_IDENTIFIER = msgspec.json.Decoder(Identifier)
_CONDITIONAL = "Patient?identifier="
"""A reference by what only this patient is known by, as in a transaction that was never resolved."""
_LINKS = msgspec.json.Decoder(_Linked)


def bare_id(reference: str) -> str:
    """The id in a reference of any form: relative, absolute, versioned or ``urn:uuid:``."""
    return _unversioned(reference).rpartition("/")[2].removeprefix("urn:uuid:").removeprefix("urn:oid:")


@dataclass(slots=True)
class Identity:
    """The names under which the patient of a request goes."""

    patient_id: str
    """The bare id that the request gives."""
    names: set[str] = field(init=False)
    """Bare ids, full URLs and identifiers that mean the patient."""
    systems: set[str] = field(default_factory=set)
    """Systems in which the patient has an identifier."""

    def __post_init__(self) -> None:
        self.names = {self.patient_id}

    def owns(self, reference: str) -> bool:
        """Whether a reference means the patient. A contained Patient is that of the resource around it."""
        if reference.startswith("#") or reference in self.names:
            return True
        if reference.startswith(_CONDITIONAL):
            identifier = reference.removeprefix(_CONDITIONAL)
            return identifier in self.names or bare_id(identifier) in self.names
        kind = _unversioned(reference).rpartition("/")[0].rpartition("/")[2]
        return kind in {"Patient", ""} and bare_id(reference) in self.names

    def is_anothers(self, subject: Subject) -> bool:
        """Whether a subject without a reference is known by an identifier that somebody else has in the same system."""
        return any(
            one.value and one.system in self.systems and f"{one.system}|{one.value}" not in self.names
            for one in (listed(subject.identifier, _IDENTIFIER) if subject.identifier else ())
        )

    def find(self, patients: Iterable[tuple[str, Patient]]) -> tuple[Patient | None, list[Patient]]:
        """The Patient resource of the request, if it came, and those of others; each comes with its full URL.

        A Patient without an id is the request's when it is the only one, or its full URL says so. Other ids that
        ``Patient.link`` names are the patient's too, whichever of the two records names the other.
        """
        known = list(patients)
        alone = len({patient.id or url for url, patient in known}) == 1
        own: Patient | None = None
        strangers: list[Patient] = []
        for url, patient in sorted(known, key=lambda pair: pair[1].id != self.patient_id):
            nameless = not patient.id and (alone or bare_id(url) == self.patient_id or _same_person(patient, own))
            if nameless or patient.id in self.names or any(self.owns(link) for link in _links(patient)):
                own = own or patient
                self._learn(url, patient)
            else:
                strangers.append(patient)
        return own, strangers

    def _learn(self, url: str, patient: Patient) -> None:
        self.names |= {name for name in (patient.id, url, bare_id(url) if url else "") if name}
        self.names |= {bare_id(link) for link in _links(patient)}
        identifiers = [one for one in listed(patient.identifier, _IDENTIFIER) if one.value]
        self.names |= {f"{one.system or ''}|{one.value}" for one in identifiers}
        self.systems |= {one.system for one in identifiers if one.system}


def _unversioned(reference: str) -> str:
    return reference.partition("/_history/")[0].rstrip("/")


def _same_person(patient: Patient, own: Patient | None) -> bool:
    """Whether a Patient without an id is the one at hand, sent a second time."""
    return (
        own is not None
        and bool(own.birth_date)
        and (patient.birth_date, patient.gender) == (own.birth_date, own.gender)
    )


def _links(patient: Patient) -> list[str]:
    if not patient.link:
        return []
    linked = (link.other.reference for link in listed(patient.link, _LINKS) if link.other)
    return [reference for reference in linked if reference]


class Directory:
    """The resources of a request under the names by which they may be referred to."""

    __slots__ = ("_bundles", "_by_name")

    def __init__(self) -> None:
        self._bundles: list[list[Entry]] = []
        self._by_name: dict[str, Resource] | None = None

    def add(self, entries: list[Entry]) -> None:
        """Note the entries of a Bundle; they are looked through when somebody refers to one."""
        self._bundles.append(entries)
        self._by_name = None

    def find(self, reference: str) -> Resource | None:
        """The resource that a reference means; ``None`` when it did not come. Contained ones are found elsewhere."""
        if self._by_name is None:
            self._by_name = self._names()
        exact = self._by_name.get(reference)
        if exact is not None:
            return exact
        unversioned = _unversioned(reference)
        found = self._by_name.get(unversioned)
        if found is None and not unversioned.startswith("urn:"):
            found = self._by_name.get("/".join(unversioned.split("/")[-2:]))
        return found

    def _names(self) -> dict[str, Resource]:
        by_id: dict[str, Resource] = {}
        by_url: dict[str, Resource] = {}
        waiting = [entry for bundle in self._bundles for entry in bundle]
        while waiting:
            entry = waiting.pop()
            resource = entry.resource
            if not isinstance(resource, Resource):
                continue  # nothing, or of a type that no card reads
            if isinstance(resource, Bundle):
                waiting += resource.entry or ()
            if entry.full_url:
                by_url[entry.full_url] = resource
            if resource.id and not resource.id.startswith("#"):
                by_id[f"{resource.resource_type}/{resource.id}"] = resource
        return by_id | by_url
