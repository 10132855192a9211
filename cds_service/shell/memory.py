"""What the store is told of an answer: which cards went out and why, nothing of the patient that is not hashed there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cds_service.chart.wire import Prefetch
from cds_service.engine.evaluate import Verdict
from cds_service.engine.respond import Answer, Shown
from cds_service.hooks.request import Request
from cds_service.knowledge.cards import Knowledge
from cds_service.outcomes import CannotTell, Failed
from cds_service.shell.auth.verify import Caller
from cds_service.shell.store import Caller as StoreCaller
from cds_service.shell.store import RememberedAnswer, RememberedCard, RememberedFailure
from cds_service.shell.store.records import Standing


def remembered(
    service_id: str,
    request: Request[Prefetch],
    caller: Caller,
    as_of: datetime,
    answer: Answer,
    verdicts: Iterable[Verdict],
    knowledge: Knowledge,
) -> RememberedAnswer:
    """Put an answer into the store's terms."""
    cards = [_card(shown, "shown") for shown in answer.shown] + [_card(shown, "silent") for shown in answer.silent]
    return RememberedAnswer(
        caller=store_caller(caller),
        service=service_id,
        hook=request.hook,
        hook_instance=request.hook_instance,
        patient_id=request.context.patient,
        knowledge=knowledge.version,
        shown_at=as_of,
        site=knowledge.site,
        cards=tuple(cards),
        failures=tuple(_failures(verdicts)),
    )


def store_caller(caller: Caller) -> StoreCaller:
    """What belongs to a caller belongs to issuer and tenant together."""
    return StoreCaller(caller.issuer, caller.tenant or "")


def _card(shown: Shown, standing: Standing) -> RememberedCard:
    return RememberedCard(
        card_id=shown.card.uuid,
        topic=shown.topic,
        message=shown.message,
        indicator=shown.indicator,
        parameters={name: str(value) for name, value in shown.parameters.items()},
        evidence=(shown.identity,),
        suggestions=dict(shown.suggestions),
        standing=standing,
    )


def _failures(verdicts: Iterable[Verdict]) -> Iterable[RememberedFailure]:
    for verdict in verdicts:
        outcome, silent = verdict.outcome, verdict.card.status == "silent"
        if isinstance(outcome, Failed):
            yield RememberedFailure(verdict.card.topic, "failed", outcome.error, silent)
        elif isinstance(outcome, CannotTell):
            yield RememberedFailure(verdict.card.topic, "cannot-tell", ", ".join(outcome.missing), silent)
