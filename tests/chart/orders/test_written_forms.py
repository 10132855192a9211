"""Forms of instructions as wards and pharmacies of six languages write them: what a day comes to, or that it is not known."""

from __future__ import annotations

import pytest

from tests.chart.orders.reading import in_words, shown

NOT_KNOWN = "not known"

AN_AMOUNT_FOR_SO_MANY_HOURS = """
8 mg/12 h: 16 mg | 8mg/12h vo: 16 mg | 4 mg/6h: 16 mg | 4 mg / 8 h: 12 mg | 1 comp/12h: 8 mg | 2 cp de 4 mg/12h: 16 mg
8 mg per 12 ore: 16 mg | 8 mg/24 h: 8 mg | 8 mg/48h: 4 mg | 8 mg c/12h: 16 mg | 4 mg c/8 hs: 12 mg | 4 mg om de 8 u: 12 mg
8 mg ttes les 12 h: 16 mg | 4 mg achtstündlich: 12 mg | 4 mg 8hrly: 12 mg | 8 mg q.12h: 16 mg | 8 mg q.6h: 32 mg
4 mg/15min: not known | 8 mg/2h: not known | 100 mL/h: not known | 100 mL/12 h: not known | 4 mg 8h/20h: not known
0.5 mg/hr IV infusion: not known | 8 mg/h CIVI: not known
"""

PARTS_OF_THE_DAY = """
8 mg am and pm: 16 mg | 8 mg am, 4 mg pm: 12 mg | 2 tabs q AM, 1 tab q PM: 12 mg | 8 mg QAM+QPM: 16 mg | 8 mg am 4 mg noon: 12 mg
8 mg qAM & qNoon: 16 mg | 4 mg am, noon, pm, hs: 16 mg | 8 mg am Abend: 8 mg | 8 mg am Tag: 8 mg | 8 mg am OP-Tag: not known
2 tabs in am, 1 in pm: 12 mg | 2 in the morning and 1 at night: 12 mg | je 1 Tbl. morgens u. abends: 8 mg
8 mg vor dem Frühstück: 8 mg | 8 mg Frühstück und Abendessen: 16 mg | 8 mg au petit dej et au diner: 16 mg
8 mg petit-déjeuner et déjeuner: 16 mg | 8 mg pranzo e cena: 16 mg | 8 mg prima di cena: 8 mg | 8 mg bij lunch en avondeten: 16 mg
1 comp en desayuno, comida y cena: 12 mg | 8 mg con desayuno, almuerzo y merienda: 24 mg | 8 mg en la mañana: 8 mg
8 mg morning or evening: not known | 8 mg morgens oder abends: not known | 8 mg matin ou soir: not known
"""

MEALS = """
4 mg tid ac: 12 mg | 4 mg qid (ac & hs): 16 mg | 4 mg 3x/day with meals: 12 mg | 4 mg tid with meals and 4 mg hs: 16 mg
16 mg/day with meals: 16 mg | 1-0-1 zu den Mahlzeiten: 8 mg | 4 mg ac & hs: not known | 4 mg with meals and at bedtime: not known
4 mg nach den Mahlzeiten und zur Nacht: not known | 4 mg après les repas et au coucher: not known | 4 mg dopo i pasti: not known
4 mg na de maaltijden en voor het slapen: not known | 4 mg con las comidas y al acostarse: not known | 4 mg pc: not known
"""

DAYS = """
8 mg every third day: 2.667 mg | 8 mg every 3rd day: 2.667 mg | 8 mg every fourth day: 2 mg | 8 mg jeden dritten Tag: 2.667 mg
8 mg jeden 3. Tag: 2.667 mg | 8 mg every third week: 0.381 mg | 8 mg jede dritte Woche: 0.381 mg | 8 mg ogni terzo giorno: 2.667 mg
8 mg om de dag: 4 mg | 8 mg om de andere dag: 4 mg | 8 mg om de week: 0.571 mg | 8 mg every blue day: not known
8 mg cada tercer día: not known | 8 mg qwk: 1.143 mg | 8 mg Mon-Fri: 5.714 mg | 8 mg Monday through Friday: 5.714 mg
8 mg Montag bis Freitag: 5.714 mg | 8 mg du lundi au vendredi: 5.714 mg | 8 mg de lunes a viernes: 5.714 mg
8 mg dal lunedì al venerdì: 5.714 mg | 8 mg maandag t/m vrijdag: 5.714 mg | 7 mg Saturday to Monday: 3 mg
8 mg bid Mon-Fri: 11.429 mg | 8 mg 5 days a week: 5.714 mg | 8 mg bid 5 days/week: 11.429 mg | 8 mg for 5 days a week: 5.714 mg
8 mg 5 Tage pro Woche: 5.714 mg | 8 mg 5 días a la semana: 5.714 mg | 8 mg 5 dagen per week: 5.714 mg
7 mg 8 days a week: not known | 8 mg daily for 2 weeks every month: not known | 8 mg daily for 5 days every 3 weeks: not known
8 mg bid for 5 days every 3 weeks: not known | 8 mg daily, weekly: not known
8 mg weekly 5 days a week: not known | 8 mg daily except Sundays: not known | 8 mg täglich außer sonntags: not known
8 mg tous les jours sauf le dimanche: not known | 8 mg diario excepto domingos: not known | 8 mg dagelijks behalve zondag: not known
8 mg ogni giorno tranne la domenica: not known | 4 mg bd 5/7: 8 mg | 4 mg bd 2/52: 8 mg | 4mg bd 5/7 then 2mg bd 5/7: 8 mg
"""

FROM_AND_TO = """
8 mg once or twice daily: 8 to 16 mg | 8 mg once to twice daily: 8 to 16 mg | 8 mg two or three times a day: 16 to 24 mg
8 mg ein- bis zweimal täglich: 8 to 16 mg | 8 mg daily or bid: 8 to 16 mg | 8 mg BID-TID: 16 to 24 mg | 8 mg bid to tid: 16 to 24 mg
8 mg bid or daily: not known | 8 mg tid/qid: not known | pas plus de 16 mg par jour: 0 to 16 mg | no más de 16 mg al día: 0 to 16 mg
at least 8 mg daily: not known | mindestens 8 mg täglich: not known | au moins 8 mg par jour: not known
al menos 8 mg al día: not known | almeno 8 mg al giorno: not known | minstens 8 mg per dag: not known
less than 16 mg daily: not known | >= 8 mg daily: not known | <16 mg daily: not known | ≤ 8 mg/day: not known
"""

COUNTS = """
8 milligramos dos veces al dia: 16 mg | 8 pellets bid: not known | 8 pellets/day: not known | take 2 by mouth bid: 16 mg
one to be taken twice a day: 8 mg | two to be taken each morning: 8 mg | eine halbe Tablette morgens und abends: 4 mg
4mg 1 tab bid: 8 mg | 8 mg 2 tabs bid: 16 mg | 8 mg 1 tab bid: not known | 4 mg (four milligrams) qid: 16 mg
4 mg (five milligrams) qid: not known | zweimal 8 mg täglich: 16 mg | dos veces 8 mg al día: 16 mg | twice 8 mg: not known
2 Tbl à 4 mg 2x tgl.: 16 mg | 2 comprimés à 4 mg matin et soir: 16 mg | 1 pastilla 2 veces al día: 8 mg
8 mg morning,4 mg noon: not known | dexa.5 mg daily: not known | .5 mg daily: 0.5 mg
"""


def _rows(table: str) -> list[tuple[str, str]]:
    rows = [row.strip().rpartition(": ") for line in table.strip().split("\n") for row in line.split(" | ")]
    return [(text, comes_to) for text, _, comes_to in rows]


@pytest.mark.parametrize(
    ("text", "comes_to"),
    [
        row
        for table in (AN_AMOUNT_FOR_SO_MANY_HOURS, PARTS_OF_THE_DAY, MEALS, DAYS, FROM_AND_TO, COUNTS)
        for row in _rows(table)
    ],
)
def test_a_day_comes_to(text: str, comes_to: str) -> None:
    found = in_words(text)
    assert (shown(found.daily) or NOT_KNOWN) == comes_to
    assert not found.unclear or comes_to == NOT_KNOWN
