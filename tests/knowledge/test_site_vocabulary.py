"""A site teaches the service its own codes: an overlay adds code systems, codes, categories and words to any value set."""

from __future__ import annotations

from functools import cache

import pytest

from cds_service.knowledge.errors import KnowledgeError
from cds_service.knowledge.load import load
from cds_service.service.knowledge_files import cards_folder, read_card_files
from cds_service.terminology.value_sets import Codebook
from tests.knowledge.card_texts import SITE, loaded

OVERLAY = r"""
site: example
title: Example hospital
code_systems:
  our-laboratory: {title: Laboratory catalogue, uri: "https://lab.example.org/catalogue", also: ["urn:oid:1.2.3.4.5", LIS]}
  bare: {title: Codes that come without a system, uri: ""}
  icd-10-es: {title: CIE-10-ES, uri: "urn:oid:2.16.724.4.21.5.29", same_as: icd-10-cm}
  chi: {title: Procedures of the hospital, uri: "urn:oid:2.16.840.1.113883.2.4.3.27.15.2.1", categories: true}
value_sets:
  calcium-total:
    codes:
      - {system: our-laboratory, code: CA, display: Calcium i.S., source: catalogue of 2026}
      - {system: bare, code: "4711", display: Calcium, source: the same}
    text: ['\bkalk im blut\b']
  radiotherapy:
    ranges: {chi: ["R4"], ops: ["8-53"]}
  bone-metastasis:
    codes:
      - {system: icd-10, code: "C79.5", match: prefix, display: Knochenmetastase, source: house code}
    excluded:
      - {system: snomed, code: "94222008", display: Secondary malignant neoplasm of bone, why: used for another thing here}
  denosumab-120:
    codes:
      - {system: pzn, code: "09233763", display: XGEVA 120 mg, source: ABDA}
"""


@cache
def site() -> Codebook:
    files = {**read_card_files(cards_folder(), examples=False), "sites/example.yaml": OVERLAY}
    return load(files, overlay="sites/example.yaml").codebook


@pytest.mark.parametrize(
    ("system", "code", "value_set"),
    [
        ("https://lab.example.org/catalogue", "CA", "calcium-total"),
        ("http://lab.example.org/catalogue/", " CA ", "calcium-total"),
        ("urn:oid:1.2.3.4.5", "CA", "calcium-total"),
        ("1.2.3.4.5", "CA", "calcium-total"),
        ("lis", "CA", "calcium-total"),
        ("", "4711", "calcium-total"),
        ("urn:oid:2.16.724.4.21.5.29", "C79.51", "bone-metastasis"),
        ("2.16.724.4.21.5.29", "c50912", "breast-cancer"),
        ("urn:oid:2.16.840.1.113883.2.4.3.27.15.2.1", "R41.7", "radiotherapy"),
        ("http://fhir.de/CodeSystem/bfarm/ops", "8-530.1", "radiotherapy"),
        ("http://fhir.de/CodeSystem/ifa/pzn", "PZN-9233763", "denosumab-120"),
        ("urn:oid:2.16.840.1.113883.6.96", "363346000", "any-malignancy"),
    ],
)
def test_a_code_that_the_site_added_is_understood(system: str, code: str, value_set: str) -> None:
    assert value_set in site().of_code(system, code)


@pytest.mark.parametrize(
    ("system", "code", "value_set"),
    [
        ("https://lab.example.org/catalogue", "CA2", "calcium-total"),
        ("https://lab.example.org/other", "CA", "calcium-total"),
        ("", "471", "calcium-total"),
        ("urn:oid:2.16.840.1.113883.2.4.3.27.15.2.1", "S4", "radiotherapy"),
        ("http://snomed.info/sct", "94222008", "bone-metastasis"),
        ("http://fhir.de/CodeSystem/ifa/pzn", "PZN-9233764", "denosumab-120"),
    ],
)
def test_its_neighbours_are_not(system: str, code: str, value_set: str) -> None:
    assert value_set not in site().of_code(system, code)


def test_the_words_of_the_site_are_understood_with_their_denials_and_its_names_are_shown() -> None:
    assert site().of_words("Observation", "Kalk im Blut")["calcium-total"] == "affirmed"
    assert site().of_words("Observation", "kein Kalk im Blut")["calcium-total"] == "denied"
    assert site().display("LIS", "CA") == "Calcium i.S."


ADDED = """
code_systems:
  ours: {title: Ours, uri: "urn:oid:1.2.3"}
value_sets:
  calcium-total:
    codes:
      - {system: ours, code: CA, display: Calcium, source: catalogue}
"""


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ("calcium-total", "calcium-totl", "'calcium-totl' is not a value set: a site adds to those that there are"),
        ("system: ours", "system: our", "'our' is not a code system that we know; allowed: snomed,"),
        ("system: ours", "system: our", "(nearest: ours)"),
        ("code: CA,", "code: 17,", "'code' is text, found the number 17: write it in quotes"),
        (", source: catalogue", "", "a code needs 'source'"),
        ("display: Calcium,", "display: Calcium, verified: memory,", "'verified' cannot be 'memory'"),
        ("system: ours, code: CA", "system: ours, match: prefix, code: CA", "codes of ours have no prefixes"),
        ("system: ours, code: CA", 'system: loinc, code: "17861-7"', "'17861-7' is not a LOINC code"),
        ("    codes:", "    ranges: {ours: [C50]}\n    codes:", "'ours' has no categories; allowed: atc, icd-10,"),
        ("    codes:", "    text: ['(calcium']\n    codes:", "'(calcium' is not a regular expression"),
        ("    codes:", "    kinds: [Condition]\n    codes:", "'kinds' is not a key of what a site adds to a value set"),
        ("urn:oid:1.2.3", "http://loinc.org", "'http://loinc.org' is the system 'loinc' already"),
        ("urn:oid:1.2.3", "our lab", "'our lab' is not the URI or OID of a code system: there is a space in it"),
        ("title: Ours,", "title: Ours, same_as: icd10,", "'icd10' is not a code system that we know; allowed: snomed,"),
        ("  ours: {", "  loinc: {", "'loinc' is known already, as http://loinc.org: add codes to it"),
        ("title: Ours, ", "", "a code system needs 'title'"),
    ],
)
def test_a_wrong_vocabulary_says_where_and_what_was_allowed(right: str, wrong: str, expected: str) -> None:
    assert right in ADDED
    with pytest.raises(KnowledgeError) as refused:
        loaded(overlay="sites/example.yaml", site=SITE + ADDED.replace(right, wrong, 1))
    assert expected in str(refused.value)
    assert str(refused.value).startswith("cards/sites/example.yaml:")


def test_a_changed_vocabulary_is_another_version_of_the_knowledge() -> None:
    before = loaded(overlay="sites/example.yaml", site=SITE)
    after = loaded(overlay="sites/example.yaml", site=SITE + ADDED)
    assert before.version != after.version
    assert "calcium-total" in after.codebook.of_code("urn:oid:1.2.3", "CA")
