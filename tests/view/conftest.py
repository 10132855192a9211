"""The whole service in this process, served on a socket, since the view calls the embedded record as it would a hospital's."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from werkzeug.serving import make_server

from cds_service.service.application import Application, application, prepare
from cds_service.service.settings import Settings
from cds_service.workbench.demonstration import demonstration
from tests.service.wire import free_port

CORD = "breast-bone-mets-leg-weakness"
HARD = "hard-patient-cord-calcium-kidneys"


@dataclass(frozen=True)
class Service:
    """A service that runs, and what an EHR's user does with it."""

    base: str
    made: Application

    def browser(self) -> requests.Session:
        """Something that keeps cookies as a browser does."""
        session = requests.Session()
        session.cookies.set_policy(DefaultCookiePolicy(strict_ns_domain=DefaultCookiePolicy.DomainLiberal))
        return session

    def handle(self, patient: str, card: str = "") -> str:
        """The record's handle of a launch."""
        parameters = {"patient": patient, "appContext": card}
        answer = requests.post(f"{self.base}/fhir/_services/smart/Launch", json={"parameters": parameters}, timeout=10)
        return str(answer.json()["launch_id"])

    def launch_url(self, patient: str, card: str = "") -> str:
        query = requests.models.PreparedRequest()
        query.prepare_url(
            f"{self.base}/smart/launch", {"iss": f"{self.base}/fhir", "launch": self.handle(patient, card)}
        )
        return str(query.url)

    def opened(self, patient: str, card: str = "", language: str = "") -> tuple[requests.Session, requests.Response]:
        """Launch the view in a browser of its own, set to a language, and give its page."""
        browser = self.browser()
        browser.headers["Accept-Language"] = language
        return browser, browser.get(self.launch_url(patient, card), timeout=30)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("view")) as found:
        yield found


@contextmanager
def running(folder: Path, **more: Any) -> Iterator[Service]:
    """Serve on a socket until the end, with a store in the folder."""
    port = free_port()
    settings = Settings(
        port=port,
        store_url=f"sqlite:///{folder}/store.sqlite3",
        store_secret="for-tests-only-1234",  # type: ignore[arg-type]  # pydantic reads it
        knowledge_folder=folder / "knowledge",
        **more,
    )
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # its lines would bury what a failure says
    made = application(prepare(settings), demonstration)
    server = make_server("localhost", port, made.wsgi, threaded=True)  # type: ignore[arg-type]  # an app it is
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Service(f"http://localhost:{port}", made)
    server.shutdown()
    made.close()


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
