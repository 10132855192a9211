"""From verdicts to the answer: what is due ranked and capped, what goes out written, what was held back named."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import structs

from cds_service.chart.case import Case
from cds_service.engine.author import Author
from cds_service.engine.duplicate_offers import offered_once
from cds_service.engine.evaluate import Verdict, evaluate_remaining
from cds_service.engine.housekeeping import as_item, is_routine
from cds_service.engine.language import ENGLISH, Language
from cds_service.engine.shown import Answer, Due
from cds_service.hooks.extensions import BARE, ExtensionNames
from cds_service.hooks.response import Response
from cds_service.knowledge.cards import Knowledge
from cds_service.outcomes import GRAVITY, Failed


def _never(_: Due) -> bool:
    return False


def _by_nobody(_: Due) -> datetime | None:
    return None


def respond(
    case: Case,
    verdicts: Iterable[Verdict],
    knowledge: Knowledge,
    *,
    hook_instance: str,
    patient_id: str,
    snoozed: Callable[[Due], bool] = _never,
    put_off: Callable[[Due], datetime | None] = _by_nobody,
    names: ExtensionNames = BARE,
    pages: str = "",
    language: Language = ENGLISH,
) -> Answer:
    """Rank what is due, and write what goes out; ``snoozed`` says whether this advice is put off for who asks and nothing is new.

    ``put_off`` says when a colleague put off critical advice, which is snoozed for that colleague alone. ``pages`` is the address
    before ``/cards/<topic>``, where what stands behind a card is to be read; no link without it.
    A card that the language does not have whole is written in English; one that cannot be written has failed, and the others
    are ranked anew.
    """
    author = Author(case, knowledge, hook_instance, patient_id, names, pages, language)
    verdicts = tuple(verdicts)
    while True:
        ranked = _Ranking(author, verdicts, snoozed)
        shown, failed = author.written(ranked.kept)
        failed |= ranked.failed
        if not failed:
            break
        verdicts = _corrected(case, verdicts, failed)
    shown = [author.after_a_colleague(one, put_off(due)) for one, due in zip(shown, ranked.kept, strict=True)]
    alternatives = {verdict.card.topic: verdict.card.alternatives for verdict in verdicts if verdict.fired}
    kept = tuple(
        author.to_choose_from(one, alternatives.get(one.topic, ())) for one in offered_once(shown, alternatives)
    )
    not_shown = (*ranked.capped, *ranked.snoozed, *ranked.withheld)
    held_back = tuple(one.topic for due in not_shown for one in (due, *due.parts))
    extension: dict[str, Any] = {names.knowledge_version: knowledge.version} | (
        {names.held_back: list(held_back)} if held_back else {}
    )
    if language is not ENGLISH:
        extension |= {names.language: language.tag}
    response = Response(cards=tuple(one.card for one in kept), extension=extension)
    return Answer(response, kept, held_back, ranked.silent, ranked.capped, ranked.snoozed, ranked.withheld)


class _Ranking:
    """What is due by what becomes of it: kept, in the order in which it goes out, or held back and why."""

    def __init__(self, author: Author, verdicts: Iterable[Verdict], snoozed: Callable[[Due], bool]) -> None:
        knowledge, hook = author.knowledge, author.case.hook
        due, self.failed = author.due(verdicts)
        self.silent = tuple(one for verdict, one in due if verdict.card.status == "silent" and not verdict.withheld)
        self.withheld = tuple(one for verdict, one in due if verdict.card.status != "silent" and verdict.withheld)
        for_them = [one for verdict, one in due if verdict.card.status != "silent" and not verdict.withheld]
        self.snoozed = tuple(one for one in for_them if snoozed(one) or _snoozed_as_item(one, knowledge, snoozed))
        put_off = {id(one) for one in self.snoozed}
        ranked = [one for one in for_them if id(one) not in put_off]
        kept, capped = _capped(author.collapsed(ranked) if hook == "patient-view" else ranked, knowledge, hook)
        self.kept, self.capped = tuple(kept), tuple(capped)


def _snoozed_as_item(due: Due, knowledge: Knowledge, snoozed: Callable[[Due], bool]) -> bool:
    """Whether it was put off as a part of the housekeeping."""
    return is_routine(due, knowledge) and snoozed(as_item(due))


def _corrected(case: Case, verdicts: Iterable[Verdict], failed: Mapping[str, Failed]) -> tuple[Verdict, ...]:
    """The verdicts with the cards that could not be written, by topic, as failures."""
    judged, last = [], []
    for verdict in verdicts:
        failure = failed.get(verdict.card.topic)
        if failure is None and verdict.card.asks_red_flags:
            last.append(verdict.card)
        else:
            judged.append(structs.replace(verdict, outcome=failure or verdict.outcome))
    return evaluate_remaining(case, judged, last)


def _capped(due: list[Due], knowledge: Knowledge, hook: str) -> tuple[list[Due], list[Due]]:
    """Rank the cards, critical ones first; on patient-view keep the gravest, as many as are read."""
    ranked = sorted(due, key=lambda one: (one.indicator != "critical", knowledge.rank(one.topic)))
    if hook != "patient-view":
        return ranked, []  # what an order hook says, it says of the orders at hand
    by_weight = sorted(ranked, key=lambda one: (GRAVITY.index(one.indicator), knowledge.rank(one.topic)))
    most = most_shown([one.indicator for one in ranked], knowledge.maximum_cards)
    keep = {id(one) for one in by_weight[:most]}
    return [one for one in ranked if id(one) in keep], [one for one in ranked if id(one) not in keep]


def most_shown(due: Collection[str], maximum: int) -> int:
    """How many of the cards due on patient-view go out, gravest first: every critical one, and beside one none that is info."""
    critical = sum(indicator == "critical" for indicator in due)
    grave = sum(indicator != "info" for indicator in due)
    return max(critical, min(maximum, grave if critical else len(due)))
