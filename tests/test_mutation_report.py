"""What a mutation run reports: the share, and each survivor with its explanation or the lack of one."""

from __future__ import annotations

from benchmarks.mutants import ROOT, Mutant, code_mutants
from benchmarks.mutation_report import UNEXPLAINED, key, lines, report

NOTICED = Mutant("findings/pain.py", "painful", "a >= b -> a > b", 40)
KNOWN = Mutant("findings/pain.py", "points", "a < b -> a <= b", 30)
NEW = Mutant("cards/oxygen.yaml", "warn_below", "92 % -> 93 %")
WHY = {key(KNOWN): "Both cannot be equal."}


def test_a_survivor_is_listed_with_its_explanation_or_as_unexplained() -> None:
    assert list(lines([NOTICED, KNOWN, NEW], [KNOWN, NEW], WHY)) == [
        "3 mutants, 1 noticed: 33.3 %",
        "explained: findings/pain.py:30 points: a < b -> a <= b",
        "unexplained: cards/oxygen.yaml warn_below: 92 % -> 93 %",
    ]


def test_an_explanation_of_what_is_noticed_by_now_is_named() -> None:
    assert list(lines([NOTICED, KNOWN], [], WHY))[1:] == [
        "noticed now, its explanation can go: findings/pain.py: points: a < b -> a <= b"
    ]


def test_the_page_counts_by_module_and_gives_every_survivor_its_line() -> None:
    page = report([NOTICED, KNOWN, NEW], [KNOWN, NEW], WHY)
    assert "**1 of 3 mutants are noticed: 33.3 %.**" in page
    assert "| `findings/pain.py` | 2 | 1 | 50.0 % |" in page
    assert "- `findings/pain.py:30` points: `a < b -> a <= b`\n  Both cannot be equal." in page
    assert f"- `cards/oxygen.yaml` warn_below: `92 % -> 93 %`\n  {UNEXPLAINED}" in page


def test_a_mutant_is_named_by_its_function_and_its_change() -> None:
    found = {(one.place, one.change) for one in code_mutants(ROOT / "cds_service" / "findings" / "pain.py")}
    assert ("painful", "points(newest) >= least -> points(newest) > least") in found
    assert len(found) == len(list(code_mutants(ROOT / "cds_service" / "findings" / "pain.py")))
