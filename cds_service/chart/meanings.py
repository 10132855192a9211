"""What a CodeableConcept means to us: the value sets of its codes and words, remembered by its very bytes.

An EHR writes the same concept with the same bytes again and again, so the memory spares both the decoding and the
look-up. It is bounded, holds no patient's identity, and belongs to one codebook.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, TypeVar

import msgspec
from msgspec import Raw

from cds_service.chart.orders.reader import OrderReader
from cds_service.chart.wire import CodeableConcept, Coding
from cds_service.terminology.value_sets import Codebook

REMEMBERED = 50_000
LONGEST_LABEL = 120

T = TypeVar("T")
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


EMPTY = Meaning("", "", NOTHING, NOTHING)


class Meanings:
    """Reads concepts with one codebook and remembers them."""

    def __init__(self, codebook: Codebook) -> None:
        self.codebook = codebook
        self.orders = OrderReader(codebook.order_words)
        self._known: dict[tuple[str, bytes], Meaning] = {}

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

    def of_all(self, kind: str, raw: Raw) -> Meaning:
        """The union of a list of CodeableConcepts; a single one, which a lenient client may send, counts as a list."""
        if not raw:
            return EMPTY
        key = (f"*{kind}", bytes(raw))
        known = self._known.get(key)
        if known is None:
            known = self._remember(key, union(self.read(kind, concept) for concept in _concepts(raw)))
        return known

    def read(self, kind: str, concept: CodeableConcept) -> Meaning:
        """Match every coding, then the words."""
        coded = NOTHING
        named = ""
        words: list[str] = [concept.text] if concept.text else []
        for coding in concept.coding or ():
            if coding.code:
                coded |= self.codebook.of_code(coding.system or "", coding.code)
                named = named or self.codebook.display(coding.system or "", coding.code)
            if coding.display and coding.display not in words:
                words.append(coding.display)
        return self._with_words(kind, coded, words, named)

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
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[key] = meaning
        return meaning

    def _with_words(self, kind: str, coded: frozenset[str], words: list[str], named: str = "") -> Meaning:
        text = ". ".join(words)
        label = (words[0] if words else named or self._title(coded)).strip()[:LONGEST_LABEL]
        said: dict[str, set[str]] = {
            "affirmed": set(),
            "doubted": set(),
            "history": set(),
            "denied": set(),
            "family": set(),
        }
        for name, reading in self.codebook.of_words(kind, text).items():
            said[reading].add(name)
        against = said["doubted"] | said["denied"]
        return Meaning(
            label=label,
            text=text,
            concepts=coded | said["affirmed"] | said["doubted"] | said["history"],
            coded=coded,
            doubted=frozenset(said["doubted"] | (coded & against)),
            history=frozenset(said["history"] - coded),
            denied=frozenset((said["denied"] | said["family"]) - coded),
        )

    def _title(self, coded: frozenset[str]) -> str:
        return self.codebook.narrowest(coded).title if coded else ""


def names_of(raw: Raw) -> tuple[str, ...]:
    """The text and the displays of a CodeableConcept, each once."""
    if not raw:
        return ()
    concept = codeable_concept(raw)
    displays = (coding.display for coding in concept.coding or ())
    return tuple(dict.fromkeys(name for name in (concept.text, *displays) if name))


def union(meanings: Iterable[Meaning]) -> Meaning:
    """Put several meanings together; the first label stands."""
    parts = [
        meaning
        for meaning in meanings
        if meaning is not EMPTY and (meaning.text or meaning.label or meaning.concepts or meaning.denied)
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
    )


_CONCEPT = msgspec.json.Decoder(CodeableConcept)
_CONCEPTS = msgspec.json.Decoder(list[CodeableConcept])


def codeable_concept(raw: Raw) -> CodeableConcept:
    """Decode a CodeableConcept leniently: a bare Coding or a bare string counts, an odd part is passed over."""
    try:
        concept = _CONCEPT.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return _loose(raw)
    if concept.coding is None and concept.text is None:
        return _loose(raw)
    return concept


def _concepts(raw: Raw) -> list[CodeableConcept]:
    try:
        return _CONCEPTS.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        pass
    try:
        parts = msgspec.json.decode(raw, type=list[Raw])
    except (msgspec.DecodeError, RecursionError):
        return [codeable_concept(raw)]
    return [codeable_concept(part) for part in parts]


def _loose(raw: Raw) -> CodeableConcept:
    try:
        value: Any = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return CodeableConcept()
    if isinstance(value, str):
        return CodeableConcept(text=value)
    if not isinstance(value, dict):
        return CodeableConcept()
    codings = value.get("coding", [value] if "code" in value else [])
    if isinstance(codings, dict):
        codings = [codings]
    return CodeableConcept(
        coding=[_coding(item) for item in codings if isinstance(item, dict)] if isinstance(codings, list) else None,
        text=_string(value.get("text")),
    )


def _coding(item: dict[str, Any]) -> Coding:
    return Coding(_string(item.get("system")), _string(item.get("code")), _string(item.get("display")))


def _string(value: object) -> str | None:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None
