"""Answers and feedback as a ward would make them, and a clock that tests set."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cds_service.service.store import AdviceIdentity, Caller, CardFeedback, RememberedAnswer, RememberedCard, Store

SECRET = b"a secret for these tests only"
NORTH = Caller("https://ehr.north.example", "ward-1")
SOUTH = Caller("https://ehr.south.example", "ward-1")
ME, COLLEAGUE = "Practitioner/me", "Practitioner/colleague"
SERVICE = "metastatic-disease-patient-view"
_NAMESPACE = uuid.UUID(int=7)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


def card_id(number: int) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"card {number}"))


def suggestion_id(number: int) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"suggestion {number}"))


def hypercalcaemia(number: int, **changes: Any) -> RememberedCard:
    """A critical card with one suggestion, resting on one calcium."""
    card = RememberedCard(
        card_id(number),
        topic="hypercalcaemia",
        message="treat",
        indicator="critical",
        parameters={"treat_at": "3.00 mmol/L"},
        evidence=("Observation/ca-1 3.12 mmol/L",),
        suggestions={suggestion_id(number): "saline"},
    )
    return replace(card, **changes)


def is_snoozed(
    store: Store, clock: Clock, card: RememberedCard, user: str = ME, patient: str = "MARKED-PATIENT-ID"
) -> bool:
    """Whether the advice of a card is snoozed for a user about a patient."""
    advice = AdviceIdentity(card.topic, card.indicator, card.evidence, card.card_id)
    return store.is_snoozed(store.asker(NORTH, patient, user), advice, clock())


def answer(at: datetime, *cards: RememberedCard, **changes: Any) -> RememberedAnswer:
    whole = RememberedAnswer(
        caller=NORTH,
        service=SERVICE,
        hook="patient-view",
        hook_instance="d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        patient_id="MARKED-PATIENT-ID",
        knowledge="3f9a",
        shown_at=at,
        site="uk-nice",
        user=ME,
        user_role="Practitioner",
        trigger_action="23",
        cards=cards,
    )
    return replace(whole, **changes)


def overridden(number: int, at: datetime, **changes: Any) -> CardFeedback:
    item = CardFeedback(card_id(number), "overridden", at, reason_code="comfort-care", reason_system="urn:reasons")
    return replace(item, **changes)


def accepted(number: int, at: datetime, **changes: Any) -> CardFeedback:
    return replace(CardFeedback(card_id(number), "accepted", at, accepted=(suggestion_id(number),)), **changes)
