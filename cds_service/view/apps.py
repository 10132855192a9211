"""The records that may launch the view: the clients of the allowlist with an entry ``smart``, each by its FHIR server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from cds_service.service.auth.clients import Client

ALGORITHM = "ES384"


@dataclass(frozen=True, slots=True)
class App:
    """How the view is registered at one record."""

    iss: str
    """Base URL of the record's FHIR server."""
    client_id: str
    issuer: str
    """Issuer and tenant of the CDS client, under which the store remembers what its users were shown."""
    tenant: str = ""
    secret: str = field(default="", repr=False)
    """Shared secret; without one the app proves itself with its key."""
    framed_by: tuple[str, ...] = ()


def apps_of(clients: Iterable[Client], *more: App) -> Mapping[str, App]:
    """Index the registrations by FHIR server. Raises ``ValueError`` for a secret's file that is empty or two of one server."""
    found: dict[str, App] = {}
    for app in (*map(_app, (client for client in clients if client.smart is not None)), *more):
        if app.iss in found:
            raise ValueError(f"two clients of the allowlist have the same smart.fhir_server {app.iss}")
        found[app.iss] = app
    return found


def read_key(file: Path) -> ECKey:
    """Read the app's private key. Raises ``ValueError`` unless it is a PEM file of an EC key on P-384."""
    try:
        key = ECKey.import_key(file.read_text(encoding="ascii"))
    except (ValueError, JoseError) as problem:
        raise ValueError(f"{file}: not the PEM file of an EC key") from problem
    if key.curve_name != "P-384" or not key.is_private:
        raise ValueError(f"{file}: an EC private key on P-384 is needed")
    return key


def key_set(key: ECKey | None) -> dict[str, object]:
    """The public half of the app's key, as records fetch it."""
    if key is None:
        return {"keys": []}
    return {"keys": [{**key.as_dict(private=False), "kid": key.thumbprint(), "alg": ALGORITHM, "use": "sig"}]}


def _app(client: Client) -> App:
    smart = client.smart
    assert smart is not None
    secret = smart.client_secret_file.read_text(encoding="utf-8").strip() if smart.client_secret_file else ""
    if smart.client_secret_file and not secret:
        raise ValueError(f"{smart.client_secret_file}: the secret is empty")
    return App(smart.fhir_server, smart.client_id, client.issuer, client.tenant or "", secret, smart.framed_by)
