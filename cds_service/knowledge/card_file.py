"""The format of a card file, as its author writes it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from cds_service.knowledge.orderables import OrderableEntry
from cds_service.knowledge.reading import Name, NonEmptyText, Number, WebAddress, Written
from cds_service.knowledge.site_vocabulary import SetEntries, SystemEntries

Indicator = Literal["info", "warning", "critical"]
Status = Literal["draft", "silent", "active", "retired"]
Day = Annotated[date, Field(strict=False)]
Scalar = Number | str | bool
Some = Annotated[list[NonEmptyText], Field(min_length=1)] | None
Between = Annotated[list[Number], Field(min_length=2, max_length=2)]


class SourceEntry(Written):
    """A publication in ``sources.yaml``; the owner's own seeds, and what this service decided, have a title only."""

    called: ClassVar[str] = "a source"
    title: NonEmptyText
    url: WebAddress | None = None


class CitationEntry(Written):
    """A source by its id, and what it says here."""

    called: ClassVar[str] = "a citation"
    id: str
    says: str = ""


Citation = Annotated[
    CitationEntry, BeforeValidator(lambda written: {"id": written} if isinstance(written, str) else written)
]


class AlternativeEntry(Written):
    called: ClassVar[str] = "an alternative"
    value: Scalar
    unit: str = ""
    why: str = ""
    source: Citation | None = None


class ParameterEntry(Written):
    """A number, word or choice that a hospital may change, with its range and its reason."""

    called: ClassVar[str] = "a parameter"
    value: Scalar | list[str]
    unit: str = ""
    also: dict[str, Number] = Field(default_factory=dict)
    substance: str = ""
    between: Between | None = None
    one_of: list[str] | None = None
    why: NonEmptyText
    source: Citation
    alternatives: list[AlternativeEntry] = Field(default_factory=list)
    reviewed: Day
    confirmed: bool = True
    """``false``: the number was written from memory and waits for clinical review."""
    fixed: bool = False
    """As published: nobody may choose another value."""
    common: bool = False
    """One decision for all the cards that share it: examples of any of them hold it. The cells of a shared table are."""


class CellDefaults(Written):
    """What a table, a column or a row says for its cells; the names of its fields are no names of columns."""

    called: ClassVar[str] = "a column or row of a table"
    unit: str = ""
    substance: str = ""
    between: Between | None = None
    one_of: list[str] | None = None
    why: NonEmptyText = ""
    source: Citation | None = None
    reviewed: Day | None = None
    confirmed: bool = True
    fixed: bool = False


class CellEntry(CellDefaults):
    called: ClassVar[str] = "a cell of a table"
    value: Scalar | list[str]
    also: dict[str, Number] = Field(default_factory=dict)
    alternatives: list[AlternativeEntry] = Field(default_factory=list)


class TableEntry(CellDefaults):
    """Named rows of cells; each cell is the parameter ``table.row.column``."""

    called: ClassVar[str] = "a table"
    columns: dict[Name, CellDefaults] = Field(default_factory=dict)
    rows: Annotated[dict[Name, dict[Name, Any]], Field(min_length=1)]


class SharedEntry(Written):
    called: ClassVar[str] = "a shared parameter"
    shared: str


class MessageEntry(Written):
    called: ClassVar[str] = "a message"
    indicator: Indicator
    summary: NonEmptyText
    do: Annotated[list[NonEmptyText], Field(min_length=1, max_length=4)]
    """What to do now, verbs first."""
    check: list[NonEmptyText] = Field(default_factory=list)


class SituationEntry(Written):
    """A kind of call; all that is named must hold, of each list any entry."""

    called: ClassVar[str] = "a situation"
    hooks: Some = None
    clients: Some = None
    triggers: Some = None
    roles: Some = None
    specialties: Some = None
    settings: Some = None
    locations: Some = None


Situations = Annotated[
    list[SituationEntry],
    BeforeValidator(lambda written: [written] if isinstance(written, dict) else written),
    Field(min_length=1),
]


class RestrictionEntry(Written):
    """Who is left out. A bare mapping is a list of one situation."""

    called: ClassVar[str] = "a restriction"
    only_for: Situations | None = None
    not_for: Situations | None = None
    why: NonEmptyText | None = None


class ForWhomEntry(RestrictionEntry):
    called: ClassVar[str] = "the audience of a card"
    messages: dict[Name, RestrictionEntry] = Field(default_factory=dict)


class NoteEntry(Written):
    """A line under one of the three headings; a bare text stands under *Check first*."""

    called: ClassVar[str] = "a note"
    do: NonEmptyText | None = None
    check: NonEmptyText | None = None
    why: NonEmptyText | None = None


NoteWritten = Annotated[
    NoteEntry, BeforeValidator(lambda written: {"check": written} if isinstance(written, str) else written)
]


class ActionEntry(Written):
    """One of ``create``, ``delete`` and ``update`` with ``set``."""

    called: ClassVar[str] = "an action"
    description: NonEmptyText
    create: dict[str, Any] | None = None
    order: str = ""
    """The order of the catalogue that is made, or that a draft becomes; put in when the card is read."""
    delete: Literal["draft"] | None = None
    update: Literal["draft"] | None = None
    set: dict[str, Any] | None = None


class SuggestionEntry(Written):
    called: ClassVar[str] = "a suggestion"
    label: NonEmptyText
    recommended: bool = False
    actions: Annotated[list[ActionEntry], Field(min_length=1)]


class LinkEntry(Written):
    called: ClassVar[str] = "a link"
    label: NonEmptyText
    url: WebAddress


class CardFile(Written):
    called: ClassVar[str] = "a card"
    topic: Name
    title: NonEmptyText
    rule: str
    status: Status
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    owner: NonEmptyText
    reviewed: Day
    purpose: NonEmptyText
    intended_user: NonEmptyText
    known_limits: list[NonEmptyText] = Field(default_factory=list)
    known_false_positives: list[NonEmptyText] = Field(default_factory=list)
    seeds: list[int] = Field(default_factory=list)
    rules: list[str] = Field(default_factory=list)
    routine: str = ""
    """What the card of housekeeping calls it: at the level of info it is a reminder that goes into that card."""
    red_flag: bool | list[str] = False
    """``true``, or the hooks on which it is one."""
    hooks: Annotated[list[str], Field(min_length=1)]
    needs: Annotated[list[str], Field(min_length=1)]
    sources: Annotated[list[Citation], Field(min_length=1)]
    parameters: dict[Name, Any] = Field(default_factory=dict)
    messages: Annotated[dict[Name, MessageEntry], Field(min_length=1)]
    notes: dict[Name, NoteWritten] = Field(default_factory=dict)
    """The most urgent first."""
    silent: dict[Name, NonEmptyText] = Field(default_factory=dict)
    passed: dict[Name, NonEmptyText] = Field(default_factory=dict)
    """What holds when a rung of the rule does not answer: under the name of a silence or message."""
    suggestions: dict[Name, SuggestionEntry] = Field(default_factory=dict)
    alternatives: list[Name] = Field(default_factory=list)
    """Suggestions of which a clinician takes one: with two of them on a card, at most one may be chosen."""
    override_reasons: list[str] = Field(default_factory=list)
    links: list[LinkEntry] = Field(default_factory=list)
    for_whom: ForWhomEntry = Field(default_factory=ForWhomEntry)
    """Who is left out; a critical message only with its reason."""


class ServiceEntry(Written):
    called: ClassVar[str] = "a service"
    id: Name
    hook: Name
    title: NonEmptyText
    description: NonEmptyText
    usage_requirements: Annotated[NonEmptyText, Field(alias="usageRequirements")]


class PrecautionsEntry(Written):
    """What the state of the patient forbids or holds back, whatever the card."""

    called: ClassVar[str] = "the precautions"
    deceased: NonEmptyText
    not_adult: NonEmptyText
    pregnancy: NonEmptyText
    prohibited: NonEmptyText
    prohibited_study: NonEmptyText
    adult_from: ParameterEntry
    pregnancy_test_age: ParameterEntry
    ordered_within: ParameterEntry
    asked_in_pregnancy: list[Name]
    """Value sets of what is not pre-selected in a possible pregnancy."""


class HousekeepingEntry(Written):
    """The one card of a visit for what is routine."""

    called: ClassVar[str] = "the housekeeping"
    title: NonEmptyText
    summary: NonEmptyText
    """Takes ``count`` and ``items``."""


class ServicesFile(Written):
    called: ClassVar[str] = "services.yaml"
    services: Annotated[list[ServiceEntry], Field(min_length=1)]
    order: Annotated[list[Name], Field(min_length=1)]
    maximum_cards: ParameterEntry
    precautions: PrecautionsEntry
    housekeeping: HousekeepingEntry
    gaps: dict[str, NonEmptyText]
    """What is said of something that concerns a card and cannot be used, and what to do: by what is wrong with it."""
    display_units: dict[str, list[str]] = Field(default_factory=dict)
    prefetch: dict[str, dict[str, str]]
    required: Annotated[list[str], Field(min_length=1)]
    """Needs that a call without any data is asked to bring."""


class OverrideReasonsFile(Written):
    called: ClassVar[str] = "override_reasons.yaml"
    reasons: list[dict[str, Any]]
    presets: dict[Name, list[str]] = Field(default_factory=dict)
    """Reasons that often stand together, under one name."""


class OverrideReasonEntry(Written):
    called: ClassVar[str] = "an override reason"
    name: Name
    display: NonEmptyText
    code: str | None = None
    system: WebAddress | None = None
    source: WebAddress | None = None


class ConfirmedEntry(Written):
    called: ClassVar[str] = "a sign-off"
    by: NonEmptyText
    on: Day
    version: str = ""
    """Of the card that was signed; a card of another version waits again."""
    note: str = ""


class SiteFile(Written):
    """What one site changes, and nothing else."""

    called: ClassVar[str] = "a site's file"
    site: Name
    title: NonEmptyText
    parameters: dict[str, dict[str, Any]] = Field(default_factory=dict)
    display_units: dict[str, list[str]] = Field(default_factory=dict)
    status: dict[str, Status] = Field(default_factory=dict)
    orderables: dict[str, list[OrderableEntry]] = Field(default_factory=dict)
    """By name of our order, or by ``topic.suggestion``: the entries of the clients' order catalogues."""
    code_systems: SystemEntries = Field(default_factory=dict)
    value_sets: SetEntries = Field(default_factory=dict)
    words: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """By topic: title, messages, notes, reasons for silence, labels, links and override reasons that read otherwise."""
    for_whom: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """By topic, in the place of what the card's file says."""
    translations: dict[str, dict[str, dict[str, NonEmptyText]]] = Field(default_factory=dict)
    """By language and catalogue (a topic, or ``frame``, ``names``, ``services``, ``orders``): English sentence to theirs."""
    order: list[str] = Field(default_factory=list)
    """Topics that go before all others in an answer, in this order; critical cards stay first."""
    confirmed: dict[str, ConfirmedEntry] = Field(default_factory=dict)
    """By topic, or by point of ``before_live_use`` in the safety case: who signed it, and when."""


class SiteValue(Written):
    """A changed parameter that says more than its value."""

    called: ClassVar[str] = "a changed parameter"
    value: Scalar | list[str]
    unit: str = ""
    also: dict[str, Number] = Field(default_factory=dict)
    why: str = ""
