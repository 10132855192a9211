"""A client's order catalogue beside ours: what is mapped, whether doses agree, and a table for the pharmacist to fill in."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import yaml

from cds_service.authoring.examples import ExampleRunner
from cds_service.authoring.variants import with_changes
from cds_service.engine.client_adaptation import dose_of
from cds_service.knowledge.cards import CardDefinition, Example, Knowledge
from cds_service.knowledge.orderables import ANY_CLIENT, Orderable, OrderableEntry, orderables_of, same_dose
from cds_service.knowledge.templates import Action
from cds_service.outcomes import Fired
from cds_service.terminology.quantities import Quantity

COLUMNS = ("order", "words", "suggested by", "client", "system", "code", "display", "dose")


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One order of ours, in one dose, and what stands for it at the client."""

    order: str
    words: str
    suggested_by: tuple[str, ...]
    dose: Quantity | None
    """The dose that some card orders; ``None`` for what has none."""
    entries: tuple[Orderable, ...]

    @property
    def problem(self) -> str:
        """Empty where an entry stands for the order in this dose."""
        if not self.entries:
            return "not mapped"
        if self.dose is None or any(same_dose(entry, self.dose) for entry in self.entries):
            return ""
        return f"mapped to {', '.join(str(entry.dose) for entry in self.entries)}, ordered as {self.dose}"

    @property
    def as_json(self) -> Mapping[str, Any]:
        """For programs: the order, its dose, the cards that suggest it, and the codings of its entries."""
        return {
            "order": self.order,
            "words": self.words,
            "dose": str(self.dose or ""),
            "suggestedBy": self.suggested_by,
            "entries": [entry.coding for entry in self.entries],
            "problem": self.problem,
        }


def order_lines(knowledge: Knowledge, runner: ExampleRunner, client: str = ANY_CLIENT) -> tuple[OrderLine, ...]:
    """Every order of the catalogue with the doses in which the cards' own examples order it."""
    known = knowledge.orderables
    suggested: dict[str, list[str]] = {name: [] for name in knowledge.orders}
    words: dict[str, str] = {}
    for name, card, action in _made(knowledge.cards.values()):
        suggested[name].append(card)
        words.setdefault(name, _words(action))
    doses = _doses(knowledge, runner)
    return tuple(
        OrderLine(name, words.get(name, ""), tuple(dict.fromkeys(by)), dose, _entries(known.named(name, client), dose))
        for name, by in suggested.items()
        for dose in doses.get(name) or (None,)
    )


def to_csv(lines: Iterable[OrderLine], client: str = ANY_CLIENT) -> str:
    """The table for the pharmacist: a row for each order and dose, with the entries that are known."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for line in lines:
        ours = (line.order, line.words, " ".join(line.suggested_by))
        fitting = [one for one in line.entries if line.dose is None or same_dose(one, line.dose)]
        for entry in fitting or [Orderable(client, "", "", "", line.dose)]:
            table.writerow((*ours, entry.client, entry.system, entry.code, entry.display, entry.dose or ""))
    return out.getvalue()


def from_csv(text: str, knowledge: Knowledge) -> dict[str, list[OrderableEntry]]:
    """Read the table back; rows without a code are still to be mapped. Raises :class:`ValueError` that names the row."""
    table = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    lacking = {"order", "system", "code", "display"} - set(table.fieldnames or ())
    if lacking:
        raise ValueError(f"row 1: the column {min(lacking)!r} is missing; there are {', '.join(COLUMNS)}")
    entries: dict[str, list[OrderableEntry]] = {}
    for number, row in enumerate(table, start=2):
        if not (row["code"] or "").strip():
            continue
        name = row["order"].strip()
        if name not in knowledge.orders and name not in knowledge.orderables.orders:
            raise ValueError(f"row {number}: there is no order {name!r}")
        said = {column: (row.get(column) or "").strip() for column in ("client", "system", "code", "display", "dose")}
        entry = OrderableEntry.model_validate({**said, "client": said["client"] or ANY_CLIENT})
        try:
            orderables_of({name: [entry]})
        except ValueError as error:
            raise ValueError(f"row {number}: {error}") from None
        if entry not in entries.setdefault(name, []):
            entries[name].append(entry)
    return entries


def as_overlay(entries: Mapping[str, Iterable[OrderableEntry]]) -> str:
    """The part ``orderables`` of a site's file, as YAML."""
    written = {
        name: [{key: value for key, value in one.model_dump().items() if value} for one in listed]
        for name, listed in entries.items()
    }
    text: str = yaml.safe_dump({"orderables": written}, sort_keys=False, allow_unicode=True, width=1000)
    return text


def _made(cards: Iterable[CardDefinition]) -> Iterator[tuple[str, str, Action]]:
    """Order, topic and suggestion, and each action that makes one; a draft that is changed into one comes last."""
    found = [
        (action.order, f"{card.topic}.{suggestion.name}", action)
        for card in cards
        for suggestion in card.suggestions.values()
        for action in suggestion.actions
        if action.order and action.template is not None
    ]
    yield from sorted(found, key=lambda made: made[2].type == "update")


def _words(action: Action) -> str:
    """The words of the order's code, failing it what the action does; what a card fills in stays out."""
    template = action.template
    if template is None or not template.resource_type:
        return action.description.fill(lambda placeholder: "...")
    text = b"".join(part if isinstance(part, bytes) else b"..." for part in template.segments).decode()
    concept = text.partition('"medicationCodeableConcept":{' if "medicationCodeableConcept" in text else '"code":{')[2]
    return str(json.JSONDecoder().raw_decode(concept.partition('"text":')[2])[0])


def _entries(entries: tuple[Orderable, ...], dose: Quantity | None) -> tuple[Orderable, ...]:
    """The entries for one dose, or all where none fits: then they are what is wrong."""
    return tuple(one for one in entries if dose is None or same_dose(one, dose)) or entries


def _doses(knowledge: Knowledge, runner: ExampleRunner) -> dict[str, tuple[Quantity, ...]]:
    """The doses in which the examples of the cards order each medicine, largest first."""
    found: dict[str, dict[Quantity, None]] = {}
    for card in knowledge.cards.values():
        medicines = {
            suggestion.name
            for suggestion in card.suggestions.values()
            if any(map(_may_be_medicine, suggestion.actions))
        }
        for example in card.examples:
            if example.expect == "fired" and not medicines.isdisjoint(example.offers or medicines):
                for name, dose in _ordered(card, runner, example):
                    found.setdefault(name, {})[dose] = None
    return {name: tuple(sorted(doses, key=lambda dose: -dose.value)) for name, doses in found.items()}


def _may_be_medicine(action: Action) -> bool:
    return action.template is not None and action.template.resource_type in {"MedicationRequest", ""}


def _ordered(card: CardDefinition, runner: ExampleRunner, example: Example) -> Iterator[tuple[str, Quantity]]:
    """What one example orders, each with its dose; one that follows the patient's weight stands in no catalogue."""
    stated = {one.value for one in card.values.values() if isinstance(one, Quantity)}
    varied, case = with_changes(card, example.changes), runner.case_of(card, example)
    outcome = varied.ask(case)
    for offer in outcome.offers if isinstance(outcome, Fired) else ():
        words = {**varied.values, **outcome.words, **offer.words} if isinstance(outcome, Fired) else {}
        for action in varied.suggestions[offer.suggestion].actions:
            if action.order and action.template and _may_be_medicine(action):
                order = msgspec.json.decode(action.template.render(words, case.as_of))
                dose = dose_of(order)
                if dose is not None and ("dose" not in offer.words or dose.value in stated):
                    yield action.order, dose
