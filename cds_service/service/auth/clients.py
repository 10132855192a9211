"""The allowlist: which CDS clients may call, how they sign, and for which addresses of this service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

from cds_service.knowledge.yaml_source import Document, read_yaml
from cds_service.service.auth.public_keys import (
    DEFAULT,
    MAXIMUM_KEYS,
    PRIVATE_MEMBERS,
    KeySet,
    SigningAlgorithm,
    UnusableKey,
    read_key,
    read_key_set,
)
from cds_service.service.auth.tokens import MAXIMUM_NAME

Name = Annotated[str, Field(min_length=1, max_length=MAXIMUM_NAME)]

SANDBOX = "https://sandbox.cds-hooks.org"
SANDBOX_KEY = {  # cds-hooks/sandbox, .well-known/jwks.json
    "kty": "EC",
    "use": "sig",
    "crv": "P-384",
    "kid": "44823f3d-0b01-4a6c-a80e-b9d3e8a7226f",
    "x": "dw_JGR8nB2I6XveNxUOl2qk699ZPLM2nYI5STSdiEl9avAkrm3CkfYMbrrjr8laB",
    "y": "Sm3mLE-n1zYNla_aiE3cb3nZsL51RbC7ysw3q8aJLxGm-hx79RPMYpITDjp7kgzy",
    "alg": "ES384",
}


class UnreadableAllowlist(ValueError):
    """The allowlist file cannot be used; each line says where, what was found and what is allowed."""


@dataclass(frozen=True, slots=True)
class SmartApp:
    """How a client's record launches the patient view: as whom we are registered there, and who may frame the page."""

    fhir_server: str
    """Base URL of its FHIR server: the ``iss`` of a launch."""
    client_id: str
    client_secret_file: Path | None = None
    """File of the shared secret; without one the app signs with its key (``private_key_jwt``)."""
    framed_by: tuple[str, ...] = ()
    """Origins whose pages may show the view in a frame."""


@dataclass(frozen=True, slots=True)
class Client:
    """One CDS client that may call. ``maximum_lifetime`` and ``skew`` are seconds."""

    name: str
    issuer: str
    jku: str | None
    keys: KeySet
    tenant: str | None = None
    audiences: frozenset[str] = frozenset()
    base_urls: tuple[str, ...] = ()
    algorithms: frozenset[str] = frozenset(DEFAULT)
    maximum_lifetime: int = 900
    skew: int = 60
    development_only: bool = False
    profile: str = "standard"
    """Name of the client profile by which its answers are adapted."""
    smart: SmartApp | None = None


@dataclass(frozen=True, slots=True)
class Clients:
    """The clients by issuer and tenant."""

    all: tuple[Client, ...]
    _by_issuer: Mapping[str, Mapping[str | None, Client]] = field(repr=False)

    @classmethod
    def of(cls, clients: Iterable[Client]) -> Clients:
        """Index the clients; raises ValueError when two share issuer and tenant."""
        listed = tuple(clients)
        by_issuer: dict[str, dict[str | None, Client]] = {}
        for client in listed:
            tenants = by_issuer.setdefault(client.issuer, {})
            if client.tenant in tenants:
                raise ValueError(f"'{client.name}' and '{tenants[client.tenant].name}' have the same iss and tenant")
            tenants[client.tenant] = client
        return cls(listed, by_issuer)

    def of_issuer(self, issuer: str) -> Mapping[str | None, Client]:
        """Return the clients of an issuer by tenant; the one under None accepts every tenant that is not listed."""
        return self._by_issuer.get(issuer, {})


class SmartEntry(BaseModel):
    """The registration of the patient view at a client's record, as a person writes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fhir_server: str
    client_id: Name
    client_secret_file: Path | None = None
    framed_by: tuple[str, ...] = ()

    @field_validator("fhir_server", "framed_by")
    @classmethod
    def _are_addresses(cls, given: str | tuple[str, ...], info: ValidationInfo) -> str | tuple[str, ...]:
        development = bool((info.context or {}).get("development"))
        if isinstance(given, str):
            return web_address(given, development=development).rstrip("/")
        return tuple(_origin(web_address(url, development=development)) for url in given)

    @field_validator("client_secret_file")
    @classmethod
    def _exists(cls, file: Path | None) -> Path | None:
        if file is not None and not file.is_file():
            raise ValueError(f"there is no such file: {file}")
        return file

    def app(self) -> SmartApp:
        """Return the entry as the value that launches are judged by."""
        return SmartApp(self.fhir_server, self.client_id, self.client_secret_file, self.framed_by)


class ClientEntry(BaseModel):
    """One entry of the allowlist file, as a person writes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    iss: Name
    jku: str | None = None
    keys: tuple[dict[str, Any], ...] = ()
    tenant: Name | None = None
    audiences: tuple[Annotated[str, Field(min_length=1, max_length=2048)], ...] = ()
    base_urls: tuple[str, ...] = ()
    algorithms: Annotated[tuple[SigningAlgorithm, ...], Field(min_length=1)] = DEFAULT
    maximum_lifetime_seconds: Annotated[int, Field(ge=30, le=3600)] = 900  # Epic writes about 15 minutes
    skew_seconds: Annotated[int, Field(ge=0, le=300)] = 60
    profile: Name = "standard"
    smart: SmartEntry | None = None

    @field_validator("jku")
    @classmethod
    def _is_safe(cls, jku: str | None, info: ValidationInfo) -> str | None:
        return None if jku is None else web_address(jku, development=bool((info.context or {}).get("development")))

    @field_validator("keys")
    @classmethod
    def _are_public(cls, keys: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
        if len(keys) > MAXIMUM_KEYS:
            raise ValueError(f"{len(keys)} keys are listed, and at most {MAXIMUM_KEYS} count")
        for number, key in enumerate(keys, start=1):
            if private := PRIVATE_MEMBERS & key.keys():
                raise ValueError(
                    f"key {number} holds a secret ({', '.join(sorted(private))}): give the public part only"
                )
            try:
                read_key(key)
            except UnusableKey as problem:
                raise ValueError(f"key {number}: {problem}") from problem
        return keys

    @field_validator("base_urls")
    @classmethod
    def _are_bases(cls, urls: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        development = bool((info.context or {}).get("development"))
        return tuple(web_address(url, development=development).rstrip("/") for url in urls)

    @model_validator(mode="after")
    def _has_keys(self, info: ValidationInfo) -> ClientEntry:
        if self.jku is None and not self.keys:
            raise ValueError("a client needs jku (the address of its key set) or keys (the public keys themselves)")
        if self._is_sandbox() and not (info.context or {}).get("development"):
            raise ValueError("this is the public sandbox, whose private key everybody has: for development only")
        return self

    def _is_sandbox(self) -> bool:
        keys = {key.get("x") for key in self.keys}
        return SANDBOX_KEY["x"] in keys or any(url.startswith(SANDBOX) for url in (self.iss, self.jku or ""))

    def client(self) -> Client:
        """Return the entry as the value that requests are judged by."""
        return Client(
            name=self.name,
            issuer=self.iss,
            jku=self.jku,
            keys=read_key_set(self.keys),
            tenant=self.tenant,
            audiences=frozenset(self.audiences),
            base_urls=self.base_urls,
            algorithms=frozenset(self.algorithms),
            maximum_lifetime=self.maximum_lifetime_seconds,
            skew=self.skew_seconds,
            profile=self.profile,
            smart=self.smart.app() if self.smart else None,
        )


class Allowlist(BaseModel):
    """The allowlist file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    clients: tuple[ClientEntry, ...] = ()
    presets: tuple[Literal["sandbox"], ...] = ()

    @field_validator("presets")
    @classmethod
    def _in_development(cls, presets: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if presets and not (info.context or {}).get("development"):
            raise ValueError("the sandbox's private key is public: this preset is for development only")
        return presets


def read_clients(text: str, *, file: str = "clients.yaml", development: bool = False) -> Clients:
    """Read an allowlist file; raises ``UnreadableAllowlist``. Only ``development`` allows http and the sandbox."""
    document = _parsed(text, file)
    try:
        allowlist = Allowlist.model_validate(document.data, context={"development": development})
        listed = [entry.client() for entry in allowlist.clients]
        return Clients.of(listed + [sandbox_client() for _ in set(allowlist.presets)])
    except ValidationError as problem:
        lines = [_line(document, dict(error)) for error in problem.errors(include_input=False, include_url=False)]
        raise UnreadableAllowlist("\n".join(lines)) from None
    except ValueError as problem:
        raise UnreadableAllowlist(f"{file}: {problem}") from None


def sandbox_client() -> Client:
    """Return the public CDS Hooks sandbox as a client. Everybody has its private key: for development only."""
    return Client(
        name="CDS Hooks sandbox",
        issuer=SANDBOX,
        jku=f"{SANDBOX}/.well-known/jwks.json",
        keys=read_key_set([SANDBOX_KEY]),
        algorithms=frozenset({"ES384"}),
        maximum_lifetime=300,
        development_only=True,
    )


def web_address(url: str, *, development: bool) -> str:
    """Return an absolute address that may be used: https (http in development), no user, query or fragment."""
    parts = urlsplit(url)
    schemes = ("https", "http") if development else ("https",)
    if parts.scheme not in schemes or not parts.hostname or not url.isascii() or not url.isprintable():
        raise ValueError(f"an absolute {' or '.join(schemes)} address is needed")
    if parts.username is not None or parts.password is not None or parts.fragment or "?" in url or " " in url:
        raise ValueError("an address has neither user, query, fragment nor blanks here")
    return url


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.path.strip("/"):
        raise ValueError("an origin has no path: write it as https://ehr.example.org")
    return f"{parts.scheme}://{parts.netloc}"


def _parsed(text: str, file: str) -> Document:
    document = read_yaml(file, text)
    if document.is_empty:
        document.data = {}
    elif document.errors:
        raise UnreadableAllowlist("\n".join(map(str, document.errors)))
    return document


def _line(document: Document, error: dict[str, Any]) -> str:
    path = error["loc"]
    mark = document.place(path, of_key=True)
    said = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        known = Allowlist.model_fields if len(path) == 1 else ClientEntry.model_fields
        near = get_close_matches(str(path[-1]), known, n=1)
        said = f"unknown name; did you mean {near[0]}?" if near else f"unknown name; allowed are {', '.join(known)}"
    where = ".".join(str(each) for each in path) or "file"
    return f"{document.file}:{mark.line}:{mark.column}: {where}: {said}"
