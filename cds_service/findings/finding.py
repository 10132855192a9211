"""What rules share: something held true of the patient, on these facts, how sure that is, and what it is called on a card."""

from collections.abc import Iterable, Mapping
from itertools import chain

from msgspec import Struct

from cds_service.clinical import Case, Condition, Fact, Moment, Observation, Report, Since, finding, said

_UNSITED = "-site-unspecified"
_CALLED = {"cannonball": "cannonball lesions", "cord-compression": "spinal cord compression"}
"""As the value set is called on a card, so that a problem and an image that say the same are one."""


class Finding(Struct, frozen=True):
    """Something held true of the patient, on these facts, newest first; empty facts: not on record."""

    facts: tuple[Fact, ...]
    coded: bool = False
    """At least one fact is proven by a code; otherwise it stands in words only."""
    suspected: bool = False
    """Every fact is provisional or doubted."""

    def __bool__(self) -> bool:
        return bool(self.facts)

    @property
    def label(self) -> str:
        """What we call it, as the best fact does; what is not confirmed is called suspected."""
        return named(self.facts[0]) if self.facts else ""

    @property
    def since(self) -> Moment | None:
        """The earliest date on record."""
        return earliest(self.facts)


@finding
def active_whenever(case: Case, *concepts: str) -> tuple[Condition, ...]:
    """Active problems, whenever they began: for a finding whose look-back is meant for other facts, so that no date is no gap."""
    return case.active(*concepts)


def observed(case: Case, *concepts: str) -> tuple[Observation, ...]:
    """What was observed to be there. The newest word counts: yesterday's weakness does not outlive today's "absent".

    Of words of the same time one that says "present" is enough: the right leg may be weak and the left be strong.
    """
    results, newest = case.observations.of(*concepts), dict[frozenset[str], Observation]()
    for fact in results:
        latest = newest.setdefault(fact.concepts, fact)
        if fact.present and fact.when == latest.when:
            newest[fact.concepts] = fact
    present = [fact for fact in results if fact.present is not False and newest[fact.concepts].present is not False]
    return tuple(dict.fromkeys(present))


def known_since(facts: Iterable[Fact]) -> Since:
    """How long these facts are known: since the earliest onset on record, or since the earliest was recorded or observed."""
    dated = [(fact.when, fact) for fact in facts if fact.when]
    if not dated:
        return Since(None)
    when, fact = min(dated, key=lambda one: one[0].last)
    return Since(when, recorded=not (isinstance(fact, Condition) and fact.onset))


def earliest(facts: Iterable[Fact]) -> Moment | None:
    """The earliest date of these facts; ``None`` when none has one."""
    return min((fact.when for fact in facts if fact.when), key=lambda moment: moment.last, default=None)


def newest_word(reports: Iterable[Report], concepts: Iterable[str]) -> tuple[Report, ...]:
    """Of reports, newest first, the one that says anything of these concepts; none when it denies them."""
    wanted = frozenset(concepts)
    telling = next((one for one in reports if not wanted.isdisjoint(one.affirmed | one.doubted | one.denied)), None)
    return () if telling is None or wanted.isdisjoint(telling.affirmed | telling.doubted) else (telling,)


def summed_up(facts: Iterable[Fact], concepts: Iterable[str]) -> Finding:
    """Sum up facts, each once: coded when a code proves one of these concepts, suspected when every fact is."""
    each = tuple({id(fact): fact for fact in facts}.values())
    if not each:
        return Finding(())
    wanted = frozenset(concepts)
    return Finding(
        each,
        coded=any(not wanted.isdisjoint(fact.coded) for fact in each),
        suspected=all(_is_suspected(fact, wanted) for fact in each),
    )


def named(fact: Fact) -> str:
    """What we call a fact, with "suspected" or "past" before a problem that is, unless its name says so."""
    called = fact.called
    if isinstance(fact, Condition):
        if fact.suspected and (fact.short or not fact.name_doubts):
            return said("suspected {name}", name=called)
        if fact.state == "past" and fact.short:
            return said("past {name}", name=called)
    return called


def called(case: Case, facts: tuple[Fact, ...]) -> str:
    """The problem's name; without a problem what a report states, with the report's name; else a result's own words."""
    names = (
        *(named(fact) for fact in facts if isinstance(fact, Condition)),
        *(_stated(case, fact) for fact in facts if isinstance(fact, Report)),
        *(_spread(case, fact) or fact.text for fact in facts if isinstance(fact, Observation)),
        *(fact.called for fact in facts),
    )
    return next(filter(None, names), "")


def names(facts: Iterable[Fact], *telling: str) -> tuple[str, ...]:
    """What we call these facts (:func:`shown`), each name once."""
    return tuple(dict.fromkeys(shown(fact, *telling) for fact in facts))


def shown(fact: Fact, *telling: str) -> str:
    """What we call a fact; of an image, which of these value sets it states, the most telling first."""
    return (isinstance(fact, Report) and _first_stated(fact, telling)) or fact.called


def stated(case: Case, found: Finding) -> str:
    """What we call a finding that rests on a problem or on an image: of an image, the spread that it states or suspects."""
    first = found.facts[0] if found.facts else None
    return shown(first, *case.groups["spread"]) if isinstance(first, Report) else found.label


def stated_names(groups: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """All that a report may be said to state, in plain words."""
    telling = (groups[name] for name in ("spread-on-images", "lung-findings", "telling-findings"))
    return tuple(dict.fromkeys(map(_plain, chain.from_iterable(telling))))


def _spread(case: Case, result: Observation) -> str:
    """What a stage or a registry's site of metastasis says, in plain words."""
    if "m1" in result.answers:
        return said("metastatic disease (M1)")
    return _plain(next((name for name in case.groups["spread"] if result.present and name in result.concepts), ""))


def _stated(case: Case, report: Report) -> str:
    """What a report states, with its name; spread goes first, were it suspected."""
    spread = _first_stated(report, case.groups["spread-on-images"])
    first = spread or _first_stated(report, case.groups["lung-findings"])
    return said("{finding} ({report})", finding=first, report=report.called) if first else report.called


def _first_stated(report: Report, telling: tuple[str, ...]) -> str:
    """The most telling that a report states; what it only suspects is called suspected."""
    stated = next((name for name in telling if name in report.affirmed), "")
    suspected = "" if stated else next((name for name in telling if name in report.doubted), "")
    return said("suspected {name}", name=_plain(suspected)) if suspected else _plain(stated)


def _plain(name: str) -> str:
    return _CALLED.get(name) or name.removesuffix(_UNSITED).replace("-", " ")


def _is_suspected(fact: Fact, wanted: frozenset[str]) -> bool:
    if isinstance(fact, Condition):
        return fact.suspected
    return isinstance(fact, Report) and not (fact.affirmed & wanted)
