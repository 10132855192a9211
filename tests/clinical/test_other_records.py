"""Records as other hospitals, nations and versions of FHIR write them: each row is heard, denied or not known, never nothing."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.service.knowledge_files import load_knowledge
from tests.chart.charts import bundle, read
from tests.clinical.asking import (
    ICD10CM,
    LOINC,
    RXNORM,
    SNOMED,
    Resource,
    ask,
    coded,
    condition,
    day,
    observation,
    prescription,
    report,
    view,
)

BREAST = condition(coded(SNOMED, "254837009"), 1000)
BONE = condition(coded(SNOMED, "94222008"), 150)
WEAK = condition(coded(SNOMED, "309774006", "Weakness of both legs"), 2)
NDC, PZN, DMD = "http://hl7.org/fhir/sid/ndc", "http://fhir.de/CodeSystem/ifa/pzn", "https://dmd.nhs.uk"
ATC = "http://www.whocc.no/atc"


def named(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": display}]}


CODED_CANCER = [
    *(("http://hl7.org/fhir/sid/icd-10", code) for code in ("D45", "D46.9", "D47.1", "C88.0", "C96.2")),
    ("http://hl7.org/fhir/sid/icpc-2", "X76"),
    ("urn:oid:2.16.840.1.113883.2.4.4.31.1", "X76.01"),
    ("https://smt.esante.gouv.fr/terminologie-cim-10/", "C79.5"),
    ("urn:oid:2.16.840.1.113883.6.3.2", "C79.5"),
    ("http://hl7.it/sid/icd-10", "C50.9"),
    ("http://fhir.de/CodeSystem/bfarm/icd-10-gm|2025", "C79.5"),
    ("http://www.snomed.org/", "254837009"),
    ("https://snomed.info/sct", "254837009"),
    ("http://snomed.info/sct/999000021000000109", "254837009"),
    ("SNOMED CT", "94222008"),
    ("http://hl7.org/fhir/sid/icd-9-cm", "196.3"),
    ("http://hl7.org/fhir/sid/icd-9-cm", "V10.3"),
    ("http://hl7.org/fhir/sid/icd-9-cm", "V1079"),
    ("http://terminology.hl7.org/CodeSystem/icd-o-3", "8500/31"),
    ("http://terminology.hl7.org/CodeSystem/icd-o-3", "M-8500/3"),
    ("http://hl7.org/fhir/sid/icd-10-am", "M8140/6"),
    (ICD10CM, "C779"),
]
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


@pytest.mark.parametrize(("system", "code"), CODED_CANCER)
def test_a_bare_code_is_known_under_the_names_that_nations_give_its_system(system: str, code: str) -> None:
    assert "mscc-suspected" in view(condition(coded(system, code), 10), WEAK).topics


NO_CODED_CANCER = [
    ("http://hl7.org/fhir/sid/icd-9-cm", "V16.3"),
    ("http://hl7.org/fhir/sid/icd-9-cm", "V10.83"),
    ("http://hl7.org/fhir/sid/icd-9-cm", "233.0"),
    ("http://terminology.hl7.org/CodeSystem/icd-o-3", "8500/2"),
    ("http://hl7.org/fhir/sid/icd-10-am", "M8010/0"),
]


@pytest.mark.parametrize(("system", "code"), NO_CODED_CANCER)
def test_a_bare_code_of_something_else_is_no_cancer(system: str, code: str) -> None:
    assert not view(condition(coded(system, code), 10), WEAK).topics


def test_a_topography_without_its_morphology_is_not_known() -> None:
    breast = coded("http://terminology.hl7.org/CodeSystem/icd-o-3", "C50.9")
    assert "could-not-assess" in view(condition(breast, 10), WEAK).topics
    breast["coding"].append({"system": "http://terminology.hl7.org/CodeSystem/icd-o-3", "code": "8500/3"})
    assert "mscc-suspected" in view(condition(breast, 10), WEAK).topics


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


STAGED: list[tuple[Resource, bool]] = [
    *(({"text": one}, True) for one in ("cM1", "pM1b", "T2 N1 M1")),
    *(({"text": one}, False) for one in ("cM0", "MX", "T2 N1 M0", "pT2", "1", "Stage I")),
    (coded("https://www.uicc.org/resources/tnm", "M1"), True),
    (coded("https://www.uicc.org/resources/tnm", "M0"), False),
    (coded(SNOMED, "1229903009", "AJCC cM1"), True),
    (coded(SNOMED, "1229901006"), False),
]


@pytest.mark.parametrize(("summary", "spread"), STAGED, ids=str)
def test_an_m_category_among_the_stages_of_a_problem_says_whether_it_has_spread(
    summary: Resource, spread: bool
) -> None:
    staged = condition(coded(SNOMED, "254837009"), 10, stage=[{"summary": summary}])
    assert ("mdt-referral" in view(staged).topics) is spread


@pytest.mark.parametrize("words", WRITTEN_CANCER)
def test_a_cancer_is_heard_in_short_forms_and_in_six_languages(words: str) -> None:
    assert "mscc-suspected" in view(condition({"text": words}, 10), WEAK).topics


@pytest.mark.parametrize("words", NO_CANCER)
def test_what_is_nobodys_cancer_is_none(words: str) -> None:
    assert not view(condition({"text": words}, 10), WEAK).topics & {"mscc-suspected", "could-not-assess"}


def older(kind: str, **more: Any) -> Resource:
    """A medicine as STU3 or an earlier version writes it."""
    given = {"medicationCodeableConcept": {"text": "Xgeva"}, "effectiveDateTime": day(20)}
    about = {"resourceType": kind, "id": "m1", "status": "active", "patient": {"reference": "Patient/p1"}}
    return {name: value for name, value in {**about, **given, **more}.items() if value is not None}


def prefetched(*resources: Resource, **more: Any) -> dict[str, Any]:
    """A prefetch in one Bundle under a key of the client's own."""
    patient = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1964-05-01", **more}
    entries = [{"resource": one} for one in (patient, *resources)]
    return {"record": {"resourceType": "Bundle", "type": "collection", "entry": entries}}


def bone_agent(*medicines: Resource) -> str:
    """What the card on bone-modifying agents says of a woman with bone metastases who has these medicines; empty: nothing."""
    cards = ask("patient-view", {"patientId": "p1"}, prefetched(BREAST, BONE, *medicines))
    return cards.summary("bma-start") if "bma-start" in cards.by_topic else ""


TAKEN = {
    "NDC with a name": prescription(named(NDC, "99999-0001-01", "Xgeva 120 mg/1.7 mL vial")),
    "NDC with hyphens": prescription(coded(NDC, "55513-730-01")),
    "NDC of eleven digits": prescription(coded(NDC, "55513073001")),
    "NDC of Zometa": prescription(coded(NDC, "0078-0590-61")),
    "dm+d with a name": prescription(named(DMD, "1", "Xgeva 120mg/1.7ml solution for injection vials")),
    "PZN with a name": prescription(named(PZN, "06143393", "XGEVA 120 mg Injektionslösung")),
    "AIC with a name": prescription(named("urn:oid:2.16.840.1.113883.2.9.6.1.5", "1", "XGEVA*SC 1FL 120MG/1,7ML")),
    "ATC": prescription(coded(ATC, "M05BX04")),
    "STU3, taken": older("MedicationStatement", taken="y"),
    "DSTU2, taken": older("MedicationStatement", wasNotTaken=False),
    "DSTU2, ordered": older("MedicationOrder", dateWritten=day(20)),
    "R5": older(
        "MedicationStatement",
        status="recorded",
        medicationCodeableConcept=None,
        medication={"concept": {"text": "Xgeva"}},
    ),
}
NOT_TAKEN = {
    "another medicine": prescription({"text": "Paracetamol 500 mg"}),
    "another class": prescription(coded(ATC, "C03CA01")),
    "STU3, not taken": older("MedicationStatement", taken="n"),
    "STU3, not given": older("MedicationAdministration", status="completed", notGiven=True),
    "DSTU2, not taken": older("MedicationStatement", wasNotTaken=True),
    "DSTU2, not given": older("MedicationAdministration", status="completed", wasNotGiven=True),
}
UNREAD = {
    **{
        f"a bare code of {system}": prescription(coded(system, "99999999"))
        for system in (NDC, DMD, PZN, RXNORM, SNOMED)
    },
    "a code of a local system": prescription(coded("urn:oid:2.999", "77")),
    "a medication of no shape": older("MedicationStatement", medicationCodeableConcept=None, medication={"x": 1}),
    "a reference of R5 to what was not sent": older(
        "MedicationStatement", medicationCodeableConcept=None, medication={"reference": {"reference": "Medication/9"}}
    ),
    "no medication at all": older("MedicationStatement", medicationCodeableConcept=None),
}


@pytest.mark.parametrize("medicine", TAKEN.values(), ids=TAKEN)
def test_a_medicine_is_known_by_the_name_of_its_product_in_any_catalogue_and_version(medicine: Resource) -> None:
    assert bone_agent(medicine) == ""


@pytest.mark.parametrize("medicine", NOT_TAKEN.values(), ids=NOT_TAKEN)
def test_a_medicine_that_is_another_or_is_not_taken_leaves_the_agent_missing(medicine: Resource) -> None:
    assert "start a bone-modifying agent" in bone_agent(medicine)


@pytest.mark.parametrize("medicine", UNREAD.values(), ids=UNREAD)
def test_a_product_that_only_a_code_names_may_be_any_medicine(medicine: Resource) -> None:
    assert "could not be read" in bone_agent(medicine)


def problems(**more: Any) -> tuple[Resource, ...]:
    """A breast cancer and weak legs, as bare as can be."""
    both = zip("12", ("254837009", "309774006"), (200, 2), strict=True)
    return tuple(
        {"resourceType": "Condition", "id": number, "code": coded(SNOMED, code), **more, "recordedDate": day(ago)}
        for number, code, ago in both
    )


OLDER_DATES = [("STU3", "assertedDate", "subject"), ("DSTU2", "dateRecorded", "patient")]


@pytest.mark.parametrize(("version", "date", "about"), OLDER_DATES)
def test_a_problem_of_an_earlier_version_has_its_date(version: str, date: str, about: str) -> None:
    of = {about: {"reference": "Patient/p1"}, "clinicalStatus": "active", "verificationStatus": "confirmed"}
    record = [{**one, date: one["recordedDate"]} for one in problems(**of)]
    for one in record:
        del one["recordedDate"]
    assert "mscc-suspected" in ask("patient-view", {"patientId": "p1"}, prefetched(*record)).topics


def asked(kind: str, **more: Any) -> Resource:
    """Something asked for as STU3 or DSTU2 write it."""
    about = {"patient" if kind == "ReferralRequest" else "subject": {"reference": "Patient/p1"}}
    return {"resourceType": kind, "id": "r1", "status": "active", **about, **more}


PET, BOARD = {"text": "FDG PET-CT"}, {"text": "Tumour board referral"}
NOT_DONE = {"subject": {"reference": "Patient/p1"}, "performedDateTime": day(2), "code": {"text": "Tumour board"}}
OLDER_ORDERS = {
    "STU3 referral": (asked("ReferralRequest", serviceRequested=[BOARD], authoredOn=day(2)), "mdt-referral", True),
    "DSTU2 referral": (
        asked("ReferralRequest", status="requested", serviceRequested=[BOARD], date=day(2)),
        "mdt-referral",
        True,
    ),
    "DSTU2 referral, rejected": (
        asked("ReferralRequest", status="rejected", serviceRequested=[BOARD], date=day(2)),
        "mdt-referral",
        False,
    ),
    "DSTU2 referral of long ago": (
        asked("ReferralRequest", serviceRequested=[BOARD], date=day(400)),
        "mdt-referral",
        False,
    ),
    "STU3 order": (asked("ProcedureRequest", code=PET, authoredOn=day(2)), "staging-pet", True),
    "DSTU2 order of a procedure": (
        asked("ProcedureRequest", status="accepted", code=PET, orderedOn=day(2)),
        "staging-pet",
        True,
    ),
    "DSTU2 order of long ago": (asked("ProcedureRequest", code=PET, orderedOn=day(400)), "staging-pet", False),
    "DSTU2 diagnostic order": (
        asked("DiagnosticOrder", status="requested", item=[{"code": PET}], event=[{"dateTime": day(2)}]),
        "staging-pet",
        True,
    ),
    "DSTU2 diagnostic order, one of several": (
        asked("DiagnosticOrder", status="received", item=[{"code": {"text": "Full blood count"}}, {"code": PET}]),
        "staging-pet",
        True,
    ),
    "DSTU2 diagnostic order, failed": (
        asked("DiagnosticOrder", status="failed", item=[{"code": PET}]),
        "staging-pet",
        False,
    ),
    "DSTU2 diagnostic order of another test": (
        asked("DiagnosticOrder", status="requested", item=[{"code": {"text": "Full blood count"}}]),
        "staging-pet",
        False,
    ),
    "DSTU2 procedure": (asked("Procedure", status="completed", **NOT_DONE, notPerformed=False), "mdt-referral", True),
    "DSTU2 procedure, not performed": (
        asked("Procedure", status="aborted", **NOT_DONE, notPerformed=True),
        "mdt-referral",
        False,
    ),
}


@pytest.mark.parametrize(("order", "topic", "silences"), OLDER_ORDERS.values(), ids=OLDER_ORDERS)
def test_an_order_of_an_earlier_version_silences_what_it_asks_for(order: Resource, topic: str, silences: bool) -> None:
    new = condition(coded(SNOMED, "94222008"), 10)
    topics = ask("patient-view", {"patientId": "p1"}, prefetched(BREAST, new, order)).topics
    assert (topic not in topics) is silences


@pytest.mark.parametrize("name", ["codedDiagnosis", "conclusionCode"])
def test_a_coded_conclusion_of_any_version_is_heard(name: str) -> None:
    image = report("MRI whole spine", "", 1) | {name: [coded(SNOMED, "71286001")]}
    assert "mscc-suspected" in ask("patient-view", {"patientId": "p1"}, prefetched(BREAST, image)).topics


@pytest.mark.parametrize(("state", "stands"), [("confirmed", True), ("active", True), ("refuted", False)])
def test_an_allergy_of_dstu2_names_its_substance(state: str, stands: bool) -> None:
    about = {"id": "a1", "patient": {"reference": "Patient/p"}, "status": state}
    allergy = {"resourceType": "AllergyIntolerance", **about, "substance": {"text": "Denosumab"}}
    assert bool(read({"a": bundle(allergy)}).allergies.of("denosumab-allergy")) is stands


SUBJECTS: dict[str, tuple[Any, bool]] = {
    "the patient's identifier": ({"identifier": {"system": "urn:mrn", "value": "77"}}, True),
    "an identifier of a system that the patient has none of": (
        {"identifier": {"system": "urn:ssn", "value": "1"}},
        True,
    ),
    "a name": ({"display": "Mrs X"}, True),
    "an older version": ({"reference": "https://ehr.example/Patient/p1/_history/2"}, True),
    "somebody else's identifier": ({"identifier": {"system": "urn:mrn", "value": "78"}}, False),
    "somebody else": ({"reference": "Patient/p2"}, False),
}


@pytest.mark.parametrize(("subject", "own"), SUBJECTS.values(), ids=SUBJECTS)
def test_whose_a_problem_is_stands_in_any_form_of_its_subject(subject: Any, own: bool) -> None:
    record = prefetched(*problems(subject=subject), identifier=[{"system": "urn:mrn", "value": "77"}])
    assert ("mscc-suspected" in ask("patient-view", {"patientId": "p1"}, record).topics) is own


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
    said = load_knowledge().codebook.of_words("AllergyIntolerance", name)
    assert value_set in said and (value_set == "steroid-allergy") is ("steroid-allergy" in said)


@pytest.mark.parametrize("name", ["Dexamethasone", "Fortecortin 4 mg", "Corticosteroids", "Glukokortikoide"])
def test_a_steroid_that_is_not_to_be_given_is_not_offered_by_whatever_name(name: str) -> None:
    forbidden = prescription({"text": name}, doNotPerform=True)
    assert not view(BREAST, BONE, WEAK, forbidden).created("mscc-suspected", "MedicationRequest")
    assert view(BREAST, BONE, WEAK, prescription({"text": "Ibuprofen"}, doNotPerform=True)).created(
        "mscc-suspected", "MedicationRequest"
    )


@pytest.mark.parametrize(
    ("words", "open_question"),
    [("severely raised", True), ("stark erhöht", True), ("molto elevato", True), ("critical, phoned", True)]
    + [(one, False) for one in ("normal", "within normal limits", "im Normbereich", "nei limiti", "unauffällig")],
)
def test_a_calcium_in_words_that_say_how_but_not_how_much_is_not_known(words: str, open_question: bool) -> None:
    calcium = observation(coded(LOINC, "17861-6"), days=1, valueString=words)
    assert ("could-not-assess" in view(BREAST, BONE, calcium).topics) is open_question


PAIN = observation(coded("http://loinc.org", "72514-3"), 6, "{score}", 1)
NEW_BONE = condition(coded(SNOMED, "94222008"), 20)
CPT = "http://www.ama-assn.org/go/cpt"
IRRADIATED: list[Resource] = [
    *[{"text": one} for one in ("Bestrahlung LWS 10x3 Gy", "Radiothérapie antalgique", "Radioterapia paliativa")],
    *[{"text": one} for one in ("Palliatieve radiotherapie", "EBRT 8 Gy x1", "Beam Radiation of Spine")],
    coded(CPT, "77412"),
    coded("http://fhir.de/CodeSystem/bfarm/ops", "8-521"),
]
NOT_IRRADIATED: list[Resource] = [{"text": one} for one in ("Radiofrequency ablation", "Radiology", "Bone biopsy")]
DESENSITISED = [
    *("Allergen immunotherapy", "Venom immunotherapy", "Spezifische Immuntherapie Gräser", "Allergen-Immuntherapie"),
    *("Immunothérapie sublinguale", "Inmunoterapia con alérgenos", "Immunoterapia allergene specifica"),
    *("Allergie-immunotherapie", "Hyposensibilisierung", "Désensibilisation allergénique"),
]


def done(code: Resource) -> Resource:
    about = {"subject": {"reference": "Patient/p1"}, "status": "completed", "performedDateTime": day(20)}
    return {"resourceType": "Procedure", "id": "done", "code": code, **about}


@pytest.mark.parametrize("code", IRRADIATED)
def test_radiotherapy_that_was_given_silences_radiotherapy(code: Resource) -> None:
    assert "palliative-radiotherapy" not in view(BREAST, BONE, PAIN, done(code)).topics


@pytest.mark.parametrize("code", NOT_IRRADIATED)
def test_what_is_no_radiotherapy_leaves_it_open(code: Resource) -> None:
    assert "palliative-radiotherapy" in view(BREAST, BONE, PAIN, done(code)).topics


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
