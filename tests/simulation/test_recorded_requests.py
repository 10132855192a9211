"""Recorded requests and moments: each is judged as the service would have judged it then, and by nothing that came later."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cds_service.chart.case import Case
from cds_service.chart.wire import Prefetch
from cds_service.hooks.contexts import CONTEXTS
from cds_service.hooks.request import Envelope, RequestReader
from cds_service.knowledge.cards import Knowledge
from cds_service.outcomes import Fired
from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.simulation.question import Question
from cds_service.simulation.records import Record
from cds_service.simulation.tally import Tally
from cds_service.simulation.time_travel import Chart
from cds_service.workbench.cli import commands
from cds_service.workbench.cohort import open_cohort
from cds_service.workbench.cohort.ask import ask
from cds_service.workbench.cohort.extract import read_shard
from cds_service.workbench.cohort.workers import open_workers
from cds_service.workbench.fixture_files import fixtures_folder

DAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
REQUESTS = sorted((fixtures_folder() / "requests").glob("*.json"))
_DATES = ("issued", "recordedDate", "effectiveDateTime", "onsetDateTime", "authoredOn", "performedDateTime", "started")


def progress(*_: object) -> None:
    """Nobody watches."""


def asked(cohort: Path, question: Question, cache: Path) -> Tally:
    with open_workers(1) as pool:
        return ask(open_cohort(cohort, question.codebooks, cache, pool, progress), question, pool, progress)


def records(cohort: Path, knowledge: Knowledge, cache: Path) -> list[Record]:
    with open_workers(1) as pool:
        cached = open_cohort(cohort, [knowledge.codebook], cache, pool, progress)
    return [record for shard in range(cached.shards) for record in read_shard(cached.folder, shard)]


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The requests one a line, as a proxy would have recorded them; one line is no request."""
    folder = tmp_path_factory.mktemp("recorded")
    texts = [path.read_text().replace("\n", "") for path in REQUESTS]
    (folder / "calls-1.ndjson").write_text("\n".join([*texts[:20], "not a request", ""]) + "\n")
    (folder / "calls-2.ndjson.gz").write_bytes(gzip.compress("\n".join(texts[20:]).encode()))
    return folder


def shown_by_the_service(knowledge: Knowledge) -> Counter[str]:
    """Topics of the cards that are due for the requests, before the cap."""
    advisor, reader = KnowledgeAdvisor(knowledge), RequestReader(Envelope[Prefetch])
    due: Counter[str] = Counter()
    for path in REQUESTS:
        request = reader.read(path.read_bytes(), CONTEXTS)
        service = next(service.id for service in advisor.services if service.hook == request.hook)
        verdicts = advisor.consult(service, request, DAY).verdicts
        due.update(one.card.topic for one in verdicts if isinstance(one.outcome, Fired))
    return due


def test_recorded_requests_get_the_cards_that_the_service_gives(lines: Path, knowledge: Knowledge, cache: Path) -> None:
    tally = asked(lines, Question(knowledge, None, DAY), cache)
    fired: Counter[str] = Counter()
    for (topic, kind, _, _), count in tally.current.outcomes.items():
        if kind == "fired":
            fired[topic] += count
    assert tally.evaluations == len(REQUESTS)
    assert fired == shown_by_the_service(knowledge)
    assert {"zoledronate-renal-dose", "denosumab-safety", "dexamethasone-safety", "contrast-safety"} & set(fired)


def by_call(found: list[Record], knowledge: Knowledge) -> dict[str, Case]:
    """Drafts keep the bytes that they came in, white space too, so that only their references are compared."""
    cases = {record.hook_instance: Chart(record, knowledge.codebook).whole for record in found}
    return {instance: replace(case, drafts=dict.fromkeys(case.drafts), memo={}) for instance, case in cases.items()}


def facts(case: Case) -> list[object]:
    kinds = ("conditions", "observations", "reports", "procedures", "medications", "orders", "allergies", "devices")
    return [getattr(case, kind).all() for kind in kinds] + [case.supply, case.drafts, case.hook, case.patient]


def test_lines_read_like_files(lines: Path, knowledge: Knowledge, cache: Path) -> None:
    of_files = by_call(records(fixtures_folder() / "requests", knowledge, cache), knowledge)
    of_lines = by_call(records(lines, knowledge, cache), knowledge)
    assert of_lines.keys() == of_files.keys()
    assert all(facts(case) == facts(of_files[instance]) for instance, case in of_lines.items())
    assert {case.hook for case in of_lines.values()} == {"patient-view", "order-select", "order-sign"}
    assert all(case.drafts for case in of_lines.values() if case.hook != "patient-view")


def test_what_is_unreadable_is_counted(lines: Path, knowledge: Knowledge, cache: Path) -> None:
    with open_workers(1) as pool:
        assert open_cohort(lines, [knowledge.codebook], cache, pool, progress).unreadable >= 1


def test_another_limit_turns_an_order(cache: Path) -> None:
    arguments = ["simulate", str(fixtures_folder() / "requests"), "--as-of", "2026-03-02T09:00Z", "--cache", str(cache)]
    arguments += ["--workers", "1", "--json", "--set", "contrast-safety.egfr_limit=20 mL/min/{1.73_m2}"]
    run = CliRunner().invoke(commands, arguments, catch_exceptions=False)
    assert run.exit_code == 0, run.output
    flips = json.loads(run.stdout)["flips"]
    assert [flip["topic"] for flip in flips] == ["contrast-safety"]
    assert flips[0]["before"].startswith("critical") or flips[0]["before"].startswith("warning")


def test_a_card_that_is_for_one_hook_is_not_counted_on_another(cache: Path, tmp_path: Path) -> None:
    site = tmp_path / "here.yaml"
    site.write_text(
        "site: here\ntitle: Here\nfor_whom:\n  contrast-safety: {not_for: {hooks: [order-select]}, why: Radiology asks.}\n"
    )
    arguments = ["simulate", str(fixtures_folder() / "requests"), "--as-of", "2026-03-02T09:00Z", "--cache", str(cache)]
    arguments += ["--workers", "1", "--json", "--site", "none", "--against", str(site)]
    run = CliRunner().invoke(commands, arguments, catch_exceptions=False)
    assert run.exit_code == 0, run.output
    flips = json.loads(run.stdout)["flips"]
    assert {flip["topic"] for flip in flips} == {"contrast-safety"}
    assert flips[0]["after"] == "silent not for this hook (order-select): Radiology asks."
    assert flips[0]["because"] == ["the card is not for hook order-select (Radiology asks.) instead of for all"]


def test_a_recorded_request_is_asked_once_also_at_encounters(lines: Path, knowledge: Knowledge, cache: Path) -> None:
    tally = asked(lines, Question(knowledge, None, DAY, at_encounters=True), cache)
    assert tally.evaluations == len(REQUESTS)


def _known_by(resource: dict[str, Any], moment: datetime) -> bool:
    """Whether a resource had been written down by then, as its own dates tell."""
    for name in _DATES:
        if written := resource.get(name):
            day = datetime.fromisoformat(written if len(written) > 10 else f"{written}T00:00:00")
            return (day if day.tzinfo else day.replace(tzinfo=UTC)) <= moment
    return True


@pytest.mark.parametrize("days", [30, 200, 700])
def test_what_came_later_changes_nothing(
    cohort: Path, knowledge: Knowledge, cache: Path, as_of: datetime, tmp_path: Path, days: int
) -> None:
    moment = as_of - timedelta(days=days)
    dropped = 0
    for path in cohort.glob("*.ndjson"):
        kept = [line for line in path.read_text().splitlines() if _known_by(json.loads(line), moment)]
        dropped += len(path.read_text().splitlines()) - len(kept)
        (tmp_path / path.name).write_text("\n".join(kept) + "\n")
    assert dropped > 20
    question = Question(knowledge, None, moment)
    then, whole = asked(tmp_path, question, cache), asked(cohort, question, cache)
    assert whole.current.outcomes == then.current.outcomes
    assert whole.current.patients == then.current.patients


def test_at_each_encounter_is_at_each_of_their_moments(
    cohort: Path, knowledge: Knowledge, cache: Path, as_of: datetime
) -> None:
    everybody = records(cohort, knowledge, cache)
    visits = {record.patient_id: Chart(record, knowledge.codebook).visits for record in everybody}
    moments = [(patient, visit) for patient, found in visits.items() for visit in found if visit <= as_of]
    whole = asked(cohort, Question(knowledge, None, as_of, at_encounters=True), cache)
    assert whole.evaluations == len(moments)
    assert len(set(moments)) == len(moments)
    recent = Question(knowledge, None, as_of, at_encounters=True, since=as_of - timedelta(days=60))
    fewer = asked(cohort, recent, cache)
    assert fewer.evaluations == sum(visit >= as_of - timedelta(days=60) for _, visit in moments) < len(moments)
    assert fewer.current.outcomes.total() < whole.current.outcomes.total()
