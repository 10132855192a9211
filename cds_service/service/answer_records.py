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
from cds_service.service.auth.verify import Caller
from cds_service.service.store import Caller as StoreCaller
from cds_service.service.store import RememberedAnswer, RememberedCard, RememberedFailure
from cds_service.service.store.records import Standing


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
    cards = [
        *(_card(shown, "shown") for shown in answer.shown),
        *(_card(shown, "silent") for shown in answer.silent),
        *(_card(shown, "capped") for shown in answer.capped),
        *(_card(shown, "snoozed") for shown in answer.resting),
    ]
    return _answer(service_id, request, caller, as_of, knowledge, cards, _failures(verdicts))


def remembered_silently(
    service_id: str,
    request: Request[Prefetch],
    caller: Caller,
    as_of: datetime,
    answer: Answer,
    verdicts: Iterable[Verdict],
    knowledge: Knowledge,
    variant: str,
) -> RememberedAnswer:
    """Put what a candidate would have shown into the store's terms: every card silent, marked with the candidate's name."""
    cards = [_card(shown, "silent", variant) for shown in answer.shown]
    return _answer(service_id, request, caller, as_of, knowledge, cards, _failures(verdicts, variant))


def evidence_of_card(shown: Shown) -> tuple[str, ...]:
    """What makes this advice new or repeated: the message, and each fact with its value and day.

    Advice that was put off rests while it says the same of the same facts; a new fact, value or message breaks the rest.
    """
    if not shown.evidence:
        return (shown.identity,)
    facts = (f"{item.get('reference')}={item.get('value', '')}@{item.get('date', '')}" for item in shown.evidence)
    return (f"message={shown.message}/{shown.indicator}", *facts)


def _answer(
    service_id: str,
    request: Request[Prefetch],
    caller: Caller,
    as_of: datetime,
    knowledge: Knowledge,
    cards: Iterable[RememberedCard],
    failures: Iterable[RememberedFailure],
) -> RememberedAnswer:
    return RememberedAnswer(
        caller=store_caller(caller),
        service=service_id,
        hook=request.hook,
        hook_instance=request.hook_instance,
        patient_id=request.context.patient,
        knowledge=knowledge.version,
        shown_at=as_of,
        site=knowledge.site,
        user_role=_role(request.context.user_id),
        cards=tuple(cards),
        failures=tuple(failures),
    )


def store_caller(caller: Caller) -> StoreCaller:
    """What belongs to a caller belongs to issuer and tenant together."""
    return StoreCaller(caller.issuer, caller.tenant or "")


def _role(user: str) -> str:
    """What the client says of the user: the type of the reference, such as ``PractitionerRole``; never who it is."""
    kind = user.rpartition("/")[0].rpartition("/")[2]
    return kind if kind.isalpha() else ""


def _card(shown: Shown, standing: Standing, variant: str = "") -> RememberedCard:
    return RememberedCard(
        card_id=shown.card.uuid,
        topic=shown.topic,
        message=shown.message,
        indicator=shown.indicator,
        parameters={name: str(value) for name, value in shown.parameters.items()},
        evidence=evidence_of_card(shown),
        suggestions=dict(shown.suggestions),
        standing=standing,
        variant=variant,
    )


def _failures(verdicts: Iterable[Verdict], variant: str = "") -> Iterable[RememberedFailure]:
    for verdict in verdicts:
        outcome, silent = verdict.outcome, bool(variant) or verdict.card.status == "silent"
        if isinstance(outcome, Failed):
            yield RememberedFailure(verdict.card.topic, "failed", outcome.error, silent, variant)
        elif isinstance(outcome, CannotTell):
            missing = ", ".join(outcome.missing)
            yield RememberedFailure(verdict.card.topic, "cannot-tell", missing, silent, variant)
