"""The page, its files and the questions that it asks of the server: all below ``/playground``, and the page at ``/``."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import msgspec
from flask import Blueprint, Response, render_template, request, url_for

from cds_service import __version__
from cds_service.chart.needs import KEYS
from cds_service.hooks.request import RequestError
from cds_service.service import clock
from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.service.body import read_json_body
from cds_service.service.consultation import Consultation
from cds_service.service.request_files import hook_request
from cds_service.service.store import Store, StoreUnavailable
from cds_service.terminology.said import plain
from cds_service.view.page_headers import add_page_headers
from cds_service.workbench.playground import tuning
from cds_service.workbench.playground.asking import consult
from cds_service.workbench.playground.cohort import read_cohort
from cds_service.workbench.playground.dashboard import cards_behind, dashboard
from cds_service.workbench.playground.keys import DevelopmentKey, development_key
from cds_service.workbench.playground.patients import DemoPatients
from cds_service.workbench.playground.timeline import timeline
from cds_service.workbench.playground.validation import validate
from cds_service.workbench.playground.why import why

POLICY = "; ".join(
    (
        "default-src 'self'",
        # the page may call any CDS service that the user names: that is what it is for
        "connect-src 'self' http: https:",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        # no text becomes HTML, whatever a library might do: the browser refuses
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
"""Content security policy of the page."""

_LARGEST = 16 * 1024 * 1024
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".txt": "text/plain"}


@dataclass(slots=True)
class Workspace:
    """What the pages work with. ``folder`` keeps the development key."""

    advisor: KnowledgeAdvisor
    patients: DemoPatients
    store: Store
    folder: Path
    authentication: str = "off"
    _key: DevelopmentKey | None = None
    _cohort: list[tuning.CohortPatient] | None = None
    _lock: Lock = field(default_factory=Lock)

    @property
    def key(self) -> DevelopmentKey:
        """The development key, read or made at its first use."""
        with self._lock:
            if self._key is None:
                self._key = development_key(self.folder)
            return self._key

    @property
    def cohort(self) -> list[tuning.CohortPatient]:
        """The demonstration patients as cases, read once."""
        with self._lock:
            if self._cohort is None:
                self._cohort = list(read_cohort(self.advisor, self.patients.by_name.values()))
            return self._cohort


def playground(workspace: Workspace) -> Blueprint:
    """Make the routes of the page."""
    pages = Blueprint("playground", __name__, static_folder=None, template_folder="templates")
    _add_page(pages, workspace)
    _add_questions_about_a_call(pages, workspace)
    _add_other_questions(pages, workspace)

    add_page_headers(pages, POLICY)

    @pages.errorhandler(StoreUnavailable)
    def store_away(error: StoreUnavailable) -> Response:
        return _json({"problem": f"The store cannot be reached ({error.cause})."}, 503)

    @pages.errorhandler(RequestError)
    def wrong(error: RequestError) -> Response:
        return _json({"problem": f"{error.path}: {error.message}" if error.path else error.message}, error.status)

    return pages


def _add_page(pages: Blueprint, workspace: Workspace) -> None:
    static = Path(__file__).parent / "static"
    shipped = {path.relative_to(static).as_posix(): path for path in sorted(static.rglob("*")) if path.is_file()}

    @pages.get("/")
    def page() -> str:
        return render_template("playground.html", version=__version__, home=url_for("playground.page"))

    @pages.get("/playground/static/<path:name>")
    def file(name: str) -> Response:
        path = shipped.get(name)
        if path is None:
            return _json({"problem": "There is no such file"}, 404)
        response = Response(path.read_bytes(), content_type=f"{_TYPES.get(path.suffix, 'text/plain')}; charset=utf-8")
        response.headers["Cache-Control"] = "no-cache"
        return response

    @pages.get("/playground/api/start")
    def start() -> Response:
        knowledge = workspace.advisor.knowledge
        return _json(
            {
                "version": __version__,
                "knowledge": knowledge.version,
                "site": knowledge.site,
                "origins": list(knowledge.origins),
                "authentication": workspace.authentication,
                "services": json.loads(msgspec.json.encode(workspace.advisor.services)),
                "needs": {key: wanted.need for key, wanted in KEYS.items()},
                "patients": [
                    {"name": one.name, "about": one.about, "hook": one.hook, "topics": one.topics}
                    for one in workspace.patients.by_name.values()
                ],
                "base": request.url_root.rstrip("/"),
                "fhir": request.url_root.rstrip("/") + "/fhir",
                "issuer": request.url_root.rstrip("/"),
            }
        )

    @pages.get("/playground/api/requests/<patient>/<service>")
    def request_of(patient: str, service: str) -> Response:
        found = [one for one in workspace.advisor.knowledge.services.values() if one.id == service]
        if not found or patient not in workspace.patients.by_name:
            return _json({"problem": "There is no such patient or service"}, 404)
        hook = request.args.get("hook", found[0].hook)
        fhir = request.url_root.rstrip("/") + "/fhir"
        return _json(workspace.patients.request(patient, hook, found[0].prefetch, fhir))


def _add_questions_about_a_call(pages: Blueprint, workspace: Workspace) -> None:
    knowledge = workspace.advisor.knowledge

    def consulted(body: dict[str, Any]) -> Consultation:
        return consult(workspace.advisor, str(body.get("service", "")), body.get("request"))

    @pages.post("/playground/api/open")
    def open_file() -> Response:
        """A user's file as a hook request: one as it is, a Bundle of one patient made into one."""
        body = _body()
        made = hook_request(str(body.get("text", "")).encode(), str(body.get("hook", "patient-view")))
        return Response(made, content_type="application/json")

    @pages.post("/playground/api/explain")
    def explain_call() -> Response:
        found = consulted(_body())
        explained = why(found)
        return _json({**explained, "chart": timeline(found.case, found.verdicts, knowledge)})

    @pages.post("/playground/api/tune")
    def tune() -> Response:
        body = _body()
        changes = _changes(body)
        progress: dict[str, Any] = {"cohort": tuning.on_cohort(workspace.cohort, knowledge, changes)}
        if body.get("request"):
            progress["patient"] = tuning.on_patient(consulted(body), changes)
        return _json(progress)

    @pages.post("/playground/api/curve")
    def curve() -> Response:
        body = _body()
        return _json(tuning.curve(workspace.cohort, knowledge, str(body.get("parameter", "")), _changes(body)))


def _add_other_questions(pages: Blueprint, workspace: Workspace) -> None:
    knowledge = workspace.advisor.knowledge

    @pages.post("/playground/api/sign")
    def sign() -> Response:
        body = _body()
        url, issuer = str(body.get("url", "")), str(body.get("issuer", ""))
        if urlsplit(url).scheme not in {"http", "https"}:
            raise RequestError("must be the http or https address that is called", "url")
        token = workspace.key.token(url, issuer or request.url_root.rstrip("/"), _key_set_url(), clock.now())
        return _json({"token": token, "kid": workspace.key.kid})

    @pages.get("/playground/jwks.json")
    def key_set() -> Response:
        return _json(workspace.key.key_set)

    @pages.get("/playground/api/parameters")
    def parameters() -> Response:
        return _json({"cards": tuning.parameters_of(knowledge)})

    @pages.post("/playground/api/overlay")
    def overlay() -> Response:
        body = _body()
        site = str(body.get("site") or "our-site")
        return _json({"yaml": tuning.overlay(knowledge, _changes(body), site)})

    @pages.get("/playground/api/dashboard")
    def figures() -> Response:
        weeks = request.args.get("weeks", default=8, type=int)
        return _json(dashboard(workspace.store, clock.now(), min(max(weeks, 1), 104), workspace.advisor.not_understood))

    @pages.get("/playground/api/dashboard/cards/<topic>")
    def cards(topic: str) -> Response:
        weeks = request.args.get("weeks", default=8, type=int)
        return _json(cards_behind(workspace.store, clock.now(), min(max(weeks, 1), 104), topic))

    @pages.post("/playground/api/validate")
    def check() -> Response:
        return _json(validate(str(_body().get("text", ""))))


def _key_set_url() -> str:
    return request.url_root.rstrip("/") + url_for("playground.key_set").removeprefix(request.script_root)


def _body() -> dict[str, Any]:
    """The JSON object that the page sent; raises :class:`RequestError` or ``Refusal``."""
    try:
        body = msgspec.json.decode(read_json_body(request.environ, _LARGEST))
    except (msgspec.DecodeError, RecursionError):
        raise RequestError("The body is not JSON") from None
    if not isinstance(body, dict):
        raise RequestError("The body is no object")
    return body


def _changes(body: dict[str, Any]) -> dict[str, str]:
    changes = body.get("changes") or {}
    if not isinstance(changes, dict):
        raise RequestError("must be an object of values by topic.parameter", "changes")
    return {str(key): str(value) for key, value in changes.items()}


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value, enc_hook=plain), status, content_type="application/json")
