"""A new knowledge version is tried on a share of patients, for a time, and taken back when failures or rates leave their band."""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.service.application import Application, application, prepare
from cds_service.service.auth.authenticate import ANYBODY
from cds_service.service.canary import CanaryRun
from cds_service.service.canary_record import Canaries, Canary, Terms
from cds_service.service.consultation import Consultation
from cds_service.service.knowledge_files import cards_folder
from cds_service.service.releases import ReleaseHistory
from cds_service.service.settings import Settings
from cds_service.workbench.cli import commands
from tests.conformance.running_service import request_of, running_server
from tests.service.conftest import TOKEN
from tests.service.wire import Reply, over_wsgi

PATIENT_VIEW = "metastatic-disease-patient-view"
CORD = "breast-bone-mets-leg-weakness-patient-view"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


# One worker


@pytest.fixture
def worker(settings: Settings) -> Iterator[Application]:
    made = start(settings)
    yield made
    made.close()


def start(settings: Settings) -> Application:
    """What the main process and one worker do at a start."""
    configuration = prepare(settings)
    ReleaseHistory(settings.knowledge_folder).begin(configuration.release, configuration.origin.texts(), NOW)
    return application(replace(configuration, begun=True))


def in_force(settings: Settings) -> str:
    return ReleaseHistory(settings.knowledge_folder).in_force().version


def without_cord_card(cards: Path) -> None:
    file = cards / "mscc-suspected.yaml"
    file.write_text(file.read_text().replace("status: active", "status: retired", 1))


def post(made: Application, path: str, token: str = TOKEN, **terms: object) -> Reply:
    sent = json.dumps(terms).encode() if terms else b""
    return over_wsgi(made.wsgi)("POST", path, sent, {"Authorization": f"Bearer {token}"})


def begun(made: Application, settings: Settings, **terms: object) -> str:
    """Retire the card of the cord as a canary; gives its version."""
    assert settings.cards is not None
    without_cord_card(settings.cards)
    answer = post(made, "/admin/canary", **({"share": 50, "hours": 24} | terms))
    assert answer.status == 200, answer.body
    return str(answer.json()["version"])


def body_of(patient: str) -> bytes:
    body = request_of(CORD)
    return json.dumps(body).replace(body["context"]["patientId"], patient).encode()


def asked(made: Application, patient: str) -> tuple[str, bool]:
    """The version that a patient's answer comes from, and whether the card of the cord is in it."""
    return spoken_by(over_wsgi(made.wsgi)("POST", f"/cds-services/{PATIENT_VIEW}", body_of(patient)).json())


def spoken_by(answer: dict[str, Any]) -> tuple[str, bool]:
    (version,) = {card["extension"]["knowledgeVersion"] for card in answer["cards"]}
    return version, "mscc-suspected" in {card["source"]["topic"]["code"] for card in answer["cards"]}


def look(made: Application) -> None:
    assert made.watch is not None
    made.watch.look()


def newest(settings: Settings) -> Canary:
    found = Canaries(settings.knowledge_folder).newest()
    assert found is not None
    return found


def test_a_share_of_patients_gets_the_new_version_always_and_the_others_the_one_in_force(
    worker: Application, settings: Settings
) -> None:
    live = in_force(settings)
    tried = begun(worker, settings)
    patients = [f"p{number}" for number in range(40)]
    first = {patient: asked(worker, patient) for patient in patients}
    assert {patient: asked(worker, patient) for patient in patients} == first
    chosen = {patient for patient in patients if worker.store.lot(tried, patient) < 50}
    assert 10 < len(chosen) < 30
    assert first == {one: (tried, False) if one in chosen else (live, True) for one in patients}
    assert worker.store.flush()
    rows = [(row.door, row.knowledge) for row in worker.store.audit_rows() if row.door == "hook"]
    assert Counter(version for _, version in rows) == {tried: 2 * len(chosen), live: 2 * (40 - len(chosen))}
    ready = over_wsgi(worker.wsgi)("GET", "/health/ready").json()
    assert any(f"canary {tried} is tried on 50 % of patients" in notice for notice in ready["notices"])
    metrics = over_wsgi(worker.wsgi)("GET", "/metrics").body.decode()
    assert f'cds_canary_calls_total{{failed="no",version="canary"}} {2 * len(chosen)}.0' in metrics
    assert f'cds_canary_running{{version="{tried}"}} 1.0' in metrics
    assert post(worker, "/admin/canary/end").json()["state"] == "ended"
    assert {asked(worker, patient) for patient in patients} == {(live, True)}
    assert post(worker, "/admin/canary/end").status == 409


def test_a_canary_whose_rates_leave_their_band_is_taken_back_by_itself_and_says_why(
    worker: Application, settings: Settings
) -> None:
    live, tried = in_force(settings), begun(worker, settings, calls=12)
    for number in range(12):
        asked(worker, f"p{number}")
    for _ in range(2):  # its word, then its judgement
        look(worker)
    assert newest(settings).state == "running"
    for number in range(12, 40):
        asked(worker, f"p{number}")
    for _ in range(2):
        look(worker)
    returned = newest(settings)
    assert (returned.version, returned.state) == (tried, "returned")
    assert returned.because.startswith("mscc-suspected is due 0 times in")
    assert {asked(worker, f"p{number}") for number in range(40)} == {(live, True)}
    assert worker.store.flush()
    (record,) = [row for row in worker.store.audit_rows() if row.service == "canary"]
    assert (record.door, record.knowledge) == ("admin", tried)
    assert record.because.startswith("returned: mscc-suspected is due 0 times")
    assert any(
        "was taken back" in notice for notice in over_wsgi(worker.wsgi)("GET", "/health/ready").json()["notices"]
    )


def test_what_is_meant_to_change_may_be_named(worker: Application, settings: Settings) -> None:
    begun(worker, settings, calls=5, expected=["mscc-suspected", "could-not-assess", "whole-spine-mri"])
    for number in range(40):
        asked(worker, f"p{number}")
    for _ in range(2):
        look(worker)
    assert newest(settings).state == "running", newest(settings).because


def test_a_canary_and_its_end_stand_through_restarts_until_a_reload_takes_the_files(
    worker: Application, settings: Settings
) -> None:
    live, tried = in_force(settings), begun(worker, settings, share=100)
    assert asked(worker, "p1") == (tried, False)
    again = start(settings)  # the files on disk are those of the canary
    try:
        assert in_force(settings) == live
        assert asked(again, "p1") == (tried, False)
        post(again, "/admin/canary/end")
    finally:
        again.close()
    third = start(settings)
    try:
        assert in_force(settings) == live
        assert asked(third, "p1") == (live, True)
        assert begun(third, settings, share=100) == tried
        assert post(third, "/admin/reload").json()["version"] == tried
        look(third)
        assert newest(settings).state == "taken"
        assert asked(third, "p1") == (tried, False)
    finally:
        third.close()
    assert [one.state for one in Canaries(settings.knowledge_folder).history()] == [
        "running",
        "ended",
        "running",
        "taken",
    ]
    fourth = start(settings)
    try:
        assert in_force(settings) == tried
    finally:
        fourth.close()


def test_what_cannot_be_tried_changes_nothing_and_says_why(worker: Application, settings: Settings) -> None:
    assert settings.cards is not None
    assert b"nothing to try" in post(worker, "/admin/canary", share=10, hours=1).body
    without_cord_card(settings.cards)
    for terms, status, said in [
        ({"share": 0, "hours": 1}, 400, b"share must be above 0"),
        ({"share": 10, "hours": 1, "bands": 3}, 400, b"bands: no such term; allowed: share"),
        ({"share": "many", "hours": 1}, 400, b"share"),
        ({"share": 10, "hours": 1, "expected": ["oxigen"]}, 400, b"nearest is oxygen"),
    ]:
        refused = post(worker, "/admin/canary", **terms)
        assert (refused.status, said in refused.body) == (status, True), refused.body
    assert post(worker, "/admin/canary", "wrong-token-1234", share=10, hours=1).status == 401
    assert Canaries(settings.knowledge_folder).newest() is None
    assert post(worker, "/admin/canary", share=10, hours=1).status == 200
    second = post(worker, "/admin/canary", share=10, hours=1)
    assert (second.status, b"end it first" in second.body) == (409, True)
    file = settings.cards / "oxygen.yaml"
    file.write_text(file.read_text().replace("status: active", "status: activ", 1))
    assert post(worker, "/admin/canary", share=10, hours=1).status == 422
    (settings.knowledge_folder / "canary.json").write_text('{"number": 1, "tri')
    look(worker)
    assert Canaries(settings.knowledge_folder).newest() is None


# One worker's part, with a clock, a node and a version that break


class Breaking(KnowledgeAdvisor):
    """A version that fails on every call."""

    def consult(self, *asked: Any) -> Consultation:
        raise ZeroDivisionError


@pytest.fixture
def part(settings: Settings, tmp_path: Path) -> Callable[..., CanaryRun]:
    """Make one worker's part of a canary that runs for an hour from NOW on half of the patients, in a folder of its own."""
    configuration, releases = prepare(settings), ReleaseHistory(tmp_path / "apart")
    live = releases.begin(configuration.release, configuration.origin.texts(), NOW).version

    def made(clock: Callable[[], datetime] = lambda: NOW, advisor: Any = KnowledgeAdvisor, **terms: Any) -> CanaryRun:
        canary = Canaries(releases.folder).begin(
            live, f"not {live}", Terms(**{"share": 50.0, "hours": 1, **terms}), NOW
        )
        assert canary.number == 1
        lots = {"p0": 0.0, "p49": 49.99, "p50": 50.0}
        return CanaryRun(releases, advisor, lambda version, patient: lots[patient], clock=clock, node="here")

    return made


def follow(run: CanaryRun, *words: Any) -> Canary:
    canary = run._canaries.newest()
    assert canary is not None
    run.follow(canary.beside, lambda: words)
    assert run.newest is not None
    return run.newest


def test_the_share_ends_where_it_says(part: Callable[..., CanaryRun]) -> None:
    run = part()
    follow(run)
    assert [run.advisor_for(patient) is not None for patient in ("p0", "p49", "p50")] == [True, True, False]


@pytest.mark.parametrize(("late", "state"), [(-1, "running"), (0, "ended"), (1, "ended")])
def test_a_canary_ends_when_its_time_is_over(part: Callable[..., CanaryRun], late: int, state: str) -> None:
    run = part(lambda: NOW + timedelta(hours=1, seconds=late))
    assert follow(run).state == state
    assert (run.advisor_for("p0") is None) is (state == "ended")


@pytest.mark.parametrize(("node", "tries"), [("here", True), ("", True), ("there", False)])
def test_a_canary_of_one_node_is_tried_there_alone(part: Callable[..., CanaryRun], node: str, tries: bool) -> None:
    run = part(node=node)
    follow(run)
    assert (run.advisor_for("p0") is not None) is tries


def test_a_call_on_which_the_new_version_breaks_is_answered_by_the_other_and_the_third_takes_it_back(
    part: Callable[..., CanaryRun], worker: Application
) -> None:
    run = part(advisor=Breaking)
    follow(run)
    usual = worker.handler._advisor._consult  # type: ignore[attr-defined]
    request = worker.handler._reader.read(body_of("p0"), frozenset({"patient-view"}))
    for count in (1, 2, 3):
        answered = run.divide(usual, PATIENT_VIEW, request, NOW, ANYBODY, "")
        assert "mscc-suspected" in {one.topic for one in answered.answer.shown}
        word = json.loads(json.dumps(run.word()))
        stands = follow(run, word)
        assert stands.state == ("returned" if count == 3 else "running")
    assert stands.because == "3 of 3 calls failed, 0 of 0 elsewhere"
    assert run.advisor_for("p0") is None


def test_workers_judge_by_the_calls_of_all(part: Callable[..., CanaryRun]) -> None:
    run = part()
    follow(run)
    other = {
        "trial": 1,
        "tried": {"calls": 9, "failed": 2, "cards": {}},
        "elsewhere": {"calls": 9, "failed": 0, "cards": {}},
    }
    assert follow(run, run.word(), other).state == "running"
    assert follow(run, run.word(), other, {**other, "trial": 7}).state == "running"  # of another canary
    assert follow(run, run.word(), other, other).state == "returned"


# A real server with two workers, by the commands


def test_the_commands_try_a_version_in_every_worker_and_end_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cards = tmp_path / "cards"
    shutil.copytree(cards_folder(), cards)
    with running_server(tmp_path, workers=2, cards=cards) as server:
        for name, value in {"CARDS": cards, "KNOWLEDGE_FOLDER": tmp_path / "knowledge"}.items():
            monkeypatch.setenv(f"CDS_{name}", str(value))
        without_cord_card(cards)
        begun = run("canary", "begin", "--share", "50", "--hours", "1")
        assert "2 workers run it" in begun
        patients = [f"p{number}" for number in range(12)]
        answers = [{patient: over_http(server.base, patient) for patient in patients} for _ in range(4)]
        assert all(one == answers[0] for one in answers)
        assert len(set(answers[0].values())) == 2
        assert "is tried on 50 % of patients" in run("canary", "show")
        ended = run("canary", "end")
        assert "an operator ended it" in ended
        assert "2 workers run it" in ended
        assert {shown for _, shown in (over_http(server.base, patient) for patient in patients)} == {True}
        assert json.loads(run("canary", "show", "--json"))["canary"]["state"] == "ended"


def run(*arguments: str) -> str:
    done = CliRunner().invoke(commands, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def over_http(base: str, patient: str) -> tuple[str, bool]:
    headers = {"Content-Type": "application/json"}
    call = urllib.request.Request(f"{base}/cds-services/{PATIENT_VIEW}", body_of(patient), headers)
    with urllib.request.urlopen(call, timeout=20) as answer:
        return spoken_by(json.load(answer))
