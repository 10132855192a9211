"""Every card's outcomes and parameter edges are hit by an example or a fixture; what is not is named here, with why."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from cds_service.authoring.coverage import Coverage, coverage, open_in_common
from cds_service.knowledge.cards import Knowledge
from cds_service.workbench.cli import commands
from cds_service.workbench.fixture_files import fixtures_folder, read_scenarios

KNOWN_GAPS = {
    "hypercalcaemia-medicines": {
        # these limits sort a raised calcium by gravity, which this card does not tell apart; severe_at lifts the cap of
        # results without a unit only, which are tens, not hundredths, away from it
        f"edge {name}: nobody tells {other} from {value}"
        for name, value, others in (
            ("severe_at", "3.5 mmol/L (14 mg/dL)", ("3.49 mmol/L", "3.51 mmol/L")),
            ("ionised_treat_at", "1.5 mmol/L", ("1.49 mmol/L", "1.51 mmol/L")),
            ("ionised_severe_at", "1.8 mmol/L", ("1.79 mmol/L", "1.81 mmol/L")),
        )
        for other in others
    },
}


@pytest.fixture(scope="module")
def found(knowledge: Knowledge) -> dict[str, Coverage]:
    fixtures = read_scenarios(fixtures_folder())
    return {one.topic: one for one in coverage(knowledge, knowledge.cards.values(), fixtures)}


def test_nothing_is_left_open_but_what_is_known(found: dict[str, Coverage], knowledge: Knowledge) -> None:
    assert set(found) == set(knowledge.cards)
    open_ones = {topic: set(one.gaps) - KNOWN_GAPS.get(topic, set()) for topic, one in found.items()}
    assert {topic: gaps for topic, gaps in open_ones.items() if gaps} == {}


def test_every_number_that_cards_have_in_common_is_held_by_some_card(found: dict[str, Coverage]) -> None:
    assert open_in_common(found.values()) == ()
    bare = [replace(one, edges=tuple(replace(edge, held_by=0) for edge in one.edges)) for one in found.values()]
    assert any(sentence.startswith("edge zoledronate_doses.second.dose: ") for sentence in open_in_common(bare))


def test_every_number_has_both_edges(found: dict[str, Coverage]) -> None:
    edges = [edge for edge in found["oxygen"].edges if edge.parameter == "warn_below"]
    assert [(edge.value, edge.other) for edge in edges] == [("92%", "91 %"), ("92%", "93 %")]
    assert all(edge.held_by for edge in edges)


def test_what_no_example_hits_is_reported(knowledge: Knowledge) -> None:
    card = knowledge.cards["oxygen"]
    few = replace(card, examples=tuple(each for each in card.examples if each.expect == "silent")[:1])
    (one,) = coverage(knowledge, [few], {})
    assert {f"message {name}" for name in card.messages} <= set(one.gaps)
    assert "cannot tell" in one.gaps
    assert any(gap.startswith("edge warn_below: nobody tells 91 % from 92%") for gap in one.gaps)
    assert sum(one.silent.values()) == 1


def test_the_command_prints_a_table_and_json() -> None:
    table = CliRunner().invoke(commands, ["coverage", "--card", "oxygen"], catch_exceptions=False)
    assert table.exit_code == 0
    assert "No gaps." in table.output
    (in_words,) = json.loads(
        CliRunner().invoke(commands, ["coverage", "--card", "oxygen", "--json"], catch_exceptions=False).stdout
    )
    assert in_words["topic"] == "oxygen"
    assert in_words["gaps"] == []
    assert all(edge["held_by"] for edge in in_words["edges"])
