"""A site's orderables: which entry of a client's order catalogue stands for each order that our cards suggest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

from pydantic import Field

from cds_service.knowledge.reading import Number, Said, Written
from cds_service.terminology.quantities import Quantity, UnlikeUnits, parse_quantity

ANY_CLIENT = "any"


class OrderableEntry(Written):
    called: ClassVar[str] = "an orderable"
    client: Said = ANY_CLIENT
    """Name of a client in the allowlist, or ``any``."""
    system: Said
    code: Said
    display: Said
    dose: str = ""
    """The dose that the entry stands for, such as ``16 mg``; empty where it has none."""


@dataclass(frozen=True, slots=True)
class Orderable:
    """One entry of a client's catalogue."""

    client: str
    system: str
    code: str
    display: str
    dose: Quantity | None = None

    @property
    def coding(self) -> dict[str, str]:
        return {"system": self.system, "code": self.code, "display": self.display}


@dataclass(frozen=True, slots=True)
class Orderables:
    """Entries by the name of our order, or by ``topic.suggestion`` for one card's alone, which goes first."""

    entries: Mapping[str, tuple[Orderable, ...]] = field(default_factory=dict)

    def of(self, names: Iterable[str], client: str) -> tuple[Orderable, ...]:
        """The entries for an order with one client; those written for the client before those for any."""
        for name in names:
            known = self.entries.get(name, ())
            own = tuple(entry for entry in known if entry.client == client)
            found = own or tuple(entry for entry in known if entry.client == ANY_CLIENT)
            if found:
                return found
        return ()


class OrderablesFile(Written):
    """The part ``orderables`` of a site's file."""

    called: ClassVar[str] = "the orderables"
    orderables: dict[str, list[OrderableEntry]] = Field(default_factory=dict)


def orderables_of(written: Mapping[str, Iterable[OrderableEntry]]) -> Orderables:
    """Make the map. Raises :class:`ValueError` for a dose that is none, with the entry's name."""
    return Orderables({name: tuple(_orderable(name, entry) for entry in entries) for name, entries in written.items()})


def _orderable(name: str, entry: OrderableEntry) -> Orderable:
    try:
        dose = parse_quantity(entry.dose) if entry.dose else None
    except (ValueError, UnlikeUnits) as error:
        raise ValueError(f"{name}: {entry.dose!r} is no dose with its unit: {error}") from None
    return Orderable(entry.client, entry.system, entry.code, entry.display, dose)


def same_dose(orderable: Orderable, value: Number, unit: str) -> bool:
    """Whether an entry stands for the dose that a card orders; an entry without a dose stands for none."""
    if orderable.dose is None:
        return False
    try:
        return orderable.dose.to(unit).value == Decimal(value)
    except UnlikeUnits:
        return False
