"""What a card's file, or a site's, says of whom a card is for becomes an :class:`Audience`; who is left out has to be sayable."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from cds_service.chart.facts import Setting
from cds_service.knowledge.audience import KINDS, Audience, Restriction, Situation
from cds_service.knowledge.card_file import CardFile, RestrictionEntry, SituationEntry
from cds_service.knowledge.yaml_source import Document, Path

_SETTINGS = tuple(filter(None, get_args(Setting)))


def read_audience(document: Document, entry: CardFile) -> Audience:
    """Read ``for_whom``; a name that cannot be met, or a critical message limited without a reason, is noted."""
    path: Path = ("for_whom",)
    written, messages = entry.for_whom, {}
    card = _restriction(document, path, entry, written, tuple(entry.messages))
    for name, one in written.messages.items():
        here: Path = (*path, "messages", name)
        if name not in entry.messages:
            names = tuple(entry.messages)
            document.refuse(here, f"{name!r} is not a message of this card", names, found=name, of_key=True)
        elif one.only_for is None and one.not_for is None:
            document.refuse(here, "say whom it is 'only_for' or 'not_for'", of_key=True)
        else:
            messages[name] = _restriction(document, here, entry, one, (name,))
    return Audience(card, messages)


def _restriction(
    document: Document, path: Path, entry: CardFile, written: RestrictionEntry, messages: tuple[str, ...]
) -> Restriction:
    limited = written.only_for is not None or written.not_for is not None
    if limited and written.why is None and (grave := _grave(entry, messages)):
        document.refuse(path, f"{grave} is limited only with a reason: say 'why'", of_key=True)
    return Restriction(
        only_for=tuple(_situations(document, (*path, "only_for"), entry, written.only_for or ())),
        not_for=tuple(_situations(document, (*path, "not_for"), entry, written.not_for or ())),
        why=written.why or "",
    )


def _grave(entry: CardFile, messages: tuple[str, ...]) -> str:
    """What of these messages nobody may miss without a reason; empty when there is nothing."""
    for name in messages:
        if entry.messages[name].indicator == "critical":
            return f"the critical message {name!r}"
    if "red_flags" in entry.needs:
        return "the card that tells which red flags could not be judged"
    return "a red flag" if entry.red_flag and len(messages) == len(entry.messages) else ""


def _situations(
    document: Document, path: Path, entry: CardFile, written: Iterable[SituationEntry]
) -> Iterable[Situation]:
    for place, one in enumerate(written):
        here = (*path, place) if (*path, place) in document.values else path
        wanted = {kind: getattr(one, kind) for kind in KINDS if getattr(one, kind) is not None}
        if not wanted:
            document.refuse(here, "a situation names something", tuple(KINDS))
        for kind, allowed in (("hooks", tuple(entry.hooks)), ("settings", _SETTINGS)):
            for number, word in enumerate(wanted.get(kind, ())):
                if word not in allowed:
                    problem = f"{word!r} is not a {KINDS[kind]} of {'this card' if kind == 'hooks' else 'care'}"
                    document.refuse((*here, kind, number), problem, allowed, found=word)
        yield Situation({kind: tuple(word.lower() for word in words) for kind, words in wanted.items()})
