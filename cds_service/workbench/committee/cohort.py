"""The site's own patients before the committee, as hook requests of the day on which the cohort was written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cds_service.hooks.request import RequestError
from cds_service.service.handler import AS_OF
from cds_service.service.request_files import hook_request
from cds_service.workbench.cohort.layout import find_layout
from cds_service.workbench.cohort.sample import sample

MOST_ASKED = 500
"""Patients who are asked about for one page: somebody waits."""


@dataclass(frozen=True, slots=True)
class CohortMember:
    """One patient, by number: a page for a committee needs no name."""

    name: str
    hook: str
    request: dict[str, Any]


def members(cohort: Path) -> list[CohortMember]:
    """The first patients of a cohort; what is neither a patient nor a request is left out. Raises :class:`CohortError`."""
    return [
        CohortMember(f"patient {number}", str(request["hook"]), request)
        for number, request in enumerate(_requests(cohort), 1)
    ]


def _requests(cohort: Path) -> Iterator[dict[str, Any]]:
    layout = find_layout(cohort)
    written = max(path.stat().st_mtime for path in (*layout.ndjson, *layout.files))
    as_of = {AS_OF: datetime.fromtimestamp(written, UTC).isoformat(timespec="seconds")}
    for sampled in sample(cohort, MOST_ASKED):
        with suppress(RequestError):
            request = json.loads(hook_request(sampled.document))
            yield request | {"extension": as_of | (request.get("extension") or {})}
