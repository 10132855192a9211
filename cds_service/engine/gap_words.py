"""What concerns a card and cannot be used, written out: what it is, as the record writes it, what is wrong, what to do."""

from __future__ import annotations

from cds_service.chart.gaps import Gap
from cds_service.engine.language import ENGLISH, Language
from cds_service.engine.phrases import Phrases, plain_text
from cds_service.knowledge.cards import Knowledge
from cds_service.outcomes import spoken
from cds_service.terminology.said import said


def gap_json(gap: Gap, knowledge: Knowledge) -> dict[str, str]:
    """The members of an explanation; empty ones are left out."""
    members = {
        "about": about(gap, knowledge),
        "written": plain_text(gap.written),
        "date": gap.when.day if gap.when else "",
        "problem": gap.problem,
        "says": knowledge.gaps[gap.problem],
        "reference": gap.reference,
    }
    return {name: text for name, text in members.items() if text}


def gap_text(gap: Gap, knowledge: Knowledge, phrases: Phrases | None = None, *, dated: bool = False) -> str:
    """One sentence in plain text: ``Calcium, total: "13.1 ng/mL" (2026-03-01) cannot be right: ring the laboratory``.

    ``dated`` has the date also where ``phrases`` would say how long ago it was.
    """
    phrases = phrases or Phrases.of(knowledge)
    own = gap.when is not None and gap.written == gap.when.text
    written = f': "{plain_text(phrases.word(gap.written))}"' if gap.written and not own else ""
    when = f" ({phrases.date(gap.when) if dated else phrases.when(gap.when)})" if gap.when else ""
    says = phrases.language.gaps(knowledge)[gap.problem]
    return f"{about(gap, knowledge, phrases.language)}{written}{when} {says}"


def gap_note(gap: Gap, knowledge: Knowledge, phrases: Phrases | None = None) -> str:
    """The same with the date and the resource, in plain text."""
    return gap_text(gap, knowledge, phrases, dated=True) + (f" ({gap.reference})" if gap.reference else "")


def about(gap: Gap, knowledge: Knowledge, language: Language = ENGLISH) -> str:
    """What it concerns: the most telling of its value sets, else the kind of data, or a draft of the session."""
    known = gap.concepts & knowledge.codebook.sets.keys()
    kind = said("a draft order") if gap.need == "draft_orders" else spoken(gap.need)
    found = knowledge.codebook.narrowest(known) if known else None
    name = str(language.word((found.short or found.title) if found else kind))
    return name[:1].upper() + name[1:]
