"""A new card loads and runs as it is written, is told what to fill in, and passes the check once that is done."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cds_service import rules
from cds_service.authoring.check import check_scenarios
from cds_service.authoring.new_card import new_card, with_topic
from cds_service.service.knowledge_files import cards_folder, load_knowledge
from cds_service.workbench.cli import commands
from cds_service.workbench.fixture_files import fixtures_folder, read_scenarios

TOPIC = "bone-turnover"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with cards, rules and fixtures of its own."""
    shutil.copytree(cards_folder(), tmp_path / "cards")
    shutil.copytree(fixtures_folder() / "scenarios", tmp_path / "fixtures" / "scenarios")
    (tmp_path / "rules").mkdir()
    monkeypatch.setattr(rules, "__path__", [*rules.__path__, str(tmp_path / "rules")])
    yield tmp_path
    sys.modules.pop("cds_service.rules.bone_turnover", None)


def run(house: Path, *arguments: str) -> Result:
    return CliRunner().invoke(commands, [*arguments, "--cards", str(house / "cards")], catch_exceptions=False)


def begin(house: Path, topic: str = TOPIC) -> Result:
    return run(house, "new-card", topic, "--rules", str(house / "rules"), "--fixtures", str(house / "fixtures"))


def files_of(house: Path) -> list[Path]:
    written = ("cards/bone-turnover.yaml", "cards/examples/bone-turnover.yaml", "rules/bone_turnover.py")
    return [house / name for name in (*written, "fixtures/scenarios/bone-turnover.yaml")]


def test_a_new_card_runs_says_what_to_fill_in_and_passes_once_filled(house: Path) -> None:
    assert begin(house).exit_code == 0
    card = load_knowledge(house / "cards").cards[TOPIC]
    assert (card.status, len(card.examples), list(load_knowledge(house / "cards").order)[-1]) == ("draft", 7, TOPIC)

    open_ = run(house, "check", "--card", TOPIC)
    assert open_.exit_code == 1
    assert "bone-turnover.yaml:2: to fill in: title:" in open_.output
    assert "bone_turnover.py:1: to fill in:" in open_.output
    assert all("to fill in" in line for line in open_.stdout.splitlines()[:-1]), "its examples hold from the first"

    for path in files_of(house):
        path.write_text(re.sub(r"TODO:? ?", "Filled in: ", path.read_text()), encoding="utf-8")
    filled = run(house, "check", "--card", TOPIC)
    assert filled.exit_code == 0, filled.output
    assert "1 card, 7 examples, 0 expectations of fixtures: all as expected" in filled.output
    card = files_of(house)[0]
    card.write_text(card.read_text().replace("{disease}", "{diseese}"), encoding="utf-8")
    mistyped = run(house, "check", "--card", TOPIC)
    assert "its message 'due' holds {diseese}, neither a word of the rule nor a parameter" in mistyped.output
    card.write_text(card.read_text().replace("{diseese}", "{disease}"), encoding="utf-8")
    scenarios = {TOPIC: read_scenarios(house / "fixtures")[TOPIC]}
    assert check_scenarios(load_knowledge(house / "cards"), scenarios) == (1, [])


def test_nothing_that_is_there_is_overwritten(house: Path) -> None:
    assert begin(house).exit_code == 0
    (house / "rules" / "bone_turnover.py").write_text("mine", encoding="utf-8")
    again = begin(house)
    assert again.exit_code == 2
    assert "already there" in again.output
    assert (house / "rules" / "bone_turnover.py").read_text() == "mine"


@pytest.mark.parametrize("topic", ["Bone Turnover", "bone_turnover", "../x", "3-days", "-", ""])
def test_what_is_no_topic_is_refused_and_nothing_is_written(house: Path, topic: str) -> None:
    before = (house / "cards" / "services.yaml").read_text()
    refused = begin(house, topic)
    assert refused.exit_code == 2
    assert "is no topic" in refused.output
    assert (house / "cards" / "services.yaml").read_text() == before


def test_the_order_gets_the_topic_and_keeps_every_other_byte() -> None:
    services = "# a\norder:\n  - b  # c\n  - d\n\nrest: 1\n"
    assert with_topic(services, "e") == "# a\norder:\n  - b  # c\n  - d\n  - e\n\nrest: 1\n"


def test_a_card_of_an_order_hook_has_a_patient_with_that_hook() -> None:
    assert "hook: order-sign" in new_card("a-b", "order-sign", date(2026, 3, 2)).scenario
