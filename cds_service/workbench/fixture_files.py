"""Where the demonstration patients lie: scenarios, and the FHIR that was made from them."""

from __future__ import annotations

from pathlib import Path

from cds_service.authoring.scenarios import ScenarioFile, read_scenario_file
from cds_service.service.knowledge_files import find_folder


def fixtures_folder() -> Path:
    """Find the fixtures: inside the installed package, else in the repository beside it.

    Raises :class:`FileNotFoundError` that names the places that were looked at.
    """
    return find_folder("fhir_fixtures", "scenarios")


def read_scenarios(folder: Path) -> dict[str, ScenarioFile]:
    """Read every scenario by its name. Raises :class:`KnowledgeError` for a wrong one."""
    return {
        path.stem: read_scenario_file(f"scenarios/{path.name}", path.read_text(encoding="utf-8"))
        for path in sorted((folder / "scenarios").glob("*.yaml"))
    }
