"""Where numbers and recommendations come from: ``cards/sources.yaml`` has each publication once, cards name it by its id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cds_service.knowledge.errors import NotAmong
from cds_service.knowledge.reading import read_part
from cds_service.knowledge.yaml_source import Document

if TYPE_CHECKING:
    from cds_service.knowledge.card_file import CitationEntry, SourceEntry


@dataclass(frozen=True, slots=True)
class Source:
    """A publication as it is cited at one place."""

    label: str
    url: str = ""
    says: str = ""
    """What is cited from it here."""
    id: str = ""
    """Its name in ``sources.yaml``."""

    @property
    def title(self) -> str:
        """The publication with what it says here: ``Zometa (zoledronic acid) label: not recommended below 30 mL/min``."""
        return f"{self.label}: {self.says}" if self.says else self.label


Sources = Mapping[str, "SourceEntry | None"]
"""By id; ``None`` for one that could not be read, which is noted already."""


def read_sources(document: Document) -> Sources:
    """Read ``sources.yaml``; mistakes are noted."""
    from cds_service.knowledge.card_file import SourceEntry  # who takes up a snapshot reads no card files

    if not isinstance(document.data, dict):
        document.refuse((), "the file is a mapping of ids to sources")
        return {}
    return {name: read_part(SourceEntry, document, (name,)) for name in document.data}


def cited(entry: CitationEntry, sources: Sources) -> Source:
    """The source that a card names; raises :class:`NotAmong` for an id that is not in the file."""
    if entry.id not in sources:
        raise NoSuchSource(entry.id, tuple(sources), "is not in sources.yaml")
    source = sources[entry.id]
    return Source(source.title, source.url or "", entry.says, entry.id) if source else Source(entry.id)


class NoSuchSource(NotAmong):
    """An id that ``sources.yaml`` does not have."""
