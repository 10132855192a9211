"""Committee mode: one proposes, another signs, it is promoted and taken back, and the history names who did what."""

from __future__ import annotations

import io
import json
import re
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

import jwt
import pytest
import requests
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask, jsonify, redirect, request
from pydantic import ValidationError
from werkzeug.test import Client, TestResponse

from cds_service.service.application import Application, application, prepare
from cds_service.service.knowledge_files import cards_folder
from cds_service.service.settings import Settings, WrongSettings, read_settings
from cds_service.workbench.cli import commands
from cds_service.workbench.committee.accounts import Person, read_accounts
from cds_service.workbench.committee.editing import with_value
from cds_service.workbench.committee.history import History
from cds_service.workbench.committee.room import CommitteeRoom
from cds_service.workbench.demonstration import demonstration

PASSWORD = "correct horse battery"
OVERLAY = "# Ours.\nsite: north\ntitle: North\nparameters:\n  oxygen:\n    warn_below: 93 % # agreed in March\n"
HOME = "/committee/"


def accounts(folder: Path) -> Path:
    lines = ["accounts:"]
    for name, display, more in (
        ("ada", "Ada Example", ""),
        ("bo", "Bo Example", ""),
        ("cy", "Cy Example", ", may: [propose]"),
    ):
        arguments = ["account", name, "--display", display, "--password", PASSWORD]
        line = CliRunner().invoke(commands, arguments, catch_exceptions=False).stdout.rstrip()
        lines.append(line.removesuffix("}") + more + "}")
    file = folder / "accounts.yaml"
    file.write_text("\n".join(lines) + "\n")
    return file


def settings_in(folder: Path, **more: Any) -> Settings:
    shutil.copytree(cards_folder(), folder / "cards", ignore=shutil.ignore_patterns("examples"))
    (folder / "cards" / "sites" / "north.yaml").write_text(OVERLAY)
    given = {
        "cards": folder / "cards",
        "site": "north",
        "knowledge_folder": folder / "knowledge",
        "store_url": f"sqlite:///{folder}/store.sqlite3",
        "store_secret": "for-tests-only-1234",
        "playground": False,
    }
    return Settings.model_validate(given | more)


class Hospital:
    """A service that runs, its overlay, and browsers in front of it."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder, self.overlay = folder, folder / "cards" / "sites" / "north.yaml"
        self.settings = settings
        self.made: Application = application(prepare(settings), demonstration)

    def browser(self, name: str = "", password: str = PASSWORD) -> Browser:
        found = Browser(Client(self.made.wsgi))
        if name:
            found.client.post(f"{HOME}login", data={"name": name, "password": password})
        return found

    def limit(self) -> str:
        """The limit by which live calls are answered."""
        return str(self.made.watch.running if self.made.watch else "")


class Browser:
    def __init__(self, client: Client) -> None:
        self.client = client

    def get(self, path: str = "") -> TestResponse:
        return self.client.get(HOME + path)

    def post(self, path: str, **fields: str) -> TestResponse:
        """Send a form of the page, with the token that the page has."""
        found = re.search(r'name="form_token" value="([^"]+)"', self.get().text)
        return self.client.post(HOME + path, data={"form_token": found[1] if found else "", **fields})


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    folder = tmp_path_factory.mktemp("hospital")
    made = Hospital(folder, settings_in(folder, accounts=accounts(folder)))
    yield made
    made.made.close()


def test_nobody_is_inside_without_logging_in_and_a_wrong_password_is_not_enough(hospital: Hospital) -> None:
    stranger = hospital.browser()
    for path in ("", "proposals/1", "proposals/1/pack.html"):
        assert stranger.get(path).headers["Location"] == "/committee/login"
    assert hospital.browser("ada", "wrong").get().status_code == 303
    assert stranger.client.post(f"{HOME}propose", data={"text": OVERLAY}).status_code == 303
    inside = hospital.browser("ada")
    assert "Ada Example" in inside.get().text
    cookie = inside.client.get_cookie("cds_committee", path="/committee")
    assert cookie is not None and cookie.http_only and cookie.same_site == "Lax"
    assert inside.client.post(f"{HOME}try", data={"text": OVERLAY, "form_token": "forged"}).status_code == 303
    assert "unsafe" not in inside.get().headers["Content-Security-Policy"]


def test_who_guesses_passwords_waits_alone(hospital: Hospital) -> None:
    def log_in(password: str, address: str) -> int:
        sent = {"name": "bo", "password": password}
        return (
            hospital.browser().client.post(f"{HOME}login", data=sent, headers={"X-Forwarded-For": address}).status_code
        )

    assert log_in(PASSWORD, "192.0.2.1") == 303
    assert [log_in("guessed", "192.0.2.66") for _ in range(6)] == [401] * 5 + [429]
    assert log_in(PASSWORD, "192.0.2.66") == 429
    assert log_in(PASSWORD, "192.0.2.1") == 303


def test_a_proposal_is_tried_on_the_site_s_own_cohort(tmp_path: Path) -> None:
    done = CliRunner().invoke(commands, ["cohort", str(tmp_path / "cohort"), "--patients", "30", "--seed", "1"])
    assert done.exit_code == 0, done.output
    made = Hospital(tmp_path, settings_in(tmp_path, accounts=accounts(tmp_path), cohort=tmp_path / "cohort"))
    page = made.browser("ada").post("try", text=OVERLAY, place="oxygen.warn_below", value="94 %", why="BTS")
    assert "among 30 patients of the site&#39;s cohort" in page.text
    assert "synthetic-" not in page.text
    made.made.close()
    (tmp_path / "empty").mkdir()
    wrong = made.settings.model_copy(update={"cohort": tmp_path / "empty"})
    with pytest.raises(ValueError, match="nothing to read"):
        application(prepare(wrong), demonstration)


def test_it_is_never_there_by_accident(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = application(prepare(Settings.model_validate({"store_url": f"sqlite:///{tmp_path}/s"})), demonstration)
    assert Client(made.wsgi).get(HOME).status_code == 404
    made.close()
    monkeypatch.setenv("CDS_ACCOUNTS", "accounts.yaml")
    with pytest.raises(WrongSettings, match="need CDS_SITE"):
        read_settings()


def test_a_change_is_tried_proposed_signed_by_a_second_person_promoted_and_rolled_back(hospital: Hospital) -> None:
    ada, bo, cy = (hospital.browser(name) for name in ("ada", "bo", "cy"))
    wrong = ada.post("try", text=OVERLAY, place="oxygen.warn_bellow", value="94 %")
    assert wrong.status_code == 422 and "(nearest: warn_below)" in wrong.text and "<li>north.yaml:7:5: " in wrong.text
    assert 'value="oxygen.warn_bellow"' in wrong.text, "what was typed is there to be mended"
    assert '<option value="oxygen.warn_below">93%</option>' in wrong.text
    tried = ada.post(
        "try", text=OVERLAY, place="words.oxygen.messages.low.summary", value="Give oxygen at {saturation}"
    )
    assert tried.status_code == 200 and "Give oxygen at {saturation}" in tried.text
    assert (
        "made-up patients" in tried.text
        and "<h3>After</h3>" in tried.text
        and "<strong>Do now</strong>" in tried.text
        and "Give oxygen at 9" in tried.text
    )
    text = with_value(OVERLAY, "words.oxygen.messages.low.summary", "Give oxygen at {saturation}")
    assert ada.post("propose", text=text, reason=" ").status_code == 422
    assert ada.post("propose", text=OVERLAY, reason="none").status_code == 422
    assert ada.post("propose", text=text, reason="Shorter").headers["Location"].endswith("/proposals/1")

    own = ada.post("proposals/1/sign")
    assert own.status_code == 409 and "A second person signs" in own.text
    assert cy.post("proposals/1/sign").status_code == 409
    early = bo.post("proposals/1/promote")
    assert early.status_code == 409 and "Proposal 1 is open" in early.text and hospital.overlay.read_text() == OVERLAY
    assert bo.post("proposals/1/sign", reason="Read aloud at the board").status_code == 303
    before = hospital.limit()
    assert bo.post("proposals/1/promote").status_code == 303
    assert hospital.overlay.read_text() == text and "# agreed in March" in text
    assert hospital.limit() != before
    assert "Bo Example signed: Read aloud at the board" in ada.get("proposals/1").text
    pack = ada.get("proposals/1/pack.html")
    assert pack.status_code == 200 and "reads otherwise" in pack.text and "<link" not in pack.text

    assert "Say why" in bo.post("proposals/1/roll-back", reason=" ").text
    assert bo.post("proposals/1/roll-back", reason="Too short").status_code == 303
    assert hospital.overlay.read_text() == OVERLAY and hospital.limit() == before
    acts = History(hospital.folder / "knowledge" / "committee.jsonl").acts()
    assert [(act.called, act.did) for act in acts] == [
        ("Ada Example", "proposed"),
        ("Bo Example", "signed"),
        ("Bo Example", "promoted"),
        ("Bo Example", "rolled back"),
    ]
    assert bo.post("proposals/1/promote").status_code == 409


def test_what_changed_meanwhile_is_not_overwritten_and_a_proposal_may_be_withdrawn_or_refused(
    hospital: Hospital,
) -> None:
    ada, bo = hospital.browser("ada"), hospital.browser("bo")
    numbers = []
    for value in ("94 %", "90.5 %", "91 %"):
        proposed = ada.post("propose", text=with_value(OVERLAY, "oxygen.warn_below", value), reason="Try")
        numbers.append(
            proposed.headers["Location"].rpartition("/")[2] if "Location" in proposed.headers else proposed.text
        )
    first, second, third = numbers
    assert ada.post(f"proposals/{third}/refuse").status_code == 303  # her own: withdrawn
    assert bo.post(f"proposals/{second}/refuse", reason="No").status_code == 303
    assert bo.post(f"proposals/{first}/sign").status_code == 303
    hospital.overlay.write_text(OVERLAY + "order: [oxygen]\n")
    late = bo.post(f"proposals/{first}/promote")
    assert late.status_code == 409 and "has changed since" in late.text
    hospital.overlay.write_text(OVERLAY)
    later = with_value(OVERLAY, "oxygen.warn_below", "91 %")
    assert bo.post(f"proposals/{first}/promote").status_code == 303
    newest = bo.post("propose", text=later, reason="Less").headers["Location"].rpartition("/")[2]
    assert [ada.post(f"proposals/{newest}/{deed}").status_code for deed in ("sign", "promote")] == [303, 303]
    assert "roll back what came later first" in bo.post(f"proposals/{first}/roll-back", reason="No").text
    for number in (newest, first):
        assert bo.post(f"proposals/{number}/roll-back", reason="No").status_code == 303
    assert hospital.overlay.read_text() == OVERLAY
    page = ada.get().text
    assert "withdrawn" in page and "refused" in page


def test_an_account_that_is_taken_out_or_may_no_longer_sign_does_not_live_on_in_a_cookie(tmp_path: Path) -> None:
    room = CommitteeRoom(None, None, None, read_accounts(accounts(tmp_path)), None, list, "")  # type: ignore[arg-type]
    assert room.still(Person("ada", "Somebody")) == Person("ada", "Ada Example")
    assert room.still(Person("cy", "Cy Example", ("propose", "sign"))) == Person("cy", "Cy Example", ("propose",))
    assert room.still(Person("gone", "Gone")) is None


def test_a_history_that_was_changed_is_not_believed(tmp_path: Path, hospital: Hospital) -> None:
    lines = (hospital.folder / "knowledge" / "committee.jsonl").read_text().splitlines()
    file = tmp_path / "committee.jsonl"
    for changed in (lines[1:], [lines[0].replace("Ada", "Eve"), *lines[1:]], [*lines[:2], "{}"]):
        file.write_text("\n".join(changed) + "\n")
        with pytest.raises(LookupError, match=r"line \d"):
            History(file).acts()


def test_numbers_sentences_and_codes_are_put_in_and_comments_stay() -> None:
    text = with_value(OVERLAY, "mscc-suspected.mri_within", "24 h", "NICE")
    text = with_value(text, "value_sets.calcium-total", "loinc|17861-6|Calcium", "laboratory")
    text = with_value(text, "status.sbrt", "retired")
    for line in ("# Ours.", "warn_below: 93 % # agreed in March", "value: 24 h", "code: 17861-6", "sbrt: retired"):
        assert line in text
    for place, value in (("oxygen", "1"), ("value_sets.x", "a|b"), ("site.x.y", "1")):
        with pytest.raises(ValueError, match=r"place|code is written|holds a value"):
            with_value(OVERLAY if place != "site.x.y" else "parameters: 5\n", place, value)


def test_the_mapping_doctor_puts_chosen_codes_into_the_overlay_and_lists_dismissed_ones_no_more(
    hospital: Hospital,
) -> None:
    def row(code: str, **more: Any) -> dict[str, Any]:
        return {
            "kind": "coding", "element": "Observation.code", "system": "urn:oid:1.2.3", "code": code, "text": "Calcium total",
            "times": 40, "patients": 12, "blinds": ["hypercalcaemia"], "like": ["calcium-total"], **more,
        }  # fmt: skip

    report = {"patients": 50, "rows": [row("Q77"), row("Q78", text="Lunch"), row("", kind="unit")]}
    ada = hospital.browser("ada")
    token = re.search(r'name="form_token" value="([^"]+)"', ada.get("mapping").text)
    assert token is not None

    def look(sent: bytes) -> TestResponse:
        data = {"form_token": token[1], "report": (io.BytesIO(sent), "report.json")}
        return ada.client.post(f"{HOME}mapping", data=data)

    listed = look(json.dumps(report).encode())
    assert (
        listed.text.count('name="key"') == 2
        and "hypercalcaemia" in listed.text
        and "<option>calcium-total" in listed.text
    )
    form = {
        "form_token": token[1],
        "key": ["urn:oid:1.2.3|Q77|Calcium total", "urn:oid:1.2.3|Q78|Lunch"],
        "set": ["calcium-total", "dismiss"],
    }
    taken = ada.client.post(f"{HOME}mapping/accept", data=form)
    assert taken.status_code == 200 and "the value set calcium-total has" in taken.text, taken.text
    assert "mapped by Ada Example" in taken.text and hospital.overlay.read_text() == OVERLAY
    assert look(json.dumps(report).encode()).text.count('name="key"') == 1
    assert look(b"[]").status_code == 422


# --- the hospital's own log-in


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """A small OpenID provider: it lets ``ada`` in, checks PKCE and the client's secret, and signs with its key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    app, codes, base = Flask("provider"), {}, ""

    @app.get("/.well-known/openid-configuration")
    def metadata() -> Any:
        ends = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        return jsonify({"issuer": base} | {name: base + path for name, path in ends.items()})

    @app.get("/authorize")
    def authorize() -> Any:
        codes["code-1"] = dict(request.args)
        return redirect(
            f"{request.args['redirect_uri']}?{urlencode({'code': 'code-1', 'state': request.args['state']})}"
        )

    @app.post("/token")
    def token() -> Any:
        asked = codes.pop(request.form["code"])
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        right = create_s256_code_challenge(request.form["code_verifier"]) == asked["code_challenge"]
        authorized = request.authorization
        if not right or authorized is None or authorized.password != "client-secret":
            return jsonify({"error": "invalid_grant"}), 400
        now = int(time.time())
        claims = {
            "iss": base,
            "aud": "committee",
            "sub": "42",
            "name": "Ada of the Hospital",
            "groups": ["oncology-board"],
        }
        claims |= {"exp": now + 60, "iat": now, "nonce": asked["nonce"]}
        signed = jwt.encode(claims, key, algorithm="RS256", headers={"kid": "k1"})
        return jsonify({"access_token": "x", "token_type": "Bearer", "id_token": signed})

    @app.get("/keys")
    def keys() -> Any:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
        return jsonify({"keys": [public | {"kid": "k1", "use": "sig", "alg": "RS256"}]})

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = make_server("127.0.0.1", 0, app, handler_class=Quiet)
    base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield base
    server.shutdown()
    thread.join()
    server.server_close()


def test_there_is_one_way_in_so_that_nobody_is_two_people(tmp_path: Path) -> None:
    login = {"oidc_issuer": "https://id.example", "oidc_client_id": "committee", "oidc_client_secret": "client-secret"}
    with pytest.raises(ValidationError, match="CDS_ACCOUNTS or CDS_OIDC_ISSUER, not both"):
        settings_in(tmp_path, accounts=tmp_path / "accounts.yaml", **login)


@pytest.mark.parametrize(("group", "inside"), [("oncology-board", True), ("pharmacy", False)])
def test_people_log_in_with_the_hospitals_account_when_they_are_of_the_group(
    provider: str, tmp_path: Path, group: str, inside: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    login = {"oidc_issuer": provider, "oidc_client_id": "committee", "oidc_client_secret": "client-secret"}
    made = Hospital(tmp_path, settings_in(tmp_path, oidc_group=group, public_base_url="http://localhost", **login))
    browser = made.browser()
    sent = browser.get("oidc")
    assert sent.headers["Location"].startswith(f"{provider}/authorize?")
    back = urlsplit(requests.get(sent.headers["Location"], allow_redirects=False, timeout=5).headers["Location"])
    assert parse_qs(back.query)["code"] == ["code-1"]
    arrived = browser.client.get(f"{back.path}?{back.query}", base_url="http://localhost")
    assert (arrived.status_code == 303) is inside, arrived.text
    assert ("Ada of the Hospital" in browser.get().text) is inside
    again = browser.client.get(f"{back.path}?{back.query.replace('state=', 'state=x')}", base_url="http://localhost")
    assert again.status_code == 401
    made.made.close()
