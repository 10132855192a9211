"""How long cards are, and what they must not say, in every worked example; ``python -m tests.reading [topic...]`` lists faults."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from statistics import median

from cds_service.authoring.written_cards import WrittenCard, written_cards
from cds_service.knowledge.cards import LONGEST_SUMMARY
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


def words(card: WrittenCard) -> int:
    """Words of the body, headings included."""
    return len(re.sub(r"[*-]+", " ", card.detail).split())


def faults(card: WrittenCard) -> Iterator[str]:
    """What a reader would stumble over."""
    if len(card.summary) > LONGEST_SUMMARY:
        yield f"summary of {len(card.summary)} characters"
    if "…" in card.summary:
        yield "summary cut short"
    if words(card) > MOST_WORDS:
        yield f"{words(card)} words"
    if "**Do now**" not in card.detail:
        yield "nothing to do"
    for pattern, what in _FORBIDDEN:
        if found := pattern.search(f"{card.summary}\n{card.detail}"):
            yield f"{what}: {found[0]!r}"


def main() -> None:
    """List what is wrong, and the median length of each card."""
    knowledge, runner = loaded()
    for topic in sys.argv[1:] or knowledge.cards:
        found = list(written_cards(knowledge.cards[topic], runner))
        for one in found:
            for fault in faults(one):
                print(f"{topic} / {one.example} ({one.message}): {fault}\n    {one.summary}")
        lengths = [words(one) for one in found] or [0]
        summaries = [len(one.summary) for one in found] or [0]
        middle = f"words median {median(lengths):.0f}, most {max(lengths)}"
        print(f"{topic}: {len(found)} examples, {middle}; summary most {max(summaries)}")


if __name__ == "__main__":
    main()
