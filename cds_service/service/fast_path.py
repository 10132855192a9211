"""A thin WSGI callable before the Flask app: hook calls, nearly all of the traffic, go straight to the handler.

Routing, contexts and response objects cost more than answering a small call. Everything else goes on to Flask, whose
own route for hook calls comes to the same endpoint and gives the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from cds_service.service.cors import Cors
from cds_service.service.endpoint import INSIDE, SERVICES, HookEndpoint

StartResponse = Callable[..., Any]
WsgiApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class FastPath:
    """Serves ``POST /cds-services/{id}`` itself; also takes off a path prefix that a proxy left on.

    What is inside has no prefix: a proxy that closes ``/admin`` would leave ``/oncology/admin`` open.
    """

    def __init__(self, app: WsgiApp, endpoint: HookEndpoint, cors: Cors, path_prefix: str = "") -> None:
        self._app = app
        self._endpoint = endpoint
        self._cors = cors
        self._prefix = path_prefix

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        if self._prefix and path.startswith(self._prefix + "/") and not path.startswith(INSIDE, len(self._prefix)):
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + self._prefix
            environ["PATH_INFO"] = path = path[len(self._prefix) :]
        if environ["REQUEST_METHOD"] != "POST" or not path.startswith(SERVICES + "/"):
            return self._by_the_app(environ, start_response)
        service_id = path[len(SERVICES) + 1 :].removesuffix("/")
        if "/" in service_id:
            return self._by_the_app(environ, start_response)
        answer = self._endpoint.call(service_id, environ)
        start_response(answer.status_line, answer.all_headers + self._cors.headers(environ))
        return self._endpoint.to_the_end([answer.body], environ)

    def _by_the_app(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        answer = self._app(environ, start_response)
        return self._endpoint.to_the_end(answer, environ)
