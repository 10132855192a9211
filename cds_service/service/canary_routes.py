"""Beginning and ending a canary: for the command line, and for operators at ``POST /admin/canary`` and ``/admin/canary/end``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from typing import Any

import msgspec
from flask import Blueprint, Response, request

from cds_service.service import clock
from cds_service.service.canary_record import Canaries, Canary, Terms
from cds_service.service.operating import operated
from cds_service.service.operators import Operators
from cds_service.service.releases import Origin, ReleaseHistory
from cds_service.service.settings_file import nearest
from cds_service.service.worker_status import WorkerStatuses

MOST_BYTES = 10_000


def begin_canary(releases: ReleaseHistory, origin: Origin, terms: Terms, now: datetime) -> Canary:
    """Check the card files as they are now and try them beside the version in force.

    Raises :class:`KnowledgeError` when they are wrong, :class:`LookupError` when there is nothing to try or a canary runs,
    :class:`ValueError` for an expected topic that is none.
    """
    release, texts = origin.release()
    if unknown := sorted(set(terms.expected) - release.knowledge.cards.keys()):
        raise ValueError(f"{', '.join(unknown)}: no such topic{nearest(unknown[0], release.knowledge.cards)}")
    in_force = releases.in_force().version
    if not in_force:
        raise LookupError(f"no version is in force in {releases.folder}: start the service first")
    if release.knowledge.version == in_force.partition("+")[0]:
        raise LookupError(f"the card files are those of {in_force}, which is in force: there is nothing to try")
    releases.keep(release, texts)
    return Canaries(releases.folder).begin(release.name, in_force, terms, now)


def end_canary(releases: ReleaseHistory, now: datetime) -> Canary:
    """End the canary that runs; raises :class:`LookupError` when there is none."""
    canaries = Canaries(releases.folder)
    newest = canaries.newest()
    ended = canaries.end(newest.trial, "ended", "an operator ended it", now) if newest is not None else None
    if ended is None:
        raise LookupError("no canary runs")
    return ended


def canary_routes(
    operators: Operators, releases: ReleaseHistory, origin: Origin, look: Callable[[], None]
) -> Blueprint:
    """Serve both to operators; ``look`` makes this worker follow at once."""
    pages = Blueprint("canary", __name__)
    wait_for = WorkerStatuses(releases.folder).wait_for_canary

    @pages.post("/admin/canary")
    def begin() -> Response:
        return operated(operators, lambda: begin_canary(releases, origin, _terms(), clock.now()), look, wait_for)

    @pages.post("/admin/canary/end")
    def end() -> Response:
        return operated(operators, lambda: end_canary(releases, clock.now()), look, wait_for)

    return pages


def _terms() -> Terms:
    """The terms in the body, such as ``{"share": 10, "hours": 24}``; raises :class:`ValueError`."""
    written = msgspec.json.decode(request.stream.read(MOST_BYTES), type=dict[str, Any])
    allowed = [field.name for field in fields(Terms)]
    if strange := sorted(written.keys() - set(allowed)):
        raise ValueError(f"{', '.join(strange)}: no such term; allowed: {', '.join(allowed)}")
    return msgspec.convert(written, Terms)
