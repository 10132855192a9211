"""The routes of the view: the launch, the open view below an address of its own, and the files of the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from flask import Blueprint, Response, render_template, request
from joserfc.jwk import ECKey

from cds_service import __version__
from cds_service.engine.language import Language
from cds_service.engine.phrases import Phrases
from cds_service.engine.short_names import capitalised
from cds_service.service import clock
from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.service.application import Surroundings
from cds_service.service.consultation import Consultation
from cds_service.service.fhir_client.fetch import FhirFetcher, Limits
from cds_service.service.fhir_client.guard import destinations
from cds_service.terminology.said import plain
from cds_service.view import advice, disease
from cds_service.view.apps import App, apps_of, read_key
from cds_service.view.banner import banner
from cds_service.view.launch import CALLBACK, Launches, add_launch
from cds_service.view.oauth import LaunchRefused, SmartClient
from cds_service.view.page_headers import add_page_headers
from cds_service.view.reading import Reader
from cds_service.view.referral import document, referral
from cds_service.view.sealed import Seal
from cds_service.view.session import Cookies, Session
from cds_service.view.stability import NotAnAnswer, draft_observation, score_forms
from cds_service.view.timeline import timeline
from cds_service.view.trends import clearance, trends
from cds_service.view.visits import add_visits, note_advice, note_session
from cds_service.view.writing import Writer, may_write

READ_SECONDS, JUDGE_SECONDS = 15.0, 5.0
"""How long the record may take for all reads of one view, and we for judging them: somebody waits, unlike on a hook."""
_LIMITS = Limits(deadline_s=READ_SECONDS, pages=20, threads=32)
_ACCEPT = "Accept-Language"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_STATIC = Path(__file__).parent / "static"


def patient_view(surroundings: Surroundings, demo: App | None = None, demo_key: ECKey | None = None) -> Blueprint:
    """Make the routes. ``demo`` is the embedded record of a developer's service, ``demo_key`` signs where no key is set.

    Raises ``ValueError`` for a registration or key that cannot be used.
    """
    settings, secrets = surroundings.settings, surroundings.secrets
    apps = apps_of(surroundings.clients.all, *([demo] if demo else []))
    verify = str(settings.ca_bundle) if settings.ca_bundle else True
    key = read_key(settings.view_key) if settings.view_key else demo_key
    launches = Launches(
        apps,
        SmartClient(settings.base_url + CALLBACK, key, settings.development, verify),
        Cookies(
            Seal("smart launch", secrets),
            Seal("patient view", secrets),
            settings.base_url.startswith("https://"),
            settings.view_minutes,
        ),
        surroundings.used,
        settings.path_prefix,
        demo,
    )
    allowed = destinations(apps, networks=settings.fhir_networks, development=settings.development)
    fetcher = FhirFetcher(allowed, _LIMITS, ca_bundle=str(settings.ca_bundle) if settings.ca_bundle else None)
    reader = Reader.of(surroundings.advisor, fetcher, JUDGE_SECONDS)
    pages = Blueprint("view", __name__, static_folder=None, template_folder="templates")
    add_visits(pages, surroundings.store, settings.audit_patient_references)
    add_launch(pages, launches)
    _add_view(pages, launches, reader, surroundings)
    _add_referral(pages, launches, reader, surroundings)
    _add_sending(pages, launches, Writer(allowed, verify), surroundings)
    _add_manners(pages, launches, surroundings.advisor)
    return pages


def _add_view(pages: Blueprint, launches: Launches, reader: Reader, surroundings: Surroundings) -> None:
    zone = ZoneInfo(surroundings.settings.time_zone)

    @pages.get("/view/<name>/")
    def view(name: str) -> str:
        session = _opened(launches)
        consultation = _read(reader, session, zone)
        phrases = consultation.phrases
        since = advice.since_shown(consultation, surroundings.store, launches.apps[session.iss], session)
        return render_template(
            "view.html",
            patient=banner(consultation),
            since=since,
            cards=advice.advice(consultation, since),
            rules=advice.rules(consultation),
            trends=trends(consultation),
            clearance=clearance(consultation),
            timeline=timeline(consultation),
            lesions=disease.lesions(consultation),
            lesion_number=disease.lesion_number(consultation),
            treatments=disease.treatments(consultation),
            agents=disease.bone_agents(consultation),
            scores=score_forms(consultation),
            flags=advice.flags(consultation),
            may_send=may_write(session.scope),
            sources=advice.sources(consultation),
            gaps=advice.not_understood(consultation),
            knowledge=consultation.knowledge,
            read_at=phrases.at(consultation.moment),
            fact=lambda found: advice.fact_text(found, phrases),
            version=__version__,
        )


def _add_referral(pages: Blueprint, launches: Launches, reader: Reader, surroundings: Surroundings) -> None:
    zone = ZoneInfo(surroundings.settings.time_zone)

    def read() -> Consultation:
        return _read(reader, _opened(launches), zone)

    @pages.get("/view/<name>/mdt")
    def summary(name: str) -> str:
        return render_template("mdt.html", referral=referral(read()))

    @pages.get("/view/<name>/mdt.json")
    def fhir_document(name: str) -> Response:
        consultation = read()
        made = document(consultation, referral(consultation))
        return Response(msgspec.json.encode(made, enc_hook=plain), content_type="application/fhir+json")


def _add_sending(pages: Blueprint, launches: Launches, writer: Writer, surroundings: Surroundings) -> None:
    advisor, knowledge = surroundings.advisor, surroundings.advisor.knowledge
    zone = ZoneInfo(surroundings.settings.time_zone)

    @pages.post("/view/<name>/scores/<score>")
    def send(name: str, score: str) -> tuple[dict[str, str], int]:
        """Write a score that the user answered to the record, as a draft."""
        session = _opened(launches)
        if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin" or not request.is_json:
            raise LaunchRefused("This was not sent from the page.", 403)
        sent = request.get_json(silent=True)
        answers = {str(part): str(row) for part, row in sent.items()} if isinstance(sent, dict) else {}
        try:
            now, phrases = clock.now().astimezone(zone), Phrases.of(knowledge, language=_language(advisor))
            draft = draft_observation(knowledge, score, answers, session.patient, now, phrases)
            says, status = writer.create(session, draft)
        except NotAnAnswer as problem:
            says, status = problem.says, 400
        return {"says": phrases.word(says)}, status


def _opened(launches: Launches) -> Session:
    session = launches.cookies.session(request)
    if session is None or session.iss not in launches.apps:
        raise LaunchRefused("This view is over. Launch it again from the patient's chart.", 401)
    note_session(session, launches.apps[session.iss])
    return session


def _read(reader: Reader, session: Session, zone: ZoneInfo) -> Consultation:
    consultation = reader.read(session, clock.this_minute().astimezone(zone), request.headers.get(_ACCEPT, ""))
    note_advice(consultation)
    return consultation


def _add_manners(pages: Blueprint, launches: Launches, advisor: KnowledgeAdvisor) -> None:
    shipped = {path.name: path for path in sorted(_STATIC.iterdir()) if path.suffix in _TYPES}
    frames = " ".join(launches.frames) or "'none'"
    policy = "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {frames}",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )

    @pages.get("/smart/static/<name>")
    def file(name: str) -> Response:
        path = shipped.get(name)
        if path is None:
            raise LaunchRefused("There is no such file.", 404)
        response = Response(path.read_bytes(), content_type=f"{_TYPES[path.suffix]}; charset=utf-8")
        response.headers["Cache-Control"] = "no-cache"
        return response

    @pages.errorhandler(LaunchRefused)
    def refused(error: LaunchRefused) -> tuple[str, int]:
        return render_template("refused.html", refused=error.says, version=__version__), error.status

    @pages.context_processor
    def shared() -> dict[str, Any]:
        return _up() | _words(_language(advisor))

    add_page_headers(pages, policy)

    @pages.after_request
    def guard(response: Response) -> Response:
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.vary.add(_ACCEPT)
        return response


def _language(advisor: KnowledgeAdvisor) -> Language:
    """In which the page is written; what the language lacks stands in English."""
    return advisor.languages.accepted(request.headers.get(_ACCEPT, "")).at_any_rate


def _words(language: Language) -> dict[str, Any]:
    """What a template says its own words with."""
    return {
        "lang": language.tag,
        "say": language.say,
        "count": language.count,
        "word": language.word,
        "capitalised": capitalised,
    }


def _up() -> dict[str, str]:
    """The way up to the service's root, so that addresses of the page hold behind any proxy's prefix."""
    return {"root": "../" * (request.path.count("/") - 1) or "./"}
