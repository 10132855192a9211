"""Operator actions: carried out in every worker or refused without effect; the answer says what each worker runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict

from flask import Response, request

from cds_service.knowledge.errors import KnowledgeError
from cds_service.service.answer import HttpAnswer, refuse
from cds_service.service.canary_record import Canary
from cds_service.service.operators import Operators
from cds_service.service.releases import Activation
from cds_service.service.worker_status import Rollout


def operated(
    operators: Operators,
    act: Callable[[], Activation | Canary],
    look: Callable[[], None],
    wait_for: Callable[[int], Rollout],
) -> Response:
    """Let an operator act. ``look`` makes this worker follow at once; ``wait_for`` gives what all say of the number."""
    answer = operators.admit(request.environ)
    if answer is None:
        answer = _done(act, look, wait_for)
        operators.acted(request.path, answer.status)
    return Response(answer.body, answer.status, answer.all_headers)


def _done(
    act: Callable[[], Activation | Canary], look: Callable[[], None], wait_for: Callable[[int], Rollout]
) -> HttpAnswer:
    """200 when each worker has followed, 202 when some have not said so, with their names."""
    try:
        done = act()
    except KnowledgeError as error:
        return refuse(422, "invalid", f"Nothing was changed. {error}")
    except LookupError as error:
        return refuse(409, "conflict", f"Nothing was changed. {error}")
    except ValueError as error:
        return refuse(400, "invalid", f"Nothing was changed. {error}")
    look()
    standing = wait_for(done.number)
    body = asdict(done) | {"workers": asdict(standing)}
    return HttpAnswer(200 if standing.complete else 202, json.dumps(body).encode())
