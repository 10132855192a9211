"""``POST /admin/explain/<service>``: the running service says what each red flag rests on, and why each rule spoke or not."""

from __future__ import annotations

import json

from flask import Blueprint, Response, request

from cds_service.chart.wire import Prefetch
from cds_service.hooks.contexts import CONTEXTS
from cds_service.hooks.request import Envelope, RequestReader
from cds_service.service import clock
from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.service.answer import HttpAnswer, refuse
from cds_service.service.body import read_json_body
from cds_service.service.explanation import explanation
from cds_service.service.handler import moment_of_request
from cds_service.service.operators import Operators


def explaining(operators: Operators, advisor: KnowledgeAdvisor, most_bytes: int, development: bool) -> Blueprint:
    """Serve it to operators; in development, without any operator's token, to anybody. Nothing is recorded as shown."""
    pages = Blueprint("explaining", __name__)
    reader = RequestReader(Envelope[Prefetch])

    @pages.post("/admin/explain/<service_id>")
    def explain_call(service_id: str) -> Response:
        answer = operators.admit(request.environ) if operators.exist else None
        if answer is None:
            answer = explained(service_id)
            operators.acted(request.path, answer.status)
        return Response(answer.body, answer.status, answer.all_headers)

    def explained(service_id: str) -> HttpAnswer:
        asked = reader.read(read_json_body(request.environ, most_bytes), CONTEXTS)
        if (service_id, asked.hook) not in advisor.knowledge.services:
            return refuse(404, "not-found", f"There is no CDS service {service_id!r} for the hook {asked.hook!r} here")
        moment = (moment_of_request(asked) if development else None) or clock.this_minute()
        return HttpAnswer(200, json.dumps(explanation(advisor.consult(service_id, asked, moment))).encode())

    return pages
