"""How much of what terminologies publish the value sets understand: by the code alone, and by the name alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cds_service.terminology.expansions import EVERYTHING_BELOW, Expansion, Member
from cds_service.terminology.value_sets import Codebook

BEGIN, END = "<!-- coverage: made by `cds-service terminology coverage --write` -->", "<!-- coverage: end -->"


@dataclass(frozen=True, slots=True)
class Recognised:
    """One group of published codes."""

    group: str
    codes: int
    """Understood when a record sends nothing but the code."""
    by_name: int
    """Of these, how many are understood by their name alone, under a code that nobody knows."""


def recognised(expansion: Expansion, codebook: Codebook, groups: Iterable[str]) -> Iterator[Recognised]:
    """Count the codes of each group of value sets, each code once: under the first of its sets that is asked for."""
    wanted = tuple(groups)
    found: dict[str, list[bool]] = {name: [] for name in wanted}
    for member in expansion.members:
        if member.code.endswith(EVERYTHING_BELOW):
            continue
        sets = codebook.of_code(member.system, member.code)
        group = next((name for name in wanted if name in sets), "")
        if group:
            found[group].append(_named(codebook, member, group))
    yield from (Recognised(name, len(said), sum(said)) for name, said in found.items() if said)


SECONDARY = (
    "vertebral-metastasis",
    "bone-metastasis",
    "bone-marrow-metastasis",
    "lung-metastasis",
    "pleural-metastasis",
    "liver-metastasis",
    "brain-metastasis",
    "spinal-cord-metastasis",
    "meninges-metastasis",
    "epidural-metastasis",
    "lymph-node-metastasis",
    "adrenal-metastasis",
    "peritoneal-metastasis",
    "skin-metastasis",
    "other-metastasis",
    "metastasis-site-unspecified",
)
PRIMARY = (
    "lymphoma",
    "leukaemia",
    "myeloma",
    "myeloid-neoplasm",
    "blood-cancer",
    "non-melanoma-skin-cancer",
    "melanoma",
    "breast-cancer",
    "lung-cancer",
    "prostate-cancer",
    "kidney-cancer",
    "colorectal-cancer",
    "sarcoma",
    "solid-cancer",
    "any-malignancy",
)
CANCER = frozenset((*SECONDARY, *PRIMARY, "unknown-primary"))


def coverage_table(codebook: Codebook) -> str:
    """The table of the page ``docs/recognition.md``."""
    return "\n".join((BEGIN, "", *_lines(codebook), "", END))


def with_coverage(page: str, codebook: Codebook) -> str:
    """The page with a fresh table between its marks; :class:`ValueError` when it has none."""
    if BEGIN not in page or END not in page:
        raise ValueError(f"the page has no place for the table: {BEGIN} ... {END}")
    return re.sub(
        f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: coverage_table(codebook), page, count=1, flags=re.DOTALL
    )


def _lines(codebook: Codebook) -> Iterator[str]:
    for expansion in codebook.expansions:
        members = [one for one in expansion.members if not one.code.endswith(EVERYTHING_BELOW)]
        known = [one for one in members if not CANCER.isdisjoint(codebook.of_code(one.system, one.code))]
        source = expansion.head.get("source", "")
        yield f"**{expansion.name}**: {len(members)} codes, {len(known)} of them cancer to us. {source}."
        yield ""
        yield "| value set | codes | known by the name alone |"
        yield "|---|---:|---:|"
        for row in recognised(expansion, codebook, (*SECONDARY, *PRIMARY)):
            yield f"| {row.group} | {row.codes} | {100 * row.by_name / row.codes:.1f} % |"
        yield ""


def _named(codebook: Codebook, member: Member, group: str) -> bool:
    """Whether a name alone leads into the group; in the open groups any cancer will do."""
    said = codebook.of_words("Condition", member.display)
    if group in {"other-metastasis", "metastasis-site-unspecified"}:
        return not said.keys().isdisjoint(SECONDARY)
    if group in {"solid-cancer", "blood-cancer", "any-malignancy"}:
        return not said.keys().isdisjoint(CANCER)
    return group in said
