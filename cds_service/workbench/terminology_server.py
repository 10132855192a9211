"""A FHIR terminology server, asked for the codes of a definition (``ValueSet/$expand``), page by page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import quote

import requests
from pydantic import BaseModel, Field, ValidationError

from cds_service.authoring.value_set_expansion import Concept

PAGE = 1000
"""Codes that are asked for at once."""
LARGEST = 100_000
"""Codes of one expansion; more are no definition of ours."""
_SECONDS = 60
_NO_DISPLAY = "has no display; ask the server with another displayLanguage"


class ServerError(Exception):
    """The server did not give an expansion; its text says what it said instead."""


class _Contained(BaseModel):
    system: str = ""
    code: str = ""
    display: str = ""
    abstract: bool = False
    contains: list[_Contained] = Field(default_factory=list)


class _Parameter(BaseModel):
    name: str = ""
    value: Annotated[str, Field(alias="valueUri")] = ""


class _Expansion(BaseModel):
    total: int | None = None
    contains: list[_Contained] = Field(default_factory=list)
    parameter: list[_Parameter] = Field(default_factory=list)


class _ValueSet(BaseModel):
    expansion: _Expansion


class TerminologyServer:
    """One server, by its FHIR base URL, with the headers that it wants (such as ``Authorization``)."""

    def __init__(self, base: str, headers: dict[str, str] | None = None) -> None:
        self._base = base.rstrip("/")
        self._session = requests.Session()
        self._session.headers.update({"Accept": "application/fhir+json", **(headers or {})})

    def expand(self, definition: str) -> tuple[list[Concept], str]:
        """All active codes of a definition, and the edition that they come from.

        ``definition`` is an expression of SNOMED CT's constraint language or the URL of a value set. Raises
        :class:`ServerError` when the server refuses, breaks off, or sends fewer codes than it counts.
        """
        found: dict[str, Concept] = {}
        edition = ""
        while True:
            page = self._page(definition, len(found))
            edition = edition or next((one.value for one in page.parameter if one.name in _EDITION), "")
            before = len(found)
            found |= {concept.code: concept for concept in _concepts(page.contains)}
            if len(found) == before or (page.total is None and len(found) - before < PAGE):
                break
            if page.total is not None and len(found) >= page.total:
                return list(found.values()), edition
            if len(found) > LARGEST:
                raise ServerError(f"more than {LARGEST} codes for {definition!r}: that is no definition of a value set")
        if page.total is not None and len(found) != page.total:
            raise ServerError(f"{self._base} counts {page.total} codes for {definition!r} and sent {len(found)}")
        return list(found.values()), edition

    def _page(self, definition: str, offset: int) -> _Expansion:
        url = definition if definition.startswith("http") else f"{_SNOMED}?fhir_vs=ecl/{quote(definition, safe='')}"
        asked: dict[str, Any] = {"url": url, "offset": offset, "count": PAGE, "activeOnly": "true"}
        try:
            answer = self._session.get(f"{self._base}/ValueSet/$expand", params=asked, timeout=_SECONDS)
            body = answer.json()
        except requests.JSONDecodeError:
            raise ServerError(f"{self._base} answered {answer.status_code} without JSON") from None
        except requests.RequestException as error:
            raise ServerError(f"{self._base} did not answer: {type(error).__name__}") from None
        if answer.status_code != requests.codes.ok:
            raise ServerError(f"{self._base} answered {answer.status_code}: {_reason(body)}")
        try:
            return _ValueSet.model_validate(body).expansion
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"]))
            raise ServerError(f"{self._base} sent no expansion: {where}: {error.errors()[0]['msg']}") from None


_SNOMED = "http://snomed.info/sct"
_EDITION = frozenset({"version", "used-codesystem", "system-version"})


def _concepts(contains: list[_Contained]) -> Iterator[Concept]:
    """Every code of a page, those that stand below another among them."""
    for one in contains:
        if one.code and not one.abstract:
            if not one.display:
                raise ServerError(f"the code {one.code!r} {_NO_DISPLAY}")
            yield Concept(one.code, one.display)
        yield from _concepts(one.contains)


def _reason(body: Any) -> str:
    """What an OperationOutcome says."""
    issues = body.get("issue") if isinstance(body, dict) else None
    texts = [
        str(issue.get("diagnostics") or (issue.get("details") or {}).get("text") or issue.get("code"))
        for issue in issues or ()
        if isinstance(issue, dict)
    ]
    return "; ".join(texts) or "no reason given"
