"""Prefetch templates: filled from a hook's context, and held to what CDS Hooks 3.0 recommends of them.

A template is a relative FHIR read or search with tokens, such as ``Observation?patient={{context.patientId}}``. What
:func:`fill` cannot fill, :func:`lint` reports, so that a missing key can always be fetched.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from difflib import get_close_matches
from urllib.parse import quote

from cds_service.hooks.search_parameters import Kind, known_parameters, known_types, parameter_kind

USER_TOKENS: Mapping[str, str] = {
    "userPractitionerId": "Practitioner",
    "userPractitionerRoleId": "PractitionerRole",
    "userPatientId": "Patient",
    "userRelatedPersonId": "RelatedPerson",
}
"""Tokens that give the id of the user, when ``context.userId`` names a resource of that type."""

_TOKEN = re.compile(r"\{\{(.*?)\}\}")
_CONTEXT = re.compile(r"context\.([A-Za-z][A-Za-z0-9]*)")
_TODAY = re.compile(r"today\(\)(?:\s*([+-])\s*(\d{1,4})\s*(day|week|month|year)s?)?")
_LONGEST = 512
_IDS = {"patientId": "Patient/", "encounterId": "Encounter/"}  # some clients send the reference instead of the id


class Unfillable(ValueError):
    """A template has a token that this context gives no usable value for; the message never holds the value."""


def fill(template: str, context: Mapping[str, object], *, today: date | None = None) -> str:
    """Fill a template's tokens, each value escaped so that it stays one value and cannot add to the query.

    ``context`` is the hook's context as JSON names it. Raises :class:`Unfillable`.
    """
    path, question, query = template.partition("?")
    filled = _TOKEN.sub(lambda token: _in_path(token[1].strip(), context, today), path)
    if question:
        filled += "?" + _TOKEN.sub(lambda token: _in_query(token[1].strip(), context, today), query)
    if "{{" in filled or "}}" in filled:
        raise Unfillable("a token is not closed: tokens stand between {{ and }}")
    return filled


def fill_missing(
    templates: Mapping[str, str],
    supplied: Collection[str],
    context: Mapping[str, object],
    *,
    today: date | None = None,
) -> tuple[dict[str, str], dict[str, str]]:
    """Give the FHIR reads of the keys that the client did not supply, and why a key has none."""
    reads: dict[str, str] = {}
    unfillable: dict[str, str] = {}
    for key, template in templates.items():
        if key in supplied:
            continue
        try:
            reads[key] = fill(template, context, today=today)
        except Unfillable as error:
            unfillable[key] = str(error)
    return reads, unfillable


def tokens(template: str) -> tuple[str, ...]:
    """The tokens of a template in order, without their braces."""
    return tuple(token.strip() for token in _TOKEN.findall(template))


def lint_all(templates: Mapping[str, str], fields: Collection[str] | None = None) -> list[str]:
    """What CDS Hooks 3.0 does not recommend in a service's prefetch, key by key; empty when all is well."""
    complaints = [complaint for key, template in templates.items() for complaint in lint(key, template, fields)]
    first: dict[str, str] = {}
    for key, template in templates.items():
        if template in first:
            complaints.append(f"prefetch {key!r}: asks for the same as {first[template]!r}; keep one of the two")
        first.setdefault(template, key)
    return complaints


def lint(key: str, template: str, fields: Collection[str] | None = None) -> list[str]:
    """Say where a template leaves the subset of FHIR that CDS Hooks 3.0 recommends, or what we cannot fill.

    ``fields`` names the primitive root fields of the hook's context, when the hook is known.
    """
    complaints = _lint_tokens(template, fields)
    blank = _TOKEN.sub("\x00", template)  # one character stands for a token
    path, question, query = blank.partition("?")
    complaints += _lint_path(path, searched=bool(question))
    if question:
        complaints += _lint_query(path, query)
    return [f"prefetch {key!r}: {complaint}" for complaint in complaints]


# --- filling


def _in_path(token: str, context: Mapping[str, object], today: date | None) -> str:
    text = _value(token, context, today)
    if any(piece in {".", ".."} for piece in re.split(r"[/\\]", text)):
        # Dots cannot be escaped: clients, proxies and servers all undo %2E and walk up the path.
        raise Unfillable(f"{{{{{token}}}}} is not an id: it would change the path")
    return _escape(token, text)


def _in_query(token: str, context: Mapping[str, object], today: date | None) -> str:
    # FHIR search gives , | $ and \ a meaning of their own, even percent-encoded: "1,2" asks for two patients.
    return _escape(token, re.sub(r"([\\,|$])", r"\\\1", _value(token, context, today)))


def _escape(token: str, text: str) -> str:
    try:
        return quote(text, safe="")
    except UnicodeEncodeError:
        raise Unfillable(f"{{{{{token}}}}} is not valid Unicode") from None


def _value(token: str, context: Mapping[str, object], today: date | None) -> str:
    text = _raw_value(token, context, today)
    if not text:
        raise Unfillable(f"{{{{{token}}}}} has no value in this call")
    if len(text) > _LONGEST:
        raise Unfillable(f"{{{{{token}}}}} is longer than {_LONGEST} characters")
    return text


def _raw_value(token: str, context: Mapping[str, object], today: date | None) -> str:
    if user := USER_TOKENS.get(token):
        return _user_id(context.get("userId"), user)
    if field := _CONTEXT.fullmatch(token):
        return _primitive(token, context.get(field[1])).removeprefix(_IDS.get(field[1], ""))
    if moved := _TODAY.fullmatch(token):
        if today is None:
            raise Unfillable(f"{{{{{token}}}}} needs today's date")
        return _shifted(token, today, moved)
    raise Unfillable(f"{{{{{token}}}}} is not a token that can be filled")


def _user_id(user: object, resource_type: str) -> str:
    kind, slash, identifier = user.partition("/") if isinstance(user, str) else ("", "", "")
    return identifier if slash and kind == resource_type else ""


def _primitive(token: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise Unfillable(f"{{{{{token}}}}} is not a primitive value")


def _shifted(token: str, today: date, moved: re.Match[str]) -> str:
    if moved[1] is None:
        return today.isoformat()
    count = int(moved[2]) * (-1 if moved[1] == "-" else 1)
    try:
        if moved[3] in {"day", "week"}:
            return (today + timedelta(days=count * (7 if moved[3] == "week" else 1))).isoformat()
        months = today.year * 12 + today.month - 1 + count * (12 if moved[3] == "year" else 1)
        year, month = months // 12, months % 12 + 1
        return date(year, month, min(today.day, monthrange(year, month)[1])).isoformat()
    except (ValueError, OverflowError):
        raise Unfillable(f"{{{{{token}}}}} lies outside the calendar") from None


# --- linting

_PREFIXES = ("eq", "lt", "gt", "ge", "le")
_DATE = re.compile(r"(?P<prefix>[a-z]{2})?(?:\x00|\d{4}(?:-\d{2}(?:-\d{2}(?:T[0-9:.]+(?:Z|[+-]\d{2}:\d{2})?)?)?)?)")
_RESULT_PARAMETERS = ("_count", "_maxresults", "_sort")
_RESOURCE_TYPE = re.compile(r"[A-Z][A-Za-z]+")
_ID = re.compile(r"\x00|[A-Za-z0-9.-]{1,64}")


def _lint_tokens(template: str, fields: Collection[str] | None) -> list[str]:
    complaints = []
    rest = _TOKEN.sub("", template)
    if "{" in rest or "}" in rest:
        complaints.append("a brace stands outside a token; tokens are delimited by {{ and }}")
    for token in tokens(template):
        field = _CONTEXT.fullmatch(token)
        if field and fields is not None and field[1] not in fields:
            complaints.append(
                f"{{{{{token}}}}} is no primitive field of this hook's context{_nearest(field[1], fields)}"
            )
        elif token.startswith("%"):
            complaints.append(f"{{{{{token}}}}} depends on another key, which many clients cannot fill; ask by patient")
        elif not field and token not in USER_TOKENS and not _TODAY.fullmatch(token):
            known = ["context.patientId", "context.userId", "context.encounterId", *USER_TOKENS, "today()"]
            complaints.append(
                f"{{{{{token}}}}} is neither context.<field>, a user id nor today(), optionally - <n> days"
                f"{_nearest(token, known)}"
            )
    return complaints


def _lint_path(path: str, *, searched: bool) -> list[str]:
    if path.startswith("/") or "://" in path:
        return [
            f"{_show(path)!r} must be relative to the FHIR server's base, such as 'Patient/{{{{context.patientId}}}}'"
        ]
    resource_type, slash, identifier = path.partition("/")
    if not _RESOURCE_TYPE.fullmatch(resource_type):
        return [f"{_show(resource_type)!r} is not a resource type"]
    if resource_type not in known_types():
        return [
            f"{resource_type} is not a resource type that this service reads{_nearest(resource_type, known_types())}"
        ]
    if searched and slash:
        return [f"{_show(path)!r} is neither a read (Type/id) nor a type search (Type?parameters)"]
    if not searched and not _ID.fullmatch(identifier):
        return [f"{_show(path)!r} must be a read (Type/id) or a type search (Type?parameters)"]
    return []


def _lint_query(resource_type: str, query: str) -> list[str]:
    complaints = []
    seen: set[str] = set()
    for part in query.split("&"):
        written, equals, value = part.partition("=")
        name, _, modifier = written.partition(":")
        if not equals or not value:
            complaints.append(f"parameter {_show(written)!r} has no value")
        elif written in seen:
            complaints.append(f"parameter {_show(written)!r} occurs twice, which some clients join into one list")
        elif name in _RESULT_PARAMETERS:
            complaints += _lint_result_parameter(resource_type, name, value)
        else:
            complaints += _lint_parameter(resource_type, name, modifier, value)
        seen.add(written)
    return complaints


def _lint_result_parameter(resource_type: str, name: str, value: str) -> list[str]:
    if name != "_sort":
        return [] if re.fullmatch(r"[1-9]\d*", value) else [f"{name} must be a whole number above 0"]
    unknown = [by for by in value.split(",") if not parameter_kind(resource_type, by.removeprefix("-"))]
    return [
        f"_sort by {_show(by)!r}: {resource_type} has no such search parameter"
        f"{_nearest(by.removeprefix('-'), known_parameters(resource_type))}"
        for by in unknown
    ]


def _lint_parameter(resource_type: str, name: str, modifier: str, value: str) -> list[str]:
    if "." in name or name == "_has" or "." in modifier:
        return [f"{_show(name)!r} chains resources; allowed are plain parameters of {resource_type}"]
    kind = parameter_kind(resource_type, name)
    if kind is None:
        if resource_type not in known_types():
            return []  # the type itself has been complained of
        near = _nearest(name, (*known_parameters(resource_type), *_RESULT_PARAMETERS))
        return [f"{_show(name)!r} is not a recommended search parameter of {resource_type}{near}"]
    if kind in {"token", "reference", "date"}:
        return _lint_value(name, kind, modifier, value)
    return [f"{name!r} is a {kind} parameter; recommended are references, tokens and dates"]


def _lint_value(name: str, kind: Kind, modifier: str, value: str) -> list[str]:
    if modifier and not (kind == "token" and modifier == "in"):
        return [f"'{name}:{_show(modifier)}' has a modifier; allowed is only ':in', on token parameters"]
    if kind != "date":
        return []
    found = _DATE.fullmatch(value)
    if not found:
        return [f"{name!r} must be a date with at most a prefix, found {_show(value)!r}"]
    if found["prefix"] and found["prefix"] not in _PREFIXES:
        return [f"{name!r} has the prefix {found['prefix']!r}; allowed are {', '.join(_PREFIXES)}"]
    return []


def _show(blank: str) -> str:
    return blank.replace("\x00", "{{...}}")


def _nearest(found: str, allowed: Collection[str]) -> str:
    near = get_close_matches(found, allowed, n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""
