"""A service with two hooks whose advice is a stub, for tests of the web part: as a WSGI app, or run as a real server."""

from __future__ import annotations

import sys
import time
from datetime import datetime

from cds_service.chart.wire import Prefetch
from cds_service.hooks import discovery
from cds_service.hooks.discovery import Service
from cds_service.hooks.request import Request, RequestError
from cds_service.hooks.response import Card, Response, Source
from cds_service.service.advice import Advice
from cds_service.service.auth.authenticate import AuthFailure
from cds_service.service.auth.caller import Caller
from cds_service.service.cors import Cors
from cds_service.service.endpoint import Authenticate, HookEndpoint, anybody
from cds_service.service.fast_path import FastPath, WsgiApp
from cds_service.service.handler import HookHandler
from cds_service.service.serve import run
from cds_service.service.settings import Settings
from cds_service.service.web import Feedback, create_app

LIMIT = 20_000
SERVICES = (
    Service(id="pv", hook="patient-view", description="One hook", title="PV"),
    Service(id="orders", hook="order-select", description="One id on two hooks"),
    Service(id="orders", hook="order-sign", description="One id on two hooks"),
)


class StubAdvisor:
    """Echoes the patient, the clock and what came in the prefetch; breaks when the patient is called so."""

    services = SERVICES

    def advise(
        self, service_id: str, request: Request[Prefetch], as_of: datetime, caller: Caller, accept_language: str = ""
    ) -> Advice:
        patient = request.context.patient
        if patient == "slow":
            print("slow: under way", file=sys.stderr, flush=True)
            time.sleep(1)
        if patient == "raises":
            raise KeyError("the name of a patient")
        if patient == "lacks-data":
            raise RequestError("needed, and not supplied", "prefetch.conditions", code="required", status=412)
        number = len(request.prefetch)
        card = Card(
            uuid=f"00000000-0000-5000-8000-{number:012}",
            summary="" if patient == "has-no-summary" else f"{request.hook} {patient} {as_of.isoformat()}",
            indicator="info",
            source=Source(label="Stub"),
        )
        return Advice(Response(cards=(card,)), "0")


def guarded(authorization: str | None, path: str, call: str) -> Caller | AuthFailure:
    """Let in who names the path called."""
    if authorization == f"Bearer {path}":
        return Caller("client", "https://client.example.org")
    return AuthFailure(401, 'Bearer realm="cds-services"', "missing", "login", "A token is required.")


def make(
    *,
    flask_only: bool = False,
    authenticate: Authenticate = anybody,
    feedback: Feedback | None = None,
    **settings: object,
) -> WsgiApp:
    """Make the WSGI app, with the direct way in front of Flask or without it."""
    chosen = Settings.model_validate({"max_body_bytes": LIMIT, **settings})
    endpoint = HookEndpoint(
        HookHandler(StubAdvisor(), development=chosen.development), chosen.max_body_bytes, authenticate
    )
    app = create_app(chosen, endpoint, discovery.encode(SERVICES), feedback=feedback)
    return app if flask_only else FastPath(app, endpoint, Cors(chosen.cors_origins), chosen.path_prefix)


if __name__ == "__main__":
    run(Settings(host="127.0.0.1", port=int(sys.argv[1]), workers=1, blocking_threads=8), make)
