"""The promises of the house: nothing without a home, a reason, a name, a user or an example."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from cds_service.authoring.check import check_examples, check_scenarios
from cds_service.authoring.content_page import content_page, homeless
from cds_service.authoring.ladders import ladder_of
from cds_service.authoring.safety_page import read_safety_case, safety_page
from cds_service.knowledge.cards import CardDefinition
from cds_service.service.knowledge_files import cards_folder
from cds_service.workbench.fixture_files import fixtures_folder, read_scenarios
from tests import expected
from tests.shipped import knowledge

ROOT = Path(__file__).parent.parent
RULES = ROOT / "cds_service" / "rules"
TOPICS = {
    "mscc-suspected",
    "spinal-pain-mri",
    "hypercalcaemia",
    "hypercalcaemia-test",
    "hypercalcaemia-medicines",
    "staging-ct",
    "staging-pet",
    "staging-bone-scan",
    "tissue-diagnosis",
    "mdt-referral",
    "systemic-therapy-referral",
    "oxygen",
    "palliative-radiotherapy",
    "sbrt",
    "orthopaedic-assessment",
    "pathological-fracture",
    "bone-ablation",
    "cementoplasty",
    "cement-safety",
    "radiopharmaceutical",
    "radium-safety",
    "bma-start",
    "bma-choice",
    "bma-dental-review",
    "bma-calcium-vitamin-d",
    "zoledronate-renal-dose",
    "denosumab-safety",
    "bma-deescalation",
    "bma-two-year-review",
    "dental-surgery-on-bma",
    "dexamethasone-safety",
    "whole-spine-mri",
    "local-therapy-gate",
    "radiotherapy-fractions",
    "radiotherapy-systemic-overlap",
    "contrast-safety",
    "mri-safety",
    "suspected-bone-metastasis",
    "tumour-markers",
    "pleural-fluid-cytology",
    "pain-control",
    "skeletal-event-assessment",
    "surveillance-imaging",
    "late-effects",
    "bone-health",
    "clinical-trials",
    "radiotherapy-toxicity",
    "could-not-assess",
}


def cards() -> list[CardDefinition]:
    return list(knowledge().cards.values())


def test_every_topic_of_the_table_has_a_card_and_no_other_has() -> None:
    assert set(knowledge().cards) == TOPICS


def test_every_card_has_its_rule_and_every_rule_its_card() -> None:
    modules = {path.stem for path in RULES.glob("*.py")} - {"__init__"}
    assert {card.rule_name for card in cards()} == modules
    other = {"hypercalcaemia-test": "hypercalcaemia_bloods"}  # every test collector would take the module for tests
    assert all(card.rule_name == other.get(card.topic, card.topic.replace("-", "_")) for card in cards())


@pytest.mark.parametrize("card", cards(), ids=lambda card: card.topic)
def test_every_example_of_a_card_holds(card: CardDefinition) -> None:
    _, problems = check_examples(knowledge(), [card], read_scenarios(fixtures_folder()))
    assert problems == []


@pytest.mark.parametrize("card", cards(), ids=lambda card: card.topic)
def test_every_example_answers_as_it_is_written_down(card: CardDefinition) -> None:
    written = (expected.FOLDER / f"{card.topic}.txt").read_text(encoding="utf-8")
    found = expected.answers(card, expected.loaded()[1])
    assert found.splitlines() == written.splitlines(), "read the change, then: python -m tests.expected"


@pytest.mark.parametrize("card", cards(), ids=lambda card: card.topic)
def test_every_message_and_order_reads_as_it_is_written_down(card: CardDefinition) -> None:
    written = (expected.WRITTEN / f"{card.topic}.txt").read_text(encoding="utf-8")
    found = expected.written(card, expected.loaded()[1])
    assert found.splitlines() == written.splitlines(), "read the change, then: python -m tests.expected"


def test_every_expectation_of_a_fixture_holds() -> None:
    _, problems = check_scenarios(knowledge(), read_scenarios(fixtures_folder()))
    assert problems == []


def test_every_fixture_has_an_expectation() -> None:
    assert [name for name, one in read_scenarios(fixtures_folder()).items() if not one.expect] == []


@pytest.mark.parametrize("card", cards(), ids=lambda card: card.topic)
def test_every_message_silence_note_and_suggestion_is_shown_by_an_example(card: CardDefinition) -> None:
    fired = {example.expect_name for example in card.examples if example.expect == "fired"}
    silent = {example.expect_name for example in card.examples if example.expect == "silent"}
    notes = {note for example in card.examples for note in example.notes}
    offers = {offer for example in card.examples for offer in example.offers or ()}
    assert set(card.messages) - fired == set(), "messages without an example that fires them"
    assert set(card.silent) - silent == set(), "silences without an example"
    assert set(card.suggestions) - offers == set(), "suggestions that no example offers"
    assert set(card.notes) - notes == set(), "notes that no example shows"


@pytest.mark.parametrize("card", cards(), ids=lambda card: card.topic)
def test_the_names_in_a_rule_are_those_of_its_card(card: CardDefinition) -> None:
    said = _names_said(RULES / f"{card.rule_name}.py")
    assert said["Offer"] <= set(card.suggestions)
    assert said["absent"] | said["silent"] | said["NotFired"] | said["not_found"] <= set(card.silent)
    assert said["card"] <= set(card.messages)


_NAMED_AT = {"Offer": 0, "NotFired": 0, "not_found": 1, "absent": 0, "silent": 0, "card": 0}


def _names_said(path: Path) -> dict[str, set[str]]:
    """The literal first names that a rule gives to outcomes and rungs."""
    said: dict[str, set[str]] = {name: set() for name in _NAMED_AT}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in said:
            place = _NAMED_AT[node.func.id]
            if len(node.args) > place and isinstance(node.args[place], ast.Constant):
                said[node.func.id].add(str(node.args[place].value))
    return said


@pytest.mark.parametrize("path", sorted((ROOT / "cds_service").glob("rules/*.py")), ids=lambda path: path.stem)
def test_a_rule_holds_no_number_and_no_sentence(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {id(node.body[0].value) for node in ast.walk(tree) if _has_docstring(node)}
    docs |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    docs |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.Slice) for part in ast.walk(node)}
    constants = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docs]
    numbers = [value for value in constants if isinstance(value, int | float) and value not in {0, 1, 2}]
    sentences = [value for value in constants if isinstance(value, str) and len(value.split()) > 4]
    assert numbers == []
    assert sentences == []


def _has_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None


def test_every_concept_that_the_code_names_is_a_value_set() -> None:
    known = set(knowledge().codebook.sets)
    asked = re.compile(r"\.of\(\s*((?:\"[a-z0-9.-]+\",?\s*)+)")
    missing = {}
    for path in [*(ROOT / "cds_service/rules").glob("*.py"), *(ROOT / "cds_service/findings").glob("*.py")]:
        names = {
            name
            for match in asked.findall(path.read_text(encoding="utf-8"))
            for name in re.findall(r'"([^"]+)"', match)
        }
        if names - known:
            missing[path.name] = sorted(names - known)
    assert missing == {}


def test_every_row_of_the_seeds_has_a_home() -> None:
    assert homeless((cards_folder() / "seeds.yaml").read_text(encoding="utf-8"), knowledge()) == []


def test_the_clinical_content_page_is_fresh() -> None:
    ladders = {card.topic: ladder_of(card, expected.loaded()[1]) for card in cards()}
    page = content_page((cards_folder() / "seeds.yaml").read_text(encoding="utf-8"), knowledge(), ladders)
    written = ROOT / "docs" / "clinical-content.md"
    assert written.read_text(encoding="utf-8") == page, "run: cds-service content --write"


def test_the_safety_case_is_fresh_and_every_test_behind_a_control_exists() -> None:
    case = read_safety_case((cards_folder() / "safety.yaml").read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "safety.md").read_text(encoding="utf-8")
    assert page == safety_page(case, knowledge()), "run: cds-service safety --write"
    named = {test for hazard in case.hazards for control in hazard.controls for test in control.tests}
    assert sorted(test for test in named if not _has_test(test)) == []


def _has_test(named: str) -> bool:
    """Whether there is such a test, written ``path`` or ``path::name``."""
    path, _, name = named.partition("::")
    return (ROOT / path).is_file() and f"def {name or 'test_'}" in (ROOT / path).read_text(encoding="utf-8")


def test_every_dependency_says_what_it_is_for() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = re.findall(r'^  "[^"]+",(.*)$', text.split("[project.scripts]")[0], re.MULTILINE)
    assert all("#" in rest for rest in listed)


def test_every_module_stays_within_four_hundred_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in (ROOT / "cds_service").rglob("*.py")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_no_room_holds_a_fifth_of_the_lines() -> None:
    lines: Counter[str] = Counter()
    for path in (ROOT / "cds_service").rglob("*.py"):
        lines[path.relative_to(ROOT / "cds_service").parts[0]] += len(path.read_text(encoding="utf-8").splitlines())
    (largest, held), *_ = lines.most_common()
    assert held < lines.total() / 5, largest


@pytest.mark.parametrize("page", [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], ids=lambda page: page.name)
def test_a_page_of_more_than_four_screens_begins_with_its_contents(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    head, *rest = re.split(r"^## ", text, flags=re.MULTILINE)
    titles = [part.splitlines()[0] for part in rest]
    if len(text.splitlines()) <= 4 * 45 or page.name == "CHANGELOG.md":
        return
    slugs = [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles]
    assert [slug for slug in slugs if f"(#{slug})" not in head] == []
