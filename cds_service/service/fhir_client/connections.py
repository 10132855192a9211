"""Pooled connections that go only to checked addresses and can be cut from outside while a thread waits on them."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from http.cookiejar import DefaultCookiePolicy
from types import TracebackType
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from cds_service.service.fhir_client.guard import Address, Destinations

SocketOptions = Sequence[tuple[int, int, int | bytes]]

_this_thread = threading.local()


class Cut(OSError):
    """The caller no longer waits for this read."""


class Line:
    """The connection that one read is using, so that its caller can cut it: ``with line:`` around the read.

    A socket time-out bounds only the wait for the next byte; a server that drips is held to the deadline by a cut.
    """

    def __init__(self, destinations: Destinations, ends: float, clock: Callable[[], float]) -> None:
        self._destinations = destinations
        self._ends = ends
        self._clock = clock
        self._lock = threading.Lock()
        self._handle: socket.socket | None = None
        self._is_cut = False
        self.fresh = False
        """Whether this read opened its connection, rather than finding one in the pool."""

    def __enter__(self) -> Line:
        _this_thread.line = self
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        _this_thread.line = None
        self._release()

    @property
    def remaining_s(self) -> float:
        """Seconds to the deadline; raises :class:`Cut` when there are none."""
        left = self._ends - self._clock()
        if left <= 0 or self._is_cut:
            raise Cut
        return left

    @property
    def over(self) -> bool:
        """Whether the deadline has passed or the caller has gone."""
        return self._is_cut or self._clock() >= self._ends

    def open(self, host: str, port: int, options: SocketOptions | None) -> socket.socket:
        """Connect to a host at an address that policy allows, within the deadline."""
        self.fresh = True
        problem = OSError("no address")
        for address in self._destinations.addresses(host, port):
            try:
                return self._connect(address, options)
            except OSError as error:
                problem = error
        raise problem

    def hold(self, used: socket.socket) -> None:
        """Keep a handle of our own on the connection, which stays valid while TLS wraps or urllib3 closes theirs."""
        handle = socket.fromfd(used.fileno(), used.family, used.type)
        with self._lock:
            previous, self._handle = self._handle, handle
            was_cut = self._is_cut
        if previous is not None:
            previous.close()
        if was_cut:
            raise Cut

    def cut(self) -> None:
        """End the read from another thread: its next wait for bytes returns at once."""
        with self._lock:
            self._is_cut = True
            if self._handle is not None:
                with suppress(OSError):
                    self._handle.shutdown(socket.SHUT_RDWR)

    def _connect(self, address: Address, options: SocketOptions | None) -> socket.socket:
        family, sockaddr = address
        opened = socket.socket(family, socket.SOCK_STREAM)
        try:
            for option in options or ():
                opened.setsockopt(*option)
            opened.settimeout(self.remaining_s)
            opened.connect(sockaddr)
            self.hold(opened)
        except BaseException:
            opened.close()
            raise
        return opened

    def _release(self) -> None:
        with self._lock:
            handle, self._handle = self._handle, None
        if handle is not None:
            handle.close()


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _opened(self)

    def request(self, *args: Any, **kwargs: Any) -> None:
        _held(self)
        super().request(*args, **kwargs)


class _Secure(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _opened(self)

    def request(self, *args: Any, **kwargs: Any) -> None:
        _held(self)
        super().request(*args, **kwargs)


def _opened(connection: HTTPConnection) -> socket.socket:
    line: Line = _this_thread.line
    try:
        return line.open(connection.host, connection.port, connection.socket_options)
    except TimeoutError as error:
        raise ConnectTimeoutError(connection, "no connection within the deadline") from error
    except OSError as error:
        raise NewConnectionError(connection, f"no connection ({type(error).__name__})") from error


def _held(connection: HTTPConnection) -> None:
    if connection.sock is not None:
        line: Line = _this_thread.line
        line.hold(connection.sock)


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _GuardedAdapter(HTTPAdapter):
    """A requests adapter whose connections belong to the :class:`Line` of the thread that uses them."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}


class GuardedSession(requests.Session):
    """A pooled session for many threads that goes nowhere by itself: no redirects, cookies, proxies or ``.netrc``.

    Each of these would take a request, or its token, elsewhere than policy says, or one patient's to another's call.
    """

    def __init__(self, threads: int) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self.mount(scheme, _GuardedAdapter(pool_connections=64, pool_maxsize=threads))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Find none: even to prepare one, requests would read the whole body."""
        return


def _never(_: logging.LogRecord) -> bool:
    return False


for _logger in ("connection", "connectionpool", "poolmanager", "response", "util.retry"):
    logging.getLogger(f"urllib3.{_logger}").addFilter(_never)  # they write whole URLs, which hold patient ids
