"""Scenario files: patients in short YAML, and the fixtures that are made of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from pydantic import Field, ValidationError, field_validator

from cds_service.authoring.scenarios.codings import Json
from cds_service.authoring.scenarios.concepts import ConceptCodes
from cds_service.authoring.scenarios.requests import PREFETCH, request
from cds_service.authoring.scenarios.resources import bundle
from cds_service.authoring.scenarios.scenario import Scenario
from cds_service.knowledge.errors import KnowledgeError
from cds_service.knowledge.yaml_source import Document, Path, read_yaml

_EXPECTED = re.compile(r"fired( [a-z_]+)?( (info|warning|critical))?|silent( [a-z_]+)?|cannot tell|failed")


class ScenarioFile(Scenario):
    """A scenario that stands in a file of its own, with what it is about and what the cards should say."""

    about: str
    """What is true of the patient, in a sentence."""
    expect: dict[str, str] = Field(default_factory=dict)
    """By topic: ``fired``, ``fired suspected``, ``silent``, ``silent no_cancer``, ``cannot tell`` or ``failed``."""

    @field_validator("expect")
    @classmethod
    def _readable(cls, expect: dict[str, str]) -> dict[str, str]:
        for topic, outcome in expect.items():
            if not _EXPECTED.fullmatch(outcome):
                raise ValueError(
                    f"{outcome!r} for {topic}; allowed: fired, fired <message>, silent, silent <reason>, "
                    "cannot tell, failed"
                )
        return expect


def read_scenario_file(file: str, text: str) -> ScenarioFile:
    """Read one scenario file; the file's name is the patient's id. :class:`KnowledgeError` lists all that is wrong."""
    document = read_yaml(file, text)
    if not document.errors:
        try:
            scenario = ScenarioFile.model_validate(document.data)
        except ValidationError as error:
            _note(error, document)
        else:
            name = file.rpartition("/")[2].removesuffix(".yaml")
            return scenario.model_copy(update={"patient": scenario.patient.model_copy(update={"id": name})})
    raise KnowledgeError(document.errors)


def write_fixtures(
    scenarios: Mapping[str, Scenario], codes: ConceptCodes, prefetch_keys: Mapping[str, Iterable[str]] = PREFETCH
) -> dict[str, str]:
    """Give the text of every fixture by its path below ``fhir_fixtures/``; nothing is written.

    ``patients/<name>.json`` is the record, ``requests/<name>-<hook>.json`` a complete hook request.
    """
    fixtures: dict[str, str] = {}
    for name, scenario in sorted(scenarios.items()):
        try:
            fixtures[f"patients/{name}.json"] = _text(bundle(scenario, codes))
            body = request(scenario, codes, prefetch_keys=prefetch_keys, name=name)
        except ValueError as error:
            raise ValueError(f"scenario {name}: {error}") from error
        fixtures[f"requests/{name}-{scenario.hook}.json"] = _text(body)
    return fixtures


def _text(document: Json) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _note(error: ValidationError, document: Document) -> None:
    """Give every mistake its line; a patient written as the first fact has moved the others up by one."""
    facts = document.data.get("facts") if isinstance(document.data, dict) else None
    moved = isinstance(facts, list) and facts and isinstance(facts[0], dict) and "patient" in facts[0]
    for mistake in error.errors():
        path: Path = mistake["loc"]
        if moved and len(path) > 1 and path[0] == "facts" and isinstance(path[1], int):
            path = ("facts", path[1] + 1, *path[2:])
        document.refuse(path, mistake["msg"].removeprefix("Value error, "))
