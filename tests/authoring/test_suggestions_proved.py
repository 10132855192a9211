"""Every suggestion that an example offers, carried out as a client would: the advice is heeded, and nothing worse follows.

Orders are complete FHIR in which code, product, dose, unit, route, text and description say the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from cds_service.authoring.orders_page import in_words
from cds_service.authoring.scenarios import ConceptTable, request
from cds_service.authoring.variants import with_changes
from cds_service.chart.case import Case
from cds_service.chart.meanings import Meanings
from cds_service.chart.needs import KEYS
from cds_service.chart.orders.dosage import dosing_of
from cds_service.chart.orders.product import Product
from cds_service.chart.read_fhir import read_case
from cds_service.chart.reading import Circumstances
from cds_service.chart.wire import Prefetch
from cds_service.engine.evaluate import Verdict, case_for, evaluate
from cds_service.engine.respond import respond
from cds_service.hooks.response import Suggestion
from cds_service.knowledge.cards import CardDefinition
from cds_service.outcomes import GRAVITY, Fired
from tests import expected

Json = dict[str, Any]
USER = "PractitionerRole/asking"
KNOWLEDGE, RUNNER = expected.loaded()
MEANINGS = Meanings(KNOWLEDGE.codebook)
CODES = ConceptTable(KNOWLEDGE.codebook.sets.values())
KEY_OF = {"ServiceRequest": "serviceRequests", "MedicationRequest": "medicationRequests"}
CARDS = [card for card in KNOWLEDGE.cards.values() if card.suggestions]


@dataclass(frozen=True)
class Offered:
    """One suggestion, and the call that it answers."""

    card: CardDefinition
    name: str
    suggestion: Suggestion
    call: Json
    before: dict[str, Fired]
    example: str


def case_of(call: Json, as_of: Any) -> Case:
    context = call["context"]
    circumstances = Circumstances(
        patient_id=context["patientId"],
        hook=call["hook"],
        as_of=as_of,
        encounter_id=context.get("encounterId", ""),
        user_id=USER,
        draft_orders=msgspec.json.encode(context["draftOrders"]) if "draftOrders" in context else b"",
        selections=tuple(context["selections"]) if "selections" in context else None,
    )
    prefetch = msgspec.json.decode(msgspec.json.encode(call["prefetch"]), type=Prefetch)
    return read_case(prefetch, circumstances, MEANINGS)


def fired(case: Case, changed: CardDefinition) -> dict[str, Fired]:
    """What fires by topic, with one card as the example changes it."""
    cards = [changed if card.topic == changed.topic else card for card in KNOWLEDGE.cards.values()]
    verdicts = evaluate(case, [card for card in cards if case.hook in card.hooks])
    return {one.card.topic: one.outcome for one in verdicts if isinstance(one.outcome, Fired)}


def written(card: CardDefinition, case: Case, outcome: Fired) -> list[tuple[str, Suggestion]]:
    """The suggestions of a card as they go out, each with its name in the card file."""
    asked = case_for(card, case, KNOWLEDGE.cards.values())
    answer = respond(asked, (Verdict(card, outcome),), KNOWLEDGE, hook_instance="x", patient_id="patient-1")
    return [(shown.suggestions[offer.uuid], offer) for shown in answer.shown for offer in shown.card.suggestions or ()]


@cache
def offered(topic: str) -> tuple[Offered, ...]:
    """Each suggestion of a card once for each message that it comes with."""
    card, found = KNOWLEDGE.cards[topic], {}
    for example in card.examples:
        wanted = [(example.hook, example.expect_name, name) for name in example.offers or ()]
        if example.expect != "fired" or (example.offers is not None and all(one in found for one in wanted)):
            continue
        varied, scenario = with_changes(card, example.changes), RUNNER.scenario(example)
        call = request(scenario, CODES, prefetch_keys={name: (key.type,) for name, key in KEYS.items()})
        case = case_of(call, scenario.as_of)
        before = fired(case, varied)
        outcome = before.get(topic)
        if outcome is None:
            continue  # an example may hold back what its rule must not see
        for name, suggestion in written(varied, case, outcome):
            made = Offered(varied, name, suggestion, call | {"as_of": scenario.as_of}, before, example.name)
            found.setdefault((example.hook, outcome.message, name), made)
    return tuple(found.values())


def orders(one: Offered) -> Iterator[tuple[str, str, Json]]:
    """The resources of its actions, with kind and description of each action."""
    for action in one.suggestion.actions or ():
        if action.resource is not UNSET:
            yield action.type, action.description, json.loads(bytes(action.resource))


def taken(one: Offered) -> Json:
    """The same call after the clinician took the suggestion: drafts of the session, or signed where the hook has none."""
    call = json.loads(json.dumps({name: value for name, value in one.call.items() if name != "as_of"}))
    context = call["context"]
    drafts = {
        f"{e['resource']['resourceType']}/{e['resource']['id']}": e["resource"]
        for e in context.get("draftOrders", {}).get("entry", ())
    }
    for place, action in enumerate(one.suggestion.actions or ()):
        if action.type == "delete":
            del drafts[action.resource_id]
            continue
        order = json.loads(bytes(action.resource))
        if "draftOrders" not in context:
            value = call["prefetch"].setdefault(
                KEY_OF[order["resourceType"]], {"resourceType": "Bundle", "type": "searchset"}
            )
            value.pop("total", None)
            value.setdefault("entry", []).append({"resource": order | {"id": f"new-{place}", "status": "active"}})
            continue
        order.setdefault("id", f"new-{place}")
        drafts[f"{order['resourceType']}/{order['id']}"] = order
    if "draftOrders" in context:
        context["draftOrders"] = {
            "resourceType": "Bundle",
            "type": "collection",
            "entry": [{"resource": order} for order in drafts.values()],
        }
        if "selections" in context:
            context["selections"] = [
                reference for reference in drafts if reference in context["selections"] or "/new-" in reference
            ]
    return call


def acts(suggestion: Suggestion) -> frozenset[str]:
    """What tells two suggestions of one name apart: the drafts that they work on."""
    worked_on = [
        json.loads(bytes(one.resource)).get("id", "") for one in suggestion.actions or () if one.resource is not UNSET
    ]
    return frozenset(
        [*worked_on, *(one.resource_id for one in suggestion.actions or () if one.resource_id is not UNSET)]
    )


FOLLOWS = {
    # the other agent lowers calcium most where the kidneys are poor, and its own card says so
    ("zoledronate-renal-dose", "denosumab"): {"denosumab-safety"},
    ("zoledronate-renal-dose", "denosumab_for_bone"): {"denosumab-safety"},
    # glucose is planned; that the dose of the same draft cannot be read is left to say
    ("dexamethasone-safety", "glucose"): {"could-not-assess"},
}
"""What rightly speaks up once a suggestion is taken: by topic and suggestion, the topics."""


@pytest.mark.parametrize("topic", [card.topic for card in CARDS])
def test_a_suggestion_taken_is_advice_heeded_and_nothing_worse_follows(topic: str) -> None:
    problems = []
    for one in offered(topic):
        case = case_of(taken(one), one.call["as_of"])
        after = fired(case, one.card)
        again = after.get(topic)
        same = () if again is None or again.message != one.before[topic].message else written(one.card, case, again)
        if any(name == one.name and acts(offer) == acts(one.suggestion) for name, offer in same):
            problems.append(f"{one.name} ({one.before[topic].message}, {one.example}): offered again")
        for other, outcome in after.items():
            grave = outcome.indicator(KNOWLEDGE.cards[other].messages[outcome.message].indicator)
            earlier = one.before.get(other)
            was = earlier and earlier.indicator(KNOWLEDGE.cards[other].messages[earlier.message].indicator)
            worse = grave != "info" and (was is None or GRAVITY.index(grave) < GRAVITY.index(was))
            if worse and other not in FOLLOWS.get((topic, one.name), ()):
                problems.append(f"{one.name} ({one.example}): {other} {outcome.message} is {grave}, was {was}")
    assert not problems, "\n".join(problems)


def a_day(line: Json) -> str:
    """What a day of a dosage comes to, as the order reader reads it; empty where it is one dose."""
    raw = msgspec.Raw(msgspec.json.encode([line]))
    day, unread = in_words(dosing_of(raw, Product(), KNOWLEDGE.codebook.order_words).lines[0].steps)
    assert "readable" not in unread, (line, unread)
    return day


ROUTES = {"Oral route": "by mouth", "Subcutaneous route": "under the skin", "Intravenous route": "intravenous"}
INJECTED = re.compile(r"\b(injection|infusion|vial|ampoule|IV|intravenous)\b")


@pytest.mark.parametrize("topic", [card.topic for card in CARDS])
def test_an_order_says_the_same_in_code_dose_route_words_and_description(topic: str) -> None:
    for one in offered(topic):
        for kind, description, order in orders(one):
            medicine = order.get("medicationCodeableConcept")
            for line in order.get("dosageInstruction", ()) if medicine else ():
                said, route = line["text"].lower(), line["route"]["coding"][0]["display"]
                assert ROUTES[route] in said, line["text"]
                assert route != "Oral route" or not INJECTED.search(medicine.get("text", "")), medicine
                for dose in [each["doseQuantity"] for each in line["doseAndRate"] if "doseQuantity" in each]:
                    written_dose = f"{dose['value']:g} {dose['unit']}"
                    assert written_dose in line["text"] and written_dose in description, (description, line["text"])
                    assert dose["system"] == "http://unitsofmeasure.org"
                    assert dose["code"] == {"IU": "[iU]"}.get(dose["unit"], dose["unit"])
                    assert a_day(line) == a_day({"text": line["text"]}), line["text"]
            if kind == "create":
                codings = (medicine or order["code"]).get("coding", ())
                assert len({coding["system"] for coding in codings}) == len(codings)
                assert not medicine or "carbonate" not in str(medicine) or "elemental" not in str(order), medicine


LABORATORY = "108252007"


def _kind(order: Json) -> str:
    """The code of what kind of service it orders; empty of a medicine, and of a draft that does not say."""
    category = order.get("category") if order["resourceType"] == "ServiceRequest" else None
    return str(category[0]["coding"][0]["code"]) if category else ""


TESTS = r"\b(calcium|albumin|creatinine|magnesium|25-hydroxyvitamin d|parathyroid hormone|electrolytes)\b"


@pytest.mark.parametrize("topic", [card.topic for card in CARDS])
def test_one_laboratory_code_is_one_test(topic: str) -> None:
    for one in offered(topic):
        for _, description, order in orders(one):
            codings = order.get("code", {}).get("coding", ())
            if _kind(order) == LABORATORY and codings and "panel" not in str(codings):
                assert len(set(re.findall(TESTS, order["code"]["text"].lower()))) <= 1, order["code"]["text"]
                assert len(set(re.findall(TESTS, description.lower()))) <= 1, description


@pytest.mark.parametrize("topic", [card.topic for card in CARDS])
def test_what_us_core_must_support_is_there_where_it_applies(topic: str) -> None:
    """US Core 7.0.0: ServiceRequest and MedicationRequest; what a draft cannot have (a dispense quantity) does not apply."""
    for one in offered(topic):
        evidence = {
            item.reference.partition("/")[0] for item in one.before[topic].evidence if "#" not in item.reference
        }
        for kind, _, order in orders(one):
            if kind != "create":
                continue
            assert {"status", "intent", "subject", "authoredOn"} <= order.keys()
            assert order["requester"] == {"reference": USER}
            assert ("encounter" in order) == ("encounterId" in one.call["context"])
            if order["resourceType"] == "ServiceRequest":
                assert order["category"][0]["coding"][0]["code"] and order["code"]["text"]
                grounds = evidence & {"Condition", "Observation", "DiagnosticReport"}
            else:
                line = order["dosageInstruction"][0]
                assert order["reportedBoolean"] is False
                assert line["text"] and line["route"]["coding"] and line["doseAndRate"]
                assert ("timing" in line) or "rateRange" in line["doseAndRate"][0]
                assert ("dispenseRequest" in order) == (line["route"]["coding"][0]["display"] == "Oral route")
                grounds = evidence & {"Condition", "Observation"}
            assert bool(order.get("reasonReference")) == bool(grounds)


@pytest.mark.parametrize("topic", [card.topic for card in CARDS])
def test_of_one_card_at_most_one_suggestion_is_selected_in_advance_and_never_a_removal(topic: str) -> None:
    for one in offered(topic):
        case = case_of(one.call, one.call["as_of"])
        asked = case_for(one.card, case, KNOWLEDGE.cards.values())
        verdict = (Verdict(one.card, one.before[topic]),)
        for shown in respond(asked, verdict, KNOWLEDGE, hook_instance="x", patient_id="patient-1").shown:
            offers = shown.card.suggestions or ()
            chosen = [offer for offer in offers if offer.is_recommended is True]
            assert len(chosen) <= 1
            assert all(action.type != "delete" for offer in chosen for action in offer.actions or ())
            alternatives = sum(name in one.card.alternatives for name in shown.suggestions.values())
            if offers:
                assert shown.card.selection_behavior == ("at-most-one" if alternatives > 1 else "any")
            assert not chosen or alternatives < 2


def test_whatever_a_suggestion_makes_names_an_order_of_the_catalogue_and_every_order_is_used() -> None:
    named = {
        action.order
        for card in KNOWLEDGE.cards.values()
        for suggestion in card.suggestions.values()
        for action in suggestion.actions
        if action.type != "delete"
    }
    assert named == set(KNOWLEDGE.orders)
