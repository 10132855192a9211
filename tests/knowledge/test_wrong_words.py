"""Words of a language that nothing means are refused: they would be heard of nothing, silently."""

from __future__ import annotations

import pytest

from cds_service.knowledge.words import read_words
from cds_service.knowledge.yaml_source import read_yaml
from cds_service.terminology.value_sets import ValueSet
from tests.knowledge.card_texts import edited
from tests.shipped import codebook

WORDS = """\
language: Esperanto
parts: {metastasis: ['metastaz\\w*']}
places:
  bone: [osto]
  lung: [pulmo]
  heart: [koro]
sentences:
  spread: ['\\b({metastasis}) en ({place})']
phrases:
  lung-metastasis: ['\\b({lung})a metastazo', '\\b({heart})']
cues: {before: {denied: [sen], doubted: [eble], family: [patrino], history: [antaua]}, after: {}}
"""
SETS: dict[str, ValueSet] = {name: codebook().sets[name] for name in ("bone-metastasis", "lung-metastasis")}
MEANINGS = {"bone-metastasis": {"spread": ["bone"]}}


def mistakes(text: str) -> list[str]:
    document = read_yaml("cards/words/esperanto.yaml", text)
    read_words([document], SETS, MEANINGS)
    return [str(error) for error in document.errors]


def test_a_place_counts_where_a_set_means_it_or_a_part_or_phrase_holds_it() -> None:
    assert mistakes(WORDS) == []


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("  spread: [", "  spred: [", "8:3: no value set means 'spred'; allowed: spread (nearest: spread)"),
        ("  bone: [", "  bon: [", "4:3: no value set means 'bon'; allowed: bone, heart, lung (nearest: bone)"),
        ("({heart})", "(koro)", "6:3: no value set means 'heart'; allowed: bone, lung"),
    ],
)
def test_a_sentence_or_place_that_nothing_means_is_named_with_its_place(right: str, wrong: str, says: str) -> None:
    assert any(f"cards/words/esperanto.yaml:{says}" in error for error in mistakes(edited(WORDS, right, wrong)))
