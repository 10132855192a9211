"""The rows of the matrix: what CDS Hooks asks of a service, and which tests and checks keep each row true."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from cds_service.conformance.every_check import CHECKS


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row: the public id, its strength (SHALL, SHOULD ...), what it asks, and where it is kept true."""

    id: str
    strength: str
    text: str
    tests: tuple[str, ...] = ()
    """As pytest names them, without parameters."""
    not_applicable: str = ""
    """Why it does not concern this service."""
    remark: str = ""
    """What a reader of the row has to know beside its tests."""

    @property
    def binding(self) -> bool:
        """Whether it must be met."""
        return self.strength.startswith("SHALL")


@cache
def requirements() -> tuple[Requirement, ...]:
    """All rows, in the order of the list."""
    text = (resources.files(__package__) / "requirements.yaml").read_text(encoding="utf-8")
    rows = yaml.safe_load(text)
    return tuple(Requirement(**{**row, "tests": tuple(row.get("tests", ()))}) for row in rows)


@cache
def checks_by_requirement() -> Mapping[str, Sequence[str]]:
    """The names of the checks of ``cds-service conformance`` that speak for each row."""
    found: dict[str, list[str]] = defaultdict(list)
    for check in CHECKS:
        for requirement in check.requirements:
            found[requirement].append(check.name)
    return found
