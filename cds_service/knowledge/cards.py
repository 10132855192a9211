"""The knowledge that requests are answered with: frozen cards bound to their rules, services, value sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from cds_service.chart.case import Case
from cds_service.knowledge.audience import ALL, Audience
from cds_service.knowledge.orderables import Orderables
from cds_service.knowledge.parameters import Parameter
from cds_service.knowledge.profiles import ClientProfile
from cds_service.knowledge.rule_signature import Value, signature_of
from cds_service.knowledge.sources import Source
from cds_service.knowledge.templates import Suggestion
from cds_service.knowledge.wording import Wording
from cds_service.outcomes import Indicator, Outcome
from cds_service.terminology.dates import Span
from cds_service.terminology.value_sets import Codebook

Rule = Callable[..., Outcome]
"""A rule takes the case, and its parameters by keyword."""
Status = Literal["draft", "silent", "active", "retired"]

TOPIC_SYSTEM = "https://cds-service.org/CodeSystem/topics"
"""Code system of ``source.topic``; its codes are the topics of the cards."""
OVERRIDE_REASON_SYSTEM = "https://cds-service.org/CodeSystem/override-reasons"
MOST_OVERRIDE_REASONS = 5
"""Of a card: a list is read at a glance, or not at all."""
"""Code system of the override reasons that HL7's list lacks."""

LONGEST_SUMMARY = 110
"""Characters that a reader takes in at a glance; the protocol would allow 139."""
REPORTED = "reported"
"""First of a substance's display units: each result leads with the unit that it was reported in."""


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class OverrideReason:
    name: str
    code: str
    system: str
    display: str


Part = Literal["do", "check", "why"]
"""Where a line of a card stands: *Do now*, *Check first*, *Why*."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a card says in one of its situations."""

    name: str
    indicator: Indicator
    summary: Wording
    do: tuple[Wording, ...] = ()
    """What to do now, the most urgent first, whoever the patient is."""
    check: tuple[Wording, ...] = ()

    @property
    def body(self) -> str:
        """All that it says below the summary, as its author wrote it."""
        return "\n".join(line.text for line in (*self.do, *self.check))


@dataclass(frozen=True, slots=True)
class Note:
    """A line that a card adds where something holds for this patient."""

    part: Part
    wording: Wording

    @property
    def text(self) -> str:
        return self.wording.text


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example: a test of the card, and documentation of it."""

    name: str
    where: str
    """``file:line:column``."""
    patient: str | Mapping[str, Any] | None
    """Name of a fixture, or what is said of the patient; ``None`` for the default one."""
    facts: tuple[Mapping[str, Any], ...]
    hook: str
    as_of: str
    """ISO date or dateTime; empty for the default one."""
    changes: Mapping[str, Any]
    """Parameters that the example sets, as written; ``variants.with_changes`` reads them."""
    expect: Literal["fired", "silent", "cannot tell", "failed"]
    expect_name: str
    """Name of the message or of the reason for silence; may be empty."""
    expect_indicator: Indicator | None
    offers: tuple[str, ...] | None
    notes: tuple[str, ...]
    because: str


def _one(value: Any) -> Any:
    """The one object that stands for all that read alike: 3 mg and 3.0 mg are two."""
    return _kept(value, repr(value))


@lru_cache(maxsize=4096, typed=True)
def _kept(value: Any, _: str) -> Any:
    return value


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CardDefinition:
    """One clinical question: its rule, the arguments of the rule, and the words for each answer."""

    topic: str
    title: str
    rule_name: str
    rule: Rule = field(repr=False)
    parameters: Mapping[str, Parameter]
    """Those of the rule, and those that only the card's words and orders hold, such as a dose."""
    arguments: Mapping[str, Value]
    """The values of the rule's parameters by name; equal values are one object."""
    status: Status
    version: str
    owner: str
    reviewed: date
    purpose: str
    intended_user: str
    known_limits: tuple[str, ...]
    known_false_positives: tuple[str, ...]
    seeds: tuple[int, ...]
    rules: tuple[str, ...]
    routine: str
    """What the card of housekeeping calls it; empty for what keeps a card of its own."""
    red_flag: tuple[str, ...]
    """Hooks on which a rule that could not tell, or failed, is reported."""
    hooks: tuple[str, ...]
    needs: tuple[str, ...]
    sources: tuple[Source, ...]
    """The first is shown as the source of the card."""
    messages: Mapping[str, Message]
    notes: Mapping[str, Note]
    """In the order of their urgency."""
    silent: Mapping[str, Wording]
    passed: Mapping[str, Wording]
    """What holds when a rung of the ladder, a silence or a message, is passed."""
    suggestions: Mapping[str, Suggestion]
    alternatives: frozenset[str]
    override_reasons: tuple[OverrideReason, ...]
    links: tuple[Link, ...]
    examples: tuple[Example, ...]
    file: str
    for_whom: Audience = ALL
    bound: Mapping[str, Any] = field(init=False, repr=False, compare=False)
    """The arguments as the rule takes them, those that belong together as one value."""
    values: Mapping[str, Value] = field(init=False, repr=False, compare=False)
    """The value of every parameter, those of the words too."""
    written_values: Mapping[str, str] = field(init=False, repr=False, compare=False)
    """The same as a reader sees them."""
    asks_red_flags: bool = field(init=False, repr=False, compare=False)
    """Whether its rule is asked after the others, with the red flags that they could not assess."""

    def __post_init__(self) -> None:  # worked out once, not for each answer
        object.__setattr__(self, "arguments", {name: _one(value) for name, value in self.arguments.items()})
        bound = signature_of(self.rule).bound(self.arguments)
        object.__setattr__(self, "bound", bound)
        values = {name: parameter.value for name, parameter in self.parameters.items()}
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "written_values", {name: known.text for name, known in self.parameters.items()})

        object.__setattr__(self, "asks_red_flags", "red_flags" in self.needs)

    def ask(self, case: Case, arguments: Mapping[str, Any] | None = None) -> Outcome:
        """Put the card's question to a case, with its own parameters or with changed ones; raises what the rule raises."""
        return self.rule(case, **(self.bound if arguments is None else signature_of(self.rule).bound(arguments)))

    @property
    def source(self) -> Source:
        return self.sources[0]

    @property
    def evaluated(self) -> bool:
        """Whether the rule runs: active cards are shown, silent ones only recorded."""
        return self.status in {"active", "silent"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Precautions:
    """What the state of the patient forbids or holds back, whatever the card: the words, and from when on."""

    deceased: str
    """Why a deceased patient gets no card."""
    not_adult: Wording
    """Takes ``adult_from``; so below, each the words that it may hold."""
    pregnancy: Wording
    """``pregnancy``, ``when`` and ``offers``."""
    prohibited: Wording
    """``prohibition``, ``when`` and ``offers``, of a medicine."""
    prohibited_study: Wording
    """The same, of an examination or referral."""
    adult_from: int
    """Years of age."""
    pregnancy_test_age: Span
    ordered_within: Span
    """So long a standing order of the same makes a suggestion needless."""
    asked_in_pregnancy: frozenset[str]
    """Value sets of what is not pre-selected in a possible pregnancy."""


@dataclass(frozen=True, slots=True)
class Housekeeping:
    """The words of the one card for what is routine."""

    title: str
    summary: Wording
    """Takes ``count`` and ``items``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDefinition:
    """One entry of discovery: the cards of one hook."""

    id: str
    hook: str
    title: str
    description: str
    usage_requirements: str
    prefetch: Mapping[str, str]
    """Key to query template; the union over the needs of the cards that are evaluated."""
    needs: tuple[str, ...]
    cards: tuple[CardDefinition, ...]
    """Active and silent ones, in the order of topics."""
    required: tuple[str, ...]
    """Keys of the prefetch that a call without any data is asked to bring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """All that was loaded; nothing of it changes while the service runs."""

    cards: Mapping[str, CardDefinition]
    """Every card by topic, drafts and retired ones too, in the order of topics."""
    services: Mapping[tuple[str, str], ServiceDefinition]
    """By id and hook."""
    order: tuple[str, ...]
    """Rank of the topics in an answer."""
    codebook: Codebook
    profiles: Mapping[str, ClientProfile]
    """How each kind of client wants its answers adapted, by name."""
    orders: tuple[str, ...]
    """The names of the catalogue of orders, which a site maps to its own."""
    orderables: Orderables
    """The site's order catalogue."""
    maximum_cards: int
    """On patient-view; critical cards are never dropped."""
    precautions: Precautions
    housekeeping: Housekeeping
    gaps: Mapping[str, str]
    """What is wrong with something that cannot be used, and what to do about it: words by ``Problem``."""
    display_units: Mapping[str, tuple[str, ...]]
    """For each substance the units to show, the leading one first; it may be ``reported``."""
    override_reasons: Mapping[str, OverrideReason]
    site: str
    """Name of the site whose overlay is in force; empty without one."""
    version: str
    """The first 12 hexadecimal digits of the SHA-256 of the effective content: comments and layout do not count."""
    confirmed: Mapping[str, str]
    """What the site has signed, by topic or point of the safety case: by whom, and when."""
    catalogues: Mapping[str, str]
    """PO files by name below the cards (``locales/de/oxygen.po``): read when a language is asked for."""
    own_translations: Mapping[str, Mapping[str, Mapping[str, str]]]
    """What the site says otherwise in another language: by language, catalogue and English sentence."""
    origins: tuple[str, ...]
    """One sentence for everything that an overlay or a setting changed."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Those, beside English, that there are catalogues of."""
        return tuple(dict.fromkeys(name.split("/")[1] for name in self.catalogues))

    def rank(self, topic: str) -> int:
        """Place of a topic in an answer; unknown ones come last."""
        return self.order.index(topic) if topic in self.order else len(self.order)
