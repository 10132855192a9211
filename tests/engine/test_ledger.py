"""Silence gives its reasons: for each red flag yes, no or not known, and what makes a *no* a no, as a colleague would note it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest

from tests.clinical.asking import (
    LOINC,
    NOW,
    RXNORM,
    SNOMED,
    coded,
    condition,
    day,
    dosage,
    ledger_of,
    observation,
    prescription,
    report,
    view,
)

BREAST = condition(coded(SNOMED, "254837009", "Breast cancer"), 900)
LUNG_METASTASIS = condition(coded(SNOMED, "94391008", "Lung metastasis"), 200)
LEGS = condition(coded(SNOMED, "309774006", "Weakness of legs"), 5)
CALCIUM, ALBUMIN, SATURATION = (
    coded(LOINC, code, name) for code, name in (("2000-8", "Calcium"), ("1751-7", "Albumin"), ("59408-5", "SpO2"))
)
NO_SIGN = 'Cancer is on record, but no coded or worded neurological sign; that is not the same as "no red flags".'


def said(days: float) -> str:
    """The date so many days ago, as a reader says it."""
    then = datetime.fromisoformat(day(days))
    return f"{then.day} {then:%B}" + ("" if then.year == NOW.year else f" {then.year}")


def note(topic: str, *resources: dict[str, Any], **more: Any) -> str:
    """The note without the ids that differ from run to run."""
    return re.sub(r" \([A-Z][A-Za-z]+/[a-z0-9-]+\)", "", ledger_of(*resources, **more)[topic]["text"])


@pytest.mark.parametrize(
    ("topic", "resources", "reads"),
    [
        (
            "hypercalcaemia",
            (BREAST, observation(CALCIUM, 2.31, "mmol/L"), observation(ALBUMIN, 41, "g/L")),
            "Hypercalcaemia: no. The newest calcium, corrected or ionised, is not above the upper limit. "
            f"Calcium 2.31 mmol/L, {said(1)}. Albumin 41 g/L, {said(1)}.",
        ),
        (
            "hypercalcaemia",
            (BREAST, observation(ALBUMIN, 41, "g/L")),
            "Hypercalcaemia: no. No usable calcium result is on record. Observations complete, 1 read.",
        ),
        (
            "hypercalcaemia",
            (BREAST, observation(CALCIUM, 9.5, "mmol/L")),
            'Hypercalcaemia: not known. Calcium: "9.5 mmol/L (the number fits mg/dL)" '
            f"({said(1)}) cannot be right: ring the laboratory, repeat now.",
        ),
        (
            "hypercalcaemia",
            (BREAST, observation(CALCIUM, valueString="haemolysed")),
            f'Hypercalcaemia: not known. Calcium: "haemolysed" ({said(1)}) is not understood: read it in the record.',
        ),
        (
            "hypercalcaemia",
            (observation(CALCIUM, 3.4, "mmol/L"),),
            "Hypercalcaemia: no. No cancer, past cancer or metastasis is on record. Conditions complete, none on record; "
            "observations complete, 1 read; reports complete, none on record.",
        ),
        (
            "mscc-suspected",
            (BREAST, observation(CALCIUM, 2.31, "mmol/L")),
            f"Suspected spinal cord compression: no. {NO_SIGN} Reports complete, none on record; conditions complete, 1 read; "
            "observations complete, 1 read.",
        ),
        (
            "mscc-suspected",
            (BREAST, LEGS, report("MRI whole spine", "No cord compression.", 2)),
            "Suspected spinal cord compression: no. A whole-spine MRI since the onset reports no compression. "
            f"MRI whole spine, {said(2)}, reports no compression, words only.",
        ),
        (
            "oxygen",
            (BREAST, LUNG_METASTASIS, observation(SATURATION, 96, "%", days=0.1)),
            f"Low oxygen saturation: no. The newest saturation is not below 92%. SpO2 96%, {said(0.1)}.",
        ),
    ],
)
def test_the_note_says_what_was_decided_on_which_facts_and_where_nothing_was_found(
    topic: str, resources: tuple[dict[str, Any], ...], reads: str
) -> None:
    assert note(topic, *resources) == reads


def test_a_yes_says_what_the_card_says_and_on_which_facts() -> None:
    text = note("oxygen", BREAST, LUNG_METASTASIS, observation(SATURATION, 90, "%", days=0.1))
    assert text.startswith("Low oxygen saturation: yes. SpO2 90%")
    assert text.endswith(f"SpO2 90%, {said(0.1)}. Lung metastasis, {said(200)}.")


def test_a_limit_of_time_is_a_time_of_the_clock_as_on_the_card() -> None:
    text = note("mscc-suspected", BREAST, LEGS)
    assert "Whole-spine MRI by 21:00" in text


def test_the_silence_about_an_order_says_that_the_order_was_read() -> None:
    drafted = prescription(
        coded(RXNORM, "197582", "Dexamethasone 4 MG Oral Tablet"), 0, status="draft", dosageInstruction=dosage(4)
    )
    ordering = ledger_of(BREAST, drafts=[drafted])
    assert ordering["denosumab-safety"]["sources"] == [{"need": "draft_orders", "read": 1, "complete": True}]
    assert {entry["answer"] for entry in ordering.values()} == {"no"}
    assert ordering["denosumab-safety"]["text"].endswith(
        "Draft orders complete, 1 read (Dexamethasone 4 MG Oral Tablet)."
    )


def test_a_draft_that_no_check_is_about_is_named_in_each() -> None:
    ordering = ledger_of(BREAST, drafts=[prescription({"text": "paracetamol 1 g"}, 0, status="draft")])
    assert {entry["answer"] for entry in ordering.values()} == {"no"}
    assert all(entry["text"].endswith("1 read (paracetamol 1 g).") for entry in ordering.values())


def test_the_report_that_raises_compression_is_quoted_on_the_card_and_in_the_note() -> None:
    cut = report(
        "MRI whole spine", "Study terminated after the cervical spine. Epidural extension at T8 on the localiser.", 1
    )
    shown = view(BREAST, LEGS, cut).detail("mscc-suspected")
    assert "Epidural extension at T8 on the localiser" in shown
    assert "Study terminated after the cervical spine" in shown
    assert '"Epidural extension at T8 on the localiser"' in note("mscc-suspected", BREAST, LEGS, cut)


def test_who_has_died_is_the_reason_on_every_line() -> None:
    answers = ledger_of(BREAST, LEGS, deceasedBoolean=True)
    assert {(entry["answer"], entry["says"]) for entry in answers.values()} == {
        ("no", "The patient is on record as deceased; no card is shown.")
    }


def test_nobody_gets_a_ledger_that_did_not_ask() -> None:
    assert "ledger" not in view(BREAST, LEGS).answer["extension"]
