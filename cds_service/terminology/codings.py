"""Code systems under all the names that records give them, and codes as they are compared."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

_MII_ONCOLOGY = "https://www.medizininformatik-initiative.de/fhir/ext/modul-onko/CodeSystem"

SYSTEMS: dict[str, str] = {
    "snomed": "http://snomed.info/sct",
    "icd-10-cm": "http://hl7.org/fhir/sid/icd-10-cm",
    "icd-10": "http://hl7.org/fhir/sid/icd-10",
    "icd-9-cm": "http://hl7.org/fhir/sid/icd-9-cm",
    "icd-o-3": "http://terminology.hl7.org/CodeSystem/icd-o-3",
    "icpc-2": "http://hl7.org/fhir/sid/icpc-2",
    "loinc": "http://loinc.org",
    "rxnorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "ndc": "http://hl7.org/fhir/sid/ndc",
    "atc": "http://www.whocc.no/atc",
    "pzn": "http://fhir.de/CodeSystem/ifa/pzn",
    "cpt": "http://www.ama-assn.org/go/cpt",
    "hcpcs": "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
    "ops": "http://fhir.de/CodeSystem/bfarm/ops",
    "cdt": "http://www.ada.org/cdt",
    "ncit": "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl",
    "mii-conference": f"{_MII_ONCOLOGY}/mii-cs-onko-therapieplanung-typ",
    "mii-therapy": f"{_MII_ONCOLOGY}/mii-cs-onko-therapie-typ",
    "uicc": "https://www.uicc.org/resources/tnm",
    "ajcc": "http://cancerstaging.org",
    "act-code": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "yes-no": "http://terminology.hl7.org/CodeSystem/v2-0136",
    "ips-absent": "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips",
    "edqm": "http://standardterms.edqm.eu",
}
"""Our short name of each code system, and the URI that FHIR R4, or its owner, publishes for it."""

CATEGORIES = frozenset({"icd-10-cm", "icd-10", "icd-9-cm", "icd-o-3", "icpc-2", "atc", "ops"})
"""Classifications: what begins with a code lies below it."""

CATALOGUES = frozenset({"snomed", "rxnorm", "ndc", "pzn", "hcpcs"})
"""Systems in which every product, or every drug, has a code of its own: one that no value set has may be of any medicine."""

_ALSO: dict[str, str] = {
    "2.16.840.1.113883.6.96": "snomed",
    "2.16.840.1.113883.6.90": "icd-10-cm",
    "2.16.840.1.113883.6.3": "icd-10",
    "2.16.840.1.113883.6.135": "icd-10",  # the Australian modification
    "2.16.840.1.113883.6.103": "icd-9-cm",
    "2.16.840.1.113883.6.104": "icd-9-cm",
    "2.16.840.1.113883.6.43.1": "icd-o-3",
    "2.16.840.1.113883.6.1": "loinc",
    "2.16.840.1.113883.6.88": "rxnorm",
    "2.16.840.1.113883.6.69": "ndc",
    "2.16.840.1.113883.6.73": "atc",
    "2.16.840.1.113883.6.12": "cpt",
    "2.16.840.1.113883.6.285": "hcpcs",
    "2.16.840.1.113883.6.13": "cdt",
    "2.16.840.1.113883.3.26.1.1": "ncit",
    "2.16.840.1.113883.5.4": "act-code",
    "0.4.0.127.0.16.1.1.2.1": "edqm",
    "1.2.276.0.76.5.434": "icd-10",  # ICD-10-GM
    "2.16.840.1.113883.6.139": "icpc-2",
    "2.16.840.1.113883.2.4.4.31.1": "icpc-2",  # ICPC-1, as general practice in the Netherlands has it: the same rubrics
    "http://hl7.org/fhir/sid/icpc-1": "icpc-2",
    "http://hl7.org/fhir/sid/icpc-1-nl": "icpc-2",
    "sct": "snomed",
    "snomedct": "snomed",
    "snomed-ct": "snomed",
    "snomed ct": "snomed",
    "http://snomed.info/id": "snomed",
    "http://dmd.nhs.uk": "snomed",  # dm+d is a part of the United Kingdom's edition, with its identifiers
    "http://dmd.nhs.uk/vmp": "snomed",
    "http://dmd.nhs.uk/amp": "snomed",
    "http://fhir.de/codesystem/bfarm/icd-10-gm": "icd-10",
    "http://fhir.de/codesystem/dimdi/icd-10-gm": "icd-10",
    "http://hl7.org/fhir/sid/icd-10-gm": "icd-10",
    "http://hl7.org/fhir/sid/icd-10-uk": "icd-10",
    "http://hl7.org/fhir/sid/icd-10-am": "icd-10",
    "http://hl7.org/fhir/sid/icd-10-vn": "icd-10",
    "http://hl7.org/fhir/sid/icd-10-ca": "icd-10",
    "http://hl7.org/fhir/sid/icd-10-nl": "icd-10",
    "http://hl7.org/fhir/sid/icd-10-es": "icd-10-cm",  # CIE-10-ES translates the clinical modification
    "http://hl7.org/fhir/sid/icd-10-us": "icd-10-cm",
    "http://id.who.int/icd/release/10": "icd-10",
    "icd10": "icd-10",
    "icd10cm": "icd-10-cm",
    "http://www.cms.gov/medicare/coding/icd10": "icd-10-cm",
    "http://fhir.de/codesystem/dimdi/ops": "ops",
    "http://hl7.org/fhir/sid/icd-o-3": "icd-o-3",
    "http://fhir.de/codesystem/bfarm/atc": "atc",
    "http://fhir.de/codesystem/dimdi/atc": "atc",
    "http://www.whocc.no/atc_ddd_index": "atc",
    "http://www.nlm.nih.gov/research/umls/hcpcs": "hcpcs",
    "http://terminology.hl7.org/codesystem/hcpcs-all-codes": "hcpcs",
    "http://hl7.org/fhir/v3/actcode": "act-code",
    "http://terminology.hl7.org/codesystem/v2-0532": "yes-no",
    "http://hl7.org/fhir/v2/0136": "yes-no",
    "2.16.840.1.113883.12.136": "yes-no",
    "http://www.cancerstaging.org": "ajcc",
    "http://www.uicc.org/tnm": "uicc",
    "http://uicc.org/tnm": "uicc",
}


_EDITIONS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("snomed", re.compile(r"^http://snomed\.(info/sct|org$)|(?:^|[/:.])snomed[ _-]?ct$")),
    ("icd-10-cm", re.compile(r"\b(icd|cie)-?10-?(cm|es)\b")),
    (
        "icd-10",
        re.compile(
            r"\b(icd|cim|cie)-?10(-?(gm|am|ca|nl|se|uk|who|it|fr|at|ch|be|vn))?$|^2\.16\.840\.1\.113883\.6\.3\.\d+$"
        ),
    ),
    ("icd-9-cm", re.compile(r"\b(icd|cie)-?9-?(cm|mc|es)\b")),
    ("icpc-2", re.compile(r"\bicpc-?[12]?(-nl)?$")),
)
"""URIs under which nations and vendors publish an edition of a system that is known, where none of them is listed by itself."""


class CodeKey(NamedTuple):
    """One code in one system; both in the form in which they are compared."""

    system: str
    code: str


@dataclass(frozen=True, slots=True)
class CodeSystem:
    """A code system that a site adds, or another URI for one that is known (``same_as``)."""

    name: str
    uris: tuple[str, ...]
    """As records write it; the first is the one that we write. Empty text: codes that come without a system."""
    same_as: str = ""
    categories: bool = False


class CodeSystems:
    """The code systems that records are written in: the published ones, and those that a site adds."""

    def __init__(self, added: Iterable[CodeSystem] = ()) -> None:
        self.uris: dict[str, str] = dict(SYSTEMS)
        categories = set(CATEGORIES)
        self._names = {
            **{_plain(uri): name for name, uri in SYSTEMS.items()},
            **{name: name for name in SYSTEMS},
            **_ALSO,
        }
        for system in added:
            own = system.same_as or system.name
            self.uris.setdefault(own, system.uris[0])
            self._names |= {_plain(uri): own for uri in system.uris} | {system.name: own}
            if system.categories:
                categories.add(own)
        self.with_categories = frozenset(categories)

    def name(self, uri: str) -> str:
        """Give our short name for a system's URI, OID or common alias; an unknown one comes back in lower case."""
        text = _plain(uri)
        known = self._names.get(text)
        if known:
            return known
        unversioned = text.partition("|")[0]
        known = self._names.get(unversioned)
        return known or next((own for own, like in _EDITIONS if like.search(unversioned)), text)

    def coding(self, uri: str, code: str) -> CodeKey:
        """Read a system and code as a record writes them."""
        system = self.name(uri)
        if system.startswith("icd-10") and "/" in code:  # editions write morphologies as M8500/3
            system = "icd-o-3"
        return CodeKey(system, comparable(system, code))

    def knows(self, uri: str) -> bool:
        """Whether a URI is that of a system whose codes we may list."""
        return self.name(uri) in self.uris


def comparable(system: str, code: str) -> str:
    """Give a code the form in which it is compared: ICD without dot and in upper case, all else trimmed."""
    text = code.strip()
    if (
        system == "icd-o-3" and "/" in text
    ):  # a morphology: by behaviour first, so that all malignant ones stand together
        histology, _, behaviour = text.upper().removeprefix("M").lstrip("- ").partition("/")
        return f"/{behaviour[:1]}{histology}{behaviour[1:]}"  # a grade may stand behind the behaviour
    if system == "snomed" and (focus := _FOCUS.match(text)):
        return focus[1]
    if system.startswith("icd"):
        return text.replace(".", "").upper()
    if system == "ndc":
        return _national_drug_code(text)
    if system == "pzn":
        return text.removeprefix("PZN").strip(" -").zfill(8)
    if system in _UPPER:
        return text.upper()
    return text


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


_FOCUS = re.compile(r"(?:(?:===|<<<)\s*)?(\d{6,18})\s*[|:+](?!.*\b408729009\b)")
"""The concept that an expression refines, or that stands before its term; one that says who has it, or whether, is no such."""
_COUNTED = re.compile(r"(?P<head>.*?)(?P<number>\d+)")
_UPPER = frozenset({"atc", "hcpcs", "cdt", "cpt", "ops", "mii-therapy"})


def _plain(uri: str) -> str:
    """A URI as it is compared: the two ways of http are one, an OID stands bare."""
    text = uri.strip().lower().rstrip("/").removeprefix("urn:oid:")
    return text.replace("https://", "http://", 1).replace("http://www.snomed", "http://snomed", 1)


def _national_drug_code(text: str) -> str:
    """The labeler and product of an NDC, nine digits, without the package: 0078-0387-25 and 00078038725 are one product."""
    parts = text.split("-")
    if len(parts) >= 2:
        return parts[0].zfill(5) + parts[1].zfill(4)
    return text[:9] if len(text) == 11 else text


STANDARD = CodeSystems()
"""The published systems alone."""
