"""A worker is killed, the server is told to stop under load, cards are broken: what clients see of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from tests.conformance.running_service import Server, cards_with_one_id, running_server
from tests.faults.callers import call, cord_request, crowd, is_red_flag
from tests.faults.matrix import record
from tests.faults.test_store_faults import acknowledged_and_kept, cards_on_record, wait_until
from tests.service.wire import ENVIRONMENT, ROOT, free_port


def workers(server: Server) -> list[psutil.Process]:
    """The processes that answer, which hold the listening socket; not multiprocessing's own."""
    children = psutil.Process(server.process.pid).children()
    return [child for child in children if "resource_tracker" not in " ".join(child.cmdline())]


def test_a_worker_that_is_killed(tmp_path: Path) -> None:
    with (
        running_server(tmp_path, workers=2) as server,
        crowd(server.port, gives_feedback=True) as callers,
    ):
        callers.wait_for(20)
        before = {worker.pid for worker in workers(server)}
        assert len(before) == 2
        os.kill(min(before), signal.SIGKILL)
        killed = time.monotonic()
        callers.wait_for(20)
        wait_until(lambda: len({worker.pid for worker in workers(server)} - {min(before)}) == 2, 30)
        back = time.monotonic() - killed
        callers.wait_for(20)
        callers.stop()
    statuses = callers.statuses()
    answered = [seen for seen in callers.calls if seen.status == 200]
    cut = sum(statuses.values()) - len(answered)
    assert set(statuses) <= {200, 0}
    assert cut <= 8  # those it had in hand, and those that were waiting at its door
    assert all(map(is_red_flag, answered))
    assert acknowledged_and_kept(f"sqlite:///{tmp_path}/store.sqlite3", callers.acknowledged)
    record(
        "worker killed",
        done="one of two workers was killed (SIGKILL) while four clients called",
        seen="calls in its hands ended without an answer (never with an empty one); the other worker answered all "
        "others; the server started a new worker by itself",
        lost="no acknowledged feedback; the record of cards shown in the last fraction of a second may be (store.md)",
        measured=f"{len(answered)} answered, {cut} cut; two workers again after {back:.1f} s",
    )


def test_a_server_that_is_told_to_stop_under_load(tmp_path: Path) -> None:
    with running_server(tmp_path, workers=2) as server, crowd(server.port, 8, gives_feedback=True) as callers:
        callers.wait_for(40)
        server.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert server.process.wait(timeout=30) == 0
        stopped = time.monotonic() - began
        callers.stop()
    statuses = callers.statuses()
    answered = [seen for seen in callers.calls if seen.status == 200]
    assert set(statuses) <= {200, 0, -1}  # 0: connections that were still waiting to be accepted
    assert set(callers.feedback_statuses()) <= {200, 0, -1}
    begun = [line for line in server.log.read_text().splitlines() if '"message": "call"' in line]
    assert len(begun) == len(answered)  # what the service began, a client got
    assert all(map(is_red_flag, answered))
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    assert acknowledged_and_kept(url, callers.acknowledged)
    assert cards_on_record(url, {card["uuid"] for seen in answered for card in seen.cards()})
    record(
        "SIGTERM under load",
        done="the server was told to stop while eight clients called, each call on a new connection",
        seen="an answer to every call that the service had taken up; connections that waited to be accepted were reset, "
        "later ones refused: nothing of theirs had begun; exit code 0",
        lost="nothing: every card shown and all feedback were on record when the process had ended",
        measured=f"{len(answered)} calls taken up and answered, {statuses[0]} reset while they waited; ended after {stopped:.1f} s",
    )


def test_card_files_that_are_broken_at_the_start(tmp_path: Path) -> None:
    cards = cards_with_one_id(tmp_path)
    card = cards / "hypercalcaemia.yaml"
    card.write_text(card.read_text(encoding="utf-8").replace("between:", "betwen:", 1), encoding="utf-8")
    variables = {"CDS_CARDS": str(cards), "CDS_PORT": str(free_port()), "CDS_STORE_URL": f"sqlite:///{tmp_path}/s.db"}
    done = subprocess.run(
        [sys.executable, "-m", "cds_service", "serve"],
        cwd=ROOT,
        env=ENVIRONMENT | variables,
        capture_output=True,
        check=False,
        timeout=60,
    )
    said = done.stderr.decode()
    assert done.returncode != 0
    assert "hypercalcaemia.yaml" in said
    assert "betwen" in said
    assert "between" in said.replace("betwen", "")
    assert "Traceback" not in said
    assert not (tmp_path / "s.db").exists()
    record(
        "card files broken at start",
        done="a parameter of one card had a misspelt field",
        seen="no server: it ends at once and names file, line, what was found and the nearest right name",
    )


def test_card_files_that_are_broken_when_they_are_taken_up(tmp_path: Path) -> None:
    cards = cards_with_one_id(tmp_path)
    card, path = cards / "hypercalcaemia.yaml", "/cds-services/metastatic-disease"
    sound = card.read_text(encoding="utf-8")
    operator = {"Authorization": "Bearer operators-only-1234"}
    given: dict[str, Any] = {"cards": cards, "workers": 2, "operator_token": "operators-only-1234"}
    with running_server(tmp_path, **given) as server:
        before = call(server.port, path, cord_request())
        card.write_text(sound.replace("between:", "betwen:", 1), encoding="utf-8")
        refused = call(server.port, "/admin/reload", b"", operator)
        assert refused.status in {400, 409, 422}
        assert b"hypercalcaemia.yaml" in refused.body
        assert b"betwen" in refused.body
        assert {call(server.port, path, cord_request()).body for _ in range(10)} == {before.body}
        card.write_text(sound, encoding="utf-8")
        assert call(server.port, "/admin/reload", b"", operator).status == 200
        assert call(server.port, path, cord_request()).body == before.body
    record(
        "card files broken on reload",
        done="a card got a misspelt field while two workers served it, and an operator asked for a reload",
        seen="the same cards as before from both workers; the operator: file, line and the nearest right name",
    )
