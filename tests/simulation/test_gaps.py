"""What a cohort says of red flags that nobody could check, and what a site's choice about it would change."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from cds_service.authoring.examples import ExampleRunner
from cds_service.authoring.scenarios import Scenario
from cds_service.chart.case import Case
from cds_service.chart.wire import Prefetch
from cds_service.hooks.contexts import CONTEXTS
from cds_service.hooks.request import Envelope, RequestReader
from cds_service.knowledge.cards import Knowledge
from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.service.knowledge_files import load_knowledge
from cds_service.service.request_files import hook_request
from cds_service.simulation.question import Question, count
from cds_service.simulation.records import record_of_patient
from cds_service.simulation.tally import Tally
from cds_service.simulation.time_travel import Chart
from cds_service.workbench.cohort.sample import sample
from tests import shipped

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TOPIC = "could-not-assess"


def site(folder: Path, text: str) -> Knowledge:
    path = folder / "here.yaml"
    path.write_text(f"site: here\ntitle: A hospital\n{text}", encoding="utf-8")
    return load_knowledge(site=path)


def counted(
    knowledge: Knowledge, candidate: Knowledge | None, monkeypatch: pytest.MonkeyPatch, *facts: dict[str, object]
) -> Tally:
    """Count one patient whose problems did not arrive."""
    facts = ({"observation": "calcium-corrected", "value": "3.2 mmol/L", "when": "1 d"}, *facts)
    scenario = Scenario.model_validate({"facts": [*facts, {"supply": {"conditions": "error"}}]})
    case = ExampleRunner(knowledge).case(scenario)

    def then(_: Chart, __: datetime) -> Case:
        return case

    monkeypatch.setattr(Chart, "at", then)
    tally = Tally()
    count(record_of_patient("p", []), Question(knowledge, candidate, NOW), tally)
    return tally


def test_a_red_flag_that_could_not_be_checked_counts_as_a_card(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    tally = counted(knowledge, None, monkeypatch)
    assert tally.current.outcomes[TOPIC, "fired", "not_checked", "warning"] == 1
    assert tally.current.patients[TOPIC] == 1
    assert tally.current.cards[1] == 1


def test_a_site_may_record_it_only(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    quiet = site(tmp_path, f"status: {{{TOPIC}: silent}}\n")
    tally = counted(knowledge, quiet, monkeypatch)
    assert tally.candidate.silent[TOPIC, "not_checked", "warning"] == 1
    assert tally.candidate.patients[TOPIC] == 0
    (flip,) = tally.listed
    assert flip.because == ("the card is silent instead of active",)


def test_a_site_may_turn_it_off(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tally = counted(knowledge, site(tmp_path, f"status: {{{TOPIC}: retired}}\n"), monkeypatch)
    assert (tally.candidate.patients[TOPIC], tally.candidate.cards[0]) == (0, 1)


def test_what_a_site_counts_decides(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    other = load_knowledge(settings=[f"{TOPIC}.counted_needs=observations"])
    (flip,) = counted(knowledge, other, monkeypatch).listed
    assert (flip.topic, flip.after) == (TOPIC, "silent gap_does_not_count")
    assert flip.because[0].startswith("counted needs is observations instead of conditions, observations")


def test_without_the_red_flags_there_is_no_gap(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fewer = site(tmp_path, "status: {mscc-suspected: retired, hypercalcaemia: silent, oxygen: retired}\n")
    flips = {flip.topic: flip for flip in counted(knowledge, fewer, monkeypatch).listed}
    assert flips[TOPIC].after == "silent all_answered"
    assert flips[TOPIC].because == ("a red flag can be judged on one side only",)


def test_complete_data_leave_a_red_flag_open_for_at_most_two_in_a_hundred(cohort: Path) -> None:
    advisor, reader = KnowledgeAdvisor(shipped.knowledge()), RequestReader(Envelope[Prefetch])
    reported = total = 0
    for patient in sample(cohort, 120):
        bundle = {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [{"resource": one} for one in patient.resources],
        }
        call = reader.read(hook_request(msgspec.json.encode(bundle), "patient-view", NOW.isoformat()), CONTEXTS)
        total += 1
        reported += any(one.topic == TOPIC for one in advisor.consult(advisor.services[0].id, call, NOW).answer.shown)
    assert total == 120
    assert reported * 100 <= 2 * total
