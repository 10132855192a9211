"""Where the demonstration patients lie: scenarios, and the FHIR that was made from them."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from cds_service.authoring.scenarios import ScenarioFile, read_scenario_file


def fixtures_folder() -> Path:
    """Find the fixtures: inside the installed package, else in the repository beside it.

    Raises :class:`FileNotFoundError` that names the places that were looked at.
    """
    package = Path(str(resources.files("cds_service")))
    places = [package / "fhir_fixtures", package.parent / "fhir_fixtures"]
    for place in places:
        if (place / "scenarios").is_dir():
            return place
    raise FileNotFoundError(f"no folder of fixtures (one with scenarios/) at {', '.join(map(str, places))}")


def read_scenarios(folder: Path) -> dict[str, ScenarioFile]:
    """Read every scenario by its name. Raises :class:`KnowledgeError` for a wrong one."""
    return {
        path.stem: read_scenario_file(f"scenarios/{path.name}", path.read_text(encoding="utf-8"))
        for path in sorted((folder / "scenarios").glob("*.yaml"))
    }
