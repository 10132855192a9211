"""The tunings of a noisy card as a committee reads them: how much quieter, and what would be missed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cds_service.knowledge.cards import CardDefinition, Knowledge
from cds_service.knowledge.parameters import Parameter, change, read_value
from cds_service.knowledge.ranges import number_of, scale_of
from cds_service.simulation.changes import parameter_sentence
from cds_service.simulation.quieter_values import Effect, Trial, TrialResult, trials
from cds_service.simulation.report import Rate

HOW_TO = (
    "What would quiet it, and what would be missed: cds-service report --cohort FOLDER tries its parameters on the patients "
    "of a cohort."
)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """How often a message was accepted when it was shown."""

    accepted: int
    shown: int

    @property
    def rate(self) -> Rate:
        return Rate.of_share(self.accepted, self.shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """One value of one parameter under which fewer cards are shown."""

    topic: str
    setting: str
    """For ``--set``: ``hypercalcaemia.treat_at=3.1 mmol/L``."""
    change: str
    """``treat at 3.1 instead of 3.0 mmol/L``."""
    source: str
    shared_with: tuple[str, ...]
    """Other cards that have the parameter; they stay as they are."""
    before: Rate
    """Patients of 100 with the card."""
    after: Rate
    cards_before: float
    """Cards for 100 evaluations."""
    cards_after: float
    cards_now: int
    fewer: int
    """Cards that are shown now and would not be."""
    gained: int
    missed_critical: int
    """Critical cards among the fewer."""
    lowered: int
    """Critical cards that would be less than critical."""
    missed_accepted: float
    """Cards among the fewer that clinicians would have accepted, at the rates on record."""
    missed_accepted_low: float
    missed_accepted_high: float
    missed_on_record: int | None
    """Of recorded requests: cards among the fewer that were accepted; ``None`` when the cohort holds no recorded cards."""
    best: bool = False
    """No other tuning quiets as much and misses less."""

    @property
    def label(self) -> str:
        """``treat at 3.1 mmol/L``."""
        key, _, value = self.setting.partition("=")
        return f"{key.partition('.')[2].replace('_', ' ').replace('.', ' ')} {value}"

    @property
    def harm(self) -> tuple[float, float]:
        """What is missed: grave first."""
        return (self.missed_critical + self.lowered, self.missed_accepted)

    @property
    def missed(self) -> str:
        """What would be missed, in words."""
        parts = [f"{self.missed_critical} of them critical"] if self.missed_critical else []
        parts += [f"{self.lowered} more no longer critical"] if self.lowered else []
        likely = f"{self.missed_accepted:.1f} ({self.missed_accepted_low:.1f} to {self.missed_accepted_high:.1f})"
        parts.append(f"about {likely} would have been accepted")
        if self.missed_on_record is not None:
            parts.append(f"{self.missed_on_record} were accepted on record")
        return ", ".join(parts)

    @property
    def sentence(self) -> str:
        """The whole in one line."""
        also = f"; {self.gained} new cards" if self.gained else ""
        return (
            f"{self.change}: {self.before.per_100:.1f} -> {self.after.per_100:.1f} patients of 100, "
            f"{self.fewer} cards fewer, {self.missed}{also}"
        )


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The tunings of one noisy card."""

    topic: str
    sentence: str
    """What was tried, and what came of it."""
    tunings: tuple[Tuning, ...]


def what_if(
    knowledge: Knowledge, topic: str, result: TrialResult | None, acceptance: Mapping[str, Acceptance], cohort: str
) -> WhatIf:
    """Sum up what a cohort says; ``acceptance`` is by message, ``""`` the topic's as a whole."""
    card = knowledge.cards.get(topic)
    if card is None or result is None:
        why = "is no card of this knowledge" if card is None else f"is {card.status} now"
        return WhatIf(topic, f"{topic} {why}: there is nothing to tune.", ())
    tried = trials(card)
    names = dict.fromkeys(trial.name for trial in tried)
    if not result.now.cards:
        return WhatIf(
            topic,
            f"Nobody in {cohort} gets this card ({result.evaluations} evaluations): it cannot tell what would quiet it.",
            (),
        )
    found = [
        _tuning(card, knowledge, trial, effect, result, acceptance)
        for trial, effect in zip(tried, result.under, strict=True)
        if effect.cards < result.now.cards
    ]
    chosen = _best(_distinct(found, card))
    on = f"{cohort}: {result.patients} patients, {result.evaluations} evaluations, {result.now.cards} cards"
    tested = f"{len(tried)} other values of {len(names)} parameters were tried on {on}"
    if not chosen:
        return WhatIf(
            topic,
            f"{tested}; none within the allowed ranges quiets it. Look at the override reasons, the message, or the rule.",
            (),
        )
    return WhatIf(topic, f"{tested}; {len(chosen)} quiet it, each in its own way.", tuple(chosen))


def _tuning(
    card: CardDefinition,
    knowledge: Knowledge,
    trial: Trial,
    effect: Effect,
    result: TrialResult,
    acceptance: Mapping[str, Acceptance],
) -> Tuning:
    old = card.parameters[trial.name]
    new = change(old, trial.value, {}, "")
    rates = {message: acceptance.get(message, acceptance.get("", Acceptance(0, 0))).rate for message, _ in effect.lost}
    expected = [
        sum(count * getattr(rates[message], end) / 100 for (message, _), count in effect.lost.items())
        for end in ("per_100", "low", "high")
    ]
    return Tuning(
        topic=card.topic,
        setting=f"{card.topic}.{trial.name}={trial.value}",
        change=parameter_sentence(replace(old, origin="default"), replace(new, origin="default")),
        source=trial.source,
        shared_with=_sharing(knowledge, card.topic, old.shared),
        before=Rate.of_share(result.now.patients, result.patients),
        after=Rate.of_share(effect.patients, result.patients),
        cards_before=_per_100(result.now.cards, result.evaluations),
        cards_after=_per_100(effect.cards, result.evaluations),
        cards_now=result.now.cards,
        fewer=effect.lost.total(),
        gained=effect.gained,
        missed_critical=sum(count for (_, indicator), count in effect.lost.items() if indicator == "critical"),
        lowered=effect.lowered,
        missed_accepted=round(expected[0], 2),
        missed_accepted_low=round(expected[1], 2),
        missed_accepted_high=round(expected[2], 2),
        missed_on_record=effect.accepted if result.traced else None,
    )


def _sharing(knowledge: Knowledge, topic: str, shared: str) -> tuple[str, ...]:
    if not shared:
        return ()
    return tuple(
        other.topic
        for other in knowledge.cards.values()
        if other.topic != topic and any(one.shared == shared for one in other.parameters.values())
    )


def _distinct(found: Iterable[Tuning], card: CardDefinition) -> Iterator[Tuning]:
    """Of values of one parameter that do the same, the one that another guideline names, else the mildest step."""
    kept: dict[tuple[object, ...], Tuning] = {}
    for one in found:
        name = one.setting.partition("=")[0]
        same = (name, one.after, one.cards_after, one.fewer, one.gained, one.harm, one.missed_on_record)
        known = kept.get(same)
        if known is None or _closeness(one, card) < _closeness(known, card):
            kept[same] = one
    yield from kept.values()


def _closeness(one: Tuning, card: CardDefinition) -> tuple[bool, float]:
    key, _, written = one.setting.partition("=")
    parameter = card.parameters[key.partition(".")[2]]
    return (one.source.startswith("within"), _distance(parameter, written))


def _distance(parameter: Parameter, written: str) -> float:
    if scale_of(parameter) is None:
        return 0.0
    return abs(float(number_of(parameter, read_value(parameter, written)) - number_of(parameter, parameter.value)))


def _best(found: Iterable[Tuning]) -> list[Tuning]:
    """Mark the tunings that no other beats; those first, the quietest last."""
    all_of_them = list(found)
    marked = [replace(one, best=not any(_beats(other, one) for other in all_of_them)) for one in all_of_them]
    return sorted(marked, key=lambda one: (not one.best, one.harm[0] > 0, -one.cards_after, one.harm, one.setting))


def spread(tunings: Sequence[Tuning], at_most: int) -> list[Tuning]:
    """So many of them, from the mildest to the quietest."""
    if len(tunings) <= at_most:
        return list(tunings)
    return [tunings[round(place * (len(tunings) - 1) / (at_most - 1))] for place in range(at_most)]


def _beats(other: Tuning, one: Tuning) -> bool:
    as_good = other.cards_after <= one.cards_after and all(a <= b for a, b in zip(other.harm, one.harm, strict=True))
    better = other.cards_after < one.cards_after or other.harm != one.harm
    return as_good and better


def _per_100(count: int, of: int) -> float:
    return round(100 * count / of, 2) if of else 0.0
