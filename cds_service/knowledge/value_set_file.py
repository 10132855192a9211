"""What a file of value sets may hold, as it is written: ``cards/value_sets/*.yaml``."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from cds_service.knowledge.reading import NonEmptyText, Number, Written

_NAME = r"^[a-z][a-z0-9]*([-.][a-z0-9]+)*$"


class CodeEntry(Written):
    called: ClassVar[str] = "a code"
    system: str
    code: str
    display: NonEmptyText
    match: Literal["exact", "prefix"] = "exact"
    verified: str
    source: NonEmptyText


class ExcludedEntry(Written):
    called: ClassVar[str] = "an excluded code"
    system: str
    code: str
    display: NonEmptyText
    why: NonEmptyText


class AssumptionEntry(Written):
    called: ClassVar[str] = "an assumption"
    unit: str
    low: Annotated[Number, Field(alias="from")]
    high: Annotated[Number, Field(alias="to")]


class MeasureEntry(Written):
    called: ClassVar[str] = "a measure"
    substance: str = ""
    units: Annotated[list[str], Field(min_length=1)]
    assume: list[AssumptionEntry] = Field(default_factory=list)
    plausible: str = ""
    """The row of the shared table of plausible results that holds for it."""
    alarming: Literal["high", "low"] = "high"


class GradeEntry(Written):
    called: ClassVar[str] = "a grade of an answer"
    means: list[str] = Field(default_factory=list)
    at_least: Number | None = None
    at_most: Number | None = None
    says: list[str] = Field(default_factory=list)


class InstrumentEntry(Written):
    called: ClassVar[str] = "an instrument"
    low: Annotated[Number, Field(alias="from")] = 0
    high: Annotated[Number, Field(alias="to")] = 0
    unit: str = ""
    grades: list[GradeEntry] = Field(default_factory=list)
    normal: list[str] = Field(default_factory=list)
    ability: str = ""
    """The value set of what a patient has who cannot do what is asked."""
    source: NonEmptyText


class OptionEntry(Written):
    called: ClassVar[str] = "an answer of a closed question"
    says: Annotated[list[str], Field(min_length=1)]
    """Regular expressions of a whole code, display or text."""
    means: list[str] = Field(default_factory=list)
    sites: list[str] = Field(default_factory=list)
    number: Number | None = None


class GroupEntry(Written):
    called: ClassVar[str] = "a group of value sets"
    name: Annotated[str, Field(pattern=_NAME)]
    title: NonEmptyText
    of: Annotated[list[str], Field(min_length=1)]
    """Value sets, and other groups, in the order in which they are asked for and named."""


class ValueSetEntry(Written):
    called: ClassVar[str] = "a value set"
    name: Annotated[str, Field(pattern=_NAME)]
    title: NonEmptyText
    short: str = ""
    """What the ward calls it, for cards."""
    kinds: list[str] = Field(default_factory=lambda: ["Condition"])
    includes: list[str] = Field(default_factory=list)
    codes: list[CodeEntry] = Field(default_factory=list)
    ranges: dict[str, list[str]] = Field(default_factory=dict)
    """Categories of a classification, ``C50`` or ``C00-C14``, by system: with all that lies below them."""
    excluded: list[ExcludedEntry] = Field(default_factory=list)
    means: dict[str, list[str]] = Field(default_factory=dict)
    """Sentences of the files of words that mean this set, each with the places that it is true of."""
    text: list[str] = Field(default_factory=list)
    measure: MeasureEntry | None = None
    instrument: InstrumentEntry | None = None
    options: list[OptionEntry] = Field(default_factory=list)
    note: str = ""
