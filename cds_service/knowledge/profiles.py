"""Client profiles: the shape in which one kind of client gets its answers. The decision is the same for all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar, Literal

from pydantic import Field

from cds_service.knowledge.reading import Name, NonEmptyText, Written, read_part
from cds_service.knowledge.yaml_source import Document

FOLDER = "profiles/"


class ClientProfile(Written):
    """What a client shows, understands and does with an answer; a file of ``cards/profiles``."""

    called: ClassVar[str] = "a client profile"
    profile: Name
    title: NonEmptyText
    suggestions: Literal["as-written", "one-action", "none"] = "as-written"
    """``one-action``: one action a suggestion; ``none``: what would be offered stands in words."""
    most_suggestions: int | None = Field(default=None, ge=0)
    """Those beyond it stand in words; ``None``: any number."""
    updates: Literal["keep", "replace", "words"] = "keep"
    """``replace``: delete the draft and create the changed one."""
    swaps: Literal["as-written", "update"] = "as-written"
    """``update``: a draft that is deleted for another of its type becomes one changed draft."""
    selection: Literal["as-written", "any-only"] = "as-written"
    preselect: Literal["as-written", "creates-only", "never"] = "as-written"
    """What may be ticked in advance; a delete and one of two alternatives never are."""
    description_alone: bool = False
    """An action's description says all that the suggestion's label says."""
    topic_code: Literal["as-written", "letters-and-digits"] = "as-written"
    detail: Literal["markdown", "html"] = "markdown"
    links: Literal["all", "smart-only", "none"] = "all"
    view: Literal["smart", "absolute"] = "smart"
    """How a card leads to the patient view: as a SMART app that the client launches, or by address (development only)."""
    unmapped: Literal["standard", "words"] = "standard"
    """What becomes of a create whose order has no code that the client accepts."""
    systems: dict[str, str] = Field(default_factory=dict)
    """Code systems that the client spells otherwise."""
    accepts: dict[str, list[str]] = Field(default_factory=dict)
    """By resource type, the systems whose codes make an order; a type that is not named takes any."""
    sets: dict[str, str] = Field(default_factory=dict)
    """Elements of every created order, such as ``intent``."""
    prefetch: dict[str, str] = Field(default_factory=dict)
    """Queries that a person types in for a client that reads no discovery, in place of ours of the same key; empty: left out."""

    def queries(self, templates: Mapping[str, str]) -> dict[str, str]:
        """The prefetch queries for such a client: its own where it has some, ours else."""
        return {key: query for key, query in {**templates, **self.prefetch}.items() if query}

    @cached_property
    def plain(self) -> bool:
        """Whether answers go out as they are."""
        return self == ClientProfile(profile=self.profile, title=self.title, prefetch=self.prefetch)


STANDARD = ClientProfile(profile="standard", title="Standard")


def read_profiles(documents: Mapping[str, Document]) -> dict[str, ClientProfile]:
    """Read the profiles among the documents of a cards folder, by name; mistakes are noted in their document."""
    found = {"standard": STANDARD}
    for file, document in documents.items():
        if not file.startswith(FOLDER) or document.data is None:
            continue
        entry = read_part(ClientProfile, document)
        if entry is None:
            continue
        stem = file.removeprefix(FOLDER).removesuffix(".yaml")
        if entry.profile != stem:
            document.refuse(("profile",), f"the profile is {entry.profile!r}, the file's name says {stem!r}")
            continue
        found[entry.profile] = entry
    return found
