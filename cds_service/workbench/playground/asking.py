"""A request as the page sends it, worked through without being remembered."""

from __future__ import annotations

from typing import Any

import msgspec

from cds_service.chart.wire import Prefetch
from cds_service.hooks.request import Envelope, RequestError, RequestReader
from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.service.clock import this_minute
from cds_service.service.consultation import Consultation
from cds_service.service.handler import moment_of_request

_READER = RequestReader(Envelope[Prefetch])


def consult(advisor: KnowledgeAdvisor, service_id: str, body: Any) -> Consultation:
    """Work a request through; raises :class:`RequestError`."""
    hooks = {service.hook for service in advisor.services if service.id == service_id}
    if not hooks:
        raise RequestError("There is no such service here", "service", code="not-found", status=404)
    request = _READER.read(msgspec.json.encode(body), hooks)
    return advisor.consult(service_id, request, moment_of_request(request) or this_minute())
