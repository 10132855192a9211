"""The Spinal Instability Neoplastic Score: as reported, else added up from what the record says of the spine.

Fisher CG et al., Spine 2010;35:E1221-9, doi 10.1097/BRS.0b013e3181e16ae1:
0 to 6 stable, 7 to 12 potentially unstable, 13 to 18 unstable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Fact, Observation
from cds_service.findings.lesion_words import Said, lesion_words
from cds_service.findings.pain import newest_pain, points
from cds_service.findings.reported_score import reported_score
from cds_service.terminology.dates import Span

# Points of each component, worst first, as the publication gives them.
LOCATION = {"spine-level-junctional": 3, "site-spine-junctional": 3, "spine-level-mobile": 2}
LOCATION |= {"spine-level-semirigid": 1, "spine-level-rigid": 0}
PAIN = {"mechanical-pain": 3}
LESION = {"lytic-lesion": 2, "mixed-lesion": 1, "blastic-lesion": 0}
ALIGNMENT = {"spinal-subluxation": 4, "spinal-deformity": 2, "spinal-alignment-normal": 0}
COLLAPSE = {"vertebral-collapse-over-half": 3, "vertebral-collapse-under-half": 2}
POSTEROLATERAL = {"posterolateral-bilateral": 3}
AT_LEAST = {"vertebral-collapse": 2, "posterolateral-involvement": 1}
"""Statements that leave the degree open: the score is at least this much."""
HIGHEST = 18
PARTS = (
    "location",
    "mechanical pain",
    "lytic or blastic",
    "alignment",
    "vertebral collapse",
    "posterolateral involvement",
)
_CONCEPTS = (*LOCATION, *PAIN, *LESION, *ALIGNMENT, *COLLAPSE, *POSTEROLATERAL, *AT_LEAST)


@dataclass(frozen=True, slots=True)
class Score:
    """Points that are certain, the inputs that are missing, and where the points come from."""

    points: int
    missing: tuple[str, ...]
    facts: tuple[Fact, ...]
    reported: bool = False


def add_up(parts: Mapping[str, int]) -> int:
    """The sum of the components that are known; the score itself when all six are."""
    return sum(parts[name] for name in PARTS if name in parts)


@finding
def sins(case: Case, age: Span, pain_age: Span) -> Score:
    """The newest reported score no older than ``age``; without one, the sum of what is known, as the least that it can be."""
    reported = reported_score(case, "sins-score", age, HIGHEST)
    if reported is not None:
        return Score(reported.points, (), (reported.fact,), reported=True)
    return _from_words(lesion_words(case, age, *_CONCEPTS), newest_pain(case, pain_age))


def _from_words(said: Said, pain: Observation | None) -> Score:
    found: dict[str, tuple[int, Fact]] = {}
    least: dict[str, tuple[int, Fact]] = {}
    for part, table in zip(PARTS, (LOCATION, PAIN, LESION, ALIGNMENT, COLLAPSE, POSTEROLATERAL), strict=True):
        worst = _worst(said, table)
        if worst is not None:
            found[part] = worst
    _settle_lesion(said, found)
    _settle_pain(pain, found)
    _settle_absent(said, found)
    for part, concept in ((PARTS[4], "vertebral-collapse"), (PARTS[5], "posterolateral-involvement")):
        if part not in found and concept in said.stated:
            least[part] = (AT_LEAST[concept], said.stated[concept])
    known = {part: value for part, (value, _) in (least | found).items()}
    facts = tuple(dict.fromkeys(fact for _, fact in (least | found).values()))
    return Score(add_up(known), tuple(part for part in PARTS if part not in found), facts)


def _worst(said: Said, table: Mapping[str, int]) -> tuple[int, Fact] | None:
    stated = [(value, said.stated[concept]) for concept, value in table.items() if concept in said.stated]
    return max(stated, key=lambda pair: pair[0], default=None)


def _settle_lesion(said: Said, found: dict[str, tuple[int, Fact]]) -> None:
    """A mixed lesion is named by both words, or as such."""
    both = {"lytic-lesion", "blastic-lesion"} <= set(said.stated)
    if "mixed-lesion" in said.stated or both:
        fact = said.stated.get("mixed-lesion") or said.stated["lytic-lesion"]
        found[PARTS[2]] = (LESION["mixed-lesion"], fact)


def _settle_pain(pain: Observation | None, found: dict[str, tuple[int, Fact]]) -> None:
    """No pain at all scores 0; pain that nobody called mechanical stays open between 1 and 3."""
    if PARTS[1] not in found and pain is not None and points(pain) == 0:
        found[PARTS[1]] = (0, pain)


def _settle_absent(said: Said, found: dict[str, tuple[int, Fact]]) -> None:
    """What a report denies in so many words scores 0. "No collapse" leaves open whether half of the body is involved."""
    for part, concept in ((PARTS[3], "spinal-subluxation"), (PARTS[5], "posterolateral-involvement")):
        if part not in found and concept in said.denied:
            found[part] = (0, said.denied[concept])
