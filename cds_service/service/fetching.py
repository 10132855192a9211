"""What the client did not send and lets us read: fetched from its FHIR server before the chart is read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from msgspec import Raw

from cds_service.chart.wire import Prefetch
from cds_service.hooks.prefetch import fill_missing
from cds_service.hooks.request import Request
from cds_service.service.fhir_client.answers import Fetched, reasons
from cds_service.service.fhir_client.pages import merge


class Fetcher(Protocol):
    """Makes FHIR reads, by key, within its deadline."""

    def fetch(
        self,
        server: str,
        token: str | None,
        reads: Mapping[str, str],
        deadline_s: float | None = None,
        *,
        scope: str | None = None,
    ) -> dict[str, Fetched]: ...


def supplement(
    request: Request[Prefetch], templates: Mapping[str, str], fetcher: Fetcher, as_of: datetime
) -> tuple[dict[str, Raw], dict[str, str]]:
    """Read the keys that are missing; gives what came, by key, and why a key has nothing. A key sent as null is sent."""
    access = request.access
    if access is None:
        return {}, {}
    reads, unfillable = fill_missing(templates, request.prefetch.keys(), request.context.fields, today=as_of.date())
    granted = access.fhir_authorization
    token = granted.access_token.get_secret_value() if granted else None
    fetched = fetcher.fetch(access.fhir_server, token, reads, scope=granted.scope if granted else None)
    return {key: Raw(value) for key, value in merge({}, fetched).items()}, {**reasons(fetched), **unfillable}
