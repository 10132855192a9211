"""Reads dosages and products, and remembers what came before: an EHR writes the same instruction again and again."""

from __future__ import annotations

from copy import copy
from typing import TypeVar

from msgspec import Raw

from cds_service.chart.orders.amounts import Unclear
from cds_service.chart.orders.dosage import dosing_of, not_read
from cds_service.chart.orders.fractions import Course, course_of
from cds_service.chart.orders.lines import Dosing
from cds_service.chart.orders.product import Product, product_of
from cds_service.chart.text_allowance import TextAllowance, endless
from cds_service.terminology.order_words import OrderWords

REMEMBERED = 10_000
LONGEST_REMEMBERED = 2_000
"""Bytes of a dosage; longer ones are rare and are read anew."""
_UNREAD = "more text than is read"

K = TypeVar("K")
V = TypeVar("V")


class OrderReader:
    """Understands orders with the words of one knowledge. The memory is bounded and holds nobody's identity."""

    def __init__(self, words: OrderWords) -> None:
        self.words = words
        self._allowance = endless()
        self._products: dict[tuple[tuple[str, ...], bytes], Product] = {}
        self._dosings: dict[tuple[bytes, Product, str], Dosing] = {}

    def within(self, allowance: TextAllowance) -> OrderReader:
        """The same, with the same memory, for one request that may have so much new text read."""
        bounded = copy(self)
        bounded._allowance = allowance
        return bounded

    def product(self, names: tuple[str, ...], ingredients: Raw) -> Product:
        """The product of these names and, where a Medication resource states them, strengths of ingredients."""
        key = (names, bytes(ingredients))
        known = self._products.get(key)
        if known is None:
            if not self._allowance.takes(sum(map(len, names)) + len(ingredients)):
                return Product(unclear=Unclear("strength", _UNREAD))
            known = _kept(self._products, key, product_of(names, ingredients, self.words))
        return known

    def dosing(self, raw: Raw, product: Product, name: str) -> Dosing:
        """A dosage; the medicine's own words count when it says nothing."""
        key = (bytes(raw), product, name)
        known = self._dosings.get(key)
        if known is None:
            if not self._allowance.takes(len(raw) + len(name)):
                return Dosing((not_read(_UNREAD),))
            known = dosing_of(raw, product, self.words, otherwise=name)
            if len(raw) <= LONGEST_REMEMBERED:
                _kept(self._dosings, key, known)
        return known

    def course(self, text: str, extensions: Raw) -> Course | None:
        """A course of radiotherapy, if an order or a procedure says anything of dose or fractions."""
        return course_of(text if self._allowance.takes(len(text)) else "", extensions, self.words)


def _kept(memory: dict[K, V], key: K, value: V) -> V:
    if len(memory) >= REMEMBERED:
        memory.clear()
    memory[key] = value
    return value
