"""Value sets, and the codebook that tells which of them a code or a phrase belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from cds_service.terminology.codings import STANDARD, CodeSystems, beginnings
from cds_service.terminology.cues import Cues, Language, Reading
from cds_service.terminology.expansions import EVERYTHING_BELOW, Expansion
from cds_service.terminology.instruments import Instrument, Option
from cds_service.terminology.order_words import OrderWords
from cds_service.terminology.phrases import Phrase, PhraseBook
from cds_service.terminology.quantities import Limit
from cds_service.terminology.results import Results
from cds_service.terminology.units import Units
from cds_service.terminology.vocabulary import Vocabulary

WITH_NATIONAL_SUBDIVISIONS = "icd-10"
"""WHO's classification, which national editions divide further (G82.2 is G82.20 and more in Germany): a code stands for
its subdivisions."""


@dataclass(frozen=True, slots=True)
class Code:
    """One member of a value set; with ``prefix`` it stands for every code that begins with it."""

    system: str
    code: str
    display: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Assumption:
    """The unit that a number without one is taken to have when it lies within these bounds."""

    unit: str
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Plausible:
    """Between which values, both included, a result can be right; what lies outside is not believed in either direction."""

    low: Limit
    high: Limit


@dataclass(frozen=True, slots=True)
class Measure:
    """What a laboratory or vital-sign set measures: substance, admissible units, assumptions for a missing unit."""

    substance: str
    units: tuple[str, ...]
    assume: tuple[Assumption, ...] = ()
    plausible: Plausible | None = None
    alarming: Literal["high", "low"] = "high"
    """In which direction a result alarms: a range is judged by its end that is nearer to the healthy."""


@dataclass(frozen=True, slots=True)
class Range:
    """All codes of a classification from one category to another, both included, with what lies below them."""

    system: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class ValueSet:
    """A named set of codes and phrases: our word for one clinical idea."""

    name: str
    title: str
    kinds: frozenset[str]
    """Resource types whose words are searched; codes count in any."""
    codes: tuple[Code, ...] = ()
    ranges: tuple[Range, ...] = ()
    excluded: tuple[Code, ...] = ()
    """Codes that never belong, whatever range, beginning or expansion would have them in."""
    text: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    measure: Measure | None = None
    room: str = ""
    """The file that it stands in, such as ``medications``."""
    short: str = ""
    """What the ward calls it, for cards: ``breast cancer``, ``SpO2``; empty where the record's own words say more."""
    instrument: Instrument | None = None
    options: tuple[Option, ...] = ()
    """The answers of a closed question, such as the M category of TNM; of those that fit the first counts."""

    @property
    def is_sign(self) -> bool:
        """Whether it names something that a patient has or has not, as problem or as observation."""
        return self.kinds >= _OF_SIGNS and "answer" not in self.kinds and self.measure is None


@dataclass(frozen=True, slots=True)
class Group:
    """Value sets that are asked for together; no record is ever called by a group."""

    name: str
    title: str
    of: tuple[str, ...]


_OF_DISEASES = frozenset({"metastases", "primaries"})
_OF_SIGNS = frozenset({"Condition", "Observation"})
_REMEMBERED = 10_000
_MOST_NAMES = 2
_UNSPECIFIED = "-unspecified"


class Codebook:
    """All value sets of the loaded knowledge, turned round: from code or phrase to the names of sets."""

    def __init__(
        self,
        value_sets: Iterable[ValueSet],
        expansions: Iterable[Expansion] = (),
        phrases: Iterable[Phrase] = (),
        order_words: OrderWords | None = None,
        languages: Iterable[Language] = (),
        systems: CodeSystems = STANDARD,
        fingerprint: str = "",
        vocabulary: Vocabulary | None = None,
        groups: Iterable[Group] = (),
    ) -> None:
        self.fingerprint = fingerprint
        """Codebooks of one fingerprint read records alike."""
        self.described_groups = tuple(groups)
        self.groups = {group.name: group.of for group in self.described_groups}
        self.vocabulary = vocabulary or Vocabulary()
        words = self.vocabulary
        self.units = Units(words.units, words.words("per"), words.words("events"))
        self.results = Results(words, self.units)
        self.systems = systems
        self.order_words = order_words or OrderWords()
        self.sets: Mapping[str, ValueSet] = {value_set.name: value_set for value_set in value_sets}
        self.expansions = tuple(expansions)
        self._wider = _closure(self.sets)
        self._displays: dict[tuple[str, str], str] = {}
        self._begun: dict[tuple[str, str], str] = {}
        self._exact: dict[tuple[str, str], frozenset[str]] = {}
        self._prefixes: dict[str, dict[str, frozenset[str]]] = {}
        self._lengths: dict[str, tuple[int, ...]] = {}
        self._excluded: dict[tuple[str, str], frozenset[str]] = {}
        self._measures: dict[frozenset[str], Measure | None] = {}
        self.signs = frozenset(name for name, value_set in self.sets.items() if value_set.is_sign)
        self.symptoms = frozenset(name for name in self.signs if self.sets[name].room == "symptoms")
        """Signs of which it matters that they are new."""
        self._instruments = {name: found for name, one in self.sets.items() if (found := one.instrument) is not None}
        self.answers_alone = frozenset(name for name, one in self.sets.items() if one.kinds == {"answer"})
        """What is only ever an answer: by itself it says nothing of a patient."""
        self._closed = frozenset(name for name, value_set in self.sets.items() if value_set.options)
        self.diseases = frozenset(name for name, one in self.sets.items() if one.room in _OF_DISEASES)
        """What a closed question may be answered with that is a fact of its own, such as a metastasis."""
        self._index_codes()
        self._index_expansions()
        self._lengths = {
            system: tuple(sorted({len(prefix) for prefix in table})) for system, table in self._prefixes.items()
        }
        self.phrases = PhraseBook(phrases, Cues(languages), self._wider)

    def of_code(self, system: str, code: str) -> frozenset[str]:
        """Names of the sets that a coding, written as a record writes it, belongs to; wider sets included."""
        known = self.systems.coding(system, code)
        found = self._exact.get(known, frozenset())
        by_prefix = self._prefixes.get(known.system)
        if by_prefix:
            for length in self._lengths[known.system]:
                found = found | by_prefix.get(known.code[:length], frozenset())
        return found - self._excluded[known] if known in self._excluded else found

    def of_words(self, kind: str, text: str) -> dict[str, Reading]:
        """Names of the sets whose phrases the text holds, each with how the text means it (affirmed, doubted, ...)."""
        return self.phrases.read(kind, text)

    def display(self, system: str, code: str) -> str:
        """Our name for a coding, for records that send a bare code: its own, else that of the longest listed beginning."""
        known = self.systems.coding(system, code)
        named = self._displays.get(known)
        if named is None:
            lengths = self._lengths.get(known.system, ())
            named = next(
                (
                    name
                    for length in reversed(lengths)
                    if (name := self._begun.get((known.system, known.code[:length])))
                ),
                "",
            )
        return named

    def wider(self, name: str) -> frozenset[str]:
        """A set and all that include it; nothing for a name that is no set."""
        return self._wider.get(name, frozenset())

    def narrowest(self, names: frozenset[str]) -> ValueSet:
        """Of these sets the one that the most others include: the most telling name."""
        return self.sets[max(sorted(names), key=lambda name: len(self._wider[name]))]

    def narrowed(self, names: Iterable[str]) -> tuple[str, ...]:
        """These sets without those that another of them is included in, in the order of the alphabet."""
        known = set(names)
        wider = {other for name in known for other in self._wider[name] if other != name}
        return tuple(sorted(known - wider))

    def called(self, names: frozenset[str]) -> str:
        """Our short name of what belongs to these sets; of several that say different things the first two.

        A set of what is not specified names what is in no other; a name that a longer one contains is not said twice
        ("castration-resistant prostate cancer", not "prostate cancer" too).
        """
        if not names:
            return ""
        short = [name for name in names if name in self.sets and self.sets[name].short]
        known = self.narrowed([name for name in short if not name.endswith(_UNSPECIFIED)] or short)
        first = tuple(self.sets[name].short for name in known[:_MOST_NAMES])
        return ", ".join(name for name in first if not any(name != other and name in other for other in first))

    def measure(self, concepts: frozenset[str]) -> Measure | None:
        """What an observation in these sets measures, if one of them is a measurement."""
        if concepts in self._measures:
            return self._measures[concepts]
        named = (self.sets[name].measure for name in sorted(concepts) if name in self.sets)
        found = next((measure for measure in named if measure is not None), None)
        if len(self._measures) < _REMEMBERED:  # which sets meet in one concept comes from outside
            self._measures[concepts] = found
        return found

    def instrument(self, concepts: frozenset[str]) -> Instrument | None:
        """The question, score or scale that one of these sets is."""
        asked = self._instruments.keys() & concepts
        return self._instruments[min(asked, key=lambda name: (name in self.signs, name))] if asked else None

    def closed_question(self, concepts: frozenset[str]) -> ValueSet | None:
        """The closed question that one of these sets is."""
        asked = self._closed & concepts
        return self.sets[min(asked)] if asked else None

    def answers_to(self, concepts: frozenset[str]) -> frozenset[str]:
        """All that the answers to the closed question among these sets may mean."""
        question = self.closed_question(concepts)
        means = (name for option in question.options for name in option.means) if question is not None else ()
        return frozenset().union(*map(self.wider, means))

    def _index_codes(self) -> None:
        for value_set in self.sets.values():
            names = self._wider[value_set.name]
            for member in value_set.codes:
                known = self.systems.coding(member.system, member.code)
                if member.prefix or known.system == WITH_NATIONAL_SUBDIVISIONS:
                    self._begun.setdefault(known, member.display)
                    self._begin(known.system, known.code, names)
                else:
                    self._displays.setdefault(known, member.display)
                    self._exact[known] = self._exact.get(known, frozenset()) | names
            for part in value_set.ranges:
                for begun in beginnings(part.system, part.first, part.last):
                    self._begin(part.system, begun, names)
            for member in value_set.excluded:
                known = self.systems.coding(member.system, member.code)
                self._excluded[known] = self._excluded.get(known, frozenset()) | {value_set.name}

    def _begin(self, system: str, beginning: str, names: frozenset[str]) -> None:
        table = self._prefixes.setdefault(system, {})
        table[beginning] = table.get(beginning, frozenset()) | names

    def _index_expansions(self) -> None:
        together: dict[tuple[str, ...], frozenset[str]] = {}
        for expansion in self.expansions:
            for member in expansion.members:
                names = together.get(member.sets)
                if names is None:
                    wider = (self._wider[name] for name in member.sets)
                    names = together[member.sets] = frozenset().union(*wider)
                known = self.systems.coding(member.system, member.code.removesuffix(EVERYTHING_BELOW))
                if member.code.endswith(EVERYTHING_BELOW):
                    self._begun.setdefault(known, member.display)
                    self._begin(known.system, known.code, names)
                else:
                    self._displays.setdefault(known, member.display)
                    self._exact[known] = self._exact[known] | names if known in self._exact else names


def _closure(sets: Mapping[str, ValueSet]) -> dict[str, frozenset[str]]:
    """For every set the names of all sets that include it, itself among them."""
    parents: dict[str, set[str]] = {name: set() for name in sets}
    for value_set in sets.values():
        for member in value_set.includes:
            parents[member].add(value_set.name)
    return {name: frozenset(_upwards(name, parents)) for name in sets}


def _upwards(name: str, parents: Mapping[str, set[str]]) -> set[str]:
    found, waiting = {name}, [name]
    while waiting:
        for parent in parents[waiting.pop()]:
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found
