"""From verdicts to the answer: cards written out, ranked, capped, with what was held back named."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from msgspec import UNSET, Raw, UnsetType

from cds_service.chart.case import Case
from cds_service.chart.facts import Evidence, Gap
from cds_service.chart.needs import NEEDS
from cds_service.engine.evaluate import Verdict, evaluate_remaining
from cds_service.engine.evidence import evidence_json, evidence_key, evidence_line
from cds_service.engine.gap_words import gap_line
from cds_service.engine.phrases import Phrases
from cds_service.engine.precautions import Guard, Remark
from cds_service.hooks.extensions import BARE, ExtensionNames
from cds_service.hooks.response import Action, Card, Coding, Link, Response, Source, Suggestion
from cds_service.knowledge.cards import OVERRIDE_REASON_SYSTEM, TOPIC_SYSTEM, CardDefinition, Knowledge
from cds_service.outcomes import GRAVITY, Failed, Fired, Indicator, Offer, spoken

_NAMESPACE = uuid.UUID("6f1d3f0e-9a0e-5a53-9c1c-6f0f3c8f9b11")
_MOST_GAPS = 6
"""Of what cannot be used a card names so many; the explanation names all."""
_FOOTER = (
    "Decision support for health professionals, to be used with clinical judgement after local approval; "
    "every order is a draft until it is signed."
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A card that goes out, with what store and explanation keep of it."""

    topic: str
    message: str
    indicator: Indicator
    identity: str
    """Stable name of this advice on this evidence: equal on a later hook, changed by new evidence."""
    card: Card
    parameters: Mapping[str, Any]
    suggestions: Mapping[str, str]
    """Name in the card file of each suggestion, by its uuid."""
    evidence: tuple[Evidence, ...] = ()
    """What decided."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The response and what was behind it."""

    response: Response
    shown: tuple[Shown, ...]
    held_back: tuple[str, ...]
    silent: tuple[Shown, ...]
    """Cards of silent status that would have been shown."""
    capped: tuple[Shown, ...] = ()
    """Held back because enough graver cards go out."""
    snoozed: tuple[Shown, ...] = ()
    """Held back because the clinician put this advice off and nothing is new."""


def _never(_: Shown) -> bool:
    return False


def respond(
    case: Case,
    verdicts: Iterable[Verdict],
    knowledge: Knowledge,
    *,
    hook_instance: str,
    patient_id: str,
    snoozed: Callable[[Shown], bool] = _never,
    names: ExtensionNames = BARE,
) -> Answer:
    """Write the answer; ``snoozed`` says whether the clinician put this advice off, be it critical, and nothing is new."""
    author = _Author(case, knowledge, hook_instance, patient_id, names)
    verdicts = tuple(verdicts)
    written, silent, failed = author.cards(verdicts)
    if failed:
        written, silent, _ = author.cards(_corrected(case, verdicts, failed))
    asleep = {id(shown): shown for shown in written if snoozed(shown)}
    kept, capped = _capped([shown for shown in written if id(shown) not in asleep], knowledge, case.hook)
    held_back = [shown.topic for shown in (*capped, *asleep.values())]
    extension = {names.knowledge_version: knowledge.version} | ({names.held_back: held_back} if held_back else {})
    response = Response(cards=tuple(shown.card for shown in kept), extension=extension)
    return Answer(response, tuple(kept), tuple(held_back), tuple(silent), tuple(capped), tuple(asleep.values()))


def _corrected(case: Case, verdicts: Iterable[Verdict], failed: Mapping[str, Failed]) -> tuple[Verdict, ...]:
    """The verdicts with the cards that could not be written, by topic, as failures."""
    last = [verdict.card for verdict in verdicts if verdict.card.asks_red_flags]
    others = [verdict for verdict in verdicts if not verdict.card.asks_red_flags]
    return evaluate_remaining(
        case, [Verdict(one.card, failed.get(one.card.topic, one.outcome)) for one in others], last
    )


def _capped(written: list[Shown], knowledge: Knowledge, hook: str) -> tuple[list[Shown], list[Shown]]:
    """Rank the cards, critical ones first; on patient-view keep the gravest, as many as are read."""
    ranked = sorted(written, key=lambda shown: (shown.indicator != "critical", knowledge.rank(shown.topic)))
    if hook != "patient-view":
        return ranked, []  # what an order hook says, it says of the orders at hand
    by_weight = sorted(ranked, key=lambda shown: (GRAVITY.index(shown.indicator), knowledge.rank(shown.topic)))
    most = most_shown([shown.indicator for shown in ranked], knowledge.maximum_cards)
    keep = {id(shown) for shown in by_weight[:most]}
    return [shown for shown in ranked if id(shown) in keep], [shown for shown in ranked if id(shown) not in keep]


def most_shown(due: Collection[str], maximum: int) -> int:
    """How many of the cards due on patient-view go out, gravest first: every critical one, and beside one none that is info."""
    critical = sum(indicator == "critical" for indicator in due)
    grave = sum(indicator != "info" for indicator in due)
    return max(critical, min(maximum, grave if critical else len(due)))


class _Author:
    """Writes the cards of one answer."""

    def __init__(
        self, case: Case, knowledge: Knowledge, hook_instance: str, patient_id: str, names: ExtensionNames
    ) -> None:
        self._case = case
        self._names = names
        self._knowledge = knowledge
        self._hook_instance = hook_instance
        self._subject = f"Patient/{patient_id.rpartition('/')[2]}"
        self._phrases = Phrases(knowledge.display_units)
        self._guard = Guard(case, knowledge)

    def cards(self, verdicts: Iterable[Verdict]) -> tuple[list[Shown], list[Shown], dict[str, Failed]]:
        """Write the cards to show, those of silent status apart; a card that cannot be written has failed."""
        written: list[Shown] = []
        silent: list[Shown] = []
        failed: dict[str, Failed] = {}
        for verdict in verdicts:
            if not isinstance(verdict.outcome, Fired):
                continue
            try:
                shown = self.card(verdict.card, verdict.outcome)
            except (KeyError, ValueError, TypeError, ArithmeticError) as error:
                failed[verdict.card.topic] = Failed(type(error).__name__)
                continue
            (silent if verdict.card.status == "silent" else written).append(shown)
        return written, silent, failed

    def card(self, known: CardDefinition, fired: Fired) -> Shown:
        """Write one card. Raises :class:`KeyError` when the rule left a placeholder without a word."""
        frame = _frame(known)
        message = known.messages[fired.message]
        words = {**known.values, **fired.words}
        indicator = fired.indicator(message.indicator)
        identity = _identity(known.topic, fired)
        card_id = self._card_id(identity)
        offers = [offer for offer in fired.offers if self._can_act(known, offer)]
        made = tuple(self._suggestion(known, offer, words, card_id) for offer in offers)
        suggestions, remarks = self._guard.judge(made)
        extension: dict[str, Any] = {
            self._names.knowledge_version: self._knowledge.version,
            self._names.identity: identity,
            self._names.message: message.name,
        }
        if fired.evidence:
            extension[self._names.evidence] = tuple(evidence_json(item) for item in fired.evidence)
        card = Card(
            uuid=str(card_id),
            summary=self._phrases.summary(message.summary, words),
            indicator=indicator,
            detail=self._detail(known, frame, fired, words, remarks),
            source=frame.source,
            suggestions=suggestions or UNSET,
            selection_behavior=known.selection if suggestions else UNSET,
            override_reasons=frame.override_reasons,
            links=frame.links,
            extension=extension,
        )
        named = {suggestion.uuid: offer.suggestion for suggestion, offer in zip(made, offers, strict=True)}
        offered = {suggestion.uuid: named[suggestion.uuid] for suggestion in suggestions}
        return Shown(
            known.topic, message.name, indicator, identity, card, known.written_values, offered, fired.evidence
        )

    def _card_id(self, identity: str) -> uuid.UUID:
        """The same advice in the same hook instance has the same id; another call's has another."""
        return uuid.uuid5(_NAMESPACE, f"{self._hook_instance}|{self._subject}|{identity}")

    def _detail(
        self, known: CardDefinition, frame: _Frame, fired: Fired, words: Mapping[str, Any], remarks: Iterable[Remark]
    ) -> str:
        """What, notes, why, what was not available, sources, and what kind of advice this is."""
        parts = [self._phrases.markdown(known.messages[fired.message].detail, words)]
        notes = [self._phrases.markdown(known.notes[note], words) for note in fired.notes]
        notes += [self._phrases.markdown(remark.wording, remark.words) for remark in remarks]
        if notes:
            parts.append("\n".join(f"- {note}" for note in notes))
        if fired.evidence:
            parts.append("**Why**\n" + "\n".join(evidence_line(item, self._phrases) for item in fired.evidence))
        parts += [self._unusable(fired.gaps), self._not_available(frame.reads), self._set_aside, frame.closing]
        return "\n\n".join([part for part in parts if part])

    def _unusable(self, gaps: tuple[Gap, ...]) -> str:
        """What concerns the card and cannot be used: the first of it by name, the rest counted."""
        lines = [gap_line(gap, self._knowledge) for gap in gaps[:_MOST_GAPS]]
        lines += [f"- {len(gaps) - _MOST_GAPS} more"] if len(gaps) > _MOST_GAPS else []
        return "\n".join(("**Cannot be used**", *lines)) if lines else ""

    def _not_available(self, reads: tuple[str, ...]) -> str:
        lacking = self._case.lacking(*reads)
        cut = [need for need in reads if (supply := self._case.supply.get(need)) and supply.truncated]
        lines = [f"**Not available to this check**: {', '.join(spoken(need) for need in lacking)}."] if lacking else []
        if cut:
            lines.append(f"**First page only**: {', '.join(spoken(need) for need in cut)}.")
        return "\n\n".join(lines)

    @cached_property
    def _set_aside(self) -> str:
        others = sum(item.because == "other-patient" for item in self._case.set_aside)
        unreadable = sum(item.because == "unreadable" for item in self._case.set_aside)
        parts = [f"{others} of another patient"] if others else []
        parts += [f"{unreadable} unreadable"] if unreadable else []
        return f"**Resources set aside**: {', '.join(parts)}." if parts else ""

    def _can_act(self, known: CardDefinition, offer: Offer) -> bool:
        """Whether the draft that a delete or update works on can be named: the client gave it an id."""
        acts = any(action.type != "create" for action in known.suggestions[offer.suggestion].actions)
        return not acts or (offer.draft in self._case.drafts and "#" not in offer.draft)

    def _suggestion(
        self, known: CardDefinition, offer: Offer, words: Mapping[str, Any], card_id: uuid.UUID
    ) -> Suggestion:
        template = known.suggestions[offer.suggestion]
        words = {**words, **offer.words}
        draft = self._case.drafts.get(offer.draft)
        actions = tuple(
            Action(
                type=action.type,  # type: ignore[arg-type]  # create, update or delete by the card file's check
                description=self._phrases.plain(action.description, words),
                resource=_raw(
                    action.resource(
                        words,
                        self._case.as_of,
                        subject=self._subject,
                        encounter=self._case.encounter,
                        draft=draft.body if draft else b"",
                    )
                ),
                resource_id=offer.draft if action.type == "delete" else UNSET,
            )
            for action in template.actions
        )
        name = f"{offer.suggestion}|{offer.draft}"
        return Suggestion(
            label=self._phrases.plain(template.label, words),
            uuid=str(uuid.uuid5(card_id, name)),
            is_recommended=True if template.recommended else UNSET,
            actions=actions,
        )


def _identity(topic: str, fired: Fired) -> str:
    """Name the advice by what decided it: its facts, or its words where it rests on none."""
    facts = sorted(evidence_key(item) for item in fired.evidence)
    words = [] if facts else [f"{name}={word}" for name, word in sorted(fired.words.items())]
    digest = hashlib.sha256("|".join((topic, fired.message, *facts, *words, "")).encode()).hexdigest()
    return f"{topic}:{digest[:16]}"


@dataclass(frozen=True, slots=True)
class _Frame:
    """What a card says whoever the patient is."""

    source: Source
    override_reasons: tuple[Coding, ...] | UnsetType
    links: tuple[Link, ...] | UnsetType
    reads: tuple[str, ...]
    """Its needs, as far as reads bring them."""
    closing: str
    """Sources, what is still to be confirmed, and what kind of advice this is."""


@lru_cache(maxsize=512)
def _frame(known: CardDefinition) -> _Frame:
    written = "; ".join(f"[{source.label}]({source.url})" if source.url else source.label for source in known.sources)
    waiting = (name.partition(".")[0] for name, one in known.parameters.items() if not one.confirmed)  # a table once
    doubtful = ", ".join(name.replace("_", " ") for name in dict.fromkeys(waiting))
    closing = (
        f"**Sources**: {written}." if written else "",
        f"_To be confirmed by clinical review: {doubtful}._" if doubtful else "",
        f"_{_FOOTER}_",
    )
    reasons = tuple(
        Coding(code=reason.code, system=reason.system or OVERRIDE_REASON_SYSTEM, display=reason.display)
        for reason in known.override_reasons
    )
    return _Frame(
        source=Source(
            label=known.source.label,
            url=known.source.url or UNSET,
            topic=Coding(code=known.topic, system=TOPIC_SYSTEM, display=known.title),
        ),
        override_reasons=reasons or UNSET,
        links=tuple(Link(label=link.label, url=link.url, type="absolute") for link in known.links) or UNSET,
        reads=tuple(need for need in known.needs if NEEDS[need]),
        closing="\n\n".join(part for part in closing if part),
    )


def _raw(resource: bytes | None) -> Any:
    return UNSET if resource is None else Raw(resource)
