"""The view in every language that is shipped: no sentence of ours stays English, and dates and numbers are the locale's."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO

import pytest
import requests
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from fhir.resources.R4B.bundle import Bundle

from cds_service.authoring.catalogues import templates
from cds_service.workbench.cli.languages import program_texts
from tests.expected import loaded
from tests.service.wire import ROOT
from tests.view.conftest import HARD, Service, running
from tests.view.test_page import ANSWERS, FIVE

CAPITALS = "eo"
"""A language that we make up of capitals: whatever stands on the page in other letters, is the record's, or was never said."""


_VERSION = re.compile(r"\b[0-9a-f]{12}\b")


class _Reader(HTMLParser):
    """All that is read of a page, by eye or ear."""

    _READ = ("aria-label", "title", "data-copy")
    _FILLED = ("copied", "uncopied", "unsent", "points", "between", "to", "missing", "whole", "bands")

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    def handle_data(self, data: str) -> None:
        self.read.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        wanted = {*self._READ, *(f"data-{name}" for name in self._FILLED)}
        self.read += [re.sub(r"\{\w+\}", "", value or "") for name, value in attrs if name in wanted]


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{2,}", text))


def read(page: str) -> str:
    reader = _Reader()
    reader.feed(page)
    return " ".join(reader.read)


@pytest.fixture(scope="module")
def in_capitals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with one more language, whose catalogues say each sentence in capitals."""
    folder = tmp_path_factory.mktemp("capitals")
    shutil.copytree(ROOT / "cards", folder / "cards")
    (folder / "cards/locales" / CAPITALS).mkdir()
    for name, template in templates(loaded()[0], program_texts()).items():
        (folder / "cards/locales" / CAPITALS / f"{name}.po").write_bytes(_shouted(template))
    with running(folder, cards=folder / "cards") as found:
        yield found


def _shouted(template: Catalog) -> bytes:
    catalogue = Catalog(locale=CAPITALS, fuzzy=False)
    for message in template:
        if message.id:
            translated = tuple(map(_loud, message.id)) if message.pluralizable else _loud(message.id)
            catalogue.add(message.id, translated, context=message.context)
    out = BytesIO()
    write_po(out, catalogue)
    return out.getvalue()


def _loud(sentence: str) -> str:
    return "".join(part if part.startswith("{") else part.upper() for part in re.split(r"(\{[^{}]*\})", sentence))


@pytest.mark.parametrize("patient", FIVE)
def test_every_word_of_page_and_referral_that_is_not_the_record_s_is_said_in_the_language(
    patient: str, in_capitals: Service
) -> None:
    browser, page = in_capitals.opened(patient, language=CAPITALS)
    assert f'<html lang="{CAPITALS}">' in page.text
    record = words((ROOT / f"fhir_fixtures/patients/{patient}.json").read_text(encoding="utf-8").lower())
    sources = {word for card in loaded()[0].cards.values() for one in card.sources for word in words(one.label.lower())}
    months = words(" ".join(Locale(CAPITALS).months["format"]["wide"].values()).lower())
    for text in (page.text, browser.get(page.url + "mdt", timeout=30).text):
        small = {word.lower() for word in words(_VERSION.sub("", read(text))) if word != word.upper()}
        left = small - record - sources - months
        assert not left, sorted(left)


def test_a_german_reads_dates_numbers_and_orders_as_germans_write_them(service: Service) -> None:
    browser, page = service.opened(HARD, language="de-AT,de;q=0.9")
    said = html.unescape(read(page.text))
    for line in (
        "Frau, 71 Jahre, geboren 02.07.1955",
        "Kreatinin-Clearance: 26,1 ml/min (Cockcroft-Gault)",
        "Obergrenze 2,6 mmol/l",
        "0 bis 18 Punkte, stabil bis instabil",
        "200 ml/h bis 500 ml/h",
        "Deshalb schweigt sie: ",
    ):
        assert line in said
    assert not re.search(r"\d{4}-\d\d-\d\d|\d\.\d+ m(?:mol|g|l)\b", re.sub(r"\S+\d{4}-\d\d-\d\dT\S+", "", said))
    made = browser.get(page.url + "mdt.json", timeout=30).json()
    composition = Bundle.model_validate(made).entry[0].resource
    assert (composition.language, composition.section[0].title) == ("de", "Frage an das Tumorboard")


def test_a_card_that_french_lacks_is_marked_as_english_on_a_french_page(service: Service) -> None:
    page = service.opened(HARD, language="fr")[1].text
    languages = dict(re.findall(r'id="card-([\w-]+)" lang="(\w+)"', page))
    assert (languages["mscc-suspected"], languages["staging-ct"]) == ("fr", "en")
    assert '<html lang="fr">' in page


def test_refusals_and_answers_are_said_in_the_language(service: Service) -> None:
    refused = requests.get(f"{service.base}/view/nobody/", headers={"Accept-Language": "es"}, timeout=10)
    assert refused.status_code == 401 and "Esta vista ha caducado." in refused.text
    browser, page = service.opened(HARD, language="de")
    part = {name: row for name, row in ANSWERS.items() if name != "alignment"}
    assert browser.post(page.url + "scores/sins", json=part, timeout=10).json()["says"] == "nicht beantwortet: Stellung"
    sent = browser.post(page.url + "scores/sins", json=ANSWERS, timeout=10)
    assert sent.json()["says"] == "Als Entwurf an die Akte gesendet (Status vorläufig)."
