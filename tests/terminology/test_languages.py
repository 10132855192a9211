"""Six languages, heard together: what each affirms, doubts, denies, remembers and tells of relatives; no false friends."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.shipped import codebook

WORDS = Path(__file__).parents[2] / "cards" / "words"


def said(text: str, value_set: str) -> str:
    """How a text means a set, as a problem or as a finding; nothing when it does not speak of it."""
    for kind in ("Condition", "Observation"):
        reading = codebook().of_words(kind, text).get(value_set)
        if reading:
            return reading
    return ""


BONE, WEAK, CORD, BREAST = "bone-metastasis", "limb-weakness", "cord-compression", "breast-cancer"
SAYS = {
    # -- German
    "Knochenmetastasen": {BONE: "affirmed"},
    "ossäre Metastasen": {BONE: "affirmed"},
    "Ossaere Metastasierung": {BONE: "affirmed"},
    "KNOCHENMETASTASEN BEI MAMMAKARZINOM": {BONE: "affirmed", BREAST: "affirmed"},
    "Leber-, Lungen- und Knochenmetastasen": {
        BONE: "affirmed",
        "lung-metastasis": "affirmed",
        "liver-metastasis": "affirmed",
    },
    "Metastasen in der Leber": {"liver-metastasis": "affirmed", BONE: ""},
    "multiple Filiae in den Wirbelkörpern": {"vertebral-metastasis": "affirmed"},
    "Metastasiertes Mamma-Ca (oss, hep)": {BONE: "affirmed", "liver-metastasis": "affirmed", BREAST: "affirmed"},
    "Prostata-Ca, ossär metastasiert": {BONE: "affirmed", "prostate-cancer": "affirmed"},
    "Metastase eines Bronchialkarzinoms": {"lung-metastasis": "", "lung-cancer": "affirmed"},
    "Sekundäre bösartige Neubildung des Knochens und des Knochenmarkes": {BONE: "affirmed"},
    "Bösartige Neubildung der Brustdrüse, nicht näher bezeichnet": {BREAST: "affirmed"},
    "Bösartige Neubildung: Oberer äußerer Quadrant der Brustdrüse": {BREAST: "affirmed"},
    "Bösartige Neubildung der Prostata": {"prostate-cancer": "affirmed"},
    "nicht-kleinzelliges Bronchialkarzinom": {"lung-cancer": "affirmed"},
    "V.a. Knochenmetastasen": {BONE: "doubted"},
    "V. a. ossäre Filiae": {BONE: "doubted"},
    "Knochenmetastasen nicht auszuschließen": {BONE: "doubted"},
    "Verdacht auf Rückenmarkskompression": {CORD: "doubted"},
    "Harnverhalt?": {"urinary-retention": "doubted"},
    "Kein Nachweis von Knochenmetastasen": {BONE: "denied"},
    "Kein Hinweis auf ossäre Metastasen": {BONE: "denied"},
    "keine Paraparese": {WEAK: "denied"},
    "Knochenmetastasen: nein": {BONE: "denied"},
    "Pat. verneint Sensibilitätsstörungen": {"sensory-disturbance": "denied"},
    "Querschnittssymptomatik ausgeschlossen": {CORD: "denied"},
    "Angst vor Metastasen": {"metastasis-site-unspecified": "denied"},
    "Aufklärung über Querschnittslähmung": {CORD: "denied"},
    "Z.n. Mammakarzinom": {BREAST: "history"},
    "Z. n. Prostata-Ca": {"prostate-cancer": "history"},
    "Nachsorge nach Mammakarzinom": {BREAST: "history"},
    "Mutter mit Brustkrebs": {BREAST: "family"},
    "Brustkrebs der Mutter": {BREAST: "family"},
    "Familienanamnese: Mammakarzinom": {BREAST: "family"},
    "Vater an Bronchialkarzinom verstorben": {"lung-cancer": "family"},
    "Tochter bemerkt Schwäche in den Beinen": {WEAK: "affirmed"},
    "Schwäche beider Beine, keine Blasenstörung": {WEAK: "affirmed", "urinary-retention": "denied"},
    "kann die Beine nicht mehr bewegen": {WEAK: "affirmed"},
    "Keine neuen Knochenmetastasen": {BONE: "affirmed"},
    "Taubheitsgefühl perianal": {"saddle-anaesthesia": "affirmed"},
    "Hyperkalziämie": {"hypercalcaemia": "affirmed"},
    "keine Hypercalcaemie": {"hypercalcaemia": "denied"},
    "Durst, Übelkeit und Verwirrtheit": {"thirst": "affirmed", "nausea-vomiting": "affirmed", "confusion": "affirmed"},
    "Fragestellung: Knochenmetastasen? Befund: unauffällig": {BONE: ""},
    "Brustkrebsvorsorge": {BREAST: "", "any-malignancy": ""},
    "Universitäres Krebszentrum": {"any-malignancy": ""},
    "Carcinoma in situ der Cervix uteri": {"any-malignancy": "", "cervical-cancer": ""},
    "gutartige Neubildung der Brustdrüse": {BREAST: "", "any-malignancy": ""},
    "Neubildung unsicheren Verhaltens: Prostata": {"prostate-cancer": "", "any-malignancy": ""},
    "Stressinkontinenz": {"urinary-incontinence": ""},
    # -- French
    "Métastases osseuses": {BONE: "affirmed"},
    "METASTASES OSSEUSES": {BONE: "affirmed"},
    "métastases osseuses et hépatiques": {BONE: "affirmed", "liver-metastasis": "affirmed"},
    "métastases hépatiques d'un cancer du poumon": {
        "liver-metastasis": "affirmed",
        "lung-metastasis": "",
        "lung-cancer": "affirmed",
    },
    "métastases d’origine pulmonaire": {"lung-metastasis": ""},
    "Cancer du sein métastatique osseux": {BONE: "affirmed", BREAST: "affirmed"},
    "Tumeur maligne secondaire des os et de la moelle osseuse": {BONE: "affirmed"},
    "Tumeur maligne du sein, sans précision": {BREAST: "affirmed"},
    "lymphome non hodgkinien": {"lymphoma": "affirmed"},
    "Suspicion de métastases osseuses": {BONE: "doubted"},
    "métastase osseuse possible": {BONE: "doubted"},
    "Pas de métastase osseuse": {BONE: "denied"},
    "Absence de lésion suspecte de métastase osseuse": {BONE: "denied"},
    "Le patient nie toute faiblesse des jambes": {WEAK: "denied"},
    "Pas de déficit moteur": {WEAK: "denied"},
    "Métastases osseuses : non": {BONE: "denied"},
    "Dépistage du cancer du sein": {BREAST: "denied"},
    "Peur du cancer": {"any-malignancy": "denied"},
    "Centre de lutte contre le cancer": {"any-malignancy": "denied"},
    "Antécédent de cancer du sein": {BREAST: "history"},
    "Antécédents familiaux de cancer du sein": {BREAST: "family"},
    "Mère atteinte d'un cancer du sein": {BREAST: "family"},
    "cancer du sein chez la mère": {BREAST: "family"},
    "La fille signale une faiblesse des jambes": {WEAK: "affirmed"},
    "Faiblesse des deux membres inférieurs depuis 2 jours": {WEAK: "affirmed"},
    "Rétention urinaire aiguë": {"urinary-retention": "affirmed"},
    "Syndrome de la queue de cheval": {"cauda-equina": "affirmed"},
    "Compression médullaire": {CORD: "affirmed"},
    "pas de nouvelle métastase osseuse": {BONE: "affirmed"},
    "Hypercalcémie": {"hypercalcaemia": "affirmed"},
    "Indication : recherche de métastases osseuses. Résultats : pas de lésion.": {BONE: ""},
    "Carcinome in situ du sein": {BREAST: "", "any-malignancy": ""},
    "Incontinence urinaire d'effort": {"urinary-incontinence": ""},
    # -- Spanish
    "Metástasis óseas": {BONE: "affirmed"},
    "metastasis oseas": {BONE: "affirmed"},
    "metástasis óseas y hepáticas": {BONE: "affirmed", "liver-metastasis": "affirmed"},
    "metástasis hepáticas de cáncer de colon": {"liver-metastasis": "affirmed", "colorectal-cancer": "affirmed"},
    "cáncer de próstata metastásico óseo": {BONE: "affirmed", "prostate-cancer": "affirmed"},
    "cáncer de pulmón no microcítico": {"lung-cancer": "affirmed"},
    "linfoma no Hodgkin": {"lymphoma": "affirmed"},
    "Tumor maligno secundario del hueso y de la médula ósea": {BONE: "affirmed"},
    "Sospecha de compresión medular": {CORD: "doubted"},
    "Posibles metástasis óseas": {BONE: "doubted"},
    "Sin metástasis óseas": {BONE: "denied"},
    "No se observan metástasis óseas": {BONE: "denied"},
    "Niega debilidad en piernas": {WEAK: "denied"},
    "No retención urinaria ni incontinencia fecal": {"urinary-retention": "denied", "faecal-incontinence": "denied"},
    "Metástasis óseas descartadas": {BONE: "denied"},
    "Cribado de cáncer de mama": {BREAST: "denied"},
    "Instituto Nacional del Cáncer": {"any-malignancy": "denied"},
    "Antecedente de cáncer de mama": {BREAST: "history"},
    "Antecedentes familiares de cáncer de mama": {BREAST: "family"},
    "Madre con cáncer de mama": {BREAST: "family"},
    "La hija refiere debilidad en las piernas": {WEAK: "affirmed"},
    "Debilidad en miembros inferiores de 2 días": {WEAK: "affirmed"},
    "No puede caminar": {"gait-disturbance": "affirmed"},
    "Síndrome de cola de caballo": {"cauda-equina": "affirmed"},
    "Hipercalcemia": {"hypercalcaemia": "affirmed"},
    "No hipercalcemia": {"hypercalcaemia": "denied"},
    "Motivo de consulta: metástasis óseas? Hallazgos: sin alteraciones.": {BONE: ""},
    "incontinencia urinaria de esfuerzo": {"urinary-incontinence": ""},
    # -- Italian
    "Metastasi ossee": {BONE: "affirmed"},
    "metastasi ossee ed epatiche": {BONE: "affirmed", "liver-metastasis": "affirmed"},
    "metastasi epatiche da carcinoma del colon": {"liver-metastasis": "affirmed", "colorectal-cancer": "affirmed"},
    "Adenocarcinoma polmonare metastatico all'encefalo": {"brain-metastasis": "affirmed", "lung-cancer": "affirmed"},
    "carcinoma polmonare non a piccole cellule": {"lung-cancer": "affirmed"},
    "Sospette metastasi ossee": {BONE: "doubted"},
    "Assenza di metastasi ossee": {BONE: "denied"},
    "Non si osservano metastasi ossee": {BONE: "denied"},
    "Nega debolezza agli arti inferiori": {WEAK: "denied"},
    "Non deficit motori": {WEAK: "denied"},
    "Screening del carcinoma mammario": {BREAST: "denied"},
    "Paura del cancro": {"any-malignancy": "denied"},
    "Pregresso carcinoma mammario": {BREAST: "history"},
    "Familiarità per carcinoma mammario": {BREAST: "family"},
    "Madre affetta da carcinoma mammario": {BREAST: "family"},
    "Debolezza agli arti inferiori da 2 giorni": {WEAK: "affirmed"},
    "Ipostenia arti inferiori": {WEAK: "affirmed"},
    "Sindrome della cauda equina": {"cauda-equina": "affirmed"},
    "Compressione midollare": {CORD: "affirmed"},
    "Tumore maligno secondario dell'osso e del midollo osseo": {BONE: "affirmed"},
    "Carcinoma in situ della mammella": {BREAST: "", "any-malignancy": ""},
    "Quesito clinico: metastasi ossee? Referto: non lesioni.": {BONE: ""},
    # -- Dutch
    "Botmetastasen": {BONE: "affirmed"},
    "bot- en levermetastasen": {BONE: "affirmed", "liver-metastasis": "affirmed"},
    "uitzaaiingen in de botten": {BONE: "affirmed"},
    "Prostaatkanker, gemetastaseerd naar het skelet": {BONE: "affirmed", "prostate-cancer": "affirmed"},
    "niet-kleincellig longcarcinoom": {"lung-cancer": "affirmed"},
    "Secundair maligne neoplasma van bot en beenmerg": {BONE: "affirmed"},
    "Verdenking op botmetastasen": {BONE: "doubted"},
    "Geen botmetastasen": {BONE: "denied"},
    "Geen aanwijzingen voor botmetastasen": {BONE: "denied"},
    "Ontkent gevoelsstoornissen": {"sensory-disturbance": "denied"},
    "Botmetastasen uitgesloten": {BONE: "denied"},
    "Bevolkingsonderzoek borstkanker": {BREAST: "denied"},
    "Angst voor kanker": {"any-malignancy": "denied"},
    "Status na mammacarcinoom": {BREAST: "history"},
    "Moeder met borstkanker": {BREAST: "family"},
    "Familieanamnese: borstkanker": {BREAST: "family"},
    "De dochter meldt zwakte in de benen": {WEAK: "affirmed"},
    "Zwakte van beide benen sinds 2 dagen": {WEAK: "affirmed"},
    "geen nieuwe botmetastasen": {BONE: "affirmed"},
    "caudasyndroom": {"cauda-equina": "affirmed"},
    "Antoni van Leeuwenhoek kankercentrum": {"any-malignancy": ""},
    "Vraagstelling: botmetastasen? Conclusie: geen afwijkingen.": {BONE: ""},
    # -- English beside them
    "Patient attends the cancer centre": {"any-malignancy": ""},
    "Fear of cancer recurrence": {"any-malignancy": "denied"},
    "Worried about breast cancer": {BREAST: "denied"},
    "Carer of wife with breast cancer": {BREAST: "family"},
    "Husband has prostate cancer": {"prostate-cancer": "family"},
    "Metastatic calcification": {"metastasis-site-unspecified": ""},
    "Metastatic abscess of brain": {"brain-metastasis": "", "metastasis-site-unspecified": ""},
    "metastatic infection": {"metastasis-site-unspecified": ""},
    "Stress incontinence": {"urinary-incontinence": ""},
    # -- false friends
    "Pain severity - 0-10 verbal numeric rating [Score] - Reported": {"pain-score": "affirmed"},
    "Douleur osseuse : 0": {"bone-pain": "denied"},
    "pas ontdekte botmetastasen": {BONE: "affirmed"},  # Dutch: just found
    "Metastasen sind nachweisbar, sein Zustand stabil": {"metastasis-site-unspecified": "affirmed", BREAST: ""},
    "bone metastases in sinus": {BONE: "affirmed"},
    "die Knochenmetastasen nehmen zu": {BONE: "affirmed"},
    "Non-small cell lung cancer": {"lung-cancer": "affirmed"},
    "non Hodgkin lymphoma": {"lymphoma": "affirmed"},
    "the bone metastases he dies of": {BONE: "affirmed"},
}


@pytest.mark.parametrize(
    ("text", "value_set", "reading"), [(text, name, how) for text, sets in SAYS.items() for name, how in sets.items()]
)
def test_a_text_says_what_it_says_in_its_language(text: str, value_set: str, reading: str) -> None:
    assert said(text, value_set) == reading


def test_every_language_file_is_understood() -> None:
    assert len(codebook().phrases.cues.names) == len(list(WORDS.glob("*.yaml"))) == 7


@pytest.mark.parametrize(
    "unit",
    [
        "metastatic disease of the left right cervical thoracic lumbar spine and with and without ",
        "métastases osseuses, pulmonaires et hépatiques de la ",
        "Metastasen in der Leber, Lunge und Knochen mit ",
        "metástasis múltiples óseas hepáticas en los pulmones y ",
        "metastasi ossee epatiche al fegato e ",
        "bot- en lever, long- en hersenmetastasen ",
        "kein Nachweis von Karzinom der des im ",
        "no no non nicht pas geen ",
        "a b c d e f g h ",
    ],
)
def test_the_longest_text_in_any_language_is_read_in_a_moment(unit: str) -> None:
    text = (unit * 3_000)[:20_000]
    started = time.process_time()
    for kind in ("Condition", "Observation", "DiagnosticReport", "ServiceRequest"):
        codebook().of_words(kind, text)
    assert time.process_time() - started < 4
