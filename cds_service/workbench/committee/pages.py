"""The pages of committee mode: change the overlay, see what that does, propose, sign, promote, roll back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from cds_service.authoring.committee_pack import proposal_pack
from cds_service.knowledge.cards import Knowledge
from cds_service.knowledge.errors import KnowledgeError
from cds_service.service import clock
from cds_service.simulation.changes import changes
from cds_service.view.page_headers import add_page_headers
from cds_service.workbench.committee.approval import ApprovalWorkflow, NotAllowed
from cds_service.workbench.committee.editing import places, with_value
from cds_service.workbench.committee.effect import MOST_SHOWN, Effect, effect, silent_record
from cds_service.workbench.committee.history import Act
from cds_service.workbench.committee.log_in import add_log_in
from cds_service.workbench.committee.mapping import MOST, Dismissed, accepted, read_report
from cds_service.workbench.committee.room import CommitteeRoom, NotLoggedIn
from cds_service.workbench.committee.sessions import Session

POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; img-src 'self'"
)
DISMISS = "dismiss"
"""Chosen for a code that concerns no card."""
_STYLE = Path(__file__).parent / "style.css"
_FORM_LIMIT = 2 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Preview:
    """An overlay and what it would do."""

    differences: tuple[str, ...]
    effect: Effect
    version: str
    silent: tuple[str, ...]
    whose: str


def committee(room: CommitteeRoom) -> Blueprint:
    """Make the routes, all below ``/committee``."""
    pages = Blueprint("committee", __name__, template_folder="templates", url_prefix="/committee")
    add_log_in(pages, room)
    _add_overlay(pages, room)
    _add_mapping(pages, room)
    _add_proposals(pages, room)

    @pages.get("/style.css")
    def style() -> Response:
        return Response(_STYLE.read_bytes(), content_type="text/css; charset=utf-8")

    @pages.before_request
    def bounded() -> None:
        request.max_content_length = _FORM_LIMIT
        request.max_form_memory_size = _FORM_LIMIT

    add_page_headers(pages, POLICY, referrer="same-origin")

    @pages.errorhandler(NotLoggedIn)
    def outside(_: NotLoggedIn) -> AnyResponse:
        return redirect(url_for("committee.log_in"), 303)

    return pages


def _add_overlay(pages: Blueprint, room: CommitteeRoom) -> None:
    @pages.get("/")
    def overlay() -> str:
        return _overlay(room, room.session(), room.workflow.text())

    @pages.post("/try")
    def try_it() -> AnyResponse:
        session, text = room.sender(), request.form.get("text", "").replace("\r\n", "\n")
        place, value, why = (request.form.get(name, "").strip() for name in ("place", "value", "why"))
        try:
            if place:
                text = with_value(text, place, value, why)
            preview = _preview(room, text)
        except (KnowledgeError, ValueError) as error:
            asked = {"place": place, "value": value, "why": why}
            written = request.form.get("text", "")
            return make_response(_overlay(room, session, written, problems=str(error).splitlines(), asked=asked), 422)
        return make_response(_overlay(room, session, text, preview=preview))

    @pages.post("/propose")
    def propose() -> AnyResponse:
        session, text = room.sender(), request.form.get("text", "").replace("\r\n", "\n")
        try:
            act = room.workflow.propose(session.person, text, request.form.get("reason", ""), clock.now())
        except (KnowledgeError, NotAllowed) as error:
            room.note(session.person, "propose", 422)
            return make_response(_overlay(room, session, text, problems=str(error).splitlines()), 422)
        room.note(session.person, "propose", 200)
        return redirect(url_for("committee.proposal", number=act.number), 303)


def _add_mapping(pages: Blueprint, room: CommitteeRoom) -> None:
    dismissed = Dismissed(room.workflow.releases.folder / "dismissed-codes.json")

    @pages.get("/mapping")
    def mapping() -> str:
        return render_template("committee/mapping.html", session=room.session(), rows=None, sets=(), problem="")

    @pages.post("/mapping")
    def look() -> AnyResponse:
        session, sent, rows, problem = room.sender(), request.files.get("report"), None, ""
        try:
            found = read_report(sent.read() if sent else b"")
            put_aside = dismissed.keys()
            rows = [row for row in found if row.key not in put_aside][:MOST]
        except ValueError as error:
            problem = str(error)
        sets = sorted(room.workflow.knowledge(room.workflow.text()).codebook.sets)
        page = render_template("committee/mapping.html", session=session, rows=rows, sets=sets, problem=problem)
        return make_response(page, 422 if problem else 200)

    @pages.post("/mapping/accept")
    def accept() -> AnyResponse:
        session, keys, chosen = room.sender(), request.form.getlist("key"), request.form.getlist("set")
        pairs = list(zip(keys, chosen, strict=False))
        dismissed.add(key for key, value_set in pairs if value_set == DISMISS)
        wanted = [(key, value_set) for key, value_set in pairs if value_set not in {"", DISMISS}]
        text = room.workflow.text()
        try:
            systems = room.workflow.knowledge(text).codebook.systems
            text = accepted(text, wanted, systems, session.person.called)
            preview = _preview(room, text)
        except (KnowledgeError, ValueError) as error:
            return make_response(_overlay(room, session, text, problems=str(error).splitlines()), 422)
        return make_response(_overlay(room, session, text, preview=preview))


def _add_proposals(pages: Blueprint, room: CommitteeRoom) -> None:
    @pages.get("/proposals/<int:number>")
    def proposal(number: int) -> AnyResponse:
        return make_response(_proposal(room, room.session(), number))

    @pages.post("/proposals/<int:number>/<act>")
    def decide(number: int, act: str) -> AnyResponse:
        session, reason = room.sender(), request.form.get("reason", "")
        acts = {
            "sign": room.workflow.sign,
            "refuse": room.workflow.refuse,
            "promote": room.workflow.promote,
            "roll-back": room.workflow.roll_back,
        }
        try:
            if act not in acts:
                raise NotAllowed("There is no such act.")
            acts[act](session.person, number, reason, clock.now())
        except (NotAllowed, KnowledgeError, OSError, LookupError) as error:
            room.note(session.person, act if act in acts else "?", 409)
            return make_response(_proposal(room, session, number, str(error)))
        room.note(session.person, act, 200)
        return redirect(url_for("committee.proposal", number=number), 303)

    @pages.get("/proposals/<int:number>/pack.html")
    def pack(number: int) -> AnyResponse:
        room.session()
        found = room.workflow.history.proposal(number)
        if found is None:
            return make_response("There is no such proposal.", 404)
        acts = [(act.at, act.called, act.did, act.reason) for act in found.acts]
        old, new = _sides(room, found.made.text, found.acts)
        differences = [str(one) for one in changes(old, new)]
        response = make_response(
            proposal_pack(number, found.made.called, found.made.reason, differences, acts, found.made.text)
        )
        response.headers["Content-Disposition"] = f'attachment; filename="proposal-{number}.html"'
        return response


def _sides(room: CommitteeRoom, text: str, acts: Sequence[Act] = ()) -> tuple[Knowledge, Knowledge]:
    """The knowledge before and after: of a promoted proposal as it was then, else against what is in force."""
    before = next((act.text for act in acts if act.did == "promoted"), None)
    return room.workflow.knowledge(room.workflow.text() if before is None else before), room.workflow.knowledge(text)


def _preview(room: CommitteeRoom, text: str, acts: Sequence[Act] = ()) -> Preview:
    old, new = _sides(room, text, acts)
    differences = tuple(str(one) for one in changes(old, new))
    lines = tuple(line.sentence for line in silent_record(room.store, new))
    return Preview(differences, effect(old, new, room.patients()), new.version, lines, room.whose)


def _overlay(
    room: CommitteeRoom,
    session: Session,
    text: str,
    *,
    preview: Preview | None = None,
    problems: Sequence[str] = (),
    asked: Mapping[str, str] = MappingProxyType({}),
) -> str:
    return render_template(
        "committee/overlay.html",
        session=session,
        file=room.workflow.file.name,
        text=text,
        preview=preview,
        problems=problems,
        asked=asked,
        places=_places(room.workflow),
        proposals=room.workflow.history.proposals(),
        most=MOST_SHOWN,
    )


def _places(workflow: ApprovalWorkflow) -> Sequence[tuple[str, str]]:
    try:
        return tuple(places(workflow.knowledge(workflow.text())))
    except KnowledgeError:  # the page is there to mend the overlay
        return ()


def _proposal(room: CommitteeRoom, session: Session, number: int, problem: str = "") -> tuple[str, int]:
    found = room.workflow.history.proposal(number)
    if found is None:
        return _overlay(
            room, session, room.workflow.text(), problems=[problem or f"There is no proposal {number}."]
        ), 404
    try:
        preview = _preview(room, found.made.text, found.acts)
    except KnowledgeError as error:  # the card files have changed since
        preview, problem = None, problem or str(error)
    own = found.made.who == session.person.name
    body = render_template(
        "committee/proposal.html",
        session=session,
        proposal=found,
        preview=preview,
        problem=problem,
        own=own,
        may_sign="sign" in session.person.may,
        most=MOST_SHOWN,
    )
    return body, 409 if problem else 200
