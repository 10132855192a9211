"""Which gaps bear on what was looked up, or on a fact that was found: what is not understood might have been another answer."""

from __future__ import annotations

from collections.abc import Iterable

from cds_service.chart.case import Case, Inquiry, Read
from cds_service.chart.facts import Fact
from cds_service.chart.gaps import Gap
from cds_service.chart.needs import NEED_OF_TYPE
from cds_service.terminology.dates import Span


def touching(case: Case, asked: Iterable[Inquiry], within: Span | None = None) -> tuple[Gap, ...]:
    """The gaps that concern what was asked for, as far back as each look-up reaches, else ``within``."""
    reads = dict.fromkeys(read for each in asked for read in each.reads)
    return tuple(
        gap
        for gap in case.gaps
        if any(
            gap.need == read.kind
            and (not gap.concepts or _any_of(read, gap) or not gap.concepts.isdisjoint(read.concepts))
            and not (read.drafted and _draft_of(gap) not in {"", read.drafted})
            and gap.bears_on(read.span or within, case.as_of)
            for read in reads
        )
        and not _superseded(gap, case)
    )


def unseats(gap: Gap, fact: Fact, reads: Iterable[Read]) -> bool:
    """Whether what cannot be used answers the same question as a fact, and later or without a date.

    Its own doubtful date does not unseat a fact that was found to count.
    """
    if not any(_both(read, gap, fact) for read in reads):
        return False
    if gap.reference == fact.reference:
        return not gap.of_date
    return gap.when is None or fact.when is None or gap.when.last > fact.when.last


def _any_of(read: Read, gap: Gap) -> bool:
    return not read.concepts and not gap.of_one_study


def _draft_of(gap: Gap) -> str:
    """What kind of draft is not understood: a medicine that nobody can name is no scan; empty where that is not known."""
    return NEED_OF_TYPE.get(gap.reference.partition("/")[0], "")


def _superseded(gap: Gap, case: Case) -> bool:
    """Whether a later usable observation of the same concept took the place of one that cannot be used."""
    when = gap.when
    if gap.need != "observations" or when is None or not gap.concepts:
        return False
    later = [
        fact
        for fact in case.observations.of(*gap.concepts)
        if gap.concepts <= fact.concepts and fact.when is not None and fact.when.first >= when.last
    ]
    if not later:
        return False
    unusable = {each.reference for each in case.gaps if each.need == gap.need and not each.of_date}
    return any(fact.reference not in unusable for fact in later)


def _both(read: Read, gap: Gap, fact: Fact) -> bool:
    """Whether one look-up asked for the concepts of both, as for any kind of calcium.

    A result of which nobody knows what it is may be a later one of the same; no other kind of data is replaced by later ones.
    """
    if read.kind != gap.need or fact.concepts.isdisjoint(read.concepts):
        return False
    if not gap.concepts:
        return gap.need == "observations"
    return not gap.concepts.isdisjoint(read.concepts)
