"""Forms that a patient or a nurse filled in: answers are read as those of a panel, what nobody answered says nothing."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.findings.finding import observed
from tests.chart.charts import bundle, read
from tests.clinical.asking import SNOMED, Resource, ask, coded, condition, day

YES, NO = {"valueCoding": {"system": "http://loinc.org", "code": "LA33-6"}}, {"valueCoding": {"display": "No"}}
BREAST = condition(coded(SNOMED, "254837009"), 900)


def form(*items: Resource, status: str = "completed", ago: float = 1) -> Resource:
    about = {"subject": {"reference": "Patient/p1"}, "authored": day(ago)}
    return {"resourceType": "QuestionnaireResponse", "id": "q1", "status": status, **about, "item": list(items)}


def item(text: str, *answers: Resource, **more: Any) -> Resource:
    return {"linkId": "1", "text": text, **({"answer": list(answers)} if answers else {}), **more}


def cord(filled: Resource) -> str:
    """What the service says of the cord of a woman with breast cancer who filled in this form."""
    prefetch = {key: bundle() for key in ("observations", "reports", "procedures")}
    record = {**prefetch, "conditions": bundle(BREAST), "forms": bundle(filled)}
    cards = ask("patient-view", {"patientId": "p1"}, record)
    return "not known" if "could-not-assess" in cards.topics else cards.indicator("mscc-suspected")


WEAK_LEGS = "Are your legs weak? Leg weakness"
FORMS = {
    "yes, coded": (form(item(WEAK_LEGS, YES)), "critical"),
    "yes, boolean": (form(item(WEAK_LEGS, {"valueBoolean": True})), "critical"),
    "yes, within a group": (form(item("Nerves", item=[item(WEAK_LEGS, YES)])), "critical"),
    "yes, below an answer": (form(item("Any trouble?", YES | {"item": [item(WEAK_LEGS, YES)]})), "critical"),
    "what was found": (form(item("Gait", {"valueString": "unsteady"})), "critical"),
    "no": (form(item(WEAK_LEGS, NO)), "silent"),
    "no, boolean": (form(item(WEAK_LEGS, {"valueBoolean": False})), "silent"),
    "unanswered": (form(item(WEAK_LEGS)), "silent"),
    "nobody understands": (form(item(WEAK_LEGS, {"valueString": "see letter"})), "not known"),
    "long ago": (form(item(WEAK_LEGS, YES), ago=200), "silent"),
    "in error": (form(item(WEAK_LEGS, YES), status="entered-in-error"), "silent"),
    "of somebody else": (form(item(WEAK_LEGS, YES)) | {"subject": {"reference": "Patient/p2"}}, "silent"),
    "of no shape": (form() | {"item": {"answer": "x"}}, "silent"),
}


@pytest.mark.parametrize(("filled", "said"), FORMS.values(), ids=FORMS)
def test_an_answer_of_a_form_counts_as_one_of_a_panel(filled: Resource, said: str) -> None:
    assert cord(filled) == said


def test_a_question_of_a_published_form_is_known_by_its_link() -> None:
    tired = {"linkId": "/44250-9/44254-1", "answer": [{"valueInteger": 3}]}
    case = read({"forms": bundle(form(tired))}, patient_id="p1")
    assert [one.present for one in case.observations.of("fatigue")] == [True]


ABLE = [
    ("Can you walk as usual?", "gait-disturbance", "No"),
    ("Pouvez-vous marcher comme d'habitude ?", "gait-disturbance", "Non"),
    ("¿Puede caminar?", "gait-disturbance", "ya no"),
    ("Riesce a camminare?", "gait-disturbance", "no"),
    ("Can you pass urine normally?", "urinary-retention", "not since yesterday"),
    ("Können Sie normal Wasser lassen?", "urinary-retention", "Nein"),
    ("Kunt u normaal plassen?", "urinary-retention", "nee"),
    ("Can you control your bladder as usual?", "urinary-incontinence", "cannot"),
    ("Are you able to move your legs?", "limb-weakness", "barely"),
    ("Koennen Sie die Beine bewegen?", "limb-weakness", "nicht mehr"),
    ("Können Sie Ihre Füße spüren?", "sensory-disturbance", "kaum"),
    ("Is your gait normal?", "gait-disturbance", "no"),
    ("Is the feeling between your legs normal?", "sensory-disturbance", "no"),
    ("Can you control your bowels?", "faecal-incontinence", "Yes, but only with difficulty"),
]


@pytest.mark.parametrize(("question", "sign", "no"), ABLE, ids=[question for question, *_ in ABLE])
def test_what_a_patient_cannot_do_is_the_sign_and_what_is_said_of_it_otherwise_is_not_known(
    question: str, sign: str, no: str
) -> None:
    def present(**answer: object) -> list[bool | None]:
        asked = {"linkId": "1", "text": question, "answer": [answer]}
        return [one.present for one in read({"forms": bundle(form(asked))}, patient_id="p1").observations.of(sign)]

    assert present(valueString=no) == present(valueBoolean=False) == present(valueCoding={"display": "No"}) == [True]
    assert present(valueString="Yes") == present(valueBoolean=True) == [False]
    assert present(valueString="see letter") == present(valueInteger=0) == []


SAID = [
    ("No problem", False),
    ("no problems at all", False),
    ("without any trouble", False),
    ("yes, no longer", True),
    ("No idea", None),
    ("no change", None),
    ("kein Kommentar", None),
    ("weiß nicht", None),
    ("noch nicht versucht", None),
    ("geht nicht mehr", True),
    ("Keine Probleme", False),
    ("mit großer Mühe", True),
    ("je ne sais pas", None),
    ("ne peut plus", True),
    ("pas de problème", False),
    ("comme d'habitude", False),
    ("No sé", None),
    ("No tengo problemas", False),
    ("Sí, como siempre", False),
    ("non riesco", True),
    ("Sì", False),
    ("gaat niet meer", True),
    ("zonder moeite", False),
    ("reduced", None),
]


@pytest.mark.parametrize(("said", "present"), SAID, ids=[said for said, _ in SAID])
def test_how_people_say_that_they_can_or_cannot(said: str, present: bool | None) -> None:
    asked = {"linkId": "1", "text": "Can you walk?", "answer": [{"valueString": said}]}
    found = read({"forms": bundle(form(asked))}, patient_id="p1").observations.of("gait-disturbance")
    assert [one.present for one in found] == ([] if present is None else [present])


FAR = [
    "Are you able to walk for 15 minutes?",
    "Can you walk upstairs?",
    "Can you walk without a stick?",
    "Wie weit können Sie gehen?",
    "Pouvez-vous marcher sans aide ?",
    "¿Puede caminar lejos?",
    "Riesce a camminare per dieci minuti?",
    "Kunt u een trap op lopen?",
]


@pytest.mark.parametrize("question", FAR)
def test_how_far_or_how_well_a_patient_can_walk_is_no_sign_of_the_cord(question: str) -> None:
    asked = {"linkId": "1", "text": question, "answer": [{"valueString": "Unable to do"}]}
    case = read({"forms": bundle(form(asked))}, patient_id="p1")
    assert (case.observations.of("gait-disturbance"), list(case.gaps)) == ((), [])


@pytest.mark.parametrize(
    ("question", "sign"),
    [
        ("Avez-vous perdu de la force dans les jambes ?", "limb weakness"),
        ("Muscle power in the legs reduced?", "limb weakness"),
        ("Kraftverlust in den Beinen?", "limb weakness"),
    ],
)
def test_a_sign_is_called_by_itself_and_not_by_the_examination_that_found_it(question: str, sign: str) -> None:
    asked = {"linkId": "1", "text": question, "answer": [{"valueBoolean": True}]}
    case = read({"forms": bundle(form(asked))}, patient_id="p1")
    assert [one.called for one in case.observations.of("limb-weakness")] == [sign]


def test_a_form_takes_the_place_of_no_observation_that_was_not_sent() -> None:
    assert read({"forms": bundle(form())}, patient_id="p1").lacking("observations")


UNSAID = "no idea; no sé; non so; keine Angabe; kein Kommentar; aucune réponse; pas de réponse; geen idee; no lo sabe; non noto"


@pytest.mark.parametrize("said", UNSAID.split("; "))
def test_who_does_not_say_denies_nothing(said: str) -> None:
    case = read({"forms": bundle(form(item(WEAK_LEGS, {"valueString": said})))}, patient_id="p1")
    assert (case.observations.of("limb-weakness"), [gap.problem for gap in case.gaps]) == ((), ["not-understood"])


@pytest.mark.parametrize(
    "said", ["Nein, nie", "No, never", "Non, jamais", "keine", "none", "no symptoms", "keine Beschwerden"]
)
def test_who_says_never_denies(said: str) -> None:
    case = read({"forms": bundle(form(item(WEAK_LEGS, {"valueString": said})))}, patient_id="p1")
    assert [one.present for one in case.observations.of("limb-weakness")] == [False]


def test_nothing_is_called_by_the_question_that_found_it() -> None:
    asked = {"linkId": "1", "text": "Do you have a pacemaker?", "answer": [{"valueBoolean": True}]}
    (found,) = read({"forms": bundle(form(asked))}, patient_id="p1").observations.of("cardiac-device")
    assert found.called == "Cardiac pacemaker or defibrillator"


def signs(*items: dict[str, Any], **more: Any) -> set[str]:
    """The signs that a form with these items says are there."""
    form = {"resourceType": "QuestionnaireResponse", "id": "q", "status": "completed", "authored": "2026-03-01", **more}
    found = read({"forms": bundle({**form, "item": list(items)})}).observations
    return {concept for fact in found if fact.present for concept in fact.concepts}


def asked(text: str, answer: bool = True) -> dict[str, Any]:
    return {"linkId": "1", "text": text, "answer": [{"valueBoolean": answer}]}


@pytest.mark.parametrize(
    ("question", "sign"),
    [
        ("Do you have weakness in your legs?", "limb-weakness"),
        ("Have you had leg weakness in the past week?", "limb-weakness"),
        ("Have you lost control of your bladder?", "urinary-incontinence"),
        ("Avez-vous perdu le contrôle de votre vessie ?", "urinary-incontinence"),
        ("¿Ha perdido el control de la vejiga?", "urinary-incontinence"),
        ("Ha perso il controllo della vescica?", "urinary-incontinence"),
    ],
)
def test_a_question_to_the_patient_asks_about_a_sign(question: str, sign: str) -> None:
    assert sign in signs(asked(question))
    assert sign not in signs(asked(question, answer=False))


@pytest.mark.parametrize(
    "question",
    [
        "Have you ever had leg weakness?",
        "Have you ever had leg weakness in the past?",
        "Did you previously have leg weakness?",
        "Haben Sie jemals eine Lähmung der Beine gehabt?",
        "Avez-vous déjà eu une faiblesse des jambes ?",
        "¿Ha tenido alguna vez debilidad en las piernas?",
        "Ha mai avuto debolezza alle gambe?",
        "Heeft u ooit zwakte in uw benen gehad?",
    ],
)
def test_what_was_there_at_any_time_is_no_sign_of_now(question: str) -> None:
    assert "limb-weakness" not in signs(asked(question))


@pytest.mark.parametrize(
    "title", ["Family history", "Past medical history", "Familienanamnese", "Antécédents familiaux"]
)
def test_the_heading_of_a_group_says_whose_and_when(title: str) -> None:
    assert "limb-weakness" not in signs({"linkId": "g", "text": title, "item": [asked("Leg weakness")]})
    assert "limb-weakness" in signs({"linkId": "g", "text": "Symptoms of today", "item": [asked("Leg weakness")]})


def test_a_form_that_nobody_finished_still_says_what_was_answered() -> None:
    assert "limb-weakness" in signs(asked("Leg weakness"), status="stopped")


@pytest.mark.parametrize("answers", [("5/5", "3/5"), ("3/5", "5/5")])
def test_of_two_legs_the_weak_one_tells(answers: tuple[str, str]) -> None:
    parts = [{"code": {"text": "Leg power"}, "valueString": one} for one in answers]
    panel = {"resourceType": "Observation", "id": "o", "status": "final", "effectiveDateTime": "2026-03-01"}
    case = read({"observations": bundle({**panel, "code": {"text": "Neurological examination"}, "component": parts})})
    assert [fact for fact in observed(case, "limb-weakness") if fact.present]
