"""The pages for operators say what is so: settings, metrics, log fields, files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cds_service.service.settings import Settings
from cds_service.service.store.records import Retention
from cds_service.service.telemetry import Meters
from cds_service.service.telemetry.logs import FIELDS
from tests.faults import matrix
from tests.service.settings_table import PAGE, descriptions, with_table
from tests.service.wire import ROOT

TEXT = PAGE.read_text(encoding="utf-8")
SECURITY = (ROOT / "SECURITY.md").read_text(encoding="utf-8")


def test_the_table_of_settings_is_that_of_the_source() -> None:
    assert set(descriptions()) == set(Settings.model_fields)
    assert with_table(TEXT) == TEXT, "run python -m tests.service.settings_table"


def test_every_metric_is_listed_and_no_other() -> None:
    source = (ROOT / "cds_service/service/telemetry/meters.py").read_text(encoding="utf-8")
    made = set(re.findall(r'(?:(?:Counter|Histogram|Gauge)\(\s*|^_ODD = )"(\w+)"', source, re.MULTILINE))
    assert set(re.findall(r"^\| `(cds_\w+?)(?:_total)?` \|", TEXT, re.MULTILINE)) == made
    assert (
        len(made) == len([name for name in vars(Meters) if not name.startswith("_")]) - 2 + 1
    )  # text, what was counted so far; calls make two


def test_the_fields_of_a_log_line_are_named() -> None:
    named = set(re.findall(r"`(\w+)`", TEXT.partition("## Logs")[2].partition("## Stopping")[0]))
    assert FIELDS - {"topics"} <= named


def test_the_days_of_retention_are_those_of_the_store() -> None:
    assert f"kept {Retention().cards_days} days, the audit {Retention().audit_days}" in TEXT


@pytest.mark.parametrize("page", ["docs/operations.md", "SECURITY.md"])
def test_every_file_that_a_page_names_exists(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    linked = [target.partition("#")[0] for target in re.findall(r"\]\(([^)]+)\)", text) if "://" not in target]
    tests = re.findall(r"`(tests/[\w/.]+)`", text)
    for name in [str(Path(page).parent / target) for target in linked] + tests:
        assert (ROOT / name).exists(), name


def test_the_threat_model_is_one_page() -> None:
    assert len(SECURITY.splitlines()) < 80


def test_the_fault_matrix_has_a_row_for_every_fault_and_each_row_its_test() -> None:
    rows = matrix.read(matrix.PAGE.read_text(encoding="utf-8"))
    wanted = {
        "10 MB body",
        "200 bodies of 15 MB at once",
        "200 slow clients",
        "FHIR server dead",
        "FHIR server dripping",
        "FHIR server failing",
        "FHIR server lying, another patient",
        "FHIR server lying, no FHIR",
        "FHIR server slow",
        "SIGTERM under load",
        "a node lost",
        "a node whose file server lags",
        "a node's disk full",
        "calls that make a node break off",
        "card files broken at start",
        "card files broken on reload",
        "clock skew",
        "key host down",
        "key host slow",
        "memory over many requests",
        "node frozen",
        "node killed",
        "one address drips bodies without end",
        "one of two nodes",
        "overload",
        "own authority",
        "rollback, then restart",
        "store down",
        "store down at start",
        "store frozen",
        "store full",
        "store restarted under load",
        "store slow",
        "worker killed",
    }
    assert wanted == set(rows)
    for row in rows.values():
        file, _, test = row.test.partition("::")
        assert f"def {test}(" in (ROOT / "tests" / "faults" / file).read_text(encoding="utf-8"), row.fault
        assert row.seen
        assert row.lost
