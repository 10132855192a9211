"""Every exported artefact is valid FHIR, and what a card offers is in it."""

from __future__ import annotations

import json
from collections import Counter

from fhir.resources.R4B.activitydefinition import ActivityDefinition
from fhir.resources.R4B.library import Library
from fhir.resources.R4B.plandefinition import PlanDefinition
from fhir.resources.R4B.valueset import ValueSet

from cds_service.authoring.fhir_export import DRAFT, artefacts
from cds_service.authoring.ladders import CardLadder
from cds_service.knowledge.cards import Knowledge

_MODELS = {
    "PlanDefinition": PlanDefinition,
    "ActivityDefinition": ActivityDefinition,
    "Library": Library,
    "ValueSet": ValueSet,
}


def _ladders(knowledge: Knowledge) -> dict[str, CardLadder]:
    """Ladders without a rung: how they are climbed is told elsewhere."""
    return {topic: CardLadder({}, dict.fromkeys(card.messages, ()), {}) for topic, card in knowledge.cards.items()}


def test_every_artefact_is_valid_and_named_once(knowledge: Knowledge) -> None:
    names: Counter[str] = Counter()
    for resource in artefacts(knowledge, _ladders(knowledge)):
        _MODELS[resource["resourceType"]].model_validate_json(json.dumps(resource, default=float))
        names[f"{resource['resourceType']}/{resource['id']}"] += 1
    assert max(names.values()) == 1
    assert sum(name.startswith("PlanDefinition/") for name in names) == len(knowledge.cards)


def test_what_a_card_offers_is_kept(knowledge: Knowledge) -> None:
    found = {resource["url"]: resource for resource in artefacts(knowledge, _ladders(knowledge))}
    plan = found["https://cds-service.org/PlanDefinition/mscc-suspected"]
    offered = [step["definitionCanonical"] for step in plan["action"][0]["action"][0]["action"]]
    draft = json.loads(found[offered[0]]["extension"][0]["valueString"])
    assert found[offered[0]]["extension"][0]["url"] == DRAFT
    assert draft["resourceType"] == "ServiceRequest"
    assert draft["code"]["coding"][0]["code"] == "241645008"
    assert draft["subject"]["reference"] == "{subject}"
