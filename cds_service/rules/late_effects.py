"""The heart after anthracyclines, and second cancers after radiotherapy, years after treatment."""

from __future__ import annotations

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact, Medication
from cds_service.findings.cancer import in_scope
from cds_service.findings.care_setting import comfort_care
from cds_service.findings.studies import done, done_or_ordered
from cds_service.outcomes import Evidence, Fired, NotFired, Offer, Outcome, Word, evidence_of, not_found
from cds_service.terminology.dates import Span


def late_effects(case: Case, *, echo_interval: Span, follow_up_starts: Span, second_cancer_after: Span) -> Outcome:
    """Fire when the heart of a patient who once had an anthracycline was not looked at within the interval."""
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    doses = _anthracyclines(case)
    if not doses:
        return not_found(case, "no_anthracycline", "medications", "procedures")
    aims = comfort_care(case)
    if aims:
        return NotFired("comfort_care", _quoted(aims.facts))
    if any(case.within(fact.when, follow_up_starts) for fact in doses):
        return NotFired("under_treatment", _quoted(doses[:1]))
    echo = done_or_ordered(case, echo_interval, "echocardiogram")
    if echo:
        return NotFired("heart_examined", _quoted(echo))
    last = next((fact for fact in case.reports.of("echocardiogram") if fact.when is not None), None)
    words: dict[str, Word] = {"drug": doses[0].label, "given": _day(doses[0]), "last": _day(last)}
    late = _old_radiotherapy(case, second_cancer_after)
    notes = (*(("second_cancer",) if late else ()), *(("not_seen",) if case.lacking("reports", "orders") else ()))
    evidence = _quoted((*doses[:2], *([last] if last else []), *late[:1], *in_scope(case).facts[:1]))
    return Fired("no_echo" if last is None else "echo_old", evidence, words, notes, (Offer("echocardiogram"),))


def _anthracyclines(case: Case) -> tuple[Fact, ...]:
    """Doses and courses, newest first: what was given, stated or ordered and not merely planned."""
    drugs: list[Fact] = [fact for fact in case.medications.of("anthracycline") if _counts(fact)]
    drugs += [fact for fact in case.procedures.of("anthracycline") if fact.status in {"completed", "in-progress"}]
    return tuple(sorted(drugs, key=lambda fact: (fact.when is None, case.days_since(fact.when) or 0)))


def _counts(fact: Medication) -> bool:
    return not (fact.draft or fact.status in {"draft", "on-hold"} or fact.intent in {"proposal", "plan", "option"})


def _old_radiotherapy(case: Case, age: Span) -> tuple[Fact, ...]:
    """Courses that lie further back than ``age``."""
    recent = done(case, age, "radiotherapy")
    return tuple(
        fact
        for fact in case.procedures.of("radiotherapy")
        if fact.status == "completed" and fact.when is not None and fact not in recent
    )


def _day(fact: Fact | None) -> Word:
    if fact is None:
        return "none on record"
    return fact.when if fact.when is not None else "date not recorded"


def _quoted(facts: tuple[Fact, ...]) -> tuple[Evidence, ...]:
    return tuple(evidence_of(fact) for fact in tuple(dict.fromkeys(facts))[:6])
