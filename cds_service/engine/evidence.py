"""Evidence as JSON, text and key: one form for card, explanation, page, what-if and store."""

from __future__ import annotations

from cds_service.chart.evidence import Evidence
from cds_service.engine.phrases import Phrases, plain_text
from cds_service.terminology.quantities import Quantity


def cited(item: Evidence) -> dict[str, str]:
    """A fact in a card's extension: where it stands, its value, day and standing; its name stands in the card's words."""
    members = {name: text for name, text in evidence_json(item).items() if name != "label"}
    return members | {"date": item.when.day} if item.when else members


def evidence_json(item: Evidence, phrases: Phrases | None = None) -> dict[str, str]:
    """All members, in the units of the record, or with ``phrases`` in those of the site; empty ones are left out."""
    members = {
        "reference": item.reference,
        "label": plain_text(item.label),
        "value": evidence_value(item, phrases),
        "date": item.when.text if item.when else "",
        "remark": str(item.remark),
    }
    return {name: text for name, text in members.items() if text}


def evidence_key(item: Evidence) -> str:
    """What makes a fact another fact: resource, value and date."""
    return f"{item.reference}={item.comparator}{item.value}@{item.when.text if item.when else ''}"


def evidence_text(item: Evidence, phrases: Phrases | None = None) -> str:
    """In plain text: label, value, day, what a reader must know of its standing, and resource."""
    return f"{evidence_words(item.label, item, phrases)} ({item.reference})"


def evidence_words(name: str, item: Evidence, phrases: Phrases | None = None) -> str:
    """The same under a name of its own, and without the resource."""
    value = evidence_value(item, phrases)
    said = name if value.lower() in name.lower() else f"{name} {value}".strip()
    dated = (phrases.date(item.when) if phrases else item.when.day) if item.when else ""
    remark = phrases.word(item.remark) if phrases else item.remark
    parts = (said or "Record", dated, remark)
    return ", ".join(part for part in parts if part)


def evidence_value(item: Evidence, phrases: Phrases | None = None) -> str:
    """The value with its comparator as it was reported, or with ``phrases`` in the site's units."""
    if not isinstance(item.value, Quantity):
        return plain_text(phrases.word(item.value) if phrases else item.value)
    return f"{item.comparator}{phrases.quantity(item.value) if phrases else item.value}"
