"""What each hook says of the moment at which it was called: the ``context`` object of the supported hooks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import msgspec
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _absent_when_empty(value: object) -> object:
    """Read ``""`` as absent: clients that fill templates send it for "no encounter"."""
    return None if value == "" else value


OptionalText = Annotated[Text | None, BeforeValidator(_absent_when_empty)]


class WireModel(BaseModel):
    """Outside JSON: camel case, unknown fields kept, and nothing of its content in a ``repr`` or an error."""

    model_config = ConfigDict(
        extra="allow", frozen=True, alias_generator=to_camel, populate_by_name=True, hide_input_in_errors=True
    )

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        return ()


class Context(WireModel):
    """Fields that every supported hook has in common; the whole context of ``patient-view`` (1.0)."""

    user_id: Text
    """Such as ``Practitioner/example``."""
    patient_id: Text
    """The FHIR id; a client that sends ``Patient/1`` is read as ``1``."""
    encounter_id: OptionalText = None

    @property
    def patient(self) -> str:
        """The patient's FHIR id, without the resource type that some clients put before it."""
        return self.patient_id.removeprefix("Patient/")

    @property
    def fields(self) -> Mapping[str, Any]:
        """Its members as JSON names them, for prefetch templates; those kept as bytes are left out."""
        members = self.model_dump(by_alias=True)
        return {name: value for name, value in members.items() if name not in KEPT_RAW}


def _bundle(value: object) -> bytes:
    """Check no more than that it is a JSON object and no other resource: real clients send a Bundle without ``type``."""
    if not isinstance(value, bytes) or value.lstrip()[:1] != b"{":
        raise ValueError("must be a FHIR Bundle, a JSON object")
    try:
        kind = msgspec.json.decode(value, type=_Header).resource_type
    except msgspec.DecodeError:
        raise ValueError("must be a FHIR Bundle with a readable resourceType") from None
    if kind != "Bundle":
        raise ValueError("must be a FHIR Bundle, not another resource")
    return value


class _Header(msgspec.Struct, rename="camel"):
    resource_type: str = "Bundle"


_BUNDLE_SCHEMA = {
    "type": "object",
    "description": "A FHIR R4 Bundle of draft orders; its `type` may be missing.",
    "properties": {"resourceType": {"const": "Bundle"}, "entry": {"type": "array", "items": {"type": "object"}}},
}

DraftOrders = Annotated[bytes, BeforeValidator(_bundle), Field(repr=False), WithJsonSchema(_BUNDLE_SCHEMA)]


class OrderSign(Context):
    """The context of ``order-sign`` (1.0): every draft is about to be signed."""

    draft_orders: DraftOrders
    """A Bundle of drafts as JSON, byte for byte as sent."""


class OrderSelect(OrderSign):
    """The context of ``order-select`` (1.0): ``selections`` names the drafts being picked."""

    selections: tuple[Text, ...]
    """References into ``draft_orders``, such as ``MedicationRequest/draft-1``; may be empty."""


CONTEXTS: dict[str, type[Context]] = {
    "patient-view": Context,
    "order-select": OrderSelect,
    "order-sign": OrderSign,
}
"""The context model of each hook that a service may be configured for."""

KEPT_RAW = frozenset({"draftOrders"})
"""Context fields that are handed on as bytes."""


def _bearer(value: object) -> object:
    if not isinstance(value, str) or value.lower() != "bearer":
        raise ValueError("must be Bearer")
    return "Bearer"


class FhirAuthorization(WireModel):
    """The right to read the client's FHIR server for this one call. The token shows in no ``repr`` and no error."""

    model_config = ConfigDict(alias_generator=None)

    access_token: Annotated[SecretStr, Field(min_length=1)]
    token_type: Annotated[str, BeforeValidator(_bearer)] = "Bearer"  # noqa: S105  # the name of a scheme, no secret
    expires_in: int | None = None
    """Seconds."""
    scope: str = ""
    subject: str = ""
    patient: str | None = None


def _absolute(url: str) -> str:
    """Keep the URL as written: a normalised one would no longer equal the allowlist's."""
    if not re.match(r"https?://[^\s/?#]+[^\s]*$", url):
        raise ValueError("must be an absolute http or https URL")
    return url


class FhirAccess(WireModel):
    """Where the client's FHIR server is and, when the client gives it, the right to read there."""

    fhir_server: Annotated[str, AfterValidator(_absolute)]
    fhir_authorization: FhirAuthorization | None = None
