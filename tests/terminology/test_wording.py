"""Free text is read for what it means: a denial never fires, and a plain statement is never lost behind one."""

from __future__ import annotations

import re

import pytest

from cds_service.terminology.wording import Prose
from tests.terminology.readings import COMPRESSION, METASTASES, MRI, MSCC, WEAKNESS, cues, read_words

CANCER = re.compile(
    r"(lung )?(cancer|carcinoma)|(hodgkin )?lymphoma|germ cell tumou?r|malignant neoplasm", re.IGNORECASE
)

AFFIRMED = [
    (WEAKNESS, "(+) leg weakness (-) incontinence"),
    (WEAKNESS, "complaining of leg weakness"),
    (WEAKNESS, "no fever, complains of leg weakness"),
    (WEAKNESS, "62yo F w/ h/o breast ca (2014), c/o 2/7 progressive bilateral leg weakness, unsteady, no incontinence"),
    (METASTASES, "known bone metastases, no cord compression"),
    (METASTASES, "no change in known bone metastases"),
    (METASTASES, "No cord compression. Extensive vertebral metastases."),
    (METASTASES, "bone metastases"),
    (METASTASES, "no new bone metastases"),
    (METASTASES, "not only bone metastases but also lung"),
    (METASTASES, "bone metastases, no cord compression"),
    (WEAKNESS, "daughter has noticed leg weakness"),
    (WEAKNESS, "daughter reports leg weakness"),
    (WEAKNESS, "lives with mother, leg weakness since Monday"),
    (METASTASES, "Mother of two with bone metastases"),
    (WEAKNESS, "leg weakness (daughter reports this)"),
    (WEAKNESS, "2 day history of leg weakness"),
    (WEAKNESS, "two week history of worsening leg weakness"),
    (WEAKNESS, "recent history of leg weakness"),
    (WEAKNESS, "3/7 history of leg weakness"),
    (WEAKNESS, "history of presenting complaint: leg weakness"),
    (WEAKNESS, "h/o 3 days leg weakness"),
    (WEAKNESS, "history of progressive leg weakness"),
    (METASTASES, "history of breast cancer with bone metastases"),
    (METASTASES, "h/o breast cancer, bone metastases"),
    (WEAKNESS, "History of breast cancer now presents with leg weakness"),
    (WEAKNESS, "leg weakness over the past week"),
    (WEAKNESS, "over the past 3 weeks leg weakness"),
    (WEAKNESS, "in the past 24 hours leg weakness"),
    (METASTASES, "previously documented bone metastases"),
    (METASTASES, "Compared with the previous scan bone metastases have progressed"),
    (METASTASES, "previous MRI showed bone metastases"),
    (METASTASES, "prior radiotherapy to bone metastases"),
    (METASTASES, "previous treatment for bone metastases"),
    (WEAKNESS, "previously well, leg weakness since yesterday"),
    (WEAKNESS, "denies numbness but has leg weakness"),
    (WEAKNESS, "denies numbness; leg weakness for two days"),
    (WEAKNESS, "denies numbness, reports leg weakness"),
    (WEAKNESS, "No fever, but leg weakness"),
    (WEAKNESS, "no fever, has leg weakness"),
    (WEAKNESS, "no fever, new leg weakness"),
    (METASTASES, "No cord compression, known bone metastases"),
    (METASTASES, "No cord compression, extensive vertebral metastases"),
    (METASTASES, "no cord compression and known bone metastases"),
    (METASTASES, "No cord compression (known bone metastases)"),
    (METASTASES, "No cord compression - multiple bone metastases"),
    (METASTASES, "No cord compression from the vertebral metastases"),
    (METASTASES, "no pathological fracture through bone metastasis"),
    (METASTASES, "no cord compression in patient with bone metastases"),
    (METASTASES, "no progression of bone metastases"),
    (METASTASES, "no evidence of progression of bone metastases"),
    (WEAKNESS, "no improvement in leg weakness"),
    (WEAKNESS, "leg weakness not improving"),
    (METASTASES, "no radiotherapy for bone metastases"),
    (METASTASES, "not on treatment for bone metastases"),
    (WEAKNESS, "not only pain, leg weakness as well"),
    (METASTASES, "no doubt bone metastases"),
    (METASTASES, "MRI without contrast shows bone metastases"),
    (WEAKNESS, "does not deny leg weakness"),
    (METASTASES, "Leg weakness? No. Bone mets: yes."),
    (WEAKNESS, "Leg weakness: yes"),
    (WEAKNESS, "leg weakness ?cause"),
    (WEAKNESS, "leg weakness, ?cord compression"),
    (WEAKNESS, "leg weakness, possible cord compression"),
    (WEAKNESS, "leg weakness likely due to cord compression"),
    (COMPRESSION, "leg weakness likely due to cord compression"),
    (WEAKNESS, "leg weakness unlikely to be due to stroke"),
    (METASTASES, "bone metastases, suspected breast primary"),
    (METASTASES, "bone metastases likely from breast"),
    (COMPRESSION, "PE ruled out, cord compression confirmed"),
    (METASTASES, "Fracture was excluded and bone metastases seen"),
    (METASTASES, "PE ruled out, bone metastases on CT"),
    (METASTASES, "bone mets r/o cord compression"),
    (METASTASES, "bone mets, r/o cord compression"),
    (METASTASES, "bone metastases with cord compression excluded"),
    (METASTASES, "bone metastases seen, cord compression excluded"),
    (METASTASES, "new bone metastases not seen previously"),
    (METASTASES, "bone metastases not seen on the prior scan"),
    (METASTASES, "bone metastases, ER positive, HER2 negative"),
    (METASTASES, "bone metastases from triple negative breast cancer"),
    (WEAKNESS, "leg weakness, absent reflexes"),
    (WEAKNESS, "leg weakness, denied numbness"),
    (METASTASES, "no bone metastases on CT. MRI shows bone metastases."),
    (METASTASES, "No fever\nBone metastases"),
    (METASTASES, "No cord compression\n\nbone metastases"),
    (METASTASES, "1. No cord compression 2. Bone metastases"),
    (METASTASES, "1) no cord compression 2) bone metastases"),
    (METASTASES, "No. Bone metastases"),
    (METASTASES, "prevention of skeletal related events in bone metastases"),
    (METASTASES, "risk of fracture from bone metastases"),
    (METASTASES, "skeletal prophylaxis, bone metastases"),
    (METASTASES, "screening CT shows bone metastases"),
    (METASTASES, "NAD. Bone mets T8"),
    (METASTASES, "bone metastases in remission"),
    (METASTASES, "consistent with bone metastases"),
    (METASTASES, "in keeping with bone metastases"),
    (WEAKNESS, "leg weakness not due to cord compression"),
    (METASTASES, "does not want MRI for bone metastases"),
    (METASTASES, "Denosumab for bone metastases"),
    (METASTASES, "Zoledronic acid 4 mg (bone metastases)"),
    (METASTASES, "denosumab - prevention of SRE - bone metastases"),
    (METASTASES, "no other bone metastases"),
    (METASTASES, "No lung metastases; bone metastases present"),
    (WEAKNESS, "(+) leg weakness"),
    (WEAKNESS, "c/o leg weakness"),
    (WEAKNESS, "No previous history of cancer, leg weakness 2 days"),
    (WEAKNESS, "leg weakness, no back pain"),
    (WEAKNESS, "leg weakness without back pain"),
    (WEAKNESS, "No numbness and progressive leg weakness"),
    (WEAKNESS, "unable to walk, leg weakness"),
    (WEAKNESS, "not walking, leg weakness"),
    (METASTASES, "bone metastases no longer responding to denosumab"),
    (MRI, "MRI whole spine ?cord compression"),
    (MRI, "MRI whole spine to exclude cord compression"),
    (MRI, "MRI whole spine - rule out MSCC"),
    (MRI, "MRI whole spine r/o MSCC"),
    (MRI, "MRI whole spine without contrast"),
    (
        METASTASES,
        "There is no convincing evidence of cord compression; however bone metastases are noted throughout the spine.",
    ),
    (METASTASES, "Bone metastases are noted with no evidence of cord compression."),
    (METASTASES, "Multiple bone metastases without cord compression."),
    (METASTASES, "Bony metastases, previously treated."),
    (METASTASES, "patient aware of bone metastases"),
    (METASTASES, "No. of bone metastases: 3"),
    (WEAKNESS, "should have MRI for leg weakness"),
    (WEAKNESS, "no fever\nleg weakness x2 days"),
    (METASTASES, "no cord compression<br/>bone metastases"),
    (METASTASES, "Impression:\nNo cord compression\nMultiple bone metastases"),
    (WEAKNESS, "no bowel or bladder symptoms. Progressive bilateral leg weakness."),
    (WEAKNESS, "Power 4/5 both legs, leg weakness worse than last week, no sensory level"),
    (WEAKNESS, "She has no back pain but does have leg weakness"),
    (WEAKNESS, "no pain on straight leg raise, leg weakness 3/5"),
    (METASTASES, "Breast cancer with bone metastases, negative nodes"),
    (METASTASES, "Bone metastases (biopsy negative)"),
    (METASTASES, "Metastases: bone - no, liver - yes"),
    (METASTASES, "history of cord compression; bone metastases"),
    (METASTASES, "CT negative, bone metastases on PET"),
    (METASTASES, "Not seen by oncology. Bone metastases."),
    (COMPRESSION, "There is cord compression at T8 with no cauda equina compression"),
    (COMPRESSION, "cord compression at T8, no cauda equina compression"),
    (COMPRESSION, "cord compression with no myelomalacia"),
    (METASTASES, "Fracture excluded - bone metastases at T8"),
    (METASTASES, "Fracture excluded (bone metastases at T8)"),
    (METASTASES, "bone metastases, no improvement"),
    (METASTASES, "unknown primary, bone metastases"),
    (WEAKNESS, "leg weakness no better"),
    (WEAKNESS, "Leg weakness (power 3/5), no sensory loss"),
    (METASTASES, "Metastases - bone, liver; no brain metastases"),
    (METASTASES, "no liver metastases but bone metastases"),
    (METASTASES, "No evidence of local recurrence. Bone metastases stable."),
    (METASTASES, "No evidence of local recurrence, stable bone metastases."),
]
DOUBTED = [
    (METASTASES, "?bone mets"),
    (METASTASES, "cannot exclude metastasis"),
    (METASTASES, "bone mets?"),
    (METASTASES, "? bone mets"),
    (METASTASES, "??bone mets"),
    (METASTASES, "bone mets ?"),
    (METASTASES, "? new bone mets"),
    (METASTASES, "suspected bone metastases"),
    (METASTASES, "possible bone metastases"),
    (METASTASES, "probable bony metastases"),
    (METASTASES, "query bone mets"),
    (METASTASES, "likely bone metastases"),
    (METASTASES, "concern for bone metastases"),
    (METASTASES, "suspicious for bone metastases"),
    (METASTASES, "bone metastases cannot be excluded"),
    (METASTASES, "bone metastases not excluded"),
    (METASTASES, "Bone metastases can't be ruled out"),
    (METASTASES, "bone metastases suspected"),
    (METASTASES, "bone metastases are possible."),
    (METASTASES, "bone metastases likely"),
    (WEAKNESS, "no fever, leg weakness"),
    (METASTASES, "unable to exclude bone metastases"),
    (METASTASES, "MRI could not rule out bone metastases"),
    (METASTASES, "did not exclude bone metastases"),
    (COMPRESSION, "cord compression must be excluded"),
    (COMPRESSION, "cord compression needs to be ruled out"),
    (WEAKNESS, "unclear if leg weakness"),
    (COMPRESSION, "leg weakness, ?cord compression"),
    (COMPRESSION, "leg weakness, possible cord compression"),
    (METASTASES, "bone metastases vs degenerative change"),
    (METASTASES, "degenerative change vs bone metastases"),
    (METASTASES, "bone metastases unlikely but cannot be excluded"),
    (METASTASES, "?bone mets. No bone mets."),
    (METASTASES, "suggestive of bone metastases"),
    (METASTASES, "may represent bone metastases"),
    (COMPRESSION, "impending cord compression"),
    (METASTASES, "differential includes bone metastases"),
    (METASTASES, "no definite cord compression, but possible epidural metastases"),
    (MSCC, "MSCC (?)"),
    (MSCC, "DDx: MSCC vs cauda equina"),
    (COMPRESSION, "Suspected metastatic spinal cord compression"),
    (MSCC, "high suspicion of MSCC"),
    (COMPRESSION, "early cord compression cannot be excluded"),
    (METASTASES, "Suspected - bone metastases"),
]
HISTORY = [
    (METASTASES, "h/o bone metastases"),
    (METASTASES, "history of bone metastases"),
    (METASTASES, "previous bone metastases"),
    (METASTASES, "past bone metastases"),
    (METASTASES, "PMH: bone metastases"),
    (METASTASES, "Past medical history: bone metastases"),
    (WEAKNESS, "leg weakness, now resolved"),
    (WEAKNESS, "leg weakness has resolved"),
    (WEAKNESS, "resolved leg weakness"),
    (METASTASES, "family history of bone cancer. h/o bone cancer."),
    (METASTASES, "bone metastases (resolved)"),
    (METASTASES, "PMHx - bone mets"),
    (METASTASES, "Hx bone mets"),
    (WEAKNESS, "Leg weakness (resolved 2020)"),
    (COMPRESSION, "history of cord compression; bone metastases"),
    (COMPRESSION, "previous cord compression treated with radiotherapy 2019"),
]
FAMILY = [
    (METASTASES, "family history of bone cancer"),
    (METASTASES, "FH: bone cancer"),
    (METASTASES, "FHx bone cancer"),
    (METASTASES, "mother had bone cancer"),
    (METASTASES, "Father: bone cancer"),
    (METASTASES, "bone cancer (mother)"),
    (METASTASES, "bone cancer in her mother"),
    (METASTASES, "Family history: breast cancer (aunt), bone cancer (father)"),
    (METASTASES, "no family history of bone cancer"),
    (METASTASES, "Family history:\n- bone cancer"),
    (METASTASES, "Bone cancer - maternal grandmother"),
    (METASTASES, "Mother - breast ca, father - bone cancer"),
    (METASTASES, "bone cancer: mother"),
]


@pytest.mark.parametrize(("words", "text"), AFFIRMED)
def test_a_plain_statement_is_affirmed_whatever_stands_beside_it(words: re.Pattern[str], text: str) -> None:
    assert read_words(text, words) == "affirmed"


@pytest.mark.parametrize(("words", "text"), DOUBTED)
def test_a_question_or_suspicion_is_doubted(words: re.Pattern[str], text: str) -> None:
    assert read_words(text, words) == "doubted"


@pytest.mark.parametrize(("words", "text"), HISTORY)
def test_what_is_past_is_history(words: re.Pattern[str], text: str) -> None:
    assert read_words(text, words) == "history"


@pytest.mark.parametrize(("words", "text"), FAMILY)
def test_what_relatives_had_is_family(words: re.Pattern[str], text: str) -> None:
    assert read_words(text, words) == "family"


@pytest.mark.parametrize(
    "text",
    [
        "Non-small cell lung cancer",
        "Squamous non-small cell carcinoma of lung",
        "Non-Hodgkin lymphoma, unspecified",
        "Non-seminomatous germ cell tumour of testis",
        "Non-follicular lymphoma",
        "Lung cancer, negative for epidermal growth factor receptor expression",
        "Lung cancer without mutation in epidermal growth factor receptor",
        "Reactive oxygen species 1 negative lung cancer",
        "Malignant neoplasm of breast, not otherwise specified",
        "Familial malignant neoplasm of breast",
        "Carcinoma of unknown primary",
        "Breast cancer not amenable to surgery",
        "Breast cancer screening detected carcinoma",
        "Prostate cancer at high risk of recurrence",
        "Triple-negative breast cancer",
    ],
)
def test_a_disease_whose_name_holds_a_no_is_affirmed(text: str) -> None:
    assert read_words(text, CANCER) == "affirmed"


@pytest.mark.parametrize("text", ["", "nothing of the kind", "no", "?"])
def test_a_text_without_the_words_reads_as_nothing(text: str) -> None:
    assert read_words(text, METASTASES) is None


def test_an_empty_match_is_no_match() -> None:
    assert read_words("no bone metastases", re.compile("x*")) is None


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("No bone metastases on CT. MRI shows bone metastases.", "affirmed"),
        ("No bone metastases. ?bone metastases", "doubted"),
        ("No bone metastases. h/o bone metastases", "history"),
        ("Family history of bone cancer. No bone metastases.", "denied"),
        ("Indication: evaluate for metastases. Impression: No metastases.", "denied"),
        ("Indication: ?metastases. Impression: metastases at T8.", "affirmed"),
        ("Indication: ?metastases. Findings: possible metastases at T8. No lung metastases.", "doubted"),
        ("Clinical details: prostate cancer. ?metastases", None),
        ("Clinical details: ?metastases, family history of bone cancer", None),
        ("Clinical history: bone metastases", None),
        ("INDICATION\n?bone metastases\n\nFINDINGS\nDegenerative change only.", None),
        ("Reason for exam: known bone metastases, new pain. Findings: unremarkable.", None),
        ("Family history:\n- bone cancer\n- diabetes\n\nBone metastases at T8.", "affirmed"),
        ("FAMILY HISTORY\nMother well\nAunt - bone cancer\n", "family"),
        ("Past medical history:\nhypertension\nbone metastases treated in 2019\n", "history"),
    ],
)
def test_the_strongest_of_several_readings_counts(text: str, reading: str | None) -> None:
    assert read_words(text, METASTASES) == reading


def test_the_indication_of_an_order_is_its_own_statement() -> None:
    assert Prose("Indication: bone metastases", cues(), order=True).reading(METASTASES) == "affirmed"
