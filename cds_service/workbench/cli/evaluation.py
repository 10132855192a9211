"""``cds-service evaluate`` and ``cds-service explain``: one patient's cards, and why."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import click
import msgspec

from cds_service.chart.wire import Prefetch
from cds_service.engine.language import ENGLISH
from cds_service.hooks.contexts import CONTEXTS
from cds_service.hooks.extensions import BARE, ExtensionNames
from cds_service.hooks.request import Envelope, RequestError, RequestReader
from cds_service.hooks.response import encode
from cds_service.knowledge.cards import Knowledge
from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.service.clock import this_minute
from cds_service.service.consultation import Consultation
from cds_service.service.explanation import explanation
from cds_service.service.handler import moment_of_request
from cds_service.service.languages import Languages, NoSuchLanguage
from cds_service.service.request_files import hook_request
from cds_service.workbench.cli.conventions import json_option
from cds_service.workbench.cli.knowledge_options import KnowledgeChoice, announced, card_of, knowledge_options

_COLOURS = {"critical": "red", "warning": "yellow", "info": "blue"}
_RESULTS = {"fired": "green", "withheld": "cyan", "not fired": "white", "could not tell": "yellow", "failed": "red"}


def _file_options(command: Any) -> Any:
    options = (
        click.argument("file", type=click.Path(path_type=Path, allow_dash=True)),
        click.option("--hook", default="patient-view", type=click.Choice(list(CONTEXTS)), help="Hook, for a Bundle."),
        click.option("--as-of", default="", metavar="MOMENT", help="Take this moment for now: 2026-03-02T09:00:00Z."),
        json_option,
        knowledge_options,
    )
    for option in reversed(options):
        command = option(command)
    return command


def _names(_: click.Context, __: click.Parameter, namespace: str) -> ExtensionNames:
    try:
        return ExtensionNames.within(namespace)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@click.command("evaluate")
@_file_options
@click.option(
    "--extension-namespace",
    "names",
    default="",
    envvar="CDS_EXTENSION_NAMESPACE",
    metavar="REVERSE-DOMAIN",
    callback=_names,
    help="With --json: before the names in our extension objects [or CDS_EXTENSION_NAMESPACE].",
)
@click.option("--language", default=ENGLISH.tag, metavar="TAG", help="Language of the cards, such as de.")
def evaluate_file(
    file: Path,
    hook: str,
    as_of: str,
    as_json: bool,
    choice: KnowledgeChoice,
    names: ExtensionNames,
    language: str,
) -> None:
    """Show the cards for a patient. FILE is a FHIR Bundle of one patient or a hook request; - reads standard input."""
    consultation = _consult(file, hook, as_of, choice.load(), names, language)
    body = encode(consultation.answer.response)
    if as_json:
        click.echo(msgspec.json.format(body, indent=2))
        return
    if not consultation.answer.shown:
        click.echo("No cards.")
    for shown in consultation.answer.shown:
        card = shown.card
        click.secho(f"\n[{shown.indicator}] {card.summary}", fg=_COLOURS[shown.indicator], bold=True)
        click.echo(f"topic: {shown.topic}")
        click.echo(card.detail or "")
        for suggestion in card.suggestions or ():
            click.echo(f"  -> {suggestion.label}")
    if consultation.answer.held_back:
        click.echo(f"\nHeld back: {', '.join(consultation.answer.held_back)}")


@click.command("explain")
@_file_options
@click.option("--card", "topic", default="", metavar="TOPIC", help="Explain this card only.")
@click.option(
    "--service",
    default="",
    metavar="URL",
    help="Ask this running service, with CDS_OPERATOR_TOKEN, not the files here.",
)
def explain_file(
    file: Path,
    hook: str,
    as_of: str,
    as_json: bool,
    choice: KnowledgeChoice,
    topic: str,
    service: str,
) -> None:
    """Say what each red flag rests on, and for every rule whether it fired, did not, could not tell or failed."""
    if service:
        from cds_service.workbench.cli.running_service import ask_service  # an HTTP client takes a while to import

        found = ask_service(service, _document(file), hook, as_of)
        click.secho(
            f"knowledge {found['knowledge']}, {found['site'] or 'no site overlay'}, {service}", dim=True, err=True
        )
    else:
        knowledge = choice.load()
        if topic and not (card := card_of(knowledge, topic)).evaluated:
            raise click.BadParameter(f"{topic!r} has the status {card.status}, which no call asks", param_hint="--card")
        found = explanation(_consult(file, hook, as_of, knowledge))
    topics = [one["topic"] for one in found["cards"]]
    if topic and topic not in topics:
        raise click.BadParameter(
            f"{topic!r} is not asked on this hook; there are {', '.join(topics)}", param_hint="--card"
        )
    found["cards"] = [one for one in found["cards"] if topic in {"", one["topic"]}]
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    flags = [flag["text"] for flag in found["ledger"] if topic in {"", flag["topic"]}]
    if flags:
        click.secho("\nRed flags", bold=True)
    for said in flags:
        click.echo(f"  {said}")
    for one in found["cards"]:
        _print(one)
    _print_data(found["data"])


def _consult(
    file: Path,
    hook: str,
    as_of: str,
    knowledge: Knowledge,
    names: ExtensionNames = BARE,
    language: str = ENGLISH.tag,
) -> Consultation:
    document = _document(file)
    announced(knowledge)
    try:
        advisor = KnowledgeAdvisor(knowledge, names=names, languages=Languages(knowledge, (language,)))
    except NoSuchLanguage as error:
        raise click.BadParameter(str(error), param_hint="--language") from None
    reader = RequestReader(Envelope[Prefetch])
    try:
        request = reader.read(hook_request(document, hook, as_of), CONTEXTS)
        services = [service.id for service in advisor.services if service.hook == request.hook]
        if not services:
            raise RequestError(f"No service answers the hook {request.hook}", "hook")
        moment = moment_of_request(request) or this_minute()
        return advisor.consult(services[0], request, moment, accept_language=language)
    except RequestError as error:
        raise click.ClickException(
            f"{file}: {error.path}: {error.message}" if error.path else f"{file}: {error}"
        ) from None


def _document(file: Path) -> bytes:
    return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()


def _print(one: Mapping[str, Any]) -> None:
    click.secho(f"\n{one['topic']}: {one['result']}", fg=_RESULTS[one["result"]], bold=True)
    for place, step in enumerate(one["steps"], start=1):
        facts = ", ".join(item["reference"] for item in step["evidence"][:3])
        click.echo(f"  {place}. {step['said']}{f' ({facts})' if facts else ''}")
    click.echo(f"  {one['because']}")
    for item in one["evidence"]:
        label, value = item.get("label", ""), item.get("value", "")
        named = label if value.lower() in label.lower() else f"{label} {value}"
        parts = (named, item.get("date", "date not recorded"), item.get("remark", ""))
        click.echo(f"  - {item['reference']}: {', '.join(part for part in parts if part)}")
    for name, cells in groupby(one["parameters"], lambda parameter: str(parameter["name"]).partition(".")[0]):
        _print_parameters(name, list(cells))


def _print_parameters(name: str, cells: list[Mapping[str, Any]]) -> None:
    """A parameter, or of a table what the site changed: its other cells are counted."""
    shown = [cell for cell in cells if len(cells) == 1 or cell["origin"] != "default"]
    for cell in shown:
        click.echo(f"  {cell['name']} = {cell['value']} ({cell['origin']}; allowed {cell['range'] or 'any'})")
    if len(shown) < len(cells):
        click.echo(f"  {name}: a table, {len(cells) - len(shown)} of its numbers as default")


def _print_data(data: dict[str, Any]) -> None:
    click.secho("\nData", bold=True)
    for need, supply in data["supply"].items():
        more = " (first page only)" if supply.get("firstPageOnly") else ""
        click.echo(f"  {need}: {supply['state']}{more} {supply.get('detail', '')}".rstrip())
    for item in data["setAside"]:
        click.echo(f"  set aside {item['reference']}: {item['because']} {item.get('detail', '')}".rstrip())
