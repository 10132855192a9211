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
    """Put the whole orders in the place of their names in a card's ``create`` actions; the action keeps the name as ``order``."""
    written = document.data.get("suggestions") if isinstance(document.data, dict) else None
    for name, suggestion in written.items() if isinstance(written, dict) else ():
        actions = suggestion.get("actions") if isinstance(suggestion, dict) else None
        for place, action in enumerate(actions) if isinstance(actions, list) else ():
            create = action.get("create") if isinstance(action, dict) else None
            if isinstance(create, dict) and "order" in create:
                _write_out(document, ("suggestions", name, "actions", place, "create"), action, catalogue)


def _write_out(document: Document, path: Path, action: dict[str, Any], catalogue: OrderCatalogue) -> None:
    own = {key: value for key, value in action["create"].items() if key != "order"}
    order = action["create"]["order"]
    known = catalogue.orders.get(order) if isinstance(order, str) else None
    if known is None:
        problem = f"there is no order {order!r} in {FILE}"
        document.refuse((*path, "order"), problem, tuple(catalogue.orders), found=str(order))
        return
    action["order"], action["create"] = order, _over(known, own)


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
