"""SMART App Launch 2: from the record's launch, or standalone in development, over its authorisation to an open view."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from authlib.common.security import generate_token
from flask import Blueprint, Response, redirect, request, url_for

from cds_service.service import clock
from cds_service.service.application import LAUNCH, STANDALONE
from cds_service.service.auth.replay import ReplayStore
from cds_service.view.apps import App, key_set
from cds_service.view.oauth import Granted, LaunchRefused, SmartClient
from cds_service.view.session import LAUNCH_SECONDS, Cookies, Pending, Session
from cds_service.view.visits import note_session

CALLBACK = "/smart/callback"
_USED = "smart-launch"


@dataclass(frozen=True, slots=True)
class Launches:
    """What launches are judged and carried out with."""

    apps: Mapping[str, App]
    client: SmartClient
    cookies: Cookies
    used: ReplayStore
    prefix: str = ""
    """Path of the public base URL, which a proxy may or may not take off before it calls us."""
    standalone: App | None = None
    """The record of whoever comes without a launch, in development."""

    def address(self, endpoint: str, **values: Any) -> str:
        """The path of a page as the browser knows it."""
        return self.prefix + url_for(endpoint, **values).removeprefix(request.script_root)

    @property
    def frames(self) -> tuple[str, ...]:
        """Origins that may show the view in a frame."""
        return tuple(dict.fromkeys(origin for app in self.apps.values() for origin in app.framed_by))


def add_launch(pages: Blueprint, launches: Launches) -> None:
    """Add the routes of the launch."""

    @pages.get(LAUNCH)
    def launch() -> Response:
        app = launches.apps.get(request.args.get("iss", "").rstrip("/"))
        handle = request.args.get("launch", "")
        if app is None:
            raise LaunchRefused("This record is not registered here, so the view is not shown to it.", 403)
        if not handle:
            raise LaunchRefused("The record gave no launch to go on with. Launch the view from a patient's chart.")
        return _begin(launches, app, handle)

    @pages.get(STANDALONE)
    def alone() -> Response:
        if launches.standalone is None:
            raise LaunchRefused("The view is launched from a patient's chart.", 404)
        return _begin(launches, launches.standalone, None, request.args.get("card", "")[:64])

    @pages.get(CALLBACK)
    def callback() -> Response:
        state = request.args.get("state", "")
        pending = launches.cookies.pending(request, state)
        over = clock.now() + timedelta(seconds=LAUNCH_SECONDS)
        if pending is None or not launches.used.first_use(_USED, hashlib.sha256(state.encode()).hexdigest(), over):
            raise LaunchRefused("This launch was not begun in this browser, or was used before. Launch it again.", 403)
        code = request.args.get("code", "")
        if request.args.get("error") or not code:
            raise LaunchRefused("The record did not allow access, so the view cannot be shown.", 403)
        app = launches.apps[pending.iss]
        server = launches.client.discover(app)
        granted = launches.client.redeem(app, server, code=code, nonce=pending.nonce, verifier=pending.verifier)
        return _opened(launches, app, pending, granted)

    @pages.get("/smart/jwks.json")
    def keys() -> Mapping[str, object]:
        return key_set(launches.client.key)


def _begin(launches: Launches, app: App, handle: str | None, card: str = "") -> Response:
    server = launches.client.discover(app)
    pending = Pending(app.iss, generate_token(32), generate_token(32), generate_token(64), card)
    url = launches.client.authorize(
        app, server, state=pending.state, nonce=pending.nonce, verifier=pending.verifier, launch=handle, write=True
    )
    response = _to(url)
    launches.cookies.keep_pending(response, pending, launches.address(".callback"), framed=bool(app.framed_by))
    return response


def _opened(launches: Launches, app: App, pending: Pending, granted: Granted) -> Response:
    lasts = min(granted.seconds, launches.cookies.minutes * 60)
    session = Session(
        app.iss,
        granted.token,
        granted.scope,
        granted.patient,
        granted.encounter,
        granted.user,
        granted.card or pending.card,
        int(time.time()) + lasts,
    )
    note_session(session, app)
    address = launches.address(".view", name=secrets.token_urlsafe(12))
    response = _to(address)
    if not launches.cookies.keep(response, session, address, framed=bool(app.framed_by)):
        raise LaunchRefused("The record's access token is too long to be kept in cookies.", 502)
    launches.cookies.forget_pending(response, pending.state, launches.address(".callback"))
    return response


def _to(url: str) -> Response:
    response = redirect(url, 303)
    assert isinstance(response, Response)
    return response
