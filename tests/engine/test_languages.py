"""Cards in other languages: what a catalogue holds is said, whole or not at all; numbers and dates are the locale's."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from msgspec import UNSET

from cds_service.authoring.catalogues import RED_FLAGS_AND_SAFETY
from cds_service.engine.ages import age, briefly, clock, lasting
from cds_service.engine.evaluate import Verdict
from cds_service.engine.language import ENGLISH, Language
from cds_service.engine.phrases import Phrases
from cds_service.engine.respond import respond
from cds_service.engine.short_names import ShortNames
from cds_service.knowledge.cards import LONGEST_SUMMARY, CardDefinition, Example, Knowledge
from cds_service.outcomes import Fired
from cds_service.service.languages import spoken
from cds_service.terminology.dates import Since, Span, parse_moment
from cds_service.terminology.quantities import Quantity
from cds_service.terminology.said import enumerated, said
from cds_service.terminology.vocabulary import Vocabulary
from tests.engine.spoken import answer_of
from tests.expected import loaded

NOW = datetime(2026, 3, 12, 9, tzinfo=UTC)
ENGLISH_WORDS = frozenset(
    [
        "the",
        "and",
        "with",
        "without",
        "ago",
        "since",
        "yesterday",
        "today",
        "recorded",
        "recently",
        "Why",
        "Do",
        "Check",
        "Not",
        "understood",
        "suspected",
        "past",
        "more",
        "of",
        "is",
        "are",
        "no",
        "not",
        "order",
        "draft",
        "refer",
        "day",
        "days",
        "month",
        "months",
        "hour",
        "hours",
        "by",
        "to",
        "from",
        "within",
        "ask",
        "this",
        "that",
        "because",
    ]
)
"""Words that no German card says, unless it quotes the record."""
GERMAN_WORDS = frozenset(["und", "prüfen", "keine", "nicht", "vor", "seit"])


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", text))


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return loaded()[0]


@pytest.fixture(scope="module")
def german(knowledge: Knowledge) -> Language:
    return spoken(knowledge, "de")


def first_of_each_message(knowledge: Knowledge) -> Iterator[tuple[CardDefinition, Example]]:
    seen = set()
    for card in knowledge.cards.values():
        for example in card.examples:
            name = (card.topic, example.expect_name)
            if example.expect == "fired" and name not in seen:
                seen.add(name)
                yield card, example


def said_by(shown: Any) -> set[str]:
    """All words of a card that a clinician reads."""
    card = shown.card
    suggestions = card.suggestions or ()
    texts = [card.summary, card.detail or "", *(offer.label for offer in suggestions)]
    texts += [action.description for offer in suggestions for action in offer.actions]
    texts += [link.label for link in card.links or ()] + [reason.display for reason in card.override_reasons or ()]
    return words_of(" ".join(texts))


def test_every_message_of_every_card_is_german_from_beginning_to_end(knowledge: Knowledge, german: Language) -> None:
    for card, example in first_of_each_message(knowledge):
        answer = answer_of(card, example, german)
        for shown in answer.shown:
            quoted = re.findall('"[^"]*"', str(shown.card.detail))  # what a report states, in its own words
            record = " ".join((*quoted, *(f"{item.label} {item.value}" for item in shown.evidence)))
            assert shown.language is german, (card.topic, example.name)
            assert len(shown.card.summary) <= LONGEST_SUMMARY
            assert shown.card.summary[-1] != "…", shown.card.summary
            assert said_by(shown) & ENGLISH_WORDS <= words_of(record), (card.topic, example.name)


@pytest.mark.parametrize("tag", ["es", "fr"])
def test_the_red_flags_and_safety_checks_are_spanish_and_french_and_the_other_cards_english(
    tag: str, knowledge: Knowledge
) -> None:
    language = spoken(knowledge, tag)
    for card, example in first_of_each_message(knowledge):
        if card.topic in RED_FLAGS_AND_SAFETY or card.topic == "bone-health":
            for shown in answer_of(card, example, language).shown:
                assert shown.language is (language if card.topic in RED_FLAGS_AND_SAFETY else ENGLISH), card.topic
                assert len(shown.card.summary) <= LONGEST_SUMMARY
                assert shown.card.summary[-1] != "…", shown.card.summary


def test_the_same_call_decides_the_same_in_every_language(knowledge: Knowledge, german: Language) -> None:
    card = knowledge.cards["hypercalcaemia"]
    for example in card.examples[:12]:
        english, other = (answer_of(card, example, language) for language in (ENGLISH, german))
        assert [one.identity for one in english.shown] == [one.identity for one in other.shown]
        assert [one.card.uuid for one in english.shown] == [one.card.uuid for one in other.shown]
        assert [dict(one.suggestions) for one in english.shown] == [dict(one.suggestions) for one in other.shown]


def test_numbers_units_and_dates_are_written_as_the_locale_has_them(german: Language) -> None:
    phrases = Phrases({"calcium": ("mmol/L", "mg/dL")}, NOW, german)
    assert phrases.quantity(Quantity(Decimal("2.90"), "mmol/L", "calcium")) == "2,9 mmol/l (11,6 mg/dl)"
    assert german.quantity(Quantity(Decimal(94), "%")) == "94 %"
    assert german.quantity(Quantity(Decimal("0.4"), "1")) == "0,4"
    assert german.quantity(Quantity(Decimal(18), "/min")) == "18/min"
    assert german.number(Decimal("1500.50")) == "1500,5"
    assert [german.span(Span(months=3)), german.span(Span(hours=12)), german.span(Span(days=1))] == [
        "3 Mon",
        "12 h",
        "1 d",
    ]
    moments = {
        "2026-03-12T04:00:00Z": "vor 5 h",
        "2026-03-12T08:20:00Z": "vor 40 min",
        "2026-03-12T09:00:00Z": "gerade eben",
        "2026-03-12": "heute",
        "2026-03-11": "gestern",
        "2026-03-10": "vor 2 Tagen",
        "2026-02-03": "3. Februar",
        "2025-05-03": "3. Mai 2025",
        "2019-05-03": "Mai 2019",
        "2025": "2025",
    }
    assert {text: age(parse_moment(text), NOW, german) for text in moments} == moments
    since = parse_moment("2026-03-11")
    assert lasting(Since(since), NOW, german) == "seit 1 Tag"
    assert lasting(Since(since, recorded=True), NOW, german) == "dok. 11. März"
    assert briefly(Since(since, recorded=True), NOW, german) == "11. März"
    assert lasting(Since(None), NOW, german) == "Datum unbekannt"
    assert clock(datetime(2026, 3, 13, 8, 40, tzinfo=UTC), NOW, german) == "morgen 08:40"
    assert clock(datetime(2026, 3, 20, 8, 40, tzinfo=UTC), NOW, german) == "20. März 08:40"


def test_words_of_ours_are_translated_part_by_part_and_those_of_the_record_stay(german: Language) -> None:
    assert german.word("lung metastases") == "Lungenmetastasen"
    assert german.word(said("suspected {name}", name="lung metastases")) == "V. a. Lungenmetastasen"
    assert german.word(said("past {name}", name="Mamma-CA links")) == "Z. n. Mamma-CA links"
    assert german.word("prostate cancer, vertebral metastases") == "Prostatakarzinom, Wirbelmetastasen"
    assert german.word(enumerated([said("words only"), said("draft order")])) == "nur als Text, Anordnungsentwurf"
    assert german.word("Bronchialkarzinom rechts") == "Bronchialkarzinom rechts"
    assert german.short(("lung cancer", "lung cancer", "coma"), ShortNames(Vocabulary())) == ("Lungenkrebs", "Koma")
    assert pickle.loads(pickle.dumps(said("on {flow}", flow=2))).parts == {"flow": 2}


def test_the_one_card_of_what_is_routine_speaks_one_language(knowledge: Knowledge, german: Language) -> None:
    verdicts, runner = [], loaded()[1]
    case = None
    for topic in ("bone-health", "clinical-trials", "late-effects"):
        card = knowledge.cards[topic]
        example = next(one for one in card.examples if one.expect == "fired")
        case = runner.case(runner.scenario(example))
        verdicts.append(Verdict(card, card.ask(runner.case_of(card, example))))
    assert case is not None
    assert all(isinstance(verdict.outcome, Fired) for verdict in verdicts)
    without = {name: text for name, text in knowledge.catalogues.items() if name != "locales/de/bone-health.po"}
    half = spoken(replace(knowledge, catalogues=without), "de")
    for language, title in ((german, "Bei diesem Besuch fällig"), (half, "Due at this visit")):
        answer = respond(case, verdicts, knowledge, hook_instance="h", patient_id="p", language=language)
        assert answer.shown[-1].card.detail.startswith(f"**{title}**")
        other = ENGLISH_WORDS if language is german else GERMAN_WORDS
        assert not words_of(answer.shown[-1].card.summary + answer.shown[-1].card.detail) & other


def test_the_texts_of_an_order_are_german_and_what_is_ordered_is_the_same(
    knowledge: Knowledge, german: Language
) -> None:
    for card, example in first_of_each_message(knowledge):
        english, other = (answer_of(card, example, language) for language in (ENGLISH, german))
        for ours, theirs in zip(english.shown, other.shown, strict=True):
            pairs = zip(ours.card.suggestions or (), theirs.card.suggestions or (), strict=True)
            for before, after in pairs:
                for one, two in zip(before.actions, after.actions, strict=True):
                    assert (one.type, one.resource_id) == (two.type, two.resource_id)
                    if one.resource is not UNSET:
                        first, second = json.loads(bytes(one.resource)), json.loads(bytes(two.resource))
                        assert list(untexted(first)) == list(untexted(second)), (card.topic, example.name)
    example = knowledge.cards["mscc-suspected"].examples[0]
    orders = [
        json.loads(bytes(action.resource))
        for offer in answer_of(knowledge.cards["mscc-suspected"], example, german).shown[0].card.suggestions
        for action in offer.actions
    ]
    assert orders[0]["code"]["text"] == "MRT ganze Wirbelsäule"
    assert orders[0]["reasonCode"] == [{"text": "Verdacht auf metastatische Rückenmarkskompression"}]
    assert orders[1]["dosageInstruction"][0]["text"] == "16 mg einmal täglich per os"


def untexted(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every element of a resource that is no text."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from untexted(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for inner in value:
            yield from untexted(inner, path)
    elif path.rpartition(".")[2] not in {"text", "patientInstruction", "description"}:
        yield path, value


def test_an_order_reads_its_doses_in_the_language_and_codes_them_alike(knowledge: Knowledge, german: Language) -> None:
    card = knowledge.cards["hypercalcaemia"]
    english, other = (" ".join(_orders(card, language, knowledge)) for language in (ENGLISH, german))
    assert "200 mL/h to 500 mL/h" in english and "200 ml/h bis 500 ml/h" in other
    assert "280 IU " in english and "280 IE " in other and "280 IU " not in other
    assert english.count('"code":"mL/h"') == other.count('"code":"mL/h"') > 0


def _orders(card: CardDefinition, language: Language, knowledge: Knowledge) -> Iterator[str]:
    for example in card.examples[:6]:
        for shown in answer_of(card, example, language).shown:
            actions = (action for offer in shown.card.suggestions for action in offer.actions)
            yield from (bytes(action.resource).decode() for action in actions)


@pytest.mark.parametrize(
    ("tag", "topic"),
    [
        ("en", "denosumab-safety"),
        ("en", "zoledronate-renal-dose"),
        ("en", "dexamethasone-safety"),
        ("de", "zoledronate-renal-dose"),
        ("de", "bma-start"),
    ],
)
def test_one_day_is_said_in_the_singular_and_no_sentence_ends_twice(tag: str, topic: str) -> None:
    knowledge, _ = loaded()
    card, language = knowledge.cards[topic], spoken(knowledge, tag)
    answers = [answer_of(card, example, language).shown for example in card.examples]
    said = [f"{one.card.summary}\n{one.card.detail}" for shown in answers for one in shown]
    wrong = re.compile(r"\b1 (?:days|Tagen?|Tage)\b|not readable\) a day|(?<!\.)\.\.(?!\.)")
    assert said and [text for text in said if wrong.search(text)] == []
