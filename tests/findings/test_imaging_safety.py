"""Devices in the magnet, allergy to iodinated contrast, blood results that hint at bone, a stroke that explains."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cds_service.findings.bone_clues import ClueLimits, high_calcium, high_phosphatase
from cds_service.findings.cord import explaining_stroke, more_than_weakness, neurology
from cds_service.findings.imaging_safety import contrast_allergy, implants
from cds_service.terminology.dates import Span
from tests.findings.results import READING, WEEK, limit
from tests.findings.scenes import coded, condition, scene, words

WINDOW = Span(days=30)
CLUES = ClueLimits(
    phosphatase_times=Decimal("1.5"),
    phosphatase_upper=limit(("130", "U/L")),
    phosphatase_age=Span(days=90),
    calcium_upper=limit(("2.60", "mmol/L"), substance="calcium"),
    ionised_upper=limit(("1.30", "mmol/L"), substance="calcium"),
    calcium_age=WEEK,
    reading=READING,
)
CONDITIONAL = {"device": "other", "text": "Cardiac pacemaker, MR conditional"}


@pytest.mark.parametrize(
    ("facts", "hazard"),
    [
        ([{"device": "cardiac-device"}], True),
        ([{"device": "other", "text": "Cochlear implant"}], True),
        ([{"device": "cardiac-device", "status": "inactive"}], True),
        ([{"device": "cardiac-device", "status": "entered-in-error"}], False),
        ([{"observation": "other", "text": "MRI questionnaire: pacemaker", "answer": "yes"}], True),
        ([{"observation": "other", "text": "MRI questionnaire: pacemaker", "answer": "no"}], False),
        ([coded("icd-10-cm|Z95.0")], True),
        ([coded("icd-10-cm|Z95.0", clinical="resolved")], True),
        ([CONDITIONAL], False),
        ([CONDITIONAL, coded("icd-10-cm|Z95.0")], False),
        ([CONDITIONAL, {"device": "other", "text": "Cochlear implant"}], True),
        ([words("No pacemaker")], False),
    ],
)
def test_mri_hazards(facts: list[dict[str, Any]], hazard: bool) -> None:
    assert bool(implants(scene(*facts)).unmarked) is hazard


IN_THE_BODY = """
S/p pacemaker placement 2019; Z.n. Schrittmacherimplantation; porteur de pacemaker; marcapasos definitivo; AICD; Dual-chamber PPM;
drager van pacemaker; intrathecal baclofen pump; Baclofenpumpe; pompe à insuline; bomba de morfina; pompa per insulina;
insulinepomp; metal in eye; intraocular foreign body, metallic; Granatsplitter; éclats d'obus; metralla; granaatscherf;
tissue expander; Gewebeexpander; expanseur mammaire; expansor tisular; espansore; weefselexpander; LVAD; Kunstherz; steunhart;
assistance ventriculaire; programmable VP shunt; InterStim; sacral neuromodulation; BAHA; magnetic dental implant;
Swan-Ganz catheter; clip d'anévrisme; abandoned epicardial wires; loop recorder; Z.n. HSM-Implantation 2015; PM-Träger;
ICD-Aggregatwechsel; porteur de PM; porteuse d'un DAI; portadora de DAI; portatore di PMK; PM-drager; permanent pacing system;
biventricular device in situ; Vagusnervstimulator; tiefe Hirnstimulation; CIED in situ
"""
OF_NO_CONCERN = """
pacemaker removed 2021; No pacemaker; father has pacemaker; pacemaker explanted; kein Schrittmacher; pas de pacemaker;
MRI safe pacemaker; wandering atrial pacemaker; hip replacement; coronary stent; port-a-cath; ICD-10 coding review;
kein HSM-Träger; Hepatosplenomegalie (HSM); PM10 exposure; porteur de lunettes; portatrice di BRCA2; Zahnimplantat;
transkutane Nervenstimulation (TENS); cardiac device clinic
"""


@pytest.mark.parametrize(("written", "hazard"), [(IN_THE_BODY, True), (OF_NO_CONCERN, False)])
def test_what_is_in_the_body_is_known_by_its_words(written: str, hazard: bool) -> None:
    named = [name.strip() for name in written.split(";")]
    assert [name for name in named if bool(implants(scene(words(name))).unmarked) is not hazard] == []


def test_a_marked_device_is_mr_conditional() -> None:
    assert implants(scene(CONDITIONAL)).conditional
    unsafe = implants(scene({"device": "other", "text": "pacemaker, not MRI safe"}))
    assert unsafe.unmarked and not unsafe.conditional and not unsafe.safe


@pytest.mark.parametrize(
    ("fact", "allergic"),
    [
        ({"allergy": "contrast-allergy"}, True),
        ({"allergy": "other", "text": "Iodinated contrast"}, True),
        ({"allergy": "other", "text": "Omnipaque"}, True),
        ({"allergy": "contrast-allergy", "verification": "refuted"}, False),
        ({"allergy": "contrast-allergy", "clinical": "resolved"}, False),
        ({"allergy": "gadolinium-allergy"}, False),
        (coded("icd-10-cm|Z91.041"), True),
    ],
)
def test_contrast_allergy(fact: dict[str, Any], allergic: bool) -> None:
    assert bool(contrast_allergy(scene(fact))) is allergic


def phosphatase(value: str, **more: Any) -> dict[str, Any]:
    return {"observation": "alkaline-phosphatase", "value": f"{value} U/L", "when": "2 d", **more}


@pytest.mark.parametrize(
    ("fact", "high"),
    [
        (phosphatase("195"), False),
        (phosphatase("196"), True),
        (phosphatase("150", high="100 U/L"), False),
        (phosphatase("151", high="100 U/L"), True),
        (phosphatase("400", status="preliminary"), False),
        (phosphatase("400", comparator="<"), False),
        (phosphatase("400", comparator=">"), True),
    ],
)
def test_phosphatase_is_high_above_a_multiple_of_the_upper_limit(fact: dict[str, Any], high: bool) -> None:
    assert bool(high_phosphatase(scene(fact), CLUES)) is high


@pytest.mark.parametrize(("value", "high"), [("2.59", False), ("2.60", False), ("2.61", True)])
def test_calcium_is_high_above_its_limit(value: str, high: bool) -> None:
    case = scene({"observation": "calcium-corrected", "value": f"{value} mmol/L", "when": "1 d"})
    assert bool(high_calcium(case, CLUES)) is high


def test_known_hyperparathyroidism_explains_a_high_calcium() -> None:
    high = {"observation": "calcium-corrected", "value": "2.80 mmol/L", "when": "1 d"}
    case = scene(high, condition("primary-hyperparathyroidism"))
    assert not high_calcium(case, CLUES)


@pytest.mark.parametrize(("onset", "explains"), [("4 d", True), ("5 d", True), ("6 d", False), ("1 d", True)])
def test_a_stroke_of_the_same_days_explains_weakness_when_the_cancer_is_history(onset: str, explains: bool) -> None:
    past = condition("breast-cancer", "4000 d", clinical="resolved")
    case = scene(past, condition("limb-weakness", "2 d"), condition("stroke", onset))
    assert bool(explaining_stroke(case, neurology(case, WINDOW), Span(days=3))) is explains


def test_a_stroke_explains_nothing_beside_active_cancer_or_in_words_only() -> None:
    weak = condition("limb-weakness", "2 d")
    past = condition("breast-cancer", "4000 d", clinical="resolved")
    for case in (
        scene(condition("breast-cancer"), weak, condition("stroke", "2 d")),
        scene(past, weak, words("stroke", "2 d")),
    ):
        assert not explaining_stroke(case, neurology(case, WINDOW), Span(days=3))


def test_other_signs_and_new_spinal_pain_are_more_than_weakness() -> None:
    weak = condition("limb-weakness", "2 d")
    for more in ([], [condition("urinary-retention", "1 d")], [condition("back-pain", "1 d")]):
        case = scene(weak, *more)
        assert bool(more_than_weakness(case, neurology(case, WINDOW), WINDOW)) is bool(more)


def test_a_marked_implant_on_the_problem_list_is_mr_conditional_though_it_is_called_resolved() -> None:
    marked = words("Cardiac pacemaker in situ, MR conditional")
    assert implants(scene(marked)).conditional
    assert implants(scene({**marked, "clinical": "resolved"})).conditional


@pytest.mark.parametrize(("removed", "hazard"), [("31 d", True), ("30 d", False), ("29 d", False)])
def test_a_device_that_was_taken_out_on_the_day_or_later_is_gone(removed: str, hazard: bool) -> None:
    put_in = {"procedure": "other", "text": "Implantation of cardiac pacemaker", "when": "30 d"}
    taken_out = {"procedure": "other", "text": "Removal of cardiac pacemaker", "when": removed}
    assert bool(implants(scene(put_in, taken_out)).unmarked) is hazard
