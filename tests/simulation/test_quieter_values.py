"""What would quiet a noisy card agrees with the simulation of each value, and says what would be missed."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cds_service.chart.wire import Prefetch
from cds_service.hooks.contexts import CONTEXTS
from cds_service.hooks.request import Envelope, RequestReader
from cds_service.knowledge.cards import Knowledge
from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.service.knowledge_files import load_knowledge
from cds_service.service.store import Caller, CardFeedback, RememberedAnswer, RememberedCard, Store
from cds_service.simulation.question import Question
from cds_service.simulation.quieter_values import TrialResult, trials
from cds_service.simulation.tunings import Acceptance, spread, what_if
from cds_service.workbench.cli import commands
from cds_service.workbench.cohort import open_cohort
from cds_service.workbench.cohort.ask import ask
from cds_service.workbench.cohort.quieter_values import quiet
from cds_service.workbench.cohort.workers import open_workers
from cds_service.workbench.fixture_files import fixtures_folder

DAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TOPICS = ("pain-control", "staging-ct", "hypercalcaemia")
SECRET = "for-tests-only-1234"


def progress(*_: object) -> None:
    """Nobody watches."""


def burdens_of(
    cohort: Path, knowledge: Knowledge, cache: Path, accepted: frozenset[str] = frozenset(), workers: int = 1
) -> dict[str, TrialResult]:
    with open_workers(workers) as pool:
        cached = open_cohort(cohort, [knowledge.codebook], cache, pool, progress)
        return quiet(cached, Question(knowledge, None, DAY), TOPICS, accepted, pool, progress)


def test_each_trial_says_what_a_simulation_of_its_value_says(cohort: Path, knowledge: Knowledge, cache: Path) -> None:
    burdens = burdens_of(cohort, knowledge, cache)
    compared = 0
    with open_workers(1) as pool:
        cached = open_cohort(cohort, [knowledge.codebook], cache, pool, progress)
        for topic in TOPICS:
            quieter = [
                (trial, effect)
                for trial, effect in zip(trials(knowledge.cards[topic]), burdens[topic].under, strict=True)
                if effect.cards != burdens[topic].now.cards
            ]
            for trial, effect in quieter[:4]:
                changed = load_knowledge(settings=(f"{topic}.{trial.name}={trial.value}",))
                tally = ask(cached, Question(knowledge, changed, DAY), pool, progress)
                flips = [(was, now, n) for (about, was, now), n in tally.flips.items() if about == topic]
                lost = sum(n for was, now, n in flips if not now.startswith(("critical", "warning", "info")))
                gained = sum(n for was, now, n in flips if not was.startswith(("critical", "warning", "info")))
                assert effect.patients == tally.candidate.patients[topic]
                assert burdens[topic].now.patients == tally.current.patients[topic]
                assert (effect.lost.total(), effect.gained) == (lost, gained)
                compared += 1
    assert compared >= 8


def test_two_processes_hear_what_one_hears(cohort: Path, knowledge: Knowledge, cache: Path) -> None:
    assert burdens_of(cohort, knowledge, cache, workers=2) == burdens_of(cohort, knowledge, cache)


def test_trials_keep_to_the_range_and_name_whose_value_it_is(knowledge: Knowledge) -> None:
    found = trials(knowledge.cards["hypercalcaemia"])
    treat_at = [trial for trial in found if trial.name == "treat_at"]
    assert {trial.value for trial in treat_at} >= {"2.80 mmol/L", "3.30 mmol/L"}
    assert any(trial.value == "2.90 mmol/L" and trial.source.startswith("alternative") for trial in treat_at)
    assert all(trial.value != "3.00 mmol/L" for trial in treat_at)
    assert {trial.value for trial in found if trial.name == "first_antiresorptive"} == {"denosumab"}


def test_what_is_missed_is_counted_by_message_and_gravity(cohort: Path, knowledge: Knowledge, cache: Path) -> None:
    burdens = burdens_of(cohort, knowledge, cache)["hypercalcaemia"]
    found = what_if(knowledge, "hypercalcaemia", burdens, {"": Acceptance(50, 100)}, "cohort").tunings
    assert found and found[0].best
    assert all(one.cards_after < one.cards_before for one in found)
    for one in found:
        assert one.missed_accepted == pytest.approx(one.fewer / 2)
        assert one.missed_accepted_low < one.missed_accepted < one.missed_accepted_high or not one.fewer
        assert one.missed_on_record is None
    assert any(one.missed_critical or one.lowered for one in found)
    shared = next(one for one in found if one.setting.startswith("hypercalcaemia.upper_limit="))
    assert "hypercalcaemia-medicines" in shared.shared_with


def test_a_card_that_the_cohort_never_gets_cannot_be_judged(knowledge: Knowledge) -> None:
    assert "cannot tell" in what_if(knowledge, "oxygen", TrialResult(patients=5, evaluations=5), {}, "cohort").sentence
    assert "is no card" in what_if(knowledge, "gone", None, {}, "cohort").sentence


def test_some_of_many_run_from_the_first_to_the_last() -> None:
    numbers: Any = list(range(20))
    assert spread(numbers, 4) == [0, 6, 13, 19]
    assert spread(numbers[:3], 4) == [0, 1, 2]


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """Requests as a client sent them; nothing in them says when."""
    folder = tmp_path / "recorded"
    folder.mkdir()
    for path in sorted((fixtures_folder() / "requests").glob("*.json")):
        shutil.copy(path, folder)
    return folder


def accepted_cards(recorded: Path, knowledge: Knowledge, topic: str) -> dict[str, tuple[str, str]]:
    """What the service would have shown for these requests: card id to message and indicator."""
    advisor, reader = KnowledgeAdvisor(knowledge), RequestReader(Envelope[Prefetch])
    found = {}
    for path in recorded.glob("*.json"):
        request = reader.read(path.read_bytes(), CONTEXTS)
        services = [service.id for service in advisor.services if service.hook == request.hook]
        for shown in advisor.consult(services[0], request, DAY).answer.shown:
            if shown.topic == topic:
                found[shown.card.uuid] = (shown.message, shown.indicator)
    return found


def test_recorded_requests_tell_which_accepted_cards_would_be_missed(
    recorded: Path, knowledge: Knowledge, cache: Path
) -> None:
    shown = accepted_cards(recorded, knowledge, "hypercalcaemia")
    assert shown
    burdens = burdens_of(recorded, knowledge, cache, frozenset(shown))["hypercalcaemia"]
    assert burdens.traced >= len(shown)
    found = what_if(knowledge, "hypercalcaemia", burdens, {"": Acceptance(1, 1)}, "recorded").tunings
    assert any(one.missed_on_record for one in found)
    none = burdens_of(recorded, knowledge, cache)["hypercalcaemia"]
    assert all(effect.accepted == 0 for effect in none.under)


@pytest.fixture
def noisy_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    store = Store(url, SECRET.encode())
    store.open()
    cards = [
        RememberedCard(f"00000000-0000-5000-8000-{n:012}", "hypercalcaemia", "raised", "warning") for n in range(40)
    ]
    for number, card in enumerate(cards):
        store.record_shown(
            RememberedAnswer(
                caller=Caller(), service="s", hook="patient-view", hook_instance=f"h{number}", patient_id="p", knowledge="k",
                shown_at=DAY, cards=(card,),
            )
        )  # fmt: skip
    store.flush()
    outcomes = ["accepted"] * 4 + ["overridden"] * 36
    items = [CardFeedback(card.card_id, outcome, DAY) for card, outcome in zip(cards, outcomes, strict=True)]  # type: ignore[arg-type]
    store.record_feedback(items, Caller(), "s")
    store.close()
    monkeypatch.setenv("CDS_STORE_URL", url)
    monkeypatch.setenv("CDS_STORE_SECRET", SECRET)


def run(*arguments: object) -> str:
    result = CliRunner().invoke(commands, [str(one) for one in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.usefixtures("noisy_store")
def test_without_a_cohort_the_report_says_how_to_get_the_tunings() -> None:
    output = " ".join(run("report").split())
    assert "hypercalcaemia: overridden 90.0" in output
    assert "cds-service report --cohort FOLDER" in output


@pytest.mark.usefixtures("noisy_store")
def test_the_report_names_the_tunings_and_what_would_be_missed(cohort: Path, cache: Path, tmp_path: Path) -> None:
    asked = ("report", "--cohort", cohort, "--cache", cache, "--as-of", "2026-03-02T09:00Z")
    output = run(*asked, "--csv", tmp_path / "report.csv", "--html", tmp_path / "report.html")
    assert "--set 'hypercalcaemia." in output
    (noisy,) = json.loads(run(*asked, "--json"))["noisy"]
    best = noisy["tunings"][0]
    assert best["best"]
    assert best["fewer"] > 0
    assert best["missed_accepted"] == pytest.approx(best["fewer"] / 10, abs=0.01)
    with (tmp_path / "report-noisy.csv").open() as file:
        assert next(csv.DictReader(file))["setting"] == best["setting"]
    page = (tmp_path / "report.html").read_text()
    assert best["change"] in page
    assert "<svg" in page
