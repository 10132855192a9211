"""A release says what is in it and where it comes from, and a file that was changed afterwards is found."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests import release
from tests.supply_chain import ROOT, locked


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean checkout of a little project with our locks, our version and our changes."""
    root: Path = tmp_path_factory.mktemp("checkout")
    (root / "cds_service").mkdir()
    for name in ("cds_service/__init__.py", "CHANGELOG.md", "requirements.lock", "requirements-build.lock"):
        (root / name).write_bytes((ROOT / name).read_bytes())
    (root / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "cds-service"\ndynamic = ["version"]\n'
        '[tool.hatch.version]\npath = "cds_service/__init__.py"\n'
    )
    _git(root, "init", "-q")
    _git(root, "add", "-A")
    _git(root, "commit", "-qm", "all")
    return root


def _git(root: Path, *arguments: str) -> None:
    names = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *names, *arguments], cwd=root, check=True)


def test_a_release_says_what_is_in_it_and_a_changed_file_is_found(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[Path] = []

    def build(out: Path, root: Path) -> None:  # the packages of the lock come from an index, which tests do without
        built.append(root)
        with zipfile.ZipFile(out / "cds_service-0.2.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr("cds_service/__init__.py", "")

    monkeypatch.setattr(release, "_build", build)
    out = tmp_path / "dist"
    release.release(out, checkout)
    assert built == [checkout]
    assert release.verify(out) == []
    said = json.loads((out / release.PROVENANCE).read_text())
    assert {one["name"] for one in said["subject"]} == {"cds_service-0.2.0-py3-none-any.whl", release.SBOM}
    commit = said["predicate"]["buildDefinition"]["resolvedDependencies"][0]["digest"]["gitCommit"]
    assert len(commit) == 40
    assert json.loads((out / release.SBOM).read_text())["components"]

    (out / "cds_service-0.2.0-py3-none-any.whl").write_bytes(b"another")
    (out / "more.txt").write_text("not ours")
    assert release.verify(out) == ["cds_service-0.2.0-py3-none-any.whl", "more.txt"]


def test_what_is_not_committed_is_not_released(checkout: Path, tmp_path: Path) -> None:
    (checkout / "new.py").write_text("")
    with pytest.raises(SystemExit, match=r"new\.py"):
        release.release(tmp_path / "dist", checkout)
    (checkout / "new.py").unlink()


def test_a_version_without_its_changes_is_not_released(checkout: Path, tmp_path: Path) -> None:
    changes = checkout / "CHANGELOG.md"
    whole = changes.read_text(encoding="utf-8")
    changes.write_text("# Changes\n", encoding="utf-8")
    _git(checkout, "commit", "-qam", "less")
    with pytest.raises(SystemExit, match="no entry"):
        release.release(tmp_path / "dist", checkout)
    changes.write_text(whole, encoding="utf-8")
    _git(checkout, "commit", "-qam", "all again")


def test_the_packages_that_build_are_locked_with_their_hashes() -> None:
    packages = list(locked(release.BUILD_LOCK))
    assert "hatchling" in {package.name for package in packages}
    assert all(package.hashes for package in packages)
