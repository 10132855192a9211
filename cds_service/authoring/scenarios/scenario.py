"""A scenario: one patient in short facts, at one moment, and the hook that asks about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BeforeValidator, model_validator

from cds_service.authoring.scenarios.facts import FACTS, DraftFact, Fact, Flavour, PatientFacts, Strict, unknown

Hook = Literal["patient-view", "order-select", "order-sign"]


def _read_fact(raw: object) -> object:
    if not isinstance(raw, Mapping):
        return raw
    kinds = [kind for kind in FACTS if kind in raw]
    if len(kinds) != 1:
        if kinds:
            raise ValueError(f"a fact is one of a kind; this one names {' and '.join(kinds)}")
        raise ValueError(unknown("kind of fact", str(next(iter(raw), "")), FACTS))
    model = FACTS[kinds[0]]
    for key in raw:
        if key not in model.model_fields:
            raise ValueError(unknown(f"key of a {kinds[0]} fact", str(key), model.model_fields))
    return model.model_validate(raw)


class Scenario(Strict):
    """One patient at one moment, and the hook that asks about them."""

    patient: PatientFacts = PatientFacts()
    as_of: AwareDatetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    hook: Hook = "patient-view"
    flavour: Flavour = "us-core"
    facts: tuple[Annotated[Fact, BeforeValidator(_read_fact)], ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _patient_may_be_a_fact(cls, raw: Any) -> Any:
        if not isinstance(raw, Mapping):
            return raw
        for key in raw:
            if key not in cls.model_fields:
                raise ValueError(unknown("key of a scenario", str(key), cls.model_fields))
        facts = raw.get("facts")
        if (
            isinstance(facts, list | tuple)
            and facts
            and isinstance(facts[0], Mapping)
            and list(facts[0]) == ["patient"]
        ):
            if "patient" in raw:
                raise ValueError("the patient stands twice: as a key and as the first fact")
            return {**raw, "patient": facts[0]["patient"], "facts": facts[1:]}
        return raw

    @model_validator(mode="after")
    def _drafts_fit_the_hook(self) -> Scenario:
        drafts = any(isinstance(fact, DraftFact) for fact in self.facts)
        if drafts and self.hook == "patient-view":
            raise ValueError("a draft belongs to order-select or order-sign; the hook here is patient-view")
        if not drafts and self.hook != "patient-view":
            raise ValueError(f"{self.hook} needs at least one draft fact")
        return self
