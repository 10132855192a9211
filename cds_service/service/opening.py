"""The store that an installation's settings describe, opened, with the secrets that its hashes are keyed by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from cds_service.service.settings import Settings
from cds_service.service.store import Retention, SnoozePeriods, Store, development_secret
from cds_service.service.store.drift import Drift

STATE = Path(".cds-service")
"""Folder of a developer's own files, where the service was started."""


def open_store(settings: Settings, drifted: Callable[[Sequence[Drift]], object] = lambda _: None) -> Store:
    """Open the store of these settings; one that is away stops nothing. ``drifted`` gets the topics whose rate has drifted."""
    secret, *old = secrets_of(settings)
    store = Store(
        settings.store_url,
        secret,
        old_secret=old[0] if old else None,
        retention=Retention(
            settings.keep_cards_days,
            settings.keep_feedback_days,
            settings.keep_failures_days,
            settings.keep_audit_days,
            settings.keep_knowledge_days,
        ),
        snooze_periods=SnoozePeriods(
            unanswered_after=settings.backs_off_after, unanswered=timedelta(days=settings.back_off_days)
        ),
        drifted=drifted,
    )
    store.open()
    return store


def secrets_of(settings: Settings) -> tuple[bytes, ...]:
    """The secret in force and, while it is changed, the one before it."""
    secret, old = settings.store_secret, settings.store_secret_old
    now = secret.get_secret_value().encode() if secret else development_secret(STATE)
    return (now, old.get_secret_value().encode()) if old else (now,)
