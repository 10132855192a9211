"""A rule is a ladder: it yields its rungs in order; the first that holds answers, and those passed stay on record.

A rung asks one clinical question. :func:`absent` is silent for want of something that was looked for, :func:`silent`
because of something that is there, :func:`unknown` says that nobody can tell, :func:`card` speaks. The names of rungs are
names of the card file, where their words stand.

No rung can say *no* over data that were not understood: what the rule looked up since the last rung, and what it looked up
before and has not asked about yet, is compared with the gaps of the case. A gap that might have changed the answer makes it
*not known*. Nobody has to declare what a rung rests on; so look things up right before the rung that asks about them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from itertools import chain, islice
from typing import Concatenate, Literal, ParamSpec, TypeVar

from msgspec import Struct, structs

from cds_service.chart.bearing import touching, unseats
from cds_service.chart.case import ABSENT, Case, Reads
from cds_service.chart.evidence import Evidence
from cds_service.chart.facts import Fact
from cds_service.chart.gaps import Gap
from cds_service.findings.cancer import in_scope
from cds_service.findings.finding import Finding, called
from cds_service.outcomes import (
    CannotTell,
    Fired,
    Indicator,
    NotFired,
    Offer,
    Outcome,
    Step,
    Word,
    evidence_of,
)
from cds_service.terminology.dates import Span

P = ParamSpec("P")
R = TypeVar("R")

MOST_QUOTED = 8
"""Facts that one answer quotes; who wants more reads the record."""

Quotable = Fact | Finding | Evidence | Iterable[Fact | Evidence] | None
"""What a rung may quote: a fact, all facts of a finding, a fact with a remark of its own, several, or none."""

Sayable = Finding | tuple[Fact, ...] | list[Fact]
"""What stands among the words of a card for its name: a finding for what it is called, facts for each of their names."""

_ITEM, _FOUND = (Fact, Evidence), (Finding, Fact)
_QUOTABLE = (Fact, Finding, Evidence, tuple, list)


class Rung(Struct, frozen=True):
    """One question: whether it holds, on what, and what is answered then."""

    name: str
    kind: Literal["absent", "silent", "unknown", "card", "branch"]
    holds: bool
    facts: tuple[Quotable, ...] = ()
    """What is quoted when the rung answers."""
    found: Finding | Fact | None = None
    """What was asked for, where it is a fact or finding."""
    needs: tuple[str, ...] = ()
    gaps_in: tuple[str, ...] = ()
    """Kinds of data whose gaps leave it open; none: all that were looked up."""
    within: Span | None = None
    """How far back the question reaches, where something older was looked up beside it."""
    fired: Fired | None = None
    words: Mapping[str, Word | Sayable] = {}
    """What fills the card's placeholders."""
    branches: tuple[Iterator[Rung], ...] = ()

    def facts_asked(self) -> Iterator[Fact]:
        """What was asked about and found, each fact once."""
        return (fact for fact in _each_once(_flat((self.found, *self.facts))) if isinstance(fact, Fact))

    def stood_on(self) -> tuple[Fact, ...]:
        """The same, as many as a reader takes in."""
        return tuple(islice(self.facts_asked(), MOST_QUOTED))


Ladder = Iterator[Rung]


def absent(name: str, found: object, *quote: Quotable, needs: Sequence[str], within: Span | None = None) -> Rung:
    """Silent when nothing was found; not known when one of ``needs``, where it would stand, did not reach us.

    ``within`` says how far back the question reaches, where something older is looked up for its words alone.
    """
    return Rung(name, "absent", not found, quote, _fact(found), tuple(needs), within=within)


def needed(
    name: str, found: R | None, *quote: Quotable, needs: Sequence[str], within: Span | None = None
) -> Generator[Rung, None, R]:
    """:func:`absent`, which gives what was found to the rungs above it: ``pain = yield from needed(...)``."""
    yield absent(name, found, *quote, needs=needs, within=within)
    assert found is not None
    return found


def outside_scope(case: Case) -> Rung:
    """Silent for a patient without any evidence of cancer: the service does not speak for others.

    Only a problem that cannot be read leaves that open; every unreadable result would make the service speak for everybody.
    """
    return structs.replace(absent("no_cancer", in_scope(case), needs=("conditions",)), gaps_in=("conditions",))


def draft_needed(case: Case, drafts: R) -> Generator[Rung, None, R]:
    """What each card on orders asks first: a draft, unless a chart is only opened, in a patient with cancer; gives the drafts."""
    if case.hook != "patient-view":
        yield absent("no_such_draft", drafts, needs=())
    yield outside_scope(case)
    return drafts


def silent(name: str, when: object, *because: Quotable) -> Rung:
    """Silent because of these facts, or else of what was found: something is done, ordered, normal, or speaks against."""
    return Rung(name, "silent", bool(when), because or (_quotable(when),), _fact(when))


def unknown(what: str, when: object, *about: Quotable) -> Rung:
    """Not known: ``what`` names the fact that leaves the question open, such as ``calcium unit``."""
    return Rung(what, "unknown", bool(when), about)


def card(
    message: str,
    *because: Quotable,
    when: object = True,
    words: Mapping[str, Word | Sayable] | None = None,
    notes: Mapping[str, object] | Iterable[str] = (),
    offers: Mapping[str, object] | Iterable[Offer | str] = (),
    at_most: Indicator | None = None,
    gaps: tuple[Gap, ...] = (),
) -> Rung:
    """Speak: the card file's message, with the facts that decided, words, notes that hold and offers.

    Without ``when`` it is the last rung. A finding or facts among the words stand for their names. ``notes`` and ``offers``
    are names, or whether each of several names holds; an offer holds with the words that fill it.
    A draft that the client gave no id can be spoken of, but no offer can act on it. ``gaps`` are those that the card is about.
    """
    if not when:
        return Rung(message, "card", False)
    addressed = tuple(offer for offer in _offered(offers) if "#" not in offer.draft)
    shown = [name for name, holds in notes.items() if holds] if isinstance(notes, Mapping) else notes
    fired = Fired(message, quoted(*because), {}, tuple(shown), addressed, at_most, gaps)
    return Rung(message, "card", True, because, fired=fired, words=words or {})


def cards(
    messages: Mapping[str, object],
    *because: Quotable,
    words: Mapping[str, Word | Sayable] | None = None,
    notes: Mapping[str, object] | Iterable[str] = (),
    offers: Mapping[str, object] | Iterable[Offer | str] = (),
    at_most: Indicator | None = None,
) -> Ladder:
    """Speak with the first of these messages that holds: facts, words, notes and offers are the same for each."""
    for message, when in messages.items():
        yield card(message, *because, when=when, words=words, notes=notes, offers=offers, at_most=at_most)


def _offered(offers: Mapping[str, object] | Iterable[Offer | str]) -> Iterator[Offer]:
    if isinstance(offers, Mapping):
        for name, holds in offers.items():
            if holds:
                yield Offer(name, holds if isinstance(holds, Mapping) else {})
    else:
        yield from (Offer(offer) if isinstance(offer, str) else offer for offer in offers)


def gravest_of(branches: Iterable[Ladder]) -> Rung:
    """Several ladders, such as one for each draft, for one answer: the first that fires, else that is not known, else the first."""
    return Rung("", "branch", True, branches=tuple(branches))


def ladder(rule: Callable[Concatenate[Case, P], Ladder]) -> Callable[Concatenate[Case, P], Outcome]:
    """Make a rule of a generator of rungs: climbed, it gives the outcome of the first rung that holds."""

    @wraps(rule)
    def climbed(case: Case, /, *args: P.args, **kwargs: P.kwargs) -> Outcome:
        if case.patient is not None and case.patient.deceased:
            return NotFired(DECEASED, quoted(case.patient))
        if case.reads is None:
            outcome = _climb(rule(case, *args, **kwargs), case)
            if isinstance(outcome, CannotTell) or _all_understood(case):
                return outcome
        watched = _watched(case)
        return _climb(rule(watched, *args, **kwargs), watched)

    return climbed


def cancer_ladder(rule: Callable[Concatenate[Case, P], Ladder]) -> Callable[Concatenate[Case, P], Outcome]:
    """A ladder above the question whether the patient has evidence of cancer; for patients without, it is asked once a case."""

    @ladder
    @wraps(rule)
    def scoped(case: Case, /, *args: P.args, **kwargs: P.kwargs) -> Ladder:
        return chain((outside_scope(case),), rule(case, *args, **kwargs))

    @wraps(rule)
    def climbed(case: Case, /, *args: P.args, **kwargs: P.kwargs) -> Outcome:
        known: tuple[int, Outcome] | None = case.memo.get(_OUTSIDE)
        if known is not None and known[0] == len(case.gaps):  # what was read since may have left it open
            return known[1]
        outcome = scoped(case, *args, **kwargs)
        if not outcome.passed and outcome.rung == "no_cancer":
            case.memo[_OUTSIDE] = len(case.gaps), outcome
        return outcome

    return climbed


def _all_understood(case: Case) -> bool:
    """Whether nothing is known to have come broken; gaps may still be found while facts are made."""
    if case.gaps:
        return False
    readable: bool | None = case.memo.get(_READABLE)
    if readable is None:
        readable = case.memo[_READABLE] = all(supply.state not in _FAILED for supply in case.supply.values())
    return readable


def _watched(case: Case) -> Case:
    """The case as one that keeps what is looked up; one for all rules, so that they share what they find on it."""
    observed: Case | None = case if case.reads is not None else case.memo.get(_OBSERVED)
    if observed is None:
        observed = case.memo[_OBSERVED] = case.observed()
    if observed.unanswered is not case.unanswered:  # the red flags were asked in between
        observed = replace(observed, unanswered=case.unanswered)
    assert observed.reads is not None
    observed.reads.start_anew()
    return observed


_OBSERVED, _OUTSIDE, _READABLE = object(), object(), object()
_FAILED = frozenset({"error", "unreadable"})
DECEASED = "deceased"
"""The rung before every ladder; its words are those of the service, not of a card."""


def quoted(*facts: Quotable) -> tuple[Evidence, ...]:
    """The facts as evidence, each once, in order, as many as a reader takes in."""
    if not any(facts):
        return ()
    first = islice(_each_once(_flat(facts)), MOST_QUOTED)
    return tuple(fact if isinstance(fact, Evidence) else evidence_of(fact) for fact in first)


def _flat(facts: Iterable[Quotable]) -> Iterator[Fact | Evidence]:
    for each in facts:
        if isinstance(each, _ITEM):
            yield each
        elif isinstance(each, Finding):
            yield from each.facts
        elif each is not None:
            yield from each


def _climb(rungs: Ladder, case: Case, passed: tuple[Step, ...] = ()) -> Outcome:
    """The answer of the first rung that holds. Raises :class:`AssertionError` for a ladder without an end."""
    below = [*passed]
    for rung in rungs:
        if rung.holds:
            return _answer(rung, case, tuple(below))
        below.append(rung)
        if case.reads is not None and rung.kind != "unknown":
            _settle(rung, case)
    raise AssertionError("a ladder ends with a rung that holds")


def _answer(rung: Rung, case: Case, passed: tuple[Step, ...]) -> Outcome:
    if rung.kind == "branch":
        return _gravest([_climb(branch, case, passed) for branch in rung.branches])
    if rung.fired is not None:
        beside = touching(case, case.reads.ever) if case.reads is not None else ()
        words = {name: _said(case, word) for name, word in rung.words.items()}
        noted = (*rung.fired.gaps, *filter(_worth_a_note, beside))
        return structs.replace(rung.fired, words=words, gaps=noted, passed=passed)
    evidence = quoted(*rung.facts)
    if rung.kind == "unknown":
        return CannotTell((rung.name,), evidence, rung=rung.name, passed=passed)
    missing = case.lacking(*rung.needs)
    gaps: tuple[Gap, ...] = ()
    looked_in: tuple[str, ...] = ()
    if case.reads is not None:
        missing = tuple(dict.fromkeys((*missing, *_failed(case, case.reads))))
        gaps = _open_gaps(rung, case, case.reads)
        looked_in = _looked_in(case.reads) if rung.kind == "absent" else ()
    if missing or gaps:
        return CannotTell(missing, evidence, gaps, rung.name, passed)
    return NotFired(rung.name, evidence, passed, looked_in)


def _said(case: Case, word: Word | Sayable) -> Word:
    """The word itself, or what the facts are called that stand for it."""
    if isinstance(word, Finding):
        return called(case, word.facts)
    if isinstance(word, (tuple, list)):
        return tuple(dict.fromkeys(each.called if isinstance(each, Fact) else each for each in word))
    return word


def _failed(case: Case, reads: Reads) -> Iterator[str]:
    """What a card that was passed had asked for and what came as an error or unreadable."""
    kinds = (read.kind for each in reads.unsaid for read in each.reads)
    return (kind for kind in kinds if case.supply.get(kind, ABSENT).state in _FAILED)


def _looked_in(reads: Reads) -> tuple[str, ...]:
    asked = (*reads.unsaid, *reads.asked)
    return tuple(dict.fromkeys(read.kind for each in asked for read in each.reads))


def _worth_a_note(gap: Gap) -> bool:
    """On a card that is due anyway: how whole sources came is said apart, and a doubtful date changes nothing any more."""
    return bool(gap.reference) and not gap.of_date


def _gravest(outcomes: list[Outcome]) -> Outcome:
    for kind in (Fired, CannotTell):
        for outcome in outcomes:
            if isinstance(outcome, kind):
                return outcome
    return outcomes[0]


def _each_once(quoted: Iterable[R]) -> Iterator[R]:
    """Each of them once, in order, and no further than somebody asks: a record may hold thousands."""
    seen: set[int] = set()  # a fact is one object in a case; to hash one costs more than to quote it
    for one in quoted:
        if id(one) not in seen:
            seen.add(id(one))
            yield one


def _quotable(found: object) -> Quotable:
    """What was found, where it can be quoted; a tuple or list holds facts."""
    return found if isinstance(found, _QUOTABLE) else None


def _fact(found: object) -> Finding | Fact | None:
    return found if isinstance(found, _FOUND) else None


def _settle(rung: Rung, case: Case) -> None:
    """A rung was passed: what it asked about is answered; the rest waits for its own rung.

    What was looked for in vain beside a rung that might have silenced could only have silenced. Where something was found
    instead of something else, a later rung may still ask for that. What a card asked about stays open to the end.
    """
    assert case.reads is not None
    if rung.kind == "card":
        case.reads.unsaid += case.reads.asked
        case.reads.asked = []
        return
    named = {id(rung.found), *map(id, rung.facts)}
    case.reads.asked = [
        asked for asked in case.reads.asked if id(asked.answer) not in named and (asked.answer or rung.kind == "absent")
    ]


def _open_gaps(rung: Rung, case: Case, reads: Reads) -> tuple[Gap, ...]:
    """The gaps that might have turned this *no* into another answer."""
    unsaid = set(map(id, touching(case, reads.unsaid)))
    if rung.kind == "absent":
        near = touching(case, (*reads.unsaid, *reads.asked), rung.within)
        return tuple(gap for gap in near if not rung.gaps_in or gap.need in rung.gaps_in)
    facts, looked = tuple(rung.facts_asked()), {read for each in reads.ever for read in each.reads}
    return tuple(gap for gap in case.gaps if id(gap) in unsaid or any(unseats(gap, fact, looked) for fact in facts))
