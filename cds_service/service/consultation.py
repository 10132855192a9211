"""One call worked through, as it goes from the advisor to the store, the candidate, the command line and the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cds_service.chart.case import Case
from cds_service.chart.wire import Prefetch
from cds_service.engine.evaluate import Verdict
from cds_service.engine.language import ENGLISH, Language
from cds_service.engine.phrases import Phrases
from cds_service.engine.shown import Answer, Due
from cds_service.hooks.request import Request
from cds_service.knowledge.cards import Knowledge, ServiceDefinition
from cds_service.service.auth.caller import Caller


@dataclass(frozen=True, slots=True)
class Consultation:
    """Who asked what, what was known then, what each rule said of it, and what goes out."""

    request: Request[Prefetch]
    caller: Caller
    knowledge: Knowledge
    service: ServiceDefinition
    case: Case
    verdicts: tuple[Verdict, ...]
    answer: Answer
    prefetch: Mapping[str, Any]
    """What was read: what the client sent, and what was fetched beside it, by key."""
    at: datetime
    """When it was answered, to the second and below; what is remembered is compared with that."""
    language: Language = ENGLISH
    """In which the cards are written."""
    is_snoozed: Callable[[Due], bool] = lambda _: False
    """Whether the clinician put this advice off; what else is asked about the call, is asked with the same."""

    @property
    def moment(self) -> datetime:
        """What is taken for now."""
        return self.case.as_of

    @property
    def phrases(self) -> Phrases:
        """How a page about it is written: what the language lacks stands in English among the rest."""
        return Phrases.of(self.knowledge, self.moment, self.language.at_any_rate)
