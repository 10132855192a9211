"""Cards as FHIR R4 knowledge artefacts: PlanDefinition, ActivityDefinition, Library and ValueSet, for other engines and registries.

The rule itself is a function of this service: a condition names it. What is offered is kept in full: the elements that
ActivityDefinition has, and the complete draft, holes in braces, in an extension.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from cds_service.authoring.ladders import CardLadder
from cds_service.chart.needs import NEEDS
from cds_service.engine.explain import passing
from cds_service.engine.phrases import Phrases
from cds_service.knowledge.cards import CardDefinition, Knowledge, Message
from cds_service.knowledge.parameters import Parameter
from cds_service.knowledge.templates import SHARED, Action, Hole, Suggestion, Template
from cds_service.terminology.quantities import Limit, Quantity
from cds_service.terminology.value_sets import Code, ValueSet

BASE = "https://cds-service.org"
DRAFT = f"{BASE}/StructureDefinition/suggested-draft"
"""Extension with the whole draft as JSON text; ``{word}`` stands where the rule puts a word of the case."""
RULE_LANGUAGE = "application/x-cds-service-rule"

Json = dict[str, Any]

_STATUS = {"active": "active", "silent": "draft", "draft": "draft", "retired": "retired"}
_PRIORITY = {"critical": "stat", "warning": "urgent", "info": "routine"}
_SYNTHETIC_CODE = {"text": "Named in the draft"}


def artefacts(knowledge: Knowledge, ladders: Mapping[str, CardLadder]) -> Iterator[Json]:
    """Give every card's artefacts, then the value sets and their groups; each is valid FHIR R4.

    ``ladders`` are those of all cards.
    """
    for card in knowledge.cards.values():
        yield plan_definition(card, knowledge, ladders[card.topic])
        yield library(card, knowledge)
        yield from activity_definitions(card, knowledge)
    for value_set in knowledge.codebook.sets.values():
        yield value_set_resource(value_set, knowledge)
    for group in knowledge.codebook.described_groups:
        yield value_set_resource(ValueSet(group.name, group.title, kinds=frozenset(), includes=group.of), knowledge)


def plan_definition(card: CardDefinition, knowledge: Knowledge, ladder: CardLadder) -> Json:
    """Write a card as an event-condition-action rule: the rungs before a message are conditions of its action."""
    phrases = Phrases.of(knowledge)
    actions = [
        _message(card, message, [_condition(card, rung, phrases) for rung in ladder.before[message.name]])
        for message in card.messages.values()
    ]
    return _header("PlanDefinition", card.topic, card, knowledge) | {
        "type": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/plan-definition-type", "code": "eca-rule"}]
        },
        "usage": card.intended_user,
        "library": [_url("Library", card.topic, knowledge)],
        "relatedArtifact": [
            _pruned(
                {
                    "type": "citation",
                    "label": source.label[:200],
                    "url": source.url,
                    "citation": source.says or source.label,
                }
            )
            for source in card.sources
        ],
        "action": actions,
    }


def library(card: CardDefinition, knowledge: Knowledge) -> Json:
    """Write what a card's rule reads and which numbers it takes."""
    coding = {"system": "http://terminology.hl7.org/CodeSystem/library-type", "code": "logic-library"}
    kinds = sorted({kind for need in card.needs for kind in NEEDS.get(need, ())})
    parameters = [
        {
            "name": name,
            "use": "in",
            "min": 1,
            "max": "1",
            "type": _type(parameter),
            "documentation": _about(parameter),
        }
        for name, parameter in card.parameters.items()
    ]
    return _header("Library", card.topic, card, knowledge) | _pruned(
        {"type": {"coding": [coding]}, "parameter": parameters, "dataRequirement": [{"type": kind} for kind in kinds]}
    )


def activity_definitions(card: CardDefinition, knowledge: Knowledge) -> Iterator[Json]:
    """Write each draft that a card creates."""
    for suggestion in card.suggestions.values():
        for place, action in enumerate(suggestion.actions):
            if action.type == "create" and action.template is not None:
                yield _activity(card, knowledge, suggestion, place, action, action.template)


def value_set_resource(value_set: ValueSet, knowledge: Knowledge) -> Json:
    """Write a value set; phrases of free text, which FHIR has no place for, stand in the purpose."""
    by_system: dict[str, list[Code]] = {}
    for code in value_set.codes:
        by_system.setdefault(code.system, []).append(code)
    include: list[Json] = []
    for system, codes in by_system.items():
        exact = [_pruned({"code": code.code, "display": code.display}) for code in codes if not code.prefix]
        if exact:
            include.append({"system": knowledge.codebook.systems.uris.get(system, system), "concept": exact})
        include += [
            {
                "system": knowledge.codebook.systems.uris.get(system, system),
                "filter": [{"property": "concept", "op": "is-a", "value": code.code}],
            }
            for code in codes
            if code.prefix
        ]
    include += [{"valueSet": [f"{BASE}/ValueSet/{name}"]} for name in sorted(value_set.includes)]
    words = f"Records without a code are read for these phrases: {' | '.join(value_set.text)}" if value_set.text else ""
    return _pruned(
        {
            "resourceType": "ValueSet",
            "id": value_set.name[:64],
            "url": f"{BASE}/ValueSet/{value_set.name}",
            "version": knowledge.version,
            "name": _computable(value_set.name),
            "title": value_set.title,
            "status": "active",
            "purpose": words,
            "compose": {"include": include} if include else None,
        }
    )


def _header(kind: str, name: str, card: CardDefinition, knowledge: Knowledge) -> Json:
    return {
        "resourceType": kind,
        "id": name[:64],
        "url": f"{BASE}/{kind}/{name}",
        "version": f"{card.version}+{knowledge.version}",
        "name": _computable(name),
        "title": card.title,
        "status": _STATUS[card.status],
        "publisher": card.owner,
        "description": card.purpose,
        "lastReviewDate": card.reviewed.isoformat(),
    }


def _condition(card: CardDefinition, rung: str, phrases: Phrases) -> Json:
    expression = {
        "description": passing(card, rung, phrases),
        "language": RULE_LANGUAGE,
        "expression": f"{card.rule_name} passes '{rung}'",
    }
    return {"kind": "applicability", "expression": expression}


def _message(card: CardDefinition, message: Message, conditions: list[Json]) -> Json:
    found: Json = {
        "title": message.summary.text,
        "description": message.body,
        "code": [{"text": message.name}],
        "priority": _PRIORITY[message.indicator],
        "trigger": [{"type": "named-event", "name": hook} for hook in card.hooks],
        "condition": [
            *conditions,
            {
                "kind": "applicability",
                "expression": {"language": RULE_LANGUAGE, "expression": f"{card.rule_name} = '{message.name}'"},
            },
        ],
    }
    offered = [_suggestion(card, suggestion) for suggestion in card.suggestions.values()]
    if offered:
        found |= {
            "selectionBehavior": "at-most-one" if len(card.alternatives) == len(card.suggestions) > 1 else "any",
            "action": offered,
        }
    return found


def _suggestion(card: CardDefinition, suggestion: Suggestion) -> Json:
    steps = []
    for place, action in enumerate(suggestion.actions):
        step: Json = {"title": action.description.text}
        if action.type == "create":
            step["definitionCanonical"] = f"{BASE}/ActivityDefinition/{_activity_name(card, suggestion, place)}"
        else:
            kind = "remove" if action.type == "delete" else "update"
            step["type"] = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/action-type", "code": kind}]}
            if action.template is not None:
                step["extension"] = [{"url": DRAFT, "valueString": _draft(action.template)}]
        steps.append(step)
    found: Json = {"title": suggestion.label.text, "action": steps}
    return found | ({"precheckBehavior": "yes"} if suggestion.recommended else {})


def _activity_name(card: CardDefinition, suggestion: Suggestion, place: int) -> str:
    return f"{card.topic}-{suggestion.name}".replace("_", "-") + (f"-{place + 1}" if place else "")


def _activity(
    card: CardDefinition, knowledge: Knowledge, suggestion: Suggestion, place: int, action: Action, template: Template
) -> Json:
    draft = _draft(template)
    resource: Json = msgspec.json.decode(draft)
    name = _activity_name(card, suggestion, place)
    medicine = resource.get("medicationCodeableConcept")
    found = _header("ActivityDefinition", name, card, knowledge) | {
        "id": name[-64:].lstrip("-"),
        "title": suggestion.label.text,
        "description": action.description.text,
        "kind": resource["resourceType"],
        "intent": "order",
        "priority": resource.get("priority", "routine"),
        "extension": [{"url": DRAFT, "valueString": draft}],
    }
    if medicine:
        found["productCodeableConcept"] = medicine
    else:
        found["code"] = resource.get("code", _SYNTHETIC_CODE)
    sites = resource.get("bodySite")
    return found | ({"bodySite": sites} if sites else {})


def _draft(template: Template) -> str:
    """The draft as JSON: parameters filled in where they stand alone, words of the case in braces."""
    parts = []
    for segment in template.segments:
        if isinstance(segment, bytes):
            parts.append(segment.decode())
        elif segment.placeholder.word == SHARED.word:
            of = "for" if template.resource_type == "Task" else "subject"
            parts.append(f',"{of}":{{"reference":"{{subject}}"}},"authoredOn":"{{authoredOn}}"')
        else:
            parts.append(_hole(segment, template.parameters))
    return "".join(parts)


def _hole(hole: Hole, parameters: Mapping[str, Any]) -> str:
    placeholder = hole.placeholder
    text = "{" + placeholder.text + "}"
    value = parameters.get(placeholder.word)
    if isinstance(value, Limit):
        value = value.stated[0]
    if isinstance(value, Quantity) and placeholder.part:
        value = value.value if placeholder.part == "value" else value.unit
    if value is not None and placeholder.word != "now":
        text = str(value)
        if hole.alone and text.replace(".", "", 1).isdigit():
            return text
    written = msgspec.json.encode(text).decode()
    return written if hole.alone else written[1:-1]


def _url(kind: str, name: str, knowledge: Knowledge) -> str:
    return f"{BASE}/{kind}/{name}|{knowledge.cards[name].version}+{knowledge.version}"


def _computable(name: str) -> str:
    words = "".join(word.capitalize() for word in name.replace(".", "-").split("-"))
    return words if words[:1].isalpha() else f"Set{words}"


def _about(parameter: Parameter) -> str:
    allowed = parameter.range_text or "any"
    return f"{parameter.text}. {parameter.why} Source: {parameter.source.title}. Allowed: {allowed}."


_TYPES = {
    "int": "integer",
    "Decimal": "decimal",
    "bool": "boolean",
    "Limit": "Quantity",
    "Quantity": "Quantity",
    "Span": "Duration",
}


def _type(parameter: Parameter) -> str:
    return _TYPES.get(parameter.kind, "string")


def _pruned(resource: Json) -> Json:
    return {name: value for name, value in resource.items() if value not in (None, "", [], {})}
