"""Nodes and workers are killed, stopped, full, behind; cards are broken: what wards see of it through the proxy."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from tests.faults.callers import PATIENT_VIEW, Ward, cord_request, is_red_flag
from tests.faults.matrix import record
from tests.faults.production import TOKEN, Node, Production
from tests.service.wire import ENVIRONMENT, wait_until

WORKERS = 4


def test_a_worker_that_is_killed(hospital: Production) -> None:
    ward, node = Ward(hospital, "worker"), hospital.nodes[0]
    with ward.at_work():
        before = {worker.pid for worker in node.workers()}
        os.kill(min(before), signal.SIGKILL)
        killed = time.monotonic()
        wait_until(lambda: len({worker.pid for worker in node.workers()} - {min(before)}) == len(before))
        back = time.monotonic() - killed
        ward.wait_for(12)
    ward.all_advised()
    assert set(ward.feedback) == {200}
    ward.acknowledged_is_kept()
    record(
        "worker killed",
        done="one of a node's two workers was killed (SIGKILL) while wards called",
        seen="every call its cards: the proxy handed those in its hands over to the other node; the node started a new "
        "worker by itself",
        lost="no acknowledged feedback; the record of cards shown in the last fraction of a second may be (store.md)",
        measured=f"{ward.slowest}; two workers again after {back:.1f} s",
    )


def test_a_node_that_is_killed(hospital: Production) -> None:
    ward, node = Ward(hospital, "killed"), hospital.nodes[0]
    with ward.at_work():
        assert node.process is not None
        for process in node.processes():
            process.kill()
        node.process.wait(20)
        ward.wait_for(12)
        node.start()
        ward.wait_for(6)
    ward.all_advised()
    assert set(ward.feedback) == {200}
    ward.acknowledged_is_kept()
    record(
        "node killed",
        done="one node was killed with all its workers (SIGKILL) while wards called, and started again",
        seen="every call its cards: the proxy handed those in its hands over to the other node, and asked that for all others",
        lost="no acknowledged feedback; the record of cards shown in the last fraction of a second may be",
        measured=ward.slowest,
    )


@pytest.mark.parametrize("seconds", [5, pytest.param(30, marks=pytest.mark.slow)])
def test_a_node_that_is_frozen(hospital: Production, seconds: int) -> None:
    ward, node = Ward(hospital, f"frozen-{seconds}"), hospital.nodes[0]
    large = cord_request(f"large-{seconds}", more=["y" * 1000] * 14_000)
    with ward.at_work(), ThreadPoolExecutor(4) as pool:
        for process in node.processes():
            process.suspend()
        ward.calls += pool.map(lambda _: hospital.post(PATIENT_VIEW, large), range(4))
        time.sleep(seconds)
        for process in node.processes():
            process.resume()
        resumed = calls_in(node.folder / "node.log")
        wait_until(lambda: calls_in(node.folder / "node.log") > resumed + 2)
        ward.wait_for(6)
    ward.all_advised()
    assert set(ward.feedback) == {200}
    ward.acknowledged_is_kept()
    ward.shown_is_on_record()
    if seconds == 30:
        record(
            "node frozen",
            done="one node with all its workers was stopped (SIGSTOP) for 30 s while wards called, some with 14 MB, and went on "
            "later",
            seen="every call its cards, and all feedback 200: after 4 s without an answer the proxy handed a call over to the "
            "other node, and passed the silent one by, but for one call every ten seconds, until it answered",
            measured=ward.slowest,
        )


def test_a_node_that_is_told_to_stop_under_load(hospital: Production) -> None:
    ward, node = Ward(hospital, "stopped"), hospital.nodes[0]
    begun = calls_in(node.folder / "node.log")
    shown = hospital.at(node, "shown-before-the-end")
    with ward.at_work():
        began = time.monotonic()
        assert node.stop() == 0
        stopped = time.monotonic() - began
        assert hospital.feedback(shown).status == 200
        ward.wait_for(6)
    node.start()
    ward.all_advised()
    assert set(ward.feedback) == {200}
    assert calls_in(node.folder / "node.log") - begun <= 1 + len(ward.answered) + len(ward.feedback)
    ward.calls.append(shown)
    ward.acknowledged_is_kept()
    ward.shown_is_on_record()
    record(
        "SIGTERM under load",
        done="a node was told to stop while wards called through the proxy",
        seen="every call its cards: from the node what it had taken up, from the other one what waited to be accepted, and all "
        "others; exit code 0",
        lost="nothing: every card shown and all acknowledged feedback were on record when the node had ended",
        measured=f"{ward.slowest}; ended after {stopped:.1f} s",
    )
    record(
        "a node lost",
        done="the node that had shown a card was stopped; feedback on it went to the other one",
        seen="200, and the other node's cards as ever",
    )


def calls_in(log: Path) -> int:
    return log.read_text(encoding="utf-8").count('"message": "call"')


def test_what_one_node_showed_and_another_was_told_about_is_known_to_both(hospital: Production) -> None:
    first, second = hospital.nodes
    token = hospital.token(PATIENT_VIEW)
    shown = hospital.at(first, "shared", token)
    again = hospital.at(second, "shared", token)
    assert (shown.status, again.status, b"replayed" in again.body) == (200, 401, True)
    of_proxy, token = {"Cds-Call-Id": "word-that-no-client-knows"}, hospital.token(PATIENT_VIEW)
    handed_over = [hospital.at(node, "shared", token, of_proxy).status for node in (first, second, second)]
    assert handed_over == [200, 200, 401]
    token = hospital.token(PATIENT_VIEW)
    through_it = [hospital.post(PATIENT_VIEW, cord_request("shared"), token, of_proxy).status for _ in range(2)]
    assert through_it == [200, 401]  # the proxy names calls itself, whatever a client says
    assert hospital.at(second, "shared").body == shown.body
    topic = shown.cards()[0]["source"]["topic"]["code"]
    wait_until(lambda: hospital.feedback(shown, "already-done-elsewhere").status == 200)
    for node in hospital.nodes:
        wait_until(partial(holds_back, hospital, node, topic))
    record(
        "one of two nodes",
        done="a token, a card and an override each went to both nodes; a call was handed over as the proxy does",
        seen="byte for byte the same cards; a token used at one node refused at the other (401), but taken once more for the "
        "very call that the proxy hands over; a card overridden at one node rests at both within seconds",
    )


def holds_back(hospital: Production, node: Node, topic: str) -> bool:
    answer = json.loads(hospital.at(node, "shared").body)
    return topic in answer.get("extension", {}).get("heldBack", ())


def test_a_node_whose_disk_is_full(hospital: Production) -> None:
    node = hospital.nodes[0]
    try:
        for worker in node.workers():  # no file of theirs may grow, nor may what is there be written past 4 KiB
            resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        seen = [hospital.at(node, f"full-{number}") for number in range(6)]
        said = [hospital.feedback(one).status for one in seen]
    finally:
        for worker in node.workers():
            resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    ward = Ward(hospital, "full")
    ward.calls += seen
    ward.all_advised()
    ward.shown_is_on_record()
    assert set(said) == {200}
    record(
        "a node's disk full",
        done="no file of a node's workers could grow (log, metrics, knowledge): a limit on its processes, lifted later",
        seen="cards as ever; feedback 200: the store is elsewhere (`store full` is its own row)",
        lost="lines of that node's log",
    )


def test_card_files_that_are_broken_at_the_start(hospital: Production, tmp_path: Path) -> None:
    cards = shutil.copytree(hospital.folder / "cards", tmp_path / "cards")
    card = cards / "hypercalcaemia.yaml"
    card.write_text(card.read_text(encoding="utf-8").replace("between:", "betwen:", 1), encoding="utf-8")
    settings = hospital.nodes[0].settings | {"CDS_CARDS": str(cards), "CDS_KNOWLEDGE_FOLDER": str(tmp_path / "none")}
    done = subprocess.run(
        [sys.executable, "-m", "cds_service.service"],
        env=ENVIRONMENT | settings,
        capture_output=True,
        check=False,
        timeout=120,
    )
    said = done.stderr.decode()
    assert done.returncode == 2
    assert "hypercalcaemia.yaml" in said
    assert "betwen" in said
    assert "between" in said.replace("betwen", "")
    assert "Traceback" not in said
    record(
        "card files broken at start",
        done="a parameter of one card had a misspelt field",
        seen="no node: it ends at once with exit code 2 and names file, line, what was found and the nearest right name",
    )


def test_card_files_that_are_broken_when_they_are_taken_up(hospital: Production) -> None:
    card = hospital.folder / "cards" / "hypercalcaemia.yaml"
    unchanged = card.read_text(encoding="utf-8")
    (before,) = versions(hospital)
    card.write_text(unchanged.replace("between:", "betwen:", 1), encoding="utf-8")
    try:
        status, refused = hospital.nodes[0].ask("/admin/reload", "POST", TOKEN)
    finally:
        card.write_text(unchanged, encoding="utf-8")
    assert status == 422
    assert "hypercalcaemia.yaml" in json.dumps(refused)
    assert "betwen" in json.dumps(refused)
    assert versions(hospital) == {before}
    assert is_red_flag(hospital.advice("broken"))
    record(
        "card files broken on reload",
        done="a card got a misspelt field while two nodes served it, and an operator asked for a reload",
        seen="the same cards as before from every worker; the operator: file, line and the nearest right name",
    )


def versions(hospital: Production) -> set[str]:
    """The knowledge that the workers of both nodes say they run."""
    found = set()
    for node in hospital.nodes:
        for _ in range(6):
            status, body = node.ask("/cds-services", token=hospital.token("/cds-services"))
            assert status == 200
            found.add(str(body["services"][0]["extension"]["knowledgeVersion"]))
    return found


def test_what_is_in_force_outlives_files_that_lag_and_restarts(hospital: Production) -> None:
    (first,) = versions(hospital)
    lagging = shutil.copytree(hospital.folder / "cards", hospital.folder / "lagging")
    card = hospital.folder / "cards" / "oxygen.yaml"
    right = card.read_text(encoding="utf-8")
    card.write_text(right.replace("status: active", "status: silent", 1), encoding="utf-8")
    one, other = hospital.nodes
    status, taken = one.ask("/admin/reload", "POST", TOKEN)
    assert (status, taken["was"], len(taken["workers"]["running"])) == (200, first, WORKERS)
    assert versions(hospital) == {taken["version"]} != {first}

    other.settings["CDS_CARDS"] = str(lagging)
    long_ago = time.time() - 86_400
    for file in (hospital.folder / "knowledge").glob("*.json"):
        os.utime(file, (long_ago, long_ago))
    restart(hospital, other)
    other.settings["CDS_CARDS"] = str(hospital.folder / "cards")
    assert versions(hospital) == {taken["version"]}
    record(
        "a node whose file server lags",
        done="a changed card was taken into use; one node was restarted on files of before, on a file server a day behind",
        seen="both nodes run the version in force",
    )

    status, back = other.ask("/admin/rollback", "POST", TOKEN)
    assert (status, back["version"], len(back["workers"]["running"])) == (200, first, WORKERS)
    assert versions(hospital) == {first}
    for node in hospital.nodes:
        restart(hospital, node)
    assert versions(hospital) == {first}
    card.write_text(right, encoding="utf-8")
    record(
        "rollback, then restart",
        done="a changed card was taken into use on both nodes, rolled back at one, and both nodes were restarted one by one",
        seen="reload and rollback answered when all four workers had said what they run; after the restart both nodes run the "
        "version rolled back to; calls were answered by the other node meanwhile",
    )


def restart(hospital: Production, node: Node) -> None:
    """Stop a node and start it; the other one answers meanwhile, however short ago it was restarted itself."""
    assert node.stop() == 0
    assert is_red_flag(hospital.advice("between"))
    node.start()
