"""The file of worked examples: groups and edges are written out, mistakes are named with their place."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cds_service.knowledge.cards import Example
from cds_service.knowledge.errors import KnowledgeError
from cds_service.knowledge.load import load
from tests.knowledge.card_texts import EXAMPLES, edited, find_rule, good_files, loaded

CALCIUM = "{observation: calcium-total, value: 3.2 mmol/L}"


def examples(text: str) -> tuple[Example, ...]:
    return loaded(examples=text).cards["calcium-watch"].examples


def mistakes(text: str) -> list[str]:
    with pytest.raises(KnowledgeError) as caught:
        examples(text)
    return str(caught.value).splitlines()


def test_examples_know_their_expectation_and_their_place() -> None:
    at_limit, high = examples(EXAMPLES)
    assert (at_limit.expect, at_limit.expect_name, at_limit.offers) == ("silent", "normal", ())
    assert (high.expect, high.expect_name, high.expect_indicator) == ("fired", "high", "critical")
    assert (high.hook, high.notes, high.where) == ("patient-view", ("fluids",), "cards/examples/calcium-watch.yaml:7:3")


def test_what_a_group_gives_stands_before_what_its_examples_say() -> None:
    first, second = examples(f"""
- patient: {{sex: male, age: 70}}
  as_of: 2026-03-02
  set: {{treat_at: 3.1 mmol/L, points: 8}}
  given: [{CALCIUM}]
  examples:
    - {{name: one, facts: [{{observation: albumin, value: 40 g/L}}], expect: fired high, because: So.}}
    - {{name: two, patient: {{age: 3}}, as_of: 2026-03-03, set: {{points: 9}}, expect: silent normal, because: So.}}
""")
    calcium, albumin = (
        {"observation": "calcium-total", "value": "3.2 mmol/L"},
        {"observation": "albumin", "value": "40 g/L"},
    )
    assert (first.facts, second.facts) == ((calcium, albumin), (calcium,))
    assert (first.patient, second.patient) == ({"sex": "male", "age": 70}, {"age": 3})
    assert (first.as_of, second.as_of) == ("2026-03-02", "2026-03-03")
    assert first.changes == {"treat_at": "3.1 mmol/L", "points": 8}
    assert second.changes == {"treat_at": "3.1 mmol/L", "points": 9}


EDGES = """\
- name: calcium of {value} mmol/L
  facts: [{observation: calcium-total, value: "{value} mmol/L", when: 1 d}]
  edges:
    2.99: silent normal
    3.00: {expect: fired high, notes: [fluids]}
    3.01: {name: just above, expect: fired high critical, because: "{value} stays as written."}
  because: The limit is 3.00, not {value}.
"""


def test_edges_are_one_example_for_each_value() -> None:
    below, at, above = examples(EDGES)
    assert [each.name for each in (below, at, above)] == [
        "calcium of 2.99 mmol/L",
        "calcium of 3.00 mmol/L",
        "just above",
    ]
    assert [each.facts[0]["value"] for each in (below, at, above)] == ["2.99 mmol/L", "3.00 mmol/L", "3.01 mmol/L"]
    assert [(each.expect, each.notes) for each in (below, at)] == [("silent", ()), ("fired", ("fluids",))]
    assert (below.because, above.because) == ("The limit is 3.00, not 2.99.", "{value} stays as written.")
    assert at.where == "cards/examples/calcium-watch.yaml:5:11"


def test_a_value_that_stands_alone_stays_a_number() -> None:
    entry = '- {name: "{value}", patient: {age: "{value}"}, edges: {39: silent normal, 39.50: silent, 007: silent}, because: x}'
    ages = [each.patient["age"] for each in examples(entry) if isinstance(each.patient, dict)]
    assert ages == [39, Decimal("39.50"), "007"]


def test_edges_stand_in_a_group_too() -> None:
    group = (
        f"- given: [{CALCIUM}]\n  examples:\n    - {{name: x{{value}}, edges: {{1: silent, 2: failed}}, because: x}}\n"
    )
    assert [(each.name, len(each.facts)) for each in examples(group.replace("x{value}", '"x{value}"'))] == [
        ("x1", 1),
        ("x2", 1),
    ]


WRONG = "cards/examples/calcium-watch.yaml:"


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        (
            "expect: silent normal",
            "expect: silent norml",
            "4:11: 'norml' is not under 'silent'; allowed: normal, too_old (nearest: normal)",
        ),
        (
            "expect: silent normal",
            "expect: quiet",
            "4:11: 'quiet' is no expectation; allowed: fired <message>, fired <message> <indicator>, silent <reason>, "
            "cannot tell, failed",
        ),
        ("  expect: silent normal\n", "", "1:3: an example needs 'expect'"),
        ("- name: calcium at the limit\n  facts", "- facts", "1:3: an example needs 'name'"),
        ("  because: It is below the changed limit.\n", "", "1:3: an example needs 'because'"),
        (
            "name: high calcium",
            "name: calcium at the limit",
            "7:9: 'calcium at the limit' stands twice; the first is " + WRONG + "1:3",
        ),
        (
            "preferred: zoledronic-acid}",
            "preferred: pamidronate}",
            "3:42: 'preferred': 'pamidronate' is not among the allowed values; allowed: denosumab, zoledronic-acid",
        ),
        ("{treat_at: 3.1", "{treat_ad: 3.1", "3:9: 'treat_ad' is not a parameter; allowed: treat_at, "),
        (
            "offers: [bisphosphonate, retest]",
            "offers: [bisphosphonat, retest]",
            "10:12: 'bisphosphonat' is not a suggestion of this card; allowed: bisphosphonate, retest, lower_the_dose "
            "(nearest: bisphosphonate)",
        ),
        (
            "expect: fired high critical",
            "expct: fired high critical",
            "9:3: 'expct' is not a key of an example; allowed: ",
        ),
    ],
)
def test_a_mistake_is_named_with_line_and_column(right: str, wrong: str, expected: str) -> None:
    assert mistakes(edited(EXAMPLES, right, wrong))[0].startswith(WRONG + expected)


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        ("2.99: silent normal", "2.99: silent norml", "4:11: 'norml' is not under 'silent'"),
        ("2.99: silent normal", "2.99: 7", "4:11: an edge of an example is a mapping of keys, found 7"),
        ("notes: [fluids]", "note: [fluids]", "5:32: 'note' is not a key of an edge of an example"),
        ("calcium of {value}", "calcium of some", "5:11: 'calcium of some mmol/L' stands twice"),
        ("  because: The limit is 3.00, not {value}.\n", "", "4:11: an example needs 'because'"),
        ("  edges:", "  expect: silent normal\n  edges:", "3:3: each edge says what is expected; the example does not"),
    ],
)
def test_a_mistake_in_an_edge_is_named_at_the_edge(right: str, wrong: str, expected: str) -> None:
    assert mistakes(edited(EDGES, right, wrong))[0].startswith(WRONG + expected)


def test_a_group_without_examples_is_refused() -> None:
    assert mistakes("- {given: [], examples: []}")[0].startswith(f"{WRONG}1:")


def test_examples_of_a_card_that_is_not_there_are_refused() -> None:
    files = good_files() | {"examples/calcium-wach.yaml": "[]"}
    with pytest.raises(KnowledgeError, match=r"cards/examples/calcium-wach\.yaml:1:1: there is no card 'calcium-wach'"):
        load(files, find=find_rule)


def test_a_service_may_do_without_examples_and_its_version_is_the_same() -> None:
    files = good_files()
    del files["examples/calcium-watch.yaml"]
    bare = load(files, find=find_rule)
    assert bare.cards["calcium-watch"].examples == ()
    assert bare.version == loaded().version
