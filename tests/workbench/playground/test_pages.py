"""The page's own endpoints, without a browser: off where it must be, closed to other origins, right in what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jwt
import pytest
import yaml

from cds_service.knowledge.load import load
from cds_service.service.application import Application, application, prepare
from cds_service.service.knowledge_files import cards_folder, read_card_files
from cds_service.service.settings import Settings, WrongSettings, read_settings
from cds_service.workbench.demonstration import demonstration
from cds_service.workbench.playground.keys import development_key
from tests.service.wire import Send, over_wsgi
from tests.workbench.playground.conftest import CORD

API = "/playground/api/"
JSON = {"Content-Type": "application/json"}
PV = "metastatic-disease-patient-view"


def post(ask: Send, path: str, body: Any, status: int = 200) -> Any:
    reply = ask("POST", API + path, json.dumps(body).encode(), JSON)
    assert reply.status == status, reply.body
    return reply.json()


def request_of(ask: Send, patient: str = CORD, service: str = PV) -> dict[str, Any]:
    found: dict[str, Any] = ask("GET", f"{API}requests/{patient}/{service}").json()
    return found


def test_the_page_forbids_everything_that_it_does_not_need(ask: Send) -> None:
    reply = ask("GET", "/")
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in reply.body.decode()
    assert "style=" not in reply.body.decode()


def test_no_file_of_the_page_names_another_host(ask: Send) -> None:
    page = ask("GET", "/").body.decode()
    assert "http" not in page.replace("http-equiv", "")
    folder = Path(__file__).parents[3] / "cds_service/workbench/playground/static"
    for path in folder.glob("*.js"):
        assert not [line for line in path.read_text().splitlines() if line.startswith("import") and "://" in line]


def test_other_origins_cannot_read_the_pages_endpoints(ask: Send) -> None:
    for path in ("/", API + "start", API + "dashboard"):
        reply = ask("GET", path, headers={"Origin": "https://elsewhere.example.org"})
        assert reply.status == 200
        assert "Access-Control-Allow-Origin" not in reply.headers


def test_the_setting_turns_it_off(tmp_path: Path) -> None:
    settings = Settings.model_validate({"playground": False, "store_url": f"sqlite:///{tmp_path}/s.sqlite3"})
    made = application(prepare(settings), demonstration)
    try:
        send = over_wsgi(made.wsgi)
        assert [send("GET", path).status for path in ("/", "/fhir/Patient", API + "start")] == [404, 404, 404]
        assert send("GET", "/cds-services").status == 200
    finally:
        made.close()


def test_it_is_off_in_production_and_cannot_be_turned_on(monkeypatch: pytest.MonkeyPatch) -> None:
    production = {
        "development": False,
        "authentication": "required",
        "public_base_url": "https://cds.example.org",
        "clients": Path("clients.yaml"),
        "store_secret": "sixteen-characters-or-more",
    }
    assert not Settings.model_validate(production).has_playground
    monkeypatch.setenv("CDS_PLAYGROUND", "true")
    with pytest.raises(WrongSettings, match="CDS_PLAYGROUND must be false"):
        read_settings(**production)


def test_every_patient_can_be_asked_about_on_every_hook(ask: Send) -> None:
    start = ask("GET", API + "start").json()
    for service in start["services"]:
        for patient in start["patients"]:
            body = request_of(ask, patient["name"], service["id"])
            reply = ask("POST", f"/cds-services/{service['id']}", json.dumps(body).encode(), JSON)
            assert reply.status == 200, (service["id"], patient["name"], reply.body)


def test_the_moved_request_gets_the_cards_of_the_recorded_one(ask: Send) -> None:
    recorded = json.loads((Path(__file__).parents[3] / f"fhir_fixtures/requests/{CORD}-patient-view.json").read_text())
    topics = []
    for body in (recorded, request_of(ask)):
        cards = ask("POST", f"/cds-services/{PV}", json.dumps(body).encode(), JSON).json()["cards"]
        topics.append([card["source"]["topic"]["code"] for card in cards])
    assert topics[0] == topics[1]
    assert topics[0][0] == "mscc-suspected"


def test_explaining_names_every_rule_and_remembers_nothing(ask: Send, made: Application) -> None:
    made.store.flush()
    before = made.store.tallies(("topic",))
    explained = post(ask, "explain", {"service": PV, "request": request_of(ask)})
    cards = {card.topic for card in made_cards(made)}
    assert {rule["topic"] for rule in explained["rules"]} == cards
    (rule,) = [rule for rule in explained["rules"] if rule["topic"] == "mscc-suspected"]
    assert rule["result"] == "fired"
    assert all(item["reference"] for item in rule["evidence"])
    assert [step["rung"] for step in rule["steps"]][:2] == ["no_cancer", "no_signs"]
    assert {parameter["origin"] for parameter in rule["parameters"]} == {"default"}
    assert all(parameter["source"] for parameter in rule["parameters"])
    made.store.flush()
    assert made.store.tallies(("topic",)) == before


def made_cards(made: Application) -> Any:
    advisor = made.handler._advisor
    return advisor.knowledge.services[PV, "patient-view"].cards  # type: ignore[attr-defined]


def test_every_shipped_request_can_be_explained(ask: Send) -> None:
    for path in sorted((Path(__file__).parents[3] / "fhir_fixtures" / "requests").glob("*.json")):
        call = json.loads(path.read_bytes())
        explained = post(ask, "explain", {"service": f"metastatic-disease-{call['hook']}", "request": call})
        assert explained["rules"], path.stem


def test_evidence_can_be_read_at_the_fhir_server(ask: Send) -> None:
    explained = post(ask, "explain", {"service": PV, "request": request_of(ask)})
    for rule in explained["rules"]:
        for item in rule["evidence"]:
            assert ask("GET", f"/fhir/{item['reference']}").status == 200


def test_a_limit_is_drawn_in_the_unit_of_the_results(ask: Send) -> None:
    explained = post(ask, "explain", {"service": PV, "request": request_of(ask, "breast-calcium-12.4-albumin-2.0")})
    (calcium,) = [one for one in explained["chart"]["series"] if "calcium-total" in one["concepts"]]
    assert calcium["unit"] == "mg/dL"
    assert all(5 < limit["value"] < 20 for limit in calcium["limits"])


def test_a_request_that_cannot_be_read_is_reported_plainly(ask: Send) -> None:
    assert "hookInstance" in post(ask, "explain", {"service": PV, "request": {"hook": "patient-view"}}, 400)["problem"]
    assert post(ask, "explain", {"service": "nobody", "request": {}}, 404)["problem"]
    assert post(ask, "tune", [], 400)["problem"]


def test_a_value_outside_its_range_is_refused(ask: Send) -> None:
    explained = post(ask, "tune", {"changes": {"mscc-suspected.mri_within": "99 h"}}, 400)
    assert "outside 1 to 24 hours" in explained["problem"]


def test_a_changed_parameter_changes_this_patients_card_only_in_the_answer(ask: Send) -> None:
    body = {"service": PV, "request": request_of(ask), "changes": {"mscc-suspected.mri_within": "24 h"}}
    explained = post(ask, "tune", body)["patient"]
    before, after = explained["before"][0]["summary"], explained["after"][0]["summary"]
    assert before != after  # the hour by which the MRI is due
    assert post(ask, "tune", body)["patient"]["after"][0]["summary"] != before


def test_the_cohort_says_who_gains_and_who_loses_a_card(ask: Send) -> None:
    parameters = ask("GET", API + "parameters").json()["cards"]
    moved = regraded = 0
    tried = [card for card in parameters if card["topic"] in {"hypercalcaemia", "zoledronate-renal-dose", "oxygen"}]
    for key in {one["key"] for card in tried for one in card["parameters"] if one["scale"]}:
        curve = post(ask, "curve", {"parameter": key})
        for line in curve["lines"]:
            counts = [point["fired"] for point in line["points"]]
            moved += len(set(counts)) > 1
            regraded += len({point["critical"] for point in line["points"]}) > 1
            assert all(0 <= point["criticalPer100"] <= point["per100"] <= 100 for point in line["points"])
    assert moved > 0
    assert regraded > 0


def test_a_patient_whose_message_changes_is_named(ask: Send) -> None:
    (hypercalcaemia,) = [
        topic
        for topic in post(ask, "tune", {"changes": {"shared.calcium_severe_at": "3.2 mmol/L"}})["cohort"]["topics"]
        if topic["topic"] == "hypercalcaemia"
    ]
    assert hypercalcaemia["altered"]
    assert hypercalcaemia["gained"] == hypercalcaemia["lost"] == []


def test_the_overlay_is_a_file_that_the_service_loads(ask: Send) -> None:
    changes = {"mscc-suspected.mri_within": "24 h"}
    written = post(ask, "overlay", {"changes": changes, "site": "north"})["yaml"]
    assert yaml.safe_load(written)["parameters"]["mscc-suspected"]["mri_within"]["value"] == "24 h"
    files = read_card_files(cards_folder())
    knowledge = load(files | {"sites/north.yaml": written}, overlay="sites/north.yaml")
    assert knowledge.site == "north"
    assert knowledge.cards["mscc-suspected"].parameters["mri_within"].text == "24 hours"


def test_the_development_key_signs_for_exactly_one_address(ask: Send) -> None:
    url = "https://cds.example.org/cds-services/x"
    token = post(ask, "sign", {"url": url})["token"]
    keys = jwt.PyJWKSet.from_dict(ask("GET", "/playground/jwks.json").json())
    header = jwt.get_unverified_header(token)
    assert header["alg"] == "ES384"
    claims = jwt.decode(token, keys[header["kid"]].key, algorithms=["ES384"], audience=url)
    assert claims["exp"] - claims["iat"] == 300
    assert (
        claims["jti"]
        != jwt.decode(
            post(ask, "sign", {"url": url})["token"], keys[header["kid"]].key, algorithms=["ES384"], audience=url
        )["jti"]
    )


def test_all_workers_share_the_key_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    assert development_key(tmp_path).kid == development_key(tmp_path).kid
    (kept,) = tmp_path.iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
