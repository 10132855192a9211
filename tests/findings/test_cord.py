"""Signs of cord compression by age and kind, compression itself, and imaging that excludes it."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.findings.cord import (
    compression,
    cord_at_risk,
    epidural_metastasis,
    explaining_stroke,
    imaging_counts_from,
    incomplete_images,
    neurology,
    treated_since,
    whole_spine_cleared,
)
from cds_service.terminology.dates import Span
from tests.findings.scenes import coded, condition, scene, words

WINDOW = Span(days=30)


def mri(when: str, conclusion: str, kind: str = "mri-whole-spine", **more: Any) -> dict[str, Any]:
    return {"report": kind, "when": when, "conclusion": conclusion, **more}


@pytest.mark.parametrize(("onset", "pile"), [("29 d", "facts"), ("30 d", "facts"), ("31 d", "old"), ("", "undated")])
def test_signs_are_sorted_by_their_onset(onset: str, pile: str) -> None:
    found = neurology(scene(condition("limb-weakness", onset)), WINDOW)
    assert {name for name in ("facts", "old", "undated") if getattr(found, name)} == {pile}


def test_the_onset_decides_before_the_record_date() -> None:
    assert neurology(scene(condition("limb-weakness", "900 d", recorded="2 d")), WINDOW).old
    assert neurology(scene(condition("limb-weakness", "", recorded="2 d")), WINDOW).facts


@pytest.mark.parametrize(
    ("onset", "recorded", "age"),
    [
        ("2026", "2 d", "vague"),
        ("2026", "", "vague"),
        ("2026-01", "", "vague"),
        ("2026-02", "", "recent"),
        ("2026", "31 d", "old"),
        ("2025", "2 d", "old"),
        ("2025-12", "", "old"),
    ],
)
def test_a_vague_onset_counts_unless_all_that_it_may_mean_lies_before_the_window(
    onset: str, recorded: str, age: str
) -> None:
    found = neurology(scene(condition("limb-weakness", onset, **({"recorded": recorded} if recorded else {}))), WINDOW)
    assert (bool(found.facts), bool(found.old), found.vague) == (age != "old", age == "old", age == "vague")


def test_beside_a_sign_with_a_date_a_vague_one_changes_nothing() -> None:
    found = neurology(scene(condition("limb-weakness", "2026"), condition("urinary-retention", "1 d")), WINDOW)
    assert (len(found.facts), found.vague) == (2, False)


@pytest.mark.parametrize(("conclusion", "cleared"), [("", True), (" Thoracic spine not imaged.", False)])
def test_only_a_complete_study_excludes_compression(conclusion: str, cleared: bool) -> None:
    mri = {"report": "mri-whole-spine", "when": "1 d", "conclusion": f"No cord compression.{conclusion}"}
    case = scene(condition("limb-weakness", "3 d"), mri)
    assert (whole_spine_cleared(case, None, WINDOW) is not None) is cleared
    assert bool(incomplete_images(case, WINDOW)) is not cleared


@pytest.mark.parametrize(
    "fact",
    [
        condition("hemiplegia"),
        condition("generalised-weakness"),
        condition("radicular-pain"),
        condition("limb-weakness", clinical="resolved"),
        condition("limb-weakness", verification="refuted"),
        words("no leg weakness"),
        {"observation": "limb-weakness", "present": False},
        {"observation": "limb-weakness", "answer": "absent"},
        {"observation": "limb-weakness", "absent": True},
        {"observation": "limb-weakness", "string": "None reported"},
        {"observation": "limb-weakness", "string": "No leg weakness"},
        {"observation": "limb-weakness", "present": True, "status": "entered-in-error"},
    ],
)
def test_what_is_absent_or_points_elsewhere_is_no_sign(fact: dict[str, Any]) -> None:
    found = neurology(scene(fact), WINDOW)
    assert not (found.facts or found.old or found.undated)


def test_no_is_not_always_a_denial() -> None:
    assert neurology(scene({"observation": "gait-disturbance", "string": "no longer able to walk"}), WINDOW).facts


def test_an_answer_that_says_neither_yes_nor_no_is_not_known() -> None:
    case = scene({"observation": "gait-disturbance", "string": "no change"})
    assert not neurology(case, WINDOW).facts
    assert [gap.problem for gap in case.gaps_of("observations", ["gait-disturbance"])] == ["not-understood"]


def test_the_newest_examination_of_a_sign_counts() -> None:
    yesterday = {"observation": "limb-weakness", "present": True, "when": "30 h"}
    today = {"observation": "limb-weakness", "present": False, "when": "2 h"}
    assert neurology(scene(yesterday), WINDOW).facts
    assert not neurology(scene(yesterday, today), WINDOW).facts


def test_words_and_preliminary_findings_are_signs_but_prove_nothing() -> None:
    assert not neurology(scene(words("bilateral leg weakness")), WINDOW).coded
    assert not neurology(
        scene({"observation": "limb-weakness", "present": True, "status": "preliminary"}), WINDOW
    ).coded
    assert neurology(scene(condition("limb-weakness")), WINDOW).coded


def test_the_newest_kind_of_sign_is_dated_by_its_first_mention() -> None:
    noted_again = {"observation": "limb-weakness", "present": True, "when": "1 d"}
    found = neurology(scene(condition("limb-weakness", "2026-02-20"), noted_again), WINDOW)
    assert found.newest is not None
    assert found.newest.day == "2026-02-20"
    later = neurology(
        scene(condition("limb-weakness", "2026-02-20"), condition("urinary-retention", "2026-02-27")), WINDOW
    )
    assert later.newest is not None
    assert later.newest.day == "2026-02-27"
    days = {"limb-weakness": "2026-02-20", "urinary-retention": "2026-02-25", "sensory-disturbance": "2026-02-28"}
    third = neurology(scene(*(condition(sign, day) for sign, day in days.items())), WINDOW)
    assert third.newest is not None
    assert third.newest.day == "2026-02-28"


def test_compression_is_a_condition_or_an_image_within_the_window() -> None:
    assert compression(scene(condition("cord-compression", "200 d")), WINDOW).coded
    assert compression(scene(mri("3 d", "Cord compression at T8.")), WINDOW)
    assert not compression(scene(mri("3 d", "Cord compression at T8.")), WINDOW).coded
    assert not compression(scene(mri("31 d", "Cord compression at T8.")), WINDOW)
    assert not compression(scene(mri("3 d", "No cord compression.")), WINDOW)
    assert compression(scene(mri("3 d", "Possible cord compression.")), WINDOW).suspected
    assert not compression(scene(condition("cord-compression", clinical="resolved")), WINDOW)


def test_a_coded_conclusion_proves_compression_unless_it_is_preliminary() -> None:
    image = {"report": "mri-whole-spine", "when": "1 d", "conclusion_code": "cord-compression"}
    assert compression(scene(image), WINDOW).coded
    assert not compression(scene({**image, "status": "preliminary"}), WINDOW).coded


def test_an_image_may_find_epidural_disease_first() -> None:
    image = mri("1 d", "T8 metastasis with epidural extension.", "ct-chest-abdomen-pelvis-contrast")
    assert epidural_metastasis(scene(image), WINDOW)
    assert not epidural_metastasis(scene(condition("bone-metastasis")), WINDOW)


@pytest.mark.parametrize(
    ("facts", "cleared"),
    [
        ([mri("1 d", "No spinal cord compression.")], True),
        ([mri("1 d", "The spinal cord is normal.")], True),
        ([mri("1 d", "Degenerative change.")], False),
        ([mri("1 d", "No spinal cord compression.", status="preliminary")], False),
        ([mri("1 d", "No spinal cord compression.", "mri-spine-region")], False),
        ([mri("9 d", "No spinal cord compression.")], False),
        ([mri("4 d", "No cord compression."), mri("1 d", "Cord compression at T8.", "mri-spine-region")], False),
        ([mri("4 d", "No cord compression."), mri("1 d", "Possible cord compression.", status="preliminary")], False),
    ],
)
def test_only_a_final_whole_spine_mri_since_the_sign_excludes_compression(
    facts: list[dict[str, Any]], cleared: bool
) -> None:
    case = scene(condition("limb-weakness", "5 d"), *facts)
    start = imaging_counts_from(neurology(case, WINDOW), compression(case, WINDOW))
    assert (whole_spine_cleared(case, start, WINDOW) is not None) is cleared


def test_the_cord_is_at_risk_by_signs_or_an_epidural_metastasis_unless_an_mri_since_then_excludes_it() -> None:
    weak = condition("limb-weakness", "5 d")
    assert cord_at_risk(scene(weak), WINDOW).coded
    assert not cord_at_risk(scene(words("bilateral leg weakness")), WINDOW).coded
    assert cord_at_risk(scene(condition("epidural-metastasis")), WINDOW)
    assert not cord_at_risk(scene(weak, mri("1 d", "No cord compression.")), WINDOW)


@pytest.mark.parametrize(("stated", "at_risk"), [("2 d", False), ("1 d", False), ("2 h", True)])
def test_an_mri_before_the_compression_was_stated_does_not_exclude_it(stated: str, at_risk: bool) -> None:
    image = mri("1 d", "No cord compression.")
    assert bool(cord_at_risk(scene(condition("cord-compression", stated), image), WINDOW)) is at_risk


def test_old_compression_counts_as_treated_after_radiotherapy_or_surgery() -> None:
    old, irradiated = condition("cord-compression", "200 d"), {"procedure": "radiotherapy", "when": "150 d"}
    case = scene(old, irradiated)
    assert treated_since(case, compression(case, WINDOW).facts, WINDOW)
    fresh = scene(condition("cord-compression", "3 d"), irradiated)
    assert not treated_since(fresh, compression(fresh, WINDOW).facts, WINDOW)
    treated_at_once = scene(condition("cord-compression", "3 d"), {"procedure": "radiotherapy", "when": "1 d"})
    assert not treated_since(treated_at_once, compression(treated_at_once, WINDOW).facts, WINDOW)
    before = scene(old, {"procedure": "radiotherapy", "when": "300 d"})
    assert not treated_since(before, compression(before, WINDOW).facts, WINDOW)


def test_a_stroke_explains_limb_weakness_of_its_days_and_no_other_sign() -> None:
    past, stroke = condition("cancer-history"), condition("stroke", "2 d")
    for sign, explained in (("limb-weakness", True), ("gait-disturbance", False)):
        case = scene(past, stroke, condition(sign, "2 d"))
        assert bool(explaining_stroke(case, neurology(case, WINDOW), Span(days=3))) is explained


def test_myelopathy_by_code_is_a_sign() -> None:
    assert neurology(scene(coded("icd-10-cm|G99.2", onset="2 d")), WINDOW).facts


@pytest.mark.parametrize(("sign", "cleared"), [("2026-03-01T09:00:00Z", True), ("2026-03-01T09:01:00Z", False)])
def test_an_mri_of_the_very_moment_of_the_sign_counts(sign: str, cleared: bool) -> None:
    case = scene(condition("limb-weakness", sign), mri("2026-03-01T09:00:00Z", "No spinal cord compression."))
    assert (whole_spine_cleared(case, neurology(case, WINDOW).newest, WINDOW) is not None) is cleared


@pytest.mark.parametrize(("onset", "treated"), [("2025-12-01T09:00:00Z", True), ("2025-12-01T09:01:00Z", False)])
def test_radiotherapy_of_the_very_moment_treats_the_compression(onset: str, treated: bool) -> None:
    case = scene(condition("cord-compression", onset), {"procedure": "radiotherapy", "when": "2025-12-01T09:00:00Z"})
    assert bool(treated_since(case, compression(case, WINDOW).facts, WINDOW)) is treated


@pytest.mark.parametrize(
    ("onset", "cleared"),
    [("2026", False), ("2026-03", False), ("2026-02", True), ("2026-02-27", True), ("2026-03-02", False)],
)
def test_an_mri_excludes_nothing_that_may_have_begun_after_it(onset: str, cleared: bool) -> None:
    case = scene(condition("limb-weakness", onset), mri("2026-03-01", "No cord compression."))
    assert (whole_spine_cleared(case, neurology(case, WINDOW).newest, WINDOW) is not None) is cleared
