"""Mirels' score of a metastasis in a long bone: as reported, else added up from what the record says.

Mirels H, Clin Orthop Relat Res 1989;(249):256-64: 4 to 12 points; 7 and less irradiate, 8 consider fixation, 9 and more fix.
"""

from __future__ import annotations

from collections.abc import Mapping

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Fact, Observation
from cds_service.findings.lesion_words import Said, lesion_words
from cds_service.findings.pain import newest_pain, points
from cds_service.findings.reported_score import reported_score
from cds_service.findings.sins import Score
from cds_service.terminology.dates import Span

# Points of each component, as the publication gives them.
SITE = {"peritrochanteric-site": 3, "lower-long-bone-metastasis": 2, "site-femur": 2}
SITE |= {"upper-long-bone-metastasis": 1, "site-humerus": 1}
PAIN = {"functional-pain": 3}
LESION = {"lytic-lesion": 3, "mixed-lesion": 2, "blastic-lesion": 1}
SIZE = {"lesion-over-two-thirds": 3, "lesion-third-to-two-thirds": 2, "lesion-under-third": 1}
LEAST = 1
"""Every component scores at least this, so that a missing one still does."""
HIGHEST = 12
PARTS = ("site", "pain", "lytic or blastic", "size of the lesion")
_CONCEPTS = (*SITE, *PAIN, *LESION, *SIZE)


def add_up(parts: Mapping[str, int]) -> int:
    """The least that the score can be: what is known, and one point for each component that is not."""
    return sum(parts.get(name, LEAST) for name in PARTS)


@finding
def mirels(case: Case, age: Span, pain_age: Span, moderate_from: int) -> Score:
    """The newest reported score no older than ``age``; without one, the least that the record allows."""
    reported = reported_score(case, "mirels-score", age, HIGHEST)
    if reported is not None:
        return Score(reported.points, (), (reported.fact,), reported=True)
    return _from_words(lesion_words(case, age, *_CONCEPTS), newest_pain(case, pain_age), moderate_from)


def _from_words(said: Said, pain: Observation | None, moderate_from: int) -> Score:
    found: dict[str, tuple[int, Fact]] = {}
    for part, table in zip(PARTS, (SITE, PAIN, LESION, SIZE), strict=True):
        stated = [(value, said.stated[concept]) for concept, value in table.items() if concept in said.stated]
        if stated:
            found[part] = max(stated, key=lambda pair: pair[0])
    both = {"lytic-lesion", "blastic-lesion"} <= set(said.stated)
    if "mixed-lesion" in said.stated or both:
        found[PARTS[2]] = (LESION["mixed-lesion"], said.stated.get("mixed-lesion") or said.stated["lytic-lesion"])
    if PARTS[1] not in found and pain is not None:
        found[PARTS[1]] = (2 if points(pain) >= moderate_from else LEAST, pain)
    known = {part: value for part, (value, _) in found.items()}
    facts = tuple(dict.fromkeys(fact for _, fact in found.values()))
    return Score(add_up(known), tuple(part for part in PARTS if part not in found), facts)
