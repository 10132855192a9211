"""Groups of value sets: what a file may say, and that no record is ever called by one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cds_service.knowledge.cards import Knowledge
from cds_service.knowledge.errors import KnowledgeError
from cds_service.simulation.changes import changes
from tests.knowledge.card_texts import VALUE_SETS, loaded, message

PACKAGE = Path(__file__).parents[2] / "cds_service"
GROUPS = """\
- name: results
  title: Results of calcium
  of: [any-calcium, calcium-total]
- name: all-that-is-read
  title: All that is read
  of: [bone-metastasis, results, calcium-total]
"""


def test_a_group_gives_its_sets_in_order_each_once_those_of_other_groups_in_their_places() -> None:
    assert loaded(value_sets=VALUE_SETS + GROUPS).codebook.groups == {
        "results": ("any-calcium", "calcium-total"),
        "all-that-is-read": ("bone-metastasis", "any-calcium", "calcium-total"),
    }


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        (
            "[any-calcium, calcium-total]",
            "[any-calcium, calcium-totl]",
            "19:21: 'calcium-totl' is neither a value set nor a group above this one; allowed: calcium-total, any-calcium "
            "(nearest: calcium-total)",
        ),
        (
            "[any-calcium, calcium-total]",
            "[any-calcium, results]",
            "19:21: 'results' is neither a value set nor a group above this one",
        ),
        (
            "[any-calcium, calcium-total]",
            "[all-that-is-read]",
            "19:8: 'all-that-is-read' is neither a value set nor a group above this one",
        ),
        ("[any-calcium, calcium-total]", "[]", "19:7: 'of' cannot be a list: list should have at least 1 item"),
        ("name: results", "name: any-calcium", "17:9: 'any-calcium' stands already in laboratory.yaml"),
        ("name: all-that-is-read", "name: results", "20:9: 'results' stands already in laboratory.yaml"),
        (
            "title: All that",
            "codes: []\n  title: All that",
            "21:3: 'codes' is not a key of a group of value sets; allowed: name, title, of",
        ),
    ],
)
def test_a_wrong_group_is_named_with_its_place_and_what_is_allowed(right: str, wrong: str, expected: str) -> None:
    assert right in GROUPS
    with pytest.raises(KnowledgeError) as error:
        loaded(value_sets=VALUE_SETS + GROUPS.replace(right, wrong))
    assert message(error).startswith(f"cards/value_sets/laboratory.yaml:{expected}")


def test_no_set_includes_a_group_since_no_record_is_called_by_one() -> None:
    with pytest.raises(KnowledgeError) as error:
        loaded(value_sets=VALUE_SETS.replace("[calcium-total]", "[results]") + GROUPS)
    assert "'results' is not a value set" in message(error)


def test_every_group_that_rules_and_findings_ask_for_is_there_and_every_group_is_asked_for(
    knowledge: Knowledge,
) -> None:
    rooms = [*PACKAGE.glob("rules/*.py"), *PACKAGE.glob("findings/*.py"), PACKAGE / "rungs.py", PACKAGE / "ladder.py"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in rooms)
    asked = set(re.findall(r'groups\["([^"]+)"\]', text))
    held = set(knowledge.codebook.groups)
    assert asked <= held
    assert [name for name in held - asked if f'"{name}"' not in text and not _is_held(name, knowledge)] == []


def _is_held(name: str, knowledge: Knowledge) -> bool:
    """Whether a group is part of another one."""
    others = (members for other, members in knowledge.codebook.groups.items() if other != name)
    return any(set(knowledge.codebook.groups[name]) <= set(members) for members in others)


def test_a_group_that_changed_is_told_with_what_it_has_more_and_lacks() -> None:
    old = loaded(value_sets=VALUE_SETS + GROUPS)
    said = {
        "[any-calcium, calcium-total]": "[bone-metastasis, calcium-total]",
        "[bone-metastasis, results, calcium-total]": "[results, bone-metastasis, calcium-total]",
    }
    changed = VALUE_SETS + GROUPS
    for before, after in said.items():
        changed = changed.replace(before, after)
    assert [str(change) for change in changes(old, loaded(value_sets=changed))] == [
        "the group all-that-is-read lacks any-calcium",
        "the group results has bone-metastasis more and lacks any-calcium",
    ]
    reordered = (VALUE_SETS + GROUPS).replace("[any-calcium, calcium-total]", "[calcium-total, any-calcium]")
    told = [str(change) for change in changes(old, loaded(value_sets=reordered))]
    assert "the group results names its value sets in another order" in told
