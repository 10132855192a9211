"""``cards/value_sets/*.yaml`` become value sets and one codebook: codes proved by their check digits, sources named."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from cds_service.knowledge.reading import Number, Said, Written, read_part
from cds_service.knowledge.yaml_source import Document, Path
from cds_service.terminology.check_digits import loinc_ok, verhoeff_ok
from cds_service.terminology.codings import SYSTEMS
from cds_service.terminology.order_words import OrderWords
from cds_service.terminology.quantities import normalise_unit
from cds_service.terminology.value_sets import Assumption, Code, Codebook, Measure, ValueSet

WORDED = (
    "Condition",
    "Observation",
    "DiagnosticReport",
    "ImagingStudy",
    "Procedure",
    "ServiceRequest",
    "MedicationRequest",
    "MedicationAdministration",
    "MedicationStatement",
    "MedicationDispense",
    "AllergyIntolerance",
    "Device",
    "Encounter",
    "DocumentReference",  # not read today, like Task; a set may name them for the day when they are
    "Task",
    "answer",
    "bodySite",
    "stage",
)
"""Resource types, and elements of their own vocabulary, whose words may be searched."""

_TOO_WEAK = {"weak", "memory"}
_HIERARCHIC = {"icd-10-cm", "icd-10", "icd-9-cm", "atc"}


class CodeEntry(Written):
    called: ClassVar[str] = "a code"
    system: str
    code: str
    display: Said
    match: Literal["exact", "prefix"] = "exact"
    verified: str
    source: Said


class AssumptionEntry(Written):
    called: ClassVar[str] = "an assumption"
    unit: str
    low: Annotated[Number, Field(alias="from")]
    high: Annotated[Number, Field(alias="to")]


class MeasureEntry(Written):
    called: ClassVar[str] = "a measure"
    substance: str = ""
    units: Annotated[list[str], Field(min_length=1)]
    assume: list[AssumptionEntry] = Field(default_factory=list)


class ValueSetEntry(Written):
    called: ClassVar[str] = "a value set"
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*([-.][a-z0-9]+)*$")]
    title: Said
    kinds: list[str] = Field(default_factory=lambda: ["Condition"])
    includes: list[str] = Field(default_factory=list)
    codes: list[CodeEntry] = Field(default_factory=list)
    text: list[str] = Field(default_factory=list)
    measure: MeasureEntry | None = None
    note: str = ""


_VERIFIED = ("authoritative", "curated-list", "public-use")


def read_value_sets(documents: Iterable[Document], order_words: OrderWords | None = None) -> Codebook:
    """Read every file of value sets; mistakes are noted in the documents, and what is right is kept.

    The codebook also holds the words that orders are written in.
    """
    sets: dict[str, ValueSet] = {}
    includes: list[tuple[Document, Path, str]] = []
    for document in documents:
        if not isinstance(document.data, list):
            document.refuse((), "a file of value sets is a list: each begins with '- name:'")
            continue
        for index in range(len(document.data)):
            value_set = _read_one(document, (index,), sets)
            if value_set is not None:
                sets[value_set.name] = value_set
                includes += [
                    (document, (index, "includes", place), name) for place, name in enumerate(value_set.includes)
                ]
    for document, path, name in includes:
        if name not in sets:
            document.refuse(path, f"{name!r} is not a value set", tuple(_near(name, sets)), found=name)
    known = [_without_unknown(value_set, sets) for value_set in sets.values()]
    return Codebook(known, order_words)


def _read_one(document: Document, path: Path, sets: dict[str, ValueSet]) -> ValueSet | None:
    entry = read_part(ValueSetEntry, document, path)
    if entry is None:
        return None
    if entry.name in sets:
        document.refuse((*path, "name"), f"{entry.name!r} stands already in {sets[entry.name].room}.yaml")
        return None
    for place, kind in enumerate(entry.kinds):
        if kind not in WORDED:
            document.refuse((*path, "kinds", place), f"{kind!r} has no words to search", WORDED, found=kind)
    if not _patterns_are_good(document, (*path, "text"), entry.text):
        return None
    codes = tuple(
        Code(code.system, code.code, code.display, code.match == "prefix")
        for place, code in enumerate(entry.codes)
        if _is_good(document, (*path, "codes", place), code)
    )
    measure = _measure(document, (*path, "measure"), entry.measure) if entry.measure else None
    room = document.file.rpartition("/")[2].removesuffix(".yaml")
    return ValueSet(
        entry.name, entry.title, frozenset(entry.kinds), codes, tuple(entry.text), tuple(entry.includes), measure, room
    )


def _patterns_are_good(document: Document, path: Path, patterns: list[str]) -> bool:
    """Try the patterns together, in the form in which the codebook compiles them, so that the compiled one is at hand."""
    try:
        re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
    except re.error as together:
        before = len(document.errors)
        for place, pattern in enumerate(patterns):
            try:
                re.compile(pattern, re.IGNORECASE)
            except re.error as error:
                document.refuse((*path, place), f"{pattern!r} is not a regular expression: {error}")
        if len(document.errors) == before:
            document.refuse(path, f"the patterns do not go together: {together}")
        return False
    return True


def _is_good(document: Document, path: Path, code: CodeEntry) -> bool:
    before = len(document.errors)
    if code.system not in SYSTEMS:
        document.refuse(
            (*path, "system"), f"{code.system!r} is not a code system that we know", tuple(SYSTEMS), found=code.system
        )
    if code.verified in _TOO_WEAK:
        document.refuse(
            (*path, "verified"), f"a code that rests on {code.verified!r} is not used: find a public source", _VERIFIED
        )
    elif code.verified not in _VERIFIED:
        document.refuse((*path, "verified"), f"'verified' cannot be {code.verified!r}", _VERIFIED, found=code.verified)
    if code.system == "snomed" and not verhoeff_ok(code.code):
        document.refuse((*path, "code"), f"{code.code!r} is not a SNOMED CT code: its check digit is wrong")
    if code.system == "loinc" and not loinc_ok(code.code):
        document.refuse((*path, "code"), f"{code.code!r} is not a LOINC code: its check digit is wrong")
    if code.match == "prefix" and code.system in SYSTEMS and code.system not in _HIERARCHIC:
        document.refuse((*path, "match"), f"codes of {code.system} have no prefixes that mean something", ("exact",))
    return len(document.errors) == before


def _measure(document: Document, path: Path, entry: MeasureEntry) -> Measure:
    units = tuple(_unit(document, (*path, "units", place), unit) for place, unit in enumerate(entry.units))
    assumptions = []
    for place, each in enumerate(entry.assume):
        unit = _unit(document, (*path, "assume", place, "unit"), each.unit)
        if unit not in units:
            document.refuse(
                (*path, "assume", place, "unit"), f"{each.unit!r} is not among the units of the measure", units
            )
        if each.low > each.high:
            document.refuse((*path, "assume", place), f"the range runs from {each.low} down to {each.high}")
        assumptions.append(Assumption(unit, Decimal(each.low), Decimal(each.high)))
    return Measure(entry.substance, units, tuple(assumptions))


def _unit(document: Document, path: Path, unit: str) -> str:
    normal = normalise_unit(unit)
    if normal is None:
        document.refuse(path, f"{unit!r} is not a unit that we know")
    return normal or unit


def _near(name: str, sets: dict[str, ValueSet]) -> list[str]:
    """The handful of sets that read alike; all of them would drown the message."""
    return get_close_matches(name, sorted(sets), n=3, cutoff=0.4)


def _without_unknown(value_set: ValueSet, sets: dict[str, ValueSet]) -> ValueSet:
    if all(name in sets for name in value_set.includes):
        return value_set
    return replace(value_set, includes=tuple(name for name in value_set.includes if name in sets))
