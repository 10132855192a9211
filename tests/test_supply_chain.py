"""What we ship with is locked with its hashes, has a licence that allows it, and is listed in a bill of materials."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from tests.supply_chain import ALLOWED, LOCK, ROOT, Package, audit, locked, sbom

PACKAGES = list(locked())


def test_the_lock_holds_every_package_that_the_project_names() -> None:
    named = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    wanted = {name.replace(".", "-").partition(">")[0].partition("[")[0].lower() for name in named}
    assert wanted <= {package.name.lower() for package in PACKAGES}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: str(package.name))
def test_every_locked_package_has_hashes_and_a_licence_that_is_allowed(package: Package) -> None:
    assert package.hashes
    if package.installed:
        assert package.may_be_shipped, f"{package.name} is under {package.licence!r}; allowed are {sorted(ALLOWED)}"
    else:
        assert package.only_if  # for another system than this one


def test_a_licence_that_is_not_on_the_list_is_found() -> None:
    def under(licence: str) -> bool:
        return Package("p", "1", (), licence, True, "").may_be_shipped

    assert under("MIT")
    assert under("GPL-3.0-only OR MIT")
    assert not under("GPL-3.0-only AND MIT")
    assert not under("AGPL-3.0-or-later")
    assert not under("")


def test_the_bill_of_materials_lists_every_package_once_and_repeats_byte_for_byte() -> None:
    made = sbom(PACKAGES)
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    references = [component["bom-ref"] for component in made["components"]]
    assert len(references) == len(set(references)) == len(PACKAGES) > 20
    assert {reference for one in made["dependencies"] for reference in one.get("dependsOn", ())} == set(references)
    assert json.dumps(made) == json.dumps(sbom(list(locked())))


def test_the_bill_of_materials_keeps_to_the_schema_of_cyclonedx() -> None:
    validation = pytest.importorskip("cyclonedx.validation.json")
    from cyclonedx.schema import SchemaVersion

    assert validation.JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(sbom(PACKAGES))) is None


def test_an_audit_without_an_index_says_so_and_fails_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(tmp_path / "no.lock") == 0
    assert "not audited" in capsys.readouterr().out


def test_the_lock_is_where_the_container_takes_it_from() -> None:
    assert f"COPY {LOCK.name}" in (ROOT / "Dockerfile").read_text()
    assert "--require-hashes" in (ROOT / "Dockerfile").read_text()
