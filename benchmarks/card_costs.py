"""What each card costs: instructions of asking it alone, on the standard chart and on one without cancer.

The figures stand on each card's content page. ``python -m benchmarks card-costs`` counts anew and fails when one has grown
by a quarter; ``python -m benchmarks --accept WHY`` writes down what they are, and why.
"""

from __future__ import annotations

import json
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.counted import NO_CANCER, STANDARD
from benchmarks.instructions import counted
from benchmarks.measure import Ratio

FILE = Path(__file__).parent.parent / "cds_service" / "authoring" / "card_costs.json"
MAY_GROW = 1.25


def grown() -> list[Ratio]:
    """The card that grew most against what is written down; raises :class:`SystemExit` when one grew by a quarter."""
    kept = json.loads(FILE.read_text(encoding="utf-8"))
    if (written := kept["python"]) != platform.python_version():
        raise SystemExit(f"{FILE.name} was counted with Python {written}: counts of another interpreter tell nothing")
    now = _costs()
    growth = {
        (topic, chart): now[topic][chart] / before
        for topic, charts in kept["cards"].items()
        for chart, before in charts.items()
        if topic in now
    }
    if too_much := {key: factor for key, factor in growth.items() if factor >= MAY_GROW}:
        lines = [f"{topic} on the chart {chart!r}: {factor:.2f} times" for (topic, chart), factor in too_much.items()]
        raise SystemExit("cards that grew by a quarter; mend it, or say why with --accept:\n" + "\n".join(lines))
    (topic, chart), most = max(growth.items(), key=lambda item: item[1])
    return [Ratio("growth of the card that grew most", most, most, most, MAY_GROW, detail=f"{topic}, {chart}")]


def accept(why: str) -> None:
    """Write down what the cards cost now. The reasons stay, the newest last."""
    kept: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {"accepted": []}
    accepted = [*kept["accepted"], {"on": f"{datetime.now(UTC):%Y-%m-%d}", "why": why}]
    costs = {"python": platform.python_version(), "accepted": accepted, "cards": _costs()}
    FILE.write_text(json.dumps(costs, indent=1) + "\n", encoding="utf-8")


def _costs() -> dict[str, dict[str, int]]:
    """Instructions by topic and chart."""
    found: dict[str, dict[str, int]] = {}
    for name, count in counted("cards").items():
        chart, _, topic = name.partition(": ")
        found.setdefault(topic, {})[chart] = count
    charts = {"standard": STANDARD, "no cancer": NO_CANCER}
    return {topic: {said: found[topic][chart] for said, chart in charts.items()} for topic in sorted(found)}
