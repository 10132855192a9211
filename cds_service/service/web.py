"""The Flask app: discovery, hook calls, feedback, health. Every error is an OperationOutcome, readable across origins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import HTTPException

from cds_service.hooks.request import RequestError
from cds_service.service.answer import HttpAnswer, Refusal, broken, refuse
from cds_service.service.auth.caller import Caller
from cds_service.service.bounds import place
from cds_service.service.cors import Cors
from cds_service.service.descriptions import descriptions
from cds_service.service.endpoint import INSIDE, SERVICES, HookEndpoint
from cds_service.service.handler import unknown_service
from cds_service.service.readiness import Readiness
from cds_service.service.settings import Settings

Feedback = Callable[[str, bytes, Caller], HttpAnswer]
"""Takes the service's id, the body and who sent it; answers when the feedback is durable."""

NOT_SHARED = frozenset({"playground", "view"})
"""Blueprints that no other origin may read."""


def create_app(
    settings: Settings,
    endpoint: HookEndpoint,
    services: bytes,
    *,
    feedback: Feedback | None = None,
    checks: Callable[[], Mapping[str, str]] = dict,
    notices: Callable[[], Sequence[str]] = tuple,
    pages: Iterable[Blueprint] = (),
) -> Flask:
    """Make the app. ``services`` is the encoded discovery answer; without ``feedback`` that endpoint answers 501.

    ``checks`` are what readiness rests on beside the calls, by name: ``ok``, or what is wrong, as a type's name. ``pages``
    are what a developer's installation shows besides; those named in :data:`NOT_SHARED` are for their own
    origin only.
    """
    app = Flask("cds_service", static_folder=None)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False  # it would answer with a redirect, which a preflight may not follow
    cors = Cors(settings.cors_origins)
    _add_protocol(app, endpoint, services, feedback)
    _add_health(app, settings, Readiness(endpoint.recent, checks), lambda: (*settings.notices, *notices()))
    _add_metrics(app, endpoint)
    _add_manners(app, endpoint, cors)
    app.register_blueprint(descriptions(services, settings.base_url))
    for page in pages:
        app.register_blueprint(page)
    return app


def _add_protocol(app: Flask, endpoint: HookEndpoint, services: bytes, feedback: Feedback | None) -> None:
    @app.get(SERVICES)
    def discover() -> Response:
        return _send(
            endpoint.guarded("discovery", request.environ, SERVICES, "", lambda caller: HttpAnswer(200, services))
        )

    @app.post(f"{SERVICES}/<service_id>")
    def call(service_id: str) -> Response:
        return _send(endpoint.call(service_id, request.environ))

    @app.post(f"{SERVICES}/<service_id>/feedback")
    def receive(service_id: str) -> Response:
        known = service_id if endpoint.handler.knows(service_id) else ""

        def take(caller: Caller) -> HttpAnswer:
            if not known:
                return unknown_service()
            if feedback is None:
                return refuse(501, "not-supported", "This installation keeps no feedback")
            with endpoint.body(request.environ, caller) as body, place(endpoint.bounds.feedback, caller.client):
                return feedback(service_id, body, caller)

        path = f"{SERVICES}/{service_id}/feedback"
        return _send(endpoint.guarded("feedback", request.environ, path, known, take))


def _add_health(app: Flask, settings: Settings, readiness: Readiness, notices: Callable[[], Sequence[str]]) -> None:
    @app.get("/health/live")
    def live() -> Response:
        return _send(HttpAnswer(200, b'{"status":"live"}'))

    @app.get("/health/ready")
    def ready() -> Response:
        # degraded is no 503: without its store the service still gives advice, and no node in rotation gives none
        state, checks = readiness.now()
        body: dict[str, Any] = {"status": state, "authentication": settings.authentication, "checks": checks}
        if noticed := notices():
            body["notices"] = noticed
        return _send(HttpAnswer(503 if state == "failing" else 200, msgspec.json.encode(body)))


def _add_metrics(app: Flask, endpoint: HookEndpoint) -> None:
    @app.get("/metrics")
    def metrics() -> Response:
        return Response(endpoint.meters.text(), 200, mimetype="text/plain")


def _add_manners(app: Flask, endpoint: HookEndpoint, cors: Cors) -> None:
    @app.before_request
    def answer_preflight() -> Response | None:
        return _send(cors.preflight()) if request.method == "OPTIONS" else None

    @app.after_request
    def open_to_browsers(response: Response) -> Response:
        own = request.blueprint in NOT_SHARED or request.path.startswith(INSIDE)
        for name, value in cors.headers(request.environ) if not own else ():
            response.headers.add(name, value)
        return response

    @app.errorhandler(Refusal)
    def refused(error: Refusal) -> Response:
        return _send(error.answer)

    @app.errorhandler(RequestError)
    def wrong(error: RequestError) -> Response:
        text = f"{error.path}: {error.message}" if error.path else error.message
        return _send(refuse(error.status, error.code, text, expression=error.path))

    @app.errorhandler(HTTPException)
    def no_such_thing(error: HTTPException) -> Response:
        status = error.code or 500
        headers = tuple((name, value) for name, value in error.get_headers() if name == "Allow")
        code = {404: "not-found", 405: "not-supported"}.get(status, "invalid" if status < 500 else "exception")
        return _send(refuse(status, code, error.name, headers=headers))

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        return _send(broken(error))


def _send(answer: HttpAnswer) -> Response:
    return Response(answer.body, answer.status, answer.all_headers)
