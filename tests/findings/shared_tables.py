"""Tables of ``cards/parameters.yaml``, and values that hold them, as a rule gets them, for direct tests of findings."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from cds_service.knowledge.parameters import bind
from cds_service.knowledge.rule_signature import RuleSignature, signature_of
from cds_service.knowledge.sources import read_sources
from cds_service.knowledge.tables import read_shared
from cds_service.knowledge.value_sets import read_codebook
from cds_service.knowledge.yaml_source import Document, read_yaml
from cds_service.service.knowledge_files import cards_folder
from cds_service.terminology.tables import Table

R = TypeVar("R")


@cache
def shared_table(name: str, row: type[R]) -> Table[R]:
    """The table of this name with rows of this dataclass."""
    kind: Any = Table[row]  # type: ignore[valid-type]
    table: Table[R] = _bound(RuleSignature({name: kind}, {}))[name]
    return table


@cache
def shared_values(kind: type[R]) -> R:
    """A dataclass whose fields are shared parameters of their own names, and others of their kind."""

    def rule(case: object, *, values: Any) -> None: ...

    rule.__annotations__["values"] = kind
    values: R = _bound(signature_of(rule))["values"]
    return values


def _bound(signature: RuleSignature) -> dict[str, Any]:
    sources = read_sources(_document("sources.yaml"))
    return signature.bound(
        {
            name: bind(name, signature.annotation(name), written.entry, sources).value
            for name, written in read_shared(_document("parameters.yaml")).items()
            if name.partition(".")[0] in signature.parameters and written.entry is not None
        }
    )


@cache
def shared_groups() -> Mapping[str, tuple[str, ...]]:
    """The groups of value sets that a case knows."""
    return read_codebook([_document("value_sets/groups.yaml")]).groups


@cache
def _document(name: str) -> Document:
    return read_yaml(name, (cards_folder() / name).read_text(encoding="utf-8"))
