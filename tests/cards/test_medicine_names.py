"""Medicines are known by the names that other countries and manufacturers give them, and are not taken for their namesakes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.shipped import codebook

NAMES = """
zoledronic-acid: Zometa; Aclasta; Reclast; Zoledronsäure; acide zolédronique; ácido zoledrónico; acido zoledronico;
  zoledroninezuur; acidum zoledronicum; zolendronic acid; Zoledronat; zolédronate; ZOLEDRONIC ACID 4 MG/5ML IV SOLN;
  Zerlinda; Zoledronic acid Accord
denosumab: Xgeva; Prolia; Denosumab; dénosumab; Wyost; Jubbonti; Ospomyv; Xbryk; Osenvelt; Stoboclo; XGEVA 120 mg
  Injektionslösung; Bildyos; Conexxence; Bomyntra; Obodence; denosumab-bbdz
pamidronic-acid: Aredia; Pamidronsäure; acide pamidronique; ácido pamidrónico; acido pamidronico; pamidroninezuur;
  pamidronate disodium; Dinatriumpamidronat
ibandronic-acid: Bondronat; Boniva; Bonviva; Ibandronsäure; acide ibandronique; ácido ibandrónico; acido ibandronico;
  ibandroninezuur; ibandronate
clodronic-acid: Bonefos; Clodronsäure; acide clodronique; ácido clodrónico; clodroninezuur; clodronate; Ostac
alendronic-acid: Fosamax; Alendronsäure; acide alendronique; ácido alendrónico; acido alendronico; alendroninezuur;
  alendronate
risedronic-acid: Actonel; Risedronsäure; acide risédronique; ácido risedrónico; risedronaat; risedronate
dexamethasone: Decadron; Fortecortin; Dexamethason; dexaméthasone; dexametasona; desametasone; Neofordex; Oradexon;
  Dexamethasonum; Dexamethasondihydrogenphosphat-Dinatrium; Dxevo; TaperDex; Martapan; Dexa 4mg; DEXAMETHASONE SOD PHOSPHATE
prednisolone: Prednisolon; prednisolone; prednisolona; Decortin H; Solupred
prednisone: Prednison; prednisone; prednisona; Cortancyl; Decortin; Deltasone; Rayos
methylprednisolone: Medrol; Solu-Medrol; Urbason; Methylprednisolon; méthylprednisolone; metilprednisolona;
  metilprednisolone
hydrocortisone: Hydrocortison; hydrocortisone; hidrocortisona; idrocortisone; Solu-Cortef
radium-223: Xofigo; Radium-223; radium Ra 223 dichloride; dichlorure de radium (223Ra); cloruro de radio-223;
  Radium-223-dichlorid
lutetium-177-psma: Pluvicto; lutetium Lu 177 vipivotide tetraxetan; Lu-177-PSMA; Lutetium (177Lu) vipivotid tetraxetan
abiraterone: Zytiga; Abirateron; abiratérone; abiraterona; Yonsa
antiandrogen: Xtandi; Enzalutamid; enzalutamide; Erleada; apalutamide; Nubeqa; darolutamide; Casodex; Bicalutamid;
  bicalutamida
lhrh: Zoladex; Goserelin; goséréline; goserelina; Lupron; Eligard; Leuprorelin; leuproréline; leuprorelina;
  leuprolide; Trenantone; Enantone; Firmagon; degarelix; Decapeptyl; triptorelin; triptoréline; Orgovyx; relugolix
letrozole: Femara; Letrozol; létrozole
anastrozole: Arimidex; Anastrozol; anastrozole
exemestane: Aromasin; Exemestan; exémestane; exemestano
tamoxifen: Nolvadex; Tamoxifen; tamoxifène; tamoxifeno; tamoxifene
bevacizumab: Avastin; bévacizumab; Mvasi; Zirabev
sunitinib: Sutent; sunitinib
cisplatin: Cisplatin; cisplatine; cisplatino; CDDP
doxorubicin: Adriamycin; Doxorubicin; doxorubicine; doxorubicina; Caelyx; Adriblastin; Doxil
epirubicin: Farmorubicin; Epirubicin; épirubicine; epirubicina; Ellence
calcium-carbonate: Calcium carbonate; Calciumcarbonat; carbonate de calcium; carbonato de calcio; calcio carbonato;
  calciumcarbonaat; Tums; Caltrate; Calcichew; Calcimagon
colecalciferol: Vigantol; Dekristol; Colecalciferol; cholécalciférol; colecalciférol; colecalciferolo; Vitamin D3;
  cholecalciferol; vitamine D3
calcitonin: Miacalcin; Calcitonin; calcitonine; calcitonina; salmon calcitonin; Karil
cinacalcet: Sensipar; Mimpara; cinacalcet; cinacalcét
hydrochlorothiazide: HCT; Hydrochlorothiazid; hydrochlorothiazide; hidroclorotiazida; idroclorotiazide; Esidrix; HCTZ
indapamide: Indapamid; indapamide; indapamida; Lozol
chlortalidone: Chlortalidon; chlorthalidone; clortalidona; clortalidone; Hygroton
furosemide: Lasix; Furosemid; furosémide; furosemida
ibuprofen: Ibuprofen; ibuprofène; ibuprofeno; ibuprofene; Advil; Nurofen; Brufen; Motrin
diclofenac: Voltaren; Diclofenac; diclofénac; diclofenaco
naproxen: Naproxen; naproxène; naproxeno; Aleve; Naprosyn
apixaban: Eliquis; apixaban
rivaroxaban: Xarelto; rivaroxaban
warfarin: Coumadin; Warfarin; warfarine; warfarina
dabigatran: Pradaxa; dabigatran; dabigatrán
edoxaban: Lixiana; Savaysa; edoxaban
enoxaparin: Clexane; Lovenox; Enoxaparin; énoxaparine; enoxaparina
dalteparin: Fragmin; Dalteparin; daltéparine; dalteparina
lithium: Lithium carbonate; Lithiumcarbonat; Quilonum; carbonate de lithium; carbonato de litio; Priadel; Eskalith
digoxin: Lanoxin; Digoxin; digoxine; digoxina
opioid: Morphin; morphine; morfina; Oxycodon; oxycodone; oxicodona; Fentanyl; fentanilo; Hydromorphon; Tramadol;
  Tilidin; MST; OxyContin; Palladon; Durogesic; tapentadol; Buprenorphin; methadone; codéine
ppi: Omeprazol; oméprazole; Pantoprazol; Nexium; esomeprazole; Lansoprazol; rabeprazole
insulin: Lantus; Insulin glargin; insuline; insulina; NovoRapid; Humalog
iv-fluid: NaCl 0,9 %; sodium chloride 0.9 % infusion; chlorure de sodium 0,9 %; cloruro de sodio 0,9 %; Ringer-Lösung
gentamicin: Gentamicin; gentamicine; gentamicina
oxygen: Sauerstoff; oxygène; oxígeno; ossigeno; zuurstof; Oxygen
ergocalciferol: Drisdol; Ergocalciferol; ergocalciférol
systemic-anticancer: Paclitaxel; docétaxel; Kadcyla; Ibrance; Palbociclib; Kisqali; Keytruda; Tagrisso; Osimertinib;
  Carboplatino; capécitabine; Xeloda; Enhertu; Trodelvy; Faslodex; fulvestrant; Revlimid; Opdivo; Herceptin;
  pémétrexed; 5-Fluorouracil; gemcitabina; oxaliplatino; Everolimus; Afinitor; Lynparza; Cabometyx; Inlyta
bendroflumethiazide: Bendroflumethiazide; bendrofluméthiazide; bendroflumethiazid
celecoxib: Celebrex; Celecoxib; célécoxib
ketorolac: Toradol; kétorolac; Ketorolac
strong-opioid: Percocet; Endocet; Oxygesic; Roxicodone; Nucynta; MS Contin; Kadian; Duragesic; Actiq; Palladone; Dilaudid;
  Hydal;
  L-Polamidon; Dolophine; Substitol; Capros
opioid: Tramal; Ultram; Zydol; Contramal; Topalgic; Zaldiar; DHC; Vicodin; Norco; Co-codamol; Solpadol; BuTrans; Norspan
systemic-anticancer: Adcetris; Myleran; Lorbrena; Lumakras; Rybrevant; Bavencio; Jevtana; Navelbine; Gemzar; Hycamtin;
  Camptosar;
  Eloxatin; Paraplatin; Platinol; Endoxan; Temodal; Kyprolis; Sprycel
thiazide: Microzide; Esidrex; Co-Diovan; Hyzaar; Blopress Plus; Moduretic; Natrilix
lithium: Quilonorm; Hypnorex; Camcolit
nsaid: Arcoxia; Nimesulid; Kétoprofène; Enantyum; Celebra; Cataflam
anticoagulant: Marcumar; Marcoumar; Falithrom; Sintrom; Innohep; Fraxiparine
ppi: Pantozol; Inexium; Antra; Mopral; Eupantol
loop-diuretic: Torem; Torasemid; Burinex; Demadex; Seguril
aminoglycoside: Refobacin; Garamycin; Tobramycin
digoxin: Lanicor; digossina; Digitoxin
lhrh: Suprefact; Buserelin
calcitonin: Miacalcic
cinacalcet: Parsabiv
dexamethasone: Dectancyl
calcium-supplement: Ideos; Calcium Sandoz; Kalzium; Steovit; Calcigran; Kalcipos; PhosLo; Oyster shell calcium;
  calcium lactogluconate
denosumab-120: Enwylma; Xgeva; Denbrayce
vitamin-d-supplement: Stexerol; Devaron; Rayaldee
thiazide: Xipamid; co-amilozide; Metolazon
colecalciferol: Vigantoletten
"""
# International, German, French, Spanish, Italian and Dutch names, and brands.
NAMESAKES = {
    "dexamethasone": "DEXA scan;dexamethasone eye drops;Dexpanthenol",
    "hydrocortisone": "Hydrocortisone cream 1 %;Hydrocortison topical",
    "calcium-carbonate": "calcium gluconate;Calciumfolinat;calcium channel blocker",
    "lithium": "lithium heparin;litiasis",
    "diclofenac": "Voltaren Emulgel;diclofenac gel",
    "insulin": "insulin level;Insulinom",
    "radium-223": "radio;radiografía;radioterapia",
    "zoledronic-acid": "alendronic acid;Alendronsäure",
    "prednisone": "Prednisolon;prednisolone",
    "systemic-anticancer": "methotrexat 10 mg oral;aspirin;Carbamazepin",
    "oxygen": "oxygen saturation;hydrogen peroxide",
    "opioid": "naloxon;loperamid",
    "indapamide": "indometacin",
    "ppi": "mantra;Antrax",
    "loop-diuretic": "Toremifen",
    "strong-opioid": "Tramal;Norspan;contingency",
}


def _pairs() -> Iterator[tuple[str, str]]:
    for line in NAMES.strip().replace("\n  ", " ").splitlines():
        name, _, names = line.partition(": ")
        yield from ((name, one.strip()) for one in names.split(";"))


@pytest.mark.parametrize(("name", "said"), list(_pairs()))
def test_a_medicine_is_known_by_its_names(name: str, said: str) -> None:
    assert codebook().of_words("MedicationRequest", said).get(name) == "affirmed"


@pytest.mark.parametrize(("name", "said"), [(name, one) for name, all_ in NAMESAKES.items() for one in all_.split(";")])
def test_a_namesake_is_another_thing(name: str, said: str) -> None:
    assert codebook().of_words("MedicationRequest", said).get(name) != "affirmed"


@pytest.mark.parametrize(
    ("code", "name"),
    [("1114085", "zoledronic-4"), ("993452", "denosumab-60"), ("1737449", "pamidronic-acid"), ("200064", "letrozole")],
)
def test_a_product_of_rxnorm_is_known_without_its_name(code: str, name: str) -> None:
    assert name in codebook().of_code("http://www.nlm.nih.gov/research/umls/rxnorm", code)
