"""SINS and Mirels worked out, with what is missing asked: answers change the score on the page and stay there.

Only when the user sends it does a score go to the record, as an observation of status preliminary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cds_service.engine.phrases import plain_text
from cds_service.findings.cancer import bone_metastases
from cds_service.findings.long_bones import long_bone_metastases
from cds_service.findings.mirels import MIRELS, mirels
from cds_service.findings.score import Instrument, Points, Score
from cds_service.findings.sins import SINS, sins
from cds_service.findings.surgery_first import StabilityLimits
from cds_service.knowledge.cards import Knowledge
from cds_service.outcomes import spoken
from cds_service.service.consultation import Consultation
from cds_service.terminology.tables import Table


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
    recorded: str
    """The score as somebody recorded it; then nothing is worked out."""
    questions: tuple[Question, ...]
    bands: tuple[Band, ...]
    concerned: bool
    """Such a lesion is on record."""

    @property
    def least(self) -> int:
        return sum(min(choice.points for choice in _open(question)) for question in self.questions)

    @property
    def most(self) -> int:
        return sum(max(choice.points for choice in _open(question)) for question in self.questions)

    @property
    def written(self) -> str:
        """The score in words: a number, or between which two it lies."""
        if self.recorded:
            return self.recorded
        points = str(self.least) if self.least == self.most else f"between {self.least} and {self.most}"
        return f"{points} points, {self.meaning(self.least)}" + (
            "" if self.meaning(self.least) == self.meaning(self.most) else f" to {self.meaning(self.most)}"
        )

    def meaning(self, points: int) -> str:
        return next(band.says for band in reversed(self.bands) if points >= band.start)


def _open(question: Question) -> tuple[Choice, ...]:
    return tuple(choice for choice in question.choices if choice.chosen) or question.choices


class NotAnAnswer(ValueError):
    """What was sent is no answer of this score; the message says which."""


def score_forms(consultation: Consultation) -> tuple[ScoreForm, ...]:
    """SINS and Mirels, those first whose kind of lesion is on record."""
    case, knowledge, limits = consultation.case, consultation.knowledge, _limits(consultation.knowledge)
    age, pain_age = limits.stability_score_age, limits.pain_score_age
    spine = sins(case, limits.sins_points, age, pain_age)
    limb = mirels(case, limits.mirels_points, age, pain_age, limits.pain_moderate_from)
    forms = (
        _form("sins", spine, knowledge, concerned=bool(bone_metastases(case))),
        _form("mirels", limb, knowledge, concerned=bool(long_bone_metastases(case, age))),
    )
    return tuple(sorted(forms, key=lambda form: not form.concerned))


def draft_observation(
    knowledge: Knowledge, name: str, answers: Mapping[str, str], patient: str, now: datetime
) -> dict[str, Any]:
    """The score that a user answered, as a FHIR observation of status preliminary; raises :class:`NotAnAnswer`."""
    instrument, table, title, bands = _instrument(name, knowledge)
    missing = [part for part in instrument.answers if answers.get(part) not in instrument.answers[part]]
    if missing:
        raise NotAnAnswer(f"not answered: {', '.join(missing)}")
    points = sum(table[answers[part]].points for part in instrument.answers)
    codes = knowledge.codebook.sets.get(instrument.concept)
    components = [
        {
            "code": {"text": part.capitalize()},
            "valueCodeableConcept": {"text": _called(answers[part], knowledge)},
        }
        for part in instrument.answers
    ]
    said = next(band.says for band in reversed(bands) if points >= band.start)
    return {
        "resourceType": "Observation",
        "status": "preliminary",
        "code": {"text": codes.title if codes is not None else title},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": now.isoformat(),
        "valueInteger": points,
        "interpretation": [{"text": said}],
        "note": [{"text": "Worked out by a clinician in the patient view of a decision support service; a draft."}],
        "component": components,
    }


def _form(name: str, found: Score, knowledge: Knowledge, *, concerned: bool) -> ScoreForm:
    instrument, table, title, bands = _instrument(name, knowledge)
    questions = tuple(_question(part, rows, found, table, knowledge) for part, rows in instrument.answers.items())
    recorded = ""
    if found.reported:
        fact = found.facts[0]
        recorded = f"{found.points} points, recorded {fact.when.day if fact.when else 'without a date'}"
    return ScoreForm(name, title, recorded, questions, bands, concerned or found.reported)


def _question(part: str, rows: tuple[str, ...], found: Score, table: Table[Points], knowledge: Knowledge) -> Question:
    row, fact = found.known.get(part, ("", None))
    points = table[row].points if row else None
    # the record may use a row that says the same in other words, such as the femur for a leg
    chosen = row if row in rows else next((each for each in rows if table[each].points == points), "")
    choices = tuple(Choice(each, _called(each, knowledge), table[each].points, each == chosen) for each in rows)
    because = f"{plain_text(fact.label)}{f', {fact.when.day}' if fact.when else ''}" if fact is not None else ""
    return Question(part, choices, because)


def _called(row: str, knowledge: Knowledge) -> str:
    known = knowledge.codebook.sets.get(row)
    return known.title if known is not None else spoken(row).capitalize()


def _limits(knowledge: Knowledge) -> StabilityLimits:
    limits = knowledge.cards["orthopaedic-assessment"].bound["stability"]
    assert isinstance(limits, StabilityLimits)
    return limits


def _instrument(name: str, knowledge: Knowledge) -> tuple[Instrument, Table[Points], str, tuple[Band, ...]]:
    """Raises :class:`NotAnAnswer` for a score that there is not."""
    limits, own = _limits(knowledge), knowledge.cards["orthopaedic-assessment"].bound
    if name == "sins":
        bands = (
            Band(0, "stable"),
            Band(int(own["sins_refer_from"]), "potentially unstable: ask a spinal surgeon"),
            Band(limits.sins_unstable_from, "unstable: ask a spinal surgeon now"),
        )
        return SINS, limits.sins_points, "Spinal Instability Neoplastic Score (SINS)", bands
    if name == "mirels":
        bands = (
            Band(0, "low risk of fracture"),
            Band(int(own["mirels_consider_from"]), "consider fixation"),
            Band(limits.mirels_fix_from, "fix before radiotherapy"),
        )
        return MIRELS, limits.mirels_points, "Mirels score of a long bone", bands
    raise NotAnAnswer("there is no such score")
