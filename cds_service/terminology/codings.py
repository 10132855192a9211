"""Code systems under all the names that records give them, and codes as they are compared."""

from __future__ import annotations

import re
from typing import NamedTuple

SYSTEMS: dict[str, str] = {
    "snomed": "http://snomed.info/sct",
    "icd-10-cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "icd-10": "http://hl7.org/fhir/sid/icd-10",
    "icd-9-cm": "http://hl7.org/fhir/sid/icd-9-cm",
    "icd-o-3": "http://terminology.hl7.org/CodeSystem/icd-o-3",
    "loinc": "http://loinc.org",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "atc": "http://www.whocc.no/atc",
    "cpt": "http://www.ama-assn.org/go/cpt",
    "hcpcs": "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "cdt": "http://www.ada.org/cdt",
    "ncit": "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl",
    "act-code": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "edqm": "http://standardterms.edqm.eu",
}
"""Our short name of each code system, and the URI that FHIR R4 publishes for it."""

_ALIASES: dict[str, str] = {
    **{uri.lower(): name for name, uri in SYSTEMS.items()},
    **{name: name for name in SYSTEMS},
    "2.16.840.1.113883.6.96": "snomed",
    "2.16.840.1.113883.6.90": "icd-10-cm",
    "2.16.840.1.113883.6.3": "icd-10",
    "2.16.840.1.113883.6.135": "icd-10",  # the Australian modification
    "2.16.840.1.113883.6.103": "icd-9-cm",
    "2.16.840.1.113883.6.104": "icd-9-cm",
    "2.16.840.1.113883.6.43.1": "icd-o-3",
    "2.16.840.1.113883.6.1": "loinc",
    "2.16.840.1.113883.6.88": "rxnorm",
    "2.16.840.1.113883.6.73": "atc",
    "2.16.840.1.113883.6.12": "cpt",
    "2.16.840.1.113883.6.285": "hcpcs",
    "2.16.840.1.113883.6.13": "cdt",
    "2.16.840.1.113883.3.26.1.1": "ncit",
    "2.16.840.1.113883.5.4": "act-code",
    "0.4.0.127.0.16.1.1.2.1": "edqm",
    "sct": "snomed",
    "snomedct": "snomed",
    "snomed-ct": "snomed",
    "snomed ct": "snomed",
    "http://snomed.info/id": "snomed",
    "http://fhir.de/codesystem/bfarm/icd-10-gm": "icd-10",
    "http://fhir.de/codesystem/dimdi/icd-10-gm": "icd-10",
    "http://hl7.org/fhir/sid/icd-10-uk": "icd-10",
    "http://hl7.org/fhir/sid/icd-10-am": "icd-10",
    "http://hl7.org/fhir/sid/icd-10-vn": "icd-10",
    "http://hl7.org/fhir/sid/icd-10-ca": "icd-10",
    "http://hl7.org/fhir/sid/icd-10-us": "icd-10-cm",
    "http://id.who.int/icd/release/10": "icd-10",
    "icd10": "icd-10",
    "icd10cm": "icd-10-cm",
    "http://www.cms.gov/medicare/coding/icd10": "icd-10-cm",
    "http://fhir.de/codesystem/bfarm/atc": "atc",
    "http://www.whocc.no/atc_ddd_index": "atc",
    "http://www.nlm.nih.gov/research/umls/hcpcs": "hcpcs",
    "http://terminology.hl7.org/codesystem/hcpcs-all-codes": "hcpcs",
    "http://hl7.org/fhir/v3/actcode": "act-code",
}


class CodeKey(NamedTuple):
    """One code in one system; both in the form in which they are compared."""

    system: str
    code: str


def system_name(uri: str) -> str:
    """Give our short name for a code system's URI, OID or common alias; an unknown one comes back in lower case."""
    text = uri.strip().lower().rstrip("/")
    known = _ALIASES.get(text)
    if known:
        return known
    text = (
        text.removeprefix("urn:oid:").replace("https://", "http://", 1).replace("http://www.snomed", "http://snomed", 1)
    )
    known = _ALIASES.get(text)
    if known:
        return known
    if text.startswith("http://snomed.info/sct"):  # an edition or version of it
        return "snomed"
    return _ALIASES.get(text.partition("|")[0], text)


def comparable(system: str, code: str) -> str:
    """Give a code the form in which it is compared: ICD without dot and in upper case, all else trimmed."""
    text = code.strip()
    if (
        system == "icd-o-3" and "/" in text
    ):  # a morphology: by behaviour first, so that all malignant ones stand together
        histology, _, behaviour = text.partition("/")
        return f"/{behaviour}{histology}".upper()
    if system.startswith("icd"):
        return text.replace(".", "").upper()
    if system in {"atc", "hcpcs", "cdt", "cpt"}:
        return text.upper()
    return text


def coding(uri: str, code: str) -> CodeKey:
    """Read a system and code as a record writes them."""
    system = system_name(uri)
    return CodeKey(system, comparable(system, code))


def beginnings(system: str, first: str, last: str) -> list[str]:
    """The beginnings of all codes from one category to another, as they are compared: C00 to C14 are fifteen.

    Raises :class:`ValueError` when the two do not count up: they differ in more than their last digits.
    """
    low, high = comparable(system, first), comparable(system, last)
    counted, until = _COUNTED.fullmatch(low), _COUNTED.fullmatch(high)
    if low == high:
        return [low]
    if counted is None or until is None or counted["head"] != until["head"] or len(low) != len(high) or low > high:
        raise ValueError(f"from {first} to {last} is no range: write categories of one letter that count up")
    width = len(counted["number"])
    return [f"{counted['head']}{n:0{width}}" for n in range(int(counted["number"]), int(until["number"]) + 1)]


_COUNTED = re.compile(r"(?P<head>.*?)(?P<number>\d+)")
