"""The outcome of a mutation run, as lines and as the page ``benchmarks/MUTATION.md``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from benchmarks.mutants import Mutant

Key = tuple[str, str, str]
UNEXPLAINED = "**unexplained**"
_FILE = Path(__file__).parent / "mutation.yaml"
_KEPT = Path(__file__).parent / "mutation.json"
_HEAD = """# Mutation testing

Written by `python -m benchmarks.mutation --write` on {day}.

Every comparison and connective in `cds_service/rules/` and `cds_service/findings/` is turned once (`<` and `<=`, `==` and
`!=`, `in` and `not in`, `and` and `or`), and every number of a card is moved one unit of its last place up and down, as far
as its range admits. A number that cards share is one number. A mutant is noticed when an example of a card answers
otherwise than `tests/expected_answers/` keeps, or when a direct test in `tests/findings/` or `tests/rules/` fails; a number
that only words and orders hold, when a message or a draft order reads otherwise. Survivors count as survivors even where no
test could tell them apart. Not tried: a `not` left out, another order of a sort, value sets, and all that is not a rule or
a finding.

**{noticed} of {total} mutants are noticed: {share}.**
"""


def read_explanations() -> dict[Key, str]:
    """Why a survivor is one, by module, place and change, as ``mutation.yaml`` says."""
    written = yaml.safe_load(_FILE.read_text(encoding="utf-8")) or []
    return {
        (module["module"], entry["place"], entry["change"]): entry["because"]
        for module in written
        for entry in module["survivors"]
    }


def read_kept() -> dict[str, Any]:
    """By module: a hash of its ``source`` as it was judged, and its ``survivors`` by place and change."""
    kept: dict[str, Any] = json.loads(_KEPT.read_text(encoding="utf-8")) if _KEPT.exists() else {}
    return kept


def write_kept(kept: Mapping[str, Any]) -> None:
    _KEPT.write_text(json.dumps(kept, indent=0, sort_keys=True) + "\n", encoding="utf-8")


def key(mutant: Mutant) -> Key:
    return mutant.module, mutant.place, mutant.change


def share(total: int, survived: int) -> str:
    return f"{100 * (total - survived) / total:.1f} %" if total else "none"


def lines(everything: Sequence[Mutant], survivors: Sequence[Mutant], explanations: Mapping[Key, str]) -> Iterator[str]:
    """What the command prints."""
    total, survived = len(everything), len(survivors)
    yield f"{total} mutants, {total - survived} noticed: {share(total, survived)}"
    for mutant in survivors:
        line = f":{mutant.line}" if mutant.line else ""
        mark = "explained" if key(mutant) in explanations else "unexplained"
        yield f"{mark}: {mutant.module}{line} {mutant.place}: {mutant.change}"
    tried = {mutant.module for mutant in everything}
    for stale in sorted(set(explanations) - {key(mutant) for mutant in survivors}):
        if stale[0] in tried:
            yield f"noticed now, its explanation can go: {': '.join(stale)}"


def report(everything: Sequence[Mutant], survivors: Sequence[Mutant], explanations: Mapping[Key, str]) -> str:
    """The page."""
    total, survived = len(everything), len(survivors)
    text = _HEAD.format(
        day=date.today().isoformat(), noticed=total - survived, total=total, share=share(total, survived)
    )
    return f"{text}\n{_modules(everything, survivors)}\n{_survivors(survivors, explanations)}"


def _modules(everything: Sequence[Mutant], survivors: Sequence[Mutant]) -> str:
    tried, survived = (Counter(mutant.module for mutant in some) for some in (everything, survivors))
    rows = [
        f"| `{module}` | {tried[module]} | {survived[module] or ''} | {share(tried[module], survived[module])} |"
        for module in sorted(tried)
    ]
    return "\n".join(["| module | mutants | survivors | noticed |", "|---|---|---|---|", *rows, ""])


def _survivors(survivors: Sequence[Mutant], explanations: Mapping[Key, str]) -> str:
    if not survivors:
        return "No mutant survives.\n"
    rows = ["## Survivors", ""]
    for mutant in sorted(survivors, key=lambda one: (one.module, one.line, one.change)):
        line = f":{mutant.line}" if mutant.line else ""
        because = " ".join(explanations.get(key(mutant), UNEXPLAINED).split())
        rows += [f"- `{mutant.module}{line}` {mutant.place}: `{mutant.change}`", f"  {because}"]
    return "\n".join(rows) + "\n"
