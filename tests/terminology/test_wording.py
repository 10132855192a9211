"""Free text is read for what it means: a denial never fires, and a plain statement is never lost behind one."""

from __future__ import annotations

import re
import time
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.service.knowledge_files import load_knowledge
from cds_service.terminology.cues import Cues, Reading
from cds_service.terminology.wording import Prose


@cache
def cues() -> Cues:
    return load_knowledge().codebook.phrases.cues


def read_words(text: str, pattern: re.Pattern[str]) -> Reading | None:
    return Prose(text, cues()).reading(pattern)


METASTASES = re.compile(
    r"\b(bone|bony|osseous|skeletal|spinal|vertebral) (mets\b|metasta\w*)|bone cancer|metasta\w+", re.IGNORECASE
)
COMPRESSION = re.compile(r"(spinal )?cord compression", re.IGNORECASE)
WEAKNESS = re.compile(r"\b(leg|lower limb|limb) weakness|weakness", re.IGNORECASE)
CANCER = re.compile(
    r"(lung )?(cancer|carcinoma)|(hodgkin )?lymphoma|germ cell tumou?r|malignant neoplasm", re.IGNORECASE
)
MRI = re.compile(r"mri (whole )?spine|mri", re.IGNORECASE)
MSCC = re.compile(r"\bmscc\b", re.IGNORECASE)
PREGNANCY = re.compile(r"pregnan", re.IGNORECASE)

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
DENIED = [
    (WEAKNESS, "leg weakness (-), numbness (-)"),
    (WEAKNESS, "leg weakness is not a feature"),
    (WEAKNESS, "leg weakness isn't present"),
    (WEAKNESS, "does not complain of leg weakness"),
    (WEAKNESS, "did not report leg weakness"),
    (WEAKNESS, "not complaining of leg weakness"),
    (WEAKNESS, "nil reported leg weakness"),
    (WEAKNESS, "no reported leg weakness"),
    (
        COMPRESSION,
        "Clinical details: Prostate ca. Back pain. ?cord compression.\nReport: No cord compression. Known metastases.",
    ),
    (WEAKNESS, "Neuro: no focal weakness, numbness or gait disturbance"),
    (WEAKNESS, "Pt denies: numbness, tingling, weakness, bowel/bladder incontinence."),
    (METASTASES, "bone mets, r/o"),
    (METASTASES, "bone mets ruled out"),
    (METASTASES, "no evidence of bone metastases"),
    (COMPRESSION, "known bone metastases, no cord compression"),
    (COMPRESSION, "No cord compression. Extensive vertebral metastases."),
    (WEAKNESS, "denies leg weakness"),
    (WEAKNESS, "no new leg weakness"),
    (COMPRESSION, "no new cord compression"),
    (COMPRESSION, "bone metastases, no cord compression"),
    (METASTASES, "r/o bone mets?"),
    (METASTASES, "r/o bone mets"),
    (METASTASES, "R/O bone mets"),
    (METASTASES, "Rule out bone metastases"),
    (METASTASES, "unlikely bone metastases"),
    (METASTASES, "bone metastases unlikely"),
    (METASTASES, "bone metastases excluded"),
    (METASTASES, "bone metastases were excluded by MRI"),
    (METASTASES, "bone metastases not seen"),
    (METASTASES, "bone metastases: negative"),
    (METASTASES, "bone metastases absent"),
    (METASTASES, "Bone metastases: none"),
    (METASTASES, "Bone metastases: no"),
    (METASTASES, "Bone metastases - nil"),
    (METASTASES, "bone metastases no longer seen"),
    (METASTASES, "negative for bone metastases"),
    (METASTASES, "Bone scan negative for metastases"),
    (METASTASES, "absence of bone metastases"),
    (METASTASES, "free of bone metastases"),
    (METASTASES, "without bone metastases"),
    (METASTASES, "w/o bone metastases"),
    (METASTASES, "never had bone metastases"),
    (METASTASES, "does not have bone metastases"),
    (METASTASES, "doesn't have bone metastases"),
    (METASTASES, "doesn’t have bone metastases"),
    (METASTASES, "risk of bone metastases"),
    (METASTASES, "screening for bone metastases"),
    (METASTASES, "prevention of bone metastases"),
    (METASTASES, "bone metastases prophylaxis"),
    (WEAKNESS, "no fever, cough, leg weakness or numbness"),
    (WEAKNESS, "denies fever, chills, weight loss, night sweats, leg weakness"),
    (WEAKNESS, "denies numbness, new leg weakness"),
    (WEAKNESS, "no numbness or leg weakness"),
    (WEAKNESS, "no numbness/leg weakness"),
    (WEAKNESS, "neither numbness nor leg weakness"),
    (WEAKNESS, "No fever, leg weakness or numbness"),
    (COMPRESSION, "no progression to cord compression"),
    (METASTASES, "no evidence for bone metastases"),
    (METASTASES, "not suspicious for bone metastases"),
    (METASTASES, "no concern for bone metastases"),
    (COMPRESSION, "to rule out cord compression"),
    (COMPRESSION, "MRI to r/o cord compression"),
    (WEAKNESS, "return if leg weakness"),
    (WEAKNESS, "Advised to return if she develops leg weakness, numbness or incontinence"),
    (WEAKNESS, "warned about leg weakness"),
    (WEAKNESS, "in case of leg weakness"),
    (WEAKNESS, "if leg weakness occurs, call"),
    (WEAKNESS, "Leg weakness? No. Bone mets: yes."),
    (COMPRESSION, "bone mets r/o cord compression"),
    (COMPRESSION, "bone metastases with cord compression excluded"),
    (WEAKNESS, "leg weakness denied"),
    (METASTASES, "nonmetastatic bone disease"),
    (METASTASES, "non-metastatic"),
    (METASTASES, "metastasis-free"),
    (METASTASES, "no suspected bone metastases"),
    (METASTASES, "suspected bone metastases, ruled out"),
    (METASTASES, "no definite bone metastases"),
    (METASTASES, "no convincing evidence of bone metastases"),
    (METASTASES, "no evidence of\nbone metastases"),
    (METASTASES, "FINDINGS: NO\nBONE METASTASES"),
    (METASTASES, "NO EVIDENCE OF BONE METASTASES"),
    (METASTASES, "Dr. Smith: no bone metastases"),
    (COMPRESSION, "no bony or soft tissue lesion causing cord compression"),
    (COMPRESSION, "No fracture, subluxation or cord compression is seen"),
    (COMPRESSION, "There is no fracture, epidural disease, canal stenosis or cord compression."),
    (METASTASES, "not consistent with bone metastases"),
    (COMPRESSION, "leg weakness not due to cord compression"),
    (COMPRESSION, "cord compression risk discussed"),
    (METASTASES, "bone metastases were not identified"),
    (METASTASES, "metastases to bone have not been demonstrated"),
    (METASTASES, "no bone metastases"),
    (METASTASES, "No osseous metastases are identified"),
    (METASTASES, "nil bone mets"),
    (METASTASES, "neg for bone mets"),
    (METASTASES, "-ve for bone mets"),
    (METASTASES, "bone mets -ve"),
    (WEAKNESS, "(-) leg weakness"),
    (WEAKNESS, "Denies: leg weakness"),
    (WEAKNESS, "no history of leg weakness"),
    (WEAKNESS, "back pain without leg weakness"),
    (WEAKNESS, "leg weakness or numbness denied"),
    (METASTASES, "Bone metastases and lung metastases were excluded"),
    (METASTASES, "disease free; no metastases"),
    (METASTASES, "not known to have bone metastases"),
    (METASTASES, "absent bone metastases"),
    (METASTASES, "failed to show bone metastases"),
    (WEAKNESS, "no longer has leg weakness"),
    (MSCC, "MRI whole spine - rule out MSCC"),
    (MRI, "MRI declined by patient"),
    (MRI, "MRI not done"),
    (PREGNANCY, "not pregnant"),
    (MRI, "MRI not indicated"),
    (METASTASES, "No known bone metastases"),
    (WEAKNESS, "No prior leg weakness"),
    (WEAKNESS, "Leg weakness: not assessed"),
    (WEAKNESS, "Leg weakness: n/a"),
    (
        COMPRESSION,
        "There is no convincing evidence of cord compression; however bone metastases are noted throughout the spine.",
    ),
    (COMPRESSION, "Bone metastases are noted with no evidence of cord compression."),
    (COMPRESSION, "Multiple bone metastases without cord compression."),
    (METASTASES, "No sign of bone metastases or cord compression."),
    (COMPRESSION, "No sign of bone metastases or cord compression."),
    (COMPRESSION, "Ruled out for cord compression"),
    (MSCC, "MSCC ruled out on MRI 3 March"),
    (MSCC, "MSCC has been ruled out"),
    (MSCC, "no suspicion of MSCC"),
    (MSCC, "at risk of MSCC"),
    (MSCC, "Patient information leaflet on MSCC given"),
    (MSCC, "Safety-netted re MSCC"),
    (MSCC, "MSCC red flags explained"),
    (MSCC, "aware of symptoms of MSCC"),
    (WEAKNESS, "Red flags discussed (leg weakness, incontinence)"),
    (WEAKNESS, "should you develop leg weakness, call us"),
    (METASTASES, "There is no fracture or malalignment and no evidence of any\nsuspicious bone metastases"),
    (METASTASES, "IMPRESSION: NO EVIDENCE OF CORD COMPRESSION OR\nBONE METASTASES"),
    (WEAKNESS, "Denies back pain, bladder or bowel dysfunction, saddle anaesthesia, leg weakness."),
    (WEAKNESS, "No back pain. Denies leg weakness."),
    (METASTASES, "bone metastases - none"),
    (METASTASES, "staging CT: no metastases"),
    (METASTASES, "I cannot see any bone metastases"),
    (METASTASES, "no metastases demonstrated"),
    (METASTASES, "nothing to suggest bone metastases"),
    (METASTASES, "no features to suggest bone metastases"),
    (METASTASES, "none of bone metastases"),
    (METASTASES, "bone metastases were not demonstrated on this study"),
    (METASTASES, "No abnormality to suggest bone metastases"),
    (METASTASES, "low likelihood of bone metastases"),
    (METASTASES, "excludes bone metastases"),
    (METASTASES, "bone metastases have been excluded"),
    (COMPRESSION, "no overt cord compression"),
    (COMPRESSION, "no cord compression or cauda equina compression"),
    (COMPRESSION, "without frank cord compression"),
    (COMPRESSION, "no MRI evidence of cord compression"),
    (COMPRESSION, "cord compression: No"),
    (COMPRESSION, "cord compression not identified at any level"),
    (COMPRESSION, "negative for acute cord compression"),
    (COMPRESSION, "Cord compression at T8 is not seen"),
    (METASTASES, "Seen by Dr. No bone metastases"),
    (WEAKNESS, "It is not the case that there is leg weakness"),
    (WEAKNESS, "Leg weakness? - no"),
    (WEAKNESS, "no leg weakness?"),
    (METASTASES, "bone metastases: unknown"),
    (METASTASES, "no brain metastases, no bone metastases"),
    (METASTASES, "No evidence of local recurrence or bone metastases."),
    (METASTASES, "no evidence of local recurrence, lung nodules, bone metastases"),
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


@pytest.mark.parametrize(("words", "text"), DENIED)
def test_a_denial_a_risk_and_a_warning_do_not_state_the_finding(words: re.Pattern[str], text: str) -> None:
    assert read_words(text, words) == "denied"


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


@pytest.mark.parametrize(
    "text", ["non-cancer pain", "Breast cancer screening", "Breast cancer risk", "non-malignant neoplasm"]
)
def test_a_cancer_that_is_only_named_is_denied(text: str) -> None:
    assert read_words(text, re.compile("(breast )?cancer|malignant", re.IGNORECASE)) == "denied"


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


def test_a_denial_far_back_in_a_running_sentence_does_not_reach_the_words() -> None:
    assert read_words("no one at home can help her with the shopping so bone metastases", METASTASES) == "affirmed"


def test_white_space_between_cue_and_words_does_not_hide_the_cue() -> None:
    assert read_words("no" + " " * 300 + "bone metastases", METASTASES) == "denied"


def test_a_text_of_hundreds_of_denials_is_doubted_because_it_is_no_prose() -> None:
    assert read_words("no bone metastases, " * 1_000, METASTASES) == "doubted"


@pytest.mark.parametrize(
    "unit",
    [
        "no bone metastases ",
        "no bone metastases,",
        "?bone metastases ",
        "denies a or b or bone metastases or ",
        "no\nbone metastases\n",
        "((((no bone metastases",
        "cannot cannot not not be bone metastases not not not ",
        "no " + "a" * 400 + " bone metastases ",
        "no" + " " * 900 + "bone metastases ",
        "bone metastases" + "?" * 500,
        "no no no no without without no ",
        "a" * 1_000,
    ],
)
def test_a_hundred_kilobytes_are_read_in_a_moment(unit: str) -> None:
    text = (unit * (100_000 // len(unit) + 1))[:100_000]
    started = time.thread_time()
    read_words(text, METASTASES)
    assert time.thread_time() - started < 3


_PIECES = ["bone mets", "no", "denies", "h/o", "family history", "?", ".", ",", "(", ")", "-", " ", "\n", "’", "İ", "ß"]


@given(st.lists(st.sampled_from(_PIECES)).map("".join))
def test_any_text_reads_as_something_or_nothing(text: str) -> None:
    reading = read_words(text, METASTASES)
    assert (reading is None) == (METASTASES.search(text) is None)


_FILLER = st.text(alphabet="bgklmqvxz ", max_size=60)  # without letters that make a cue or an abbreviation: "dd", "cf."


@given(_FILLER, _FILLER)
def test_words_among_meaningless_ones_are_affirmed(before: str, after: str) -> None:
    assert read_words(f"{before} bone metastases {after}", METASTASES) == "affirmed"


@given(
    _FILLER, st.sampled_from(["no", "denies", "without", "no evidence of", "negative for", "r/o", "not", "absence of"])
)
def test_a_cue_right_before_the_words_denies_them_after_any_sentence(sentence: str, cue: str) -> None:
    assert read_words(f"{sentence}. {cue} bone metastases.", METASTASES) == "denied"


@given(
    st.sampled_from(["No cord compression", "Denies pain", "No evidence of fracture", "?PE", "FH breast cancer"]),
    _FILLER,
)
def test_a_cue_does_not_reach_into_the_next_sentence(first: str, rest: str) -> None:
    assert read_words(f"{first}. Bone metastases {rest}", METASTASES) == "affirmed"


@pytest.mark.parametrize(
    "text",
    [
        "Lung metastases ruled out",
        "Lung metastases have been excluded",
        "lung metastasis unlikely?",
        "Lung metastases: none",
    ],
)
def test_a_pattern_that_ends_inside_a_word_hears_what_follows_the_word(text: str) -> None:
    assert read_words(text, re.compile(r"\blung metasta", re.IGNORECASE)) in {"denied", "doubted"}
