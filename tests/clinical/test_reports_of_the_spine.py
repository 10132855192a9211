"""What an image of the spine says of the cord, in a radiologist's words of six languages, and what it leaves open."""

from __future__ import annotations

import pytest

from tests.clinical.asking import SNOMED, Resource, coded, condition, report, view

BONE = condition(coded(SNOMED, "94222008"), 150)
PROSTATE = condition(coded(SNOMED, "399068003"), 1000)
WEAK = condition(coded(SNOMED, "309774006", "Weakness of both legs"), 2)

COMPRESSED = [
    "ESCC grade 2 at T9",
    "Bilsky 3 at L1",
    "Epidural tumour at T6 with cord signal change",
    "Effacement of the thecal sac with cord deformity at T10",
    "Impingement on the spinal cord by retropulsed tumour",
    "Severe canal stenosis due to epidural tumour",
    "The cord is displaced and flattened at T7",
    "Spinalkanalstenose durch Tumor mit Myelonbedrängung",
    "Verlagerung des Myelons durch epidurale Raumforderung",
    "Refoulement de la moelle en T8",
    "Compromiso medular en T8",
    "Impronta sul midollo a D8",
    "Impressie van het myelum op Th8",
]
EPIDURAL = [
    "Marrow replacement T8 with epidural component abutting the cord",
    "Bilsky 1b at T4",
    "Epidurale Tumorausdehnung BWK 9",
    "Extension épidurale en L2",
    "Extensión epidural en L2",
    "Estensione epidurale a D9",
    "Epidurale uitbreiding Th9",
]
NEITHER = [
    "Bilsky 0",
    "Kein Nachweis einer Myelonbedrängung",
    "No cord signal change",
    "Keine epidurale Tumorausdehnung",
    "Pas d'extension épidurale",
    "Sin extensión epidural",
    "Senza estensione epidurale",
    "Geen epidurale uitbreiding",
    "Disc bulge effacing the thecal sac",
    "Epidural lipomatosis",
    "Epidural abscess excluded",
    "Umbilical cord displacement",
]


def messages(*resources: Resource) -> list[str]:
    """Which messages of the cord card are shown on opening the chart."""
    cards = view(*resources).by_topic
    return [card["extension"]["message"] for topic, card in cards.items() if topic == "mscc-suspected"]


def spine(conclusion: str) -> Resource:
    return report("MRI whole spine", conclusion, 1)


@pytest.mark.parametrize("said", COMPRESSED)
def test_compression_in_other_words_is_compression(said: str) -> None:
    assert messages(PROSTATE, BONE, spine(said)) == ["compression"]


@pytest.mark.parametrize("said", EPIDURAL)
def test_tumour_in_the_canal_is_an_epidural_metastasis(said: str) -> None:
    assert messages(PROSTATE, BONE, spine(said)) == ["epidural"]


@pytest.mark.parametrize("said", NEITHER)
def test_what_is_denied_or_of_another_kind_is_neither(said: str) -> None:
    assert messages(PROSTATE, BONE, spine(said)) == []


@pytest.mark.parametrize(
    "said", ["No cord signal change.", "Cord not displaced.", "Kein Myelonödem.", "Pas de souffrance médullaire."]
)
def test_a_cord_without_a_change_of_signal_may_be_compressed_all_the_same(said: str) -> None:
    assert messages(PROSTATE, BONE, WEAK, spine(said)) == ["suspected"]


def test_a_whole_spine_without_compression_silences() -> None:
    assert messages(PROSTATE, BONE, WEAK, spine("No cord compression. No cord signal change.")) == []
    assert messages(PROSTATE, BONE, WEAK, spine("Tumour compresses the cord. No cord signal change.")) == [
        "compression"
    ]
