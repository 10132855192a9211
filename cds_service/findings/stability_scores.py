"""SINS and Mirels: as somebody recorded them, else added up from what the record says, as the least that they can be.

Fisher CG et al., Spine 2010;35:E1221-9, doi 10.1097/BRS.0b013e3181e16ae1: 0 to 6 stable, 7 to 12 potentially unstable,
13 to 18 unstable. Mirels H, Clin Orthop Relat Res 1989;(249):256-64: 4 to 12 points; 7 and less irradiate, 8 consider
fixation, 9 and more fix. What each statement counts, and how records call a score, stands in ``cards/parameters.yaml``.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from cds_service.clinical import Case, Fact, Observation, Span, Table, finding
from cds_service.findings.lesions import lesion_words
from cds_service.findings.pain import newest_pain, points


@dataclass(frozen=True, slots=True)
class Statement:
    """A row of a published score: what one statement counts; ``unknown`` is the row of a component of which nothing is known."""

    name: str
    """The value set of the statement, or an answer that no record states and a clinician may choose."""
    points: int
    component: str = ""
    least: bool = False
    """It leaves the degree of its component open, which counts at least these points."""
    same_as: str = ""
    """The row that it is another way to say: it is read, and not offered to a clinician who works the score out."""
    denies: str = ""
    """The statement whose denial says this too."""


@dataclass(frozen=True, slots=True)
class Sins:
    """The Spinal Instability Neoplastic Score, the names by which it is recorded, and how old what is read may be."""

    sins_points: Table[Statement]
    sins_names: tuple[str, ...]
    stability_score_age: Span
    pain_score_age: Span


@dataclass(frozen=True, slots=True)
class Mirels:
    """Mirels' score of a metastasis in a long bone; from ``pain_moderate_from`` on pain is moderate."""

    mirels_points: Table[Statement]
    mirels_names: tuple[str, ...]
    stability_score_age: Span
    pain_score_age: Span
    pain_moderate_from: int


@dataclass(frozen=True, slots=True)
class Score:
    """Points that are certain, the components that are missing, and where the points come from."""

    points: int
    missing: tuple[str, ...]
    facts: tuple[Fact, ...]
    reported: bool = False
    known: Mapping[str, tuple[Statement, Fact]] = field(default_factory=dict, compare=False)
    """By component the statement that was counted, and the fact that makes it."""


@finding
def sins(case: Case, by: Sins) -> Score:
    """The score of the spine; pain that nobody called mechanical stays open between 1 and 3."""
    pain = newest_pain(case, by.pain_score_age)
    painless = {"no-pain": pain} if pain is not None and points(pain) == 0 else {}
    return _score(case, "sins-score", by.sins_points, by.sins_names, by.stability_score_age, painless)


@finding
def mirels(case: Case, by: Mirels) -> Score:
    """The score of a long bone; pain that nobody called functional is moderate or mild by its own score."""
    pain = newest_pain(case, by.pain_score_age)
    grade = "moderate-pain" if pain is not None and points(pain) >= by.pain_moderate_from else "mild-pain"
    graded = {} if pain is None else {grade: pain}
    return _score(case, "mirels-score", by.mirels_points, by.mirels_names, by.stability_score_age, graded)


def questions(table: Table[Statement]) -> dict[str, tuple[Statement, ...]]:
    """By component, in the order of the publication, the statements that a clinician chooses from."""
    return {part: tuple(row for row in rows if not row.same_as) for part, rows in _components(table).items()}


@cache
def in_words(names: tuple[str, ...]) -> re.Pattern[str]:
    """How a text writes a score of these names, with the points as its only group: ``SINS 14``."""
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b[^0-9.;\n]{{0,12}}(\d{{1,2}})\b", re.IGNORECASE)


@finding
def _score(
    case: Case, concept: str, table: Table[Statement], names: tuple[str, ...], age: Span, beside: Mapping[str, Fact]
) -> Score:
    """The newest recorded score no older than ``age``; without one the sum of what is known.

    ``beside`` holds rows that something else than a statement answers, such as a pain score; a statement goes first.
    """
    recorded = _recorded(case, concept, table, in_words(names), age)
    if recorded is not None:
        return Score(recorded[0], (), (recorded[1],), reported=True)
    said, denials = lesion_words(case, age, *table.names)
    stated = _mixed(said)
    found = _most(stated, (row for row in table if not row.least))
    denied = [(row, denials[row.denies]) for row in table if row.denies in denials]
    for row, fact in (*((table[name], fact) for name, fact in beside.items()), *denied):
        found.setdefault(row.component, (row, fact))
    least = _most(stated, (row for row in table if row.least))
    known = {part: one for part, one in least.items() if part not in found} | found
    missing = tuple(part for part in _components(table) if part not in found)
    unknown = table["unknown"].points * sum(part not in known for part in missing)
    certain = sum(row.points for row, _ in known.values())
    return Score(certain + unknown, missing, tuple(dict.fromkeys(fact for _, fact in known.values())), known=found)


def _recorded(
    case: Case, concept: str, table: Table[Statement], written: re.Pattern[str], age: Span
) -> tuple[int, Fact] | None:
    """The newest score of an observation, or in words of a problem or report, of one day the highest; off the scale is none."""
    found: list[tuple[int, Fact]] = [
        (points, fact)
        for fact in case.recent(case.observations.of(concept), age)
        if (points := _points(fact, written)) is not None and fact.status != "preliminary" and not fact.comparator
    ]
    texts: list[tuple[Fact, str]] = [
        *((one, one.conclusion) for one in case.recent(case.reports, age) if one.status == "final"),
        *((problem, problem.text) for problem in case.recent(case.active(concept), age)),
    ]
    found += [(int(match[1]), fact) for fact, text in texts if (match := written.search(text))]
    highest = sum(max(row.points for row in rows) for rows in _components(table).values()) if found else 0
    on_scale = [each for each in found if 0 <= each[0] <= highest]
    return min(on_scale, key=lambda each: (case.days_since(each[1].when) or 0, -each[0]), default=None)


def _points(fact: Observation, written: re.Pattern[str]) -> int | None:
    """The number of an observation, or the one in its words ("SINS 14, unstable")."""
    if fact.value is not None:
        return int(fact.value.value)
    match = written.search(fact.text)
    return int(match[1]) if match else None


def _components(table: Table[Statement]) -> dict[str, list[Statement]]:
    found: dict[str, list[Statement]] = {}
    for row in table:
        if row.component:
            found.setdefault(row.component, []).append(row)
    return found


def _mixed(stated: Mapping[str, Fact]) -> dict[str, Fact]:
    """A mixed lesion is named by both words, or as such."""
    lytic, blastic, mixed = (stated.get(f"{kind}-lesion") for kind in ("lytic", "blastic", "mixed"))
    if mixed is None and (lytic is None or blastic is None):
        return dict(stated)
    other = {name: fact for name, fact in stated.items() if name not in {"lytic-lesion", "blastic-lesion"}}
    return {**({"mixed-lesion": lytic} if lytic else {}), **other}


def _most(stated: Mapping[str, Fact], rows: Iterable[Statement]) -> dict[str, tuple[Statement, Fact]]:
    """By component the stated row with the most points, and who states it."""
    found: dict[str, tuple[Statement, Fact]] = {}
    for row in rows:
        if row.name in stated and (row.component not in found or row.points > found[row.component][0].points):
            found[row.component] = (row, stated[row.name])
    return found
