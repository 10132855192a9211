"""A site's order catalogue: what is mapped, whose dose fits, and the table that goes to the pharmacist and comes back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cds_service.authoring.orderables import OrderLine, as_overlay, from_csv, order_lines, to_csv
from cds_service.knowledge.orderables import Orderable, orderables_of, same_dose
from cds_service.knowledge.yaml_source import read_yaml
from cds_service.terminology.quantities import parse_quantity
from tests import expected

SYSTEM = "urn:com.epic.cdshooks.action.code.system.preference-list-item"
KNOWLEDGE, RUNNER = expected.loaded()
ZOLEDRONATE = "zoledronic-acid-every-4-weeks"


@pytest.fixture(scope="module")
def lines() -> dict[str, list[OrderLine]]:
    entries = {
        "mri-whole-spine": (
            Orderable("any", SYSTEM, "1", "MR SPINE WHOLE"),
            Orderable("north", SYSTEM, "2", "MR SPINE"),
        ),
        ZOLEDRONATE: (Orderable("any", SYSTEM, "3", "ZOLEDRONIC ACID 4 MG", parse_quantity("4 mg")),),
        "calcium-daily": (Orderable("any", SYSTEM, "5", "CALCIUM 0.5 G", parse_quantity("0.5 g")),),
        "vitamin-d-daily": (Orderable("any", SYSTEM, "4", "VITAMIN D 1000 IU", parse_quantity("1000 IU")),),
    }
    known = replace(KNOWLEDGE, orderables=replace(KNOWLEDGE.orderables, entries=entries))
    found: dict[str, list[OrderLine]] = {}
    for line in order_lines(known, RUNNER, "north"):
        found.setdefault(line.order, []).append(line)
    return found


def test_every_order_is_listed_in_each_dose_that_a_card_orders(lines: dict[str, list[OrderLine]]) -> None:
    assert lines.keys() == set(KNOWLEDGE.orders)
    assert [str(line.dose) for line in lines[ZOLEDRONATE]] == ["4 mg", "3.5 mg", "3.3 mg", "3 mg"]
    assert [line.dose for line in lines["calcitonin"]] == [None]  # by weight
    assert "mscc-suspected.mri" in lines["mri-whole-spine"][0].suggested_by
    assert lines["nephrology"][0].words == "Referral to nephrology"


def test_an_entry_stands_for_the_dose_that_it_states_and_for_no_other(lines: dict[str, list[OrderLine]]) -> None:
    assert [line.problem for line in lines[ZOLEDRONATE]] == [
        "",
        *(f"mapped to 4 mg, ordered as {dose} mg" for dose in ("3.5", "3.3", "3")),
    ]
    assert lines["vitamin-d-daily"][0].problem == "mapped to 1000 IU, ordered as 400 IU"
    assert lines["nephrology"][0].problem == "not mapped"
    assert lines["calcium-daily"][0].problem == ""
    assert same_dose(
        Orderable("any", SYSTEM, "6", "VITAMIN D", parse_quantity("400 IU")), lines["vitamin-d-daily"][0].dose
    )


def test_the_entry_of_a_client_goes_before_that_of_any(lines: dict[str, list[OrderLine]]) -> None:
    (line,) = lines["mri-whole-spine"]
    assert ([entry.code for entry in line.entries], line.problem) == (["2"], "")


def test_the_table_comes_back_as_the_part_of_an_overlay(lines: dict[str, list[OrderLine]]) -> None:
    table = to_csv([one for listed in lines.values() for one in listed], "north")
    rows = table.splitlines()
    empty = next(
        number for number, row in enumerate(rows) if row.startswith(f"{ZOLEDRONATE},") and row.endswith(",3 mg")
    )
    head, tail = rows[empty].rsplit(",,,,", 1)
    rows[empty] = f"{head},{SYSTEM},77,ZOLEDRONIC ACID 3 MG,{tail}"
    written = as_overlay(from_csv("\ufeff" + "\n".join(rows), KNOWLEDGE))
    read = orderables_of(from_csv("\n".join(rows), KNOWLEDGE))
    assert {(entry.code, str(entry.dose)) for entry in read.entries[ZOLEDRONATE]} == {("3", "4 mg"), ("77", "3 mg")}
    assert read_yaml("site", written).data["orderables"].keys() == {"mri-whole-spine", "calcium-daily", ZOLEDRONATE}


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("mri-whole-spin,,,,s,1,x,", "row 2: there is no order 'mri-whole-spin'"),
        (f"{ZOLEDRONATE},,,,s,1,x,four", "row 2: .*'four' is no dose"),
    ],
)
def test_a_wrong_row_is_named(row: str, problem: str) -> None:
    header = "order,words,suggested by,client,system,code,display,dose"
    with pytest.raises(ValueError, match=problem):
        from_csv(f"{header}\n{row}\n", KNOWLEDGE)
    with pytest.raises(ValueError, match="row 1: the column 'code' is missing"):
        from_csv("order,system,display\n", KNOWLEDGE)


def test_a_dose_that_a_draft_is_changed_to_is_listed_like_any_other(lines: dict[str, list[OrderLine]]) -> None:
    assert [str(line.dose) for line in lines["zoledronic-acid-by-clearance"]] == ["4 mg", "3.5 mg", "3.3 mg", "3 mg"]
    assert "dexamethasone-safety.correct_dose" in lines["dexamethasone-daily"][0].suggested_by
    (single,) = lines["radiotherapy-single-fraction"]
    assert (single.dose, single.suggested_by) == (None, ("radiotherapy-fractions.single_fraction",))
