"""The page ``docs/conformance.md``: every requirement with the tests and checks that keep it true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from cds_service.conformance.requirements import Requirement, checks_by_requirement, requirements

_HEAD = """# Conformance with CDS Hooks

What CDS Hooks 2.0 asks of a service (120 numbered requirements, ids as in the public list) and what 3.0 adds (`3-..`), in
our own words. Made by `cds-service conformance --matrix` from `cds_service/conformance/requirements.yaml` and the
checks; do not edit. A test fails when a test or check named here does not exist, when a row has none, or when this page is
old. *Check* names what `cds-service conformance --url URL` looks at in any running service, ours or another's.

[CDS Hooks 2.0](#cds-hooks-20) · [What 3.0 adds](#what-30-adds) · [TLS](#tls-2-168-175-179)
"""


def standing(row: Requirement) -> str:
    """What the page says of a row; ``not met`` when nothing keeps it true."""
    if row.not_applicable:
        return "not applicable"
    return "met" if row.tests or checks_by_requirement().get(row.id) else "not met"


def page() -> str:
    """Write the page in Markdown."""
    rows = requirements()
    counts = Counter(map(standing, rows))
    summary = ", ".join(f"{counts[name]} {name}" for name in ("met", "not met", "not applicable"))
    parts = [_HEAD, f"{len(rows)} requirements: {summary}.", ""]
    parts += ["## CDS Hooks 2.0", "", *_table([row for row in rows if not row.id.startswith("3-")])]
    parts += ["", "## What 3.0 adds", "", *_table([row for row in rows if row.id.startswith("3-")]), "", _TLS]
    return "\n".join(parts)


_TLS = """## TLS (2, 168, 175, 179)

Two ways, both ours to show and the site's to choose. Usually a proxy ends TLS; the service then listens on loopback or a
private network, and in production refuses to start unless `CDS_PUBLIC_BASE_URL` begins with `https://`: it cannot see
whether the proxy really has TLS, so run `cds-service conformance --url https://...` against the public address. Or the
service ends TLS itself: `CDS_TLS_CERTIFICATE` and `CDS_TLS_KEY`, and `CDS_TLS_CLIENT_CA` for mutual TLS. See
[integration](integration.md).
"""


def _table(rows: Sequence[Requirement]) -> Iterator[str]:
    yield "| id | strength | requirement | standing | kept true by |"
    yield "|---|---|---|---|---|"
    for row in rows:
        yield f"| {row.id} | {row.strength} | {row.text} | {standing(row)} | {_home(row)} |"


def _home(row: Requirement) -> str:
    parts = [reason for reason in (row.not_applicable, row.remark) if reason]
    parts += [f"`{test.rpartition('/')[2]}`" for test in row.tests]
    parts += [f"*check:* {name}" for name in checks_by_requirement().get(row.id, ())]
    return "<br>".join(part.replace("|", r"\|") for part in parts)
