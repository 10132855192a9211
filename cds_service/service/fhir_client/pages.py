"""Pages of one search: what a page says of the next, and many pages as one Bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from msgspec import Raw, Struct

from cds_service.service.fhir_client.answers import Fetched, Got


class NotFhirJson(ValueError):
    """A body that is no JSON object with a ``resourceType``."""


@dataclass(frozen=True, slots=True)
class Header:
    """What must be known of a page to go on from it."""

    resource_type: str
    next_link: str | None


def read_header(body: bytes) -> Header:
    """Check that a body is FHIR JSON, without building it, and find its ``next`` link; raises :class:`NotFhirJson`."""
    try:
        page = _HEADERS.decode(body)
    except (ValueError, RecursionError):
        raise NotFhirJson from None
    return Header(page.resource_type, _next_link(page.link) if page.resource_type == "Bundle" else None)


def merge(prefetch_raw: Mapping[str, bytes], fetched: Mapping[str, Fetched]) -> dict[str, bytes]:
    """Add what was fetched to a prefetch, each key as one JSON value; a key that brought nothing stays as it was.

    Pages of one search become one Bundle of all their entries. A Bundle that was cut short has a ``next`` link, so that
    its reader knows that there is more.
    """
    merged = dict(prefetch_raw)
    for key, answer in fetched.items():
        if isinstance(answer, Got):
            merged[key] = _one_value(answer)
    return merged


_NO_LINK = Raw(b"[]")


class _Header(Struct, rename="camel", gc=False):
    resource_type: str
    link: Raw = _NO_LINK  # not "Raw | None": msgspec reads that as null only


class _Link(Struct, gc=False):
    relation: str | None = None
    url: str | None = None


class _Entries(Struct, gc=False):
    entry: list[Raw] | None = None


_HEADERS = msgspec.json.Decoder(_Header)
_LINKS = msgspec.json.Decoder(list[_Link])
_ENTRIES = msgspec.json.Decoder(_Entries)


def _next_link(link: Raw) -> str | None:
    try:
        links = _LINKS.decode(link)
    except (ValueError, RecursionError):
        return None
    return next((found.url for found in links if found.relation == "next" and found.url), None)


def _one_value(answer: Got) -> bytes:
    first = answer.bodies[0]
    if len(answer.bodies) == 1:
        header = read_header(first)
        if not answer.cut_short or header.resource_type != "Bundle" or header.next_link:
            return first
    entries: list[Raw] = []
    complete = not answer.cut_short
    for body in answer.bodies:
        try:
            entries += _ENTRIES.decode(body).entry or ()
        except ValueError:  # a page whose entries are no list is a page that we do not have
            complete = False
    bundle: dict[str, object] = {"resourceType": "Bundle", "type": "searchset"}
    if not complete:
        bundle["link"] = [{"relation": "next"}]
    bundle["entry"] = entries
    return msgspec.json.encode(bundle)
