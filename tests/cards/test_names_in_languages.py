"""Procedures, studies, results and signs by other words and in five more languages, and their neighbours that are not them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.shipped import codebook

NAMES = """
Procedure radiotherapy: Strahlentherapie; Bestrahlung der LWS; Radiothérapie externe; radioterapia; Radiotherapie;
  bestraling; Radiotherapy to spine; Brachytherapie; curiethérapie; braquiterapia
Procedure systemic-anticancer: Chemotherapie; Immuntherapie; chimiothérapie; quimioterapia; chemioterapia;
  chemotherapie
Procedure mdt: Tumorkonferenz; Tumorboard; Réunion de concertation pluridisciplinaire; comité de tumores;
  tumorbespreking; Multidisciplinair overleg; MDO
Procedure biopsy: Biopsie; biopsia; Knochenbiopsie; biopsie osseuse; biopt
Procedure dental-exam: Zahnärztliche Untersuchung; examen dentaire; examen dental; revisione dentale; tandheelkundig
  onderzoek
DiagnosticReport mri-whole-spine: MRT ganze Wirbelsäule; MRT der gesamten Wirbelsäule; IRM rachis entier; IRM du
  rachis entier; RM columna completa; RM de columna total; RM colonna in toto; MRI gehele wervelkolom; MRI hele
  wervelkolom
DiagnosticReport mri-spine-region: MRT LWS; IRM lombaire; RM columna lumbar; MRI LWK
DiagnosticReport ct-any: CT Thorax/Abdomen; Scanner thoraco-abdomino-pelvien; TDM TAP; TAC toracoabdominopélvico; CT
  thorax-abdomen
DiagnosticReport ct-chest-abdomen-pelvis: CT Thorax/Abdomen/Becken; Scanner thoraco-abdomino-pelvien; TDM
  thoraco-abdomino-pelvienne; TC toraco-abdomino-pélvico; TAC toraco abdomino pélvico; TC torace addome pelvi; CT
  thorax-abdomen-bekken
DiagnosticReport bone-scan: Knochenszintigraphie; Skelettszintigraphie; Scintigraphie osseuse; gammagrafía ósea;
  scintigrafia ossea; botscan; skeletscintigrafie
DiagnosticReport pet-ct: PET-CT; PET/CT; TEP scanner; TEP-TDM; PET-TAC; PET-TC
DiagnosticReport chest-x-ray: Röntgen Thorax; Röntgenthorax; radiographie thoracique; radiografía de tórax;
  radiografia del torace; X-thorax
Device cardiac-device: pacemakerwissel; Herzschrittmacher; stimulateur cardiaque; marcapasos; pacemaker; ICD-Träger; défibrillateur
Observation pain-score: Schmerzintensität NRS; EVA douleur; escala de dolor; Pijnscore; NRS dolore
Observation calcium-total: Calcium i.S.; Kalzium; calcémie; calcio sérico; Calcium gesamt; calcio totale; calcemia
Observation albumin: Albumin i.S.; albumine; albúmina; albumina
Observation creatinine: Kreatinin; créatinine; creatinina; Kreatinin i.S.; creatinine
Observation spo2: Sauerstoffsättigung; SpO2; saturation en oxygène; saturación de oxígeno; saturazione;
  zuurstofsaturatie; Sättigung Raumluft; Sättigung in Ruhe; Pulsoxymetrie; saturation; saturation en air ambiant;
  oxymétrie de pouls; saturación basal; pulsioximetría; saturimetria; saturatie kamerlucht; Saturation, oxygen; SatO2
Observation creatinine: Krea; KREA i.S.; Kreat; crea
Observation creatinine-clearance: Kreatinin-Clearance (Sammelurin); clairance de la créatinine; aclaramiento de creatinina;
  clearance della creatinina; creatinineklaring
Observation egfr: MDRD; CKD-EPI; CKD-EPI 2021; glomeruläre Filtrationsrate; glomerulaire filtratiesnelheid
Observation alkaline-phosphatase: Alkalische Phosphatase; AP; phosphatases alcalines; PAL; fosfatasa alcalina; fosfatasi alcalina;
  alkalische fosfatase; alk. fosf.
Observation platelets: Thrombozyten; Thrombos; plaquettes; plaquetas; piastrine; conta piastrinica; trombocyten
Observation pth: Parathormon; parathormone; paratohormona; paratormone; parathormoon
Observation vitamin-d: 25(OH)D; Vitamin D3 (25-OH); vitamine D; vitamina D 25-OH; calcifediolo; 25-OH-vitamine D
Observation thyroglobulin: Thyreoglobulin; thyroglobuline; tiroglobulina; tireoglobulina
Observation potassium: Kalium; kaliémie; potasio; potassiemia
Observation phosphate: Phosphat; phosphore; fósforo; fosforo; fosfaat
Observation magnesium: magnésium; magnesio; magnesiemia; Magnesium
Observation urea: Harnstoff; urée; urea; azotemia; ureum
Observation glucose: Blutzucker; BZ; glycémie à jeun; glucosa basal; glicemia; bloedglucose
Observation hba1c: hémoglobine glyquée; hemoglobina glicosilada; emoglobina glicata
Observation ldh: Laktatdehydrogenase; lactate déshydrogénase; lactato deshidrogenasa; lattato deidrogenasi; lactaatdehydrogenase
Observation inhaled-oxygen: O2-Gabe; O2 l/min; Sauerstoffgabe; débit O2; flujo de oxígeno; ossigeno l/min; zuurstof l/min
Observation respiratory-rate: Atemfrequenz; fréquence respiratoire; frecuencia respiratoria; frequenza respiratoria; ademfrequentie
Observation body-height: Körpergröße; Größe; taille; talla; altezza; lichaamslengte
Observation ecog: indice OMS; PS OMS; performance status OMS; WHO performance status
Observation lesion-count: Anzahl der Knochenmetastasen; nombre de lésions; número de lesiones óseas;
  numero di metastasi; aantal metastasen
Observation body-weight: Körpergewicht; poids; peso; gewicht; peso corporeo
Observation haemoglobin: Hämoglobin; hémoglobine; hemoglobina; emoglobina; hemoglobine
Observation psa: PSA; Prostataspezifisches Antigen; antigène prostatique spécifique
Observation egfr: eGFR; GFR (CKD-EPI); DFG; filtrado glomerular
Observation calcium-corrected: Calcemia corretta; Ca corretto; Calcio sérico corregido; Ca-korr; Calcium corrigé pour l'albumine;
  Calcemia corretta per albumina; calcium gecorrigeerd
Observation calcium-ionised: Ca ionisiert; Ca ion.; freies Calcium; Ca2+ (ionised); Ca++ (BGA); Ca2+; cCa2+; Ca (2+)
Observation spo2: sO2 (BGA); Sat. O2; O2-Sättigung
Condition primary-hyperparathyroidism: Primärer Hyperparathyreoidismus; pHPT; hyperparathyroïdie primaire;
  hiperparatiroidismo primario; iperparatiroidismo primario; primaire hyperparathyreoïdie
Condition kidney-stones: Nierensteine; Nephrolithiasis; Nierenkolik bei Urolithiasis; lithiase rénale; calculs rénaux;
  litiasis renal; cálculos renales; calcolosi renale; nierstenen
Condition peptic-ulcer: Ulcus ventriculi; Magengeschwür; Ulcus duodeni; ulcère gastrique; ulcère duodénal;
  úlcera gástrica; úlcera péptica; ulcera gastrica; ulcera duodenale; maagzweer; ulcus pepticum
Condition gi-bleed: Gastrointestinale Blutung; obere GI-Blutung; Meläna; hémorragie digestive; hemorragia digestiva;
  emorragia gastrointestinale; melena; maagbloeding; gastro-intestinale bloeding
Condition heart-failure: Herzinsuffizienz; HFrEF; insuffisance cardiaque; insuficiencia cardíaca; scompenso cardiaco;
  insufficienza cardiaca; hartfalen; decompensatio cordis
Condition psychosis: Psychose; Schizophrenie; psychose; esquizofrenia; schizofrenia; psicosis
Condition sarcoidosis: Sarkoidose; sarcoïdose; sarcoidosis; sarcoidosi
Condition hypoxaemia: Hypoxämie; respiratorische Insuffizienz; hypoxémie; insuffisance respiratoire; hipoxemia;
  insuficiencia respiratoria; ipossiemia; insufficienza respiratoria; hypoxemie
Condition spinal-instability: Instabilität der Wirbelsäule; Wirbelsäuleninstabilität; instabilité rachidienne;
  inestabilidad vertebral; instabilità vertebrale; instabiliteit wervelkolom
Condition mronj: Kieferosteonekrose; Osteonekrose des Kiefers; BRONJ; ostéonécrose de la mâchoire;
  osteonecrosis mandibular; osteonecrosi della mandibola; kaakosteonecrose
Condition atypical-femur-fracture: atypische Femurfraktur; fracture atypique du fémur; fractura atípica de fémur;
  frattura atipica del femore
Condition claustrophobia: Klaustrophobie; Platzangst; claustrophobie; claustrofobia
Condition oligometastatic-disease: oligometastatisch; oligometastasiert; oligométastatique; oligometastásico;
  oligometastatico; oligogemetastaseerd
Condition widespread-bone-metastases: multiple Knochenmetastasen; disseminierte Knochenmetastasen;
  métastases osseuses multiples; metástasis óseas múltiples; metastasi ossee multiple; multipele botmetastasen
Condition mechanical-pain: belastungsabhängige Rückenschmerzen; douleur mécanique; dolor mecánico; dolore meccanico;
  mechanische pijn
Procedure orthopaedic-fixation: Marknagelung Femur links; Osteosynthese; spondylodese; enclouage centromédullaire;
  ostéosynthèse; clavo intramedular; osteosíntesis; chiodo endomidollare; osteosintesi
Procedure orchidectomy: Orchiektomie; orchidectomie; orquiectomía; orchiectomia
Procedure mdt: Tumorboard; Tumorkonferenz; RCP; comité de tumores; gruppo multidisciplinare; MDO
Procedure oxygen-therapy: Sauerstofftherapie; oxygénothérapie; oxigenoterapia; ossigenoterapia; zuurstoftherapie
ServiceRequest referral-radiation-oncology: Vorstellung Strahlentherapie; Überweisung Radioonkologie;
  Konsil Strahlentherapie; avis radiothérapie; interconsulta oncología radioterápica; consulenza radioterapica;
  verwijzing radiotherapie
ServiceRequest referral-oncology: Überweisung Onkologie; consultation oncologie; interconsulta oncología;
  visita oncologica; verwijzing oncologie
ServiceRequest referral-spine: Vorstellung Wirbelsäulenchirurgie; avis chirurgie du rachis;
  interconsulta cirugía de columna; consulenza chirurgia vertebrale; verwijzing wervelkolomchirurgie
ServiceRequest referral-neurosurgery: Konsil Neurochirurgie; avis neurochirurgical; interconsulta neurocirugía;
  consulenza neurochirurgica; consult neurochirurgie
ServiceRequest referral-orthopaedics: Konsil Orthopädie; Unfallchirurgisches Konsil; avis orthopédique;
  interconsulta traumatología; consulenza ortopedica; consult orthopedie
ServiceRequest referral-dental: Überweisung Zahnarzt; zahnärztliches Konsil; avis stomatologie; consulta odontología;
  visita odontoiatrica; verwijzing tandarts
ServiceRequest referral-palliative: Palliativkonsil; Überweisung Palliativmedizin
ServiceRequest referral-endocrinology: Konsil Endokrinologie; avis endocrinologie; interconsulta endocrinología;
  consulenza endocrinologica; consult endocrinologie
ServiceRequest mdt: Anmeldung Tumorboard; Tumorkonferenz; RCP; comité de tumores; discussione multidisciplinare;
  MDO aanmelden
ServiceRequest echocardiogram: Echokardiographie; Herzecho; TTE; échocardiographie; ecocardiograma; ecocardiografia;
  echocardiografie
ServiceRequest radiotherapy-palliative-bone: palliative Bestrahlung Knochen; Schmerzbestrahlung LWK 3;
  radiothérapie antalgique; radioterapia antiálgica; radioterapia antalgica; palliatieve bestraling bot
Condition limb-weakness: legs weak; falls x3 this week, legs weak;
  MRC 3/5 hip flexion both; power 4/5 both LLs; legs won't hold her;
  legs like jelly; Beine versagen; Beine knicken ein; Beine tragen sie nicht mehr; kann das linke Bein nicht heben; jambes en coton;
  jambes qui lâchent; dérobement des jambes; ses jambes ne la portent plus; piernas flojas; le fallan las piernas;
  se le doblan las piernas; gambe che cedono; non muove più le gambe; benen doen het niet meer; zakt door haar benen; slappe benen
Condition sensory-disturbance: spürt die Beine nicht mehr; ne sent plus ses jambes; no siente las piernas; non sente più le gambe;
  voelt haar benen niet
Condition urinary-retention: Urinverhalt
Condition epidural-metastasis: Osteolyse BWK 5 mit Durchbruch in den Spinalkanal; Osteolyse BWK 5 mit Durchbruch in den Spinalka;
  Einbruch in den Wirbelkanal; lytic lesion T5 extending into the spinal canal; tumour extension into the spinal can;
  invasion of the spinal canal; envahissement du canal rachidien; invasión del canal raquídeo; infiltrazione del canale vertebrale;
  ingroei in het wervelkanaal
Condition limb-weakness: falls and leg weakness; falls since Monday, weak legs; three falls, leg weakness
Condition limb-weakness: Legs gave way; legs keep giving way; legs buckled this morning; lost the use of her legs; no power in
  legs; dragging left foot; weak in both legs; legs feel very weak; leg power 4/5 bilaterally; MRC grade 3 in both legs
Condition bone-metastasis: PCa cM1b; Prostatakarzinom, cM1b; Neoplasia de mama con M1 óseas; Infiltration tumorale de L3;
  Metastasen: Leber, Knochen; Metastasen in Leber, Lunge und Knochen; Metastase Schädel; M1 (OSS)
Condition vertebral-metastasis: Infiltrazione neoplastica vertebrale L1; Tumorinfiltration BWK 7; Metastase BWK 7; Filia LWK 3
Condition metastasis-site-unspecified: Prostate cancer cM1; Mamma-Ca M1; NSCLC cT2 cN3 cM1c; pT2pN1M1
Condition pathological-fracture: Pathological compression fracture L2; pathologic vertebral body compression fracture; pathologische
  Wirbelkörperfraktur LWK 2; pathologische Sinterungsfraktur; fracture vertébrale pathologique; tassement malin de L1;
  fractura vertebral patológica; frattura vertebrale patologica; pathologische wervelfractuur
Condition urinary-retention: has not passed urine for 14 hours; hasn't voided since morning
Condition saddle-anaesthesia: reduced perianal sensation; altered saddle sensation
Condition long-tract-signs: Babinski positive bilaterally; upgoing plantars; plantar response extensor; ankle clonus;
  hyperreflexia of the legs; Pyramidenbahnzeichen beidseits; Babinski bds. positiv; Fußkloni; syndrome pyramidal des membres
  inférieurs; Babinski bilatéral; signos piramidales; Babinski positivo; hiperreflexia; segni piramidali; iperreflessia;
  piramidebaanverschijnselen beiderzijds; Babinski positief
Condition steroid-refusal: lehnt Dexamethason ab; lehnt Kortison ab; Cortison vom Patienten abgelehnt; refuse la dexaméthasone;
  refuse les corticoïdes; rechaza dexametasona; rifiuta il desametasone; rifiuta cortisone; weigert dexamethason
Condition dnar: keine Reanimation; nicht reanimieren; ne pas réanimer; no reanimar; non rianimare; niet reanimeren
Condition terminal-prognosis: Lebenserwartung unter 3 Monaten; Lebenserwartung < 3 Monate; espérance de vie inférieure à 3 mois;
  esperanza de vida menor de 3 meses; aspettativa di vita inferiore a 3 mesi; levensverwachting minder dan 3 maanden
Condition comfort-care: palliative Sedierung; sédation palliative; cuidados de confort; sedación paliativa; cure di conforto;
  stervensfase
Condition severe-infection: septischer Schock; Urosepsis; Spondylodiszitis; choc septique; spondylodiscite; shock séptico; shock
  settico; sepsi; septische shock
Condition jaw-symptom: Kieferschmerzen; douleur de la mâchoire; dolor mandibular; dolore mandibolare; kaakpijn; lockerer Zahn
Condition hyperkalaemia: hiperkalemia
Condition malignant-pleural-effusion: épanchement pleural malin; épanchement pleural néoplasique; derrame pleural neoplásico;
  versamento pleurico maligno; maligne pleura-effusie
Condition lung-nodule: nodule pulmonaire; nódulo pulmonar; nodulo polmonare; longnodus
Condition cannonball: Kanonenkugelmetastasen; metastasi a palle di cannone; kanonskogelmetastasen
Condition hemiplegia: Hemiparese links; Halbseitenlähmung; hémiparésie gauche; hemiparesia izquierda; emiparesi sinistra;
  halfzijdige verlamming
Condition generalised-weakness: faiblesse généralisée; debilidad generalizada; debolezza generalizzata; algemene zwakte
Condition chronic-back-pain: chronische Rückenschmerzen; lombalgie chronique; lumbalgia crónica; lombalgia cronica; chronische
  rugpijn
Condition neuroendocrine-cancer: neuroendokrines Karzinom; carcinome neuroendocrine; carcinoma neuroendocrino; neuro-endocrien
  carcinoom
Condition mronj: nécrose mandibulaire; necrosis mandibular; necrosi mascellare
Condition stage-iv: Bronchialkarzinom, Stadium IV; cancer du sein stade IV; cáncer de pulmón estadio IV; adenocarcinoma polmonare
  stadio IV; longkanker stadium IVB
Condition stage-iii: Mammakarzinom, Stadium IIIA; stade III; estadio III; stadio III
Procedure cementoplasty: cyphoplastie
Procedure ecg: Elektrokardiogramm; elettrocardiogramma; elektrocardiogram
Procedure iv-fluids: Flüssigkeitsgabe i.v.; NaCl-Infusion; hydratation intraveineuse; remplissage vasculaire; fluidoterapia;
  idratazione endovenosa; intraveneuze vochttoediening
Condition cord-compression: Myelon in Höhe BWK 7 komprimiert; Rückenmark deutlich eingeengt durch Weichteiltumor; Tumor
  komprimiert das Myelon; hochgradige tumorbedingte Spinalkanalstenose BWK 6; Einengung des Spinalkanals durch Tumor BWK 7;
  comprimant la moelle; moelle refoulée et comprimée; masa epidural que comprime el cordón medular; médula comprimida; tessuto
  epidurale che comprime il midollo; myelum gecomprimeerd; conus compressed by tumour
Condition cord-distortion: Einengung des Spinalkanals mit Myelonkontakt
Condition bone-metastasis: lésions osseuses secondaires diffuses; afectación ósea metastásica; lesioni ossee secondarie diffuse;
  localizzazioni ossee di malattia
Condition lytic-lesion: focolai osteolitici multipli
Condition pathological-fracture: pathologische inzakking van L1
Procedure radiotherapy: Radiatio Becken; RTx LWS; Protonentherapie; Afterloading
Procedure orthopaedic-fixation: Dekompression BWS; Wirbelkörperersatz BWK 7; posterior decompression and fixation T7; instrumented
  fusion T5-T9
Procedure dental-exam: Zahnarztbesuch; Zahnsanierung; panoramique dentaire
Procedure dental-surgery: Extraktion Zahn 36; Implantation Zahn 46
Procedure mdt: Tumorboardbeschluss; comité multidisciplinar; oncologieoverleg; MDM discussion
Procedure biopsy: Feinnadelpunktion; CT-gesteuerte Punktion
DiagnosticReport mri-whole-spine: GWS-MRT; MRT HWS/BWS/LWS; RM raquis completo
DiagnosticReport bone-scan: scinti osseuse; scintigrafia scheletrica
DiagnosticReport ct-chest-abdomen-pelvis: TAC TAP; TC total body
Condition pleural-effusion: Pl.-Erguss bds.
Condition breast-cancer: invasiv-duktales Karzinom; Ca mammae; MaCa li.; carcinome canalaire infiltrant; carcinoma ductal
  infiltrante; carcinoma duttale infiltrante; ductaal carcinoom
Condition prostate-cancer: prostate adenoca; ADK prostatique
Condition lung-cancer: CBNPC; CPNPC; microcitoma polmonare; ADK bronchique; lung adenoca
Condition kidney-cancer: ccRCC
Condition myeloma: MM IgG kappa; Morbus Kahler
Condition thyroid-cancer: medulläres SD-Ca
Condition colorectal-cancer: ADK du rectum
Condition bladder-cancer: TCC bladder
Condition head-neck-cancer: HNSCC
Condition cord-compression-refuted: Myelon ist nicht komprimiert; Spinalkanal durchgehend frei; la moelle n'est pas comprimée;
  midollo non compresso; myelum niet gecomprimeerd; médula no comprimida; the cord is not compressed
Observation creatinine: S-Creatinin; Creatininemia
Observation spo2: SpO₂; sO2; O2-Sat.; POx
Observation calcium-ionised: Ca²⁺
Observation calcium-total: Gesamtcalcium i.S.; Gesamt-Kalzium; Calzium; Kalziumspiegel; Serum-Calciumwert
Observation calcium-corrected: korrigiertes Gesamtkalzium
Observation calcium-ionised: Calcium act.; Actief calcium; aktives Calcium; Ca2+ (pH 7.4)
Condition bone-metastasis: oss. Met.; oss. mets; ossär met. Mamma-Ca; Mamma-Ca, oss. metast.; pT2 pN1 M1 OSS HEP;
  Metastasen: OSS, HEP; méta osseuses; métas os; M+ osseux; mtx óseas; botmeta's; ossale meta's; mets to T-spine;
  bone only mets; oligometastatic bone disease
Condition liver-metastasis: levermeta; cM1 (HEP, PUL)
Condition lung-metastasis: longmeta's; cM1 (HEP, PUL)
Condition metastasis-site-unspecified: mHSPC; mCRC; mRCC; met ca breast; met. breast cancer
Condition lung-cancer: ADK pulmonaire; CBNPC stade IV; CBPC; CPNM estadio IV; CPCNP
Condition breast-cancer: breast ca 2009; met ca breast
Condition myeloma: MM IgG kappa; MM, light chain
Condition cord-compression: complete block at T6
Condition epidural-metastasis: épidurite T8
"""
NEIGHBOURS = """
Observation creatinine: Kreatinin im Urin; Kreatinin-Clearance; créatinine urinaire; creatinina en orina; creatinina urinaria
Observation calcium-total: Calcium im Urin; Kalziumantagonist; calcium ionisé; calcio corregido; calcio ionizzato; hypercalcémie
Observation calcium-corrected: Korrekturfaktor; CA 125 korr; Calcium corrected for total protein
Observation calcium-ionised: Calcium ionophor; Ca 19-9; Calcium
Observation albumin: Calcio corretto per albumina; Calcemia corretta per albumina
Observation albumin: Albumin/Kreatinin im Urin; microalbumine; albúmina en orina; microalbuminuria
Observation creatinine: Kreatininkinase; CREA-Clearance; crea urine; Kreatin; creatina
Observation alkaline-phosphatase: Knochen-AP; Ostase; phosphatase alcaline osseuse; phosphatase acide;
  AP-Aufnahme; fosfatasa alcalina ósea
Observation platelets: Thrombozytenkonzentrat; mittleres Thrombozytenvolumen; volume plaquettaire moyen; agregación de plaquetas;
  trombocytenaggregatieremmer
Observation pth: Parathormon-verwandtes Peptid
Observation vitamin-d: 1,25-OH-Vitamin D; vitamine D3 ampoule; vitamina D 1000 UI comprimidos
Observation thyroglobulin: Anti-Thyreoglobulin-AK; thyroglobuline (anticorps); anticuerpos anti-tiroglobulina
Observation potassium: Kalium im Urin; Kalium-Chlorid; potasio en orina; potassio urinario; kaliumchloride
Observation phosphate: Natriumphosphat; alkalische Phosphatase; fosfatasa alcalina; fosfati urinari; zure fosfatase
Observation magnesium: sulfato de magnesio; magnésium urinaire; Magnesium Brausetablette
Observation urea: urée urinaire; Harnsäure; urea breath test
Observation glucose: Glukose im Urin; hypoglycémie; hiperglucemia; ipoglicemia; Glukosetoleranztest
Observation body-height: tour de taille; taille de la lésion; Größe des Tumors; altezza vertebrale; lengte van de wond
Observation ecog: OMS; index OMS de qualité de l'air
Observation body-weight: Geburtsgewicht; poids de naissance; peso ideal; peso specifico urine; geboortegewicht
Observation haemoglobin: Hämoglobin A1c; hémoglobine glyquée; hemoglobina glicosilada; emoglobina glicata
Observation spo2: saturazione transferrina; venöse Sauerstoffsättigung; saturatie transferrine; Transferrinsättigung;
  Eisensättigung; coefficient de saturation de la transferrine; saturation en fer;
  saturation veineuse; índice de saturación de transferrina;
  saturación venosa central; ijzersaturatie; iron saturation; % saturation; O2 saturation venous; Sättigung der Transferrin
Procedure systemic-anticancer: spezifische Immuntherapie; immunothérapie spécifique; inmunoterapia con alérgenos;
  hormonothérapie substitutive; Hormontherapie in den Wechseljahren; ormonoterapia sostitutiva
Procedure radiotherapy: Konsil Strahlentherapie; avis radiothérapie; interconsulta radioterapia; consulenza radioterapica;
  verwijzing radiotherapie; Überweisung zur Strahlentherapie; derivación a radioterapia; Aufklärung Bestrahlung
ServiceRequest referral-oncology: Überweisung Radio-Onkologie; Konsil Strahlentherapie; avis radiothérapie; Onkologie-Laborpanel
ServiceRequest referral-surgery: Konsil Neurochirurgie; avis chirurgie du rachis;
  consult neurochirurgie; consulenza chirurgia vertebrale
ServiceRequest referral-dental: Zahnpanoramaaufnahme; hygiène dentaire
Condition epidural-metastasis: kein Einbruch in den Spinalkanal; Osteolyse ohne Durchbruch in den Spinalkanal;
  lytic lesion not extending into the spinal canal; no invasion of the spinal canal;
  disc protrusion extending into the spinal canal;
  Bandscheibenvorfall mit Ausdehnung in den Spinalkanal; pas d'envahissement du canal rachidien; sin invasión del canal raquídeo;
  geen ingroei in het wervelkanaal; nessuna infiltrazione del canale vertebrale; Durchbruch in die Spina iliaca
Condition kidney-stones: keine Nierensteine; Gallensteine; calculs biliaires
Condition gi-bleed: keine GI-Blutung; hémorragie cérébrale; Nasenbluten
Condition heart-failure: keine Herzinsuffizienz; arrêt cardiaque; hartritmestoornis
Condition primary-hyperparathyroidism: sekundärer Hyperparathyreoidismus;
  hyperparathyroïdie secondaire; iperparatiroidismo secondario
Condition widespread-bone-metastases: keine multiplen Knochenmetastasen; multiple Lungenmetastasen; métastases hépatiques multiples
Procedure radiotherapy: consultation de radiothérapie; Elektrotherapie; fisioterapia
Procedure biopsy: Autopsie; keine Biopsie; pas de biopsie
DiagnosticReport mri-whole-spine: MRT LWS; IRM lombaire; RM columna lumbar; MRI LWK; CT ganze Wirbelsäule
DiagnosticReport ct-chest-abdomen-pelvis: CT Thorax; TDM thoracique; TC torace addome; CT abdomen
DiagnosticReport chest-x-ray: Röntgen LWS; radiographie du genou; radiografía de cadera
Condition limb-weakness: legs strong; hip flexion 5/5;
  Beine geschwollen; Beine gebrochen; jambes lourdes; gambe gonfie; dikke benen;
  legs don't hurt; benen niet slap; Wiedervorstellung, falls Beinschwäche auftritt; falls neue Lähmungen der Beine
Condition limb-weakness: no loss of power in legs; leg power 5/5 bilaterally; power normal in both legs; legs not weak
Condition bone-metastasis: keine Metastase BWK 7; Metastasen: Leber, keine Knochen; Metastase Prostatakarzinom; cM0 prostate
Condition metastasis-site-unspecified: T2N1M0; MCA M1 occlusion; M1-Verschluss links; AML M1; left M1 segment stenosis;
  no M1 disease; kein M1; pas de M1; Apple M1; M10.0; arteria M1; Metastasierender Abszess
Condition pathological-fracture: pathological finding: osteoporotic fracture; pathology report and fracture;
  keine pathologische Fraktur
Condition metastasis-site-unspecified: multiple metastasenverdächtige Rundherde; Rundherde, metastasensuspekt
Condition urinary-retention: has passed urine
Condition saddle-anaesthesia: normal perianal sensation
Condition long-tract-signs: Babinski negative; plantars downgoing; no clonus; myoclonus; brisk reflexes; keine Pyramidenbahnzeichen;
  Pyramidenbahnzeichen negativ; pas de syndrome pyramidal; Babinski negativo; sin signos piramidales; assenza di segni
  piramidali; geen piramidebaanverschijnselen
Condition steroid-refusal: lehnt MRT ab; refuse l'IRM; rechaza transfusión; rifiuta radioterapia; weigert MRI; Dexamethason 8 mg;
  lehnt Dexamethason nicht ab
Condition dnar: keine Reanimation erforderlich; réanimation; reanimatie
Condition terminal-prognosis: Lebenserwartung über 3 Jahre; Prognose gut; levensverwachting meer dan 3 maanden; espérance de vie
  de 5 ans
Condition chronic-back-pain: akute Rückenschmerzen; lombalgie aiguë; lumbalgia aguda
Condition hemiplegia: Hemikolektomie; hémicrânie; keine Hemiparese; pas d'hémiparésie
Condition stage-iv: Mammakarzinom Stadium II; stade III; stadio IIIA
Condition lung-nodule: nodule thyroïdien; pas de nodule pulmonaire
Procedure iv-fluids: Infusionstherapie mit Paclitaxel; Trinkmenge; hydratation orale
Condition cord-compression: Myelon nicht komprimiert; Tumor komprimiert das Myelon nicht; Einengung des Spinalkanals durch
  Bandscheibenvorfall; Myelon frei, Neuroforamen eingeengt; no comprime la médula; non comprime il midollo; ne comprime pas la
  moelle; comprimeert het ruggenmerg niet; conus not compressed; no conus compression; Duralsack eingeengt
Condition bone-metastasis: lesioni ossee secondarie a trauma; lésions osseuses secondaires à un traumatisme; pas de lésion osseuse
  secondaire; non lesioni ossee secondarie; sin afectación ósea metastásica
Procedure radiotherapy: RTX Zyklus 3; Rituximab RTX; Radiation badge
Procedure orthopaedic-fixation: gastric decompression; Dekompression Nervus medianus
Procedure dental-surgery: Linsenextraktion; Zahnreinigung
DiagnosticReport mri-whole-spine: MRT BWS/LWS; RM raquis lumbar; MRT HWS
DiagnosticReport ct-chest-abdomen-pelvis: TC torace; TAC craneal
Condition any-malignancy: carcinome canalaire in situ; carcinoma duttale in situ; carcinoma lobular in situ; duktales Carcinoma in
  situ; PCA pump; CAP; MM Lasche; maca root; CBC; CPC
Condition cord-compression-refuted: Myelon nicht komprimiert bis auf Höhe BWK 7; Myelon frei im HWS-Bereich; moelle non comprimée
  sauf en T8; midollo non compresso tranne D8; cord is not compressed except at T7; myelum niet gecomprimeerd, behalve Th8; médula
  no comprimida salvo en D8
Observation creatinine: U-Kreatinin; Krea i.U.; spot creatinine
Observation spo2: Cerebral oxygen saturation; SpO2 alarm limit low; SpO2 Sollwert; pO₂
Observation body-weight: Fetal weight; Weight of placenta; Pre-admission weight
Observation albumin: Glycated albumin; Albumin-Kreatinin-Quotient; Albumin fraction; Albumin (Elektrophorese)
Observation calcium-total: Calcium/Kreatinin-Quotient; Calcium intake; Breast milk calcium; RBC calcium; Calcium in drinking water;
  Dialysate calcium; Calcium phosphate product; Calciumspiegel im Urin; Calcium act.
Condition bone-metastasis: Goals met. Spinal precautions lifted; Goals of therapy met. Bone scan booked;
  wervel met inzakking; meta-analysis os;
  liver meta-analysis; patient met spine surgeon; M1 segment
Condition metastasis-site-unspecified: met breast cancer nurse; met criteria for lung cancer screening; MM; METs 4
Condition breast-cancer: breast ca 15-3
Condition myeloma: 12 mm lesion; MM
Condition cord-compression: complete heart block; complete block of the bundle
Condition epidural-metastasis: épidurite infectieuse T8
"""


def rows(table: str) -> Iterator[tuple[str, str, str]]:
    """Resource type, value set and name, of each name of a table; a line that is indented goes on."""
    for line in table.strip().replace("\n  ", " ").splitlines():
        head, _, names = line.partition(": ")
        kind, name = head.split()
        yield from ((kind, name, one.strip()) for one in names.split(";") if one.strip())


@pytest.mark.parametrize(("kind", "name", "said"), list(rows(NAMES)))
def test_a_name_of_another_language_is_known(kind: str, name: str, said: str) -> None:
    assert codebook().of_words(kind, said).get(name) == "affirmed"


@pytest.mark.parametrize(("kind", "name", "said"), list(rows(NEIGHBOURS)))
def test_a_neighbour_is_another_thing(kind: str, name: str, said: str) -> None:
    assert codebook().of_words(kind, said).get(name) != "affirmed"
