"""Signs of the cord as patients and triage nurses say them, in six languages, and what is said alike of something else."""

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
"""


@pytest.mark.parametrize(("kind", "name", "said"), list(rows(SAID)))
def test_a_sign_in_plain_words_is_known(kind: str, name: str, said: str) -> None:
    assert codebook().of_words(kind, said).get(name) == "affirmed"


@pytest.mark.parametrize(("kind", "name", "said"), list(rows(NEIGHBOURS)))
def test_what_is_said_alike_is_another_thing(kind: str, name: str, said: str) -> None:
    assert codebook().of_words(kind, said).get(name) != "affirmed"
