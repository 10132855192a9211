"""SINS and Mirels worked out, with what is missing asked: answers change the score on the page and stay there.

Only when the user sends it does a score go to the record, as an observation of status preliminary.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cds_service.engine.phrases import Phrases, plain_text
from cds_service.engine.short_names import capitalised
from cds_service.findings.bone_disease import long_bone_metastases
from cds_service.findings.cancer import bone_metastases
from cds_service.findings.stability_scores import Score, Statement, mirels, questions, sins
from cds_service.findings.surgery_first import StabilityLimits
from cds_service.knowledge.cards import Knowledge
from cds_service.outcomes import spoken
from cds_service.service.consultation import Consultation
from cds_service.terminology.said import Said, enumerated, said

_NOTE = said("Worked out by a clinician in the patient view of a decision support service; a draft.")


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer to a question, and its points."""

    row: str
    says: str
    points: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A component of a score; ``because`` is what the record says of it, empty where it is asked."""

    part: str
    title: str
    choices: tuple[Choice, ...]
    because: str

    @property
    def asked(self) -> bool:
        return not self.because


@dataclass(frozen=True, slots=True)
class Band:
    """What a score means from so many points on."""

    start: int
    says: str


@dataclass(frozen=True, slots=True)
class ScoreForm:
    """One score of one patient."""

    name: str
    title: str
    written: str
    """The score in words: as somebody recorded it, else a number, or between which two it lies."""
    recorded: bool
    """Then nothing is worked out."""
    questions: tuple[Question, ...]
    bands: tuple[Band, ...]
    concerned: bool
    """Such a lesion is on record."""


class NotAnAnswer(ValueError):
    """What was sent is no answer of this score; ``says`` which."""

    def __init__(self, says: Said) -> None:
        super().__init__(says)
        self.says = says


def score_forms(consultation: Consultation) -> tuple[ScoreForm, ...]:
    """SINS and Mirels, those first whose kind of lesion is on record."""
    case, limits = consultation.case, _limits(consultation.knowledge)
    limbs = long_bone_metastases(case, limits.stability_score_age)
    forms = (
        _form("sins", sins(case, limits.sins), consultation, concerned=bool(bone_metastases(case))),
        _form("mirels", mirels(case, limits.mirels), consultation, concerned=bool(limbs)),
    )
    return tuple(sorted(forms, key=lambda form: not form.concerned))


def draft_observation(
    knowledge: Knowledge, name: str, answers: Mapping[str, str], patient: str, now: datetime, phrases: Phrases
) -> dict[str, Any]:
    """The score that a user answered, as a FHIR observation of status preliminary; raises :class:`NotAnAnswer`."""
    asked, title, bands = _instrument(name, knowledge)
    chosen = {part: row for part, rows in asked.items() for row in rows if row.name == answers.get(part)}
    if missing := [part for part in asked if part not in chosen]:
        raise NotAnAnswer(said("not answered: {parts}", parts=enumerated(missing)))
    points = sum(row.points for row in chosen.values())
    codes = knowledge.codebook.sets.get(f"{name}-score")
    components = [
        {
            "code": {"text": capitalised(phrases.word(part))},
            "valueCodeableConcept": {"text": _called(row, knowledge, phrases)},
        }
        for part, row in chosen.items()
    ]
    return {
        "resourceType": "Observation",
        "status": "preliminary",
        "code": {"text": phrases.word(codes.title if codes is not None else title)},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": now.isoformat(),
        "valueInteger": points,
        "interpretation": [{"text": phrases.word(_meaning(points, bands))}],
        "note": [{"text": phrases.word(_NOTE)}],
        "component": components,
    }


def _form(name: str, found: Score, consultation: Consultation, *, concerned: bool) -> ScoreForm:
    asked, title, bands = _instrument(name, consultation.knowledge)
    phrases, concerned = consultation.phrases, concerned or found.reported
    answered = tuple(_question(part, rows, found, consultation) for part, rows in asked.items())
    if found.reported:
        written = _recorded(found, phrases)
    elif concerned:
        written = _reckoned(answered, bands, phrases)
    else:
        written = phrases.say("no such lesion on record")
    return ScoreForm(
        name,
        phrases.word(title),
        written,
        found.reported,
        answered,
        tuple(Band(band.start, phrases.word(band.says)) for band in bands),
        concerned,
    )


def _recorded(found: Score, phrases: Phrases) -> str:
    day = phrases.day(found.facts[0].when)
    if day:
        return phrases.say("{points} points, recorded {date}", points=found.points, date=day)
    return phrases.say("{points} points, recorded without a date", points=found.points)


def _reckoned(answered: Iterable[Question], bands: tuple[Band, ...], phrases: Phrases) -> str:
    possible = [
        [choice.points for choice in question.choices if choice.chosen]
        or [choice.points for choice in question.choices]
        for question in answered
    ]
    least, most = sum(map(min, possible)), sum(map(max, possible))
    meaning, worst = (phrases.word(_meaning(points, bands)) for points in (least, most))
    points = str(least) if least == most else phrases.say("between {least} and {most}", least=least, most=most)
    if meaning != worst:
        low, high = (text.partition(":")[0] for text in (meaning, worst))
        meaning = phrases.say("{low} to {high}", low=low, high=high)
    return phrases.say("{points} points, {meaning}", points=points, meaning=meaning)


def _meaning(points: int, bands: tuple[Band, ...]) -> str:
    return next(band.says for band in reversed(bands) if points >= band.start)


def _question(part: str, rows: tuple[Statement, ...], found: Score, consultation: Consultation) -> Question:
    knowledge, phrases = consultation.knowledge, consultation.phrases
    row, fact = found.known.get(part, (None, None))
    # the record may use a row that says the same in other words, such as the femur for a leg
    alike = (each for each in rows if row is not None and each.points == row.points)
    chosen = row if row in rows else next(alike, None)
    choices = tuple(Choice(each.name, _called(each, knowledge, phrases), each.points, each is chosen) for each in rows)
    because = (plain_text(fact.label), phrases.day(fact.when)) if fact is not None else ()
    return Question(part, capitalised(phrases.word(part)), choices, ", ".join(filter(None, because)))


def _called(row: Statement, knowledge: Knowledge, phrases: Phrases) -> str:
    known = knowledge.codebook.sets.get(row.name)
    return phrases.word(known.title if known is not None else capitalised(spoken(row.name)))


def _limits(knowledge: Knowledge) -> StabilityLimits:
    limits = knowledge.cards["orthopaedic-assessment"].bound["stability"]
    assert isinstance(limits, StabilityLimits)
    return limits


def _instrument(name: str, knowledge: Knowledge) -> tuple[dict[str, tuple[Statement, ...]], str, tuple[Band, ...]]:
    """The questions of a score, its title and what it means; raises :class:`NotAnAnswer` for a score that there is not."""
    limits, own = _limits(knowledge), knowledge.cards["orthopaedic-assessment"].bound
    if name == "sins":
        bands = (
            Band(0, said("stable")),
            Band(int(own["sins_refer_from"]), said("potentially unstable: ask a spinal surgeon")),
            Band(limits.sins_unstable_from, said("unstable: ask a spinal surgeon now")),
        )
        return questions(limits.sins.sins_points), said("Spinal Instability Neoplastic Score (SINS)"), bands
    if name == "mirels":
        bands = (
            Band(0, said("low risk of fracture")),
            Band(int(own["mirels_consider_from"]), said("risk of fracture: consider fixation")),
            Band(limits.mirels_fix_from, said("high risk of fracture: fix before radiotherapy")),
        )
        return questions(limits.mirels.mirels_points), said("Mirels score of a long bone"), bands
    raise NotAnAnswer(said("there is no such score"))
