"""How this installation is set up: environment variables ``CDS_...`` above a settings file, with defaults for a developer."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from cds_service.hooks.extensions import check_namespace
from cds_service.service.settings_file import FROM_FILE, NAMED_BY, PREFIX, nearest, secret_files, written_settings

SECRETS = (
    "store_url",
    "store_secret",
    "store_secret_old",
    "operator_token",
    "operator_token_old",
    "oidc_client_secret",
)
"""Settings that may stand in a file each, which ``CDS_..._FILE`` names."""
MIB = 1024 * 1024


def _listed(value: object) -> object:
    """Read ``a, b`` as two items, the way lists are written in an environment variable."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]


class WrongSettings(ValueError):
    """Settings that cannot be used; one line for each, with the variable's name."""


def read_settings(**given: Any) -> Settings:
    """Read ``cds-service.toml``, above it the environment, and above both what is ``given``, as on a command line.

    Raises :class:`WrongSettings`, and names variables that begin with ``CDS_`` and are no setting.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    files = {PREFIX + name.upper() + FROM_FILE for name in SECRETS}
    strange = [name for name in os.environ if name.startswith(PREFIX) and name not in known | files | {NAMED_BY}]
    wrong = [f"{name} is no setting{nearest(name, known)}" for name in sorted(strange)]
    written = {
        name: value
        for name, value in written_settings(Settings.model_fields, wrong).items()
        if PREFIX + name.upper() not in os.environ
    }
    try:
        settings = Settings(**{**written, **secret_files(SECRETS, wrong), **given})
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            place = PREFIX + str(problem["loc"][0]).upper() + ": " if problem["loc"] else ""
            wrong.append(place + _said(problem))
    if wrong:
        raise WrongSettings("\n".join(wrong))
    return settings


_WRITE = {
    "bool_parsing": "write true or false",
    "int_parsing": "write a whole number",
    "float_parsing": "write a number",
    "too_short": "must have {min_length} characters or more",
    "tuple_type": "write names with commas between them",
}
"""What to write instead, by what pydantic finds wrong."""


def _said(problem: ErrorDetails) -> str:
    wording = _WRITE.get(problem["type"])
    return wording.format(**problem.get("ctx", {})) if wording else problem["msg"].removeprefix("Value error, ")


class Settings(BaseSettings):
    """Each field is set by an environment variable of its name, in capitals, with ``CDS_`` before it."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str = "127.0.0.1"
    """Address to listen on; ``0.0.0.0`` is every network card."""
    port: int = Field(default=8000, ge=1, le=65535)
    """Port to listen on."""
    public_base_url: str = ""
    """What clients put before ``/cds-services``, such as ``https://cds.example.org/oncology``; a must in production."""
    development: bool = True
    """Set ``false`` in production: then callers must prove who they are, and requests cannot set the clock."""
    authentication: Literal["off", "required"] = "off"
    """Whether callers must send a signed token; ``off`` is for development only."""
    clients: Path | None = None
    """Allowlist file of the CDS clients that may call."""
    time_zone: str = "UTC"
    """Where the site's clocks stand, such as ``Europe/London``: times and ages on cards, and which day is today."""
    languages: Listed | None = None
    """Languages beside English that cards may speak, such as `de`, chosen by a request's `Accept-Language`; in development all."""
    client_profile: str = "standard"
    """Client profile (`cards/profiles`) of callers without authentication; others have theirs in the allowlist."""
    extension_namespace: str = ""
    """Reverse domain name, such as `org.example.hospital`, before the names in our `extension` objects; bare names without it."""
    cors_origins: Listed = ("*",)
    """Browser origins that may call, separated by commas; ``*`` is any."""
    playground: bool | None = None
    """The page at ``/`` and the FHIR server of made-up patients at ``/fhir``; on in development, and only there."""
    view: bool | None = None
    """The SMART patient view behind every card, launched at `/smart/launch`; on in development, elsewhere off unless `true`."""
    view_key: Path | None = None
    """PEM file of the EC key (P-384) by which the patient view proves itself to the record's authorisation server."""
    view_minutes: int = Field(default=60, ge=5, le=720)
    """How long a launched patient view lasts, unless the record's token ends before."""
    tls_certificate: Path | None = None
    """PEM file of the certificate chain, when the service ends TLS itself; not set when a proxy does."""
    tls_key: Path | None = None
    """PEM file (PKCS #8) of the certificate's private key."""
    tls_client_ca: Path | None = None
    """PEM file of the authority that clients' certificates must come from (mutual TLS), beside the tokens."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """How much is logged; at ``INFO`` one line a call."""
    otel: bool = False
    """Whether calls are traced with OpenTelemetry; needs the extra ``otel``, and its own ``OTEL_...`` variables."""

    cards: Path | None = None
    """Folder of the card files; the ones that came with the package when not set."""
    snapshots: str | None = None
    """Folder, this user's alone, that keeps loaded card files for the next start: by default the user's cache; empty: none."""
    site: str = ""
    """Name or file of the site overlay, such as ``uk-nice``."""
    candidate_site: str = ""
    """A site overlay that is judged on live calls and recorded, never shown; `cds-service silent-report` compares it."""

    knowledge_folder: Path = Path(".cds-service/knowledge")
    """Where knowledge versions lie that were taken into use while the service ran; all workers and nodes must see it."""
    operator_token: Annotated[SecretStr, Field(min_length=16)] | None = None
    """Lets operators call `POST /admin/reload` and `/admin/rollback`; without it there is no such endpoint."""
    operator_token_old: Annotated[SecretStr, Field(min_length=16)] | None = None
    """The token before, which still counts while the new one is handed out."""

    docs: Path | None = None
    """Folder of the documentation as `mkdocs build` writes it, served at `/docs`."""
    accounts: Path | None = None
    """People who decide on the page `/committee`: a file of names and password hashes, which `cds-service account` writes."""
    cohort: Path | None = None
    """The site's own patients, as `cds-service simulate` reads them, on whom `/committee` shows what a proposal does."""
    oidc_issuer: str = ""
    """The hospital's identity provider, for log-in to `/committee` by OpenID Connect."""
    oidc_client_id: str = ""
    """This service's client id there; its redirect address is `/committee/oidc/back` below the public base URL."""
    oidc_client_secret: SecretStr | None = None
    """The secret that belongs to it."""
    oidc_group: str = ""
    """What the claim `groups` must hold; empty lets everybody of the provider decide."""

    store_url: str = "sqlite:///.cds-service/store.sqlite3"
    """Where feedback and what was shown are kept: ``sqlite:///file`` or ``postgresql://...``."""
    store_secret: Annotated[SecretStr, Field(min_length=16)] | None = None
    """Keys the hashes of patients in the store: the same in all nodes, kept for ever; a must in production."""

    store_secret_old: Annotated[SecretStr, Field(min_length=16)] | None = None
    """The secret before: what was hashed with it is still recognised, until its rows have outlived their days."""
    back_off_after: int = Field(default=3, ge=0)
    """Times that a card that is not critical is shown to a user in vain before it backs off; 0: never. In development if set."""
    back_off_days: int = Field(default=7, ge=1)
    """Once in so many days a card comes that has backed off."""
    keep_cards_days: int = Field(default=400, ge=0)
    """Days that cards shown and their suggestions are kept; 0 is for ever."""
    keep_feedback_days: int = Field(default=400, ge=0)
    """Days that feedback is kept, from its receipt."""
    keep_failures_days: int = Field(default=400, ge=0)
    """Days that the record of rules which failed or could not tell is kept."""
    keep_audit_days: int = Field(default=180, ge=0)
    """Days that the audit is kept."""
    keep_knowledge_days: int = Field(default=0, ge=0)
    """Days that the record of knowledge versions taken into use is kept."""
    audit_patient_references: bool = False
    """Whether the audit keeps the patient's id as sent; else its keyed hash."""

    max_body_bytes: int = Field(default=16 * MIB, ge=1024)
    """Largest request body; larger ones are answered 413."""
    client_calls_per_minute: int = Field(default=6000, ge=0)
    """Calls that one authenticated client may make to one worker in a minute; 0 is no bound."""
    client_mib_per_minute: int = Field(default=6000, ge=0)
    """MiB of bodies, likewise."""
    client_feedback_per_minute: int = Field(default=6000, ge=0)
    """Items of feedback, likewise."""
    fhir_servers: Listed = ()
    """Base URLs of the FHIR servers that missing data may be fetched from, separated by commas."""
    fhir_networks: Listed = ()
    """Private networks that a listed FHIR server may live in, such as ``10.20.0.0/16``, separated by commas."""
    ca_bundle: Path | None = None
    """PEM file of the authorities that FHIR servers and key hosts are trusted by, such as a hospital's own; else the usual ones."""
    fetch_seconds: float = Field(default=0.4, gt=0, le=10)
    """How long all fetching of one call may take."""

    call_seconds: float = Field(default=0.5, gt=0, le=10)
    """Processor time for reading and judging one call; what is not judged by then is reported as not assessed."""

    workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    """Worker processes."""
    blocking_threads: int = Field(default=512, ge=1)
    """Threads of each worker, started when needed; a client that sends its body slowly holds one."""
    max_calls: int = Field(default=32, ge=1)
    """Calls that one worker works on at a time; a call that finds no place for a moment is answered 503."""
    backlog: int = Field(default=1024, ge=1)
    """Connections that wait to be accepted."""
    header_seconds: int = Field(default=120, ge=1)
    """How long a connection may wait for a call's headers; a proxy must end idle ones earlier, and most do after 60 or 90."""
    drain_seconds: int = Field(default=30, ge=1)
    """How long a worker may take to finish its calls when it is told to stop."""

    @field_validator("*", mode="before")
    @classmethod
    def _no_empty_path(cls, value: object, field: ValidationInfo) -> object:
        kind = cls.model_fields[str(field.field_name)].annotation
        if value == "" and Path in (kind, *get_args(kind)):  # which pathlib would take for the working folder
            raise ValueError("is empty: name a file or folder, or leave it out")
        return value

    @field_validator("time_zone")
    @classmethod
    def _time_zone_that_we_know(cls, name: str) -> str:
        if name not in available_timezones():
            near = nearest(name, available_timezones())
            raise ValueError(f"there is no time zone {name!r}{near}")
        return name

    @field_validator("public_base_url")
    @classmethod
    def _plain_url(cls, url: str) -> str:
        if url and not url.startswith(("https://", "http://")):
            raise ValueError("must begin with https:// (http:// in development)")
        parts = urlsplit(url)
        if url and not parts.hostname:
            raise ValueError("names no host; write one, such as https://cds.example.org")
        if parts.username is not None or set(url) & set("?# \t") or not url.isascii() or not url.isprintable():
            raise ValueError("must have neither user, query, fragment, blanks nor letters beyond ASCII")
        if parts.port == 0:  # what is no port at all, urlsplit refuses itself
            raise ValueError("has the port 0")
        return url.rstrip("/").removesuffix("/cds-services")

    @field_validator("store_url")
    @classmethod
    def _of_a_database_that_we_know(cls, url: str) -> str:
        if url != cls.model_fields["store_url"].default:  # no command waits for a database that it does not ask
            from cds_service.service.store.database import read_url

            read_url(url)
        return url

    @field_validator("extension_namespace")
    @classmethod
    def _reverse_domain(cls, namespace: str) -> str:
        if namespace:
            check_namespace(namespace)
        return namespace

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("CDS_TLS_CERTIFICATE and CDS_TLS_KEY go together")
        if self.tls_client_ca is not None and self.tls_certificate is None:
            raise ValueError("CDS_TLS_CLIENT_CA needs CDS_TLS_CERTIFICATE and CDS_TLS_KEY")
        return self

    @model_validator(mode="after")
    def _committee_is_whole(self) -> Self:
        if self.has_committee and not self.site:
            raise ValueError(
                "CDS_ACCOUNTS and CDS_OIDC_ISSUER need CDS_SITE: the overlay that the committee decides on"
            )
        if bool(self.oidc_issuer) != bool(self.oidc_client_id and self.oidc_client_secret):
            raise ValueError("CDS_OIDC_ISSUER, CDS_OIDC_CLIENT_ID and CDS_OIDC_CLIENT_SECRET go together")
        if self.accounts is not None and self.oidc_issuer:
            raise ValueError(
                "CDS_ACCOUNTS or CDS_OIDC_ISSUER, not both: who has two accounts could sign a proposal of their own"
            )
        return self

    @model_validator(mode="after")
    def _safe_together(self) -> Self:
        if self.development:
            return self
        wrong = {
            "CDS_AUTHENTICATION must be required": self.authentication == "off",
            "CDS_CLIENTS must name the allowlist file of CDS clients": self.clients is None,
            "CDS_STORE_SECRET must be set, with 16 characters or more": self.store_secret is None,
            "CDS_PUBLIC_BASE_URL must be the https address that clients call": not self.base_url.startswith("https://"),
            "CDS_PLAYGROUND must be false: it asks nobody who they are": self.playground is True,
        }
        if any(wrong.values()):
            found = "; ".join(what for what, is_so in wrong.items() if is_so)
            raise ValueError(f"outside development (CDS_DEVELOPMENT=false): {found}")
        return self

    @property
    def backs_off_after(self) -> int:
        """In development nobody answers, and the same patient is opened again and again: there a setting has to say so."""
        return 0 if self.development and "back_off_after" not in self.model_fields_set else self.back_off_after

    @property
    def has_committee(self) -> bool:
        """Whether people may decide on the page: only where they can log in."""
        return self.accounts is not None or bool(self.oidc_issuer)

    @property
    def has_playground(self) -> bool:
        """Whether the page for trying things out is served."""
        return self.development if self.playground is None else self.playground

    @property
    def has_view(self) -> bool:
        """Whether the patient view is served."""
        return self.development if self.view is None else self.view

    @property
    def base_url(self) -> str:
        """What clients put before ``/cds-services``."""
        if self.public_base_url:
            return self.public_base_url
        every_card = self.host in {"0.0.0.0", "::"}  # noqa: S104  # compared, not bound
        host = "localhost" if every_card or self.host == "127.0.0.1" else self.host
        scheme = "http" if self.tls_certificate is None else "https"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def path_prefix(self) -> str:
        """The path of the public base URL, such as ``/oncology``; empty when there is none."""
        return urlsplit(self.base_url).path

    @property
    def notices(self) -> tuple[str, ...]:
        """What must be said loudly at start-up."""
        if not self.development:
            return ()
        callers = "anybody may call" if self.authentication == "off" else "requests may set the clock"
        return (
            f"DEVELOPMENT SETTINGS: {callers}. Never send it real patients.",
            "For production set CDS_DEVELOPMENT=false, CDS_AUTHENTICATION=required and CDS_PUBLIC_BASE_URL=https://...",
        )
