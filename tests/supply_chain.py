"""What we ship stands on: licences, a bill of materials, and known vulnerabilities of the locked packages.

python -m tests.supply_chain licences          # a table
python -m tests.supply_chain sbom > sbom.json  # CycloneDX 1.6
python -m tests.supply_chain audit             # part of the one check
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements.lock"
ALLOWED = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "LGPL-3.0-only",  # psycopg: used as it is, by import
        "MIT",
        "MIT-0",
        "MPL-2.0",  # certifi: a list of certificates, unchanged
        "PSF-2.0",
        "Zlib",
    }
)
"""Licences (SPDX) that a package we ship with may have."""

OLD_NAMES = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "BSD license": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)(?:\s*;\s*([^\\]*))?")


@dataclass(frozen=True, slots=True)
class Package:
    """One locked package; ``licence`` is an SPDX expression, empty when it states none or is not installed here."""

    name: str
    version: str
    hashes: tuple[str, ...]
    licence: str
    installed: bool
    only_if: str

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"

    @property
    def may_be_shipped(self) -> bool:
        """Whether it may be used under licences that are allowed: of alternatives one, of several all."""
        return any(
            all(part.strip(" ()") in ALLOWED for part in choice.split(" AND ")) for choice in self.licence.split(" OR ")
        )


def locked(lock: Path = LOCK) -> Iterator[Package]:
    """The packages of a lock file, with what their metadata here says of their licence."""
    blocks = re.split(r"\n(?=[A-Za-z0-9])", lock.read_text(encoding="utf-8"))
    for block in blocks:
        if pinned := _PINNED.match(block):
            name, version, only_if = pinned[1], pinned[2], (pinned[3] or "").strip()
            hashes = tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", block))
            try:
                licence, installed = licence_of(name), True
            except PackageNotFoundError:
                licence, installed = "", False
            yield Package(name, version, hashes, licence, installed, only_if)


def licence_of(name: str) -> str:
    """What a package's metadata says: an SPDX expression, an old classifier, or a short word of its own."""
    stated = distribution(name).metadata
    if "License-Expression" in stated:
        return stated["License-Expression"]
    classes = [line.rpartition("::")[2].strip() for line in stated.get_all("Classifier") or () if "License" in line]
    word = stated["License"].strip() if "License" in stated else ""
    found = [OLD_NAMES[one] for one in classes if one in OLD_NAMES]
    return word if word in ALLOWED else found[0] if found else OLD_NAMES.get(word, word.partition("\n")[0])


def sbom(packages: list[Package]) -> dict[str, Any]:
    """The bill of materials in CycloneDX 1.6; the same lock gives the same bytes."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = re.search(r'__version__ = "([^"]+)"', (ROOT / "cds_service" / "__init__.py").read_text())
    components = [
        {
            "type": "library",
            "bom-ref": package.purl,
            "name": package.name,
            "version": package.version,
            "purl": package.purl,
            "hashes": [{"alg": "SHA-256", "content": one} for one in package.hashes],
            **({"licenses": [{"expression": package.licence}]} if package.licence else {}),
        }
        for package in packages
    ]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, LOCK.read_text(encoding='utf-8'))}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": project["name"],
                "name": project["name"],
                "version": version[1] if version else "0",
                "description": project["description"],
            }
        },
        "components": components,
        "dependencies": [
            {"ref": project["name"], "dependsOn": [package.purl for package in packages]},
            *({"ref": package.purl} for package in packages),
        ],
    }


def audit(lock: Path = LOCK, seconds: float = 60) -> int:
    """Look the locked packages up among known vulnerabilities; 1 when there are any, 0 also when none could be looked up."""
    command = ["pip_audit", "--requirement", str(lock), "--disable-pip", "--require-hashes", "--format", "json"]
    try:
        done = subprocess.run(
            [sys.executable, "-m", *command, "--timeout", "5", "--progress-spinner", "off"],
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )
        found = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, json.JSONDecodeError, KeyError):
        print("not audited: pip-audit is not installed, or the package index does not answer for vulnerabilities")
        return 0
    known = [one for one in found if one.get("vulns")]
    unknown = [one["name"] for one in found if "skip_reason" in one]
    for one in known:
        for vulnerability in one["vulns"]:
            fixed = ", ".join(vulnerability["fix_versions"]) or "no version yet"
            print(f"{one['name']} {one['version']}: {vulnerability['id']}, fixed in {fixed}")
    print(f"{len(found) - len(unknown)} packages audited, {len(known)} with known vulnerabilities")
    if unknown:
        print(f"{len(unknown)} not audited: the package index here has no vulnerability data for them")
    return 1 if known else 0


def main(arguments: list[str]) -> int:
    """Print what is asked for."""
    match arguments:
        case ["sbom"]:
            print(json.dumps(sbom(list(locked())), indent=1))
        case ["licences"]:
            for package in locked():
                note = "" if package.installed else f"not installed here ({package.only_if})"
                print(f"{package.name:<22} {package.version:<14} {package.licence or note}")
        case ["audit"]:
            return audit()
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
