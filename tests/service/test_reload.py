"""Changed card files are taken into use by all workers or none, wrong ones by none, and the way back is one command."""

from __future__ import annotations

import http.client
import json
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from cds_service.service.application import Application, Configuration, application, prepare
from cds_service.service.operators import Operators
from cds_service.service.releases import Origin, ReleaseHistory
from cds_service.service.settings import Settings
from cds_service.workbench.cli import commands
from tests.conformance.running_service import Server, running_server
from tests.service.conftest import TOKEN
from tests.service.wire import Reply, over_wsgi, wait_until


@pytest.fixture
def workers(settings: Settings) -> Iterator[tuple[Application, Application]]:
    configuration = prepare(settings)
    begin(configuration)
    with ExitStack() as stack:
        made = [application(configuration) for _ in range(2)]
        for one in made:
            stack.callback(one.close)
        yield made[0], made[1]


NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def begin(configuration: Configuration) -> str:
    """What the main process does at its start; gives the version that is in force then."""
    releases = ReleaseHistory(configuration.settings.knowledge_folder)
    return releases.begin(configuration.release, configuration.origin.texts(), NOW).version


def post(made: Application, path: str, token: str = TOKEN, address: str = "") -> Reply:
    headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": address}
    return over_wsgi(made.wsgi)("POST", path, b"", headers)


def version(made: Application) -> str:
    assert made.watch is not None
    made.watch.look()
    services: list[dict[str, Any]] = over_wsgi(made.wsgi)("GET", "/cds-services").json()["services"]
    (found,) = {service["extension"]["knowledgeVersion"] for service in services}
    return str(found)


def change(settings: Settings, old: str, new: str) -> None:
    assert settings.cards is not None
    file = settings.cards / "mscc-suspected.yaml"
    file.write_text(file.read_text().replace(old, new, 1))


def test_all_workers_change_over_and_back(workers: tuple[Application, Application], settings: Settings) -> None:
    first = version(workers[0])
    change(settings, "status: active", "status: retired")
    assert version(workers[1]) == first
    taken = post(workers[0], "/admin/reload")
    assert taken.status == 200, taken.body
    assert taken.json()["was"] == first
    assert {version(one) for one in workers} == {taken.json()["version"]} != {first}
    assert post(workers[1], "/admin/rollback").json()["version"] == first
    assert {version(one) for one in workers} == {first}


def test_a_wrong_file_changes_nothing_and_is_reported_with_its_line(
    workers: tuple[Application, Application], settings: Settings
) -> None:
    first = version(workers[0])
    change(settings, "status: active", "status: activ")
    refused = post(workers[0], "/admin/reload")
    assert refused.status == 422
    assert b"mscc-suspected.yaml:" in refused.body
    assert {version(one) for one in workers} == {first}


OVERLAY = """site: trial
title: Tried beside the live knowledge
parameters:
  oxygen:
    warn_below: {{value: {value}, unit: '%', why: a test}}
"""


@pytest.fixture
def with_candidate(settings: Settings) -> Settings:
    assert settings.cards is not None
    (settings.cards / "sites" / "trial.yaml").write_text(OVERLAY.format(value=94))
    return settings.model_copy(update={"candidate_site": "trial"})


def test_a_changed_candidate_is_taken_into_use_too_and_goes_back_with_the_rest(with_candidate: Settings) -> None:
    settings = with_candidate
    configuration = prepare(settings)
    begin(configuration)
    made = application(configuration)
    try:
        live, first = version(made), candidate(made)
        assert settings.cards is not None
        overlay = settings.cards / "sites" / "trial.yaml"
        overlay.write_text(OVERLAY.format(value=93))
        taken = post(made, "/admin/reload").json()
        second = candidate(made)
        assert version(made) == live
        assert second != first
        assert taken["version"] == f"{live}+{second.partition('@')[2]}"
        assert taken["was"] == f"{live}+{first.partition('@')[2]}"
        overlay.write_text(OVERLAY.format(value=300))
        refused = post(made, "/admin/reload")
        assert refused.status == 422
        assert b"trial.yaml:5" in refused.body
        assert candidate(made) == second
        assert post(made, "/admin/rollback").status == 200
        assert candidate(made) == first
    finally:
        made.close()


def candidate(made: Application) -> str:
    version(made)
    assert made.candidate is not None
    return made.candidate.name


def test_a_signal_takes_changed_files_into_use_in_every_worker_or_in_none(
    with_candidate: Settings, tmp_path: Path
) -> None:
    assert with_candidate.cards is not None
    card = with_candidate.cards / "mscc-suspected.yaml"
    right = card.read_text()
    with running_server(tmp_path, workers=2, cards=with_candidate.cards, candidate_site="trial") as server:
        before = worker_ids(server)
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        first = over(connection)
        card.write_text(right.replace("status: active", "status: activ", 1))
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "mscc-suspected.yaml:" in server.log.read_text())
        assert versions(server) == {first}
        card.write_text(right.replace("status: active", "status: silent", 1))
        server.process.send_signal(signal.SIGHUP)
        server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "is in force instead of" in server.log.read_text())
        wait_until(lambda: first not in versions(server))
        (second,) = versions(server)
        assert over(connection) == second  # the same connection, the same workers
        assert worker_ids(server) == before
        connection.close()
    names = [
        json.loads(line)["version"] for line in (tmp_path / "knowledge" / "history.jsonl").read_text().splitlines()
    ]
    assert {name.partition("+")[0] for name in names} == {first, second}


def over(connection: http.client.HTTPConnection) -> str:
    connection.request("GET", "/cds-services")
    services = json.loads(connection.getresponse().read())["services"]
    return str(services[0]["extension"]["knowledgeVersion"])


def versions(server: Server) -> set[str]:
    """What many new connections hear, so that every worker is asked."""
    found = set()
    for _ in range(16):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        found.add(over(connection))
        connection.close()
    return found


def worker_ids(server: Server) -> set[int]:
    children = psutil.Process(server.process.pid).children()
    return {child.pid for child in children if "resource_tracker" not in " ".join(child.cmdline())}


def test_strangers_are_refused(workers: tuple[Application, Application]) -> None:
    assert post(workers[0], "/admin/reload", "something else").status == 401


def test_without_a_token_there_is_no_such_endpoint(settings: Settings) -> None:
    made = application(prepare(settings.model_copy(update={"operator_token": None})))
    try:
        assert post(made, "/admin/reload").status in {404, 405}
    finally:
        made.close()


def test_going_back_twice_goes_two_versions_back(tmp_path: Path, settings: Settings) -> None:
    releases, now = ReleaseHistory(tmp_path / "releases"), datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    origin = Origin(settings.cards)
    names = []
    for status in ("active", "silent", "retired"):
        change(settings, f"status: {'silent' if status == 'retired' else 'active'}", f"status: {status}")
        names.append(releases.take(origin, now)[1].version)
    assert len(set(names)) == 3
    assert [releases.go_back(now).version for _ in range(2)] == [names[1], names[0]]
    with pytest.raises(LookupError, match="no earlier"):
        releases.go_back(now)
    assert releases.take(origin, now)[1].version == names[2]


def test_the_commands_do_the_same(
    workers: tuple[Application, Application], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = version(workers[0])
    monkeypatch.setenv("CDS_CARDS", str(settings.cards))
    monkeypatch.setenv("CDS_KNOWLEDGE_FOLDER", str(settings.knowledge_folder))
    change(settings, "status: active", "status: silent")
    run: Callable[[str], str] = lambda name: CliRunner().invoke(commands, [name], catch_exceptions=False).output  # noqa: E731
    assert f"instead of {first}" in run("reload")
    second = version(workers[1])
    assert second != first
    assert f"{first} is in force again" in run("rollback")
    assert version(workers[1]) == first
    assert [line.split()[1] for line in run("history").splitlines()] == ["start", "reload", "rollback"]
    lines = (settings.knowledge_folder / "history.jsonl").read_text().splitlines()
    assert json.loads(lines[1])["version"] == second


def test_a_rollback_stands_through_a_restart_until_the_files_change(
    workers: tuple[Application, Application], settings: Settings
) -> None:
    first = version(workers[0])
    change(settings, "status: active", "status: silent")
    second = post(workers[0], "/admin/reload").json()["version"]
    assert post(workers[0], "/admin/rollback").json()["version"] == first
    assert begin(prepare(settings)) == first
    restarted = application(replace(prepare(settings), begun=True))  # its files are those of the second version
    try:
        assert version(restarted) == first != second
    finally:
        restarted.close()
    change(settings, "status: silent", "status: retired")
    third = prepare(settings)
    assert begin(third) == third.release.name
    assert {version(one) for one in workers} == {third.release.name}


def test_a_node_that_starts_with_files_which_a_reload_replaced_runs_what_replaced_them(settings: Settings) -> None:
    late = prepare(settings)  # its file server lags
    begin(late)
    change(settings, "status: active", "status: silent")
    taken = ReleaseHistory(settings.knowledge_folder).take(late.origin, NOW)[1]
    assert begin(late) == taken.version


def test_restored_files_are_taken_at_a_start_when_no_operator_said_otherwise(settings: Settings) -> None:
    old = prepare(settings)
    begin(old)
    change(settings, "status: active", "status: silent")
    begin(prepare(settings))
    assert begin(old) == old.release.name


def test_a_reload_is_answered_from_the_words_of_all_workers(
    workers: tuple[Application, Application], settings: Settings
) -> None:
    change(settings, "status: active", "status: silent")
    answer = post(workers[0], "/admin/reload")
    assert answer.status == 200
    assert len(answer.json()["workers"]["running"]) == 1  # both live in this process
    stranger = settings.knowledge_folder / "workers" / "another-node-1.json"
    stranger.write_text(json.dumps({"number": 1, "version": "x", "trouble": "", "count": 7}))
    change(settings, "status: silent", "status: retired")
    late = post(workers[0], "/admin/reload")
    assert late.status == 202
    assert late.json()["workers"]["silent"] == ["another-node-1"]
    stranger.write_text(json.dumps({"number": 1, "version": "x", "trouble": "LookupError", "count": 7}))
    change(settings, "status: retired", "status: active")
    refused = post(workers[0], "/admin/reload")
    assert refused.status == 202
    assert refused.json()["workers"]["refused"] == ["another-node-1 (LookupError)"]


def test_damage_in_the_folder_is_reported_and_mended_by_the_next_activation(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    folder, origin = settings.knowledge_folder, Origin(settings.cards)
    releases = ReleaseHistory(folder)
    first = releases.take(origin, NOW)[1]
    with (folder / "history.jsonl").open("a") as history:
        history.write('{"version": "cut o')
    (folder / "in-force.json").write_text("")
    with pytest.raises(LookupError, match=r"in-force\.json is damaged.*reload"):
        releases.in_force()
    change(settings, "status: active", "status: silent")
    second = releases.take(origin, NOW)[1]
    assert second.number == first.number + 1
    assert second.was == first.version
    assert [one.version for one in releases.history()] == [first.version, second.version]
    assert "history.jsonl, line 2 is damaged" in caplog.text
    (folder / f"{first.version}.json").write_text("{}")
    with pytest.raises(LookupError, match="damaged"):
        releases.go_back(NOW)
    assert releases.in_force() == second


def test_no_temporary_file_is_left_or_shared(settings: Settings) -> None:
    releases = ReleaseHistory(settings.knowledge_folder)
    releases.take(Origin(settings.cards), NOW)
    left = {file.name for file in settings.knowledge_folder.iterdir()}
    assert left == {".lock", "history.jsonl", "in-force.json", f"{releases.in_force().version}.json"}


def test_wrong_tokens_are_slowed_and_either_of_two_tokens_counts(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = [0.0]
    monkeypatch.setattr("cds_service.service.application.Operators", partial(Operators, clock=lambda: at[0]))
    made = application(prepare(settings.model_copy(update={"operator_token_old": SecretStr("the-one-before-1234")})))
    try:
        assert post(made, "/admin/rollback", "the-one-before-1234").status == 409
        assert post(made, "/admin/rollback").status == 409
        assert [post(made, "/admin/reload", "wrong").status for _ in range(6)] == [401] * 5 + [429]
        slowed = post(made, "/admin/rollback")
        assert (slowed.status, slowed.headers["Retry-After"]) == (429, "1")
        operator = post(made, "/admin/rollback", address="10.0.0.7")
        assert operator.status == 409, "who guesses keeps no operator elsewhere out"
        at[0] = 1.0
        assert post(made, "/admin/rollback").status == 409
    finally:
        made.close()
