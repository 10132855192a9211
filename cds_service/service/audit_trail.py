"""What the audit keeps of one call, gathered on its way through the service."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.hooks.response import Response


@dataclass(slots=True)
class AuditTrail:
    """Who and about whom, as the client said; what was shown, with which knowledge."""

    user: str = ""
    patient: str = ""
    knowledge: str = ""
    topics: tuple[str, ...] = ()

    def showed(self, advice: Response, knowledge: str) -> None:
        """Note the cards of an answer, each as its topic and indicator."""
        self.knowledge = knowledge
        self.topics = tuple(
            f"{card.source.topic.code if card.source.topic else ''} {card.indicator}".strip() for card in advice.cards
        )
