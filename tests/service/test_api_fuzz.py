"""A short fuzz of the whole service; ``python -m tests.slow`` makes thousands of calls of each kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings

from tests.service.api_fuzz import answered_well, broken_bodies, feedback_bodies, mutated_requests
from tests.service.whole import whole_service
from tests.service.wire import Send, over_wsgi

few = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def send(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Send]:
    with whole_service(tmp_path_factory.mktemp("fuzz")) as made:
        yield over_wsgi(made.wsgi)


@few
@given(call=mutated_requests())
def test_requests_with_wrong_values_anywhere_are_answered_or_refused(send: Send, call: tuple[str, bytes]) -> None:
    answered_well(send, *call)


@few
@given(call=broken_bodies())
def test_bodies_with_broken_bytes_are_answered_or_refused(send: Send, call: tuple[str, bytes]) -> None:
    answered_well(send, *call)


@few
@given(call=feedback_bodies())
def test_feedback_of_any_shape_is_kept_or_refused(send: Send, call: tuple[str, bytes]) -> None:
    answered_well(send, *call)
