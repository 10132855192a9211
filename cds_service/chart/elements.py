"""The elements of which resources consist, decoded when a reader needs them; only what a reader uses is named."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Raw, Struct

ABSENT = Raw(b"")
"""A field that the resource does not have; it is false."""


class Reference(Struct, gc=False, omit_defaults=True):
    reference: str | None = None
    display: str | None = None


class Identifier(Struct, gc=False, omit_defaults=True):
    system: str | None = None
    value: str | None = None


class Subject(Struct, gc=False, omit_defaults=True):
    reference: str | None = None
    identifier: Raw = ABSENT
    """Who it is, where there is no reference."""


class Coding(Struct, gc=False):
    system: str | None = None
    code: str | None = None
    display: str | None = None
    extension: Raw = ABSENT


class Extension(Struct, gc=False, rename="camel"):
    """An extension, as far as one that we read may say something."""

    url: str | None = None
    value_coding: Coding | None = None
    value_code: str | None = None
    value_codeable_concept: Raw = ABSENT
    value_reference: Reference | None = None
    extension: Raw = ABSENT


class CodeableConcept(Struct, gc=False):
    coding: list[Coding] | None = None
    text: str | None = None

    def tells(self) -> bool:
        """Whether text or display says anything: ``ZZ-901`` as the text of ZZ-901 does not, a code that is a word does."""
        codings = self.coding or ()
        codes = {coding.code for coding in codings}
        names = filter(None, (self.text, *(coding.display for coding in codings)))
        return any(name not in codes or not any(map(str.isdigit, name)) for name in names)


class ConditionEvidence(Struct, gc=False):
    """What led to a problem: manifestations, and what tells of them (in R5 either of both, as a CodeableReference)."""

    code: Raw = ABSENT
    concept: Raw = ABSENT
    detail: Raw = ABSENT
    reference: Reference | None = None


class CodeableReference(Struct, gc=False):
    """A concept, or a reference to what says it (R5)."""

    concept: Raw = ABSENT
    reference: Reference | None = None


class Issue(Struct, gc=False):
    """One issue of an OperationOutcome."""

    severity: str | None = None
    code: str | None = None


class Link(Struct, gc=False):
    """A link of a Bundle."""

    relation: str | None = None
    url: str | None = None


class Period(Struct, gc=False):
    start: str | None = None
    end: str | None = None


class WireQuantity(Struct, gc=False):
    value: Decimal | None = None
    comparator: str | None = None
    unit: str | None = None
    code: str | None = None


class ReferenceRange(Struct, gc=False):
    low: WireQuantity | None = None
    high: WireQuantity | None = None
    type: Raw = ABSENT
    text: str | None = None


class Component(Struct, gc=False, rename="camel"):
    code: Raw = ABSENT
    value_quantity: Raw = ABSENT
    value_string: str | None = None
    value_boolean: bool | None = None
    value_integer: Raw = ABSENT
    value_codeable_concept: Raw = ABSENT
    value_range: Raw = ABSENT
    value_ratio: Raw = ABSENT
    data_absent_reason: Raw = ABSENT
    interpretation: Raw = ABSENT
    reference_range: Raw = ABSENT


class Annotation(Struct, gc=False):
    text: str | None = None


class Narrative(Struct, gc=False):
    div: str | None = None


class Attachment(Struct, gc=False, rename="camel"):
    content_type: str | None = None
    data: str | None = None


class Stage(Struct, gc=False):
    summary: Raw = ABSENT


class DeviceName(Struct, gc=False):
    name: str | None = None
    value: str | None = None


class Ingredient(Struct, gc=False, rename="camel"):
    item_codeable_concept: Raw = ABSENT
    item_reference: Reference | None = None
    item: Raw = ABSENT


class AllergicReaction(Struct, gc=False):
    """A reaction, and to what."""

    substance: Raw = ABSENT


class Adherence(Struct, gc=False):
    """How a medicine is taken (R5)."""

    code: Raw = ABSENT


class DiagnosticItem(Struct, gc=False):
    """One test of a diagnostic order (DSTU2)."""

    code: Raw = ABSENT


class DiagnosticEvent(Struct, gc=False, rename="camel"):
    """What happened to a diagnostic order (DSTU2), and when."""

    date_time: str | None = None
