"""The product that an order names: its form, and how much drug one of it or a millilitre of it holds."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import msgspec
from msgspec import Raw, Struct

from cds_service.chart.orders import wire
from cds_service.chart.orders.amounts import BARE, Amount, Unclear
from cds_service.chart.orders.phrases import Labelled, Strength, phrases
from cds_service.chart.orders.quantities import amount_of
from cds_service.terminology.order_words import OrderWords
from cds_service.terminology.said import said

_SOLID = frozenset({"tablet", "capsule", "pill", "film", "lozenge", "suppository", "sachet", "piece"})
_CONTAINERS = frozenset({"vial", "ampoule", "syringe", "bag", "bottle", "pen", "injection"})
FORMS = _SOLID | _CONTAINERS
"""Forms of medicines that are counted."""
_ANY_SOLID = frozenset({"pill", "piece", BARE})
_MEASURES = {"teaspoon": Decimal(5)}  # mL
_ROUNDED = Decimal("0.02")
"""Labels round: 120 mg in 1.7 mL is called 70 mg/mL."""


class Product(Struct, frozen=True):
    """A product as it is named or described."""

    form: str = ""
    strengths: tuple[Strength, ...] = ()
    """One for each ingredient."""
    volume: Amount | None = None
    """What a container holds, when the name says so."""
    unclear: Unclear | None = None

    @property
    def named_dose(self) -> Amount | None:
        """The amount beside a drug's bare name, as in "denosumab 120 mg": no form says that it is a strength."""
        if self.form or self.volume or len(self.strengths) != 1 or self.strengths[0].per is not None:
            return None
        return self.strengths[0].holds

    @property
    def content(self) -> Amount | None:
        """What one container or tablet holds, when the name says so."""
        one = next((form for form in (self.form, "vial") if form in FORMS), "")
        held = self.measure(Amount(Decimal(1), Decimal(1), one, True)) if self.strengths else None
        return held if isinstance(held, Amount) else None

    def says(self, strength: Strength) -> bool:
        """Whether this strength is that of one of its ingredients."""
        return any(_same(strength, known, self.volume) for known in self.strengths)

    def measure(self, amount: Amount) -> Amount | Unclear:
        """How much drug a dose is: tablets and millilitres times strength; what is measured in milligrams stands."""
        if amount.counted and amount.unit in _MEASURES:
            amount = amount.times(_MEASURES[amount.unit], "mL")
        if not amount.counted and amount.unit not in {"mL", "L", "uL"}:
            return amount
        if self.unclear is not None:
            return self.unclear
        if not self.strengths:
            return Unclear("dose", said("{amount}, strength not stated", amount=amount.phrase))
        if len(self.strengths) > 1:
            return Unclear("dose", said("{amount} of a product with several ingredients", amount=amount.phrase))
        strength = self.strengths[0]
        return self._of_volume(amount, strength) if not amount.counted else self._of_count(amount, strength)

    def _of_volume(self, volume: Amount, strength: Strength) -> Amount | Unclear:
        per = strength.per if strength.per is not None and not strength.per.counted else self.volume
        alike = volume.to(per.unit) if per is not None else None
        if alike is None or per is None:
            return Unclear("dose", said("{amount}, and nothing says how much a millilitre holds", amount=volume.phrase))
        return Amount(
            strength.holds.least * alike.least / per.least,
            strength.holds.least * alike.most / per.least,
            strength.holds.unit,
        )

    def _of_count(self, count: Amount, strength: Strength) -> Amount | Unclear:
        form = count.unit
        if form in _ANY_SOLID and self.form in FORMS:
            form = self.form
        elif form == BARE or (form in FORMS and self.form and not _alike(form, self.form)):
            if not self.form:
                return Unclear("dose", said("{amount} of a product whose form is not stated", amount=count.phrase))
            return Unclear("dose", said("{amount} of a product in {forms}", amount=count.phrase, forms=f"{self.form}s"))
        per = strength.per
        if form in _CONTAINERS and per is not None and not per.counted:
            whole = self.volume or (per if per.least != 1 else None)
            if whole is None:
                return Unclear(
                    "dose", said("{amount}, and nothing says how many millilitres one holds", amount=count.phrase)
                )
            held = self._of_volume(whole, strength)
            return held.times(count.least) if isinstance(held, Amount) and count.exact else _ranged(count, held)
        if per is not None and (not per.counted or not (_alike(per.unit, form) or form in _ANY_SOLID)):
            return Unclear(
                "dose", said("{amount}, and the strength is of a {form}", amount=count.phrase, form=per.unit)
            )
        if form not in FORMS and (per is None or per.unit != form):
            return Unclear("dose", said("{amount}, strength of one not stated", amount=count.phrase))
        share = 1 / per.least if per is not None else Decimal(1)
        return Amount(
            strength.holds.least * count.least * share, strength.holds.least * count.most * share, strength.holds.unit
        )


def _ranged(count: Amount, held: Amount | Unclear) -> Amount | Unclear:
    if isinstance(held, Unclear):
        return held
    return Amount(held.least * count.least, held.most * count.most, held.unit)


def _alike(form: str, other: str) -> bool:
    """Whether two names may mean the same thing: a pill is a tablet or a capsule, an injection is a container."""
    if form == other or ({form, other} & {"pill", "piece"} and {form, other} <= _SOLID):
        return True
    return "injection" in {form, other} and {form, other} <= _CONTAINERS


def product_of(texts: Iterable[str], ingredients: Raw, words: OrderWords) -> Product:
    """Read a product from its names and, where the Medication resource states it, from the strength of its ingredients."""
    named = [found for text in dict.fromkeys(texts) if (found := _named(text, words)) is not None]
    form = next((one.form for one in named if one.form), "")
    volume = next((one.volume for one in named if one.volume), None)
    stated = _stated(ingredients, words)
    sources = [stated] if stated is not None else []
    sources += [one.strengths for one in named if one.strengths]
    if not sources:
        return Product(form, volume=volume)
    if any(not _agree(sources[0], other, volume) for other in sources[1:]):
        return Product(form, volume=volume, unclear=Unclear("strength", "two strengths are stated"))
    return Product(form, sources[0], volume)


def _named(text: str, words: OrderWords) -> Product | None:
    """A product by its name, such as ``Dexamethasone 4 MG Oral Tablet``; ``None`` when the text is an instruction."""
    lexemes = [lexeme for lexeme in words.read(text) if lexeme.kind != "R"]
    form, volume = "", None
    strengths: list[Strength] = []
    for phrase in phrases(lexemes):
        if phrase.kind in {"frequency", "total", "scheme", "maximum"}:
            return None
        if phrase.kind == "strength":
            strengths.append(phrase.value)
        elif phrase.kind == "product":
            labelled: Labelled = phrase.value
            strengths.append(labelled.strength)
            form = form or (labelled.strength.per.unit if labelled.strength.per else "")
        elif phrase.kind == "dose":
            amount, whole, each = phrase.value.amount, phrase.value.whole, phrase.value.each
            if whole is not None:
                strengths.append(Strength(whole, amount))
            elif each is not None:  # a number at the end of a name: "Vitamin B 12 5 MG Oral Tablet"
                strengths.append(Strength(each))
                form = form or amount.unit
            elif amount.counted:
                form = form or amount.unit
            elif amount.unit in {"mL", "L"}:
                volume = amount
            else:
                strengths.append(Strength(amount))
        elif phrase.kind == "left" and phrase.value.kind == "f":
            form = form or phrase.value.value[0]
        elif phrase.kind == "left" and phrase.value.kind == "?":
            return Product(form, unclear=Unclear("strength", f"{text[:60]!r}"))
    return Product(form, _distinct(strengths), volume)


def _distinct(strengths: list[Strength]) -> tuple[Strength, ...]:
    """``120 mg/1.7 mL (70 mg/mL)`` is one strength written twice; 10 MG / 10 MG are two ingredients."""
    kept: list[Strength] = []
    for strength in strengths:
        in_volume = strength.per is not None and not strength.per.counted
        if not (in_volume and any(_same(strength, other) for other in kept)):
            kept.append(strength)
    return tuple(kept)


def _agree(ours: tuple[Strength, ...], theirs: tuple[Strength, ...], volume: Amount | None) -> bool:
    if len(ours) != len(theirs):
        return False
    return all(any(_same(one, other, volume) for other in theirs) for one in ours)


def _same(one: Strength, other: Strength, volume: Amount | None = None) -> bool:
    """Whether two strengths say the same; one of a whole container is one of its volume."""
    first, second = _per_unit(one, volume), _per_unit(other, volume)
    if first is None or second is None or first[1] != second[1]:
        return False
    alike = second[0].to(first[0].unit)
    return alike is not None and abs(alike.least - first[0].least) <= first[0].least * _ROUNDED


def _per_unit(strength: Strength, volume: Amount | None) -> tuple[Amount, str] | None:
    per = strength.per
    if per is None or per.counted:
        if volume is None or per is not None:
            return strength.holds, "one"
        per = volume
    millilitres = per.to("mL")
    return (strength.holds.times(1 / millilitres.least), "mL") if millilitres else None


def _stated(raw: Raw, words: OrderWords) -> tuple[Strength, ...] | None:
    """The strengths of the active ingredients of a Medication; ``None`` when it states none that can be used."""
    if not raw:
        return None
    try:
        ingredients = msgspec.json.decode(raw, type=list[wire.Ingredient], strict=False)
    except (msgspec.DecodeError, RecursionError):
        return None
    found: list[Strength] = []
    for ingredient in ingredients:
        ratio = ingredient.strength
        if ingredient.is_active is False or ratio is None or ratio.numerator is None:
            continue
        holds = amount_of(ratio.numerator, words)
        per = _denominator(ratio.denominator, words)
        if isinstance(holds, Unclear) or isinstance(per, Unclear) or holds.counted:
            return None
        found.append(Strength(holds, per))
    return tuple(found) or None


def _denominator(found: wire.Quantity | None, words: OrderWords) -> Amount | Unclear | None:
    """One of whatever the product comes in, unless a form or volume is named."""
    if found is None:
        return None
    if wire.number(found.value) == 1 and not (found.unit or "").strip("1{} ") and (found.code or "1") == "1":
        return None
    return amount_of(found, words)
