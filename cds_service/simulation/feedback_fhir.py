"""The feedback report as FHIR R4: a Bundle of summary MeasureReports, one for each topic; no patient is in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from cds_service.simulation.feedback import FeedbackReport, GroupRow

MEASURE = "https://cds-service.org/Measure/card-feedback"
_POPULATIONS = "https://cds-service.org/CodeSystem/card-populations"
_COUNTED = ("shown", "accepted", "done", "overridden", "no_response", "capped", "snoozed", "withheld", "silent")


def measure_reports(report: FeedbackReport, since: datetime, until: datetime) -> dict[str, Any]:
    """Give the Bundle of type collection for a period."""
    entries = [_entry(row, since, until) for row in report.groups.get("topic", ())]
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "collection"}
    return bundle | ({"entry": entries} if entries else {})


def _entry(row: GroupRow, since: datetime, until: datetime) -> dict[str, Any]:
    name = str(uuid5(NAMESPACE_URL, f"{MEASURE}/{row.group}/{since.isoformat()}/{until.isoformat()}"))
    populations = [
        {
            "code": {"coding": [{"system": _POPULATIONS, "code": counted.replace("_", "-")}]},
            "count": getattr(row, counted),
        }
        for counted in _COUNTED
    ]
    topic = {"system": "https://cds-service.org/CodeSystem/topics", "code": row.group}
    group: dict[str, Any] = {"code": {"coding": [topic]}, "population": populations}
    if row.shown:
        percent = {"unit": "%", "system": "http://unitsofmeasure.org", "code": "%"}
        group["measureScore"] = {"value": row.accepted_rate.per_100} | percent
    resource = {
        "resourceType": "MeasureReport",
        "id": name,
        "status": "complete",
        "type": "summary",
        "measure": MEASURE,
        "period": {"start": since.isoformat(timespec="seconds"), "end": until.isoformat(timespec="seconds")},
        "group": [group],
    }
    return {"fullUrl": f"urn:uuid:{name}", "resource": resource}
