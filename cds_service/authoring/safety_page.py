"""The safety case as a page: intended use, hazard log, legal criteria, and what a site confirms before live use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from cds_service.knowledge.cards import Knowledge
from cds_service.knowledge.errors import KnowledgeError
from cds_service.knowledge.reading import Name, NonEmptyText, Written, read_part
from cds_service.knowledge.yaml_source import read_yaml

_LEVEL = Annotated[int, Field(ge=1, le=5)]
_HEAD = """# Safety case

Made by `cds-service safety --write` from `cards/safety.yaml` and the card files; do not edit. It is written in the form that
DCB0129 and ISO 14971 ask for, and is the manufacturer's part: a site that deploys the service reviews it (DCB0160), adds its
own hazards, and signs. It is no certificate.

- [Intended use](#intended-use)
- [Hazard log](#hazard-log)
- [Is it a device?](#is-it-a-device-the-four-criteria-of-us-law)
- [Before live use](#before-live-use)
"""


_TEST = r"^tests/[a-z0-9_/]+\.py(::test_[a-z0-9_]+)?$"


class Control(Written):
    called: ClassVar[str] = "a control"
    control: NonEmptyText
    tests: Annotated[list[Annotated[str, Field(pattern=_TEST)]], Field(min_length=1)]
    """What proves it: a test, or a module whose tests all bear on it."""


class Hazard(Written):
    called: ClassVar[str] = "a hazard"
    id: Annotated[str, Field(pattern=r"^H[0-9]+$")]
    hazard: NonEmptyText
    effect: NonEmptyText
    causes: list[NonEmptyText]
    controls: Annotated[list[Control], Field(min_length=1)]
    severity: _LEVEL
    likelihood: _LEVEL
    """With the controls in force."""
    owner: NonEmptyText

    @property
    def risk(self) -> int:
        """Severity times likelihood, 1 to 25."""
        return self.severity * self.likelihood


class Criterion(Written):
    called: ClassVar[str] = "a criterion"
    criterion: NonEmptyText
    argument: NonEmptyText


class Confirmation(Written):
    called: ClassVar[str] = "a point to confirm"
    id: Name
    confirm: NonEmptyText
    by: NonEmptyText


class SafetyCase(Written):
    called: ClassVar[str] = "the safety case"
    intended_use: NonEmptyText
    intended_users: list[NonEmptyText]
    not_for: list[NonEmptyText]
    hazards: list[Hazard]
    us_criteria: list[Criterion]
    before_live_use: list[Confirmation]


def read_safety_case(text: str) -> SafetyCase:
    """Read ``cards/safety.yaml``; raises :class:`KnowledgeError` with every mistake."""
    document = read_yaml("cards/safety.yaml", text)
    case = read_part(SafetyCase, document) if document.data is not None else None
    if case is None:
        raise KnowledgeError(dict.fromkeys(document.errors))
    return case


def safety_page(case: SafetyCase, knowledge: Knowledge) -> str:
    """Write the page in Markdown."""
    return "\n".join((_HEAD, *_use(case), *_hazards(case), *_criteria(case), *_before(case, knowledge))).rstrip() + "\n"


def _use(case: SafetyCase) -> Iterator[str]:
    yield f"## Intended use\n\n{case.intended_use}\n\n**Users**\n"
    yield from (f"- {user}" for user in case.intended_users)
    yield "\n**Not for**\n"
    yield from (f"- {use}" for use in case.not_for)


def _hazards(case: SafetyCase) -> Iterator[str]:
    yield "\n## Hazard log\n"
    yield "Severity and likelihood run from 1 to 5, likelihood with the controls in force; risk is their product.\n"
    yield "| hazard | severity | likelihood | risk | owner |\n|---|---|---|---|---|"
    for one in sorted(case.hazards, key=lambda each: -each.risk):
        yield f"| [{one.id}](#{one.id.lower()}) {one.hazard} | {one.severity} | {one.likelihood} | {one.risk} | {one.owner} |"
    for one in case.hazards:
        yield f"\n### {one.id}\n\n**{one.hazard}.** {one.effect}\n\nCauses: {'; '.join(one.causes)}.\n"
        yield "Controls, each with the tests (below `tests/`) that prove it:\n"
        for control in one.controls:
            yield f"- {control.control}"
            yield from (f"  - `{test.removeprefix('tests/')}`" for test in control.tests)


def _criteria(case: SafetyCase) -> Iterator[str]:
    yield "\n## Is it a device? The four criteria of US law\n"
    yield "Section 520(o)(1)(E) of the Federal Food, Drug, and Cosmetic Act, argued one by one; elsewhere other law holds.\n"
    for place, one in enumerate(case.us_criteria, 1):
        yield f"{place}. *{one.criterion}* {one.argument}"


def _before(case: SafetyCase, knowledge: Knowledge) -> Iterator[str]:
    yield "\n## Before live use\n\n| | confirm | by |\n|---|---|---|"
    yield from (f"| `{one.id}` | {one.confirm} | {one.by} |" for one in case.before_live_use)
    waiting = unconfirmed(knowledge)
    yield f"\nNumbers that await clinical review: {sum(map(len, waiting.values()))}, on {len(waiting)} cards.\n"
    yield "| card | numbers |\n|---|---|"
    yield from (f"| {topic} | {', '.join(f'`{name}`' for name in names)} |" for topic, names in waiting.items())


def unconfirmed(knowledge: Knowledge) -> Mapping[str, tuple[str, ...]]:
    """By topic, the parameters that wait for clinical review; cards whose rule does not run are left out."""
    found = {
        card.topic: tuple(name for name, one in card.parameters.items() if not one.confirmed)
        for card in knowledge.cards.values()
        if card.evaluated
    }
    return {topic: names for topic, names in found.items() if names}
