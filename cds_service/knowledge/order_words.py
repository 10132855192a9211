"""``cards/orders``: the words of instructions in each language become one lexicon; no phrase means two things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, ClassVar

from pydantic import Field

from cds_service.knowledge.reading import NonEmptyText, Number, Written, read_part
from cds_service.knowledge.yaml_source import Document, Path
from cds_service.terminology.check_digits import verhoeff_ok
from cds_service.terminology.codings import STANDARD, SYSTEMS, CodeKey
from cds_service.terminology.order_words import KINDS, OrderWords, Word, spellings

Words = Annotated[list[NonEmptyText], Field(default_factory=list)]
ByName = Annotated[dict[str, list[NonEmptyText]], Field(default_factory=dict)]
ByWord = Annotated[dict[str, Number], Field(default_factory=dict)]

_DAYS = {
    "min": Fraction(1, 1440),
    "h": Fraction(1, 24),
    "d": Fraction(1),
    "wk": Fraction(7),
    "mo": Fraction(28),
    "a": Fraction(365),
}
"""Days of a unit of time. Oncology's month of treatment is four weeks."""
_VOLUMES = frozenset({"mL", "L", "uL"})


class Forms(Written):
    called: ClassVar[str] = "a form"
    one: Words
    many: Words


class WordsFile(Written):
    """One language. Keys are those of :data:`terminology.order_words.KINDS`, and ``time``."""

    called: ClassVar[str] = "a file of order words"
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    numbers: ByWord
    counts: ByWord
    times: Words
    times_a_day: Words
    per: Words
    article: Words
    every: Words
    other: ByWord
    time: ByName
    adverbs: ByName
    rates: ByName
    times_of_day: ByName
    meals: Words
    weekdays: ByName
    and_: Annotated[list[NonEmptyText], Field(default_factory=list, alias="and")]
    or_: Annotated[list[NonEmptyText], Field(default_factory=list, alias="or")]
    at: Words
    of: Words
    each: Words
    total: Words
    fractions: Words
    doses: Words
    cycles: Words
    then: Words
    as_needed: Words
    at_most: Words
    during: Words
    once_only: Words
    changes: Words
    if_: Annotated[list[NonEmptyText], Field(default_factory=list, alias="if")]
    rest_of_clause: Words
    o_clock: Words
    not_: Annotated[list[NonEmptyText], Field(default_factory=list, alias="not")]
    ambiguous: Words
    fillers: Words
    units: ByName
    body: ByName
    forms: Annotated[dict[str, Forms], Field(default_factory=dict)]
    routes: ByName


class CodeOfWords(Written):
    called: ClassVar[str] = "a code"
    system: str
    code: str
    says: NonEmptyText
    source: NonEmptyText


def read_order_words(documents: Iterable[Document], codes: Document | None = None) -> OrderWords:
    """Read the words of every language, and codes; mistakes are noted in the documents, and what is right is kept."""
    words = _languages(documents)
    return OrderWords(words, dict(_codes(codes, OrderWords(words))) if codes is not None else {})


def _codes(document: Document, words: OrderWords) -> Iterator[tuple[CodeKey, str]]:
    for place in range(len(document.data)):
        entry = read_part(CodeOfWords, document, (place,))
        if entry is None:
            continue
        if entry.system not in SYSTEMS:
            problem = f"{entry.system!r} is not a code system that we know"
            document.refuse((place, "system"), problem, tuple(SYSTEMS), found=entry.system)
        if entry.system == "snomed" and not verhoeff_ok(entry.code):
            document.refuse((place, "code"), f"{entry.code!r} is not a SNOMED CT code: its check digit is wrong")
        if not words.read(entry.says):
            document.refuse((place, "says"), f"{entry.says!r} is no word that the files of words know")
        yield STANDARD.coding(entry.system, entry.code), entry.says


def _languages(documents: Iterable[Document]) -> tuple[Word, ...]:
    known: dict[str, Word] = {}
    for document in documents:
        file = read_part(WordsFile, document)
        if file is None:
            continue
        for path, word in _words(document, file):
            for spelling in spellings(word):
                other = known.setdefault(spelling, word)
                if (other.kind, other.value) != (word.kind, word.value):
                    document.refuse(path, f"{word.phrase!r} means something else in {other.language or 'latin'!r}")
                elif other.language != word.language:  # it tells nothing of the language of a text
                    known[spelling] = replace(other, language="")
    return tuple(dict.fromkeys(known.values()))


def _words(document: Document, file: WordsFile) -> Iterator[tuple[Path, Word]]:
    for field in type(file).model_fields:
        written: Any = getattr(file, field)
        name = field.rstrip("_")
        if not isinstance(written, dict | list):
            continue
        phrases = _of_mapping(document, name, written) if isinstance(written, dict) else _of_list(name, written)
        for path, phrase, kind, value in phrases:
            # The signs and abbreviations that everybody writes say nothing about the language of a text.
            yield path, Word(phrase, kind, value, "" if file.language == "la" else file.language)


_Phrase = tuple[Path, str, str, Any]


def _of_list(name: str, written: list[str]) -> Iterator[_Phrase]:
    for place, phrase in enumerate(written):
        yield (name, place), phrase, KINDS[name], None


def _of_mapping(document: Document, name: str, written: dict[str, Any]) -> Iterator[_Phrase]:
    for key, found in written.items():
        path = (name, key)
        if isinstance(found, Forms):
            for many, phrases in ((False, found.one), (True, found.many)):
                for place, phrase in enumerate(phrases):
                    yield (*path, "many" if many else "one", place), phrase, KINDS[name], (key, many)
        elif isinstance(found, list):
            kind, value = _meaning(document, path, name, key)
            for place, phrase in enumerate(found):
                yield (*path, place), phrase, kind, value
        else:
            yield path, key, KINDS[name], Decimal(found)


def _meaning(document: Document, path: Path, name: str, key: str) -> tuple[str, Any]:
    """Kind and value of the words under a key: a time, an adverb, a rate, a unit."""
    if name == "units":
        return ("V" if key in _VOLUMES else "u"), key
    if name not in {"time", "adverbs", "rates"}:
        return KINDS[name], key
    count, _, period = key.rpartition("/")
    days = _days(period)
    if days is None or (name == "rates") != bool(count.isdigit()):
        document.refuse(path, f"{key!r} is no {'rate, such as 2/d' if name == 'rates' else 'time, such as h or 2 wk'}")
        return KINDS.get(name, "t"), Fraction(1)
    if name == "rates":
        return "r", int(count) / days
    return ("d" if name == "adverbs" else "t" if days >= 1 else "H"), days


def _days(period: str) -> Fraction | None:
    count, _, unit = period.rpartition(" ")
    known = _DAYS.get(unit)
    if known is None or not (count.isdigit() or not count):
        return None
    return int(count or 1) * known
