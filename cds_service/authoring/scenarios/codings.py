"""Concepts as CodeableConcepts in the coding style of each flavour."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import islice
from typing import Any, Literal, NamedTuple

from cds_service.authoring.scenarios.concepts import Concept, ConceptCode, ConceptCodes
from cds_service.authoring.scenarios.facts import Flavour
from cds_service.terminology.codings import STANDARD, SYSTEMS

Use = Literal["condition", "observation", "medicine", "act", "other"]
Json = dict[str, Any]


class _Wanted(NamedTuple):
    """Systems in order of preference, and how many of them a record shows at once."""

    systems: tuple[str, ...]
    at_once: int = 1


_US_CORE: dict[Use, _Wanted] = {
    "condition": _Wanted(("snomed", "icd-10-cm", "icd-10"), at_once=2),
    "observation": _Wanted(("loinc", "snomed")),
    "medicine": _Wanted(("rxnorm", "snomed", "atc", "hcpcs")),
    "act": _Wanted(("snomed", "loinc", "cpt", "hcpcs", "cdt")),
    "other": _Wanted(("snomed", "act-code")),
}
_WANTED: dict[Flavour, dict[Use, _Wanted]] = {
    "us-core": _US_CORE,
    "oid": _US_CORE,
    "mcode": {**_US_CORE, "condition": _Wanted(("snomed", "icd-10-cm", "icd-10"))},
    "icd-10-cm": {
        **_US_CORE,
        "condition": _Wanted(("icd-10-cm", "icd-10", "snomed")),
    },
    "icd-10": {
        **_US_CORE,
        "condition": _Wanted(("icd-10", "snomed", "icd-10-cm")),
        "medicine": _Wanted(("atc", "snomed", "rxnorm")),
    },
}

OIDS = {
    "snomed": "urn:oid:2.16.840.1.113883.6.96",
    "icd-10-cm": "urn:oid:2.16.840.1.113883.6.90",
    "icd-10": "urn:oid:2.16.840.1.113883.6.3",
    "loinc": "urn:oid:2.16.840.1.113883.6.1",
    "rxnorm": "urn:oid:2.16.840.1.113883.6.88",
    "atc": "urn:oid:2.16.840.1.113883.6.73",
    "cpt": "urn:oid:2.16.840.1.113883.6.12",
    "hcpcs": "urn:oid:2.16.840.1.113883.6.285",
    "cdt": "urn:oid:2.16.840.1.113883.6.13",
}
"""Code systems by their OIDs, as documents and older interfaces name them."""

GENERIC_METASTASIS = ConceptCode("snomed", "128462008", "Secondary malignant neoplastic disease")
"""mCODE leaves the organ to ``bodySite``; the code is the parent of its secondary cancer value set."""
METASTASIS_SITES = {
    "bone-metastasis": "site-bone",
    "vertebral-metastasis": "site-spine",
    "lung-metastasis": "site-lung",
}


class CodingStyle:
    """Writes concepts in one flavour."""

    def __init__(self, codes: ConceptCodes, flavour: Flavour) -> None:
        self.codes = codes
        self.flavour = flavour

    def fact(self, name: str, use: Use, *, code: Iterable[str] = (), text: str = "", unit: str = "") -> Json:
        """Write a fact's concept; ``code`` and ``text`` stand in for the codes of its value set.

        A laboratory value set lists the codes of mass and of amount of substance together: ``unit`` chooses.
        """
        written = [_written(entry) for entry in code]
        if written or text:
            if name != "other":
                self.codes.concept(name)  # a misspelt name stays an error
            words = text or next((entry.display for entry in written if entry.display), "")
            return self._codeable(written, words)
        return self.concept(self.codes.concept(name), use, unit=unit)

    def named(self, name: str, use: Use = "other") -> Json:
        """Write a value set by name."""
        return self.concept(self.codes.concept(name), use)

    def words_or_concept(self, text: str, use: Use) -> Json:
        """Write the value set of that name, or the words themselves."""
        try:
            return self.named(text, use)
        except ValueError:
            return {"text": text}

    def generic(self, code: ConceptCode) -> Json:
        """Write one code as it is."""
        return self._codeable([code], code.display)

    def concept(self, concept: Concept, use: Use, *, unit: str = "") -> Json:
        """Write a value set: as many of its codes as the flavour shows, or words that it knows."""
        chosen = [] if self.flavour == "text" else _choose(concept.codes, _WANTED[self.flavour][use], unit)
        return self._codeable(chosen, chosen[0].display if chosen and chosen[0].display else concept.words)

    def _codeable(self, codes: Iterable[ConceptCode], text: str) -> Json:
        codings = [] if self.flavour == "text" and text else [self._coding(code) for code in codes]
        written: Json = {"coding": codings} if codings else {}
        return {**written, "text": text} if text else written

    def _coding(self, entry: ConceptCode) -> Json:
        uri = SYSTEMS.get(entry.system, entry.system)
        code = entry.code
        if self.flavour == "oid":
            uri = OIDS.get(STANDARD.name(uri), uri)
            code = code.replace(".", "") if STANDARD.name(uri).startswith("icd") else code
        return (
            {"system": uri, "code": code, "display": entry.display} if entry.display else {"system": uri, "code": code}
        )


@lru_cache(maxsize=4096)  # examples name the same concepts again and again
def _choose(codes: tuple[ConceptCode, ...], wanted: _Wanted, unit: str) -> list[ConceptCode]:
    listed = sorted(codes, key=lambda entry: entry.prefix)  # the order of the file, whole codes first
    by_system = [[entry for entry in listed if entry.system == system] for system in wanted.systems]
    present = [entries for entries in by_system if entries]
    if not present:
        return listed[:1]
    first = next((entry for entry in present[0] if _fits(entry, unit)), present[0][0])
    others = (entry for entries in present[1:] for entry in entries if not entry.prefix and _same_name(first, entry))
    return [first, *islice(others, wanted.at_once - 1)]


def _same_name(one: ConceptCode, other: ConceptCode) -> bool:
    """Whether two systems seem to name the same thing: a set holds many things, a record's codings mean one."""
    return SequenceMatcher(None, one.display.lower(), other.display.lower()).ratio() > 0.7


def _fits(entry: ConceptCode, unit: str) -> bool:
    """Whether a laboratory code's name speaks of the quantity that the unit measures."""
    display = entry.display.lower()
    if "mol" in unit.lower():
        return "moles" in display
    return not unit or "mass" in display


def _written(text: str) -> ConceptCode:
    system, separator, rest = text.partition("|")
    code, _, display = rest.partition("|")
    if not separator or not code:
        raise ValueError(f"a code is written system|code or system|code|display, not {text!r}")
    return ConceptCode(system, code, display)
