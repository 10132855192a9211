"""What problem list and reports say of bone lesions: each statement with the newest fact that makes it, or denies it."""

from collections.abc import Mapping
from dataclasses import dataclass

from cds_service.clinical import Case, Fact, Report, Span, finding
from cds_service.findings.finding import active_whenever


@dataclass(frozen=True, slots=True)
class LesionStatements:
    """Statements of these value sets, by name, and the reports that deny them."""

    stated: Mapping[str, Fact]
    denied: Mapping[str, Fact]


@finding
def lesion_words(case: Case, age: Span, *concepts: str) -> LesionStatements:
    """Active conditions, signs that are present, and reports no older than ``age``; a newer report overrules an older one.

    An observation that is a draft, such as a score that is being worked out, states nothing yet.
    """
    wanted = frozenset(concepts)
    stated: dict[str, Fact] = {}
    denied: dict[str, Fact] = {}
    for report in case.recent(case.reports, age):
        if report.status != "registered":
            _note(report, wanted, stated, denied)
    for fact in active_whenever(case, *case.groups["bone-lesion-problems"]):
        for concept in (fact.concepts | fact.sites) & wanted:
            stated.setdefault(concept, fact)
    for sign in case.recent(case.observations.of(*concepts), age):
        if sign.present is not False and sign.status != "preliminary":
            for concept in sign.concepts & wanted:
                stated.setdefault(concept, sign)
    return LesionStatements(stated, denied)


def _note(report: Report, wanted: frozenset[str], stated: dict[str, Fact], denied: dict[str, Fact]) -> None:
    for concept in report.affirmed & wanted:
        if concept not in denied:
            stated.setdefault(concept, report)
    for concept in report.denied & wanted:
        if concept not in stated:
            denied.setdefault(concept, report)
