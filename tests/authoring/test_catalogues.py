"""Catalogues of other languages: what is new, missing or wrong in one is named, and its card stays English until it is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from cds_service.authoring.catalogues import problems, templates, updated
from cds_service.authoring.examples import ExampleRunner
from cds_service.engine.language import ENGLISH
from cds_service.knowledge.cards import Knowledge
from cds_service.knowledge.errors import KnowledgeError
from cds_service.knowledge.load import load
from cds_service.service.knowledge_files import cards_folder, read_card_files
from cds_service.service.languages import spoken
from cds_service.workbench.cli.languages import program_texts
from tests.engine.spoken import PAGES, answer_of
from tests.expected import loaded


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return loaded()[0]


@pytest.fixture(scope="module")
def wanted(knowledge: Knowledge) -> dict[str, Any]:
    return templates(knowledge, program_texts())


@pytest.mark.parametrize("language", ["de", "es", "fr"])
def test_every_sentence_that_a_language_promises_is_translated(
    language: str, knowledge: Knowledge, wanted: Mapping[str, Any]
) -> None:
    assert [str(problem) for problem in problems(knowledge, wanted, language)] == []


def test_a_new_english_sentence_is_named_with_its_card_which_stays_english(
    knowledge: Knowledge, wanted: Mapping[str, Any]
) -> None:
    files = {name: text for name, text in _files().items() if not name.startswith("examples/")}
    files["oxygen.yaml"] = files["oxygen.yaml"].replace("The reading is preliminary.", "The reading is not final.")
    changed = load_knowledge_of(files)
    found = list(problems(changed, templates(changed, {}) | {"frame": wanted["frame"]}, "de"))
    assert [(one.catalogue, one.sentence) for one in found] == [("oxygen", "The reading is not final.")]
    assert str(found[0]) == "de/oxygen: is not translated: 'The reading is not final.'"
    card, language = knowledge.cards["oxygen"], spoken(changed, "de")
    answer = ExampleRunner(changed).answer(changed.cards["oxygen"], card.examples[0], language=language, pages=PAGES)
    shown = answer.shown[0]
    assert shown.language is ENGLISH
    assert "**Do now**" in shown.card.detail
    assert shown.card.summary == answer_of(card, card.examples[0], ENGLISH).shown[0].card.summary


@pytest.mark.parametrize(
    ("translation", "problem"),
    [
        ("Sauerstoff anordnen, Ziel {target_from}", "has other placeholders (target_from)"),
        ("Sauerstoff anordnen, Ziel {target_from} bis {target_to} in 5 min", "has other numbers (5)"),
        (
            "Sauerstoff anordnen, Ziel {target_from bis {target_to}",
            "a brace stands alone; braces hold placeholders only",
        ),
        ("Sauerstoff " * 12 + "{target_from} {target_to}", "is far longer"),
        ("", "is not translated"),
    ],
)
def test_a_wrong_translation_is_named(
    translation: str, problem: str, knowledge: Knowledge, wanted: Mapping[str, Any]
) -> None:
    name, sentence = "locales/de/oxygen.po", "Prescribe oxygen, target {target_from} to {target_to}"
    before = f'msgid "{sentence}"\nmsgstr "'
    start, rest = knowledge.catalogues[name].split(before)
    text = start + before + translation + rest[rest.index('"\n') :]
    changed = replace(knowledge, catalogues={**knowledge.catalogues, name: text})
    assert [one.what for one in problems(changed, {"oxygen": wanted["oxygen"]}, "de")] == [problem]


def test_a_fuzzy_sentence_is_not_shown_and_an_update_keeps_what_is_finished(
    knowledge: Knowledge, wanted: Mapping[str, Any]
) -> None:
    name = "locales/de/oxygen.po"
    text = knowledge.catalogues[name]
    assert updated(text, wanted["oxygen"], "de", "") == text
    doubted = text.replace('msgid "Call for help; take', '#, fuzzy\nmsgid "Call for help; take')
    language = spoken(replace(knowledge, catalogues={**knowledge.catalogues, name: doubted}), "de")
    assert language.card(knowledge.cards["oxygen"]) is None
    assert language.card(knowledge.cards["mscc-suspected"]) is not None


def test_a_file_that_is_no_catalogue_is_named_with_its_line(knowledge: Knowledge) -> None:
    broken = {**knowledge.catalogues, "locales/de/oxygen.po": 'msgid "a"\nmsgstr b\nnonsense\n'}
    with pytest.raises(KnowledgeError, match=r"cards/locales/de/oxygen\.po:3"):
        spoken(replace(knowledge, catalogues=broken), "de")


def test_a_sites_own_words_are_said_in_its_language_and_checked() -> None:
    site = "site: s\ntitle: S\ntranslations:\n  de:\n    oxygen:\n      Call for help; take a blood gas.: Team 2222 rufen{}.\n"
    changed = load_knowledge_of(_files() | {"sites/s.yaml": site.format("")}, overlay="sites/s.yaml")
    card = spoken(changed, "de").card(changed.cards["oxygen"])
    assert card is not None
    assert card.messages["critical"].do[1].text == "Team 2222 rufen."
    with pytest.raises(KnowledgeError, match=r"cards/sites/s\.yaml:6:41: the translation has other placeholders"):
        load_knowledge_of(_files() | {"sites/s.yaml": site.format(" {now}")}, overlay="sites/s.yaml")


def _files() -> dict[str, str]:
    return read_card_files(cards_folder(), examples=False)


def load_knowledge_of(files: Mapping[str, str], overlay: str | None = None) -> Knowledge:
    return load(files, overlay=overlay)
