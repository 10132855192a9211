"""Procedures by the words of those who order them, in six languages: what is meant is checked, and no namesake is."""

from __future__ import annotations

import pytest

from tests.clinical.asking import (
    ICD10CM,
    SNOMED,
    Resource,
    administration,
    coded,
    condition,
    prescription,
    select,
    service,
)

BREAST = condition(coded(ICD10CM, "C50.911"), 900)
BONE = condition(coded(SNOMED, "94222008"), 300)
ZOLEDRONATE = administration({"text": "zoledronic acid 4 mg"}, 4, 30)
COMPRESSION = condition(coded(SNOMED, "71286001"), 3)

FRACTIONATED = """
Radiotherapy to lumbar spine 30 Gy in 10 fractions; five fractions of 4 Gy to left hip; RT 5 x 4 Gy L3;
RT 5x4 Gy to L3 vertebra;
Bestrahlung LWS 10x3 Gy; radiothérapie 30 Gy en 10 séances, fémur; radioterapia 20 Gy en 5 fracciones columna; RT 4 Gy x 5;
radioterapia 30 Gy in 10 frazioni rachide; radiotherapie 10 fracties van 3 Gy heup; 3,000 cGy in 10 fractions to femur;
3000cGy/10# to spine; 30Gy/10fx; 20 Gy / 5 #; RT 20Gy/5f; radiotherapy, ten fractions of three gray; RT 30 gray in 10 sessions;
RT 5 Fraktionen à 4 Gy; RT 10 times 3 Gy;
5 x 4 Gy bone metastasis L3; 4 Gy per fraction, 5 fractions to the pelvis; 3000 cGy/10 fx to T8 spine;
20 Gray / 5 Fraktionen Becken;
5 séances de 4 Gy, RT fémur; 5 bestralingen van 4 Gy wervelkolom
"""
NOT_FRACTIONATED = """
8 Gy single fraction spine; 1 x 8 Gy; 800 cGy x1 to rib; SBRT 24 Gy in 2 fractions spine; 37.5 Gy/15 to pelvis bone metastasis;
WBRT 30 Gy in 10 fractions; 50 Gy in 25 fractions breast; RT to bone, dose per rad onc;
Palliative radiotherapy bone 8 Gy/1; 30 Gy;
grey scale ultrasound 30 gray scale;
HDR brachytherapy 7 Gy x 4; stereotactic 27 Gy in 3 fractions spine; hippocampal avoidance WBRT 30Gy/10; PCI 25 Gy in 10;
Bestrahlung Ganzhirn 30 Gy in 10 Fraktionen; radiothérapie encéphale 30 Gy en 10 séances;
stereotaktische Bestrahlung 24 Gy in 3 Fraktionen
"""
JAW = """
surgical removal of tooth 30; full mouth extractions; Zahnextraktion 36; Wurzelspitzenresektion; Implantation regio 36;
implant placement #19; avulsion dentaire; extraction de la dent 46; exodoncia; extracción de muelas; estrazione dentaria;
avulsione dente del giudizio; tandextractie; kiesextractie; gum surgery; flap surgery periodontal; bone graft mandible;
Osteotomie Weisheitszahn; Extraktion Zahn 36; Extraktion der Zähne 36, 37; clearance of remaining teeth; sinus lift;
third molar surgery; impacted canine exposure; root-end resection; implant fixture placement 46; Osteotomie 48; Zähne ziehen;
Zahnsanierung mit Extraktionen; pose d'implant dentaire; chirurgie parodontale; cirugía periodontal;
colocación de implante dental;
chirurgia parodontale; impianto dentale; tanden trekken; verstandskies verwijderen; tandimplantaat; periodontal flap;
ridge augmentation; mandibular bone biopsy; enucleation of jaw cyst
"""
NO_JAW = """
dental cleaning; dental filling; root canal treatment; crown; dental X-ray; scaling; orthodontic braces; denture fitting;
pacemaker implantation; hip implant; bone graft tibia;
OPG; Zahnreinigung; détartrage; empaste; otturazione; tandsteen verwijderen; cataract extraction; stone extraction;
DNA extraction;
sinus surgery; skin flap; parodontale controle
"""
CEMENT = """
vertebroplasty L2; balloon kyphoplasty; Kyphoplastie; vertebroplastie; cifoplastia; vertebroplastica; vertebroplastiek;
vertebral augmentation; cement augmentation L1; PMMA injection L3;
BKP T12; Zementaugmentation BWK 12; Ballonkyphoplastie; cimentoplastie vertébrale; wervelplastiek; vertebral body stenting;
SpineJack L1
"""
ABLATION = """
microwave ablation lung metastasis; RFA liver met; Radiofrequenzablation Lebermetastase; cryoablation of renal tumour;
ablation percutanée métastase hépatique; ablación por radiofrecuencia de metástasis hepática;
termoablazione metastasi polmonare;
MWA lung nodule; SABR liver; pulmonary metastasectomy;
wedge resection lung metastasis; liver resection for metastases; Metastasenresektion Lunge; Leberteilresektion Metastase;
stereotactische radiotherapie longmetastase; stereotaktische Bestrahlung Lungenmetastase; résection de métastase hépatique;
radioterapia estereotáctica pulmón; radioterapia stereotassica polmone
"""
NO_TUMOUR = """
AF ablation; catheter ablation atrial fibrillation; endometrial ablation; varicose vein laser ablation; facet joint RF ablation;
thyroid radioiodine ablation; renal denervation ablation;
prostate laser ablation BPH; wedge biopsy of liver; stereotactic breast biopsy
"""


@pytest.mark.parametrize(
    ("topic", "facts", "written", "spoken"),
    [
        ("radiotherapy-fractions", (), FRACTIONATED, True),
        ("radiotherapy-fractions", (), NOT_FRACTIONATED, False),
        ("dental-surgery-on-bma", (ZOLEDRONATE,), JAW, True),
        ("dental-surgery-on-bma", (ZOLEDRONATE,), NO_JAW, False),
        ("cement-safety", (COMPRESSION,), CEMENT, True),
        ("cement-safety", (COMPRESSION,), NO_JAW, False),
        ("local-therapy-gate", (), ABLATION, True),
        ("local-therapy-gate", (), NO_TUMOUR, False),
    ],
)
def test_a_procedure_is_known_by_its_words(topic: str, facts: tuple[Resource, ...], written: str, spoken: bool) -> None:
    procedures = [name.strip() for name in written.split(";")]
    asked = {name: select(BREAST, BONE, *facts, drafts=[service({"text": name})]).topics for name in procedures}
    assert [name for name, topics in asked.items() if (topic in topics) is not spoken] == []


SEVERE_INFECTION = """
Spondylodiszitis L2/3; Spondylodiskitis; septischer Schock; Epiduralabszess; spondylodiscite infectieuse; septicémie; ostéomyélite;
espondilodiscitis; choque séptico; osteomielitis; spondilodiscite; sepsi; batteriemia; spondylodiscitis; epiduraal abces; discitis
"""
INFECTION = "Harnwegsinfekt; Pneumonie; infection urinaire; neumonía; infezione delle vie urinarie; urineweginfectie"
NO_INFECTION = """
Ausschluss Spondylodiszitis; keine Infektion; Desinfektion; discopathie; disc prolapse; disinfezione; Pneumonieprophylaxe
"""


@pytest.mark.parametrize(
    ("written", "indicator"), [(SEVERE_INFECTION, "critical"), (INFECTION, "warning"), (NO_INFECTION, "silent")]
)
def test_cement_waits_for_an_infection_by_the_words_of_six_languages(written: str, indicator: str) -> None:
    for name in (part.strip() for part in written.split(";")):
        cards = select(BREAST, BONE, condition({"text": name}, 3), drafts=[service({"text": "kyphoplasty L1"})])
        assert cards.indicator("cement-safety") == indicator, name


SENSITISING = """
Gemzar; Capecitabin 500 mg; Xeloda; Fluorouracilo; Paraplatin; Taxotere; Abraxane; Temodal; Metotrexato; Zelboraf; Erbitux; Kisqali
"""
NOT_SENSITISING = "fluorouracil 5% cream; letrozole; pembrolizumab; Taxoter"


@pytest.mark.parametrize(("written", "warned"), [(SENSITISING, True), (NOT_SENSITISING, False)])
def test_radiotherapy_beside_a_medicine_by_its_brand_or_in_another_language(written: str, warned: bool) -> None:
    radiotherapy = service({"text": "Palliative radiotherapy L3 8 Gy single fraction"})
    for name in (part.strip() for part in written.split(";")):
        topics = select(BREAST, BONE, prescription({"text": name}, 5), drafts=[radiotherapy]).topics
        assert ("radiotherapy-systemic-overlap" in topics) is warned, name
