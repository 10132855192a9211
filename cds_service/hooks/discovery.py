"""What a service tells of itself at ``GET /cds-services``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

SPECIFICATION = "3.0.0"
"""The version of CDS Hooks that every service here implements."""

HOOK_VERSIONS: dict[str, str] = {
    "patient-view": "1.0",
    "order-select": "1.0",
    "order-sign": "1.0",
    "order-dispatch": "1.1",
    "encounter-start": "1.0",
    "encounter-discharge": "1.0",
    "appointment-book": "1.0",
}
"""The published version of each hook (HL7/cds-hooks-library)."""

Words = Annotated[str, Meta(min_length=1)]


class Service(msgspec.Struct, rename="camel", omit_defaults=True, forbid_unknown_fields=True, frozen=True):
    """One discovery entry. Several may share one ``id`` on different hooks."""

    id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._~-]+$")]
    hook: Words
    description: Words
    title: Words | UnsetType = UNSET
    usage_requirements: Words | UnsetType = UNSET
    prefetch: Annotated[dict[str, Words], Meta(min_length=1)] | UnsetType = UNSET
    version: str | UnsetType = UNSET
    hook_version: str | UnsetType = UNSET
    extension: Annotated[dict[str, Any], Meta(min_length=1)] | UnsetType = UNSET


class Discovery(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The answer of the discovery endpoint."""

    services: tuple[Service, ...]


def encode(services: Iterable[Service]) -> bytes:
    """Write the discovery answer; fills in the versions. Raises ``ValueError`` when an entry breaks the protocol."""
    stated = tuple(
        msgspec.structs.replace(service, version=SPECIFICATION, hook_version=HOOK_VERSIONS.get(service.hook, UNSET))
        for service in services
    )
    pairs = [(service.id, service.hook) for service in stated]
    if len(set(pairs)) < len(pairs):
        raise ValueError("two services have the same id and the same hook")
    body = msgspec.json.encode(Discovery(stated))
    msgspec.json.decode(body, type=Discovery)
    return body
