"""One dose in many writings: every writing gives the one daily dose, or says that it cannot be read. Never another number."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cds_service.chart.orders.step_amounts import StepAmount
from tests.chart.orders.reading import taking

RATES = {
    1: (
        *(
            "daily",
            "once daily",
            "OD",
            "every 24 hours",
            "mane",
            "every morning",
            "1x tgl.",
            "täglich",
            "einmal täglich",
        ),
        *(
            "une fois par jour",
            "le matin",
            "una vez al día",
            "cada 24 horas",
            "una volta al giorno",
            "1 dd",
            "eenmaal daags",
        ),
    ),
    2: (
        *(
            "twice daily",
            "BID",
            "b.d.",
            "q12h",
            "2x/d",
            "0800 & 1800",
            "om & on",
            "morgens und abends",
            "zweimal täglich",
        ),
        *("2 fois par jour", "matin et soir", "toutes les 12 h", "cada 12 horas", "dos veces al día", "2 volte al dì"),
        *("mattina e sera", "2 dd", "2x per dag"),
    ),
    3: (
        *("three times a day", "TDS", "q8h", "8-hourly", "alle 8 Stunden", "3x tgl.", "toutes les 8 heures"),
        *(
            "trois fois par jour",
            "cada 8 horas",
            "tres veces al día",
            "ogni 8 ore",
            "3 volte al giorno",
            "3 dd",
            "om de 8 uur",
        ),
    ),
    4: (
        *(
            "4 times daily",
            "four times a day",
            "N (four) times daily",
            "QID",
            "q6h",
            "alle 6 Stunden",
            "viermal täglich",
        ),
        *("toutes les 6 heures", "quatre fois par jour", "cada 6 horas", "cuatro veces al día", "ogni 6 ore"),
        *("4 volte al giorno", "om de 6 uur", "viermaal daags", "4 dd"),
    ),
}
"""Times a day, and how people say it."""
STRENGTHS = ("0.5", "1", "1.5", "2", "4", "6", "8", "10", "20")
COUNTS = ("0.5", "1", "1.5", "2", "3", "4", "8")
FORMS = (
    "tablets",
    "tabs",
    "TAB",
    "tablet(s)",
    "Tabletten",
    "Tbl.",
    "comprimés",
    "cp",
    "comprimidos",
    "compresse",
    "tabletten",
)
TAILS = (
    "",
    " by mouth",
    " PO",
    " with food",
    " for 5 days",
    " x 5 days",
    " oral",
    ", do not crush",
    ". Swallow whole",
    " (dexamethasone)",
)


def plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def comma(value: Decimal) -> str:
    return plain(value).replace(".", ",")


Writing = Callable[[Decimal, Decimal, str, str], str]
"""Of count, strength, rate in words, and form."""
BARE_COUNT: Writing = lambda count, strength, rate, form: f"Take {plain(count)} {rate}"  # noqa: E731
WRITINGS: tuple[Writing, ...] = (
    lambda count, strength, rate, form: f"{plain(count * strength)} mg {rate}",
    lambda count, strength, rate, form: f"{comma(count * strength)} mg {rate}",
    lambda count, strength, rate, form: f"{plain(count * strength)}mg {rate}",
    lambda count, strength, rate, form: f"{plain(count * strength * 1000)} mcg {rate}",
    lambda count, strength, rate, form: f"{count * strength * 1000:,.0f} mcg {rate}",
    lambda count, strength, rate, form: f"{plain(count)} {form} {rate}",
    lambda count, strength, rate, form: f"{rate} {plain(count)} {form}",
    lambda count, strength, rate, form: f"{plain(count)} {form} ({plain(count * strength)} mg) {rate}",
    lambda count, strength, rate, form: f"{plain(count)} {form} = {plain(count * strength)} mg {rate}",
    lambda count, strength, rate, form: f"{plain(count * strength)} mg ({plain(count)} {form}) {rate}",
    lambda count, strength, rate, form: f"{plain(count)} {form} of {plain(strength)} mg {rate}",
    lambda count, strength, rate, form: f"{plain(count)} x {plain(strength)} mg {rate}",
    BARE_COUNT,
    lambda count, strength, rate, form: f"{rate}: {plain(count * strength)} mg",
)


def right_or_unknown(found: StepAmount, milligrams: Decimal) -> bool:
    """The daily dose, within the thousandth of a milligram that is kept, or nothing with a reason."""
    if found.daily is None:
        return bool(found.unclear) or found.dose is None
    daily = found.daily.to("mg")
    return daily is not None and daily.exact and abs(daily.least - milligrams) < Decimal("0.001")


@st.composite
def orders(draw: st.DrawFn) -> tuple[Decimal, Decimal, int, str, str]:
    count, strength = Decimal(draw(st.sampled_from(COUNTS))), Decimal(draw(st.sampled_from(STRENGTHS)))
    times = draw(st.sampled_from(sorted(RATES)))
    return count, strength, times, draw(st.sampled_from(RATES[times])), draw(st.sampled_from(FORMS))


@settings(deadline=None)
@given(orders(), st.sampled_from(WRITINGS), st.sampled_from(TAILS))
def test_words_give_the_dose_or_nothing(
    order: tuple[Decimal, Decimal, int, str, str], write: Writing, tail: str
) -> None:
    count, strength, times, rate, form = order
    found = taking(
        {"text": write(count, strength, rate, form) + tail}, name=f"Dexamethasone {plain(strength)} MG Oral Tablet"
    )
    assert right_or_unknown(found, count * strength * times)


@settings(deadline=None)
@given(orders(), st.sampled_from(WRITINGS))
def test_the_usual_writings_are_understood(order: tuple[Decimal, Decimal, int, str, str], write: Writing) -> None:
    count, strength, _times, rate, form = order
    text = write(count, strength, rate, form)
    assume("," not in text)  # 1,500 is fifteen hundred in English and one and a half elsewhere
    assume(write is not BARE_COUNT or not rate.startswith("N "))  # "1 N" may be one of anything, or one at night
    assert taking({"text": text}, name=f"Dexamethasone {plain(strength)} MG Oral Tablet").daily is not None


@settings(deadline=None)
@given(orders(), st.sampled_from([write for write in WRITINGS if write is not BARE_COUNT]), st.data())
def test_a_number_too_many_never_makes_another_dose(
    order: tuple[Decimal, Decimal, int, str, str], write: Writing, data: st.DataObject
) -> None:
    count, strength, _times, rate, form = order
    number = data.draw(st.sampled_from(["7", "13", "17,5", "1.250", "2 500"]))
    text = write(count, strength, rate, form)
    text = data.draw(st.sampled_from([f"{number} {text}", f"{text} {number}", f"{text}, {number}"]))
    assert taking({"text": text}, name=f"Dexamethasone {plain(strength)} MG Oral Tablet").daily is None


@st.composite
def structures(draw: st.DrawFn, count: Decimal, strength: Decimal, times: int) -> dict[str, Any]:
    """A FHIR dosage of so many tablets so often, in one of the ways that records write it."""
    milligrams = {"value": float(count * strength), "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}
    tablets = {
        "value": float(count),
        **draw(st.sampled_from([{"code": "{pill}"}, {"unit": "tablet"}, {"unit": "TAB", "code": "TAB"}])),
    }
    amount = draw(st.sampled_from([milligrams, tablets]))
    epic = "https://open.epic.com/fhir/extensions/"
    dose = draw(
        st.sampled_from(
            [
                {"doseAndRate": [{"doseQuantity": amount}]},
                {"doseQuantity": amount},
                {"doseAndRate": [{"doseRange": {"low": amount, "high": amount}}]},
                {"extension": [{"url": f"{epic}ordered-dose", "valueQuantity": milligrams}]},
                {"extension": [{"url": f"{epic}admin-amount", "valueQuantity": tablets}]},
            ]
        )
    )
    timing = draw(
        st.sampled_from(
            [
                {"repeat": {"frequency": times, "period": 1, "periodUnit": "d"}},
                {"repeat": {"period": 24 // times, "periodUnit": "h"}},
                {"repeat": {"timeOfDay": ["08:00:00", "12:00:00", "16:00:00", "20:00:00"][:times]}},
                {"repeat": {"when": ["MORN", "NOON", "EVE", "HS"][:times]}},
                {"code": {"text": draw(st.sampled_from(RATES[times]))}},
                {"code": {"coding": [{"code": {1: "QD", 2: "BID", 3: "TID", 4: "QID"}[times]}]}},
            ]
        )
    )
    return {**dose, "timing": timing}


@settings(deadline=None)
@given(orders(), st.data())
def test_structures_give_the_dose(order: tuple[Decimal, Decimal, int, str, str], data: st.DataObject) -> None:
    count, strength, times, _, _ = order
    line = data.draw(structures(count, strength, times))
    found = taking(line, name=f"Dexamethasone {plain(strength)} MG Oral Tablet")
    assert found.daily is not None and right_or_unknown(found, count * strength * times)


@settings(deadline=None)
@given(orders(), orders(), st.sampled_from(WRITINGS), st.data())
def test_structure_and_words_give_one_dose_or_none(
    order: tuple[Decimal, Decimal, int, str, str],
    other: tuple[Decimal, Decimal, int, str, str],
    write: Writing,
    data: st.DataObject,
) -> None:
    count, strength, times, _, _ = order
    line = data.draw(structures(count, strength, times))
    text = write(other[0], strength, other[3], other[4])
    found = taking({**line, "text": text}, name=f"Dexamethasone {plain(strength)} MG Oral Tablet")
    assert right_or_unknown(found, count * strength * times)


@settings(deadline=None)
@given(st.text(alphabet="0123456789 .,-/x()mgtabdhq+;=½äéµ\n", max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    found = taking({"text": text})
    assert found.daily is None or found.daily.least >= 0
