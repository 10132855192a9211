"""Signs of the cord, of a high calcium and of pain as patients say them, and what is said alike of something else."""

from __future__ import annotations

import pytest

from tests.cards.test_names_in_languages import rows
from tests.shipped import codebook

SAID = """
Condition gait-disturbance: unsteady on your feet; unsteady on my feet; unsteady when walking; walking is getting worse; walking
  has become difficult; finding it hard to walk; struggles to walk; Schwierigkeiten beim Gehen; Probleme beim Laufen; Mühe beim
  Gehen; Gehstörung; Gehprobleme; Gehschwierigkeiten; unsicher auf den Beinen; unsicheres Gehen; Gang unsicher geworden;
  Gangverschlechterung; Gehen fällt schwer; kann kaum noch gehen; kann schlecht laufen; du mal à marcher; difficultés pour
  marcher; démarche instable; démarche mal assurée; instabilité à la marche; a de la peine à marcher; peine à marcher; le cuesta
  caminar; camina mal; problemas para caminar; inestable al caminar; marcha insegura; se tambalea al andar; dificultad al caminar;
  fa fatica a camminare; cammina male; problemi a camminare; instabile nel camminare; andatura instabile; andatura incerta;
  difficoltà di deambulazione; slecht lopen; problemen met lopen; onvast ter been; wankel ter been; wankele gang; moeilijk lopen
Condition limb-weakness: less strength in legs; loss of strength in the legs; legs feel weak; no power in legs; reduced power both
  legs; Beine schwächer geworden; weniger Kraft in den Beinen; keine Kraft in den Beinen; Schwäche in den Beinen; Schwäche beider
  Beine; Kraftlosigkeit der Beine; faiblesse dans les jambes; moins de force dans les jambes; plus de force dans les jambes; perte
  de force dans les jambes; jambes plus faibles; menos fuerza en las piernas; sin fuerza en las piernas; piernas más débiles;
  debilidad de piernas; pérdida de fuerza en piernas; meno forza nelle gambe; debolezza nelle gambe; gambe più deboli; perdita di
  forza alle gambe; minder kracht in de benen; benen zwakker; zwakke benen; zwakte in de benen; geen kracht in de benen;
  krachtsverlies benen
Condition urinary-retention: trouble passing urine; problems passing water; difficulty peeing; can't pee; cannot empty bladder;
  hard to pass urine; unable to empty his bladder; difficulty urinating; Probleme beim Wasserlassen; Schwierigkeiten beim
  Urinieren; kann nicht mehr urinieren; kann die Blase nicht entleeren; Wasserlassen erschwert; kann kein Wasser lassen;
  difficulté à uriner; du mal à uriner; n'arrive plus à uriner; ne peut plus uriner; ne peut pas uriner; problemas para orinar;
  dificultad para orinar; no consigue orinar; le cuesta orinar; difficoltà a urinare; problemi a urinare; non riesce più a
  urinare; fa fatica a urinare; moeite met plassen; problemen met plassen; kan niet goed plassen; plast moeilijk; kan niet meer
  plassen
Condition urinary-incontinence: lost control of bladder; lost control of your bladder; loss of bladder control; leaking urine;
  leaks urine; wets herself; wetting himself; no control over bladder; verliert ungewollt Urin; Urinverlust; unfreiwilliger
  Urinverlust; Blase nicht mehr kontrollieren; Kontrolle über die Blase verloren; Verlust der Blasenkontrolle; nässt ein; perd ses
  urines; pertes d'urines; fuites urinaires; perte de contrôle de la vessie; ne contrôle plus sa vessie; se le escapa la orina;
  pérdida de orina; escapes de orina; pérdida de control de la vejiga; no controla la orina; no controla esfínteres; perde urina;
  perde le urine; perdita di urina; perdita di controllo della vescica; non controlla la vescica; verliest urine; urineverlies;
  ongewild urineverlies; controle over blaas verloren; loss of bladder or bowel control; lost control of bladder or bowels;
  Kontrolle über Blase oder Darm verloren; perte de contrôle de la vessie ou des intestins; pérdida de control de vejiga o
  intestino; perdita di controllo di vescica o intestino; controle over blaas of darmen verloren
Condition faecal-incontinence: lost control of bowels; loss of bowel control; loss of bladder and bowel control; soiling himself;
  verliert Stuhl; Stuhlverlust; unwillkürlicher Stuhlverlust; Kontrolle über den Darm verloren; perd ses selles; perte de contrôle
  des intestins; se le escapan las heces; pérdida de heces; no controla las heces; perde le feci; perdita di feci; verliest
  ontlasting; ontlastingsverlies; kan ontlasting niet ophouden
Condition sensory-disturbance: numb legs; legs feel numb; pins and needles in feet; loss of feeling in legs; no feeling in legs;
  tingling feet; numbness between legs; altered sensation in saddle area; Beine taub; taubes Gefühl in den Beinen; Gefühl in den
  Beinen verloren; kein Gefühl in den Beinen; Ameisenlaufen in den Beinen; Kribbeln in den Füßen; jambes engourdies; perte de
  sensation dans les jambes; ne sent plus ses jambes; picotements dans les jambes; piernas dormidas; pérdida de sensibilidad en
  las piernas; no siente las piernas; gambe addormentate; gambe intorpidite; non sente le gambe; dove benen; doof gevoel in de
  benen; geen gevoel in de benen; slapende benen; prikkelingen in de voeten; Kribbeln in Händen und Füßen; tingling in hands and
  feet; fourmillements des mains et des pieds
Condition confusion: confused; muddled; not making sense; talking nonsense; disorientated; new confusion; delirious; delirium;
  acting strangely; verwirrt; Verwirrtheit; desorientiert; Delir; redet wirr; verwirrter Zustand; confus; confusion; désorienté;
  tient des propos incohérents; délire aigu; syndrome confusionnel; confuso; confusión; desorientado; habla incoherente; síndrome
  confusional; confusione; confusa; disorientato; stato confusionale; parla in modo sconnesso; verward; verwardheid;
  gedesoriënteerd; delier; spreekt wartaal
Condition drowsiness: drowsy; very sleepy; hard to wake; difficult to rouse; lethargic; somnolent; sleeping all day; schläfrig;
  benommen; schwer erweckbar; lethargisch; schläft den ganzen Tag; somnolence; difficile à réveiller; léthargique; obnubilation;
  dort toute la journée; somnolencia; somnoliento; adormilada; letárgico; difícil de despertar; duerme todo el día; sonnolenza;
  sonnolento; letargico; difficile da svegliare; soporoso; slaperig; sufheid; suf; moeilijk wekbaar; slaapt de hele dag
Condition thirst: thirsty; always thirsty; excessive thirst; polydipsia; Durst; starker Durst; ständig durstig; Polydipsie; soif;
  soif intense; polydipsie; sed; mucha sed; polidipsia; sete; sete intensa; dorst; veel dorst
Condition polyuria: polyuria; passing a lot of urine; urinating frequently; peeing all the time; passing urine very often;
  Polyurie; häufiges Wasserlassen; muss ständig Wasser lassen; große Urinmengen; polyurie; poliuria; orina mucho; plast veel; veel
  plassen
Condition constipation: constipated; constipation; no bowel movement for 5 days; bowels not opened for 6 days; hard stools;
  Verstopfung; Obstipation; kein Stuhlgang seit 5 Tagen; constipé; pas de selles depuis 5 jours; estreñimiento; estreñida; no
  defeca desde hace 5 días; stipsi; stitichezza; costipazione; non evacua da 5 giorni; obstipatie; verstopping; geen ontlasting
  sinds 5 dagen
Condition nausea-vomiting: nausea; feeling sick; vomiting; throwing up; being sick; nauseated; can't keep anything down; Übelkeit;
  Erbrechen; erbricht; muss sich übergeben; nausée; nausées; vomissements; vomit; a envie de vomir; mal au coeur; náuseas;
  vómitos; vomita; ganas de vomitar; vomito; misselijk; misselijkheid; braken; overgeven; braakt
Condition fatigue: fatigue; tired; exhausted; no energy; tiredness; worn out; Müdigkeit; müde; erschöpft; Fatigue; abgeschlagen;
  Abgeschlagenheit; fatigué; épuisé; asthénie; cansancio; cansado; fatiga; astenia; agotado; stanchezza; stanco; affaticamento;
  spossatezza; vermoeid; vermoeidheid; uitgeput
Condition anorexia: loss of appetite; poor appetite; not eating; off food; anorexia; Appetitlosigkeit; kein Appetit; isst kaum;
  Inappetenz; appetitlos; perte d'appétit; pas d'appétit; ne mange plus; inappétence; anorexie; pérdida de apetito; inapetencia;
  no come; falta de apetito; hiporexia; perdita di appetito; inappetenza; non mangia; anoressia; verminderde eetlust; geen
  eetlust; eet niet; gebrek aan eetlust
Condition dehydration: dehydrated; dehydration; volume depletion; Exsikkose; Dehydratation; dehydriert; ausgetrocknet;
  Volumenmangel; déshydratation; déshydraté; deshidratación; deshidratado; disidratazione; disidratato; uitdroging; dehydratie;
  uitgedroogd
Condition coma: unconscious; comatose; coma; unresponsive; bewusstlos; Koma; komatös; nicht ansprechbar; nicht erweckbar;
  inconscient; inconsciente; incosciente; non risponde agli stimoli; bewusteloos; niet aanspreekbaar
Condition oliguria: oliguria; anuria; passing very little urine; low urine output; Oligurie; Anurie; kaum Urin; wenig Urin;
  oligurie; anurie; orina poco; plast weinig
Condition breathlessness: breathless; short of breath; shortness of breath; SOB; can't breathe; struggling to breathe; dyspnoea;
  dyspnea on exertion; out of breath; Atemnot; Luftnot; Dyspnoe; kurzatmig; bekommt keine Luft; Belastungsdyspnoe; dyspnée;
  essoufflé; essoufflement; manque d'air; du mal à respirer; disnea; falta de aire; ahogo; le cuesta respirar; dificultad para
  respirar; dispnea; affanno; fiato corto; fatica a respirare; mancanza di respiro; kortademig; kortademigheid; dyspneu; benauwd;
  benauwdheid; ademnood
Condition back-pain: back pain; backache; sore back; pain in my back; lower back pain; neck pain; thoracic pain between shoulder
  blades; Rückenschmerzen; Kreuzschmerzen; Schmerzen im Rücken; Rücken tut weh; Nackenschmerzen; mal de dos; mal au dos; douleur
  dorsale; lombalgie; douleurs entre les omoplates; dolor de espalda; lumbalgia; duele la espalda; dolor lumbar; mal di schiena;
  dolore alla schiena; lombalgia; dolore lombare; rugpijn; pijn in de rug; lage rugpijn; nekpijn
Condition bone-pain: bone pain; pain in bones; aching bones; skeletal pain; Knochenschmerzen; Schmerzen in den Knochen; ossäre
  Schmerzen; douleurs osseuses; douleur osseuse; mal aux os; dolor óseo; dolores óseos; dolor de huesos; dolore osseo; dolori
  ossei; dolore alle ossa; botpijn; pijn in de botten
Condition radicular-pain: radicular pain; sciatica; shooting pain down leg; pain radiating down leg; band-like pain; girdle pain;
  Ischialgie; radikuläre Schmerzen; ausstrahlende Schmerzen ins Bein; gürtelförmige Schmerzen; sciatique; douleur radiculaire;
  douleur en ceinture; ciática; dolor radicular; dolor en cinturón; dolore radicolare; dolore a cintura; ischias; radiculaire
  pijn; uitstralende pijn in het been
Condition limb-weakness: weakness in your legs; legs feel heavy or weak
Condition urinary-incontinence: perdu le contrôle de votre vessie; ha perdido el control de la vejiga; ha perso il controllo della
  vescica; controle over uw blaas kwijt
Condition faecal-incontinence: did you lose control of your bowels; perdu le contrôle des intestins
Condition sensory-disturbance: change in sensation around the bottom
Condition breathlessness: bekommen Sie schlecht Luft; le falta el aire
Condition constipation: stitico
Condition sensory-disturbance: sensation in both legs reduced below T10
Condition urinary-incontinence: bladder incontinent
Condition urinary-retention: palpable bladder; bladder distended
Condition gait-disturbance: broad-based gait
Condition confusion: oriented to person only; A&O x1
Condition long-tract-signs: Babinski pos.; Babinski +
Condition limb-weakness: Esame neurologico arti inferiori forza 3/5 bilat.; Beine: Kraft 4/5; examen miembros inferiores: fuerza 3/5
"""
NEIGHBOURS = """
Condition gait-disturbance: non può assumere FANS; non può essere dimessa; ne peut plus travailler; ne peut pas prendre d'AINS; no
  puede tomar AINE; kann nicht mehr arbeiten; keine Schwierigkeiten beim Gehen; keine Gangstörung; Gehstock; Laufband;
  Lauferythem; Gang zum Arzt; pas de difficulté à marcher; marche normale; démarche assurée; no le cuesta caminar; sin dificultad
  para caminar; nessuna difficoltà a camminare; non fa fatica a camminare; geen moeite met lopen; loopt goed; behandeling loopt
  moeilijk; no difficulty walking; walking has improved
Condition limb-weakness: Beine nicht schwach; sin pérdida de fuerza en las piernas; sin debilidad en las piernas; menos dolor en
  las piernas; meno dolore alle gambe; minder pijn in de benen
Condition urinary-retention: no trouble passing urine; denies difficulty urinating; peeing normally; hard of hearing; keine
  Probleme beim Wasserlassen; sin problemas para orinar; ne peut plus travailler
Condition urinary-incontinence: Urinverlust beim Husten; leaking urine when coughing; nephrostomy leaking urine; no loss of
  bladder control; no bladder or bowel control issues; lost control of blood pressure; loss of control of seizures; Kontrolle über
  den Blutdruck verloren; kein Urinverlust; pas de fuites urinaires; fuites urinaires à l'effort; fuite d'urine d'effort; non
  perde urina; geen urineverlies; urineverlies bij hoesten; wet dressing; verliert Gewicht; perdita di peso; pérdida de sangre
Condition faecal-incontinence: no loss of bowel control; soil contact; Blutverlust; kein Stuhlverlust; perte de poids; verliest
  bloed; perdita di sangue
Condition sensory-disturbance: hands numb; numb fingers and thumb; paraesthesia of the lips; tingling of the fingers; Kribbeln in
  den Fingern; taubes Gefühl in der Lippe; Parästhesien der Hände; Taubheit; eingeschlafene Hand; picotements dans la gorge;
  fourmillements des doigts; hormigueo en las manos; parestesie alle mani; prikkelingen in de vingers; dove patiënt; sordo; no
  numbness
Condition confusion: Medikamente durcheinander; nonsense mutation; not confused
Condition coma: tumour not responding to chemotherapy; no responde al tratamiento; non risponde alla terapia; ne répond plus au
  traitement; nicht ansprechbar auf Chemotherapie
Condition nausea-vomiting: kleineres Übel; keine Übelkeit; sick of waiting; threw up his hands; been sick leave; kein Erbrechen;
  vomito assente
Condition anorexia: not eating meat; no come carne; non mangia carne; eet niet vegetarisch
Condition constipation: Katheter verstopft; Stuhlgang regelmäßig
Condition fatigue: fa fatica a camminare; cammina a fatica; MoE; uitgeputte voorraad; agotado el tratamiento; nicht müde
Condition polyuria: urina molto concentrata
Condition oliguria: urina poco concentrata; urine peu concentrée
Condition thirst: drinks a lot of alcohol
Condition breathlessness: no difficulty breathing; sin dificultad para respirar; keine Luftnot
Condition back-pain: pas de mal au dos; no le duele la espalda; brug doet pijn
Condition confusion: A&O x3; oriented to person, place and time
Condition long-tract-signs: Babinski neg.; Babinski -
Condition urinary-retention: bladder not palpable; no palpable bladder
Condition limb-weakness: arti inferiori forza 5/5; Beine: Kraft 5/5; arti superiori forza 3/5
"""


@pytest.mark.parametrize(("kind", "name", "said"), list(rows(SAID)))
def test_a_sign_in_plain_words_is_known(kind: str, name: str, said: str) -> None:
    assert codebook().of_words(kind, said).get(name) == "affirmed"


@pytest.mark.parametrize(("kind", "name", "said"), list(rows(NEIGHBOURS)))
def test_what_is_said_alike_is_another_thing(kind: str, name: str, said: str) -> None:
    assert codebook().of_words(kind, said).get(name) != "affirmed"
