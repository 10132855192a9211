"""``cards/orders.yaml``: every order that cards suggest, once and complete; a card names it and adds what is its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import Field

from cds_service.knowledge.reading import Name, Written, read_part
from cds_service.knowledge.yaml_source import Document, Path

FILE = "orders.yaml"
_DOSAGE = "dosageInstruction"
_PARTS = ("create", "set")
_KEPT = frozenset({"resourceType", "category", "performerType"})
"""What a draft keeps of itself when it is changed."""


class OrdersFile(Written):
    called: ClassVar[str] = "the catalogue of orders"
    kinds: dict[Name, dict[str, Any]] = Field(default_factory=dict)
    """Elements that all orders of a kind have."""
    orders: dict[Name, dict[str, Any]]
    """FHIR resources, each of a ``kind``."""


@dataclass(frozen=True, slots=True)
class OrderCatalogue:
    """The orders by name, each a whole FHIR resource with holes for what the card that orders says."""

    orders: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def read_order_catalogue(document: Document) -> OrderCatalogue:
    """Read the catalogue; mistakes are noted in the document, and what is right is kept."""
    file = read_part(OrdersFile, document)
    if file is None:
        return OrderCatalogue()
    orders = {}
    for name, written in file.orders.items():
        kind = written.get("kind")
        if kind not in file.kinds:
            document.refuse(("orders", name, "kind"), f"{kind!r} is not a kind of order", tuple(file.kinds), found=kind)
            continue
        own = {key: value for key, value in written.items() if key != "kind"}
        orders[name] = _over(file.kinds[kind], own)
    return OrderCatalogue(orders)


def write_out(document: Document, catalogue: OrderCatalogue) -> None:
    """Put the orders in the place of their names in a card's actions, which keep the name as ``order``.

    A ``create`` takes the whole order, the ``set`` of an update what may change of a draft: how a medicine is given, or what
    is to be done.
    """
    written = document.data.get("suggestions") if isinstance(document.data, dict) else None
    for name, suggestion in written.items() if isinstance(written, dict) else ():
        actions = suggestion.get("actions") if isinstance(suggestion, dict) else None
        for place, action in enumerate(actions) if isinstance(actions, list) else ():
            for part in _PARTS:
                made = action.get(part) if isinstance(action, dict) else None
                if isinstance(made, dict) and "order" in made:
                    _write_out(document, ("suggestions", name, "actions", place, part), action, catalogue)


def _write_out(document: Document, path: Path, action: dict[str, Any], catalogue: OrderCatalogue) -> None:
    part = str(path[-1])
    own = {key: value for key, value in action[part].items() if key != "order"}
    order = action[part]["order"]
    known = catalogue.orders.get(order) if isinstance(order, str) else None
    if known is None:
        problem = f"there is no order {order!r} in {FILE}"
        document.refuse((*path, "order"), problem, tuple(catalogue.orders), found=str(order))
        return
    action["order"], action[part] = order, _over(known if part == "create" else _changing(known), own)


def _changing(order: Mapping[str, Any]) -> dict[str, Any]:
    """What an update takes: of a medicine the product stays, of a service its kind."""
    if _DOSAGE in order:
        return {_DOSAGE: order[_DOSAGE]}
    return {key: value for key, value in order.items() if key not in _KEPT}


def _over(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Elements over those of a kind or an order: mappings, and the one dosage, are merged, all else is replaced."""
    merged = dict(base)
    for key, value in own.items():
        before = base.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            merged[key] = _over(before, value)
        elif key == _DOSAGE and isinstance(before, list) and isinstance(value, list):
            merged[key] = [_over(before[0], step) for step in value]
        else:
            merged[key] = value
    return merged
