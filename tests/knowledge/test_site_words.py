"""A site's overlay says words, priorities and sign-offs of its own; mistakes are told at their own line and column."""

from __future__ import annotations

import pytest

from cds_service.knowledge.cards import Knowledge
from cds_service.knowledge.errors import KnowledgeError
from cds_service.knowledge.load import load
from cds_service.service.knowledge_files import cards_folder, read_card_files
from cds_service.simulation.changes import changes

HEAD = "site: here\ntitle: Here\n"
FILES = read_card_files(cards_folder(), examples=False)
SIGNED = "mscc-suspected"


def with_site(text: str) -> Knowledge:
    return load({**FILES, "sites/here.yaml": HEAD + text}, overlay="sites/here.yaml")


@pytest.fixture(scope="module")
def plain() -> Knowledge:
    return load(FILES)


@pytest.fixture(scope="module")
def site(plain: Knowledge) -> Knowledge:
    return with_site(
        f"""words:
  oxygen:
    title: Sauerstoff
    messages:
      low: {{summary: "SpO2 {{saturation}}: Sauerstoff geben"}}
    links:
      - {{label: Hausstandard, url: "https://intranet.example.org/o2"}}
order: [pain-control, oxygen]
confirmed:
  {SIGNED}: {{by: Dr A. Example, on: 2026-03-02, version: {plain.cards[SIGNED].version}}}
  oxygen: {{by: Dr A. Example, on: 2026-03-02, version: 0.0.1}}
  silent-run: {{by: B. Example, on: 2026-03-20}}
"""
    )


def test_words_of_any_language_stand_on_the_card(plain: Knowledge, site: Knowledge) -> None:
    card, before = site.cards["oxygen"], plain.cards["oxygen"]
    assert (card.title, card.links[0].label, card.messages["low"].summary.text) == (
        "Sauerstoff",
        "Hausstandard",
        "SpO2 {saturation}: Sauerstoff geben",
    )
    assert (card.messages["low"].indicator, card.messages["low"].body) == (
        before.messages["low"].indicator,
        before.messages["low"].body,
    )
    assert site.version != plain.version
    assert "oxygen says otherwise: title, messages, links (cards/sites/here.yaml:5:5)" in site.origins


def test_topics_that_a_site_puts_first_rank_before_all_others(plain: Knowledge, site: Knowledge) -> None:
    assert site.order[:2] == ("pain-control", "oxygen") and sorted(site.order) == sorted(plain.order)


def test_a_signed_card_waits_no_more_as_long_as_it_is_the_version_that_was_signed(site: Knowledge) -> None:
    assert all(one.confirmed for one in site.cards[SIGNED].parameters.values())
    assert site.confirmed["silent-run"] == "signed by B. Example on 2026-03-20"
    text = "confirmed:\n  hypercalcaemia: {by: Dr A, on: 2026-03-02, version: 0.0.1}\n"
    unsigned = [one.confirmed for one in with_site(text).cards["hypercalcaemia"].parameters.values()]
    assert unsigned == [one.confirmed for one in site.cards["hypercalcaemia"].parameters.values()]


def test_each_difference_is_a_sentence(plain: Knowledge, site: Knowledge) -> None:
    said = [str(change) for change in changes(plain, site)]
    assert "oxygen: the message low reads otherwise: 'SpO2 {saturation}: Sauerstoff geben'" in said
    assert "oxygen: the title reads otherwise: 'Sauerstoff'" in said
    assert "oxygen: the list of links reads otherwise: 'Hausstandard https://intranet.example.org/o2'" in said
    assert any("another order, first pain-control, oxygen" in one for one in said)
    assert "silent-run is signed by B. Example on 2026-03-20" in said


def test_a_mistake_is_reported_where_it_stands_in_the_sites_file() -> None:
    text = """words:
  oxigen: {title: X}
  oxygen:
    rule: sbrt
    messages: {lo: {summary: X}, low: {summary: 5}}
    links:
      - {label: X, url: 'ftp://x'}
  pain-control:
    override_reasons: [no-such]
    title: [a]
  mscc-suspected:
    messages: {suspected: {indicator: info}}
order: [sbrt, sbrt, sbrtt]
"""
    with pytest.raises(KnowledgeError) as caught:
        with_site(text)
    problems = {f"{error.line}:{error.column} {error.problem} {error.nearest}".strip() for error in caught.value.errors}
    assert {error.file for error in caught.value.errors} == {"cards/sites/here.yaml"}
    assert problems >= {
        "4:3 'oxigen' is not a topic oxygen",
        "6:5 'rule' is none of the card's words",
        "7:16 'lo' is none of the card's words low",
        "7:49 'summary' is text, found the number 5: write it in quotes",
        "9:25 'ftp://x' is not a web address; it begins with https://",
        "14:39 'suspected' is a red flag's critical message: its indicator stays critical",
        "15:15 'sbrt' stands twice sbrt",
        "15:21 'sbrtt' is not a topic sbrt",
    }, problems


def test_a_sign_off_names_who_and_when() -> None:
    with pytest.raises(KnowledgeError, match=r"here.yaml:4:11: a sign-off needs 'on'"):
        with_site("confirmed:\n  oxygen: {by: Dr A}\n")


def test_a_word_that_nothing_brings_is_refused_before_the_card_fails_at_the_bedside() -> None:
    text = """words:
  oxygen:
    messages:
      low: {summary: "SpO2 {satration} low", do: ["Give oxygen {target_from}", "{now}: call {nobody}"]}
    silent: {not_low: "SpO2 is {saturation}"}
"""
    with pytest.raises(KnowledgeError) as caught:
        with_site(text)
    problems = {f"{error.line}:{error.column} {error.problem} {error.nearest}" for error in caught.value.errors}
    assert problems == {
        "6:22 {satration} is no word of this text, and no parameter saturation",
        "6:80 {nobody} is no word of this text, and no parameter ",
        "7:23 {saturation} is no word of this text, and no parameter saturation_age",
    }
