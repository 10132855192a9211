"""Lesions of bone and how many metastases there are: what the record says of them, counts, and the distinct sites."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cds_service.clinical import Case, Condition, Fact, Span, finding
from cds_service.findings.cancer import bone_metastases
from cds_service.findings.finding import active_whenever

_MANY = "widespread-bone-metastases"
_ONE = "solitary-metastasis"
_FEW = "oligometastatic-disease"
_AT_LARGE = "bone-at-large"
"""A name of bone at large; a bone of its own has a name of its own."""
_NO_SITES = frozenset({"site-bone", "site-long-bone", "site-spine-junctional", _AT_LARGE})


@finding
def lesion_words(case: Case, age: Span, *concepts: str) -> tuple[Mapping[str, Fact], Mapping[str, Fact]]:
    """Which of these value sets are stated of bone lesions, and which reports deny them, each with the fact that says so.

    Active conditions, signs that are present, and reports no older than ``age``; a newer report overrules an older one.
    An observation that is a draft, such as a score that is being worked out, states nothing yet.
    """
    wanted = frozenset(concepts)
    stated: dict[str, Fact] = {}
    denied: dict[str, Fact] = {}
    for report in case.recent(case.reports, age):
        if report.status != "registered":
            for concept in (report.affirmed & wanted) - denied.keys():
                stated.setdefault(concept, report)
            for concept in (report.denied & wanted) - stated.keys():
                denied.setdefault(concept, report)
    problems = (
        (fact, fact.concepts | fact.sites) for fact in active_whenever(case, *case.groups["bone-lesion-problems"])
    )
    recent = case.recent(case.observations.of(*concepts), age)
    signs = ((one, one.concepts) for one in recent if one.present is not False and one.status != "preliminary")
    for fact, names in (*problems, *signs):
        for concept in names & wanted:
            stated.setdefault(concept, fact)
    return stated, denied


@dataclass(frozen=True, slots=True)
class Lesions:
    """A number with the facts that it rests on."""

    number: int
    facts: tuple[Fact, ...]
    counted: bool = False
    """Somebody counted them; otherwise it is the number of distinct sites on record, and there may be more."""
    many: bool = False
    """The record speaks of multiple or widespread lesions without a number."""
    few: bool = False
    """The record calls the disease oligometastatic."""


@finding
def lesion_count(case: Case, age: Span) -> Lesions:
    """The newest count no older than ``age``; else one for a single metastasis, else the distinct sites; 0 when none is told."""
    for fact in case.recent(case.observations.of("lesion-count"), age):
        if fact.value is not None and not fact.comparator:
            return Lesions(int(fact.value.value), (fact,), counted=True)
    said, _ = lesion_words(case, age, _MANY, _ONE, _FEW)
    sites = _sites(case, case.active(*case.groups["spread"]))
    if _MANY in said:
        return Lesions(len(sites), (said[_MANY],), many=True)
    if _FEW in said:
        return Lesions(max(1, len(sites)), (said[_FEW],), few=True)
    if _ONE in said and len(sites) <= 1:
        return Lesions(1, (said[_ONE],), counted=True)
    return Lesions(len(sites), tuple(sites.values()))


@finding
def bone_lesion_count(case: Case, age: Span) -> Lesions:
    """The same for bone alone; a count of all metastases counts for bone when no other organ has any."""
    whole, of_bone = lesion_count(case, age), {id(fact): fact for fact in bone_metastases(case).facts}
    if whole.many or (whole.counted and all(id(fact) in of_bone for fact in case.active(*case.groups["spread"]))):
        return whole
    many, _ = lesion_words(case, age, _MANY)
    if many:
        return Lesions(0, tuple(many.values()), many=True)
    sites = _sites(case, (fact for fact in of_bone.values() if isinstance(fact, Condition)))
    return Lesions(len(sites), tuple(sites.values()))


def _sites(case: Case, metastases: Iterable[Condition]) -> dict[str, Fact]:
    """One fact for each distinct site that active metastases name; a metastasis without a site names none.

    That is the bone where one is told (each long bone, vertebral column, pelvis and so on), else the organ.
    """
    organs = case.groups["metastases-by-organ"]
    found: dict[str, Fact] = {}
    for fact in metastases:
        sites = {site for site in fact.sites - _NO_SITES if not site.startswith("spine-level")}
        sites |= {"site-spine"} if "vertebral-metastasis" in fact.concepts else set()
        if not sites and fact.coded and "bone-metastasis" in fact.concepts and _AT_LARGE not in fact.sites:
            sites = {fact.label}
        for name in sites or fact.concepts.intersection(organs):
            found.setdefault(name, fact)
    return found
