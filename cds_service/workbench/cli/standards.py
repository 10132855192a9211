"""``cds-service export-fhir``: the cards as FHIR artefacts, one file each."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import click

from cds_service.authoring.fhir_export import artefacts
from cds_service.authoring.ladders import ladders_of
from cds_service.workbench.cli.knowledge_options import KnowledgeChoice, knowledge_options
from cds_service.workbench.fixture_files import fixtures_folder, read_scenarios


@click.command("export-fhir")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@knowledge_options
def export_fhir(folder: Path, choice: KnowledgeChoice) -> None:
    """Write each card to FOLDER as FHIR R4: PlanDefinition, ActivityDefinition, Library; and each ValueSet."""
    folder.mkdir(parents=True, exist_ok=True)
    counted: Counter[str] = Counter()
    knowledge = choice.announced()
    for resource in artefacts(knowledge, ladders_of(knowledge, read_scenarios(fixtures_folder()))):
        kind = resource["resourceType"]
        counted[kind] += 1
        text = json.dumps(resource, indent=2, ensure_ascii=False, default=float)
        (folder / f"{kind}-{resource['id']}.json").write_text(text + "\n", encoding="utf-8")
    click.echo(", ".join(f"{count} {kind}" for kind, count in sorted(counted.items())) + f" in {folder}")
