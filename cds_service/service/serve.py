"""Starting the server: granian, one process per core, with the bounds of the settings."""

from __future__ import annotations

import gc
import logging
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from multiprocessing.util import Finalize
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server import MPServer

from cds_service.service.application import Configuration, Pages, application, no_pages, prepare
from cds_service.service.clock import now
from cds_service.service.fast_path import WsgiApp
from cds_service.service.releases import ReleaseHistory
from cds_service.service.reload import take_on_signal
from cds_service.service.settings import Settings
from cds_service.service.telemetry import common_meters, set_up_logs

FIRST_COLLECTION = 50_000
"""New objects before the garbage collector looks: a request makes thousands, nearly all without cycles."""


def serve(settings: Settings, pages: Pages = no_pages) -> None:
    """Serve until told to stop, ``pages`` too. Raises ``ValueError`` or ``OSError`` when cards, allowlist or settings are wrong."""
    configuration = prepare(settings)
    releases = ReleaseHistory(settings.knowledge_folder)
    with suppress(OSError):  # a read-only disk: the service runs, and cannot be rolled back to how it started
        begun = releases.begin(configuration.release, configuration.origin.texts(), now())
        configuration = replace(configuration, begun=True)
        if begun.version != configuration.release.name:
            sys.stderr.write(
                f"knowledge {begun.version} is in force by the last {begun.how}; `reload` takes the files\n"
            )
    run(settings, partial(_worker, configuration, pages), partial(take_on_signal, releases, configuration.origin))


class _Server(MPServer):
    """Granian, but SIGHUP takes changed card files into use instead of respawning workers: no connection is lost."""

    hung_up: Callable[[], None]

    def _reload(self, spawn_target: Any, target_loader: Any) -> None:
        """Called by the main process between two looks at its workers, once for signals that came together."""
        self.reload_signal = False
        self.main_loop_interrupt.clear()
        self.hung_up()


def run(settings: Settings, load: Callable[[], WsgiApp], hung_up: Callable[[], None] = lambda: None) -> None:
    """Serve what ``load`` makes, which each worker process calls once; returns when the server was told to stop.

    ``hung_up`` is called in the main process on SIGHUP; it must not raise.
    """
    _refuse_taken_address(settings)
    set_up_logs(settings.log_level)
    for notice in settings.notices:
        sys.stderr.write(f"!! {notice}\n")
    # so many threads are on purpose: each slow client's body holds one, and what works at a time has a bound of its own
    logging.getLogger("_granian").addFilter(lambda record: "allows spawning up to" not in record.getMessage())
    server = _Server(
        "cds_service",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=settings.workers,
        blocking_threads=settings.blocking_threads,
        backlog=settings.backlog,
        http1_settings=HTTP1Settings(header_read_timeout=settings.header_seconds * 1000),
        workers_kill_timeout=settings.drain_seconds,
        respawn_failed_workers=True,
        ssl_cert=settings.tls_certificate,
        ssl_key=settings.tls_key,
        ssl_ca=settings.tls_client_ca,
        ssl_client_verify=settings.tls_client_ca is not None,
    )
    server.hung_up = hung_up
    gc.collect()
    gc.freeze()  # what workers share with this process stays shared: no collection touches it
    with common_meters():
        server.serve(target_loader=partial(_settled, load), wrap_loader=False)


def _refuse_taken_address(settings: Settings) -> None:
    """Try the address first: the server itself would panic over it."""
    try:
        socket.create_server((settings.host, settings.port), family=_family(settings.host)).close()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise OSError(
            f"cannot listen on {settings.host}, port {settings.port} ({reason}); "
            "choose another with --host, --port, CDS_HOST, CDS_PORT"
        ) from None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _worker(configuration: Configuration, pages: Pages) -> WsgiApp:
    made = application(configuration, pages)
    Finalize(None, made.close, exitpriority=10)  # not atexit: worker processes end without it
    return made.wsgi


def _settled(load: Callable[[], WsgiApp]) -> WsgiApp:
    """Load, then let the garbage collector forget what stays for ever, so that it never walks it during a call."""
    app = load()
    gc.collect()
    gc.freeze()
    gc.set_threshold(FIRST_COLLECTION, 20, 20)
    return app
