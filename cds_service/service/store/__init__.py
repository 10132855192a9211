"""What the service remembers: cards shown, feedback, used tokens, knowledge versions, audit.

Cards, audit and knowledge versions are written behind the answer's back and may be lost with the process; feedback is
on disk before it is acknowledged. Patients and evidence are kept as keyed hashes, comments as their length.
"""

from cds_service.service.store.keys import development_secret
from cds_service.service.store.records import (
    Acknowledged,
    AuditEntry,
    Caller,
    CardFeedback,
    KnowledgeLoaded,
    RememberedAnswer,
    RememberedCard,
    RememberedFailure,
    Retention,
    SnoozePeriods,
    StoreHealth,
    StoreUnavailable,
)
from cds_service.service.store.report import AuditRow, CardRow, FailureTally, KnowledgeRow, Period, ReasonTally, Tally
from cds_service.service.store.store import Store

__all__ = [
    "Acknowledged",
    "AuditEntry",
    "AuditRow",
    "Caller",
    "CardFeedback",
    "CardRow",
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
