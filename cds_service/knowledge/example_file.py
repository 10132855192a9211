"""The format of a card's file of worked examples, ``cards/examples/<topic>.yaml``: what is given, and what is answered."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from cds_service.knowledge.card_file import Scalar
from cds_service.knowledge.reading import NonEmptyText, Written


class Circumstances(Written):
    """What an example, or a group of them, says of the patient and the call."""

    patient: str | dict[str, Any] | None = None
    """Name of a fixture, or what is said of the patient; the default one when it is left out."""
    hook: str | None = None
    as_of: str | None = None
    set: dict[str, Scalar | list[str]] = Field(default_factory=dict)
    """Parameters that are set otherwise."""


class ExpectedAnswer(Written):
    """What is expected, and why."""

    called: ClassVar[str] = "an edge of an example"
    name: NonEmptyText | None = None
    expect: NonEmptyText | None = None
    offers: list[str] | None = None
    notes: list[str] | None = None
    because: NonEmptyText | None = None


class ExampleEntry(Circumstances, ExpectedAnswer):
    """These facts, this answer; or, with ``edges``, one example for each value in the place of ``{value}``."""

    called: ClassVar[str] = "an example"
    facts: list[dict[str, Any]] = Field(default_factory=list)
    edges: dict[str, Any] = Field(default_factory=dict)
    """The values around a limit, each with what is expected, or with all that differs: its name, notes, reason."""


class GroupEntry(Circumstances):
    """Examples that have facts in common; each may say more, or say otherwise what is no fact."""

    called: ClassVar[str] = "a group of examples"
    given: list[dict[str, Any]] = Field(default_factory=list)
    examples: Annotated[list[ExampleEntry], Field(min_length=1)]
