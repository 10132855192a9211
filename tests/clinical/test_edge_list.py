"""The edge list of the clinical rules (section 5.3): each entry is a request as an EHR sends it, through the real handler."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.clinical.asking import (
    CPT,
    ICD10,
    ICD10CM,
    LOINC,
    NOW,
    RXNORM,
    SNOMED,
    Cards,
    Resource,
    administration,
    coded,
    condition,
    day,
    dosage,
    observation,
    prescription,
    report,
    select,
    service,
    view,
)

DEXAMETHASONE = coded(RXNORM, "3264", "dexamethasone")
ZOLEDRONIC_ACID = coded(RXNORM, "77655", "zoledronic acid")


def breast(**more: Any) -> Resource:
    return condition(coded(ICD10CM, "C50.911", "Breast cancer"), 1000, **more)


def bone(onset: float = 200, **more: Any) -> Resource:
    return condition(coded(ICD10CM, "C79.51", "Bone metastases"), onset, **more)


def lung_metastases(onset: float = 200) -> Resource:
    return condition(coded(SNOMED, "94391008"), onset)


def leg_weakness(onset: float = 2) -> Resource:
    return condition(coded(SNOMED, "309774006", "Leg weakness"), onset)


def calcium(value: float | None, unit: str = "mg/dL", days: float = 1, **more: Any) -> Resource:
    return observation(coded(LOINC, "17861-6"), value, unit, days, **more)


def albumin(value: float, unit: str = "g/dL", days: float = 1) -> Resource:
    return observation(coded(LOINC, "1751-7"), value, unit, days)


def creatinine(value: float, unit: str = "mg/dL") -> Resource:
    return observation(coded(LOINC, "2160-0"), value, unit)


def weight(kilograms: float) -> Resource:
    return observation(coded(LOINC, "29463-7"), kilograms, "kg")


def saturation(value: float | None, unit: str = "%", **more: Any) -> Resource:
    return observation(coded(LOINC, "59408-5"), value, unit, 0.1, **more)


BONE_CARDS = {"bma-start", "skeletal-event-assessment"}
"""What any active bone metastasis of a breast cancer brings."""


class TestCalcium:
    def test_3_1_mmol_with_albumin_20_is_corrected_to_3_5_and_severe(self) -> None:
        cards = view(breast(), calcium(3.1, "mmol/L"), albumin(20, "g/L"))
        assert cards.indicator("hypercalcaemia") == "critical"
        assert "severe" in cards.summary("hypercalcaemia").lower() and "3.5 mmol/L" in cards.summary("hypercalcaemia")

    def test_12_4_mg_with_albumin_2_is_corrected_to_14_and_severe(self) -> None:
        cards = view(breast(), calcium(12.4), albumin(2.0))
        assert cards.indicator("hypercalcaemia") == "critical"
        assert "severe" in cards.summary("hypercalcaemia").lower() and "14 mg/dL" in cards.summary("hypercalcaemia")

    def test_ionised_1_65_is_at_the_treat_level(self) -> None:
        cards = view(breast(), observation(coded(LOINC, "1995-0"), 1.65, "mmol/L"))
        assert cards.indicator("hypercalcaemia") == "critical"
        assert "ionised calcium 1.65 mmol/L" in cards.summary("hypercalcaemia")

    def test_above_15_in_a_string_is_severe(self) -> None:
        cards = view(breast(), calcium(None, valueString=">15"))
        assert cards.indicator("hypercalcaemia") == "critical"
        assert ">15 mg/dL" in cards.summary("hypercalcaemia")

    def test_13_2_without_a_unit_is_read_as_milligrams_and_at_most_a_warning(self) -> None:
        cards = view(breast(), calcium(13.2, ""), albumin(4.0), creatinine(1.0), weight(70))
        assert cards.indicator("hypercalcaemia") == "warning"
        assert "13.2 mg/dL" in cards.summary("hypercalcaemia")
        assert not cards.created("hypercalcaemia", "MedicationRequest")

    def test_2_9_without_a_unit_is_read_as_millimoles(self) -> None:
        cards = view(breast(), calcium(2.9, ""))
        assert cards.indicator("hypercalcaemia") == "warning"
        assert "2.9 mmol/L" in cards.summary("hypercalcaemia")

    def test_4_8_without_a_unit_is_unknown_and_asks_for_a_repeat(self) -> None:
        cards = view(breast(), calcium(4.8, ""))
        assert cards.indicator("hypercalcaemia") == "silent"
        assert cards.indicator("hypercalcaemia-test") == "warning"

    def test_a_preliminary_result_alarms_says_so_and_offers_no_medicine(self) -> None:
        cards = view(breast(), calcium(13.2, status="preliminary"), albumin(4.0), creatinine(1.0), weight(70))
        assert cards.indicator("hypercalcaemia") == "critical"
        assert "preliminary" in cards.summary("hypercalcaemia")
        assert not cards.created("hypercalcaemia", "MedicationRequest")

    def test_a_result_entered_in_error_is_silent(self) -> None:
        assert not view(breast(), calcium(13.2, status="entered-in-error"), albumin(4.0)).topics

    def test_eight_days_old_asks_for_a_repeat_instead_of_treatment(self) -> None:
        cards = view(breast(), calcium(13.2, days=8), albumin(4.0, days=8))
        assert cards.indicator("hypercalcaemia") == "silent"
        assert cards.indicator("hypercalcaemia-test") == "warning"

    def test_a_corrected_result_is_not_corrected_again(self) -> None:
        corrected = observation(coded(LOINC, "29265-6"), 2.5, "mmol/L")
        assert view(breast(), corrected, albumin(20, "g/L")).indicator("hypercalcaemia") == "silent"

    def test_known_hyperparathyroidism_with_high_pth_has_other_words_and_no_treatment(self) -> None:
        known = condition(coded(ICD10CM, "E21.0"), 800)
        pth = observation(coded(LOINC, "2731-8"), 12, "pmol/L")
        cards = view(breast(), known, calcium(2.8, "mmol/L"), albumin(40, "g/L"), pth)
        assert cards.indicator("hypercalcaemia") == "warning"
        assert "hyperparathyroidism" in cards.summary("hypercalcaemia")
        assert not cards.created("hypercalcaemia", "MedicationRequest")


class TestBoneMetastases:
    def test_c7951_without_the_dot_counts(self) -> None:
        assert view(breast(), condition(coded(ICD10CM, "C7951"), 200)).topics >= BONE_CARDS

    def test_c79_5_of_the_who_counts(self) -> None:
        assert view(breast(), condition(coded(ICD10, "C79.5"), 200)).topics >= BONE_CARDS

    def test_a_generic_secondary_code_with_a_vertebra_as_site_counts_as_spinal(self) -> None:
        generic = condition(coded(SNOMED, "128462008"), 200, bodySite=[coded(SNOMED, "35769007")])
        assert view(breast(), generic).topics >= {*BONE_CARDS, "orthopaedic-assessment"}

    def test_a_generic_secondary_code_without_a_site_is_no_bone_metastasis(self) -> None:
        assert not view(breast(), condition(coded(SNOMED, "128462008"), 200)).topics & BONE_CARDS

    @pytest.mark.parametrize("words", ["bone mets, r/o", "family history of bone cancer"])
    def test_words_that_rule_out_or_name_the_family_are_silent(self, words: str) -> None:
        assert not view(condition({"text": words}, 10)).topics

    def test_a_metastasis_from_bone_is_no_bone_metastasis(self) -> None:
        cards = view(breast(), condition(coded(SNOMED, "314990009"), 10))
        assert not cards.topics & {*BONE_CARDS, "orthopaedic-assessment", "palliative-radiotherapy"}

    def test_bone_marrow_alone_is_no_bone_metastasis(self) -> None:
        assert not view(breast(), condition(coded(ICD10CM, "C79.52"), 10)).topics & BONE_CARDS

    def test_a_resolved_metastasis_starts_no_bone_agent(self) -> None:
        assert "bma-start" not in view(breast(), bone(clinical="resolved")).topics


class TestCordCompression:
    def test_new_leg_weakness_brings_mri_within_12_hours_dexamethasone_and_both_teams(self) -> None:
        cards = view(breast(), bone(), leg_weakness())
        assert cards.indicator("mscc-suspected") == "critical"
        mri, *referrals = cards.created("mscc-suspected", "ServiceRequest")
        assert mri["priority"] == "stat" and len(referrals) == 2
        assert mri["occurrencePeriod"]["end"].startswith((NOW + timedelta(hours=12)).strftime("%Y-%m-%dT%H:%M"))
        (steroid,) = cards.created("mscc-suspected", "MedicationRequest")
        assert steroid["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"] == 16

    def test_leg_weakness_three_years_old_is_silent(self) -> None:
        assert "mscc-suspected" not in view(breast(), bone(), leg_weakness(1100)).topics

    def test_a_sign_answered_with_false_is_silent(self) -> None:
        absent = observation(coded(SNOMED, "309774006"), valueBoolean=False)
        assert "mscc-suspected" not in view(breast(), bone(), absent).topics

    def test_coded_cauda_equina_with_a_history_of_cancer_is_critical(self) -> None:
        history = condition(coded(ICD10CM, "Z85.3"), 3000)
        cards = view(history, condition(coded(SNOMED, "192970008"), 1))
        assert cards.indicator("mscc-suspected") == "critical"
        assert cards.created("mscc-suspected", "MedicationRequest")

    def test_coded_cauda_equina_without_cancer_asks_for_mri_only(self) -> None:
        cards = view(condition(coded(SNOMED, "192970008"), 1))
        assert cards.indicator("mscc-suspected") == "critical"
        assert not cards.created("mscc-suspected", "MedicationRequest")
        assert all("oncology" not in str(order) for order in cards.created("mscc-suspected", "ServiceRequest"))

    def test_a_stroke_explains_weakness_beside_a_remote_history_of_cancer(self) -> None:
        history = condition(coded(ICD10CM, "Z85.3"), 3000)
        stroke = condition(coded(ICD10CM, "I63.9"), 2)
        assert "mscc-suspected" not in view(history, stroke, leg_weakness()).topics

    def test_a_whole_spine_mri_of_yesterday_without_compression_is_silent(self) -> None:
        clear = report("MRI whole spine", "Vertebral metastases. No spinal cord compression.", 1)
        assert "mscc-suspected" not in view(breast(), bone(), leg_weakness(), clear).topics

    def test_a_whole_spine_mri_that_reports_compression_drops_only_the_mri(self) -> None:
        found = report("MRI whole spine", "Epidural mass at T8 with spinal cord compression.", 1)
        cards = view(breast(), bone(), leg_weakness(), found)
        assert cards.indicator("mscc-suspected") == "critical"
        assert len(cards.created("mscc-suspected", "ServiceRequest")) == 2
        assert len(cards.created("mscc-suspected", "MedicationRequest")) == 1

    def test_a_pacemaker_is_named_with_the_alternative(self) -> None:
        pacemaker = {"resourceType": "Device", "id": "pm", "patient": {"reference": "Patient/p1"}}
        cards = view(breast(), bone(), leg_weakness(), {**pacemaker, "type": {"text": "Cardiac pacemaker"}})
        assert cards.indicator("mscc-suspected") == "critical"
        assert "CT" in cards.detail("mscc-suspected")

    def test_lymphoma_withholds_dexamethasone_and_says_why(self) -> None:
        cards = view(condition(coded(ICD10CM, "C83.30"), 100), leg_weakness())
        assert cards.indicator("mscc-suspected") == "critical"
        assert not cards.created("mscc-suspected", "MedicationRequest")
        assert "lymphoma" in cards.detail("mscc-suspected").lower()

    def test_dexamethasone_16_mg_already_on_is_not_offered_again(self) -> None:
        cards = view(breast(), bone(), leg_weakness(), prescription(DEXAMETHASONE, 1, dosageInstruction=dosage(16)))
        assert cards.indicator("mscc-suspected") == "critical"
        assert not cards.created("mscc-suspected", "MedicationRequest")


class TestBoneAgents:
    def xgeva(self) -> Resource:
        words = {"text": "Xgeva 120 mg subcutaneous"}
        return prescription(words, 0, status="draft", dosageInstruction=dosage(120, every=4, period="wk"))

    def zoledronic_acid(self) -> Resource:
        return prescription(ZOLEDRONIC_ACID, 0, status="draft", dosageInstruction=dosage(4, every=4, period="wk"))

    def clearance(self, target: str) -> Resource:
        """The creatinine that gives a woman of 61 years and 70 kg this Cockcroft-Gault clearance."""
        exact = Decimal(79) * 70 * Decimal("0.85") / (72 * Decimal(target))
        return creatinine(float(exact))

    def test_denosumab_60_mg_does_not_count_as_treatment_of_bone_metastases(self) -> None:
        prolia = administration({"text": "Prolia 60 mg"}, 60, 30)
        assert "bma-start" in view(breast(), bone(), prolia).topics

    def test_denosumab_60_beside_120_mg_is_critical(self) -> None:
        drafts = [self.xgeva()]
        prolia = prescription({"text": "Prolia 60 mg"}, 30, dosageInstruction=dosage(60, every=6, period="mo"))
        cards = select(breast(), bone(), prolia, calcium(9.5), albumin(4.0), drafts=drafts)
        assert cards.indicator("denosumab-safety") == "critical"

    def test_low_calcium_before_denosumab_is_critical_and_deletes_the_draft(self) -> None:
        draft = self.xgeva()
        cards = select(breast(), bone(), calcium(7.9), albumin(4.0), drafts=[draft])
        assert cards.indicator("denosumab-safety") == "critical"
        deleted = [action for action in cards.actions("denosumab-safety") if action["type"] == "delete"]
        assert [action["resourceId"] for action in deleted] == [f"MedicationRequest/{draft['id']}"]

    def test_low_calcium_corrects_first_and_offers_no_bone_agent(self) -> None:
        cards = view(breast(), bone(), calcium(7.9), albumin(4.0), creatinine(0.8), weight(70))
        assert "correct" in cards.summary("bma-start").lower() + cards.detail("bma-start").lower()
        assert "denosumab" not in str(cards.created("bma-start", "MedicationRequest"))

    @pytest.mark.parametrize(("months", "asks"), [(5, False), (7, True)])
    def test_a_dental_examination_counts_for_six_months(self, months: int, asks: bool) -> None:
        exam: Resource = {"resourceType": "Procedure", "id": "exam", "status": "completed"}
        exam |= {"subject": {"reference": "Patient/p1"}, "code": {"text": "Dental examination"}}
        exam |= {"performedDateTime": day(months * 30.5)}
        assert ("bma-dental-review" in select(breast(), bone(), exam, drafts=[self.xgeva()]).topics) is asks

    @pytest.mark.parametrize(
        ("clearance", "indicator", "milligrams"),
        [
            ("29.9", "critical", None),
            ("30", "warning", 3.0),
            ("39", "warning", 3.0),
            ("40", "warning", 3.3),
            ("49", "warning", 3.3),
            ("50", "warning", 3.5),
            ("60", "warning", 3.5),
            ("60.5", "silent", None),
        ],
    )
    def test_zoledronic_acid_follows_the_clearance(
        self, clearance: str, indicator: str, milligrams: float | None
    ) -> None:
        draft = self.zoledronic_acid()
        cards = select(breast(), bone(), self.clearance(clearance), weight(70), drafts=[draft])
        assert cards.indicator("zoledronate-renal-dose") == indicator
        actions = cards.actions("zoledronate-renal-dose")
        updates = [action["resource"] for action in actions if action["type"] == "update"]
        assert all(updated["id"] == draft["id"] for updated in updates)
        doses = [updated["dosageInstruction"][0]["doseAndRate"][0]["doseQuantity"]["value"] for updated in updates]
        assert doses == ([] if milligrams is None else [milligrams])

    def test_a_creatinine_without_a_weight_gives_no_clearance(self) -> None:
        cards = select(breast(), bone(), creatinine(1.0), drafts=[self.zoledronic_acid()])
        assert cards.indicator("zoledronate-renal-dose") == "warning"
        assert "weight" in cards.summary("zoledronate-renal-dose")
        assert not [action for action in cards.actions("zoledronate-renal-dose") if action["type"] == "update"]


def test_radium_with_abiraterone_is_critical_and_deletes_the_draft() -> None:
    draft = prescription({"text": "Radium-223 dichloride"}, 0, status="draft")
    prostate = condition(coded(ICD10CM, "C61"), 900)
    cards = select(prostate, bone(), prescription({"text": "Abiraterone 1000 mg"}), drafts=[draft], sex="male")
    assert cards.indicator("radium-safety") == "critical"
    assert [action["type"] for action in cards.actions("radium-safety")] == ["delete"]


class TestChestCT:
    def test_a_chest_ct_alone_is_extended(self) -> None:
        draft = service(coded(CPT, "71260", "CT chest with contrast"))
        cards = select(breast(), lung_metastases(), drafts=[draft])
        assert cards.indicator("staging-ct") == "info"
        assert {action["type"] for action in cards.actions("staging-ct")} == {"delete", "create"}

    def test_the_pair_of_cpt_codes_is_complete(self) -> None:
        pair = [service(coded(CPT, "71260")), service(coded(CPT, "74177"))]
        assert "staging-ct" not in select(breast(), lung_metastases(), drafts=pair).topics


def on_oxygen_card(*resources: Resource) -> tuple[str, str]:
    cards: Cards = view(breast(), lung_metastases(), *resources)
    return cards.indicator("oxygen"), cards.summary("oxygen") if "oxygen" in cards.by_topic else ""


class TestSaturation:
    @pytest.mark.parametrize(
        "measured",
        [
            saturation(91),
            saturation(0.91, ""),
            saturation(91, ""),
            saturation(None, valueString="91 %"),
        ],
    )
    def test_91_percent_on_air_is_a_warning_however_it_is_written(self, measured: Resource) -> None:
        indicator, summary = on_oxygen_card(measured)
        assert indicator == "warning"
        assert "91%" in summary.replace(" %", "%")

    def test_92_percent_is_silent_and_87_percent_critical(self) -> None:
        assert on_oxygen_card(saturation(92))[0] == "silent"
        assert on_oxygen_card(saturation(87))[0] == "critical"

    def test_copd_with_hypercapnic_risk_is_silent_at_89_percent(self) -> None:
        copd = condition(coded(ICD10CM, "J44.9", "COPD"), 1000)
        assert on_oxygen_card(copd, saturation(89))[0] == "silent"


def test_bone_modifying_agents_stand_before_the_rest_of_the_work_up() -> None:
    topics = [card["source"]["topic"]["code"] for card in view(breast(), bone()).answer["cards"]]
    assert topics[0] == "bma-start"
    assert view(breast(), bone()).summary("bma-start").startswith("Breast cancer, bone metastases:")
