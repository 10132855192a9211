"""``cards/value_sets/*.yaml``, words and expansions become one codebook: codes proved by their check digits, sources named."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from difflib import get_close_matches

from cds_service.knowledge.errors import CardFileError, nearest_name
from cds_service.knowledge.reading import read_part
from cds_service.knowledge.site_vocabulary import SiteCodeEntry, SiteVocabulary
from cds_service.knowledge.value_set_file import (
    CodeEntry,
    GroupEntry,
    InstrumentEntry,
    MeasureEntry,
    OptionEntry,
    ValueSetEntry,
)
from cds_service.knowledge.words import is_pattern, read_words
from cds_service.knowledge.yaml_source import Document, Path
from cds_service.terminology.check_digits import loinc_ok, verhoeff_ok
from cds_service.terminology.codings import STANDARD, CodeSystems, beginnings
from cds_service.terminology.expansions import BadLine, Expansion, read_expansion
from cds_service.terminology.instruments import Grade, Instrument, Option
from cds_service.terminology.order_words import OrderWords
from cds_service.terminology.phrases import Phrase
from cds_service.terminology.quantities import normalise_unit
from cds_service.terminology.value_sets import Assumption, Code, Codebook, Group, Measure, Plausible, Range, ValueSet
from cds_service.terminology.wording import folded

PLAUSIBLE_RESULTS = "plausible_results"
"""The shared table of what results can be. Measurements name its rows; a result outside is not believed before any rule asks."""
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
    "study",
    "route",
    "label",
)
"""Resource types, and elements of their own vocabulary, whose words may be searched."""

_TOO_WEAK = {"weak", "memory"}
_DASHED = "ops"
"""Codes that hold a dash themselves: a category of theirs stands alone, never for a range."""


_VERIFIED = ("authoritative", "curated-list", "public-use")


def read_codebook(
    documents: Iterable[Document],
    words: Iterable[Document] = (),
    expansions: Mapping[str, str] | None = None,
    errors: list[CardFileError] | None = None,
    order_words: OrderWords | None = None,
    plausible: Mapping[str, Plausible] | None = None,
    site: SiteVocabulary | None = None,
) -> Codebook:
    """Read every file of value sets, of words, and every expansion (file name to text).

    The codebook also holds the words that orders are written in; ``plausible`` are the ranges that results can lie in, by name;
    ``site`` adds to the sets. Mistakes are noted in the documents, those of expansions in ``errors``; what is right is kept.
    """
    documents, words, expansions = tuple(documents), tuple(words), expansions or {}
    systems = site.code_systems() if site is not None else STANDARD
    reading = _Reading(plausible or {}, systems)
    for document in documents:
        if not isinstance(document.data, list):
            document.refuse((), "a file of value sets is a list: each begins with '- name:'")
            continue
        for index in range(len(document.data)):
            reading.take(document, (index,))
    if site is not None:
        reading.add(site)
    sets = reading.checked()
    named, languages, vocabulary = read_words(words, sets, reading.means)
    expanded = [
        found
        for file, text in expansions.items()
        if (found := _expansion(file, text, sets, errors if errors is not None else [])) is not None
    ]
    texts = [document.data for document in (*documents, *words)]
    added = (site.systems, site.sets) if site is not None else None
    content = repr((texts, *expansions.items(), order_words, plausible, added))
    fingerprint = hashlib.sha256(content.encode()).hexdigest()
    phrases = (*reading.own_phrases, *named)
    return Codebook(
        sets.values(),
        expanded,
        phrases,
        order_words,
        languages,
        systems,
        fingerprint,
        vocabulary,
        reading.flat_groups(),
    )


class _Reading:
    """The value sets read so far, and what must be checked when all are known."""

    def __init__(self, plausible: Mapping[str, Plausible], systems: CodeSystems) -> None:
        self.plausible = plausible
        self.systems = systems
        self.sets: dict[str, ValueSet] = {}
        self.means: dict[str, dict[str, list[str]]] = {}
        self.own_phrases: list[Phrase] = []
        self.includes: list[tuple[Document, Path, str]] = []
        self.groups: dict[str, tuple[Document, Path, GroupEntry]] = {}
        self.rooms: dict[str, str] = {}
        """The file of each set and group."""

    def take(self, document: Document, path: Path) -> None:
        """Read one value set, or a group of them; one that is wrong is noted and left out."""
        written = document.data[path[0]]
        if isinstance(written, dict) and "of" in written:
            group = read_part(GroupEntry, document, path)
            if group is not None and not self._is_taken(document, path, group.name):
                self.groups[group.name] = (document, path, group)
            return
        entry = read_part(ValueSetEntry, document, path)
        if entry is not None and not self._is_taken(document, path, entry.name):
            self._take_set(document, path, entry)

    def _is_taken(self, document: Document, path: Path, name: str) -> bool:
        """Whether a name is that of a set or group already, which is noted."""
        if taken := name in self.rooms:
            document.refuse((*path, "name"), f"{name!r} stands already in {self.rooms[name]}.yaml")
        self.rooms.setdefault(name, document.file.rpartition("/")[2].removesuffix(".yaml"))
        return taken

    def _take_set(self, document: Document, path: Path, entry: ValueSetEntry) -> None:
        for place, kind in enumerate(entry.kinds):
            if kind not in WORDED:
                document.refuse((*path, "kinds", place), f"{kind!r} has no words to search", WORDED, found=kind)
        self.own_phrases += _phrases(document, (*path, "text"), entry.name, frozenset(entry.kinds), entry.text)
        if entry.means:
            self.means[entry.name] = entry.means
        self.includes += [(document, (*path, "includes", place), name) for place, name in enumerate(entry.includes)]
        self.sets[entry.name] = ValueSet(
            name=entry.name,
            title=entry.title,
            short=entry.short,
            kinds=frozenset(entry.kinds),
            codes=tuple(self._codes(document, (*path, "codes"), entry.codes)),
            ranges=tuple(self._ranges(document, (*path, "ranges"), entry.ranges)),
            excluded=tuple(Code(code.system, code.code, code.display) for code in entry.excluded),
            text=tuple(entry.text),
            includes=tuple(entry.includes),
            measure=_measure(document, (*path, "measure"), entry.measure, self.plausible) if entry.measure else None,
            room=self.rooms[entry.name],
            instrument=self._instrument(document, (*path, "instrument"), entry.instrument),
            options=tuple(self._options(document, (*path, "options"), entry.options)),
        )

    def _instrument(self, document: Document, path: Path, entry: InstrumentEntry | None) -> Instrument | None:
        if entry is None:
            return None
        instrument = _instrument(document, path, entry)
        self.includes += [(document, (*path, "grades"), name) for name in sorted(instrument.means)]
        return instrument

    def _options(self, document: Document, path: Path, entries: Sequence[OptionEntry]) -> Iterator[Option]:
        for place, entry in enumerate(entries):
            for key in ("means", "sites"):
                self.includes += [
                    (document, (*path, place, key, at), name) for at, name in enumerate(getattr(entry, key))
                ]
            says = _words(document, (*path, place, "says"), [rf"\A(?:{one})\Z" for one in entry.says])
            if says is not None:
                number = None if entry.number is None else Decimal(entry.number)
                yield Option(says, tuple(entry.means), tuple(entry.sites), number)

    def add(self, site: SiteVocabulary) -> None:
        """Put what a site adds to each value set beside what stands there."""
        for name, entry in site.sets.items():
            path: Path = ("value_sets", name)
            known = self.sets.get(name)
            if known is None:
                problem = f"{name!r} is not a value set: a site adds to those that there are"
                site.document.refuse(path, problem, tuple(_near(name, self.sets)), found=name, of_key=True)
                continue
            self.own_phrases += _phrases(site.document, (*path, "text"), name, known.kinds, entry.text)
            self.sets[name] = replace(
                known,
                codes=(*known.codes, *self._codes(site.document, (*path, "codes"), entry.codes)),
                ranges=(*known.ranges, *self._ranges(site.document, (*path, "ranges"), entry.ranges)),
                excluded=(*known.excluded, *(Code(one.system, one.code, one.display) for one in entry.excluded)),
            )

    def _codes(self, document: Document, path: Path, entries: Sequence[CodeEntry]) -> Iterator[Code]:
        for place, code in enumerate(entries):
            if _is_good(document, (*path, place), code, self.systems):
                yield Code(code.system, code.code, code.display, code.match == "prefix")

    def _ranges(self, document: Document, path: Path, written: Mapping[str, list[str]]) -> Iterator[Range]:
        for system, categories in written.items():
            if system not in self.systems.with_categories:
                allowed = tuple(sorted(self.systems.with_categories))
                document.refuse((*path, system), f"{system!r} has no categories", allowed, found=system, of_key=True)
                continue
            for place, text in enumerate(categories):
                part = _range(system, text)
                try:
                    beginnings(part.system, part.first, part.last)
                except ValueError as error:
                    document.refuse((*path, system, place), str(error))
                else:
                    yield part

    def checked(self) -> dict[str, ValueSet]:
        """All sets, without the included ones that do not exist, which are noted."""
        for document, path, name in self.includes:
            if name not in self.sets:
                document.refuse(path, f"{name!r} is not a value set", tuple(_near(name, self.sets)), found=name)
            elif path[-2] == "includes" and self._leads_back(name):
                document.refuse(path, f"{name!r} includes itself, by way of others or at once")
        return {name: _without_unknown(value_set, self.sets) for name, value_set in self.sets.items()}

    def flat_groups(self) -> Iterator[Group]:
        """Each group with its value sets, those of the groups that it holds in their places; what is neither is noted."""
        flat: dict[str, tuple[str, ...]] = {}
        for document, path, entry in self.groups.values():
            members: list[str] = []
            for place, name in enumerate(entry.of):
                if name not in self.sets and name not in flat:
                    known = tuple(_near(name, (*self.sets, *flat)))
                    problem = f"{name!r} is neither a value set nor a group above this one"
                    document.refuse((*path, "of", place), problem, known, found=name)
                members += flat.get(name, (name,))
            flat[entry.name] = tuple(dict.fromkeys(members))
            yield Group(entry.name, entry.title, flat[entry.name])

    def _leads_back(self, name: str) -> bool:
        """Whether what a set includes leads back to it."""
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            included = self.sets[waiting.pop()].includes
            if name in included:
                return True
            waiting += [one for one in included if one in self.sets and one not in seen]
            seen.update(included)
        return False


def _range(system: str, text: str) -> Range:
    if system == _DASHED:
        return Range(system, text, text)
    whole, slash, behaviour = text.partition("/")
    first, _, last = whole.partition("-")
    return Range(system, first + slash + behaviour, (last or first) + slash + behaviour)


def _expansion(file: str, text: str, sets: Mapping[str, ValueSet], errors: list[CardFileError]) -> Expansion | None:
    try:
        found = read_expansion(file.rpartition("/")[2].removesuffix(".tsv"), text)
    except BadLine as error:
        errors.append(CardFileError(file, error.line, error.column, error.problem))
        return None
    names = {name for member in found.members for name in member.sets}
    for name in sorted(names - sets.keys()):
        line = next(
            number for number, line in enumerate(text.splitlines(), 1) if name in line.split("\t")[2:3][0].split()
        )
        errors.append(CardFileError(file, line, 1, f"{name!r} is not a value set", (), nearest_name(name, sets)))
    wrong = [member for member in found.members if member.system == "snomed" and not verhoeff_ok(member.code)]
    errors += [
        CardFileError(file, 0, 0, f"{member.code!r} is not a SNOMED CT code: its check digit is wrong")
        for member in wrong
    ]
    return found if names <= sets.keys() and not wrong else None


def _phrases(document: Document, path: Path, name: str, kinds: frozenset[str], texts: list[str]) -> list[Phrase]:
    written = ((place, text, Phrase(name, kinds, folded(text))) for place, text in enumerate(texts))
    return [phrase for place, text, phrase in written if is_pattern(document, (*path, place), text, phrase)]


def _is_good(document: Document, path: Path, code: CodeEntry, systems: CodeSystems) -> bool:
    before = len(document.errors)
    if code.system not in systems.uris:
        problem = f"{code.system!r} is not a code system that we know"
        document.refuse((*path, "system"), problem, tuple(systems.uris), found=code.system)
    if code.verified in _TOO_WEAK:
        document.refuse(
            (*path, "verified"), f"a code that rests on {code.verified!r} is not used: find a public source", _VERIFIED
        )
    elif code.verified not in _VERIFIED and not isinstance(code, SiteCodeEntry):
        document.refuse((*path, "verified"), f"'verified' cannot be {code.verified!r}", _VERIFIED, found=code.verified)
    if code.system == "snomed" and not verhoeff_ok(code.code):
        document.refuse((*path, "code"), f"{code.code!r} is not a SNOMED CT code: its check digit is wrong")
    if code.system == "loinc" and not loinc_ok(code.code):
        document.refuse((*path, "code"), f"{code.code!r} is not a LOINC code: its check digit is wrong")
    if code.match == "prefix" and code.system in systems.uris and code.system not in systems.with_categories:
        document.refuse((*path, "match"), f"codes of {code.system} have no prefixes that mean something", ("exact",))
    return len(document.errors) == before


def _measure(document: Document, path: Path, entry: MeasureEntry, plausible: Mapping[str, Plausible]) -> Measure:
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
    if entry.plausible and plausible and entry.plausible not in plausible:
        problem = f"{entry.plausible!r} is no row of the plausible results"
        document.refuse((*path, "plausible"), problem, tuple(plausible), found=entry.plausible)
    return Measure(entry.substance, units, tuple(assumptions), plausible.get(entry.plausible), entry.alarming)


def _instrument(document: Document, path: Path, entry: InstrumentEntry) -> Instrument:
    grades = []
    for place, each in enumerate(entry.grades):
        if (each.at_least is not None) + (each.at_most is not None) + bool(each.says) == 0:
            document.refuse((*path, "grades", place), "a grade has at_least, at_most or says")
        says = _words(document, (*path, "grades", place, "says"), each.says)
        low, high = (None if limit is None else Decimal(limit) for limit in (each.at_least, each.at_most))
        grades.append(Grade(tuple(each.means), low, high, says))
    if entry.ability:
        grades.append(Grade((entry.ability,)))
    normal = _words(document, (*path, "normal"), entry.normal)
    unit = _unit(document, (*path, "unit"), entry.unit) if entry.unit else ""
    return Instrument(Decimal(entry.low), Decimal(entry.high), tuple(grades), normal, unit, bool(entry.ability))


def _words(document: Document, path: Path, patterns: list[str]) -> re.Pattern[str] | None:
    for place, pattern in enumerate(patterns):
        try:
            re.compile(pattern, re.IGNORECASE)
        except re.error as error:
            document.refuse((*path, place), f"{pattern!r} is not a regular expression: {error}")
            return None
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE) if patterns else None


def _unit(document: Document, path: Path, unit: str) -> str:
    normal = normalise_unit(unit)
    if normal is None:
        document.refuse(path, f"{unit!r} is not a unit that we know")
    return normal or unit


def _near(name: str, sets: Iterable[str]) -> list[str]:
    """The handful of sets that read alike; all of them would drown the message."""
    return get_close_matches(name, sorted(sets), n=3, cutoff=0.4)


def _without_unknown(value_set: ValueSet, sets: dict[str, ValueSet]) -> ValueSet:
    if all(name in sets for name in value_set.includes):
        return value_set
    return replace(value_set, includes=tuple(name for name in value_set.includes if name in sets))
