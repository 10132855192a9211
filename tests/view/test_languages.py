"""The view in every language that is shipped: no sentence of ours stays English, and dates and numbers are the locale's."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO

import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po

from cds_service.authoring.catalogues import templates
from cds_service.workbench.cli.languages import program_texts
from tests.expected import loaded
from tests.service.wire import ROOT
from tests.view.conftest import Service, running
from tests.view.test_page import FIVE

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
            told = tuple(map(_loud, message.id)) if message.pluralizable else _loud(message.id)
            catalogue.add(message.id, told, context=message.context)
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
