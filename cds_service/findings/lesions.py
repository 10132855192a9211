"""How many metastases there are: counted by somebody, or by the distinct sites on record."""

from collections.abc import Iterable
from dataclasses import dataclass

from cds_service.clinical import Case, Condition, Fact, Span, finding
from cds_service.findings.cancer import bone_metastases
from cds_service.findings.lesion_words import lesion_words

_MANY = "widespread-bone-metastases"
_ONE = "solitary-metastasis"
_FEW = "oligometastatic-disease"
_GENERAL = frozenset(
    {"metastasis-site-unspecified", "other-metastasis", "bone-metastasis", "any-malignancy", "visceral-metastasis"}
)
_AT_LARGE = "bone-at-large"
"""A name of bone at large; a bone of its own has a name of its own."""
_NO_SITES = frozenset({"site-bone", "site-long-bone", "site-spine-junctional", _AT_LARGE})


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
    said, sites = lesion_words(case, age, _MANY, _ONE, _FEW).stated, _sites(case, case.active(*case.groups["spread"]))
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
    many = lesion_words(case, age, _MANY).stated
    if many:
        return Lesions(0, tuple(many.values()), many=True)
    sites = _sites(case, (fact for fact in of_bone.values() if isinstance(fact, Condition)))
    return Lesions(len(sites), tuple(sites.values()))


def _sites(case: Case, metastases: Iterable[Condition]) -> dict[str, Fact]:
    """One fact for each distinct site that active metastases name; a metastasis without a site names none."""
    found: dict[str, Fact] = {}
    for fact in metastases:
        for name in _named(case, fact):
            found.setdefault(name, fact)
    return found


def _named(case: Case, fact: Condition) -> set[str]:
    """Sites by name: the bone where one is told (each long bone, vertebral column, pelvis and so on), else the organ."""
    sites = set(fact.sites - _NO_SITES)
    sites = {name for name in sites if not name.startswith("spine-level")}
    if "vertebral-metastasis" in fact.concepts:
        sites.add("site-spine")
    if not sites and fact.coded and "bone-metastasis" in fact.concepts and _AT_LARGE not in fact.sites:
        sites.add(fact.label)
    organs = fact.concepts & frozenset(case.groups["spread"]) - _GENERAL - {"vertebral-metastasis"}
    return sites or set(organs)
