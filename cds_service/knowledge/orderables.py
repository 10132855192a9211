"""A site's orderables: which entry of a client's order catalogue stands for each order that our cards suggest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from cds_service.knowledge.reading import NonEmptyText, Written
from cds_service.terminology.quantities import Quantity, UnlikeUnits, parse_quantity

ANY_CLIENT = "any"


class OrderableEntry(Written):
    called: ClassVar[str] = "an orderable"
    client: NonEmptyText = ANY_CLIENT
    """Name of a client in the allowlist, or ``any``."""
    system: NonEmptyText
    code: NonEmptyText
    display: NonEmptyText
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
    """Entries by the name of an order of our catalogue, or by ``topic.suggestion`` for one card's alone, which goes first."""

    entries: Mapping[str, tuple[Orderable, ...]] = field(default_factory=dict)
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By ``topic.suggestion``, the order that each of its actions makes; empty for what makes none."""

    def of(self, suggestion: str, place: int, client: str) -> tuple[Orderable, ...]:
        """The entries for an action of ``topic.suggestion`` with one client; those written for the client before those for any."""
        made = self.orders.get(suggestion, ())
        for name in (suggestion, made[place] if place < len(made) else ""):
            found = self.named(name, client)
            if found:
                return found
        return ()

    def named(self, name: str, client: str) -> tuple[Orderable, ...]:
        """The entries that stand under one name."""
        known = self.entries.get(name, ())
        own = tuple(entry for entry in known if entry.client == client)
        return own or tuple(entry for entry in known if entry.client == ANY_CLIENT)


def orderables_of(written: Mapping[str, Iterable[OrderableEntry]]) -> Orderables:
    """Make the map. Raises :class:`ValueError` for a dose that is none, with the entry's name."""
    return Orderables({name: tuple(_orderable(name, entry) for entry in entries) for name, entries in written.items()})


def _orderable(name: str, entry: OrderableEntry) -> Orderable:
    try:
        dose = parse_quantity(entry.dose) if entry.dose else None
    except (ValueError, UnlikeUnits) as error:
        raise ValueError(f"{name}: {entry.dose!r} is no dose with its unit: {error}") from None
    return Orderable(entry.client, entry.system, entry.code, entry.display, dose)


def same_dose(orderable: Orderable, dose: Quantity) -> bool:
    """Whether an entry stands for this dose; an entry without a dose leaves it to whoever signs."""
    try:
        return orderable.dose is None or orderable.dose.to(dose.unit).value == dose.value
    except UnlikeUnits:
        return False
