"""The matrix keeps its word: every row has a home, every home exists, and the page is today's."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache

import pytest

from cds_service.conformance.every_check import CHECKS
from cds_service.conformance.page import page, standing
from cds_service.conformance.requirements import Requirement, checks_by_requirement, requirements
from tests.service.wire import ROOT


@cache
def written_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


@pytest.mark.parametrize("row", requirements(), ids=lambda row: row.id)
def test_every_test_that_a_row_names_exists(row: Requirement) -> None:
    for test in row.tests:
        file, _, name = test.partition("::")
        assert (ROOT / file).is_file(), test
        assert name in written_in(file), test


def test_every_row_is_met_or_says_why_it_does_not_apply() -> None:
    assert [row.id for row in requirements() if standing(row) == "not met"] == []
    assert all(not (row.tests and row.not_applicable) for row in requirements())


def test_the_matrix_holds_the_120_requirements_of_2_0_and_24_of_3_0() -> None:
    ids = [row.id for row in requirements()]
    assert len(set(ids)) == len(ids)
    assert Counter(name.startswith("3-") for name in ids) == {False: 120, True: 24}
    assert [name for name in ids if name.startswith("3-")] == [f"3-{number:02}" for number in range(1, 25)]


def test_every_check_speaks_for_rows_that_exist_under_a_name_of_its_own() -> None:
    known = {row.id for row in requirements()}
    assert set(checks_by_requirement()) <= known
    names = [check.name for check in CHECKS]
    assert len(set(names)) == len(names)


def test_the_page_is_the_one_that_the_rows_make() -> None:
    written = (ROOT / "docs/conformance.md").read_text(encoding="utf-8")
    assert written == page(), "run: cds-service conformance --matrix > docs/conformance.md"
