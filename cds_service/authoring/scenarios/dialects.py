"""Twins: the same patient as other records write it, so that the cards can be compared.

A dialect changes how a request's resources are coded, never what is true: systems and codes, words, units, shapes. What it
has no words for stays as it was coded; ``cards/dialects.yaml`` says what a dialect cannot say at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import Field

from cds_service.authoring.scenarios.codings import OIDS, Json
from cds_service.authoring.scenarios.concepts import ConceptCodes
from cds_service.authoring.scenarios.facts import Flavour
from cds_service.authoring.scenarios.requests import request
from cds_service.authoring.scenarios.scenario import Scenario
from cds_service.authoring.scenarios.versions import as_dstu2, as_r5, as_stu3
from cds_service.chart.needs import KEYS, TYPE_NOW
from cds_service.knowledge.reading import NonEmptyText, Written
from cds_service.terminology.codings import STANDARD
from cds_service.terminology.quantities import Quantity, UnlikeUnits, normalise_unit
from cds_service.terminology.value_sets import Codebook


class Unsayable(Written):
    called: ClassVar[str] = "what a dialect cannot say"
    dialect: str
    topics: list[str]
    """Whose cards may differ."""
    scenarios: list[str] = Field(default_factory=list)
    """Of these patients only; none: of all."""
    why: NonEmptyText


class DialectsFile(Written):
    """``cards/dialects.yaml``."""

    called: ClassVar[str] = "the file of dialects"
    words: dict[str, dict[str, str]]
    cannot_say: list[Unsayable] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Speaker:
    """What a dialect needs to write with: the codebook, and the words of the languages."""

    codebook: Codebook
    words: Mapping[str, Mapping[str, str]]

    def concepts(self, concept: Json) -> frozenset[str]:
        """The value sets of a CodeableConcept, by its codes."""
        return frozenset().union(
            *(self.codebook.of_code(one.get("system", ""), one.get("code", "")) for one in concept.get("coding", ()))
        )


Change = Callable[[Json, Speaker], None]
"""Changes one resource in place."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way of writing."""

    name: str
    about: str
    change: Change
    flavour: Flavour | None = None


def twin(scenario: Scenario, codes: ConceptCodes, dialect: Dialect, speaker: Speaker, name: str = "") -> Json:
    """The hook request of a scenario in a dialect."""
    written: Json = deepcopy(request(scenario, codes, flavour=dialect.flavour, name=name))
    for resource in _resources([written["prefetch"], written["context"]]):
        dialect.change(resource, speaker)
    _regroup(written["prefetch"])
    return written


def _regroup(prefetch: Json) -> None:
    """Lay resources of another type than before under the key that asks for them; a type of an older version stays."""
    for key, bundle in prefetch.items():
        kind = KEYS[key].type if key in KEYS else ""
        entries = bundle.get("entry", []) if isinstance(bundle, dict) else []
        moved = [one for one in entries if one["resource"]["resourceType"] not in {kind, *TYPE_NOW}]
        if not moved or bundle.get("resourceType") != "Bundle":
            continue
        bundle |= {"entry": [one for one in entries if one not in moved], "total": bundle["total"] - len(moved)}
        for entry in moved:
            there = next(name for name, known in KEYS.items() if known.type == entry["resource"]["resourceType"])
            found = prefetch.setdefault(there, {"resourceType": "Bundle", "type": "searchset", "total": 0})
            found |= {"entry": [*found.get("entry", ()), entry], "total": found["total"] + 1}


def _resources(value: Any) -> Iterator[Json]:
    if isinstance(value, list):
        for item in value:
            yield from _resources(item)
    elif isinstance(value, dict):
        for item in list(value.values()):
            yield from _resources(item)
        if value.get("resourceType") not in {None, "Bundle", "OperationOutcome"}:
            yield value


def _plain(resource: Json, speaker: Speaker) -> None:
    """Nothing but the flavour differs."""


def _epic(resource: Json, speaker: Speaker) -> None:
    """Systems as OIDs, medicines apart with a display in capitals, no unit codes."""
    for coding in _codings(resource):
        coding["system"] = OIDS.get(STANDARD.name(coding.get("system", "")), coding.get("system", ""))
    concept = resource.pop("medicationCodeableConcept", None)
    if concept is not None:
        shown = concept.get("text") or next(
            (one["display"] for one in concept.get("coding", ()) if "display" in one), ""
        )
        resource["contained"] = [{"resourceType": "Medication", "id": "m", "code": concept}]
        resource["medicationReference"] = {"reference": "#m", "display": shown.upper()}


def _oracle(resource: Json, speaker: Speaker) -> None:
    """A code of its own first, published ones without display, moments with offset and milliseconds."""
    for concept in _concepts(resource):
        codings = concept.get("coding", [])
        text = concept.get("text") or next((one["display"] for one in codings if "display" in one), "")
        if codings and _is_clinical(codings[0]):
            bare = [{"system": one["system"], "code": one["code"]} for one in codings]
            concept["coding"] = [{"system": _CERNER, "code": "2164302", "userSelected": True}, *bare]
            concept["text"] = text
    for name, value in resource.items():
        if isinstance(value, str) and _INSTANT.fullmatch(value):
            moment = datetime.fromisoformat(value).astimezone(timezone(timedelta(hours=-6)))
            resource[name] = moment.isoformat(timespec="milliseconds")


def _british(resource: Json, speaker: Speaker) -> None:
    """SNOMED CT of the national edition where there is one, ICD-10 of five characters, SI units."""
    for concept in _concepts(resource):
        codings = concept.get("coding", [])
        snomed = [one for one in codings if STANDARD.name(one.get("system", "")) == "snomed"]
        concept.update({"coding": snomed or codings} if codings else {})
    for coding in _codings(resource):
        if STANDARD.name(coding.get("system", "")) == "icd-10":
            coding["code"] = coding["code"].replace(".", "").ljust(5, "X")
    _international(resource, speaker)


def _german(resource: Json, speaker: Speaker) -> None:
    """ICD-10-GM with certainty G and no display, German words, litres in lower case."""
    for coding in _codings(resource):
        if STANDARD.name(coding.get("system", "")) == "icd-10":
            coding["system"] = "http://fhir.de/CodeSystem/bfarm/icd-10-gm"
            coding.pop("display", None)
            certain = {"system": "https://fhir.kbv.de/CodeSystem/KBV_CS_SFHIR_ICD_DIAGNOSESICHERHEIT", "code": "G"}
            coding["extension"] = [
                {"url": "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit", "valueCoding": certain}
            ]
    _worded("german", coded=True)(resource, speaker)
    _international(resource, speaker)
    for quantity in _quantities(resource):
        if "unit" in quantity:
            quantity["unit"] = quantity["unit"].replace("umol", "µmol").replace("/L", "/l")
            quantity.pop("code", None)


def _registry(resource: Json, speaker: Speaker) -> None:
    """Cancers in ICD-10-GM and morphology, confirmed metastases as sites of oBDS, radiotherapy in OPS, ECOG as a coded grade."""
    if resource["resourceType"] == "Condition":
        _registered_metastasis(resource, speaker)
    elif resource["resourceType"] == "Procedure" and "radiotherapy" in speaker.concepts(resource["code"]):
        resource["code"] = {"coding": [{"system": "http://fhir.de/CodeSystem/bfarm/ops", "code": "8-522.90"}]}
    elif resource["resourceType"] == "Observation" and "ecog" in speaker.concepts(resource.get("code", {})):
        grade = resource.pop("valueQuantity", {}).get("value", resource.pop("valueInteger", None))
        if grade is not None:
            resource["code"] = {"coding": [{"system": "http://snomed.info/sct", "code": "423740007"}]}
            resource["valueCodeableConcept"] = {"coding": [{"system": f"{_MII}/{_ECOG}", "code": f"{int(grade)}"}]}


def _registered_metastasis(resource: Json, speaker: Speaker) -> None:
    found = speaker.concepts(resource.get("code", {}))
    site = next((code for name, code in _REGISTRY_SITES.items() if name in found), None)
    status = {
        one["code"] for name in ("clinicalStatus", "verificationStatus") for one in _coding_of(resource.get(name))
    }
    dated = resource.get("onsetDateTime") or resource.get("recordedDate")
    if (
        site is None
        or status != {"active", "confirmed"}
        or not dated
        or resource.get("bodySite")
        or resource.get("note")
    ):
        return
    identity = {name: resource[name] for name in ("id", "subject")}
    resource.clear()
    resource |= {
        "resourceType": "Observation",
        **identity,
        "status": "final",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "385421009"}]},
        "effectiveDateTime": dated,
        "valueCodeableConcept": {"coding": [{"system": f"{_MII}/mii-cs-onko-fernmetastasen", "code": site}]},
    }


def _worded(language: str, *, coded: bool = False) -> Change:
    """Problems in the words of a language, beside their codes or instead of them."""

    def change(resource: Json, speaker: Speaker) -> None:
        if resource["resourceType"] != "Condition":
            return
        concept = resource.get("code", {})
        own = {coding.get("display") for coding in concept.get("coding", ())} >= {concept.get("text")}
        meant = speaker.codebook.narrowed(speaker.concepts(concept))
        said = speaker.words[language].get(meant[0]) if len(meant) == 1 and own else None
        if said is not None:
            resource["code"] = {**concept, "text": said} if coded else {"text": said}

    return change


def _international(resource: Json, speaker: Speaker) -> None:
    _in_units(resource, speaker, {"calcium": "mmol/L", "albumin": "g/L", "creatinine": "umol/L", "glucose": "mmol/L"})


def _conventional(resource: Json, speaker: Speaker) -> None:
    _in_units(resource, speaker, {"calcium": "mg/dL", "albumin": "g/dL", "creatinine": "mg/dL", "glucose": "mg/dL"})


def _in_units(resource: Json, speaker: Speaker, units: Mapping[str, str]) -> None:
    measure = speaker.codebook.measure(speaker.concepts(resource.get("code", {})))
    unit = units.get(measure.substance) if measure is not None else None
    if unit is None or measure is None:
        return
    for quantity in _quantities(resource):
        have = normalise_unit(quantity.get("code") or quantity.get("unit") or "")
        if have is None or "value" not in quantity:
            continue
        try:
            turned = Quantity(Decimal(str(quantity["value"])), have, measure.substance).to(unit)
        except UnlikeUnits:
            continue
        quantity |= {"value": float(round(turned.value, 8)), "unit": unit, "code": unit}


def _version(shape: Callable[[Json], None]) -> Change:
    """The shapes of another version of FHIR."""

    def change(resource: Json, speaker: Speaker) -> None:
        shape(resource)

    return change


DIALECTS: tuple[Dialect, ...] = (
    Dialect("epic", "US Core as Epic writes it: OIDs, medicines by reference", _epic),
    Dialect("oracle", "Oracle Health: a code of its own first, published codes bare, moments with offset", _oracle),
    Dialect("british", "UK Core: SNOMED CT, ICD-10 of five characters, SI units", _british),
    Dialect("german", "ICD-10-GM with certainty G, ATC, German words and units", _german, "icd-10"),
    Dialect("registry", "oBDS: sites of metastasis, OPS, coded ECOG", _registry, "icd-10"),
    Dialect("french", "problems in French words", _worded("french")),
    Dialect("spanish", "problems in Spanish words", _worded("spanish")),
    Dialect("mcode", "mCODE: generic secondary code with body site, M category", _plain, "mcode"),
    Dialect("words", "no code at all", _plain, "text"),
    Dialect("si", "SI units", _international),
    Dialect("conventional", "conventional units", _conventional),
    Dialect("r5", "the shapes of FHIR R5", _version(as_r5)),
    Dialect("stu3", "the shapes of FHIR STU3", _version(as_stu3)),
    Dialect("dstu2", "the shapes of FHIR DSTU2", _version(as_dstu2)),
)

_CERNER = "https://fhir.cerner.com/00000000-0000-0000-0000-000000000000/codeSet/4002000"
_MII = "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko/CodeSystem"
_ECOG = "mii-cs-onko-allgemeiner-leistungszustand-ecog"
_REGISTRY_SITES = {
    "vertebral-metastasis": None,
    "bone-metastasis": "OSS",
    "lung-metastasis": "PUL",
    "liver-metastasis": "HEP",
    "brain-metastasis": "BRA",
    "pleural-metastasis": "PLE",
}
"""A registry knows no vertebra: such a problem keeps its code."""
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def _concepts(value: Any) -> Iterator[Json]:
    """Every CodeableConcept of a resource, contained ones too."""
    if isinstance(value, list):
        for item in value:
            yield from _concepts(item)
    elif isinstance(value, dict):
        if isinstance(value.get("coding"), list):
            yield value
        for item in value.values():
            yield from _concepts(item)


def _codings(resource: Json) -> Iterator[Json]:
    for concept in _concepts(resource):
        yield from concept["coding"]


def _coding_of(concept: Json | None) -> list[Json]:
    return concept.get("coding", []) if concept else []


def _is_clinical(coding: Json) -> bool:
    return STANDARD.knows(coding.get("system", "")) and STANDARD.name(coding["system"]) != "act-code"


def _quantities(resource: Json) -> Iterator[Json]:
    for part in (resource, *resource.get("component", ())):
        if "valueQuantity" in part:
            yield part["valueQuantity"]
        for limits in part.get("referenceRange", ()):
            yield from (limits[name] for name in ("low", "high") if name in limits)
