"""The body of a card: *Do now*, *Check first* and *Why*, within a limit of words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cds_service.chart.case import Case
from cds_service.chart.evidence import Evidence
from cds_service.chart.facts import Observation
from cds_service.chart.gaps import Gap
from cds_service.chart.needs import NEEDS
from cds_service.engine.evidence import evidence_value
from cds_service.engine.gap_words import gap_text
from cds_service.engine.language import ENGLISH, Language
from cds_service.engine.phrases import Phrases, escaped
from cds_service.engine.short_names import capitalised
from cds_service.engine.stated import stated
from cds_service.knowledge.cards import CardDefinition, Knowledge
from cds_service.outcomes import spoken
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Quantity, UnlikeUnits
from cds_service.terminology.value_sets import Codebook

MOST_WORDS = 140
"""Of a card's body; what does not fit stands in the extension."""
MOST_LINES = 4
"""To do, and of reasons."""
_MOST_GAPS = 2
_DRAFT = "draft order"
_TREND_OVER = Span(days=90)


@dataclass(frozen=True, slots=True)
class Lines:
    """What a card says under each heading, in Markdown, the most urgent first."""

    do: tuple[str, ...] = ()
    check: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    """What stands with the facts, and is no fact of the evidence."""

    def written(
        self, language: Language = ENGLISH, *, most: int = MOST_LINES, first: str = ""
    ) -> tuple[str, tuple[str, ...]]:
        """The body, and the lines for which it has no room: cautions beyond the words allowed, notes beyond four reasons."""
        do, facts = self.do[:most], self.why[:MOST_LINES]
        notes = self.also[: MOST_LINES - len(facts)]
        why = (*facts, *notes)
        room = MOST_WORDS - sum(map(_words, (*do, *why))) - _HEADINGS
        check: list[str] = []
        left: list[str] = []
        for line in (*self.do[most:], *self.check):
            fits = not left and (room := room - _words(line)) >= 0
            (check if fits else left).append(line)
        say = language.say
        parts = ((first or say("Do now"), do), (say("Check first"), check), (say("Why"), why))
        body = "\n\n".join(
            f"**{title}**\n\n" + "\n".join(f"- {line}" for line in lines) for title, lines in parts if lines
        )
        return body, (*left, *self.also[len(notes) :])


NO_LINES = Lines()
_HEADINGS = 5
"""Words of the headings."""


def _words(line: str) -> int:
    return len(line.split()) + 1  # its mark


def reasons(
    evidence: Iterable[Evidence], case: Case, phrases: Phrases, codebook: Codebook | None = None, about: str = ""
) -> tuple[str, ...]:
    """The facts that decided: our name, value, age and trend; the same disease or test once.

    Of a report what it found of what the card is ``about``, where there is a codebook to read it by.
    """
    found: dict[str, str] = {}
    for item in evidence:
        value = evidence_value(item, phrases) or (
            stated(item, case, codebook, phrases, about) if codebook is not None else ""
        )
        called = item.called or item.label
        name = called if isinstance(item.value, Quantity) else f"{called} {value}"
        found.setdefault(name.lower(), _reason(item, value, case, phrases))
    return tuple(found.values())


def _reason(item: Evidence, value: str, case: Case, phrases: Phrases) -> str:
    called = item.called or item.label
    written_value = "" if value.lower() in called.lower() else value
    said = bool(called) and written_value.lstrip('"').lower().startswith(
        called.lower()
    )  # "Stage IIIB" says what was asked
    name = "" if said else escaped(phrases.name(called)) or phrases.say("Record")
    written_value = escaped(written_value)
    parts = (
        f"{name}: {written_value}" if name and written_value.startswith('"') else f"{name} {written_value}".strip(),
        _dated(item, phrases),
        phrases.word(item.remark),
        _trend(item, case, phrases),
    )
    return capitalised(", ".join(part for part in parts if part))


def _dated(item: Evidence, phrases: Phrases) -> str:
    """When it was, or how long it lasts; of a draft of this session nothing, and of a disease that nobody dated."""
    if _DRAFT in item.remark:
        return ""
    if item.since is not None and item.since.moment is not None:
        return phrases.when(item.since)
    if item.when is not None:
        return phrases.when(item.when)
    return phrases.say("date not recorded") if isinstance(item.value, Quantity) else ""


def _trend(item: Evidence, case: Case, phrases: Phrases) -> str:
    """How a result moved since the one before: ``up from 2.61 (3 days ago)``."""
    if not isinstance(item.value, Quantity) or item.when is None or item.comparator:
        return ""
    for before in case.observations.of(*item.concepts):
        if _precedes(before, item) and (when := before.when) and _TREND_OVER.reaches(when, case.as_of):
            assert before.value is not None
            try:
                earlier = before.value.to(item.value.unit)
            except UnlikeUnits:
                return ""
            if earlier.value == item.value.value:
                return ""
            number, age = phrases.number(earlier), phrases.when(when)
            if earlier.value < item.value.value:
                return phrases.say("up from {number} ({age})", number=number, age=age)
            return phrases.say("down from {number} ({age})", number=number, age=age)
    return ""


def _precedes(before: Observation, item: Evidence) -> bool:
    assert item.when is not None
    usable = before.value is not None and not before.comparator and before.concepts == item.concepts
    return usable and before.when is not None and before.when.last < item.when.first


def not_understood(gaps: tuple[Gap, ...], knowledge: Knowledge, phrases: Phrases) -> Iterator[str]:
    """What concerns the card and cannot be used, as one line; the explanation names all of it."""
    if gaps:
        words = "; ".join(escaped(gap_text(gap, knowledge, phrases)) for gap in gaps[:_MOST_GAPS])
        if len(gaps) > _MOST_GAPS:
            words = phrases.say("{some}; {count} more", some=words, count=len(gaps) - _MOST_GAPS)
        yield f"{words}."


def not_available(known: CardDefinition, case: Case, phrases: Phrases) -> Iterator[str]:
    """What the check could not look at."""
    reads = [need for need in known.needs if NEEDS[need]]
    if lacking := case.lacking(*reads):
        yield phrases.say("Not available to this check: {kinds}.", kinds=_kinds(lacking, phrases))
    if cut := [need for need in reads if (supply := case.supply.get(need)) and supply.truncated]:
        yield phrases.say("First page only: {kinds}.", kinds=_kinds(cut, phrases))
    aside = [item.because for item in case.set_aside]
    strange, unreadable = aside.count("other-patient"), aside.count("unreadable")
    counts = (
        strange and phrases.say("{count} of another patient", count=strange),
        unreadable and phrases.say("{count} unreadable", count=unreadable),
    )
    if any(counts):
        yield phrases.say("Resources set aside: {counts}.", counts=", ".join(one for one in counts if one))


def _kinds(needs: Iterable[str], phrases: Phrases) -> str:
    return ", ".join(phrases.word(spoken(need)) for need in needs)
