"""Published codes of cancers are understood, with the right site and kind: sent bare, or under a code that nobody knows.

The judge of a site is a short table of anatomy in this file: it shares nothing with the words that made the expansions.
"""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pytest

from cds_service.authoring.recognition import CANCER, with_coverage
from cds_service.terminology.expansions import Member
from tests.shipped import codebook

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import simple_icd_10_cm

BONES = (
    r"\bbones?\b(?! marrow)|bony|vertebra|sacrum|coccyx|\brib\b|sternum|scapula|clavicle|acromion|ilium|ischium|pubis|femur"
    r"|tibia\b|fibula|patella|radius|ulna|carpal|tarsal|calcaneus|talus|cuboid|cuneiform|phalanx|trapezium|mandible"
    r"|maxilla\b|\bjaw\b|vomer"
)
SITES = (
    ("lymph-node-metastasis", r"lymph nodes?\b|nodes\b"),
    ("bone-marrow-metastasis", r"marrow"),
    ("skin-metastasis", r"\bskin\b"),
    ("pleural-metastasis", r"\bpleura\b"),
    ("bone-metastasis", BONES),
    ("meninges-metastasis", r"mening"),
    ("spinal-cord-metastasis", r"spinal cord|cauda equina"),
    ("brain-metastasis", r"\bbrain\b|cerebr|cerebell|(frontal|parietal|temporal|occipital) lobe"),
    ("lung-metastasis", r"\blungs?\b|\bbronchus\b|pulmonary|lymphangiti"),
    ("liver-metastasis", r"\bliver\b"),
    ("adrenal-metastasis", r"adrenal (gland|cortex|medulla)"),
    ("peritoneal-metastasis", r"peritone|omental|mesentery|mesocolon"),
)


def site_of(name: str) -> str:
    """What a reader of the name would say; what comes after "from" is where the cancer came from."""
    place = re.sub(r"\bfrom\b.*", "", name.lower())
    return next((site for site, words in SITES if re.search(words, place)), "")


def members(name: str) -> list[Member]:
    return [one for each in codebook().expansions if each.name == name for one in each.members]


def secondary_icd() -> list[Member]:
    codes = [one for one in members("icd-10-cm-neoplasms") if re.match(r"C7[789]|C7B|C80\.0", one.code)]
    return [one for one in codes if not one.code.endswith("*")]


def secondary() -> list[Member]:
    return [*members("secondary-cancer"), *secondary_icd()]


def says_the_site(found: frozenset[str], name: str) -> bool:
    site = site_of(name)
    if site:
        return site in found
    return not found.isdisjoint({"other-metastasis", "metastasis-site-unspecified", "epidural-metastasis"})


def test_the_published_secondary_cancers_are_all_here() -> None:
    assert len(members("secondary-cancer")) == 811
    assert len(secondary_icd()) >= 53


def test_of_the_secondary_cancers_at_least_99_in_100_have_the_right_site_by_their_code_alone() -> None:
    wrong = [
        one.display for one in secondary() if not says_the_site(codebook().of_code(one.system, one.code), one.display)
    ]
    assert len(wrong) <= 0.01 * len(secondary()), wrong


def test_of_the_secondary_cancers_at_least_99_in_100_are_cancer_by_their_name_alone() -> None:
    published = members("secondary-cancer")
    silent = [one.display for one in published if CANCER.isdisjoint(codebook().of_words("Condition", one.display))]
    assert len(silent) <= 0.01 * len(published), silent


def test_a_name_alone_gives_the_right_site_of_nine_in_ten_metastases() -> None:
    placed = [one for one in members("secondary-cancer") if site_of(one.display)]
    wrong = [one.display for one in placed if site_of(one.display) not in codebook().of_words("Condition", one.display)]
    assert len(wrong) <= 0.1 * len(placed), wrong


def test_no_code_and_no_name_of_another_place_is_a_bone_metastasis() -> None:
    elsewhere = [
        one for one in secondary() if site_of(one.display) not in {"", "bone-metastasis", "bone-marrow-metastasis"}
    ]
    assert [one.display for one in elsewhere if "bone-metastasis" in codebook().of_code(one.system, one.code)] == []


def test_of_the_malignant_primaries_at_least_97_in_100_are_cancer_by_their_code_alone() -> None:
    icd = [
        one
        for one in members("icd-10-cm-neoplasms")
        if re.match(r"C(?!7[789B])", one.code) and one.system == "icd-10-cm"
    ]
    published = [*members("primary-cancer"), *icd]
    silent = [
        one.display
        for one in published
        if CANCER.isdisjoint(codebook().of_code(one.system, one.code.removesuffix("*")))
    ]
    assert len(silent) <= 0.03 * len(published), silent


def test_of_the_malignant_primaries_at_least_97_in_100_are_cancer_by_their_name_alone() -> None:
    published = members("primary-cancer")
    silent = [one.display for one in published if CANCER.isdisjoint(codebook().of_words("Condition", one.display))]
    assert len(silent) <= 0.03 * len(published), silent


@pytest.mark.parametrize("system", ["icd-10-cm", "icd-10"])
def test_every_category_of_the_chapter_of_malignant_neoplasms_is_known(system: str) -> None:
    categories = [f"C{number:02}" for number in range(98)]
    if system == "icd-10-cm":
        categories = [code for code in categories if simple_icd_10_cm.is_valid_item(code)] + ["C4A", "C7A", "C7B"]
    else:
        unused = {"C27", "C28", "C29", "C35", "C36", "C42", "C59", "C87", "C89", "C98", "C99"}
        categories = [code for code in categories if code not in unused]
    assert [
        code for code in categories if CANCER.isdisjoint(codebook().of_code(system, f"{code}.{_BELOW.get(code, 9)}"))
    ] == []


_BELOW = {"C78": "0", "C80": "0", "C7B": "00"}
"""Categories without a subdivision 9."""


def test_every_code_of_icd_10_cm_below_a_malignant_category_is_known() -> None:
    codes = [code for code in simple_icd_10_cm.get_all_codes(True) if re.match(r"C\d\w\.?\w*$", code)]
    leaves = [code for code in codes if simple_icd_10_cm.is_leaf(code)]
    assert len(leaves) > 1000
    assert [code for code in leaves if CANCER.isdisjoint(codebook().of_code("icd-10-cm", code))] == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("D45", "myeloid-neoplasm"),
        ("D46.9", "myeloid-neoplasm"),
        ("D47.1", "myeloid-neoplasm"),
        ("D47.3", "myeloid-neoplasm"),
        ("D47.4", "myeloid-neoplasm"),
        ("C90.00", "myeloma"),
        ("C88.0", "lymphoma"),
        ("C96.0", "blood-cancer"),
        ("C71.9", "brain-cancer"),
        ("C67.9", "bladder-cancer"),
        ("C44.311", "non-melanoma-skin-cancer"),
        ("C4A.9", "neuroendocrine-cancer"),
        ("C45.0", "mesothelioma"),
    ],
)
def test_a_primary_knows_its_organ_and_kind(code: str, expected: str) -> None:
    assert expected in codebook().of_code("http://hl7.org/fhir/sid/icd-10-cm", code)


@pytest.mark.parametrize(
    ("system", "code"),
    [
        ("icd-10-cm", "D05.1"),
        ("icd-10-cm", "D07.5"),
        ("icd-10-cm", "D03.9"),
        ("icd-10-cm", "D37.4"),
        ("icd-10-cm", "D40.0"),
        ("icd-10-cm", "D47.2"),
        ("icd-10-cm", "D48.9"),
        ("icd-10-cm", "D49.9"),
        ("icd-10-cm", "D12.6"),
        ("icd-10-cm", "Z80.3"),
        ("icd-10-cm", "Z12.31"),
        ("icd-10-cm", "Z15.01"),
        ("icd-10", "D05.1"),
        ("icd-10", "D40.0"),
        ("icd-10", "Z80.3"),
        ("icd-10", "Z12.3"),
        ("icd-9-cm", "233.0"),
        ("icd-9-cm", "236.5"),
        ("icd-9-cm", "V16.3"),
        ("icd-9-cm", "217"),
        ("snomed", "126906006"),
        ("snomed", "92691004"),
        ("snomed", "312824007"),
    ],
)
def test_in_situ_uncertain_benign_family_and_screening_codes_are_no_cancer(system: str, code: str) -> None:
    assert CANCER.isdisjoint(codebook().of_code(system, code))


@pytest.mark.parametrize(
    "name",
    [
        "Neoplasm of prostate",
        "Carcinoma in situ of prostate",
        "Carcinoma in situ of breast (disorder)",
        "Benign neoplasm of breast",
        "Neoplasm of uncertain behavior of lung",
        "Ductal carcinoma in situ of breast",
        "Malignant hypertension",
        "Malignant hyperthermia",
        "Secondary hypertension",
        "Secondary hyperparathyroidism",
        "Hereditary breast cancer syndrome",
        "Family history of cancer of colon",
        "Dysplasia of cervix",
    ],
)
def test_what_sounds_like_cancer_and_is_none_is_none_by_its_name(name: str) -> None:
    said = codebook().of_words("Condition", name)
    assert CANCER.isdisjoint(one for one, reading in said.items() if reading in {"affirmed", "doubted", "history"})


@pytest.mark.parametrize(
    ("code", "site"),
    [
        ("198.5", "bone"),
        ("197.0", "lung"),
        ("196.3", "lymph-node"),
        ("198.3", "brain"),
        ("197.7", "liver"),
        ("198.7", "adrenal"),
    ],
)
def test_icd_9_cm_knows_the_site_of_a_secondary_cancer(code: str, site: str) -> None:
    assert f"{site}-metastasis" in codebook().of_code("http://hl7.org/fhir/sid/icd-9-cm", code)


def test_a_metastasis_from_bone_is_one_of_unstated_site_and_never_one_of_bone() -> None:
    found = codebook().of_code("http://snomed.info/sct", "314990009")
    assert "metastasis-site-unspecified" in found and "bone-metastasis" not in found


def test_which_bone_it_is_stands_beside_the_metastasis() -> None:
    assert {"bone-metastasis", "site-rib"} <= codebook().of_code("http://snomed.info/sct", "94521000")
    assert {"vertebral-metastasis", "site-spine"} <= codebook().of_code("http://snomed.info/sct", "94602001")


def test_the_page_tells_what_is_so() -> None:
    page = (Path(__file__).parents[2] / "docs" / "recognition.md").read_text(encoding="utf-8")
    assert with_coverage(page, codebook()) == page, "run: cds-service terminology coverage --write"
