"""Tables of ``cards/parameters.yaml`` as a rule gets them, for direct tests of findings."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from cds_service.knowledge.parameters import bind
from cds_service.knowledge.rule_signature import RuleSignature
from cds_service.knowledge.sources import read_sources
from cds_service.knowledge.tables import read_shared
from cds_service.knowledge.yaml_source import Document, read_yaml
from cds_service.service.knowledge_files import cards_folder
from cds_service.terminology.tables import Table

R = TypeVar("R")


@cache
def shared_table(name: str, row: type[R]) -> Table[R]:
    """The table of this name with rows of this dataclass."""
    kind: Any = Table[row]  # type: ignore[valid-type]
    signature = RuleSignature({name: kind}, {})
    sources = read_sources(_document("sources.yaml"))
    cells = {
        cell: bind(cell, signature.annotation(cell), written.entry, sources).value
        for cell, written in read_shared(_document("parameters.yaml")).items()
        if cell.startswith(f"{name}.") and written.entry is not None
    }
    table: Table[R] = signature.bound(cells)[name]
    return table


@cache
def _document(name: str) -> Document:
    return read_yaml(name, (cards_folder() / name).read_text(encoding="utf-8"))
