"""Records in other languages, those that are read and those that are not: each row is heard, denied or not known."""

from __future__ import annotations

import pytest

from tests.clinical.asking import (
    LOINC,
    SNOMED,
    coded,
    condition,
    observation,
    prescription,
    report,
    view,
)
from tests.clinical.other_records import BONE, BREAST, WEAK, done
from tests.shipped import codebook

WRITTEN_CANCER = [
    *("Polycythaemia vera", "Waldenström macroglobulinaemia", "Myelodysplastic syndrome"),
    *(
        "CUP",
        "GIST",
        "GBM",
        "HCC, multifocal",
        "RCC",
        "mCRPC",
        "ES-SCLC",
        "TNBC",
        "IDC L breast ER+",
        "Br ca w/ bone mets",
    ),
    *("Carcinoid tumor, malignant", "Metastasis to bone (CMS/HCC)", "Hepatic mass, biopsy: cirrhosis and (HCC)"),
    *("Malign neopl breast NOS", "Malignant neop bronchus", "MAL NEO BREAST", "Neoplasm, malignant, of prostate"),
    *("Secondary malig neo bone", "[M]Second malig neop liver", "Malignant neoplasm of bone, secondary"),
    *(
        "Mamma-Ca re.",
        "Hypernephrom",
        "LK-Filiae axillär",
        "NSCLC, hepatisch metastasiert",
        "metastatische Lymphknoten",
    ),
    *("néo du sein", "Localisations secondaires osseuses", "Ganglions métastatiques"),
    *("Ca. de mama", "Adenopatías metastásicas", "Tumor maligno secundario de hueso"),
    *("K mammella", "Neoplasia polmonare maligna", "Linfonodi metastatici ascellari", "Ripetizioni ossee"),
    *("mammaca links", "uitzaaiingen in de botten", "metastatische lymfeklieren"),
]
NO_CANCER = [
    *("Mother breast cancer", "Family: mother breast ca at 45", "Mutter Brustkrebs", "Moeder borstkanker"),
    *("Mère cancer du sein", "Madre cáncer de mama", "Madre tumore mammella", "Cribado cáncer de mama"),
    *("Septic metastases", "Metastatic Crohn disease", "Metastatic pulmonary calcification"),
    *("Family history of breast cancer", "Screening for colon cancer", "Fear of cancer", "Ductal carcinoma in situ"),
    *("Fast track referral for suspected breast cancer", "2WW referral breast cancer", "Malig neo skin NOS"),
    *("HPV vaccination against cervical cancer", "anti-GBM disease", "Metastatic abscess", "MGUS", "Canker sore"),
    *("Dependence on renal dialysis (CMS/HCC)", "Type 2 diabetes mellitus (HCC)", "Heart failure (HHS-HCC)"),
    *("Krebsvorsorge", "Mutter hatte Brustkrebs", "Ausschluss Bronchialkarzinom", "Impfung gegen Gebärmutterhalskrebs"),
    *("Antécédents familiaux de cancer du sein", "Vaccination contre le cancer du col"),
    *("Cribado de cáncer de colon", "Vacunación contra el cáncer de cuello uterino", "Cáncer descartado"),
    *("Familiarità per carcinoma mammario", "Vaccinazione contro il carcinoma della cervice"),
    *("Bevolkingsonderzoek borstkanker", "Vaccinatie tegen baarmoederhalskanker"),
]


BONES = [
    *(
        "Knochen",
        "Wirbelsäule",
        "BWK 8",
        "os",
        "Squelette",
        "rachis dorsal",
        "hueso",
        "columna lumbar",
        "osso",
        "femore",
    ),
    *("colonna vertebrale", "bot", "wervelkolom", "ribben", "Rippe", "costilla", "bassin", "Becken", "Schenkelhals"),
]
NO_BONES = ["Lunge", "foie", "pulmón", "fegato", "long", "Hirn", "Knochenmark", "longissimus"]


@pytest.mark.parametrize("site", [*BONES, *NO_BONES])
def test_where_a_metastasis_is_may_stand_as_a_body_site_in_six_languages(site: str) -> None:
    spread = condition(coded(SNOMED, "128462008"), 10, bodySite=[{"text": site}])
    assert ("bma-start" in view(BREAST, spread).topics) is (site in BONES)


@pytest.mark.parametrize("words", WRITTEN_CANCER)
def test_a_cancer_is_understood_in_short_forms_and_in_six_languages(words: str) -> None:
    assert "mscc-suspected" in view(condition({"text": words}, 10), WEAK).topics


@pytest.mark.parametrize("words", NO_CANCER)
def test_what_is_nobodys_cancer_is_none(words: str) -> None:
    assert not view(condition({"text": words}, 10), WEAK).topics & {"mscc-suspected", "could-not-assess"}


UNREAD_LANGUAGES = [
    *(
        "Rak piersi",
        "Nowotwór złośliwy piersi",
        "Przerzuty do kości",
        "Rakovina prsu",
        "Rak dojke",
        "Emlőrák",
        "Bröstcancer",
    ),
    *(
        "Brystkræft",
        "Brystkreft",
        "Rintasyöpä",
        "Meme kanseri",
        "Ung thư vú",
        "Καρκίνος του μαστού",
        "Рак молочной железы",
    ),
    *("乳腺癌", "乳がん", "유방암", "سرطان الثدي", "סרטן השד"),
]
METASTASES_THERE = [
    *("Metastaser i ryggraden", "Metastaze osoase", "Kostní metastázy", "Csontmetasztázis"),
    *("Csontmetastasis", "Luumetastaasid", "Koštane metastaze", "Knoglemetastaser", "Metastazy do kości"),
]
DENIED_THERE = [
    *(
        "Sem metástases ósseas",
        "Sem metástases na coluna",
        "Inga skelettmetastaser",
        "Bez kostních metastáz",
        "Ausência de câncer",
        "História familiar de câncer de mama",
        "Rastreamento de câncer de mama",
    ),
    *(
        "Inga metastaser",
        "Ingen tegn til metastaser",
        "Mor med melanom",
        "Bez przerzutów",
        "Fără metastaze",
        "Bez metastaz",
    ),
]
HARMLESS_THERE = [
    "Nadciśnienie tętnicze",
    "Hipertensão arterial",
    "Blodtrycksbesvär",
    "Hypertenze",
    "高血压",
    "Гипертония",
]
BY_ITS_CODE = [("C50.9", True), ("Z80.3", False), ("I10", False), ("D24", False)]


@pytest.mark.parametrize("words", UNREAD_LANGUAGES)
def test_a_cancer_in_a_language_that_is_not_read_is_not_known(words: str) -> None:
    topics = view(condition({"text": words}, 10), WEAK).topics
    assert "could-not-assess" in topics and "mscc-suspected" not in topics


@pytest.mark.parametrize("words", METASTASES_THERE)
def test_metastases_in_a_language_that_is_not_read_are_not_known(words: str) -> None:
    topics = view(condition({"text": words}, 10), WEAK).topics
    assert "could-not-assess" in topics and "mdt-referral" not in topics


@pytest.mark.parametrize("words", ["Metástases ósseas", "Metástases na coluna lombar", "Metástases vertebrais"])
def test_portuguese_metastases_of_bone_are_of_bone(words: str) -> None:
    assert "bma-start" in view(condition({"text": "carcinoma da mama"}, 400), condition({"text": words}, 10)).topics


@pytest.mark.parametrize("words", [*DENIED_THERE, *HARMLESS_THERE])
def test_what_other_languages_deny_or_call_something_else_is_no_cancer_and_no_alarm(words: str) -> None:
    assert not view(condition({"text": words}, 10), WEAK).topics


@pytest.mark.parametrize(("code", "cancer"), BY_ITS_CODE)
def test_beside_words_that_are_not_read_the_code_says_what_it_is(code: str, cancer: bool) -> None:
    problem = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": code}], "text": "Rak piersi"}
    topics = view(condition(problem, 10), WEAK).topics
    assert ("mscc-suspected" in topics) is cancer and "could-not-assess" not in topics


ALLERGIES = {
    "steroid-allergy": [
        "Dexamethason",
        "Dexaméthasone",
        "Desametasone",
        "Glukokortikoide",
        "corticosteroïden",
        "Cortisone",
    ],
    "denosumab-allergy": ["Denosumab", "Wyost"],
    "bisphosphonate-allergy": ["Bisphosphonate", "Bifosfonatos", "bisfosfonaten", "Zometa"],
    "nsaid-allergy": ["NSAR", "AINS", "FANS", "Ibuprofène", "Diclofenac", "nichtsteroidale Antirheumatika"],
}


@pytest.mark.parametrize(("value_set", "name"), [(one, name) for one, names in ALLERGIES.items() for name in names])
def test_an_allergy_is_known_by_the_names_of_six_languages(value_set: str, name: str) -> None:
    said = codebook().of_words("AllergyIntolerance", name)
    assert value_set in said and (value_set == "steroid-allergy") is ("steroid-allergy" in said)


@pytest.mark.parametrize("name", ["Dexamethasone", "Fortecortin 4 mg", "Corticosteroids", "Glukokortikoide"])
def test_a_steroid_that_is_not_to_be_given_is_not_offered_by_whatever_name(name: str) -> None:
    forbidden = prescription({"text": name}, doNotPerform=True)
    assert not view(BREAST, BONE, WEAK, forbidden).created("mscc-suspected", "MedicationRequest")
    assert view(BREAST, BONE, WEAK, prescription({"text": "Ibuprofen"}, doNotPerform=True)).created(
        "mscc-suspected", "MedicationRequest"
    )


REFUSED = """
Patient declined dexamethasone; steroids were refused; Patient lehnt Kortison ab; Ablehnung von Glukokortikoiden;
Steroidtherapie abgelehnt; Patientin möchte kein Cortison; refus de corticothérapie; Corticoïdes refusés par la
patiente; Paciente rechaza corticoides; Dexametasona rechazada; Il paziente rifiuta il cortisone; Desametasone
rifiutato; Patiënt weigert dexamethason; wil geen corticosteroïden
"""
NOT_REFUSED = """
lehnt Kortison nicht ab; Kortison nicht abgelehnt; früher Kortison abgelehnt, jetzt einverstanden; lehnt Operation ab,
Dexamethason läuft; n'a pas refusé la dexaméthasone; refuse la chimiothérapie; no rechaza corticoides; niega uso de
corticoides; non rifiuta il cortisone; weigert dexamethason niet; weigert MRI; steroids not declined; steroid-induced
diabetes; patient refuses surgery but takes dexamethasone
"""


ALLERGIC = """
Allergy to dexamethasone; allergy status to corticosteroids; Kortisonallergie; Dexamethason-Unverträglichkeit;
Allergie gegen Kortison; Allergie aux corticoïdes; alergia a la dexametasona; allergia ai corticosteroidi;
overgevoelig voor corticosteroïden; steroid allergy
"""
NOT_ALLERGIC = """
no allergy to dexamethasone; keine Kortisonallergie; pas d'allergie aux corticoïdes; geen allergie voor dexamethason;
family history of steroid allergy; allergic rhinitis on nasal steroids; penicillin allergy, treated with steroids;
Kortison bei Allergie
"""


@pytest.mark.parametrize(
    ("written", "offered"), [(REFUSED, False), (NOT_REFUSED, True), (ALLERGIC, False), (NOT_ALLERGIC, True)]
)
def test_a_steroid_that_a_problem_speaks_against_is_not_offered(written: str, offered: bool) -> None:
    for words in (" ".join(part.split()) for part in written.split(";")):
        cards = view(BREAST, BONE, WEAK, condition({"text": words}, 5))
        assert bool(cards.created("mscc-suspected", "MedicationRequest")) is offered, words


@pytest.mark.parametrize(
    ("words", "open_question"),
    [("severely raised", True), ("stark erhöht", True), ("molto elevato", True), ("critical, phoned", True)]
    + [(one, False) for one in ("normal", "within normal limits", "im Normbereich", "nei limiti", "unauffällig")],
)
def test_a_calcium_in_words_that_say_how_but_not_how_much_is_not_known(words: str, open_question: bool) -> None:
    calcium = observation(coded(LOINC, "17861-6"), days=1, valueString=words)
    assert ("could-not-assess" in view(BREAST, BONE, calcium).topics) is open_question


NEW_BONE = condition(coded(SNOMED, "94222008"), 20)
DESENSITISED = [
    *("Allergen immunotherapy", "Venom immunotherapy", "Spezifische Immuntherapie Gräser", "Allergen-Immuntherapie"),
    *("Immunothérapie sublinguale", "Inmunoterapia con alérgenos", "Immunoterapia allergene specifica"),
    *("Allergie-immunotherapie", "Hyposensibilisierung", "Désensibilisation allergénique"),
]


@pytest.mark.parametrize("words", DESENSITISED)
def test_desensitisation_is_no_cancer_treatment_in_any_language(words: str) -> None:
    assert "systemic-therapy-referral" in view(BREAST, NEW_BONE, done({"text": words})).topics


@pytest.mark.parametrize(
    ("conclusion", "called"),
    [
        ("Cannot exclude bone metastasis.", "Suspected bone metastasis"),
        ("Knochenmetastasen nicht auszuschließen.", "Suspected bone metastasis"),
        ("Multiple bone metastases.", "Bone metastasis"),
    ],
)
def test_a_metastasis_that_an_image_only_suspects_is_called_suspected(conclusion: str, called: str) -> None:
    cards = view(BREAST, report("CT chest", conclusion, 2))
    assert cards.summary("mdt-referral").startswith(f"{called} (CT chest)")
    assert f"Breast cancer, {called.lower()}:" in cards.summary("bma-start")
