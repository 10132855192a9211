"""Codes that look right and are not: none of them stands for what it seems to mean."""

from __future__ import annotations

import pytest

from tests.cards.test_value_set_words import OF_BONE_OR_LUNG
from tests.shipped import codebook


def holds(name: str, system: str, code: str) -> bool:
    """Whether a code belongs to a set, by itself, by range or expansion, or through an included set."""
    return name in codebook().of_code(system, code)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("30893008", "M0 category, often taken for M1"),
        ("1229901006", "AJCC cM0"),
        ("2640006", "stage IV, unverified"),
    ],
)
def test_no_m0_or_unverified_code_stands_for_metastasis(code: str, why: str) -> None:
    for name in ("m1", "stage-iv", "distant-metastasis-finding", "metastasis-site-unspecified", "bone-metastasis"):
        assert not holds(name, "snomed", code), why


@pytest.mark.parametrize(
    "code",
    ["314990009", "315006004", "94350006", "709285002", "94217008", "94332000"],
)
def test_metastasis_from_bone_or_lung_nodes_plexus_and_marrow_are_not_bone_or_lung_metastases(code: str) -> None:
    assert [name for name in OF_BONE_OR_LUNG if holds(name, "snomed", code)] == []


@pytest.mark.parametrize(
    ("system", "code", "why"),
    [
        ("snomed", "392010000", "not verified as vertebroplasty"),
        ("snomed", "429616001", "aortopulmonary reconstruction, not kyphoplasty"),
        ("snomed", "1163157007", "ultra high dose rate radiotherapy, not SBRT"),
        ("snomed", "271594007", "syncope, not saddle anaesthesia"),
        ("snomed", "62315008", "diarrhoea, not bowel dysfunction"),
        ("snomed", "94332000", "no such metastasis of the humerus"),
        ("snomed", "16335031000119100", "rounded by a spreadsheet"),
        ("snomed", "16334891000119100", "rounded by a spreadsheet"),
        ("snomed", "2640006", "unverified"),
        ("rxnorm", "2599", "clonidine, not clodronic acid"),
        ("rxnorm", "407990", "not verified as cinacalcet"),
        ("rxnorm", "4018", "not verified as ergocalciferol"),
        ("icd-10", "E83.5", "hypo- and hypercalcaemia in one"),
        ("loinc", "89262-0", "cited without a display"),
        ("cpt", "20982", "from memory"),
        ("cpt", "32408", "from memory"),
        ("hcpcs", "J2430", "from memory"),
    ],
)
def test_a_trap_is_in_no_set_at_all(system: str, code: str, why: str) -> None:
    assert not codebook().of_code(system, code), why


@pytest.mark.parametrize("name", ["limb-weakness", "gait-disturbance", "cord-sign"])
@pytest.mark.parametrize(
    ("system", "code"),
    [
        ("snomed", "26544005"),
        ("icd-10-cm", "M62.81"),
        ("icd-10-cm", "R29.898"),
        ("icd-10-cm", "G81.90"),
        ("snomed", "50582007"),
    ],
)
def test_generalised_weakness_and_hemiplegia_are_no_cord_signs(name: str, system: str, code: str) -> None:
    assert not holds(name, system, code)


@pytest.mark.parametrize("code", ["C44.91", "C4492", "c44.0"])
def test_carcinoma_of_skin_is_no_malignancy_for_us(code: str) -> None:
    assert not holds("any-malignancy", "icd-10-cm", code)
    assert holds("non-melanoma-skin-cancer", "icd-10-cm", code)


@pytest.mark.parametrize("code", ["C77.9", "C78.00", "C79.51", "C79.9", "C80.0", "C7B.03"])
def test_a_secondary_code_is_no_primary(code: str) -> None:
    assert not holds("any-malignancy", "icd-10-cm", code)


@pytest.mark.parametrize(
    "code", ["C00.1", "C43.9", "C45.0", "C50.919", "C76.0", "C81.90", "C90.00", "C96.9", "C4A.9", "C7A.00"]
)
def test_every_chapter_of_cancer_is_a_malignancy(code: str) -> None:
    assert holds("any-malignancy", "icd-10-cm", code)


def test_bone_marrow_is_not_bone() -> None:
    assert not holds("bone-metastasis", "icd-10-cm", "C79.52")
    assert holds("bone-marrow-metastasis", "icd-10-cm", "C7952")


def test_icd_10_of_the_who_names_bone_and_marrow_together_and_counts_as_bone() -> None:
    assert holds("bone-metastasis", "icd-10", "C79.5")


def test_thorax_alone_is_not_complete_staging() -> None:
    assert not holds("ct-chest-abdomen-pelvis-contrast", "cpt", "71260")
    assert not holds("ct-chest-abdomen-pelvis-contrast", "cpt", "74177")
    assert holds("ct-chest-contrast", "cpt", "71260")
    assert holds("ct-abdomen-pelvis-contrast", "cpt", "74177")
    assert not holds("ct-chest-abdomen-pelvis-contrast", "snomed", "393161000119104"), "without contrast"


def test_a_spine_mri_without_region_is_no_proof_of_the_whole_spine() -> None:
    assert not holds("mri-whole-spine", "snomed", "241645008")
    assert holds("mri-spine-unspecified", "snomed", "241645008")


def test_oxygen_flow_and_venous_blood_are_no_saturation() -> None:
    assert not holds("spo2", "loinc", "3151-8")
    assert not holds("spo2", "loinc", "20564-1")


def test_codes_of_denosumab_do_not_tell_the_strength() -> None:
    assert not holds("denosumab-60", "rxnorm", "993449")
    assert not holds("denosumab-120", "hcpcs", "J0897")


def test_anticancer_treatment_holds_no_bone_agent_and_no_other_immunosuppressant() -> None:
    assert not holds("systemic-anticancer", "atc", "M05BX04")
    assert holds("systemic-anticancer", "atc", "L02BA01")
    assert holds("systemic-anticancer", "atc", "L01EF01")
    assert holds("systemic-anticancer", "atc", "L04AX04"), "lenalidomide"
    assert not holds("systemic-anticancer", "atc", "L04AX03"), "methotrexate for rheumatism"


def test_every_medicine_that_holds_abiraterone_is_abiraterone() -> None:
    for code in ("L02BX03", "L02BX53", "L01XK52"):
        assert holds("abiraterone", "atc", code)
