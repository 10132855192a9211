"""Logging in to committee mode, by a local account or the hospital's identity provider, and logging out."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from itsdangerous import BadSignature
from werkzeug.wrappers import Response as AnyResponse

from cds_service.service.throttle import address_of
from cds_service.workbench.committee.accounts import Person
from cds_service.workbench.committee.provider import NoLogin
from cds_service.workbench.committee.room import CommitteeRoom

_KEPT, _KEPT_SECONDS = "cds_committee_login", 600
"""Cookie of a log-in at the provider that is under way, and for how long it is good."""
_LONGEST_NAME = 200


def add_log_in(pages: Blueprint, room: CommitteeRoom) -> None:
    """Add the routes of logging in by password or by the hospital's provider, and of logging out."""

    @pages.get("/login")
    def log_in() -> str:
        return _form(room)

    @pages.post("/login")
    def enter() -> AnyResponse:
        found: list[Person] = []
        name, password = (request.form.get(field, "") for field in ("name", "password"))

        def is_right() -> bool:
            if room.accounts is not None:
                person = room.accounts.find(name, password)
                found.extend([person] if person else [])
            return bool(found)

        verdict = room.tries.attempt(is_right, address_of(request.environ), name[:_LONGEST_NAME])
        if verdict is None:
            room.note(found[0], "log-in", 200)
            return _entered(room, found[0])
        status = 429 if verdict else 401
        room.note(None, "log-in", status)
        wait = f" Wait {int(verdict) + 1} seconds." if verdict else ""
        return make_response(_form(room, f"Name or password is wrong.{wait}"), status)

    @pages.post("/logout")
    def log_out() -> AnyResponse:
        room.sender()
        response = redirect(url_for("committee.log_in"), 303)
        room.sessions.end(response)  # type: ignore[arg-type]
        return response

    @pages.get("/oidc")
    def go_to_provider() -> AnyResponse:
        if room.provider is None:
            return redirect(url_for("committee.log_in"), 303)
        try:
            url, kept = room.provider.begin()
        except (NoLogin, OSError, ValueError, KeyError) as error:
            return make_response(_form(room, f"The hospital's log-in is away ({type(error).__name__})."), 502)
        response = redirect(url, 303)
        room.sessions.keep(response, _KEPT, room.sessions.sealed(kept), _KEPT_SECONDS)  # type: ignore[arg-type]
        return response

    @pages.get("/oidc/back")
    def back_from_provider() -> AnyResponse:
        try:
            if room.provider is None:
                raise NoLogin("no provider is set up")
            kept = room.sessions.unsealed(request.cookies.get(_KEPT, ""), _KEPT_SECONDS)
            person = room.provider.end(request.url, kept)
        except (NoLogin, BadSignature, OSError) as error:
            room.note(None, "log-in", 401)
            said = str(error) if isinstance(error, NoLogin) else "it took too long, or did not begin here"
            return make_response(_form(room, f"Not logged in: {said}."), 401)
        room.note(person, "log-in", 200)
        return _entered(room, person)


def _form(room: CommitteeRoom, problem: str = "") -> str:
    return render_template(
        "committee/log_in.html", problem=problem, local=room.accounts is not None, provider=room.provider is not None
    )


def _entered(room: CommitteeRoom, person: Person) -> AnyResponse:
    response = redirect(url_for("committee.overlay"), 303)
    room.sessions.begin(response, person)  # type: ignore[arg-type]
    return response
