"""What the service remembers: cards shown, feedback, used tokens, knowledge versions, audit.

Cards, audit and knowledge versions are written behind the answer's back and may be lost with the process; feedback is
on disk before it is acknowledged. Patients and evidence are kept as keyed hashes, comments as their length.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from cds_service.service.store.keys import development_secret
from cds_service.service.store.records import (
    Acknowledged,
    AdviceIdentity,
    Asker,
    AuditEntry,
    Caller,
    CardFeedback,
    ChartedAction,
    KnowledgeLoaded,
    RememberedAnswer,
    RememberedCard,
    RememberedFailure,
    Retention,
    SnoozePeriods,
    StoreHealth,
    StoreUnavailable,
)

if TYPE_CHECKING:
    from cds_service.service.store.report import (
        AuditRow,
        CardRow,
        FailureTally,
        KnowledgeRow,
        Period,
        ReasonTally,
        Tally,
    )
    from cds_service.service.store.store import Store

__all__ = [
    "Acknowledged",
    "AdviceIdentity",
    "Asker",
    "AuditEntry",
    "AuditRow",
    "Caller",
    "CardFeedback",
    "CardRow",
    "ChartedAction",
    "FailureTally",
    "KnowledgeLoaded",
    "KnowledgeRow",
    "Period",
    "ReasonTally",
    "RememberedAnswer",
    "RememberedCard",
    "RememberedFailure",
    "Retention",
    "SnoozePeriods",
    "Store",
    "StoreHealth",
    "StoreUnavailable",
    "Tally",
    "development_secret",
]


def __getattr__(name: str) -> object:
    """What needs the database's library is imported when somebody asks for it: most commands keep no store."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{'store' if name == 'Store' else 'report'}"), name)
