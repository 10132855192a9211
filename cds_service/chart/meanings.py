"""What a CodeableConcept means to us: the value sets of its codes and words, remembered by its very bytes.

An EHR writes the same concept with the same bytes again and again, so the memory spares both the decoding and the
look-up. It is bounded, holds no patient's identity, and belongs to one codebook.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, replace
from decimal import Decimal
from hashlib import sha256
from typing import Any, Literal

import msgspec
from msgspec import Raw

from cds_service.chart.decode import anything, decoded, listed
from cds_service.chart.elements import CodeableConcept, Coding, Extension
from cds_service.chart.orders.reader import OrderReader
from cds_service.chart.text_allowance import TextAllowance, endless
from cds_service.terminology.codings import CATALOGUES
from cds_service.terminology.value_sets import Codebook, ValueSet

REMEMBERED = 50_000
LONGEST_LABEL = 120

Certainty = Literal["", "confirmed", "suspected", "excluded", "history"]
"""How sure a diagnosis is, where its coding says so, as every diagnosis of German ambulatory care does."""
CERTAINTIES: dict[str, Certainty] = {"G": "confirmed", "V": "suspected", "A": "excluded", "Z": "history"}
"""Gesichert, Verdacht, Ausgeschlossen, Zustand nach."""
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Meaning:
    """The value sets of a concept, by code and by words, and how the words put it."""

    label: str
    text: str
    concepts: frozenset[str]
    coded: frozenset[str]
    doubted: frozenset[str] = NOTHING
    """Concepts that the words only suspect, or that a code states and the words rule out."""
    history: frozenset[str] = NOTHING
    denied: frozenset[str] = NOTHING
    certainty: Certainty = ""
    question: bool = False
    """A question, score or scale: no sign without an answer."""
    known: bool = False
    """Somebody can tell what is meant: there are words, or a code of a system whose codes we list. Of a medicine, a code
    that stands for one product only says nothing where no value set has it."""
    called: str = ""
    """Our own short name, where a value set has one."""
    unread: bool = False
    """There are words beyond what a request may have read."""


_MEDICINES = frozenset({"MedicationRequest", "MedicationAdministration", "MedicationStatement", "MedicationDispense"})
_NONE_KNOWN, _NO_INFORMATION = "none-known", "no-information"
"""Entries that stand for an empty list, and for one that nobody has."""
UNREAD_WORDS = ("cancer-in-another-language", "sign-in-another-language")
"""What words of a language that is not read may mean; a code beside them says what it is."""
_UNIDENTIFIED = frozenset({"unidentified-medicine"})
"""Words that stand in the place of a name, such as those of a blinded trial: they say no more than no words."""
EMPTY = Meaning("", "", NOTHING, NOTHING)


class Meanings:
    """Reads concepts with one codebook and remembers them."""

    def __init__(self, codebook: Codebook) -> None:
        self.codebook = codebook
        self.orders = OrderReader(codebook.order_words)
        self.allowance = endless()
        """How much text that is not remembered may still be read."""
        self._known: dict[tuple[str, bytes], Meaning] = {}
        words = codebook.vocabulary
        self._question = re.compile(rf"{_TAGGED}|\b(?:{words.any_of('questions')})\b", re.IGNORECASE)
        joint = f"[-\u2013/]|{words.any_of('range')}|{'|'.join(sorted(map(re.escape, codebook.phrases.cues.ors)))}"
        self._begins_with_a_number = re.compile(rf"\D{{0,80}}?(\d{{1,3}})\b(?!\s*(?:{joint})\s*\d)")
        """An answer such as ``Grade 2``, ``2 - up and about`` or ``KPS 70 %``; a span between two grades is none."""

    def within(self, allowance: TextAllowance) -> Meanings:
        """The same, with the same memory, for one request that may have so much new text read."""
        bounded = copy(self)
        bounded.allowance, bounded.orders = allowance, self.orders.within(allowance)
        return bounded

    def anew(self) -> Meanings:
        """The same with as large an allowance again: what is drafted is read, however long the record is."""
        return self.within(TextAllowance(self.allowance.characters))

    def of(self, kind: str, raw: Raw) -> Meaning:
        """The meaning of one CodeableConcept (or Coding) of a resource of this kind; unreadable bytes mean nothing."""
        if not raw:
            return EMPTY
        key = (kind, bytes(raw))
        known = self._known.get(key)
        if known is None:
            known = self._remember(key, self.read(kind, codeable_concept(raw)))
        return known

    def of_answer(self, raw: Raw) -> Meaning:
        """The meaning of a coded value: as an answer (``present``, ``M1``), and as a finding in its own right."""
        key = ("?", bytes(raw))
        known = self._known.get(key)
        if known is None:
            known = self._remember(key, union((self.of("answer", raw), self.of("Observation", raw))))
        return known

    def of_closed(self, question: ValueSet, raw: Raw) -> Meaning:
        """The meaning of a coded value as one of the answers of a closed question: by its bare codes, too."""
        key = (f"?{question.name}", bytes(raw))
        known = self._known.get(key)
        if known is None:
            chosen = self._chosen(question, self.written_in(raw), self.of("bodySite", raw).concepts)
            known = self._remember(key, union((self.of_answer(raw), chosen)))
        return known

    def of_closed_words(self, question: ValueSet, text: str) -> Meaning:
        """The meaning of short words as one of the answers of a closed question."""
        return self._chosen(question, (text,), self.of_text("bodySite", text).concepts)

    def _chosen(self, question: ValueSet, written: Iterable[str], sites: frozenset[str]) -> Meaning:
        texts = [text.strip() for text in written]
        chosen = (
            option.means
            for option in question.options
            if not sites.isdisjoint(option.sites) or any(option.says.match(text) for text in texts)
        )
        concepts = NOTHING.union(*(self.codebook.wider(name) for name in next(chosen, ())))
        return Meaning("", "", concepts, concepts, known=bool(concepts))

    def number_of(self, question: ValueSet, written: Iterable[str]) -> Decimal | None:
        """The number that an answer of a closed question, by its codes and words, stands for, such as a grade."""
        texts = [text.strip() for text in written]
        begun = [match[1] for text in texts if (match := self._begins_with_a_number.match(text))]
        found = (
            option.number
            for tried in (texts, begun)
            for option in question.options
            if option.number is not None and any(option.says.match(text) for text in tried)
        )
        return next(found, None)

    def written_in(self, raw: Raw) -> tuple[str, ...]:
        """Every code, display and text of a CodeableConcept."""
        concept = codeable_concept(raw)
        codings = concept.coding or ()
        return tuple(text for one in codings for text in (one.code, one.display) if text) + (
            (concept.text,) if concept.text else ()
        )

    def of_all(self, kind: str, raw: Raw) -> Meaning:
        """The union of a list of CodeableConcepts; a single one, which a lenient client may send, counts as a list."""
        if not raw:
            return EMPTY
        key = (f"*{kind}", bytes(raw))
        known = self._known.get(key)
        if known is None:
            known = self._remember(key, union(self.read(kind, concept) for concept in _concepts(raw)))
        return known

    def widened(self, meaning: Meaning, concept: str) -> Meaning:
        """The same meaning, of another value set besides; proven by a code where it was."""
        wider = self.codebook.wider(concept)
        concepts = meaning.concepts | wider
        coded = meaning.coded | wider if meaning.coded else meaning.coded
        return replace(meaning, concepts=concepts, coded=coded, called=self.codebook.called(concepts))

    def names_of(self, raw: Raw) -> tuple[str, ...]:
        """The text and the displays of a CodeableConcept, each once; of a bare code, our own name for it."""
        if not raw:
            return ()
        concept = codeable_concept(raw)
        displays = (
            coding.display or self.codebook.display(coding.system or "", coding.code or "")
            for coding in concept.coding or ()
        )
        return tuple(dict.fromkeys(name for name in (concept.text, *displays) if name))

    def read(self, kind: str, concept: CodeableConcept) -> Meaning:
        """Match every coding, then the words."""
        coded = NOTHING
        named = ""
        sure: Certainty = ""
        listed_system = question = False
        words: list[str] = [concept.text] if concept.text else []
        for coding in concept.coding or ():
            code, certainty = _certainty(coding)
            sure = sure or certainty
            if code:
                system = coding.system or ""
                coded |= self.codebook.of_code(system, code)
                named = named or self.codebook.display(system, code)
                own = self.codebook.systems.name(system)
                listed_system = listed_system or (
                    own in self.codebook.systems.uris and not (kind in _MEDICINES and own in CATALOGUES)
                )
                question = question or own == "loinc"
            if coding.display and coding.display not in words:
                words.append(coding.display)
        if not words and named and kind == "Observation" and self.codebook.instrument(coded) is not None:
            words.append(named)  # of a bare code, our own name says which sign it asks about
        found = self._with_words(kind, coded, words, named)
        if kind == "Observation":
            found = self._as_question(found)
        if concept.text and len(self.codebook.narrowed(found.concepts & self.codebook.symptoms)) > 1:
            found = replace(found, called=self._called_by_its_text(kind, concept.text) or found.called)
        if _NO_INFORMATION in found.concepts or (found.concepts == _UNIDENTIFIED and not listed_system):
            return replace(EMPTY, label=found.label, unread=found.unread)
        for unread in found.concepts.intersection(UNREAD_WORDS) if listed_system else ():
            found = replace(found, concepts=found.concepts - (self.codebook.wider(unread) - coded))
        if _NONE_KNOWN in found.concepts:
            return replace(EMPTY, label=found.label, known=True, unread=found.unread)
        question = question or found.question or bool(self._question.search(found.text))
        known = bool(found.concepts) or listed_system or (bool(words) and concept.tells())
        return replace(found, certainty=sure, question=question, known=known)

    def _called_by_its_text(self, kind: str, text: str) -> str:
        """Our name for the sign that a problem's own words name, which a code's broad name or display may blur."""
        said = self.codebook.of_words(kind, text)
        affirmed = (name for name, reading in said.items() if reading == "affirmed")
        return self.codebook.called(self.codebook.symptoms.intersection(affirmed))

    def _as_question(self, meaning: Meaning) -> Meaning:
        """The same meaning; an instrument is about the signs that its answers mean, whatever its words sound like."""
        instrument = self.codebook.instrument(meaning.concepts)
        if instrument is None or not instrument.means:
            return meaning
        means = NOTHING.union(*(self.codebook.wider(name) for name in instrument.means))
        others = self.codebook.signs - means
        return replace(
            meaning,
            concepts=(meaning.concepts - others) | means,
            coded=(meaning.coded - others) | (means if meaning.coded else NOTHING),
            question=True,
        )

    def of_text(self, kind: str, text: str) -> Meaning:
        """The meaning of short plain words."""
        if not text:
            return EMPTY
        key = (f"={kind}", text.encode())
        known = self._known.get(key)
        if known is None:
            known = self._remember(key, self.read_uncached(kind, text))
        return known

    def of_prose(self, kind: str, text: str) -> Meaning:
        """The meaning of long words, such as a report's conclusion: remembered by digest, so that none of them is kept."""
        if not text:
            return EMPTY
        key = (f"#{kind}", sha256(text.encode()).digest())
        known = self._known.get(key)
        if known is None:
            known = self._remember(key, replace(self.read_uncached(kind, text), text="", label=""))
        return known

    def read_uncached(self, kind: str, text: str) -> Meaning:
        """The meaning of words that will hardly come again, such as a report's conclusion."""
        return self._with_words(kind, NOTHING, [text]) if text else EMPTY

    def _remember(self, key: tuple[str, bytes], meaning: Meaning) -> Meaning:
        if meaning.unread:
            return meaning
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[key] = meaning
        return meaning

    def _with_words(self, kind: str, coded: frozenset[str], words: list[str], named: str = "") -> Meaning:
        text = ". ".join(words)
        readable = self.allowance.readable(text)
        label = (words[0] if words else named or self._title(coded)).strip()[:LONGEST_LABEL]
        said: dict[str, set[str]] = {
            "affirmed": set(),
            "doubted": set(),
            "history": set(),
            "planned": set(),
            "denied": set(),
            "family": set(),
        }
        for name, reading in self.codebook.of_words(kind, readable).items():
            said[reading].add(name)
        against = said["doubted"] | said["denied"]
        concepts = coded | said["affirmed"] | said["doubted"] | said["history"]
        return Meaning(
            label=label,
            text=text,
            concepts=concepts,
            coded=coded,
            doubted=frozenset(said["doubted"] | (coded & against)),
            history=frozenset(said["history"] - coded),
            denied=frozenset((said["denied"] | said["family"]) - coded),
            called=self.codebook.called(concepts),
            unread=len(readable) < len(text),
        )

    def _title(self, coded: frozenset[str]) -> str:
        return self.codebook.narrowest(coded).title if coded else ""


def union(meanings: Iterable[Meaning]) -> Meaning:
    """Put several meanings together; the first label stands."""
    parts = [
        meaning
        for meaning in meanings
        if meaning is not EMPTY
        and (meaning.text or meaning.label or meaning.concepts or meaning.denied or meaning.known or meaning.unread)
    ]
    if not parts:
        return EMPTY
    if len(parts) == 1:
        return parts[0]
    return Meaning(
        label=next((part.label for part in parts if part.label), ""),
        text=". ".join(dict.fromkeys(part.text for part in parts if part.text)),
        concepts=NOTHING.union(*(part.concepts for part in parts)),
        coded=NOTHING.union(*(part.coded for part in parts)),
        doubted=NOTHING.union(*(part.doubted for part in parts)),
        history=NOTHING.union(*(part.history for part in parts)),
        denied=NOTHING.union(*(part.denied for part in parts)),
        certainty=next((part.certainty for part in parts if part.certainty), ""),
        question=any(part.question for part in parts),
        known=any(part.known for part in parts),
        called=next((part.called for part in parts if part.called), ""),
        unread=any(part.unread for part in parts),
    )


_CONCEPT = msgspec.json.Decoder(CodeableConcept)
_CONCEPTS = msgspec.json.Decoder(list[CodeableConcept])
_PART = msgspec.json.Decoder(Raw)
_TAGGED = r"\((?:observable entity|assessment scale)\)|\[[^\]]*(?:Reported|MDS|Minimum Data Set)"
"""How SNOMED CT and LOINC mark a question in its name."""
_EXTENSION = msgspec.json.Decoder(Extension)
_ICD_WITH_CERTAINTY = re.compile(r"([A-Z]\d\d(?:\.?[\d-]{1,3})?)[+*!#]?\s?([GVAZ])", re.IGNORECASE)


def certainty_of(extensions: Raw) -> Certainty:
    """The German certainty of a diagnosis (``icd-10-gm-diagnosesicherheit``) among extensions."""
    for extension in listed(extensions, _EXTENSION) if extensions else ():
        if "diagnosesicherheit" in (extension.url or "").lower():
            given = extension.value_coding.code if extension.value_coding else extension.value_code
            return CERTAINTIES.get((given or "").strip().upper(), "")
    return ""


def codeable_concept(raw: Raw) -> CodeableConcept:
    """Decode a CodeableConcept leniently: a bare Coding or a bare string counts, an odd part is passed over."""
    concept = decoded(raw, _CONCEPT)
    if concept is None or (concept.coding is None and concept.text is None):
        return _loose(anything(raw))
    return concept


def _concepts(raw: Raw) -> list[CodeableConcept]:
    concepts = decoded(raw, _CONCEPTS)
    return concepts if concepts is not None else [codeable_concept(part) for part in listed(raw, _PART)]


def _certainty(coding: Coding) -> tuple[str, Certainty]:
    """The code without a certainty written behind it, and the certainty that the coding carries in any way."""
    code, system = coding.code or "", (coding.system or "").lower()
    if "diagnosesicherheit" in system:
        return "", CERTAINTIES.get(code.strip().upper(), "")
    if "icd-10" in system and "cm" not in system and (match := _ICD_WITH_CERTAINTY.fullmatch(code.strip())):
        return match[1], CERTAINTIES[match[2].upper()]
    return code, certainty_of(coding.extension) if coding.extension else ""


def _loose(value: Any) -> CodeableConcept:
    if isinstance(value, str):
        return CodeableConcept(text=value)
    if not isinstance(value, dict):
        return CodeableConcept()
    if isinstance(value.get("concept"), dict):  # a CodeableReference of R5
        return _loose(value["concept"])
    codings = value.get("coding", [value] if "code" in value else [])
    if isinstance(codings, dict):
        codings = [codings]
    return CodeableConcept(
        coding=[_coding(item) for item in codings if isinstance(item, dict)] if isinstance(codings, list) else None,
        text=_string(value.get("text")),
    )


def _coding(item: dict[str, Any]) -> Coding:
    extension = Raw(msgspec.json.encode(item["extension"])) if item.get("extension") else Raw(b"")
    return Coding(_string(item.get("system")), _string(item.get("code")), _string(item.get("display")), extension)


def _string(value: object) -> str | None:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None
