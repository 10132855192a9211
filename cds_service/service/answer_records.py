"""What the store keeps of an answer: which cards went out and why; the patient as a keyed hash only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cds_service.chart.evidence import Evidence
from cds_service.chart.facts import User
from cds_service.engine.evaluate import Verdict
from cds_service.engine.shown import Due
from cds_service.outcomes import CannotTell, Failed, Fired, NotFired
from cds_service.service.auth.caller import Caller
from cds_service.service.consultation import Consultation
from cds_service.service.store import Caller as StoreCaller
from cds_service.service.store import RememberedAnswer, RememberedCard, RememberedFailure
from cds_service.service.store.records import FOLLOWED, ChartedAction, Standing

_DEEDS = frozenset(
    {"ServiceRequest", "MedicationRequest", "MedicationAdministration", "Procedure", "DiagnosticReport", "ImagingStudy"}
)
"""Resources that say that somebody did something."""


def remembered(consultation: Consultation) -> RememberedAnswer:
    """Put an answer into the store's terms."""
    answer = consultation.answer
    standings: tuple[tuple[Standing, tuple[Due, ...]], ...] = (
        ("shown", answer.shown),
        ("silent", answer.silent),
        ("capped", answer.capped),
        ("snoozed", answer.snoozed),
        ("withheld", answer.withheld),
    )
    cards = tuple(_card(one, standing) for standing, cards in standings for one in _each(cards))
    return _answer(consultation, cards)


def remembered_silently(consultation: Consultation, variant: str, live: Iterable[Due]) -> RememberedAnswer:
    """Put what a candidate would have shown into the store's terms, marked with the candidate's name.

    Snoozing and cap are as in the live answer: what they hold back is kept apart, and so is what only ``live`` showed.
    """
    answer = consultation.answer
    said = {one.topic for one in _each(answer.shown)}
    standings: tuple[tuple[Standing, Iterable[Due]], ...] = (
        ("silent", answer.shown),
        ("capped", answer.capped),
        ("snoozed", answer.snoozed),
        ("withheld", answer.withheld),
        ("dropped", (one for one in live if one.topic not in said)),
    )
    cards = tuple(_card(one, standing, variant) for standing, cards in standings for one in _each(cards))
    return _answer(consultation, cards, variant)


def _each(cards: Iterable[Due]) -> Iterator[Due]:
    """Cards, and what they stand for: each reminder counts on its own."""
    return (one for due in cards for one in (due, *due.parts))


def evidence_of_card(due: Due) -> tuple[str, ...]:
    """What makes this advice new or repeated: the message with its level, and what was found, by our names for it.

    Advice stays snoozed while it says the same: a new sign, site or level ends that, and so does what is now confirmed; a new id, a
    restamped date and a routine repeat of a result do not.
    """
    if due.parts:
        return tuple(f"{part.topic}:{key}" for part in due.parts for key in evidence_of_card(part))
    if not due.evidence:
        return (due.identity,)
    return (f"message={due.message}/{due.indicator}", *map(finding_of, due.evidence))


def finding_of(item: Evidence) -> str:
    """What a fact says, whichever resource says it when: ``limb weakness``, ``lung metastases (suspected)``."""
    name = (item.called or item.label).lower()
    return f"{name} ({item.remark})" if item.remark else name


def _answer(consultation: Consultation, cards: tuple[RememberedCard, ...], variant: str = "") -> RememberedAnswer:
    request, knowledge = consultation.request, consultation.knowledge
    return RememberedAnswer(
        caller=store_caller(consultation.caller),
        service=consultation.service.id,
        hook=request.hook,
        hook_instance=request.hook_instance,
        patient_id=request.context.patient,
        knowledge=knowledge.version,
        shown_at=consultation.at,
        user=request.context.user_id,
        site=knowledge.site,
        user_role=_role(consultation.case.user, request.context.user_id),
        trigger_action=request.trigger,
        cards=cards,
        failures=tuple(_failures(consultation.verdicts, variant)),
        charted=() if variant else tuple(_charted(consultation)),
    )


def _charted(consultation: Consultation) -> Iterator[ChartedAction]:
    """What makes a card or a suggestion of it needless because it is ordered, given or done, and when that was."""
    case = consultation.case
    for verdict in consultation.verdicts:
        outcome = verdict.outcome
        if not isinstance(outcome, NotFired | Fired):
            continue
        done = [
            one.when.earliest(case.as_of)
            for one in outcome.evidence
            if one.when is not None and one.reference.partition("/")[0] in _DEEDS and one.reference not in case.drafts
        ]
        still = frozenset(offer.suggestion for offer in outcome.offers) if isinstance(outcome, Fired) else None
        if done and (still is None or max(done) > case.as_of - FOLLOWED):
            yield ChartedAction(verdict.card.topic, max(done), still)


def store_caller(caller: Caller) -> StoreCaller:
    """What belongs to a caller belongs to issuer and tenant together."""
    return StoreCaller(caller.issuer, caller.tenant or "")


def _role(user: User | None, user_id: str) -> str:
    """What the user is, never who: the first role and specialty on record, else the type of the reference."""
    if user is not None and (said := (*user.roles[:1], *user.specialties[:1])):
        return ", ".join(said)
    kind = user_id.rpartition("/")[0].rpartition("/")[2]
    return kind if kind.isalpha() else ""


def _card(due: Due, standing: Standing, variant: str = "") -> RememberedCard:
    return RememberedCard(
        card_id=str(due.uuid),
        topic=due.topic,
        message=due.message,
        indicator=due.indicator,
        parameters={name: str(value) for name, value in due.parameters.items()},
        evidence=evidence_of_card(due),
        suggestions=dict(due.suggestions),
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
