"""Which phrases belong to which value set. Negation and doubt are read elsewhere: here a phrase only has to be found."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.shipped import codebook

PHRASES = Path(__file__).parent / "phrases"
OF_BONE_OR_LUNG = (
    "bone-metastasis",
    "vertebral-metastasis",
    "epidural-metastasis",
    "lung-metastasis",
    "pleural-metastasis",
)


@cache
def patterns_of(name: str) -> tuple[re.Pattern[str], ...]:
    """What is searched for a set and for all that it includes, in every language."""
    inside = {name}
    waiting = [name]
    while waiting:
        more = set(codebook().sets[waiting.pop()].includes) - inside
        inside |= more
        waiting += more
    return tuple(phrases.compiled for phrases in codebook().phrases.all if phrases.value_set in inside)


def says(name: str, text: str) -> bool:
    """Whether the words of a set, or of one that it includes, are found in a text."""
    return any(pattern.search(text) for pattern in patterns_of(name))


def phrases(key: str) -> list[tuple[str, str]]:
    """Each phrase of ``phrases/*.yaml`` with its value set: those ``found`` for it, or its ``look_alikes``, which are not."""
    files = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(PHRASES.glob("*.yaml"))]
    return [(name, text) for sets in files for name, listed in sets.items() for text in listed.get(key, ())]


@pytest.mark.parametrize(("name", "text"), phrases("found"))
def test_a_phrase_is_found(name: str, text: str) -> None:
    assert says(name, text)


@pytest.mark.parametrize(("name", "text"), phrases("look_alikes"))
def test_a_look_alike_is_not_found(name: str, text: str) -> None:
    assert not says(name, text)


def test_the_words_of_every_laboratory_code_lead_to_its_own_set() -> None:
    """Names of codes are read as words too: they must not carry a result into another set."""
    allowed = {"vital-signs-panel"}
    measured = [each for each in codebook().sets.values() if each.measure and each.name not in allowed]
    stray = [
        (value_set.name, code.display, other.name)
        for value_set in measured
        for code in value_set.codes
        if code.system == "loinc"
        for other in measured
        if other.name != value_set.name and says(other.name, code.display)
    ]
    assert stray == []


@pytest.mark.parametrize(
    "display",
    [
        "Metastasis from malignant tumor of bone",  # SNOMED CT 314990009
        "Metastasis from malignant neoplasm of lung",  # 315006004
        "Metastatic malignant neoplasm to intrapelvic lymph nodes",  # 94350006
        "Metastatic malignant neoplasm to lumbosacral plexus",  # 709285002
        "Secondary malignant neoplasm of bone marrow",  # 94217008
    ],
)
def test_the_names_of_the_dangerous_codes_say_nothing_of_bone_or_lung(display: str) -> None:
    assert [name for name in OF_BONE_OR_LUNG if says(name, display)] == []
