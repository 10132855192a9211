"""Orders as they are written, understood with the words of the shipped cards."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from msgspec import Raw

from cds_service.chart.orders.amounts import Amount
from cds_service.chart.orders.dosage import dosing_of
from cds_service.chart.orders.lines import Dosing
from cds_service.chart.orders.product import Product, product_of
from cds_service.chart.orders.step_amounts import StepAmount
from cds_service.knowledge.order_words import read_order_words
from cds_service.knowledge.yaml_source import read_yaml
from cds_service.service.knowledge_files import cards_folder
from cds_service.terminology.order_words import OrderWords

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TABLETS = "Dexamethasone 4 MG Oral Tablet"


@cache
def order_words() -> OrderWords:
    paths = sorted((cards_folder() / "orders" / "words").glob("*.yaml"))
    documents = [read_yaml(path.name, path.read_text(encoding="utf-8")) for path in paths]
    path = cards_folder() / "orders" / "codes.yaml"
    codes = read_yaml(path.name, path.read_text(encoding="utf-8"))
    found = read_order_words(documents, codes)
    assert not [error for document in (*documents, codes) for error in document.errors]
    return found


@cache
def product(*names: str, ingredients: str = "") -> Product:
    return product_of(names, Raw(ingredients.encode()), order_words())


def dosing(lines: Sequence[Mapping[str, Any]], name: str = TABLETS) -> Dosing:
    return dosing_of(Raw(json.dumps(lines).encode()), product(name), order_words(), otherwise=name)


def taking(*lines: Mapping[str, Any], name: str = TABLETS, since: datetime | None = None) -> StepAmount:
    """What lines of a dosage come to now."""
    return dosing(lines, name).at(NOW, since)


def in_words(text: str, name: str = TABLETS) -> StepAmount:
    return taking({"text": text}, name=name)


def shown(amount: Amount | None) -> str | None:
    """An amount in milligrams where it is a mass, else in its own unit."""
    return None if amount is None else str(amount.to("mg") or amount)
