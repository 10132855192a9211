"""What rules share: something held true of the patient, on these facts, and how sure that is."""

from collections.abc import Iterable

from msgspec import Struct

from cds_service.clinical import Case, Condition, Fact, Moment, Report, Since, finding, said


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


def named(fact: Fact) -> str:
    """What we call a fact, with "suspected" or "past" before a problem that is, unless its name says so."""
    called = fact.called
    if isinstance(fact, Condition):
        if fact.suspected and (fact.short or not fact.name_doubts):
            return said("suspected {name}", name=called)
        if fact.state == "past" and fact.short:
            return said("past {name}", name=called)
    return called


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


def _is_suspected(fact: Fact, wanted: frozenset[str]) -> bool:
    if isinstance(fact, Condition):
        return fact.suspected
    return isinstance(fact, Report) and not (fact.affirmed & wanted)
