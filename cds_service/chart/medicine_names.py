"""What a medicine is called: by its own concept, by a Medication and what that is made of, else by a reference's display."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from msgspec import Raw

from cds_service.chart import wire
from cds_service.chart.contained import contained_named
from cds_service.chart.decode import decoded, listed
from cds_service.chart.elements import ABSENT, CodeableReference, Ingredient, Reference
from cds_service.chart.meanings import Meaning, union
from cds_service.chart.reading import Reading
from cds_service.chart.wire import Resource


class Named(NamedTuple):
    """What a medicine is called, and what a Medication resource says of it beyond its code."""

    meaning: Meaning
    texts: tuple[str, ...]
    ingredients: Raw = ABSENT


def named_medicine(node: wire.Medicine, reading: Reading) -> Named:
    """The medicine by its own concept, by the Medication that it refers to, else by the reference's display."""
    meanings, kind = reading.meanings, node.kind
    concept, pointed = _chosen(node.medication_codeable_concept, node.medication_reference, node.medication)
    own = meanings.of(kind, concept)
    if own.concepts or pointed is None:
        return Named(own, meanings.names_of(concept))
    referred = resolved(pointed.reference or "", node, reading)
    medication = referred if isinstance(referred, wire.Medication) else _NO_MEDICATION
    found = _of_medication(medication, node, reading)
    if not found.concepts:
        found = union((own, found, meanings.of_text(kind, pointed.display or "")))
    texts = meanings.names_of(medication.code) or ((pointed.display,) if pointed.display else ())
    return Named(found, texts, medication.ingredient)


def resolved(reference: str, node: Resource, reading: Reading) -> Resource | None:
    """The resource that another one refers to: contained in it, or sent beside it."""
    return contained_named(node, reference) if reference.startswith("#") else reading.directory.find(reference)


def _chosen(concept: Raw, reference: Reference | None, either: Raw) -> tuple[Raw, Reference | None]:
    """What names a medicine or a part of it: a concept, or a reference; in R5 one element is ``either``."""
    newer = decoded(either, _CODEABLE_REFERENCE) if either else None
    return (concept or newer.concept, reference or newer.reference) if newer else (concept, reference)


def _of_medication(medication: wire.Medication, node: wire.Medicine, reading: Reading) -> Meaning:
    """A Medication by its code, else by what is in it."""
    own = reading.meanings.of(node.kind, medication.code)
    if own.concepts or not medication.ingredient:
        return own
    return union((own, *(_of_part(part, node, reading) for part in listed(medication.ingredient, _INGREDIENT))))


def _of_part(part: Ingredient, node: wire.Medicine, reading: Reading) -> Meaning:
    """An ingredient by its concept, by the substance or Medication that it refers to, and by the reference's display."""
    concept, pointed = _chosen(part.item_codeable_concept, part.item_reference, part.item)
    own = reading.meanings.of(node.kind, concept)
    if pointed is None:
        return own
    referred = resolved(pointed.reference or "", node, reading)
    code = referred.code if isinstance(referred, wire.Medication) else ABSENT
    return union(
        (own, reading.meanings.of(node.kind, code), reading.meanings.of_text(node.kind, pointed.display or ""))
    )


_NO_MEDICATION = wire.Medication()
_INGREDIENT = msgspec.json.Decoder(Ingredient)
_CODEABLE_REFERENCE = msgspec.json.Decoder(CodeableReference)
