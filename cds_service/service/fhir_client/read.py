"""One FHIR read in its worker thread: request, bounded body, pages. Whatever happens comes back as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import requests
from urllib3.exceptions import HTTPError

from cds_service.service.fhir_client.answers import Failed, FailedBecause, Fetched, Got, Refused
from cds_service.service.fhir_client.connections import Line
from cds_service.service.fhir_client.guard import Forbidden, next_url
from cds_service.service.fhir_client.pages import Header, NotFhirJson, read_header

_PIECE = 65536
_LARGEST_ERROR = 65536
_JSON = frozenset({"application/fhir+json", "application/json+fhir", "application/json", "text/json", ""})


@dataclass(frozen=True, slots=True)
class ReadBounds:
    """What one read may cost, and whom it trusts."""

    pages: int
    size: int
    verify: bool | str


class _Stop(Exception):
    """The read cannot go on."""

    def __init__(self, because: FailedBecause, status: int | None = None, detail: str = "") -> None:
        super().__init__(because)
        self.failed = Failed(because, status, detail)


class Read:
    """One key's read. :meth:`run` it in a worker; :meth:`abandon` it from the caller's thread when time is up."""

    def __init__(
        self,
        session: requests.Session,
        line: Line,
        base: str,
        url: str,
        headers: Mapping[str, str],
        bounds: ReadBounds,
        *,
        narrowed: bool = False,
    ) -> None:
        self._session = session
        self._line = line
        self._base = base
        self._url = url
        self._headers = headers
        self._bounds = bounds
        self._narrowed = narrowed
        self._pages: list[bytes] = []
        self.reached = False
        """Whether a worker got as far as to call the server."""

    def run(self) -> Fetched:
        """Read all pages and say what became of it; does not raise."""
        try:
            with self._line:
                return self._read()
        except _Stop as stop:
            return self._so_far(stop.failed)
        except Forbidden as refusal:
            return Refused(refusal.because, refusal.detail)
        except (requests.Timeout, TimeoutError):
            return self._so_far(Failed("timeout"))
        except Exception as error:  # noqa: BLE001 - whatever a server makes a library raise does not affect another key
            over = self._line.over
            return self._so_far(Failed("timeout") if over else Failed("connection", detail=type(error).__name__))

    def abandon(self) -> Fetched:
        """Give what came whole so far and close the connection under the worker."""
        self._line.cut()
        return self._so_far(Failed("timeout"))

    def _so_far(self, failed: Failed) -> Fetched:
        pages = tuple(self._pages)
        return Got(pages, cut_short=failed.because) if pages else failed

    def _read(self) -> Fetched:
        url: str | None = self._url
        seen: set[str] = set()
        while url is not None and url not in seen:
            if len(self._pages) == self._bounds.pages:
                return Got(tuple(self._pages), cut_short="page-bound")
            seen.add(url)
            status, body = self._page(url)
            header = _header(status, body)
            if status >= 400 and not self._pages:
                return Got((body,), status)
            if status >= 400 or (self._pages and header.resource_type != "Bundle"):
                raise _Stop("status", status)
            self._pages.append(body)
            url = self._next(url, header)
        return Got(tuple(self._pages), cut_short="scope" if self._narrowed else "")

    def _next(self, url: str, header: Header) -> str | None:
        if header.next_link is None:
            return None
        following = next_url(self._base, url, header.next_link)
        if following is None:
            raise _Stop("off-origin-next")
        return following

    def _page(self, url: str) -> tuple[int, bytes]:
        response = self._send(url)
        try:
            status = response.status_code
            if 300 <= status < 400:
                raise _Stop("redirect", status)
            if response.headers.get("Content-Type", "").partition(";")[0].strip().lower() not in _JSON:
                raise _Stop("status" if status >= 400 else "not-json", status)
            spent = sum(map(len, self._pages))
            return status, self._body(response, _LARGEST_ERROR if status >= 400 else self._bounds.size - spent)
        finally:
            response.close()

    def _send(self, url: str) -> requests.Response:
        prepared = requests.Request("GET", url, headers=dict(self._headers)).prepare()
        for last_try in (False, True):
            self._line.fresh = False
            timeout = self._line.remaining_s
            self.reached = True
            try:
                return self._session.send(
                    prepared, stream=True, timeout=timeout, verify=self._bounds.verify, allow_redirects=False
                )
            except requests.Timeout:
                raise
            except requests.ConnectionError:
                # The server may have closed a pooled connection just as we took it: once more on a new one.
                if last_try or self._line.fresh or self._line.over:
                    raise
        raise AssertionError("the last try returns or raises")

    def _body(self, response: requests.Response, bound: int) -> bytes:
        announced = response.headers.get("Content-Length", "")
        if announced.isdecimal() and int(announced) > bound:
            raise _Stop("too-large")
        pieces: list[bytes] = []
        size = 0
        try:
            while piece := response.raw.read1(_PIECE, decode_content=True):
                pieces.append(piece)
                size += len(piece)
                if size > bound:
                    raise _Stop("too-large")
                if self._line.over:
                    raise _Stop("timeout")
        except HTTPError as error:
            raise _Stop("timeout" if self._line.over else "connection", detail=type(error).__name__) from None
        return b"".join(pieces)


def _header(status: int, body: bytes) -> Header:
    try:
        header = read_header(body)
    except NotFhirJson:
        raise _Stop("status" if status >= 400 else "not-json", status) from None
    if status >= 400 and header.resource_type != "OperationOutcome":
        raise _Stop("status", status)
    return header
