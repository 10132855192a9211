"""A card's worked examples, run: each becomes FHIR, is read as a request would be, and judged by the card's own rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from cds_service.authoring.scenarios import ConceptCodes, ConceptTable, Scenario, request
from cds_service.authoring.variants import with_changes
from cds_service.chart.case import Case
from cds_service.chart.meanings import Meanings
from cds_service.chart.needs import KEYS
from cds_service.chart.read_fhir import read_case
from cds_service.chart.reading import Circumstances
from cds_service.chart.wire import Prefetch
from cds_service.engine.evaluate import Verdict, case_for
from cds_service.engine.language import ENGLISH, Language
from cds_service.engine.respond import respond
from cds_service.engine.shown import Answer
from cds_service.hooks.response import check, encode
from cds_service.knowledge.cards import CardDefinition, Example, Knowledge
from cds_service.outcomes import CannotTell, Fired, NotFired, Outcome
from cds_service.terminology.dates import Moment

_KEYS = {name: (key.type,) for name, key in KEYS.items()}
_DECODER = msgspec.json.Decoder(Prefetch)


@dataclass(frozen=True, slots=True)
class Ran:
    """One example that was run."""

    card: CardDefinition
    example: Example
    outcome: Outcome
    complaint: str
    """Empty when the card did as the example expects."""

    @property
    def passed(self) -> bool:
        return not self.complaint


class ExampleRunner:
    """Runs examples against one knowledge; fixtures are scenarios by name."""

    def __init__(self, knowledge: Knowledge, fixtures: Mapping[str, Scenario] | None = None) -> None:
        self._knowledge = knowledge
        self._meanings = Meanings(knowledge.codebook)
        self._codes: ConceptCodes = ConceptTable(knowledge.codebook.sets.values())
        self._fixtures = fixtures or {}

    def run_all(self, cards: Iterable[CardDefinition]) -> Iterable[Ran]:
        """Run every example of these cards."""
        for card in cards:
            for example in card.examples:
                yield self.run(card, example)

    def run(self, card: CardDefinition, example: Example) -> Ran:
        """Run one example, with only the data that the card asks for within reach of its rule."""
        card, case = with_changes(card, example.changes), self.case_of(card, example)
        outcome = card.ask(case)  # without the safety net: an example must show what a rule raises
        complaint = _complaint(example, outcome, card) or self._written(card, outcome, case)
        return Ran(card, example, outcome, complaint)

    def answer(
        self, card: CardDefinition, example: Example, *, language: Language = ENGLISH, pages: str = ""
    ) -> Answer:
        """What one example is answered with when its card is the only one, whatever the card's status."""
        card, case = with_changes(card, example.changes), self.case_of(card, example)
        return self._respond(card, card.ask(case), case, language=language, pages=pages)

    def case_of(self, card: CardDefinition, example: Example) -> Case:
        """What the card's rule may see of an example."""
        case = case_for(card, self.case(self.scenario(example)), self._knowledge.cards.values())
        return case.restricted_to(card.needs)

    def scenario(self, example: Example) -> Scenario:
        """The patient and moment that an example speaks of. Raises :class:`LookupError` for an unknown fixture."""
        if isinstance(example.patient, str):
            known = self._fixtures.get(example.patient)
            if known is None:
                raise LookupError(f"{example.where}: there is no fixture {example.patient!r}")
            more = Scenario.model_validate({"hook": example.hook, "facts": [dict(fact) for fact in example.facts]})
            return known.model_copy(update={"hook": example.hook, "facts": (*known.facts, *more.facts)})
        raw: dict[str, Any] = {"hook": example.hook, "facts": [dict(fact) for fact in example.facts]}
        if example.patient is not None:
            raw["patient"] = dict(example.patient)
        if example.as_of:
            raw["as_of"] = example.as_of
        return Scenario.model_validate(raw)

    def case(self, scenario: Scenario) -> Case:
        """Write a scenario as a hook request and read it as the service would."""
        call = request(scenario, self._codes, prefetch_keys=_KEYS)
        context = call["context"]
        drafts = msgspec.json.encode(context["draftOrders"]) if "draftOrders" in context else b""
        circumstances = Circumstances(
            patient_id=context["patientId"],
            hook=scenario.hook,
            as_of=scenario.as_of,
            encounter_id=context.get("encounterId", ""),
            draft_orders=drafts,
            selections=tuple(context["selections"]) if "selections" in context else None,
        )
        return read_case(_DECODER.decode(msgspec.json.encode(call["prefetch"])), circumstances, self._meanings)

    def _written(self, card: CardDefinition, outcome: Outcome, case: Case) -> str:
        """Write the card as an answer would and check it: every placeholder filled, every order and summary valid."""
        if not isinstance(outcome, Fired):
            return ""
        answer = self._respond(card, outcome, case)
        if not any(item.topic == card.topic for item in answer.shown):
            return f"the card could not be written: {_missing(card, outcome)}"
        check(encode(answer.response))
        return ""

    def _respond(self, card: CardDefinition, outcome: Outcome, case: Case, **how: Any) -> Answer:
        verdict = Verdict(replace(card, status="active"), outcome)
        return respond(case, (verdict,), self._knowledge, hook_instance="example", patient_id="patient-1", **how)


def _missing(card: CardDefinition, outcome: Fired) -> str:
    """What keeps a card from being written."""
    message = card.messages.get(outcome.message)
    texts = (message.summary, *message.do, *message.check) if message else ()
    held = {gap.text: gap.word for text in texts for gap in text.placeholders}
    unfilled = [text for text, word in held.items() if word not in {"now", *outcome.words, *card.parameters}]
    if unfilled:
        braced = ", ".join(f"{{{text}}}" for text in unfilled)
        return f"its message {outcome.message!r} holds {braced}, neither a word of the rule nor a parameter"
    return "a placeholder, note, suggestion or draft that its rule names is missing"


_KINDS: dict[str, type[Outcome]] = {"fired": Fired, "silent": NotFired, "cannot tell": CannotTell}


def _complaint(example: Example, outcome: Outcome, card: CardDefinition) -> str:
    """What an outcome does otherwise than the example expects."""
    expected = " ".join(part for part in (example.expect, example.expect_name) if part)
    found = describe(outcome)
    kind = _KINDS.get(example.expect)
    if kind is None or not isinstance(outcome, kind):
        return f"expected {expected}, found {found}"
    name = outcome.message if isinstance(outcome, Fired) else outcome.because if isinstance(outcome, NotFired) else ""
    if example.expect_name and name != example.expect_name:
        return f"expected {expected}, found {found}"
    if isinstance(outcome, Fired):
        return _fired_complaint(example, outcome, card)
    return ""


def _fired_complaint(example: Example, outcome: Fired, card: CardDefinition) -> str:
    offers = tuple(offer.suggestion for offer in outcome.offers)
    if example.offers is not None and sorted(offers) != sorted(example.offers):
        return f"expected the suggestions {', '.join(example.offers) or 'none'}, found {', '.join(offers) or 'none'}"
    missing = [note for note in example.notes if note not in outcome.notes]
    if missing:
        return f"expected the notes {', '.join(missing)}, found {', '.join(outcome.notes) or 'none'}"
    message = card.messages.get(outcome.message)
    indicator = outcome.indicator(message.indicator) if message else ""
    if example.expect_indicator and indicator != example.expect_indicator:
        return f"expected the indicator {example.expect_indicator}, found {indicator}"
    return ""


def describe(outcome: Outcome) -> str:
    """An outcome in the words of an example's ``expect``."""
    if isinstance(outcome, Fired):
        return f"fired {outcome.message}"
    if isinstance(outcome, NotFired):
        return f"silent {outcome.because}"
    if isinstance(outcome, CannotTell):
        missing = [f"missing {', '.join(outcome.missing)}"] if outcome.missing else []
        unusable = [f"{gap.reference or gap.need} {gap.problem}" for gap in outcome.gaps]
        return f"cannot tell ({', '.join((*missing, *unusable))})"
    return f"failed {outcome.error}"


def outcome_line(card: CardDefinition, outcome: Outcome) -> str:
    """All that an outcome says, on one line: what a reader of a change compares with what stood before."""
    facts = [f"{item.reference}{' (' + item.remark + ')' if item.remark else ''}" for item in outcome.evidence]
    if not isinstance(outcome, Fired):
        return " | ".join((describe(outcome), *((f"evidence {', '.join(facts)}",) if facts else ())))
    offers = [
        f"{offer.suggestion}{_words(offer.words)}{'@' + offer.draft if offer.draft else ''}" for offer in outcome.offers
    ]
    parts = (
        f"{describe(outcome)} {outcome.at_most or ''}".strip(),
        f"words{_words(outcome.words)}",
        f"notes {', '.join(outcome.notes)}",
        f"offers {', '.join(offers)}",
        f"evidence {', '.join(facts)}",
    )
    return " | ".join(parts)


def _words(words: Mapping[str, Any]) -> str:
    written = [f"{name}={_word(value)}" for name, value in sorted(words.items())]
    return f"({', '.join(written)})" if written else ""


def _word(value: Any) -> str:
    return value.day if isinstance(value, Moment) else " ".join(str(value).split())
