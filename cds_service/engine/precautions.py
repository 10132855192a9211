"""What the state of the patient forbids or holds back, whatever the card."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from msgspec import UNSET, structs

from cds_service.chart.case import Case, NotAsked
from cds_service.chart.facts import Fact
from cds_service.findings.patient_state import possible_pregnancy
from cds_service.hooks.response import Suggestion
from cds_service.knowledge.cards import Knowledge, Precautions
from cds_service.knowledge.wording import Wording
from cds_service.terminology.dates import Span
from cds_service.terminology.said import said

_MEDICINE = "MedicationRequest"
Rule = Literal["not_adult", "pregnancy", "prohibited", "prohibited_study"]


@dataclass(frozen=True, slots=True)
class Remark:
    """Words on a card about suggestions that it does not make, or does not pre-select."""

    rule: Rule
    words: Mapping[str, Any]

    def naming(self, labels: Mapping[str, str]) -> Remark:
        """The same with the suggestions under their labels of another language."""
        offers = tuple(labels[label] for label in self.words.get("offers", ()))
        return Remark(self.rule, {**self.words, "offers": offers}) if offers else self

    def wording(self, precautions: Precautions) -> Wording:
        """Its sentence among the precautions of a language."""
        found: Wording = getattr(precautions, self.rule)
        return found


class Guard:
    """Looks through the suggestions of every card for one patient; for most patients it has nothing to do."""

    def __init__(self, case: Case, knowledge: Knowledge) -> None:
        self._rules, self._codebook = knowledge.precautions, knowledge.codebook
        self._minor = case.age is not None and case.age < self._rules.adult_from
        self._pregnancy = _open(lambda: possible_pregnancy(case, self._rules.pregnancy_test_age))
        self._prohibitions = _open(lambda: tuple(case.prohibitions))
        self._under_way = _open(lambda: _under_way(case, self._rules.ordered_within))

    def check(self, suggestions: tuple[Suggestion, ...]) -> tuple[tuple[Suggestion, ...], tuple[Remark, ...]]:
        """The suggestions that may stand, as they may stand, and what the card says of the others."""
        if not suggestions or not (self._minor or self._pregnancy or self._prohibitions or self._under_way):
            return suggestions, ()
        kept: list[Suggestion] = []
        remarks: list[Remark] = []
        for suggestion in suggestions:
            orders = _orders(suggestion)
            if self._is_under_way(suggestion, orders):
                continue
            medicine = any(order.get("resourceType") == _MEDICINE for order in orders)
            concepts = frozenset[str]().union(*map(self._concepts, orders))
            prohibition = self._prohibited(concepts)
            if self._minor and medicine:
                remarks.append(Remark("not_adult", {"adult_from": self._rules.adult_from}))
                continue
            if prohibition is not None:
                rule: Rule = "prohibited" if medicine else "prohibited_study"
                remarks.append(_remark(rule, "prohibition", prohibition, suggestion))
            asked_first = self._pregnancy and not concepts.isdisjoint(self._rules.asked_in_pregnancy)
            if asked_first:
                remarks.append(_remark("pregnancy", "pregnancy", self._pregnancy[0], suggestion))
            if prohibition is None or not medicine:
                doubted = prohibition is not None or asked_first
                kept.append(structs.replace(suggestion, is_recommended=UNSET) if doubted else suggestion)
        return tuple(kept), _together(remarks)

    def _is_under_way(self, suggestion: Suggestion, orders: list[dict[str, Any]]) -> bool:
        """Whether all that a suggestion would order is ordered already; one that changes or removes a draft never is."""
        actions = suggestion.actions or ()
        if not self._under_way or not actions or any(action.type != "create" for action in actions):
            return False
        return all(self._is_ordered(order) for order in orders)

    def _is_ordered(self, order: Mapping[str, Any]) -> bool:
        known = self._concepts(order) & self._codebook.sets.keys()
        if order["resourceType"] == _MEDICINE or not known:
            return False  # whether a medicine in use is the one meant is for its card to say
        what = self._codebook.narrowest(known)
        return any(what.name in one.concepts and what is self._narrowest(one) for one in self._under_way)

    def _narrowest(self, fact: Fact) -> Any:
        return self._codebook.narrowest(fact.concepts & self._codebook.sets.keys())

    def _prohibited(self, concepts: frozenset[str]) -> Fact | None:
        """What the record says not to do or give, if these concepts belong to it; a class stands for each of its drugs."""
        for prohibition in self._prohibitions:
            known = prohibition.concepts & self._codebook.sets.keys()
            if known and self._codebook.narrowest(known).name in concepts:
                return prohibition
        return None

    def _concepts(self, order: Mapping[str, Any]) -> frozenset[str]:
        """The value sets of an order that one of our own templates wrote."""
        concept = order.get("code") or order.get("medicationCodeableConcept") or {}
        codings = concept.get("coding", ())
        coded = [self._codebook.of_code(coding.get("system", ""), coding.get("code", "")) for coding in codings]
        words = [concept.get("text", ""), *(coding.get("display", "") for coding in codings)]
        worded = [self._codebook.of_words(order["resourceType"], text) for text in words if text]
        return frozenset[str]().union(*coded, *worded)


def _under_way(case: Case, span: Span) -> tuple[Fact, ...]:
    """Orders of examinations and referrals that stand: drafts of this session, and those of the last days."""
    return tuple(
        one
        for one in case.orders
        if one.status in {"draft", "active", "on-hold"}
        and (one.draft or (one.authored is not None and case.within(one.authored, span)))
    )


def _open(look: Callable[[], tuple[Fact, ...]]) -> tuple[Fact, ...]:
    """What a look at the case gives; nothing where a card was asked alone that does not read it."""
    try:
        return look()
    except NotAsked:
        return ()


def _remark(rule: Rule, name: str, fact: Fact, suggestion: Suggestion) -> Remark:
    when = fact.when or said("date not recorded")
    return Remark(rule, {name: fact.label, "when": when, "offers": (suggestion.label,)})


def _together(remarks: list[Remark]) -> tuple[Remark, ...]:
    """One remark for suggestions of which the same is said."""
    found: dict[str, Remark] = {}
    for remark in remarks:
        known = found.setdefault(remark.rule, remark)
        if known is not remark and "offers" in known.words:
            offers = (*known.words["offers"], *remark.words["offers"])
            found[remark.rule] = Remark(known.rule, {**known.words, "offers": offers})
    return tuple(found.values())


def _orders(suggestion: Suggestion) -> list[dict[str, Any]]:
    """The resources that a suggestion creates or changes."""
    actions = suggestion.actions if suggestion.actions is not UNSET else ()
    return [msgspec.json.decode(action.resource) for action in actions if action.resource is not UNSET]
