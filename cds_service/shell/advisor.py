"""From a hook call that was read to its answer: the chart, the rules, the cards."""

from __future__ import annotations

from datetime import datetime

from msgspec import UNSET

from cds_service.chart.meanings import Meanings
from cds_service.chart.read_fhir import read_case
from cds_service.chart.reading import Circumstances
from cds_service.chart.wire import Prefetch
from cds_service.engine.evaluate import evaluate
from cds_service.engine.respond import respond
from cds_service.hooks import discovery
from cds_service.hooks.request import Request
from cds_service.hooks.response import Response
from cds_service.knowledge.cards import Knowledge, Service

KNOWLEDGE = "org.cds-service.knowledge"
"""Discovery extension that names the knowledge in force."""


class KnowledgeAdvisor:
    """Advises by one loaded knowledge. Safe for many threads: calls share nothing but the memory of code meanings."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self._meanings = Meanings(knowledge.codebook)

    @property
    def services(self) -> tuple[discovery.Service, ...]:
        """The discovery entries."""
        return tuple(self._entry(service) for service in self.knowledge.services.values())

    def advise(self, service_id: str, request: Request[Prefetch], as_of: datetime) -> Response:
        """Read the chart, ask the rules of the service, and write the answer."""
        context = request.context
        circumstances = circumstances_of(request, as_of)
        case = read_case(request.prefetch, circumstances, self._meanings)
        verdicts = evaluate(case, self.knowledge.services[service_id, request.hook].cards)
        answer = respond(
            case, verdicts, self.knowledge, hook_instance=request.hook_instance, patient_id=context.patient
        )
        return answer.response

    def _entry(self, service: Service) -> discovery.Service:
        version = {"version": self.knowledge.version} | ({"site": self.knowledge.site} if self.knowledge.site else {})
        return discovery.Service(
            id=service.id,
            hook=service.hook,
            title=service.title or UNSET,
            description=service.description,
            usage_requirements=service.usage_requirements or UNSET,
            prefetch=dict(service.prefetch) or UNSET,
            extension={KNOWLEDGE: version},
        )


def circumstances_of(request: Request[Prefetch], as_of: datetime) -> Circumstances:
    """What the chart's reader needs of a hook call beside its prefetch."""
    context = request.context
    return Circumstances(
        patient_id=context.patient,
        hook=request.hook,
        as_of=as_of,
        encounter_id=context.encounter_id or "",
        draft_orders=getattr(context, "draft_orders", b""),
        selections=getattr(context, "selections", None),
    )
