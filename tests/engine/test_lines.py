"""The body of a card: what to do, what to check, why; no more than is read at three in the morning."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.collection import Facts
from cds_service.chart.evidence import Evidence
from cds_service.chart.facts import Observation
from cds_service.engine.lines import MOST_WORDS, Lines, reasons
from cds_service.engine.phrases import Phrases
from cds_service.terminology.dates import Since, parse_moment
from tests.findings.results import NOW, result

CALCIUM = frozenset({"calcium-total"})


def calcium(value: str, when: str, unit: str = "mmol/L") -> Observation:
    return result(
        "calcium-total", value, unit, when, label="Calcium [Moles/volume] in Serum or Plasma", short="calcium"
    )


def test_headings_stand_over_what_there_is() -> None:
    body, left = Lines(("Call.",), (), ("Calcium 3",)).written()
    assert body == "**Do now**\n\n- Call.\n\n**Why**\n\n- Calcium 3"
    assert left == ()


def test_four_lines_to_do_and_four_reasons_what_is_more_is_to_check_or_left_to_the_extension() -> None:
    body, left = Lines(tuple("abcde"), ("check",), tuple("vwx"), ("y", "z")).written()
    assert body.split("**Check first**")[0].count("- ") == 4
    assert body.split("**Check first**")[1].startswith("\n\n- e\n- check\n")
    assert body.endswith("- x\n- y")
    assert left == ("z",)


def test_a_fact_beyond_four_stands_in_the_evidence_alone() -> None:
    body, left = Lines(("Call.",), (), tuple("vwxyz"), ("note",)).written()
    assert (body[-3:], left) == ("- y", ("note",))


def test_a_body_has_no_more_words_than_allowed_and_loses_none() -> None:
    lines = tuple(f"{'word ' * 30}{place}" for place in range(6))
    body, left = Lines(("Call.",), lines, ("Calcium 3",)).written()
    assert len(body.split()) <= MOST_WORDS
    assert [line[-1] for line in left] == ["4", "5"]


def test_each_disease_stands_once_with_how_long_it_is_known() -> None:
    since = Since(parse_moment("2026-02-28"), recorded=True)
    twice = [Evidence(f"Condition/{number}", "x", called="breast cancer", since=since) for number in (1, 2)]
    assert reasons(twice, Case(as_of=NOW, hook="patient-view"), Phrases({}, NOW)) == (
        "Breast cancer, recorded 28 February",
    )


def test_a_result_carries_its_age_and_its_trend() -> None:
    new, old = calcium("3.1", "2026-03-02T04:00:00Z"), calcium("10.46", "2026-02-27T08:00:00Z", "mg/dL")
    case = Case(as_of=NOW, hook="patient-view", observations=Facts((new, old)))
    item = Evidence(new.reference, new.label, new.value or "", when=new.when, called=new.called, concepts=CALCIUM)
    assert reasons([item], case, Phrases({}, NOW)) == ("Calcium 3.1 mmol/L, 5 h ago, up from 2.61 (3 days ago)",)
    alone = Case(as_of=NOW, hook="patient-view", observations=Facts((new,)))
    assert reasons([item], alone, Phrases({}, NOW)) == ("Calcium 3.1 mmol/L, 5 h ago",)
