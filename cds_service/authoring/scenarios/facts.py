"""A patient as short facts: what an informaticist writes in a card's examples and in a scenario file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from cds_service.chart.needs import NEEDS
from cds_service.knowledge.errors import nearest_name

Flavour = Literal["us-core", "mcode", "icd-10-cm", "icd-10", "text", "oid"]
"""The coding styles in which the same facts arrive: codings, body sites, systems as OIDs, or words only."""
Supplying = Literal["absent", "null", "empty", "error", "other-patient", "truncated"]


def _date_text(value: object) -> object:
    """YAML reads a bare date as a date; a scenario keeps it as the text that it was."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _plain_text(value: object) -> object:
    """YAML reads a bare number as a number; where words are expected it is the text that it was."""
    return str(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else value


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, str) else value


When = Annotated[str, BeforeValidator(_date_text)]
"""``900 d``, ``3 h``, ``5 mo``: that long before ``as_of``; or a FHIR date of any precision."""
Text = Annotated[str, BeforeValidator(_plain_text)]
Names = Annotated[tuple[str, ...], BeforeValidator(_one_or_more)]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PatientFacts(Strict):
    """Who the patient is; the default is a woman of 62."""

    sex: Literal["female", "male", "other", "unknown"] = "female"
    age: int = Field(default=62, ge=0, le=120)
    birth: When = ""
    """A date of any precision, instead of an age."""
    name: str = "Testa Beispiel"
    id: str = "patient-1"
    deceased: bool = False


class FactModel(Strict):
    """What all facts share. The first field of each kind names a value set, or ``other``."""

    kind: ClassVar[str]
    id: str = Field(default="", pattern=r"^[A-Za-z0-9\-.]{0,64}$")
    code: Names = ()
    """``system|code`` or ``system|code|display``, instead of the codes of the value set."""
    text: Text = ""
    """The record's own words, instead of the codes; beside them when ``code`` is given too."""

    @property
    def concept(self) -> str:
        return str(getattr(self, self.kind))

    @model_validator(mode="after")
    def _other_says_what(self) -> FactModel:
        if getattr(self, self.kind, "") == "other" and not (self.code or self.text):
            raise ValueError(f"'{self.kind}: other' needs a code or a text")
        return self


class _Noted(FactModel):
    note: Text = ""


class ConditionFact(_Noted):
    kind = "condition"
    condition: str
    onset: When = ""
    recorded: When = ""
    abated: When = ""
    clinical: Literal["active", "recurrence", "relapse", "inactive", "remission", "resolved", ""] = "active"
    verification: Literal[
        "confirmed", "provisional", "differential", "unconfirmed", "refuted", "entered-in-error", ""
    ] = "confirmed"
    site: Names = ()
    category: Literal["problem-list-item", "encounter-diagnosis", "health-concern"] = "problem-list-item"


class ObservationFact(_Noted):
    kind = "observation"
    observation: str
    value: Text = ""
    """Number and unit, such as ``3.1 mmol/L``."""
    comparator: Literal["", "<", "<=", ">=", ">"] = ""
    string: Text = ""
    integer: int | None = None
    unitless: Text = ""
    """A number alone."""
    present: bool | None = None
    answer: str = ""
    """A value set, whose first code is the value; any other words become the value's text."""
    absent: bool = False
    """The value is missing, and the record says so."""
    when: When = "1 d"
    issued: When = ""
    status: Literal[
        "registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown"
    ] = "final"
    low: Text = ""
    high: Text = ""
    category: Literal["", "laboratory", "vital-signs", "survey", "exam", "social-history"] = ""
    """Default: what the value set's file and name say."""
    site: Names = ()
    focus: Names = ()
    """Ids of facts, such as ``condition-1``, that it is about."""


class ReportFact(FactModel):
    kind = "report"
    report: str
    when: When = "1 d"
    issued: When = ""
    conclusion: str = ""
    conclusion_code: Names = ()
    status: Literal[
        "registered", "partial", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error"
    ] = "final"


class ImagingFact(_Noted):
    kind = "imaging"
    imaging: str
    when: When = "1 d"
    status: Literal["registered", "available", "cancelled", "entered-in-error", "unknown"] = "available"


class _Ordered(_Noted):
    """What a ServiceRequest on record and one that is being written share."""

    priority: Literal["", "routine", "urgent", "asap", "stat"] = ""
    intent: Literal["order", "plan", "proposal", "directive", "original-order", "filler-order"] = "order"
    site: Names = ()
    reason: Names = ()
    """Value sets, or words."""
    detail: str = ""
    quantity: Text = ""
    do_not_perform: bool = False


class OrderFact(_Ordered):
    kind = "order"
    order: str
    when: When = "2 h"
    due: When = ""
    status: Literal["draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"] = "active"


class ProcedureFact(_Noted):
    kind = "procedure"
    procedure: str
    when: When = "30 d"
    until: When = ""
    status: Literal[
        "preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "entered-in-error", "unknown"
    ] = "completed"
    site: Names = ()
    reason: Names = ()


class _Dosed(_Noted):
    dose: Text = ""
    every: str = ""
    """Interval between two doses, such as ``28 d``."""
    route: str = ""
    reason: Names = ()
    dosage: str = ""
    """The dosage in words."""


class MedicationFact(_Dosed):
    kind = "medication"
    medication: str
    when: When = "30 d"
    intent: Literal["proposal", "plan", "order", "original-order", "filler-order"] = "order"
    status: Literal[
        "active", "on-hold", "cancelled", "completed", "entered-in-error", "stopped", "draft", "unknown"
    ] = "active"
    do_not_perform: bool = False


class AdministrationFact(_Dosed):
    kind = "administration"
    administration: str
    when: When = "30 d"
    until: When = ""
    status: Literal["in-progress", "not-done", "on-hold", "completed", "entered-in-error", "stopped", "unknown"] = (
        "completed"
    )


class StatementFact(_Dosed):
    kind = "statement"
    statement: str
    when: When = "30 d"
    until: When = ""
    status: Literal[
        "active", "completed", "entered-in-error", "intended", "stopped", "on-hold", "unknown", "not-taken"
    ] = "active"


class DraftFact(_Ordered):
    """An order of this session: a MedicationRequest for a medicine, else a ServiceRequest."""

    kind = "draft"
    draft: str
    dose: Text = ""
    every: str = ""
    route: str = ""
    dosage: str = ""
    selected: bool = True


class AllergyFact(_Noted):
    kind = "allergy"
    allergy: str
    recorded: When = ""
    clinical: Literal["active", "inactive", "resolved"] = "active"
    verification: Literal["unconfirmed", "confirmed", "refuted", "entered-in-error"] = "confirmed"


class DeviceFact(_Noted):
    kind = "device"
    device: str
    status: Literal["active", "inactive", "entered-in-error", "unknown"] = "active"
    safety: str = ""
    """A value set such as ``mr-safe``, or words such as ``MR Conditional: 1.5 T``."""


class EncounterFact(FactModel):
    """A stay or visit: a value set, or ambulatory, emergency, inpatient, home or virtual."""

    kind = "encounter"
    encounter: str
    when: When = "1 h"
    until: When = ""
    status: Literal[
        "planned",
        "arrived",
        "triaged",
        "in-progress",
        "onleave",
        "finished",
        "cancelled",
        "entered-in-error",
        "unknown",
    ] = "in-progress"


class ResourceFact(Strict):
    """A FHIR resource written out; ``id`` and patient are added when it has none."""

    kind: ClassVar[str] = "resource"
    resource: dict[str, Any]

    @field_validator("resource")
    @classmethod
    def _has_a_type(cls, resource: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(resource.get("resourceType"), str):
            raise ValueError("a resource needs a resourceType")
        return {name: _plain(value) for name, value in resource.items()}


class SupplyFact(Strict):
    """How kinds of data reach the service when they do not simply arrive: a need of a card, or one resource type."""

    kind: ClassVar[str] = "supply"
    supply: dict[str, Supplying]

    @field_validator("supply", mode="before")
    @classmethod
    def _known(cls, supply: object) -> object:
        if not isinstance(supply, Mapping):
            return supply
        needs = {need: types for need, types in NEEDS.items() if types}
        allowed = [*needs, *sorted(kind for types in needs.values() for kind in types)]
        for name in supply:
            if name not in allowed:
                raise ValueError(unknown("kind of data", str(name), allowed))
        # YAML reads a bare null as nothing at all, which is what the writer means by it
        return {name: "null" if how is None else how for name, how in supply.items()}


Fact = (
    ConditionFact
    | ObservationFact
    | ReportFact
    | ImagingFact
    | OrderFact
    | ProcedureFact
    | MedicationFact
    | AdministrationFact
    | StatementFact
    | DraftFact
    | AllergyFact
    | DeviceFact
    | EncounterFact
    | ResourceFact
    | SupplyFact
)
FACTS: dict[str, type[Fact]] = {model.kind: model for model in get_args(Fact)}


def unknown(what: str, found: str, allowed: Iterable[str]) -> str:
    """Say that a name is not one of those allowed, and which comes nearest."""
    names = list(allowed)
    near = nearest_name(found, names)
    return f"{found!r} is no {what}; allowed: {', '.join(names)}" + (f" (nearest: {near})" if near else "")


def _plain(value: Any) -> Any:
    """JSON has one kind of number; the YAML reader keeps fractions exact."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value
