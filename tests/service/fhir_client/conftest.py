"""A stub FHIR server and fetchers that may call it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from cds_service.service.fhir_client.fetch import FhirFetcher, Limits
from cds_service.service.fhir_client.guard import destinations
from tests.service.fhir_client.fhir_stub import StubServer


@pytest.fixture
def stub() -> Iterator[StubServer]:
    with StubServer() as server:
        yield server


@pytest.fixture
def make_fetcher() -> Iterator[Callable[..., FhirFetcher]]:
    """Make a fetcher for these servers; limits by name."""
    with ExitStack() as stack:

        def make(*servers: str, ca_bundle: str | None = None, clock: Any = None, **limits: Any) -> FhirFetcher:
            policy = destinations(servers, development=True)
            how = {"clock": clock} if clock else {}
            fetcher = FhirFetcher(policy, Limits(**limits), ca_bundle=ca_bundle, **how)
            stack.callback(fetcher.close)
            return fetcher

        yield make
