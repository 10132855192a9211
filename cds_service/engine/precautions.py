"""What the state of the patient forbids or holds back, whatever the card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import UNSET, structs

from cds_service.chart.case import Case, NotAsked
from cds_service.chart.facts import Fact
from cds_service.findings.pregnancy import possible_pregnancy
from cds_service.hooks.response import Suggestion
from cds_service.knowledge.cards import Knowledge
from cds_service.knowledge.wording import Wording

_MEDICINE = "MedicationRequest"


@dataclass(frozen=True, slots=True)
class Remark:
    """Words on a card about suggestions that it does not make, or does not pre-select."""

    wording: Wording
    words: Mapping[str, Any]


class Guard:
    """Looks through the suggestions of every card for one patient; for most patients it has nothing to do."""

    def __init__(self, case: Case, knowledge: Knowledge) -> None:
        self._rules, self._codebook = knowledge.precautions, knowledge.codebook
        self._minor = case.age is not None and case.age < self._rules.adult_from
        self._pregnancy = _pregnancy(case, knowledge)

    def judge(self, suggestions: tuple[Suggestion, ...]) -> tuple[tuple[Suggestion, ...], tuple[Remark, ...]]:
        """The suggestions that may stand, as they may stand, and what the card says of the others."""
        if not suggestions or not (self._minor or self._pregnancy):
            return suggestions, ()
        kept: list[Suggestion] = []
        withheld = False
        unselected: list[str] = []
        for suggestion in suggestions:
            orders = _orders(suggestion)
            if self._minor and any(order.get("resourceType") == _MEDICINE for order in orders):
                withheld = True
            elif self._pregnancy and any(self._asked_first(order) for order in orders):
                unselected.append(suggestion.label)
                kept.append(structs.replace(suggestion, is_recommended=UNSET))
            else:
                kept.append(suggestion)
        remarks = [Remark(self._rules.not_adult, {"adult_from": self._rules.adult_from})] if withheld else []
        if unselected:
            named = {"pregnancy": self._pregnancy[0].label, **_dated(self._pregnancy[0])}
            remarks.append(Remark(self._rules.pregnancy, {**named, "offers": tuple(unselected)}))
        return tuple(kept), tuple(remarks)

    def _asked_first(self, order: Mapping[str, Any]) -> bool:
        """Whether an order belongs to what a possible pregnancy puts in question."""
        return not self._concepts(order).isdisjoint(self._rules.asked_in_pregnancy)

    def _concepts(self, order: Mapping[str, Any]) -> frozenset[str]:
        """The value sets of an order that one of our own templates wrote."""
        concept = order.get("code") or order.get("medicationCodeableConcept") or {}
        codings = concept.get("coding", ())
        coded = [self._codebook.of_code(coding.get("system", ""), coding.get("code", "")) for coding in codings]
        words = [concept.get("text", ""), *(coding.get("display", "") for coding in codings)]
        worded = [self._codebook.of_words(order["resourceType"], text) for text in words if text]
        return frozenset[str]().union(*coded, *worded)


def _pregnancy(case: Case, knowledge: Knowledge) -> tuple[Fact, ...]:
    try:
        return possible_pregnancy(case, knowledge.precautions.pregnancy_test_age)
    except NotAsked:  # a card was asked alone that reads neither problems nor results
        return ()


def _orders(suggestion: Suggestion) -> list[dict[str, Any]]:
    """The resources that a suggestion creates or changes."""
    actions = suggestion.actions if suggestion.actions is not UNSET else ()
    return [msgspec.json.decode(action.resource) for action in actions if action.resource is not UNSET]


def _dated(fact: Fact) -> dict[str, str]:
    return {"when": fact.when.day if fact.when is not None else "date not recorded"}
