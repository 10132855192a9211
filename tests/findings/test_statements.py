"""The tables of SINS and Mirels: every row is a statement that a record may make, or an answer that a clinician may choose."""

from __future__ import annotations

import pytest

from cds_service.findings.stability_scores import Mirels, Sins, Statement, questions
from cds_service.knowledge.cards import Knowledge
from cds_service.terminology.tables import Table
from tests.findings.shared_tables import shared_values

SINS, MIRELS = shared_values(Sins).sins_points, shared_values(Mirels).mirels_points


@pytest.mark.parametrize("table", [SINS, MIRELS], ids=["sins", "mirels"])
def test_every_row_says_something_of_a_component(table: Table[Statement]) -> None:
    assert [row.name for row in table if not row.component] == ["unknown"]


@pytest.mark.parametrize("table", [SINS, MIRELS], ids=["sins", "mirels"])
def test_what_is_only_read_and_what_is_denied_is_what_a_record_may_state(
    table: Table[Statement], knowledge: Knowledge
) -> None:
    read_only = {row.name for row in table if row.component and (row.least or row.same_as)}
    denied = {row.denies for row in table if row.denies}
    assert read_only | denied <= knowledge.codebook.sets.keys()
    assert denied | {row.same_as for row in table if row.same_as} <= set(table.names)
    assert all(table[row.same_as].component == row.component for row in table if row.same_as)


@pytest.mark.parametrize("table", [SINS, MIRELS], ids=["sins", "mirels"])
def test_a_clinician_can_reach_every_number_of_points_that_a_record_can(table: Table[Statement]) -> None:
    offered = {part: {row.points for row in rows} for part, rows in questions(table).items()}
    assert all(row.points in offered[row.component] for row in table if row.component and not row.least)
