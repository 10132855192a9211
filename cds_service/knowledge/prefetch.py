"""Prefetch queries of ``services.yaml``: each brings its need, asks of one patient only, and keeps to CDS Hooks 3.0."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from cds_service.chart.needs import KEYS, NEEDS
from cds_service.hooks.prefetch import lint, tokens
from cds_service.knowledge.errors import nearest_name

PATIENT = "{{context.patientId}}"


def faults(key: str, need: str, template: str) -> list[str]:
    """What is wrong with one prefetch template."""
    known = KEYS.get(key)
    if known is None:
        near = nearest_name(key, KEYS)
        return [f"{key!r} is not a prefetch key that we know{f' (nearest: {near})' if near else ''}"]
    found = lint(key, template)
    if known.need != need:
        found.append(f"{key!r} serves {known.need!r}, not {need!r}")
    strange = [token for token in tokens(template) if f"{{{{{token}}}}}" != PATIENT]
    if strange:
        found.append(f"{{{{{strange[0]}}}}} is a token that some clients do not fill; only {PATIENT} is used")
    resource, question, query = template.partition("?")
    if known.type == "Patient":
        if template != f"Patient/{PATIENT}":
            found.append(f"the patient is read by Patient/{PATIENT}")
    elif resource != known.type or not question:
        found.append(f"{key!r} stands for {known.type}: write {known.type}?patient={PATIENT}&...")
    elif f"patient={PATIENT}" not in query.split("&"):
        found.append(f"the query must hold patient={PATIENT}")
    return found


def union(needs: Iterable[str], prefetch: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The queries that bring these needs, in the order of :data:`chart.needs.KEYS`."""
    asked = set(needs)
    return {
        key: prefetch[known.need][key]
        for key, known in KEYS.items()
        if known.need in asked and key in prefetch.get(known.need, {})
    }


def needs_of(limits: Collection[str]) -> frozenset[str]:
    """What has to be read to know for whom cards are that are limited by these kinds."""
    return frozenset({"encounters"} if {"settings", "locations"} & set(limits) else ())


def of_user(limits: Collection[str]) -> dict[str, str]:
    """The query that says what the user is, where cards are limited by it; a client whose user has no such id leaves it out."""
    return {"user": "PractitionerRole/{{userPractitionerRoleId}}"} if {"roles", "specialties"} & set(limits) else {}


def uncovered(prefetch: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Needs for which no query is written."""
    return [need for need, types in NEEDS.items() if types and not prefetch.get(need)]
