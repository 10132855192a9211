"""Tables of parameters: every cell is a parameter of its own, and a rule gets them as typed rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

import pytest

from cds_service.authoring.variants import with_changes
from cds_service.chart.case import Case
from cds_service.knowledge.cards import CardDefinition, Knowledge, Rule
from cds_service.knowledge.errors import KnowledgeError
from cds_service.knowledge.load import load
from cds_service.knowledge.rule_signature import signature_of
from cds_service.outcomes import NotFired, Outcome
from cds_service.simulation.sweep import axis, readers
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, Quantity
from cds_service.terminology.tables import Table
from tests.knowledge.card_texts import CARD, PARAMETERS, edited, good_files


@dataclass(frozen=True, slots=True)
class Step:
    """A dose for a clearance, and for how long."""

    name: str
    reach: Literal["above", "at least"]
    clearance: Limit
    dose: Quantity
    course: Span | None = None


@dataclass(frozen=True, slots=True)
class Dosing:
    """What belongs together: a table inside a group."""

    age: Span
    steps: Table[Step]


def dosed(case: Case, *, age: Span, steps: Table[Step]) -> Outcome:
    """A rule that takes a table by itself."""
    return NotFired("normal")


def dosed_together(case: Case, *, dosing: Dosing) -> Outcome:
    """A rule that takes the same table in a group."""
    return NotFired("normal")


@dataclass(frozen=True, slots=True)
class Outer:
    """A group inside a group, and a parameter that both have."""

    inner: Dosing
    age: Span
    dose: Quantity | None = None


def dosed_deeply(case: Case, *, outer: Outer, other: Dosing) -> Outcome:
    """A rule that takes groups of groups."""
    return NotFired("normal")


def find(name: str) -> Rule:
    return {"dosed": dosed, "dosed_together": dosed_together, "dosed_deeply": dosed_deeply}[name]


TABLE = """\
  steps:
    why: The label says so.
    source: a-label
    reviewed: 2026-11-21
    columns:
      reach: {one_of: [above, at least]}
      clearance: {unit: mL/min, between: [20, 70]}
      dose: {unit: mg, between: [3.0, 4.0], why: A dose of the label.}
    rows:
      full: {reach: above, clearance: 60, dose: 4.0}
      reduced: {reach: at least, clearance: {value: 30, between: [25, 35], why: Not below.}, dose: 3.5}
      last: {unit: g, between: [0.001, 0.01], reach: at least, clearance: {shared: lowest_clearance}, dose: 0.003, \
course: {value: 7, unit: d, between: [1, 14]}}
"""
SHARED = """\
lowest_clearance: {value: 20, unit: mL/min, between: [10, 30], why: Shared., source: a-label, reviewed: 2026-11-21}
"""
_PARAMETERS = CARD[CARD.index("parameters:\n") : CARD.index("messages:")]
_AGE = next(line for line in _PARAMETERS.splitlines(keepends=True) if line.startswith("  age:"))
_DOSE = next(line for line in _PARAMETERS.splitlines(keepends=True) if line.startswith("  dose:"))
DOSED = (
    CARD.replace(_PARAMETERS, f"parameters:\n{_AGE}{_DOSE}{TABLE}")
    .replace("rule: watch_calcium", "rule: dosed")
    .replace("treat at {treat_at}", "{steps.full.dose} above {steps.full.clearance}")
)


def knowledge(
    card: str = DOSED, shared: str = PARAMETERS + SHARED, site: str = "", *settings: str, examples: str = "[]\n"
) -> Knowledge:
    files = good_files() | {
        "calcium-watch.yaml": card,
        "parameters.yaml": shared,
        "examples/calcium-watch.yaml": examples,
    }
    files["sites/example.yaml"] = f"site: example\ntitle: Example\nparameters:\n{site}" if site else ""
    return load(files, overlay="sites/example.yaml" if site else None, settings=settings, find=find)


def card(text: str = DOSED) -> CardDefinition:
    return knowledge(text).cards["calcium-watch"]


def steps(of: CardDefinition) -> Table[Step]:
    table: Table[Step] = of.bound["steps"]
    return table


def limit(number: str) -> Limit:
    return Limit((Quantity(Decimal(number), "mL/min"),))


ROWS = (
    Step("full", "above", limit("60"), Quantity(Decimal("4.0"), "mg")),
    Step("reduced", "at least", limit("30"), Quantity(Decimal("3.5"), "mg")),
    Step("last", "at least", limit("20"), Quantity(Decimal("0.003"), "g"), Span(days=7)),
)


def test_a_rule_gets_typed_rows_in_the_order_of_the_file() -> None:
    table = steps(card())
    assert tuple(table) == table.rows == ROWS
    assert table["reduced"] == ROWS[1]
    assert table.get("none") is None
    with pytest.raises(KeyError):
        table["none"]


def test_every_cell_is_a_parameter_and_takes_what_it_does_not_say_from_row_column_and_table() -> None:
    parameters = card().parameters
    assert [name for name in parameters if name.startswith("steps.")] == [
        *("steps.full.reach", "steps.full.clearance", "steps.full.dose"),
        *("steps.reduced.reach", "steps.reduced.clearance", "steps.reduced.dose"),
        *("steps.last.reach", "steps.last.clearance", "steps.last.dose", "steps.last.course"),
    ]
    assert parameters["steps.full.clearance"].why == "The label says so."
    assert parameters["steps.full.dose"].why == "A dose of the label."
    assert parameters["steps.reduced.clearance"].range_text == "25 to 35 mL/min"
    assert parameters["steps.last.dose"].text == "0.003 g"
    assert parameters["steps.last.clearance"].shared == "lowest_clearance"
    assert {one.source.title for name, one in parameters.items() if name.startswith("steps.")} == {"A label"}


def test_a_table_inside_a_group_is_the_same_table() -> None:
    group = card(edited(DOSED, "rule: dosed", "rule: dosed_together")).bound["dosing"]
    assert group == Dosing(Span(days=7), steps(card()))


def test_a_group_may_hold_groups_and_groups_may_share_a_parameter() -> None:
    bound = card(edited(DOSED, "rule: dosed", "rule: dosed_deeply")).bound
    dosing = Dosing(Span(days=7), steps(card()))
    assert bound == {"outer": Outer(dosing, Span(days=7), Quantity(Decimal(4), "mg")), "other": dosing}
    assert bound["outer"].inner is bound["other"]


def test_a_parameter_is_taken_by_itself_or_by_groups() -> None:
    def before(case: Case, *, age: Span, dosing: Dosing) -> Outcome:
        raise NotImplementedError

    def behind(case: Case, *, dosing: Dosing, age: Span) -> Outcome:
        raise NotImplementedError

    for rule in (before, behind):
        with pytest.raises(TypeError, match="it takes 'age' twice"):
            signature_of(rule)


def test_equal_tables_of_two_cards_are_one_object() -> None:
    assert steps(card()) is steps(card())


def test_a_cell_stands_in_words() -> None:
    assert card().messages["high"].summary.text.endswith("{steps.full.dose} above {steps.full.clearance}")
    assert str(card().written_values["steps.full.dose"]) == "4 mg"


def test_parts_of_a_cell_stand_in_words_but_not_of_a_word() -> None:
    assert card(edited(DOSED, "{steps.full.dose} above", "{steps.full.dose.value} above"))
    refused(edited(DOSED, "{steps.full.dose} above", "{steps.full.reach.value} above"), "which is no quantity")


@pytest.mark.parametrize(
    "written", ["steps.reduced.dose: 3 mg", "steps.reduced.dose: {value: 3, unit: mg, why: Ours.}"]
)
def test_a_site_changes_one_cell(written: str) -> None:
    changed = knowledge(DOSED, PARAMETERS + SHARED, f"  calcium-watch:\n    {written}\n").cards["calcium-watch"]
    assert steps(changed).rows == (ROWS[0], replace(ROWS[1], dose=Quantity(Decimal(3), "mg")), ROWS[2])
    assert changed.parameters["steps.reduced.dose"].origin == "cards/sites/example.yaml:5:25"


def test_a_setting_changes_one_cell() -> None:
    changed = knowledge(DOSED, PARAMETERS + SHARED, "", "calcium-watch.steps.full.clearance=65 mL/min")
    assert steps(changed.cards["calcium-watch"])["full"].clearance == limit("65")
    assert changed.version != knowledge().version
    assert "calcium-watch.steps.full.clearance is 65 mL/min instead of 60 mL/min" in changed.origins[0]


def test_a_variant_changes_one_cell() -> None:
    assert steps(with_changes(card(), {"steps.full.dose": "3.9 mg"}))["full"].dose == Quantity(Decimal("3.9"), "mg")


def test_an_example_changes_one_cell() -> None:
    example = "[{name: x, set: {steps.full.dose: 3.9 mg}, expect: silent normal, because: So.}]\n"
    assert knowledge(examples=example).cards["calcium-watch"].examples[0].changes == {"steps.full.dose": "3.9 mg"}


def test_a_cell_can_be_swept() -> None:
    found = knowledge()
    swept = axis(found, "calcium-watch.steps.full.clearance", "50", "70", "10")
    assert (swept.current, readers(found, [swept])) == ("60 mL/min", (("calcium-watch", (("steps.full.clearance",),)),))


_SHARED_TABLE = "steps:\n" + "".join(line.removeprefix("  ") for line in TABLE.splitlines(keepends=True)[1:])
_USES = DOSED.replace(TABLE, "  steps: {shared: steps}\n")


def test_a_shared_table_is_the_same_table_and_a_site_changes_it_for_every_card() -> None:
    shared = PARAMETERS + _SHARED_TABLE + SHARED
    assert steps(knowledge(_USES, shared).cards["calcium-watch"]).rows == ROWS
    site = "  shared: {steps.full.dose: 3.5 mg, lowest_clearance: 15 mL/min}\n"
    changed = steps(knowledge(_USES, shared, site).cards["calcium-watch"])
    assert (changed["full"].dose, changed["last"].clearance) == (Quantity(Decimal("3.5"), "mg"), limit("15"))


def test_what_is_fixed_is_as_published_for_every_site() -> None:
    text = edited(DOSED, "      dose: {unit: mg, between: [3.0, 4.0],", "      dose: {unit: mg, fixed: true,")
    assert card(text).parameters["steps.full.dose"].range_text == "as published"
    with pytest.raises(KnowledgeError, match=r"3 mg cannot be chosen: 3\.5 mg is as published"):
        knowledge(text, PARAMETERS + SHARED, "  calcium-watch:\n    steps.reduced.dose: 3 mg\n")


def test_a_cell_that_another_parameter_stands_for_is_changed_under_that_name_only() -> None:
    with pytest.raises(KnowledgeError, match=r"'steps\.last\.clearance' is not a parameter of 'shared'"):
        knowledge(_USES, PARAMETERS + _SHARED_TABLE + SHARED, "  shared: {steps.last.clearance: 15 mL/min}\n")


def test_one_cell_of_a_shared_table_may_be_used_alone() -> None:
    text = _USES.replace(_DOSE, "  dose: {shared: steps.reduced.dose}\n")
    found = knowledge(text, PARAMETERS + _SHARED_TABLE + SHARED).cards["calcium-watch"]
    assert (found.parameters["dose"].text, found.parameters["dose"].shared) == ("3.5 mg", "steps.reduced.dose")


def refused(text: str, *says: str, shared: str = PARAMETERS + SHARED) -> None:
    with pytest.raises(KnowledgeError) as caught:
        knowledge(text, shared)
    for each in says:
        assert each in str(caught.value)


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("dose: 4.0}", "doze: 4.0}", "'doze' is not a column of the table 'steps' of the rule 'dosed'"),
        ("dose: 4.0}", "doze: 4.0}", "allowed: reach, clearance, dose, course (nearest: dose)"),
        (", dose: 4.0}", "}", "the row 'full' needs the column 'dose' (Quantity)"),
        ("dose: 4.0}", "dose: 4.1}", "4.1 mg lies outside 3 to 4 mg"),
        ("dose: 4.0}", "dose: four}", "'four' is not a number"),
        ("dose: 4.0}", "dose: [1, 2]}", "cannot be"),
        ("dose: 4.0}", "dose: {value: 4.0, unit: furlong}}", "'furlong' is not a unit that we know"),
        ("dose: 4.0}", "dose: {value: 4.0, wry: x}}", "'wry' is not a key of a cell of a table"),
        ("dose: 4.0}", "dose: {unit: g}}", "a cell of a table needs 'value'"),
        ("reach: above", "reach: over", "'over' is not among the allowed values"),
        ("    why: The label says so.\n", "", "neither the cell nor its row, its column or the table says 'why'"),
        ("    reviewed: 2026-11-21\n    columns", "    columns", "or the table says 'reviewed'"),
        ("{shared: lowest_clearance}", "{shared: lowest}", "'lowest' is not in parameters.yaml"),
        ("columns:", "colums:", "'colums' is not a key of a table"),
        ("{unit: mg, between: [3.0", "{untit: mg, between: [3.0", "'untit' is not a key of a column or row of a table"),
        ("full: {", "Full Dose: {", "'Full Dose' is not a name"),
    ],
)
def test_a_mistake_in_a_table_is_reported_with_its_place(old: str, new: str, says: str) -> None:
    text = DOSED.replace(old, new, 1) if DOSED.count(old) > 1 else edited(DOSED, old, new)
    refused(text, says, "cards/calcium-watch.yaml:")


def test_a_misspelt_column_is_reported_once() -> None:
    with pytest.raises(KnowledgeError) as caught:
        knowledge(edited(DOSED, "dose: 4.0}", "doze: 4.0}"))
    assert len(caught.value.errors) == 1


def test_the_place_is_that_of_the_cell() -> None:
    text = edited(DOSED, "dose: 4.0}", "dose: 4.1}")
    refused(text, f"cards/calcium-watch.yaml:{line_of(text, 'dose: 4.1')}:49")


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (
            "  steps: {value: 1, unit: mg, why: x, source: seed, reviewed: 2026-11-21}\n",
            "the rule 'dosed' takes a table as 'steps': write its 'rows'",
        ),
        ("  steps: {rows: {}}\n", "'rows' cannot be"),
        ("  steps: {rows: [1]}\n", "'rows' cannot be a list"),
        ("  steps: {rows: {full: 3}}\n", "'full' cannot be 3"),
        ("  steps: {shared: lowest_clearance}\n", "the rule 'dosed' takes a table as 'steps': write its 'rows'"),
        ("  steps: {shared: nothing}\n", "'nothing' is not in parameters.yaml"),
        ("", "the rule 'dosed' needs the parameter 'steps'"),
    ],
)
def test_what_is_no_table_is_refused(written: str, says: str) -> None:
    refused(DOSED.replace(TABLE, written), says)


def test_a_mistake_in_a_shared_table_is_reported_in_its_file() -> None:
    wrong = edited(_SHARED_TABLE, "dose: {unit: mg,", "dose: {units: mg,")
    refused(_USES, "cards/parameters.yaml:", "'units' is not a key", shared=PARAMETERS + wrong + SHARED)


def test_a_value_of_a_shared_table_that_does_not_fit_is_reported_once_where_it_stands() -> None:
    shared = PARAMETERS + edited(_SHARED_TABLE, "dose: 4.0}", "dose: four}") + SHARED
    with pytest.raises(KnowledgeError) as caught:
        knowledge(_USES, shared)
    (error,) = map(str, caught.value.errors)
    assert error.startswith(f"cards/parameters.yaml:{line_of(shared, 'dose: four')}:")
    assert "'steps.full.dose': 'four' is not a number" in error


def test_a_row_that_is_no_dataclass_is_refused() -> None:
    def wrong(case: Case, *, steps: Table[str]) -> Outcome:
        raise NotImplementedError

    with pytest.raises(TypeError, match="'steps' has no usable annotation"):
        signature_of(wrong)
