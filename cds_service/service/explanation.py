"""Why a call was answered as it was, whole: the same for the command line and for who asks the running service."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from cds_service.engine.explain import explain, explain_data
from cds_service.engine.ledger import ledger, ledger_json
from cds_service.service.consultation import Consultation


def explanation(consultation: Consultation) -> dict[str, Any]:
    """Give what answered, and each rule's answer with evidence, rungs and parameters."""
    knowledge = consultation.knowledge
    return {
        "knowledge": knowledge.version,
        "site": knowledge.site,
        "ledger": ledger_json(ledger(consultation.case, consultation.verdicts, knowledge), knowledge),
        "cards": [asdict(one) for one in explain(consultation.verdicts, knowledge, consultation.moment)],
        "data": explain_data(consultation.case),
    }
