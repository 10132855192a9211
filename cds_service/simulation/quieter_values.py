"""What would quiet a card, and what would be missed: its own parameters moved within their ranges, over a cohort.

Each rule runs once for a case with all its parameters watched (:mod:`simulation.recorded_checks`); again only for values
under which one of its questions would get another answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cds_service.chart.case import Case
from cds_service.engine.evaluate import Verdict, case_for, evaluate_card
from cds_service.engine.respond import respond
from cds_service.knowledge.cards import CardDefinition, Knowledge
from cds_service.knowledge.parameters import Parameter, change
from cds_service.knowledge.ranges import number_of, scale_of, written_unit
from cds_service.outcomes import Outcome
from cds_service.simulation.question import CardOutcome, Question, said
from cds_service.simulation.recorded_checks import Notes, recording
from cds_service.simulation.records import Record
from cds_service.simulation.sweep import CardReads, Replay

STEPS = 12
"""Values of a range that are tried."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One other value of one parameter of a card."""

    topic: str
    name: str
    value: str
    """As written in a site's file: ``3.1 mmol/L``."""
    source: str
    """``within the range 2.80 to 3.30 mmol/L``, or whose value it is."""


@dataclass(slots=True)
class Effect:
    """What a trial changes, in evaluations unless patients are named."""

    patients: int = 0
    """Patients with the card at any moment."""
    cards: int = 0
    lost: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Cards that are shown now and would not be, by message and indicator."""
    lowered: int = 0
    """Critical cards that would be less than critical."""
    gained: int = 0
    accepted: int = 0
    """Lost cards that a clinician accepted, as far as recorded requests name them."""

    def add(self, other: Effect) -> None:
        """Join what another shard counted."""
        self.patients += other.patients
        self.cards += other.cards
        self.lost.update(other.lost)
        self.lowered += other.lowered
        self.gained += other.gained
        self.accepted += other.accepted


@dataclass(slots=True)
class TrialResult:
    """What a shard says of one card as it is, and under each trial, in the order of :func:`trials`."""

    patients: int = 0
    evaluations: int = 0
    """Those of the card's hooks."""
    now: Effect = field(default_factory=Effect)
    under: list[Effect] = field(default_factory=list)
    traced: int = 0
    """Cards of recorded requests, which the store can tell the fate of."""

    def add(self, other: TrialResult) -> None:
        """Join what another shard counted."""
        self.patients += other.patients
        self.evaluations += other.evaluations
        self.traced += other.traced
        self.now.add(other.now)
        for mine, more in zip(self.under, other.under, strict=True):
            mine.add(more)


def trials(card: CardDefinition) -> tuple[Trial, ...]:
    """The other values of a card's parameters: recorded alternatives, and numbers along each range."""
    found: dict[tuple[str, str], Trial] = {}
    for name in card.arguments:
        parameter = card.parameters[name]
        for written, source in _other_values(parameter):
            try:
                other = change(parameter, written, {}, "what-if")
            except ValueError:  # another guideline's value may lie outside what a site may set
                continue
            if _leading(other) != _leading(parameter):
                found.setdefault((name, other.text), Trial(card.topic, name, written, source))
    return tuple(found.values())


def _leading(parameter: Parameter) -> object:
    """What makes a value another one: its number, whatever other units it is stated in as well."""
    return parameter.value if scale_of(parameter) is None else number_of(parameter, parameter.value)


def _other_values(parameter: Parameter) -> Iterable[tuple[str, str]]:
    for other in parameter.alternatives:
        whose = other.source.title if other.source else other.why
        yield other.value.strip("'"), f"alternative: {whose}" if whose else "recorded alternative"
    within = f"within {parameter.range_text}"
    scale = scale_of(parameter)
    if scale is not None:
        unit = written_unit(parameter)
        yield from ((f"{number} {unit}".strip(), within) for number in scale.along(STEPS))
    elif parameter.annotation is bool:
        yield from (("true", within), ("false", within))
    elif parameter.kind != "tuple[str, ...]":
        yield from ((word, within) for word in parameter.one_of)


class TrialRun:
    """Puts the trials of one card to records."""

    def __init__(self, card: CardDefinition, question: Question, accepted: Collection[str]) -> None:
        self.card, self._question, self._accepted = card, question, accepted
        self.result = TrialResult()
        self._by_name: dict[str, list[tuple[int, Mapping[str, object]]]] = {}
        for place, trial in enumerate(trials(card)):
            value = change(card.parameters[trial.name], trial.value, {}, "what-if").value
            arguments = {**card.arguments, trial.name: value}
            self._by_name.setdefault(trial.name, []).append((place, arguments))
            self.result.under.append(Effect())
        self._replay = {
            name: Replay([{card.topic: arguments} for _, arguments in tried], [(card.topic, ((name,),))])
            for name, tried in self._by_name.items()
        }

    def count(self, record: Record, cases: Sequence[Case]) -> None:
        """Count one record at its moments."""
        card, result = self.card, self.result
        everyone = self._question.current.cards.values()
        cases = [case_for(card, case, everyone) for case in cases if case.hook in card.hooks]
        notes = {name: Notes() for name in self._by_name}
        arguments = dict(card.arguments)
        for name, noted in notes.items():
            arguments[name] = recording(arguments[name], 0, noted)
        outcomes = [evaluate_card(case, card, arguments) for case in cases]
        now = [said(card, outcome) for outcome in outcomes]
        fates = [
            self._fate(record, case, *pair) for case, pair in zip(cases, zip(outcomes, now, strict=True), strict=True)
        ]
        result.patients += 1
        result.evaluations += len(cases)
        result.traced += sum(fate is not None for fate in fates)
        _count(result.now, now)
        for name, tried in self._by_name.items():
            stale = self._stale(name, notes[name]) if cases else frozenset()
            for number, (place, changed) in enumerate(tried):
                effect = result.under[place]
                if number in stale:
                    after = [said(card, evaluate_card(case, card, changed)) for case in cases]
                    _compare(effect, now, after, fates)
                else:
                    after = now
                _count(effect, after)

    def _stale(self, name: str, notes: Notes) -> frozenset[int]:
        checks = tuple(dict.fromkeys(notes.checks))
        return self._replay[name].stale(CardReads(self.card.topic, notes.blind or notes.unwatched, checks, ()))

    def _fate(self, record: Record, case: Case, outcome: Outcome, spoken: CardOutcome) -> bool | None:
        """Whether the card of a recorded request was accepted; ``None`` for what is no card of a recorded request."""
        if not record.hook_instance or spoken.kind != "fired":
            return None
        answer = respond(
            case,
            (Verdict(self.card, outcome),),
            self._question.current,
            hook_instance=record.hook_instance,
            patient_id=record.patient_id,
        )
        return any(shown.card.uuid in self._accepted for shown in answer.shown)


def run_trials(
    records: Iterable[Record], question: Question, topics: Iterable[str], accepted: Collection[str]
) -> list[TrialResult]:
    """Put the trials of these cards to every record, in the order of topics."""
    runs = [TrialRun(question.current.cards[topic], question, accepted) for topic in topics]
    for record in records:
        cases = question.cases(record)
        for run in runs:
            run.count(record, cases)
    return [run.result for run in runs]


def quietable(knowledge: Knowledge, topics: Iterable[str]) -> tuple[str, ...]:
    """Those of the topics whose rule still runs."""
    return tuple(topic for topic in topics if topic in knowledge.cards and knowledge.cards[topic].evaluated)


def _count(effect: Effect, spoken: Sequence[CardOutcome]) -> None:
    fired = sum(one.kind == "fired" for one in spoken)
    effect.cards += fired
    effect.patients += bool(fired)


def _compare(
    effect: Effect, before: Sequence[CardOutcome], after: Sequence[CardOutcome], fates: Sequence[bool | None]
) -> None:
    for was, now, fate in zip(before, after, fates, strict=True):
        if was.kind == "fired" and now.kind != "fired":
            effect.lost[was.name, was.indicator] += 1
            effect.accepted += fate is True
        elif was.kind != "fired" and now.kind == "fired":
            effect.gained += 1
        elif was.kind == now.kind == "fired" and was.indicator == "critical" != now.indicator:
            effect.lowered += 1
