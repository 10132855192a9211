"""What there is to translate, by catalogue, and what is wrong or missing in a translation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import BytesIO, StringIO

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from cds_service.chart.needs import NEEDS
from cds_service.chart.orders.product import FORMS
from cds_service.engine.short_names import capitalised, within_a_sentence
from cds_service.findings.finding import stated_names
from cds_service.findings.stability_scores import Statement, questions
from cds_service.findings.surgery_first import StabilityLimits
from cds_service.knowledge.cards import LONGEST_SUMMARY, CardDefinition, Knowledge
from cds_service.knowledge.translation import (
    FRAME,
    NAMES,
    ORDERS,
    RUNGS,
    SERVICE,
    UNIT,
    VIEW,
    card_texts,
    catalogue_of,
    domains_of,
    names_of,
    order_texts,
    placeholders_only,
    rung_texts,
    uncoded_names,
)
from cds_service.knowledge.wording import parse_wording
from cds_service.outcomes import spoken
from cds_service.terminology.units import displayed

REVIEW = "For review by a native clinician."
"""Stands at the head of each catalogue until somebody has signed it."""
RED_FLAGS_AND_SAFETY = (
    "mscc-suspected",
    "hypercalcaemia",
    "oxygen",
    "zoledronate-renal-dose",
    "denosumab-safety",
    "dexamethasone-safety",
    "hypercalcaemia-medicines",
    "radium-safety",
)
"""What a language that is not complete has at least."""
COMPLETE = frozenset({"de"})
"""Languages that promise every card."""
_PAGES = "view/"
"""Where the program says what stands on the patient view and nowhere else."""
_UNCLEAR = {"Unclear": (2,), "in_words": None}
_SAYING = {"say": None, "said": None, "count": (1, 2), "unknown": None}
"""Calls that hold a sentence of the frame."""
_REFUSING = {"LaunchRefused": None}
_SAYS = re.compile(rb"from cds_service\.(engine\.(language|phrases) import|terminology\.said import [^\n]*said\n)")
"""What a file with such calls imports; elsewhere the names mean something else."""
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_LENGTHS = 1.6
"""A line this much longer than the English one is no translation of it for a card."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one sentence of one catalogue."""

    language: str
    catalogue: str
    what: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.language}/{self.catalogue}: {self.what}: {self.sentence!r}"


def templates(knowledge: Knowledge, sources: Mapping[str, bytes]) -> dict[str, Catalog]:
    """What there is to translate: a catalogue without translations for each card, and those of no card.

    ``sources`` are the program's files, whose frame sentences are found by Babel's own extractor.
    """
    frame = _said({name: text for name, text in sources.items() if not name.startswith(_PAGES)})
    view = _said({name: text for name, text in sources.items() if name.startswith(_PAGES)})
    for name in dict.fromkeys(name for card in knowledge.cards.values() for name in uncoded_names(card)):
        view.add(name)
    for message in [message for message in view if message.id and message.id in frame]:
        view.delete(message.id)
    found = {
        FRAME: frame,
        VIEW: view,
        NAMES: _names(knowledge),
        SERVICE: _service(knowledge),
        ORDERS: _gathered(knowledge, ORDERS, knowledge.cards),
        RUNGS: _gathered(knowledge, RUNGS, knowledge.cards),
    }
    return found | {topic: _of(card_texts(card)) for topic, card in knowledge.cards.items()}


def template_of(knowledge: Knowledge, wanted: Mapping[str, Catalog], language: str, name: str) -> Catalog:
    """What a language has to translate in a catalogue: where it gathers from cards, of those that the language tells."""
    if name not in _GATHERED:
        return wanted[name]
    there = domains_of(knowledge, language)
    return _gathered(
        knowledge, name, [topic for topic in knowledge.cards if topic in there or is_promised(topic, language)]
    )


def updated(text: str, template: Catalog, language: str, title: str) -> str:
    """A catalogue brought up to what there is to translate; finished sentences stay, near ones are marked as fuzzy."""
    catalogue = read_po(StringIO(text), locale=language) if text else Catalog(locale=language, fuzzy=False)
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.header_comment = f"# {title}\n# {REVIEW}" if not text else catalogue.header_comment
    out = BytesIO()
    for message in catalogue:
        message.flags -= {"python-format", "python-brace-format"}
    write_po(out, catalogue, width=0, omit_header=False, sort_output=False, no_location=True, include_previous=False)
    return _without_dates(out.getvalue().decode())


def is_promised(name: str, language: str) -> bool:
    """Whether a language has this catalogue, or is to have it."""
    return language in COMPLETE or name in {FRAME, VIEW, NAMES, SERVICE, ORDERS, RUNGS, *RED_FLAGS_AND_SAFETY}


def problems(knowledge: Knowledge, wanted: Mapping[str, Catalog], language: str) -> Iterator[Problem]:
    """What a language lacks or says wrongly: of the catalogues that it has, and of those that it promises."""
    there = domains_of(knowledge, language)
    for name in wanted:
        if name in there:
            yield from _wrong(knowledge, template_of(knowledge, wanted, language, name), language, name)
        elif is_promised(name, language):
            yield Problem(language, name, "the catalogue is missing", f"locales/{language}/{name}.po")


def _wrong(knowledge: Knowledge, template: Catalog, language: str, name: str) -> Iterator[Problem]:
    catalogue = catalogue_of(knowledge, language, name)
    summaries = _summaries(knowledge.cards.get(name))
    for wanted in template:
        if not wanted.id:
            continue
        sentence = wanted.id if isinstance(wanted.id, str) else wanted.id[-1]
        known = catalogue.get(wanted.id, wanted.context)
        if known is None or not known.string or known.fuzzy or (wanted.pluralizable and not all(known.string)):
            yield Problem(language, name, "is not translated", sentence)
            continue
        for translation in [known.string] if isinstance(known.string, str) else known.string:
            for what in _differences(sentence, translation, summary=sentence in summaries, plural=wanted.pluralizable):
                yield Problem(language, name, what, sentence)


def _differences(sentence: str, translation: str, *, summary: bool, plural: bool) -> Iterator[str]:
    try:
        theirs = Counter(place.text for place in parse_wording(translation).placeholders)
    except ValueError as error:
        yield str(error)
        return
    ours = Counter(place.text for place in parse_wording(sentence).placeholders)
    if set(ours) != set(theirs) and not plural:
        yield f"has other placeholders ({', '.join(sorted(theirs)) or 'none'})"
    if _numbers(sentence) != _numbers(translation):
        yield f"has other numbers ({', '.join(sorted(_numbers(translation))) or 'none'})"
    if summary and (length := parse_wording(translation).literal_length) > LONGEST_SUMMARY:
        yield f"has {length} characters without its placeholders; {LONGEST_SUMMARY} are the most of a summary"
    elif len(translation) > _LENGTHS * len(sentence) + 20:
        yield "is far longer"


def _numbers(text: str) -> Counter[str]:
    return Counter(number.replace(",", ".") for number in _NUMBER.findall(re.sub(r"\{[^{}]*\}", " ", text)))


def _summaries(card: CardDefinition | None) -> frozenset[str]:
    return frozenset(message.summary.text for message in card.messages.values()) if card else frozenset()


def _of(texts: Iterator[str]) -> Catalog:
    catalogue = Catalog(fuzzy=False)
    for text in texts:
        catalogue.add(text)
    return catalogue


_GATHERED = {ORDERS: order_texts, RUNGS: rung_texts}
"""Catalogues of what several cards may say alike."""


def _gathered(knowledge: Knowledge, name: str, topics: Collection[str]) -> Catalog:
    texts = _GATHERED[name]
    return _of(text for topic, card in knowledge.cards.items() if topic in topics for text in texts(card))


def _said(sources: Mapping[str, bytes]) -> Catalog:
    catalogue = Catalog(fuzzy=False)
    for name, text in sorted(sources.items()):
        says = name.startswith(("engine/", "rules/", "findings/", _PAGES)) or _SAYS.search(text)
        keywords = (_SAYING | _REFUSING) if says else _UNCLEAR
        method = "jinja2.ext:babel_extract" if name.endswith(".html") else "python"
        with redirect_stderr(StringIO()):  # Babel complains of every call that holds no sentence
            found = list(extract(method, BytesIO(text), keywords=keywords))
        for _, message, _, _ in found:
            sentences = message if isinstance(message, tuple) else (message,)
            if sentences[0] and not placeholders_only(sentences[0]):
                catalogue.add(message, locations=[(name, 1)])
    return catalogue


def _names(knowledge: Knowledge) -> Catalog:
    sets = knowledge.codebook.sets.values()
    flags = [card.title for card in knowledge.cards.values() if card.red_flag]
    asked = tuple(_asked(knowledge))
    catalogue = _of(
        iter(
            dict.fromkeys(
                (
                    *sorted(name for one in sets for name in names_of(one)),
                    *stated_names(knowledge.codebook.groups),
                    *map(spoken, NEEDS),
                    *(f"{form}{end}" for form in sorted(FORMS) for end in ("", "s")),
                    *map(within_a_sentence, flags),
                    *(row.component for row in asked),
                    *(capitalised(spoken(row.name)) for row in asked if row.name not in knowledge.codebook.sets),
                )
            )
        )
    )
    measures = (unit for one in sets if one.measure for unit in one.measure.units)
    stated = (parameter.unit for card in knowledge.cards.values() for parameter in card.parameters.values())
    for unit in sorted({displayed(unit) for unit in (*measures, *stated) if unit}):
        catalogue.add(unit, context=UNIT)
    return catalogue


def _asked(knowledge: Knowledge) -> Iterator[Statement]:
    """The statements that a clinician chooses from who works a score out."""
    for limits in (one for card in knowledge.cards.values() for one in card.bound.values()):
        if isinstance(limits, StabilityLimits):
            for table in (limits.sins.sins_points, limits.mirels.mirels_points):
                yield from (row for rows in questions(table).values() for row in rows)


def _service(knowledge: Knowledge) -> Catalog:
    known = knowledge.precautions
    precautions = (known.not_adult, known.pregnancy, known.prohibited, known.prohibited_study)
    return _of(
        iter(
            (
                *knowledge.gaps.values(),
                *(wording.text for wording in precautions),
                knowledge.housekeeping.title,
                knowledge.housekeeping.summary.text,
                *(reason.display for reason in knowledge.override_reasons.values()),
            )
        )
    )


def _without_dates(text: str) -> str:
    """A catalogue file says the same whenever it is written: Git knows the dates."""
    dropped = ("POT-Creation-Date", "PO-Revision-Date", "Last-Translator", "Generated-By", "Report-Msgid", "Project-Id")
    return "".join(
        line for line in text.splitlines(keepends=True) if not line.startswith(tuple(f'"{one}' for one in dropped))
    )
