"""Imaging orders of the public sandbox, by code and in plain words: study, region and contrast."""

from __future__ import annotations

import pytest

from cds_service.chart.elements import CodeableConcept, Coding
from tests.shipped import meanings

CPT = "http://www.ama-assn.org/go/cpt"
MEANINGS = meanings()

# Region, and the codes without contrast, with contrast, and with both; 0 where there is none.
CT = {
    "head": (70450, 70460, 70470),
    "orbits": (70480, 70481, 70482),
    "facial bones": (70486, 70487, 70488),
    "neck": (70490, 70491, 70492),
    "chest": (71250, 71260, 71270),
    "cervical spine": (72125, 72126, 72127),
    "thoracic spine": (72128, 72129, 72130),
    "lumbar spine": (72131, 72132, 72133),
    "pelvis": (72192, 72193, 72194),
    "arm": (73200, 73201, 73202),
    "leg": (73700, 73701, 73702),
    "abdomen": (74150, 74160, 74170),
    "abdomen and pelvis": (74176, 74177, 74178),
    "colonography": (74261, 74262, 0),
    "heart": (75571, 75572, 75573),
}
CT_ANGIOGRAPHY = (70496, 70498, 71275, 72191, 73206, 73706, 74174, 74175, 75574, 75635)
MRI_SPINE = {"cervical": (72141, 72142, 72156), "thoracic": (72146, 72147, 72157), "lumbar": (72148, 72149, 72158)}
MRI = [
    70336,
    70540,
    *range(70542, 70550),
    *range(70551, 70556),
    *range(71550, 71553),
    71555,
    72159,
    *range(72195, 72199),
]
MRI += [*range(73218, 73224), 73225, *range(73718, 73724), 73725, *range(74181, 74184), 74185, 74712, 74713]
MRI += [75557, 75559, 75561, 75563, 75565, 76390, 76498]
OTHER_NUCLEAR = [78012, 78014, 78070, 78102, 78195, 78226, 78452, 78472, 78580, 78607, 78708, 78803]
WAYS = ("without contrast", "with contrast", "without and with contrast")


def by_code(code: int) -> frozenset[str]:
    return MEANINGS.read("ServiceRequest", CodeableConcept(coding=[Coding(CPT, str(code))])).concepts


def by_words(text: str) -> frozenset[str]:
    return MEANINGS.of_text("ServiceRequest", text).concepts


STUDIES = [(region, way, code) for region, codes in CT.items() for way, code in zip(WAYS, codes, strict=True) if code]


@pytest.mark.parametrize(("region", "way", "code"), STUDIES)
def test_a_ct_counts_as_contrast_when_contrast_is_given(region: str, way: str, code: int) -> None:
    contrast = way != "without contrast"
    assert ("contrast-imaging" in by_code(code)) is contrast
    assert ("contrast-imaging" in by_words(f"CT {region} {way}")) is contrast
    assert "ct-any" in by_words(f"CT {region} {way}")


@pytest.mark.parametrize("code", CT_ANGIOGRAPHY)
def test_ct_angiography_is_contrast_imaging(code: int) -> None:
    assert "contrast-imaging" in by_code(code)


@pytest.mark.parametrize(
    ("code", "concept"),
    [
        (71250, "ct-chest"),
        (71260, "ct-chest-contrast"),
        (74177, "ct-abdomen-pelvis-contrast"),
        (72128, "ct-bone"),
        (72129, "ct-bone"),
        (78306, "bone-scan"),
        (78305, "bone-scan"),
        (78320, "bone-scan"),
        (78813, "pet-ct"),
        (78815, "pet-ct"),
        (78816, "pet-ct"),
    ],
)
def test_studies_by_code(code: int, concept: str) -> None:
    assert concept in by_code(code)


@pytest.mark.parametrize("code", [*MRI, *(code for codes in MRI_SPINE.values() for code in codes)])
def test_every_mri_is_one_and_none_is_contrast_ct(code: int) -> None:
    concepts = by_code(code)
    assert "mri-any" in concepts
    assert "contrast-imaging" not in concepts


@pytest.mark.parametrize(("region", "codes"), MRI_SPINE.items())
def test_mri_of_a_region_of_the_spine(region: str, codes: tuple[int, ...]) -> None:
    for code in codes:
        assert "mri-spine-region" in by_code(code)
        assert "mri-whole-spine" not in by_code(code)
    for way in WAYS:
        assert "mri-spine-region" in by_words(f"MRI {region} spine {way}")
        assert "mri-spine-region" in by_words(f"Magnetic resonance imaging, spinal canal and contents, {region}; {way}")


@pytest.mark.parametrize("code", OTHER_NUCLEAR)
def test_other_nuclear_studies_stage_no_bone(code: int) -> None:
    assert by_code(code).isdisjoint({"bone-scan", "pet-ct", "mri-any", "contrast-imaging"})


@pytest.mark.parametrize(
    ("text", "staging"),
    [
        ("PET skull base to mid-thigh", True),
        ("Positron emission tomography, whole body", True),
        ("PET brain, metabolic", False),
        ("Myocardial imaging, positron emission tomography (PET), perfusion", False),
        ("amyloid PET", False),
    ],
)
def test_a_pet_of_brain_or_heart_stages_no_cancer(text: str, staging: bool) -> None:
    assert ("pet-ct" in by_words(text)) is staging
