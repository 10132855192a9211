"""Instructions in words: what a dose and a day come to, in six languages, or that nobody can know."""

from __future__ import annotations

import pytest

from tests.chart.orders.reading import in_words, shown

SIXTEEN = """
4 mg four times a day | 4 mg 4 times daily | 4 mg 4 (four) times daily | 4 mg N (four) times a day | 4 mg QDS | 4 mg q.i.d.
4 mg QID | 4 mg every 6 hours | 4 mg every six hours | 4 mg q6h | 4 mg Q 6 H | 4 mg 6-hourly | 4 mg 4x/d | 4 mg 4 x daily
4 mg x 4 daily | 4x4 mg/d | 4 x 4 mg daily | 8 mg BD | 8 mg b.i.d. | 8 mg twice daily | 8 mg two times a day | 8 mg q12h
8 mg in the morning and at noon | 8 mg with breakfast and 8 mg at lunch | 8 mg at 0800 and 1400 | 8 mg 0900 & 1800
8 mg at 8 am and 2 pm | 8 mg 08:00, 14:00 | 16 mg daily | 16 mg mane | 16 mg once a day | 16 mg every morning | 16 mg OD
16 mg per day | 16 mg/day | 16 mg/24 h | 16 mg/d in 4 divided doses | 16 mg daily in divided doses | 0.016 g daily
16,000 mcg daily | 4 tablets once daily | four tablets daily | 4 tabs QD | 2 tablets (8 mg) twice daily | 2 x 4 mg twice daily
two 4 mg tablets twice daily | 2 tablets of 4 mg twice daily | 16 mg (4 tablets) once daily | take 1 tablet 4 times a day
4 mg tablets: take 2 twice daily | 1-1-1-1 | 2-0-2-0 | 2-2-0 tablets | 4 mg 1-1-1-1 | 16 mg daily for 5 days
4 mg PO Q6H x 3/7 | 16 mg daily (4 mg four times a day) | Take 4 mg by mouth every 6 hours for 5 days. | 16 mg every 24 hours
8 mg (2x4mg) BD | 16 mg OM | 16 mg once every morning | 8 mg at 8am and 8 mg at 12 noon | 8 mg 08:00 14:00 | 8 mg 8 am; 2 pm
8 mg in the morning; and at night | 16 mg in the morning at 8 am | 16 mg = 4 tabs OD | 4 x 1 tablet daily
Give 8mg STAT then 4mg QDS | 2 (two) tablets 2 (two) times daily | every morning take 4 tablets | 4 mg q6h around the clock
je 2 Tbl. morgens und abends | 4 x tägl. 4 mg | morgens 2 Tabletten, mittags 2 Tabletten | 2x2 Tbl. tgl. | 2-mal täglich 8 mg
4 mg x 4/j | 8 mg le matin et 8 mg à midi | 16 mg par jour en 2 prises | 2 comp c/12h | 8 mg por la mañana y 8 mg por la noche
2 cpr x 2/die | 16 mg/die | 8 mg mattina e sera | elke 6 uur 4 mg | eenmaal daags 16 mg | 2 dd 8 mg
4 mg alle 6 Stunden | 4 mg 4x täglich | 4 mg 4 mal tgl. | 2 Tabletten morgens und mittags | 2 Tbl. 1-0-1-0 | 4x tgl. 4 mg
4 mg viermal am Tag | alle 12 Std. 8 mg | 8 mg um 8 und 14 Uhr
4 mg toutes les 6 heures | 4 mg 4 fois par jour | 8 mg matin et midi | 2 comprimés deux fois par jour | 8 mg 2x/j
4 mg à 8 h, 12 h, 16 h et 20 h
4 mg cada 6 horas | 8 mg cada 12 horas | 4 mg 4 veces al día | 2 comprimidos dos veces al día | 16 mg diarios
4 mg ogni 6 ore | 4 mg quattro volte al giorno | 2 compresse due volte al dì | 8 mg al mattino e a pranzo
4 mg om de 6 uur | 4 maal daags 4 mg | 2 dd 2 tabletten | 8 mg 's ochtends en 's middags
"""


@pytest.mark.parametrize(
    "text", [text.strip() for line in SIXTEEN.split("\n") for text in line.split("|") if text.strip()]
)
def test_sixteen_milligrams_a_day_however_they_are_written(text: str) -> None:
    found = in_words(text)
    assert (shown(found.daily), found.unclear) == ("16 mg", ())


@pytest.mark.parametrize(
    ("text", "dose", "daily"),
    [
        ("8 mg by mouth 4 times daily", "8 mg", "32 mg"),
        ("8 tablets once daily", "32 mg", "32 mg"),
        ("4 mg cada 8 horas", "4 mg", "12 mg"),
        ("8 mg every other day", "8 mg", "4 mg"),
        ("8 mg jeden zweiten Tag", "8 mg", "4 mg"),
        ("8 mg un jour sur deux", "8 mg", "4 mg"),
        ("40 mg weekly", "40 mg", "5.714 mg"),
        ("40 mg once a week on Mondays", "40 mg", "5.714 mg"),
        ("7 mg on Monday, Wednesday and Friday", "7 mg", "3 mg"),
        ("8 mg in the morning and 4 mg at noon", None, "12 mg"),
        ("morgens 8 mg, mittags 4 mg", None, "12 mg"),
        ("8 mg morning, 8 mg noon", "8 mg", "16 mg"),
        ("4 mg twice daily and 8 mg at bedtime", None, "16 mg"),
        ("4-0-4 mg", "4 mg", "8 mg"),
        ("4 mg 1-0-1-0", "4 mg", "8 mg"),
        ("morgens 2 Tabletten, mittags 1 Tablette", None, "12 mg"),
        ("halbe Tablette 2x täglich", "2 mg", "4 mg"),
        ("un demi comprimé deux fois par jour", "2 mg", "4 mg"),
        ("medio comprimido dos veces al día", "2 mg", "4 mg"),
        ("8 mg on Mondays and Thursdays at night", "8 mg", "2.286 mg"),
        ("60 mg twice yearly", "60 mg", "0.329 mg"),
        ("½ tablet bid", "2 mg", "4 mg"),
        ("1½ tabs bid", "6 mg", "12 mg"),
        ("1 1/2 tabs bid", "6 mg", "12 mg"),
        ("one and a half tablets bid", "6 mg", "12 mg"),
        ("1,5 mg daily", "1.5 mg", "1.5 mg"),
        ("0,5 mg täglich", "0.5 mg", "0.5 mg"),
        ("1,250 mg daily", "1250 mg", "1250 mg"),
        ("0.5 mg/kg daily", "0.5 mg/kg", "0.5 mg/kg"),
        ("600 mg/m² every 3 weeks", "600 mg/m2", "28.571 mg/m2"),
        ("4 mg in 100 mL over 15 min every 28 days", "4 mg", "0.143 mg"),
        ("10 mg IV, then 4 mg every 6 hours", "4 mg", "16 mg"),
        ("16 mg stat", "16 mg", None),
        ("16 mg x1", "16 mg", None),
        ("Two tablets at once, single dose", "8 mg", None),
        ("16 mg", "16 mg", None),
        ("40 mg weekly, 4 doses", "40 mg", "5.714 mg"),
        ("4 mg q28d, 6 doses total", "4 mg", "0.143 mg"),
        ("4 mg alle 4 Wochen, 6 Gaben", "4 mg", "0.143 mg"),
        ("4 mg cada 28 días, 6 dosis", "4 mg", "0.143 mg"),
        ("4 mg every 28 days x 3", "4 mg", "0.143 mg"),
        ("4 mg every 6 hours x 4", "4 mg", "16 mg"),
        ("4 mg every 4 weeks for 6 cycles", "4 mg", "0.143 mg"),
        ("4 mg alle 28 Tage, 6 Zyklen", "4 mg", "0.143 mg"),
        ("4 mg toutes les 4 semaines pendant 6 cures", "4 mg", "0.143 mg"),
        ("4 mg ogni 28 giorni per 6 cicli", "4 mg", "0.143 mg"),
        ("4 mg elke 4 weken gedurende 6 cycli", "4 mg", "0.143 mg"),
        ("20 mg daily on days 1-4 of 28-day cycles", "20 mg", "20 mg"),
        ("16 mg daily in 4 doses", "4 mg", "16 mg"),
    ],
)
def test_doses_and_days(text: str, dose: str | None, daily: str | None) -> None:
    found = in_words(text)
    assert (shown(found.dose), shown(found.daily), found.unclear) == (dose, daily, ())


@pytest.mark.parametrize(
    ("text", "daily"),
    [
        ("1-2 tablets every 4-6 hours", "16 to 48 mg"),
        ("1 to 2 tablets twice daily", "8 to 16 mg"),
        ("1 bis 2 Tabletten 2x täglich", "8 to 16 mg"),
        ("4 mg q6h PRN", "0 to 16 mg"),
        ("4 mg alle 6 Stunden bei Bedarf", "0 to 16 mg"),
        ("4 mg toutes les 6 heures si besoin", "0 to 16 mg"),
        ("4 mg cada 6 horas si precisa", "0 to 16 mg"),
        ("4 mg ogni 6 ore al bisogno", "0 to 16 mg"),
        ("4 mg om de 6 uur zo nodig", "0 to 16 mg"),
        ("4 mg every 6 hours as needed, max 12 mg/day", "0 to 12 mg"),
        ("4 mg every 6 hours as needed; do not exceed 2 tablets in 24 hours", "0 to 8 mg"),
        ("1 tablet up to 4 times daily", "0 to 16 mg"),
        ("1 tab PO q4-6h prn pain, max 6/day", "0 to 24 mg"),
        ("bei Bedarf bis zu 4x täglich 4 mg", "0 to 16 mg"),
        ("1 comprimé toutes les 8 heures si besoin, maximum 3 par jour", "0 to 12 mg"),
        ("½ to 1 tablet daily", "2 to 4 mg"),
        ("up to 16 mg daily", "0 to 16 mg"),
        ("4 mg every 6 hours if pain > 4", "0 to 16 mg"),
    ],
)
def test_ranges_and_maxima_stay_ranges(text: str, daily: str) -> None:
    found = in_words(text)
    assert (shown(found.daily), found.unclear) == (daily, ())


@pytest.mark.parametrize(
    "text",
    [
        "as directed",
        "per protocol",
        "4 mg biweekly",
        "1.250 mg daily",
        "1,250 mg täglich",
        "Take 2 500 mg tablets daily",
        "Do not give dexamethasone 4 mg daily",
        "16 mg daily (8 mg four times a day)",
        "16 mg daily, 4 mg twice daily",
        "16 mg/day BID",
        "8 mg twice daily, four times a day",
        "4 (five) mg daily",
        "2 mL twice daily",
        "10 drops daily",
        "2 capsules daily",
        "4 mg 2-0-2-0",
        "10-12-15",
        "4 mg 17 daily",
        "taper from 16 mg daily",
        "increased from 4 mg to 8 mg daily",
        "Discontinue dexamethasone 4 mg BD",
        "1-1/2 tablets bid",
        "4-2 tablets bid",
        "3x1 Tbl",
        "8 mg OD/BD",
        "8 mg alternate mornings",
        "8 mg twice every morning",
        "4 mg q4h while awake",
        "16 mg on day 1, 8 mg on days 2-4",
        "4 mg 3 weeks on 1 week off",
    ],
)
def test_what_may_mean_two_things_is_not_readable(text: str) -> None:
    found = in_words(text)
    assert found.daily is None
    assert found.unclear


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("16 mg daily for 5 days, then 8 mg daily for 5 days", "16 mg"),
        ("16 mg daily, reduce by 2 mg every 3 days", "16 mg"),
        ("16 mg täglich, dann 8 mg täglich", "16 mg"),
        ("16 mg par jour puis 8 mg par jour", "16 mg"),
        ("16 mg al día, luego 8 mg al día", "16 mg"),
        ("8 mg bd, tapering over 2 weeks", "16 mg"),
    ],
)
def test_steps_of_a_taper_are_not_summed(text: str, first: str) -> None:
    assert shown(in_words(text).daily) == first


def test_a_route_and_meals_change_no_dose() -> None:
    assert shown(in_words("Take 2 tablets (8 mg) by mouth twice a day with food, do not crush").daily) == "16 mg"


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("120 mg every 4 weeks", 28),
        ("120 mg q28d", 28),
        ("120 mg 3-weekly", 21),
        ("60 mg every 6 months", 168),
        ("4 mg daily", 1),
    ],
)
def test_days_between_doses(text: str, days: int) -> None:
    assert in_words(text, "denosumab").interval_days == days


@pytest.mark.parametrize(
    ("text", "daily"),
    [
        ("8 mg 8am and 12 noon", "16 mg"),
        ("8 mg at 08:00 and in the evening", "16 mg"),
        ("8 mg um 8 Uhr und mittags", "16 mg"),
        ("8 mg at 8 in the morning", "8 mg"),
        ("8 mg at 10 pm at night", "8 mg"),
        ("8 mg morgens 8:00, mittags 12:00", "16 mg"),
        ("8 mg 0800, 1200, 1800", "24 mg"),
        ("8 mg at 8am, in the morning and at noon", None),
    ],
)
def test_an_hour_and_a_part_of_the_day_are_one_time_where_the_hour_lies_in_it(text: str, daily: str | None) -> None:
    assert shown(in_words(text).daily) == daily


@pytest.mark.parametrize(
    ("text", "days"), [("q4w", 28), ("q3w", 21), ("q12w", 84), ("q 4 w", 28), ("q3m", 84), ("qw", 7)]
)
def test_oncology_counts_in_weeks(text: str, days: int) -> None:
    found = in_words(f"4 mg IV over 15 min {text}", "zoledronic acid")
    assert (shown(found.dose), found.interval_days) == ("4 mg", days)
