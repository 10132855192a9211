"""Units of measurement: the many ways to write one, our normal form of UCUM, and the ratios between like units.

The normal form is UCUM, except that the letter case is always UCUM's and every plain annotation (``{score}``) is ``1``. How
a language spells them (``grammes``, ``per minute``) stands in its file of words.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache

from cds_service.terminology.wording import plain


class UnlikeUnits(ValueError):
    """Two units that no known factor joins."""


class Units:
    """Reads units: codes and signs always, spelled words as far as a vocabulary has them."""

    def __init__(
        self, spelt: Mapping[str, str] | None = None, per: Iterable[str] = (), events: Iterable[str] = ()
    ) -> None:
        """``spelt`` are words to units in normal form; ``events`` are counted in them, such as heart ``beats``."""
        spelt = spelt or {}
        self._whole = _WHOLE | {word: unit for word, unit in spelt.items() if "/" in unit}
        self._counts = _COUNTS | {word: unit for word, unit in spelt.items() if unit.startswith("10*")}
        self._simple = _ALIASES | {
            word: unit for word, unit in spelt.items() if word not in self._whole and word not in self._counts
        }
        self._per = tuple(f" {word} " for word in per)
        self._events = frozenset({"", "1", *events})
        self._known: dict[str, str | None] = {}

    def normalise(self, text: str) -> str | None:
        """Give a unit its normal form: ``mg/dl``, ``MG/DL`` and ``mg%`` are ``mg/dL``; ``None`` for what is no known unit.

        ``1`` is a plain number or fraction. Upper case ``G/L`` is grams, not the rare giga-per-litre.
        """
        try:
            return self._known[text]
        except KeyError:
            unit = self._normalise(text)
            if len(self._known) < _REMEMBERED and len(text) <= _LONGEST:  # it comes from outside: memory stays bounded
                self._known[text] = unit
            return unit

    def _normalise(self, text: str) -> str | None:
        if len(text) > _LONGEST:
            return None
        for raised, written in _RAISED:
            text = text.replace(raised, written)
        lower = plain(text.strip().translate(_MARKS)).lower()
        if "/" in lower:
            lower = lower.removesuffix(".")  # the end of a sentence; "m." alone may be a language's minute or month
        for per in self._per:
            lower = lower.replace(per, "/")
        whole = self._whole.get(lower.replace(" ", ""))
        if whole:
            return whole
        lower, surface = _SURFACE.subn("", lower) if "73" in lower else (lower, 0)
        lower = _INVERSE.sub(r"/\1", lower)
        bare = _ANNOTATION.sub("", lower).replace(" ", "")
        if not bare:
            return "1" if lower else None
        above, *below = bare.split("/")
        unit = self._above(above, below)
        if unit is None or not all(part in self._simple for part in below):
            return None
        parts = [unit, *(self._simple[part] for part in below)]
        return "/".join(parts) + ("/{1.73_m2}" if surface else "")

    def _above(self, text: str, below: list[str]) -> str | None:
        if text in self._events:
            return "" if below else ("1" if text == "1" else None)
        text = text[1:] if text.startswith("x1") else text
        if text in self._counts and (text not in {"k", "m"} or (below and self._simple.get(below[0]) == "uL")):
            return self._counts[text]
        return self._simple.get(text)


@lru_cache(maxsize=1024)
def ratio(unit: str, target: str, substance: str = "") -> Fraction:
    """Give the exact number by which a value in ``unit`` is multiplied to be in ``target``; both in normal form.

    Mass and amount of substance are joined only for a substance with a published factor. Raises :class:`UnlikeUnits`.
    """
    if unit == target:
        return Fraction(1)
    (from_factor, from_kind), (to_factor, to_kind) = _measure(unit), _measure(target)
    if from_kind == to_kind:
        return from_factor / to_factor
    factor = _across(from_kind, to_kind, substance)
    if factor is None:
        of = f" of {substance}" if substance else " of a substance that is not named"
        raise UnlikeUnits(f"cannot turn {unit!r} into {target!r}{of}: no factor joins them")
    return from_factor / to_factor * factor


def alike(unit: str, target: str) -> bool:
    """Whether two units in normal form measure the same kind of thing, without help of a substance."""
    return unit == target or _measure(unit)[1] == _measure(target)[1]


def nearest_unit(text: str) -> str:
    """Name the known unit that reads most like this text, for an error message; empty when none does."""
    near = difflib.get_close_matches(text, _COMMON, n=1, cutoff=0.5)
    return near[0] if near else ""


@lru_cache(maxsize=1024)
def displayed(unit: str) -> str:
    """Write a normal unit as clinicians read it: ``mL/min/1.73 m2``, ``IU``, ``mmHg``; empty for a plain number."""
    for code, written in _DISPLAYED:
        unit = unit.replace(code, written)
    return "" if unit == "1" else unit


Kind = tuple[tuple[str, ...], tuple[str, ...]]
"""Dimensions above and below the stroke; they never cancel, so that mmol/mol is no percentage."""

# Each simple unit: its kind and its size in the kind's first unit.
_ATOMS: dict[str, tuple[str, Fraction]] = {
    "g": ("mass", Fraction(1)),
    "kg": ("mass", Fraction(1000)),
    "mg": ("mass", Fraction(1, 10**3)),
    "ug": ("mass", Fraction(1, 10**6)),
    "ng": ("mass", Fraction(1, 10**9)),
    "pg": ("mass", Fraction(1, 10**12)),
    "[lb_av]": ("mass", Fraction("453.59237")),  # international avoirdupois pound, UCUM
    "[oz_av]": ("mass", Fraction("28.349523125")),
    "mol": ("amount", Fraction(1)),
    "mmol": ("amount", Fraction(1, 10**3)),
    "umol": ("amount", Fraction(1, 10**6)),
    "nmol": ("amount", Fraction(1, 10**9)),
    "pmol": ("amount", Fraction(1, 10**12)),
    "eq": ("charge", Fraction(1)),
    "meq": ("charge", Fraction(1, 10**3)),
    "L": ("volume", Fraction(1)),
    "dL": ("volume", Fraction(1, 10)),
    "mL": ("volume", Fraction(1, 10**3)),
    "uL": ("volume", Fraction(1, 10**6)),
    "s": ("time", Fraction(1)),
    "min": ("time", Fraction(60)),
    "h": ("time", Fraction(3600)),
    "d": ("time", Fraction(86400)),
    "wk": ("time", Fraction(604800)),
    "mo": ("calendar", Fraction(1)),  # no fixed number of days
    "a": ("calendar", Fraction(12)),
    "m": ("length", Fraction(1)),
    "cm": ("length", Fraction(1, 100)),
    "mm": ("length", Fraction(1, 1000)),
    "[in_i]": ("length", Fraction("0.0254")),
    "[ft_i]": ("length", Fraction("0.3048")),
    "m2": ("area", Fraction(1)),
    "{1.73_m2}": ("standard body surface", Fraction(1)),
    "1": ("", Fraction(1)),
    "%": ("", Fraction(1, 100)),
    "U": ("activity", Fraction(1)),  # an enzyme's U and IU are one, and so are the IU and "unit" of a medicine
    "mU": ("activity", Fraction(1, 1000)),
    "uU": ("activity", Fraction(1, 10**6)),
    "kU": ("activity", Fraction(1000)),
    "[IU]": ("activity", Fraction(1)),
    "m[IU]": ("activity", Fraction(1, 1000)),
    "u[IU]": ("activity", Fraction(1, 10**6)),
    "k[IU]": ("activity", Fraction(1000)),
    "Gy": ("absorbed dose", Fraction(1)),
    "cGy": ("absorbed dose", Fraction(1, 100)),
    "mGy": ("absorbed dose", Fraction(1, 1000)),
    "Bq": ("radioactivity", Fraction(1)),
    "kBq": ("radioactivity", Fraction(10**3)),
    "MBq": ("radioactivity", Fraction(10**6)),
    "mm[Hg]": ("pressure", Fraction(1)),
    "kPa": ("pressure", Fraction("7.50062")),
    "Cel": ("Celsius", Fraction(1)),
    "[degF]": ("Fahrenheit", Fraction(1)),
    "10*3": ("", Fraction(10**3)),
    "10*6": ("", Fraction(10**6)),
    "10*9": ("", Fraction(10**9)),
    "10*12": ("", Fraction(10**12)),
}

# Grams that make one mole, chosen so that the factors of the rule book (section 3.3) come out exactly.
_GRAMS_PER_MOLE: dict[str, Fraction] = {
    "calcium": Fraction("40.08"),  # 4.008 mg/dL per mmol/L (rule book 2.5)
    "creatinine": Fraction(100_000, 884),  # 1 mg/dL = 88.4 umol/L
    "vitamin-d": 1000 / Fraction("2.496"),  # 1 ng/mL = 2.496 nmol/L (25-hydroxyvitamin D)
    "pth": 1000 / Fraction("0.106"),  # 1 pg/mL = 0.106 pmol/L (intact PTH)
    "magnesium": 10 / Fraction("0.411"),  # 1 mg/dL = 0.411 mmol/L
    "glucose": Fraction("180.16"),  # 18.016 mg/dL per mmol/L
    "urea": Fraction(28),  # 2.8 mg/dL of urea NITROGEN per mmol/L of urea
    "phosphate": Fraction("30.974"),  # reported as phosphorus, 30.974 g/mol (IUPAC standard atomic weight)
    "potassium": Fraction("39.098"),  # IUPAC standard atomic weight
    "haemoglobin": Fraction(16_114),  # monomer: 1 mmol/L = 1.6114 g/dL (IFCC)
}
# Charges of the ion: 1 mmol/L of calcium is 2 mEq/L.
_VALENCE: dict[str, int] = {"calcium": 2, "magnesium": 2, "potassium": 1}

_ALIASES: dict[str, str] = {
    **{atom.lower(): atom for atom in _ATOMS},
    "[lb_us]": "[lb_av]",
    "100ml": "dL",
    "cm3": "mL",
    **dict.fromkeys(("mm3", "mm*3", "mm^3"), "uL"),
    "[in_us]": "[in_i]",
    "[ft_us]": "[ft_i]",
    **dict.fromkeys(("m^2", "m*2"), "m2"),
    "usp'u": "U",
    **dict.fromkeys(("iu", "i.u.", "[iu'u]"), "[IU]"),
    "miu": "m[IU]",
    "uiu": "u[IU]",
    "kiu": "k[IU]",
    "mmhg": "mm[Hg]",
    **dict.fromkeys(("c", "°c"), "Cel"),
    **dict.fromkeys(("f", "°f"), "[degF]"),
}
# What stands above the stroke when cells are counted: K/uL is thousands.
_COUNTS: dict[str, str] = {
    **dict.fromkeys(("k", "1000", "10^3", "10e3", "10**3", "10(3)"), "10*3"),
    **dict.fromkeys(("m", "10^6", "10e6", "10**6", "10(6)"), "10*6"),
    **dict.fromkeys(("10^9", "10e9", "10**9", "10(9)"), "10*9"),
    **dict.fromkeys(("10^12", "10e12", "10**12", "10(12)"), "10*12"),
}
_WHOLE: dict[str, str] = {
    **dict.fromkeys(("/nl", "1/nl"), "10*9/L"),
    "mg%": "mg/dL",
    "g%": "g/dL",
    "{percent}": "%",
    "kg/m*2": "kg/m2",
}
_DISPLAYED = (
    ("{1.73_m2}", "1.73 m2"),
    ("[IU]", "IU"),
    ("[lb_av]", "lb"),
    ("[oz_av]", "oz"),
    ("[in_i]", "in"),
    ("[ft_i]", "ft"),
    ("[Hg]", "Hg"),
    ("[degF]", "°F"),
    ("Cel", "°C"),
    ("meq", "mEq"),
    ("10*", "10^"),
)
_COMMON = (
    *("mmol/L", "mg/dL", "g/L", "g/dL", "umol/L", "nmol/L", "ng/mL", "pg/mL", "pmol/L", "U/L", "10*9/L"),
    *(
        "mL/min",
        "mL/min/{1.73_m2}",
        "L/min",
        "mg/kg",
        "mg/d",
        "kg",
        "g",
        "mg",
        "ug",
        "[IU]",
        "Gy",
        "cGy",
        "mL",
        "cm",
        "%",
    ),
)

_REMEMBERED = 4096
_LONGEST = 48
_SURFACE = re.compile(r"[/ (]*\{?1[.,]73[ ._*]*(?:/?m(?:\^|\*|\*\*)?2|sq\.? ?m[a-z]{0,6})?[})]?$")
_ANNOTATION = re.compile(r"\{[^{}]*\}")
_INVERSE = re.compile(r"[ .·*]([a-z]+)(?:\^?[-−]1|⁻¹)")
_RAISED = (("10³", "10^3"), ("10⁶", "10^6"), ("10⁹", "10^9"), ("10¹²", "10^12"))
_MARKS = str.maketrans({"µ": "u", "μ": "u", "²": "2", "³": "3", "×": "x", "∕": "/", "\u00a0": " ", "−": "-"})


CODES = Units()
"""Reads units as standards write them, which is how card files do."""
normalise_unit = CODES.normalise


@lru_cache(maxsize=1024)
def _measure(unit: str) -> tuple[Fraction, Kind]:
    above, *below = unit.split("/")
    try:
        kind, factor = _ATOMS[above or "1"]
        kinds = []
        for part in below:
            part_kind, part_factor = _ATOMS[part]
            kinds.append(part_kind)
            factor /= part_factor
    except KeyError as unknown:
        raise UnlikeUnits(f"{unit!r} is no unit in normal form: {unknown.args[0]!r} is not known") from None
    return factor, ((kind,) if kind else (), tuple(sorted(kinds)))


def _across(source: Kind, target: Kind, substance: str) -> Fraction | None:
    """Give the factor between mass, amount and charge of one substance when all below the stroke is equal."""
    if source[1] != target[1] or len(source[0]) != 1 or len(target[0]) != 1:
        return None
    moles = _moles(source[0][0], substance)
    target_moles = _moles(target[0][0], substance)
    return moles / target_moles if moles and target_moles else None


def _moles(kind: str, substance: str) -> Fraction | None:
    """Give the moles of a substance in one gram, mole or equivalent; ``None`` when no factor is published here."""
    if kind == "amount":
        return Fraction(1)
    if kind == "mass" and substance in _GRAMS_PER_MOLE:
        return 1 / _GRAMS_PER_MOLE[substance]
    if kind == "charge" and substance in _VALENCE:
        return Fraction(1, _VALENCE[substance])
    return None
