"""From the typed-in set-up to the recorded override: a client that behaves as Epic does, against the running service."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cds_service.workbench.cli import commands
from tests.conformance.epic import FHIR_BASE, PREFERENCE_LIST, Epic
from tests.conformance.running_service import request_of, running
from tests.service.wire import free_port

SERVICE = "metastatic-disease-patient-view"
ROLE = {
    "resourceType": "PractitionerRole",
    "id": "erol",
    "code": [{"text": "Physician"}],
    "specialty": [{"text": "Emergency medicine"}],
}


@dataclass
class Visit:
    """One hook call of Epic's, and where to look afterwards."""

    epic: Epic
    address: str
    answer: dict[str, Any]
    store: Path

    def card(self, topic: str) -> dict[str, Any]:
        (found,) = [one for one in self.answer["cards"] if one["source"]["topic"]["code"].startswith(topic)]
        card: dict[str, Any] = found
        return card

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.store) as connection:
            return connection.execute(query).fetchall()


def of_today(prefetch: Any) -> Any:
    """The record of a patient of 2 March 2026 as if that day were today: the running service reads the real clock."""
    ahead = datetime.now(UTC).date() - date(2026, 3, 2)
    shifted = re.sub(
        r"\b20[0-9]{2}-[0-9]{2}-[0-9]{2}\b",
        lambda day: (date.fromisoformat(day[0]) + ahead).isoformat(),
        json.dumps(prefetch),
    )
    return json.loads(shifted)


def run(*arguments: str) -> str:
    done = CliRunner().invoke(commands, list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done.stdout


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """The pharmacist maps orders by CSV, the analyst types in address and queries, a doctor opens a chart."""
    folder = tmp_path_factory.mktemp("epic")
    site, table = folder / "north.yaml", folder / "orders.csv"
    site.write_text("site: north\ntitle: North hospital\n")
    run("orderables", "--site", "none", "--export", str(table))
    rows = [row.split(",") for row in table.read_text().splitlines()]
    keys = {}
    lines = [",".join(rows[0])]
    for place, row in enumerate(rows[1:], start=1):
        if row[0] != "nephrology":  # left unmapped
            keys[str(place)] = row[0]
            row[-4:-1] = [PREFERENCE_LIST, str(place), row[0].upper()]
        lines.append(",".join(row))
    table.write_text("\n".join(lines))
    run("orderables", "--site", "none", "--import", str(table), "--into", str(site))

    prefetch = of_today(request_of("breast-bone-mets-leg-weakness-patient-view")["prefetch"])
    record = [entry["resource"] for value in prefetch.values() for entry in (value or {}).get("entry", ())]
    epic = Epic([prefetch["patient"], ROLE, *record], keys)
    port = free_port()
    address = f"http://localhost:{port}/cds-services/{SERVICE}"
    client = {"name": "north", "iss": FHIR_BASE, "keys": [epic.public_key], "algorithms": ["RS384"], "profile": "epic"}
    more = {"audiences": [address], "maximum_lifetime_seconds": 1500}
    (folder / "clients.yaml").write_text(json.dumps({"clients": [client | more]}))
    queries = json.loads(run("prefetch", "--site", "none", "--for", "epic", "--json"))[SERVICE]
    settings = {"authentication": "required", "clients": folder / "clients.yaml", "site": site, "port": port}
    with running(folder, **settings):
        answer = epic.call(address, "patient-view", queries, action="60")
        yield Visit(epic, address, answer, folder / "store.sqlite3")


def test_every_card_is_one_that_epic_can_show(visit: Visit) -> None:
    assert visit.answer["cards"]
    for card in visit.answer["cards"]:
        assert card["source"]["topic"]["code"].isalnum() and len(card["source"]["topic"]["code"]) <= 100
        assert card.get("selectionBehavior", "any") == "any" and card["uuid"]
        for suggestion in card.get("suggestions", ()):
            (action,) = suggestion["actions"]
            assert action["type"] != "update" and suggestion["uuid"]
            assert action["type"] == "create" or "isRecommended" not in suggestion


def test_what_is_taken_is_ordered_from_the_sites_own_list(visit: Visit) -> None:
    card = visit.card("msccSuspected")
    (mri,) = [one for one in card["suggestions"] if "MRI" in one["actions"][0]["description"]]
    assert visit.epic.take(visit.address, card, mri) == {}
    assert visit.epic.ordered == ["mri-whole-spine"]
    assert ("accepted", "") in visit.rows("SELECT outcome, reason_code FROM feedback")


def test_an_override_keeps_the_reason_that_was_chosen(visit: Visit) -> None:
    card = next(one for one in visit.answer["cards"] if not one["source"]["topic"]["code"].startswith("mscc"))
    reason = card["overrideReasons"][0]
    assert visit.epic.override(visit.address, card, reason["display"], "after the round") == {}
    assert ("overridden", reason["code"]) in visit.rows("SELECT outcome, reason_code FROM feedback")


def test_who_asked_and_after_what_is_on_record(visit: Visit) -> None:
    recorded = set(visit.rows("SELECT DISTINCT user_role, trigger_action FROM shown_cards"))
    assert recorded == {("physician, emergency medicine", "60")}
