"""The view in the frame of a record on another site, over https and behind our proxy, in a browser without third-party cookies."""

from __future__ import annotations

import secrets
import shutil
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from flask import Flask, Response, jsonify, request
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from cds_service.service import clock
from cds_service.service.application import application, prepare
from cds_service.service.auth.replay import LocalReplay
from cds_service.service.fast_path import WsgiApp
from cds_service.service.settings import Settings
from cds_service.view import CALLBACK
from cds_service.workbench.demonstration import demonstration
from cds_service.workbench.fixture_files import fixtures_folder
from cds_service.workbench.playground import DemoPatients, SmartServer, fhir_server, smart_server
from cds_service.workbench.playground.keys import DevelopmentKey, development_key
from tests.conftest import ARGUMENTS
from tests.faults.production import nginx
from tests.service.test_tls import Authority
from tests.service.wire import free_port
from tests.view.conftest import CORD

LONG = 4500
"""Random bytes of an access token: 6 kB of text that nothing compresses, as large records give them."""
CLIENTS = """
clients:
  - name: Hospital
    iss: https://ehr.example.org
    jku: https://ehr.example.org/jwks.json
    smart: {{fhir_server: "{record}/fhir", client_id: patient-view, framed_by: ["{record}"]}}
"""


@contextmanager
def served(app: WsgiApp, port: int, tls: tuple[Path, Path] | None = None) -> Iterator[None]:
    context = None
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
    server = make_server("127.0.0.1", port, app, threaded=True, ssl_context=context)  # type: ignore[arg-type]  # an app it is
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield
    server.shutdown()


def record(base: str, service: str, key: DevelopmentKey) -> Flask:
    """A record that launches the view in a frame of the chart, and gives long access tokens."""
    app, patients = Flask("record"), DemoPatients(fixtures_folder(), clock.this_minute)
    authorisation = SmartServer.of(base, service + CALLBACK, patients, key, (b"of the record only",), LocalReplay())
    app.register_blueprint(fhir_server(patients))
    app.register_blueprint(smart_server(authorisation))

    @app.get("/playground/jwks.json")
    def keys() -> Response:
        return jsonify(key.key_set)

    @app.get("/chart")
    def chart() -> str:
        return f'<title>Chart</title><iframe src="{service}/smart/launch?{request.query_string.decode()}" width="400" height="800">'

    @app.after_request
    def lengthened(response: Response) -> Response:
        if request.path.endswith("/token"):
            given = response.get_json()
            response.set_data(jsonify(given | {"access_token": secrets.token_urlsafe(LONG)}).get_data())
        return response

    return app


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Addresses of the record and of another site that would frame the view, too."""
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
    folder = tmp_path_factory.mktemp("framed")
    authority, key = Authority(folder), development_key(folder)
    key_file = folder / "view-key.pem"
    form, bare = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    key_file.write_bytes(key.private.private_bytes(serialization.Encoding.PEM, form, bare))
    ehr, public, inner, other = (free_port() for _ in range(4))
    base, service = f"https://127.0.0.1:{ehr}", f"https://localhost:{public}"
    (folder / "clients.yaml").write_text(CLIENTS.format(record=base))
    settings = Settings.model_validate(
        {
            "development": False,
            "authentication": "required",
            "clients": folder / "clients.yaml",
            "public_base_url": service,
            "store_url": f"sqlite:///{folder}/store.sqlite3",
            "store_secret": "for-tests-only-1234",
            "knowledge_folder": folder / "knowledge",
            "view": True,
            "view_key": key_file,
            "fhir_networks": ["127.0.0.0/8"],
            "ca_bundle": authority.file,
        }
    )
    made, ehr_app, tls = (
        application(prepare(settings), demonstration),
        record(base, service, key),
        authority.sign("ehr"),
    )
    with ExitStack() as stack:
        stack.callback(made.close)
        stack.enter_context(served(made.wsgi, inner))
        stack.enter_context(served(ehr_app, ehr, tls))
        stack.enter_context(served(ehr_app, other, tls))
        stack.enter_context(nginx(folder, public, [inner, inner], authority))
        yield base, f"https://127.0.0.1:{other}"


def test_the_view_opens_in_the_record_s_own_frame_and_in_no_other(chromium: Browser, hospital: tuple[str, str]) -> None:
    base, elsewhere = hospital
    strict = chromium.browser_type.launch(
        executable_path=shutil.which("chromium"), args=(*ARGUMENTS, "--test-third-party-cookie-phaseout")
    )
    context = strict.new_context(ignore_https_errors=True)
    page = context.new_page()

    def chart(origin: str) -> str:
        answer = page.request.post(f"{base}/fhir/_services/smart/Launch", data={"parameters": {"patient": CORD}})
        return f"{origin}/chart?iss={base}/fhir&launch={answer.json()['launch_id']}"

    page.goto(chart(base))
    view = page.frame_locator("iframe")
    expect(view.locator("article.critical").first).to_contain_text("cord compression", timeout=20_000)
    view.get_by_role("link", name="Summary for the tumour board").click()
    expect(view.get_by_role("heading", name="Question to the board", exact=False)).to_be_visible(timeout=20_000)
    kept = [cookie for cookie in context.cookies() if cookie["name"].startswith("view")]
    assert len(kept) > 1 and sum(len(cookie["value"]) for cookie in kept) > 6000
    assert all(cookie["secure"] and cookie["httpOnly"] and cookie["sameSite"] == "None" for cookie in kept)
    assert all(cookie["partitionKey"].startswith("https://127.0.0.1") for cookie in kept)
    page.goto(chart(elsewhere))
    page.wait_for_load_state("networkidle")
    assert all("cord compression" not in frame.content() for frame in page.frames)
    strict.close()
