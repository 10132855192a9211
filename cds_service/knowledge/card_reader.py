"""One card file becomes one frozen card: names resolved, parameters bound, wording parsed, templates compiled."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_origin

from cds_service.chart.needs import NEEDS
from cds_service.knowledge import drafts
from cds_service.knowledge.audience_reader import read_audience
from cds_service.knowledge.card_file import ActionEntry, CardFile, ParameterEntry, SuggestionEntry
from cds_service.knowledge.card_words import messages, notes, passed, wording, wordings
from cds_service.knowledge.cards import (
    MOST_OVERRIDE_REASONS,
    CardDefinition,
    Link,
    OverrideReason,
    Rule,
)
from cds_service.knowledge.errors import NotAmong
from cds_service.knowledge.example_reader import read_examples
from cds_service.knowledge.order_catalogue import OrderCatalogue, write_out
from cds_service.knowledge.override_reasons import OverrideReasons
from cds_service.knowledge.parameters import Parameter, bind, change, kind_of
from cds_service.knowledge.reading import read_part
from cds_service.knowledge.rule_signature import RuleSignature, Value, columns_of, signature_of
from cds_service.knowledge.sources import NoSuchSource, Source, Sources, cited
from cds_service.knowledge.tables import WrittenParameter, read_written
from cds_service.knowledge.templates import Action, Suggestion, Template, compile_changes, compile_created
from cds_service.knowledge.wording import NAME
from cds_service.knowledge.yaml_source import Document, Path
from cds_service.terminology.tables import Table

SHARED = "shared"
"""Stands where a topic does for the parameters that several cards share."""
_BRACES = re.compile(r"\{([^{}\"]*)\}")
_WORD = re.compile(rf"{NAME}(?=\.(?:value|unit)\b)|{NAME}")


@dataclass(frozen=True, slots=True)
class Change:
    """A value that a site or a setting gives a parameter, and how to complain about it."""

    value: Any
    also: Mapping[str, Any]
    why: str
    origin: str
    refuse: Callable[[str, tuple[str, ...], str | None], None]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a card file refers to and does not hold itself."""

    hooks: tuple[str, ...]
    shared: Mapping[str, WrittenParameter]
    """What ``parameters.yaml`` holds, cells of tables by ``table.row.column``."""
    sources: Sources
    override_reasons: OverrideReasons
    orders: OrderCatalogue
    find_rule: Callable[[str], Rule]
    """Gives the rule of a name; raises :class:`LookupError` with the message and the known names."""
    changes: Mapping[tuple[str, str], Change]
    """By topic (or ``shared``) and parameter."""
    status: Mapping[str, Any]
    examples: Mapping[str, Document]
    """Files of worked examples by topic; a service that only answers does without."""


def read_card(document: Document, around: Surroundings) -> CardDefinition | None:
    """Make the card that a file describes; ``None`` when something is wrong, which the document then says."""
    before = len(document.errors)
    write_out(document, around.orders)
    entry = read_part(CardFile, document)
    if entry is None:
        return None
    expected = document.file.rpartition("/")[2].removesuffix(".yaml")
    if entry.topic != expected:
        document.refuse(("topic",), f"the topic is {entry.topic!r}, the file's name says {expected!r}")
    _check_names(document, entry, around)
    rule = _rule(document, entry, around)
    if rule is None:
        return None
    parameters = _parameters(document, entry, rule, around)
    if parameters is None or len(document.errors) > before:
        return None  # what follows would complain of the same mistakes again
    examples = around.examples.get(entry.topic)
    taken = signature_of(rule).annotation
    values = {name: parameter.value for name, parameter in parameters.items()}
    card = CardDefinition(
        topic=entry.topic,
        title=entry.title,
        rule_name=entry.rule,
        rule=rule,
        parameters=parameters,
        arguments={name: value for name, value in values.items() if taken(name) is not None},
        status=around.status.get(entry.topic, entry.status),
        version=entry.version,
        owner=entry.owner,
        reviewed=entry.reviewed,
        purpose=entry.purpose,
        intended_user=entry.intended_user,
        known_limits=tuple(entry.known_limits),
        known_false_positives=tuple(entry.known_false_positives),
        seeds=tuple(entry.seeds),
        rules=tuple(entry.rules),
        routine=entry.routine,
        red_flag=_red_flag(entry),
        hooks=tuple(entry.hooks),
        needs=tuple(entry.needs),
        sources=_sources(document, entry, around.sources),
        messages=messages(document, entry, values),
        notes=notes(document, entry, values),
        silent=wordings(document, ("silent",), entry.silent, values),
        passed=passed(document, entry, values),
        suggestions=_suggestions(document, entry, values),
        alternatives=frozenset(entry.alternatives),
        override_reasons=_reasons(document, entry.override_reasons, around.override_reasons),
        links=tuple(Link(link.label, link.url) for link in entry.links),
        examples=() if examples is None else read_examples(examples, entry, parameters),
        file=document.file,
        for_whom=read_audience(document, entry),
    )
    return card if len(document.errors) == before else None


def _sources(document: Document, entry: CardFile, known: Sources) -> tuple[Source, ...]:
    found = []
    for place, citation in enumerate(entry.sources):
        try:
            found.append(cited(citation, known))
        except NoSuchSource as error:
            document.refuse(("sources", place), str(error), error.allowed, found=error.found)
    return tuple(found)


def _check_names(document: Document, entry: CardFile, around: Surroundings) -> None:
    for place, hook in enumerate(entry.hooks):
        if hook not in around.hooks:
            document.refuse(("hooks", place), f"no service answers the hook {hook!r}", around.hooks, found=hook)
    for place, need in enumerate(entry.needs):
        if need not in NEEDS:
            document.refuse(("needs", place), f"{need!r} is not a need", tuple(NEEDS), found=need)
    for place, hook in enumerate(_red_flag(entry)):
        if hook not in entry.hooks:
            problem = f"{hook!r} is not a hook of this card"
            document.refuse(("red_flag", place), problem, tuple(entry.hooks), found=hook)
    if entry.red_flag and "red_flags" in entry.needs:
        document.refuse(("red_flag",), "a card that asks after the red flags cannot be one of them")
    for place, name in enumerate(entry.alternatives):
        if name not in entry.suggestions:
            document.refuse(("alternatives", place), f"{name!r} is no suggestion", tuple(entry.suggestions), found=name)
    for name, suggestion in entry.suggestions.items():
        if suggestion.recommended and any(action.delete for action in suggestion.actions):
            document.refuse(("suggestions", name, "recommended"), "what removes an order is never recommended")


def _red_flag(entry: CardFile) -> tuple[str, ...]:
    if isinstance(entry.red_flag, list):
        return tuple(entry.red_flag)
    return tuple(entry.hooks) if entry.red_flag else ()


def _rule(document: Document, entry: CardFile, around: Surroundings) -> Rule | None:
    try:
        rule = around.find_rule(entry.rule)
        signature_of(rule)
    except LookupError as error:
        message, known = error.args
        document.refuse(("rule",), message, known, found=entry.rule)
        return None
    except TypeError as error:
        document.refuse(("rule",), f"the rule {entry.rule!r} cannot be bound: {error}")
        return None
    return rule


def _parameters(document: Document, entry: CardFile, rule: Rule, around: Surroundings) -> dict[str, Parameter] | None:
    """Bind the parameters that the rule takes, and those that only the card's words hold; ``None`` without one of them."""
    signature = signature_of(rule)
    mentioned = _mentioned(entry)
    parameters: dict[str, Parameter] = {}
    whole = True
    for name in entry.parameters:
        path, before = ("parameters", name), len(document.errors)
        cells = read_written(document, path, name, around.shared)
        for key, one in cells.items():
            annotation = signature.annotation(key)
            if annotation is None and key not in mentioned:
                _not_taken(document, entry, key, one.path, signature)
            elif one.entry is not None:
                kind = annotation or kind_of(one.entry)
                where = one.written or (document, one.path)
                parameter = bound(*where, key, kind, one.entry, around.sources, one.shared)
                if parameter is not None:
                    parameters[key] = _changed(parameter, entry.topic, around)
        whole = whole and cells.keys() <= parameters.keys()
        for problem in signature.missing_cells(name, cells) if len(document.errors) == before else ():
            document.refuse(path, f"{name!r}: {problem}", of_key=True)
    for name, annotation in signature.parameters.items():
        if name not in entry.parameters and not signature.optional(name):
            kind = getattr(annotation, "__name__", str(annotation))
            problem = f"the rule {entry.rule!r} needs the parameter {name!r} ({kind})"
            document.refuse(("parameters",), problem, of_key=True)
    return parameters if whole else None


def _not_taken(document: Document, entry: CardFile, name: str, path: Path, signature: RuleSignature) -> None:
    table, is_cell, cell = name.partition(".")
    kind = signature.parameters.get(table)
    if get_origin(kind) is not Table:
        problem = f"{name!r} is not a parameter of the rule {entry.rule!r}, and no text of the card holds it"
        document.refuse(path, problem, tuple(signature.parameters), found=name, of_key=True)
    elif is_cell:
        column = cell.rpartition(".")[2]
        problem = f"{column!r} is not a column of the table {table!r} of the rule {entry.rule!r}"
        document.refuse(path, problem, tuple(columns_of(kind)), found=column, of_key=True)
    else:
        document.refuse(path, f"the rule {entry.rule!r} takes a table as {name!r}: write its 'rows'", of_key=True)


def _mentioned(entry: CardFile) -> frozenset[str]:
    """Names between the braces of the card's texts and resources."""
    texts = entry.model_dump_json(include={"messages", "notes", "silent", "passed", "suggestions"})
    return frozenset(word for match in _BRACES.findall(texts) for word in _WORD.findall(match))


def _changed(parameter: Parameter, topic: str, around: Surroundings) -> Parameter:
    """What the site and the settings make of a parameter, under its shared name and then under its own."""
    for key in ((SHARED, parameter.shared), (topic, parameter.name)):
        if key in around.changes and key[1]:
            parameter = changed(parameter, around.changes[key])
    return parameter


def bound(
    document: Document,
    path: Path,
    name: str,
    annotation: Any,
    entry: ParameterEntry,
    sources: Sources,
    shared: str = "",
) -> Parameter | None:
    """Bind one parameter; what does not fit is noted, once for all cards that share it."""
    written = shared or name
    try:
        return bind(name, annotation, entry, sources, shared)
    except NoSuchSource as error:
        document.refuse((*path, "source"), f"{written!r}: {error}", error.allowed, found=error.found)
    except NotAmong as error:
        document.refuse((*path, "value"), f"{written!r}: {error}", error.allowed, found=error.found)
    except ValueError as error:
        document.refuse((*path, "value"), f"{written!r}: {error}")
    return None


def changed(parameter: Parameter, new: Change) -> Parameter:
    """Give a parameter the value of a site or setting; one that does not fit is refused, and the default stays."""
    try:
        return change(parameter, new.value, new.also, new.origin, new.why)
    except NotAmong as error:
        new.refuse(f"{parameter.name!r}: {error}", error.allowed, error.found)
    except ValueError as error:
        new.refuse(f"{parameter.name!r}: {error}", (), None)
    return parameter


def _reasons(document: Document, names: list[str], known: OverrideReasons) -> tuple[OverrideReason, ...]:
    """Resolve override reasons by name; on one card each code may stand once, since feedback names the code only."""
    found: dict[tuple[str, str], OverrideReason] = {}
    seen: set[OverrideReason] = set()
    for place, written in enumerate(names):
        path: Path = ("override_reasons", place)
        reasons = known.named(written)
        if not reasons:
            document.refuse(path, f"{written!r} is not an override reason", known.names, found=written)
        for reason in reasons:
            other = found.setdefault((reason.system, reason.code), reason)
            if other is not reason or reason in seen:
                document.refuse(path, f"{reason.name!r} has the same code as {other.name!r}: {reason.code}")
            seen.add(reason)
    if len(found) > MOST_OVERRIDE_REASONS:
        document.refuse(("override_reasons",), f"{len(found)} reasons; a card offers at most {MOST_OVERRIDE_REASONS}")
    return tuple(found.values())


def _suggestions(document: Document, entry: CardFile, arguments: Mapping[str, Value]) -> dict[str, Suggestion]:
    found = {}
    for name, suggestion in entry.suggestions.items():
        path: Path = ("suggestions", name)
        label = wording(document, (*path, "label"), suggestion.label, arguments)
        actions = _actions(document, path, suggestion, arguments)
        found[name] = Suggestion(name, label, suggestion.recommended, actions)
    return found


def _actions(
    document: Document, path: Path, suggestion: SuggestionEntry, arguments: Mapping[str, Value]
) -> tuple[Action, ...]:
    found = []
    for place, entry in enumerate(suggestion.actions):
        here = (*path, "actions", place)
        description = wording(document, (*here, "description"), entry.description, arguments)
        kind = _kind(document, here, entry)
        if kind is None:
            continue
        template = _template(document, here, kind, arguments)
        if kind == "delete" or template is not None:
            found.append(Action(kind, description, template, entry.order))
    return tuple(found)


def _kind(document: Document, path: Path, entry: ActionEntry) -> str | None:
    given = [name for name in ("create", "delete", "update") if getattr(entry, name) is not None]
    if len(given) != 1:
        problem = f"an action is exactly one of create, delete and update, found {' and '.join(given) or 'none'}"
        document.refuse(path, problem)
        return None
    if (given[0] == "update") != (entry.set is not None):
        document.refuse(path, "'update: draft' and 'set' stand together")
        return None
    return given[0]


def _template(document: Document, path: Path, kind: str, arguments: Mapping[str, Value]) -> Template | None:
    if kind == "delete":
        return None
    here = (*path, "create" if kind == "create" else "set")
    written: Any = document.data
    for step in here:
        written = written[step]
    before = len(document.errors)
    resource = drafts.spelt_out(document, here, written)
    if kind == "create":
        _check_resource(document, here, resource)
    if len(document.errors) > before:
        return None
    validate = drafts.validate_created if kind == "create" else drafts.validate_changes
    validate(document, here, resource, arguments)
    compiled = (compile_created if kind == "create" else compile_changes)(resource, arguments)
    drafts.check_placeholders(document, here, compiled, arguments)
    return compiled


def _check_resource(document: Document, path: Path, resource: Any) -> None:
    found = resource.get("resourceType")
    if found not in drafts.RESOURCES:
        problem = f"a suggestion does not create {found!r}" if found else "the resource needs 'resourceType'"
        document.refuse((*path, "resourceType"), problem, drafts.RESOURCES, found=str(found or ""))
    for key in ("subject", "for", "encounter", "authoredOn", "id", "status"):
        if key in resource:
            document.refuse((*path, key), f"{key!r} is put in by the service", of_key=True)
