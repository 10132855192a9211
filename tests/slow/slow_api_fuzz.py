"""The API under thousands of wrong calls: our own mutations of fixtures, and schemathesis from the OpenAPI description.

CDS_FUZZ_CALLS says how many of each kind (default 2000).
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cds_service.service.application import Application
from tests.service.api_fuzz import answered_well, broken_bodies, feedback_bodies, mutated_requests
from tests.service.whole import whole_service
from tests.service.wire import over_wsgi

CALLS = int(os.environ.get("CDS_FUZZ_CALLS", "2000"))
many = settings(max_examples=CALLS, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    with whole_service(tmp_path_factory.mktemp("fuzz")) as made:
        yield made


CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["as-described", "not-as-described"]
)
def test_every_described_operation_answers_as_described(service: Application, mode: GenerationMode) -> None:
    described = schemathesis.openapi.from_wsgi("/openapi.json", service.wsgi)
    called = []
    for found in described.get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and operation.body is not None and not list(operation.body):
            continue  # nothing that could be wrong is sent there
        called.append(operation.label)

        @settings(many, max_examples=max(10, CALLS // 8))
        @given(case=operation.as_strategy(generation_mode=mode))
        def answers_as_described(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=CHECKS)

        answers_as_described()
    assert len(called) >= 6


@many
@given(call=mutated_requests())
def test_requests_with_wrong_values_anywhere_are_answered_or_refused(
    service: Application, call: tuple[str, bytes]
) -> None:
    answered_well(over_wsgi(service.wsgi), *call)


@many
@given(call=broken_bodies())
def test_bodies_with_broken_bytes_are_answered_or_refused(service: Application, call: tuple[str, bytes]) -> None:
    answered_well(over_wsgi(service.wsgi), *call)


@many
@given(call=feedback_bodies())
def test_feedback_of_any_shape_is_kept_or_refused(service: Application, call: tuple[str, bytes]) -> None:
    answered_well(over_wsgi(service.wsgi), *call)
