"""How long cards are, and what they must not say, in every worked example; ``python -m tests.reading [topic...]`` lists faults."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from msgspec import UNSET

from cds_service.authoring.examples import ExampleRunner
from cds_service.authoring.variants import with_changes
from cds_service.engine.evaluate import Verdict
from cds_service.engine.respond import respond
from cds_service.knowledge.cards import LONGEST_SUMMARY, CardDefinition, Knowledge
from tests.expected import loaded

MOST_WORDS = 140
MEDIAN_WORDS = 90
_FORBIDDEN = (
    (re.compile(r"\b\d{4}-\d\d-\d\d"), "a date or time stamp as machines write it"),
    (
        re.compile(r"\((?:CMS/HCC|disorder|finding|procedure|situation|substance)\)"),
        "the suffix of a billing or code system",
    ),
    (re.compile(r"\bmalignant (?:neoplasm|tumou?r)\b", re.I), "the name of a classification"),
    (re.compile(r"\[[A-Z][a-z]+/[a-z]+\]|in (?:Serum or Plasma|Arterial blood)"), "a LOINC name"),
    (
        re.compile(r"\b(?:Condition|Observation|DiagnosticReport|Procedure|MedicationRequest|ServiceRequest)/"),
        "a resource id",
    ),
    (re.compile(r"\bTo be confirmed\b|\b(?:withheld|not offered)\*\*"), "the frame of the old form"),
    (re.compile(r" ,|\(\)|\( |  |,,|: *$"), "a hole where a word is empty"),
    (
        re.compile(r"\bsince (?:recorded|since|\d+ days|yesterday|today ago)\b|\bago ago\b"),
        "an age that is not a sentence",
    ),
)


@dataclass(frozen=True, slots=True)
class Read:
    """One card of one example as a clinician reads it."""

    topic: str
    example: str
    message: str
    indicator: str
    summary: str
    detail: str
    more: tuple[str, ...]

    @property
    def words(self) -> int:
        return len(re.sub(r"[*-]+", " ", self.detail).split())

    def faults(self) -> Iterator[str]:
        """What a reader would stumble over."""
        if len(self.summary) > LONGEST_SUMMARY:
            yield f"summary of {len(self.summary)} characters"
        if "…" in self.summary:
            yield "summary cut short"
        if self.words > MOST_WORDS:
            yield f"{self.words} words"
        for pattern, what in _FORBIDDEN:
            if found := pattern.search(f"{self.summary}\n{self.detail}"):
                yield f"{what}: {found[0]!r}"


def read(card: CardDefinition, knowledge: Knowledge, runner: ExampleRunner) -> Iterator[Read]:
    """Each example that fires, written out."""
    for example in card.examples:
        varied, case = with_changes(card, example.changes), runner.case_of(card, example)
        answer = respond(
            case, (Verdict(varied, varied.ask(case)),), knowledge, hook_instance="x", patient_id="patient-1"
        )
        for shown in (*answer.shown, *answer.silent):
            if shown.topic == card.topic:
                detail = "" if shown.card.detail is UNSET else shown.card.detail
                extension = {} if shown.card.extension is UNSET else shown.card.extension
                yield Read(
                    card.topic,
                    example.name,
                    shown.message,
                    shown.indicator,
                    shown.card.summary,
                    detail,
                    tuple(extension.get("more", ())),
                )


def main() -> None:
    """List what is wrong, and the median length of each card."""
    knowledge, runner = loaded()
    for topic in sys.argv[1:] or knowledge.cards:
        found = list(read(knowledge.cards[topic], knowledge, runner))
        for one in found:
            for fault in one.faults():
                print(f"{topic} / {one.example} ({one.message}): {fault}\n    {one.summary}")
        lengths = [one.words for one in found] or [0]
        summaries = [len(one.summary) for one in found] or [0]
        middle = f"words median {median(lengths):.0f}, most {max(lengths)}"
        print(f"{topic}: {len(found)} examples, {middle}; summary most {max(summaries)}")


if __name__ == "__main__":
    main()
