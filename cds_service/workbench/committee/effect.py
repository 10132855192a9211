"""What a proposal does: differences in sentences, and for patients the cards before and after, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from markdown_it import MarkdownIt
from markupsafe import Markup

from cds_service.engine.shown import Shown
from cds_service.hooks.request import RequestError
from cds_service.knowledge.cards import Knowledge
from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.service.store import Period, Store
from cds_service.simulation.feedback import SilentLine, SilentRow, silent_report
from cds_service.workbench.playground.asking import consult
from cds_service.workbench.playground.date_shift import Json

_MARKDOWN = MarkdownIt("commonmark", {"html": False})
MOST_SHOWN = 40
"""Patients who flip that a page shows."""


class NamedPatient(Protocol):
    """Who is asked about: a made-up patient or one of the site's own."""

    @property
    def name(self) -> str: ...
    @property
    def hook(self) -> str: ...
    @property
    def request(self) -> Json: ...


@dataclass(frozen=True, slots=True)
class CardText:
    """A card as a reader sees it."""

    indicator: str
    summary: str
    detail: Markup
    orders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flip:
    """One patient whose answer differs, for one topic; ``None`` where there is no card."""

    patient: str
    topic: str
    before: CardText | None
    after: CardText | None


@dataclass(frozen=True, slots=True)
class Effect:
    """Who gets something else among how many."""

    patients: int
    flips: tuple[Flip, ...]

    @property
    def kinds(self) -> tuple[tuple[str, int, int, int], ...]:
        """By topic: cards gained, lost, and reading otherwise."""
        topics = dict.fromkeys(flip.topic for flip in self.flips)
        counts = []
        for topic in topics:
            mine = [flip for flip in self.flips if flip.topic == topic]
            gained, lost = sum(flip.before is None for flip in mine), sum(flip.after is None for flip in mine)
            counts.append((topic, gained, lost, len(mine) - gained - lost))
        return tuple(counts)


def effect(old: Knowledge, new: Knowledge, patients: Iterable[NamedPatient]) -> Effect:
    """Ask both for every patient, on the hook that he or she was made for."""
    everybody = list(patients)
    before, after = KnowledgeAdvisor(old), KnowledgeAdvisor(new)
    flips = [flip for patient in everybody for flip in _flips(before, after, patient)]
    return Effect(len(everybody), tuple(flips))


def silent_record(store: Store, new: Knowledge) -> tuple[SilentLine, ...]:
    """What live calls said of it, when the same overlay ran as a candidate."""
    variant = f"{new.site or 'candidate'}@{new.version}"
    rows = [row for row in store.card_rows(Period()) if row.variant in {"", variant}]
    if not any(row.variant for row in rows):
        return ()
    return silent_report(
        [
            SilentRow(
                row.variant, row.topic, row.message, row.indicator, row.standing, row.card_id,
                (row.client, row.tenant, row.service, row.hook_instance),
            )
            for row in rows
        ],
        [],
    ).lines  # fmt: skip


def _flips(before: KnowledgeAdvisor, after: KnowledgeAdvisor, patient: NamedPatient) -> Iterator[Flip]:
    try:
        had, has = (_cards(advisor, patient) for advisor in (before, after))
    except RequestError:
        return
    for topic in dict.fromkeys((*had, *has)):
        if had.get(topic) != has.get(topic):
            yield Flip(patient.name, topic, had.get(topic), has.get(topic))


def _cards(advisor: KnowledgeAdvisor, patient: NamedPatient) -> dict[str, CardText]:
    services = {hook: service_id for service_id, hook in advisor.knowledge.services}
    if patient.hook not in services:
        return {}
    answer = consult(advisor, services[patient.hook], patient.request).answer
    return {shown.topic: _text(shown) for shown in answer.shown}


def _text(shown: Shown) -> CardText:
    card = shown.card
    labels = tuple(one.label for one in card.suggestions) if card.suggestions else ()
    detail = Markup(_MARKDOWN.render(str(card.detail or "")))  # noqa: S704 - the renderer escapes HTML
    return CardText(shown.indicator, card.summary, detail, labels)
