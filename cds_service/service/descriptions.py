"""What this service tells machines of itself: ``/openapi.json`` and ``/schemas/{name}.json``, for everybody to read."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from flask import Blueprint, Response, abort

from cds_service import __version__
from cds_service.hooks.discovery import Discovery
from cds_service.hooks.openapi import openapi
from cds_service.hooks.schemas import documents
from cds_service.terminology.said import plain

_KINDS = {"openapi": "application/json", "schema": "application/schema+json"}


def descriptions(services: bytes, base_url: str) -> Blueprint:
    """Make the pages for an encoded discovery answer. They are written when first asked for."""
    pages = Blueprint("descriptions", __name__)

    @cache
    def written() -> bytes:
        known = msgspec.json.decode(services, type=Discovery).services
        return _encoded(openapi(known, base_url, __version__))

    @pages.get("/openapi.json")
    def description() -> Response:
        return Response(written(), mimetype=_KINDS["openapi"])

    @pages.get("/schemas/<name>.json")
    def schema(name: str) -> Response:
        found = documents().get(name)
        if found is None:
            abort(404)
        return Response(_encoded(found), mimetype=_KINDS["schema"])

    return pages


def _encoded(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value, enc_hook=plain), indent=2)
