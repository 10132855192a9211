"""Checks of the discovery answer and its prefetch templates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from cds_service.conformance.checks import NotApplicable, Placed, check, some, text, wrong_where
from cds_service.conformance.conversation import Conversation
from cds_service.conformance.exchange import Json
from cds_service.hooks.prefetch import lint, tokens

_CONTEXT_FIELD = re.compile(r"context\.[A-Za-z][A-Za-z0-9]*$")
_USERS = {"userPractitionerId", "userPractitionerRoleId", "userPatientId", "userRelatedPersonId"}
_FHIRPATH = re.compile(r"today\(\)|%|\.ofType\(|\.resolve\(|\|")
_OBJECTS = {"draftOrders", "selections", "dispatchedOrders", "appointments"}
_VERSION = re.compile(r"\d+\.\d+(\.\d+)?(-[0-9A-Za-z.-]+)?$")


def _entries(talk: Conversation) -> list[Placed]:
    return some("discovery entry", ((f"{entry['id']} on {entry['hook']}", entry) for entry in talk.entries))


def _templates(talk: Conversation) -> list[tuple[str, str, str]]:
    found = []
    for place, entry in _entries(talk):
        prefetch = entry.get("prefetch", {})
        found += [(place, str(key), str(query)) for key, query in prefetch.items()]
    return some("prefetch template", found)


@check("discovery answers GET with 200", "4", "5", "13")
def _(talk: Conversation) -> Iterator[str]:
    if talk.discovery.status != 200:
        yield f"{talk.discovery.place}: status {talk.discovery.status} {talk.discovery.trouble}".rstrip()


@check("discovery is a JSON object with an array of services", "1", "6")
def _(talk: Conversation) -> Iterator[str]:
    found = talk.discovery.json
    if not isinstance(found, dict) or not isinstance(found.get("services"), list):
        yield "the body is no JSON object with an array `services`"
    if not talk.discovery.headers.get("content-type", "").lower().startswith("application/json"):
        yield "the Content-Type is not application/json"


@check("each service names its hook", "7")
def _(talk: Conversation) -> Iterator[str]:
    yield from wrong_where(_rows(talk), lambda entry: text(entry.get("hook")), "no hook")


@check("each service has a description", "9")
def _(talk: Conversation) -> Iterator[str]:
    yield from wrong_where(_rows(talk), lambda entry: text(entry.get("description")), "no description")


@check("each service has an id that fits a URL", "10", "16")
def _(talk: Conversation) -> Iterator[str]:
    fits = re.compile(r"[A-Za-z0-9._~%-]+")
    yield from wrong_where(_rows(talk), lambda one: bool(fits.fullmatch(str(one.get("id") or ""))), "no usable id")


@check("each service has a title", "8")
def _(talk: Conversation) -> Iterator[str]:
    yield from wrong_where(_rows(talk), lambda entry: text(entry.get("title")), "no title")


def _rows(talk: Conversation) -> list[Placed]:
    found = talk.discovery.json
    services = found.get("services") if isinstance(found, dict) else None
    rows = services if isinstance(services, list) else []
    return some(
        "discovery entry", ((f"services[{at}]", row if isinstance(row, dict) else {}) for at, row in enumerate(rows))
    )


@check("usageRequirements is text where it is given", "12")
def _(talk: Conversation) -> Iterator[str]:
    given = some("usageRequirements", (one for one in _entries(talk) if "usageRequirements" in one[1]))
    yield from wrong_where(given, lambda entry: text(entry["usageRequirements"]), "usageRequirements is no text")


@check("prefetch is an object of queries by key", "11", "28", "29", "36")
def _(talk: Conversation) -> Iterator[str]:
    given = some("prefetch", (one for one in _entries(talk) if "prefetch" in one[1]))
    yield from wrong_where(given, _is_prefetch, "prefetch is no object of texts by key")


def _is_prefetch(entry: Json) -> bool:
    prefetch = entry["prefetch"]
    return isinstance(prefetch, dict) and bool(prefetch) and all(map(text, [*prefetch, *prefetch.values()]))


@check("prefetch tokens stand between {{ and }}", "35", "55")
def _(talk: Conversation) -> Iterator[str]:
    for place, key, query in _templates(talk):
        left = re.sub(r"\{\{[^{}]+\}\}", "", query)
        if "{" in left or "}" in left:
            yield f"{place}: prefetch {key}: a token is not delimited by {{{{ and }}}}"


@check("prefetch tokens are context fields, user ids or simple FHIRPath", "56", "59", "3-08")
def _(talk: Conversation) -> Iterator[str]:
    for place, key, query in _templates(talk):
        for token in tokens(query):
            if not (_CONTEXT_FIELD.match(token) or token in _USERS or _FHIRPATH.search(token)):
                yield f"{place}: prefetch {key}: the token {token!r} is none of them"


@check("prefetch tokens name root fields with primitive values", "57")
def _(talk: Conversation) -> Iterator[str]:
    for place, key, query in _templates(talk):
        for token in tokens(query):
            if token.removeprefix("context.") in _OBJECTS:
                yield f"{place}: prefetch {key}: {token!r} is no primitive value"


@check("prefetch queries keep to the recommended part of FHIR search", "58", "3-09")
def _(talk: Conversation) -> Iterator[str]:
    for place, key, query in _templates(talk):
        for complaint in lint(key, query):
            yield f"{place}: {complaint}"


@check("a prefetch that builds on another stands after it", "3-07")
def _(talk: Conversation) -> Iterator[str]:
    dependent = 0
    for place, entry in _entries(talk):
        seen: set[str] = set()
        for key, query in dict(entry.get("prefetch", {})).items():
            needed = {name for token in tokens(str(query)) for name in re.findall(r"%([A-Za-z][\w-]*)", token)}
            dependent += len(needed)
            for name in sorted(needed - seen - {"context"}):
                yield f"{place}: prefetch {key} needs %{name}, which does not stand before it"
            seen.add(str(key))
    if not dependent:
        raise NotApplicable("no prefetch builds on another")


@check("each service states the version of the specification", "3-01")
def _(talk: Conversation) -> Iterator[str]:
    yield from wrong_where(
        _entries(talk), lambda entry: bool(_VERSION.match(str(entry.get("version", "")))), "no semantic `version`"
    )


@check("hookVersion is a version where it is given", "3-02")
def _(talk: Conversation) -> Iterator[str]:
    given = some("hookVersion", (one for one in _entries(talk) if "hookVersion" in one[1]))
    yield from wrong_where(given, lambda one: bool(_VERSION.match(str(one["hookVersion"]))), "hookVersion is none")


@check("an id stands on several hooks, never twice on one", "3-03", "210", "211")
def _(talk: Conversation) -> Iterator[str]:
    pairs = Counter((str(entry["id"]), str(entry["hook"])) for entry in talk.entries)
    for (name, hook), times in pairs.items():
        if times > 1:
            yield f"{name} stands {times} times on {hook}"
    if len({name for name, _ in pairs}) == len(pairs):
        raise NotApplicable("no id stands on several hooks")


@check("extension is an object on every discovery entry that has one", "3-22", "214")
def _(talk: Conversation) -> Iterator[str]:
    given = some("extension in discovery", (one for one in _entries(talk) if "extension" in one[1]))
    yield from wrong_where(given, lambda one: isinstance(one["extension"], dict), "extension is no JSON object")
