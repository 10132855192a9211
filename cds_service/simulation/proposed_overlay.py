"""A site's overlay proposed from what a cohort's records hold that nothing understands: a person finishes it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from cds_service.simulation.recognition import Row
from cds_service.terminology.value_sets import Codebook, ValueSet

MOST = 200
"""Codes that are proposed at most."""
_ALIKE = 0.6
_HEAD = """\
# Proposed by `cds-service recognise` from {patients} patients. Nothing below counts until a person has decided: move a code
# below the value set that it belongs to, without the "#", and write as its source who says so.
site: {site}
title: Codes of our records
"""


def proposed_overlay(rows: Iterable[Row], patients: int, codebook: Codebook, site: str = "proposed") -> str:
    """Write the overlay: code systems that nobody knew, then each frequent code with the value sets that its name is like."""
    coded = [row for row in rows if row.kind == "coding" and row.code][:MOST]
    names = _system_names(coded, codebook)
    lines = [_HEAD.format(patients=patients, site=site)]
    if names:
        lines.append("code_systems:")
        lines += [f"  {name}: {{title: {json.dumps(uri or 'Codes without a system')}, uri: {json.dumps(uri)}}}"
                  for uri, name in names.items()]  # fmt: skip
    lines.append("value_sets: {}")
    lines += [line for row in coded for line in _proposal(row, names, codebook)]
    return "\n".join(lines) + "\n"


def likely_sets(row: Row, codebook: Codebook) -> list[ValueSet]:
    """The value sets whose title is most like a code's name, among those of its kind of resource; the best three."""
    kind = row.element.partition(".")[0].replace("Medication.", "MedicationRequest.")
    fitting = (one for one in codebook.sets.values() if kind in one.kinds)
    scored = sorted(((_alike(row.text, one), one.name) for one in fitting), reverse=True)
    return [codebook.sets[name] for score, name in scored[:3] if score >= _ALIKE]


def _proposal(row: Row, names: dict[str, str], codebook: Codebook) -> Iterator[str]:
    system = names.get(row.system) or codebook.systems.name(row.system)
    yield f"\n# {row.element}, {row.times} times in {row.patients} patients; read by {', '.join(row.blinds) or 'no red flag'}"
    for value_set in likely_sets(row, codebook):
        yield f"# like {value_set.name} ({value_set.title})"
    code = {"system": system, "code": row.code, "display": row.text or row.code, "source": ""}
    yield f"#   - {{{', '.join(f'{key}: {json.dumps(value, ensure_ascii=False)}' for key, value in code.items())}}}"


def _system_names(rows: Iterable[Row], codebook: Codebook) -> dict[str, str]:
    """A short name for each code system that nobody knew, by its URI."""
    found: dict[str, str] = {}
    for uri in dict.fromkeys(row.system for row in rows):
        if not codebook.systems.knows(uri):
            words = re.sub(r"[^a-z0-9]+", "-", re.sub(r"^(https?://|urn:(oid:)?)", "", uri.lower())).strip("-")
            name = f"system-{words[:40].strip('-')}" if words else "no-system"
            found[uri] = name if name not in found.values() else f"{name}-{len(found)}"
    return found


def _alike(text: str, value_set: ValueSet) -> float:
    words = text.lower()
    return max(
        SequenceMatcher(None, words, name).ratio()
        for name in (value_set.title.lower(), value_set.name.replace("-", " "))
    )
