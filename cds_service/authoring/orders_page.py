"""How orders are understood, as a page: each row of ``cards/orders/examples.yaml``, read, beside what it must come to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

from msgspec import Raw
from pydantic import Field

from cds_service.chart.orders.dosage import dosing_of
from cds_service.chart.orders.fractions import course_of
from cds_service.chart.orders.product import product_of
from cds_service.chart.orders.step_amounts import StepAmount
from cds_service.knowledge.errors import KnowledgeError
from cds_service.knowledge.reading import NonEmptyText, Written, read_part
from cds_service.knowledge.yaml_source import read_yaml
from cds_service.terminology.order_words import OrderWords

_HEAD = """# Orders understood

Made by `cds-service orders --write` from `cards/orders/examples.yaml`; do not edit. Each row is a test. The words stand in
`cards/orders/words`, one file for each language; `cds-service orders "2 tablets bid" --product "Dexamethasone 4 MG Oral Tablet"`
tries another order.

A dose is count times strength times frequency. What may mean two things, or what structure and words say differently, is not
readable: no number is guessed, and a safety check that depends on it says so. Steps of a taper are not summed: the step in force
counts, of a draft the first.
"""


class Row(Written):
    called: ClassVar[str] = "an order"
    written: str = ""
    dosage: dict[str, Any] = {}  # noqa: RUF012 - pydantic copies it
    course: str = ""
    product: str = ""
    day: str = ""
    """What a day comes to, or what is prescribed; empty where nobody can know."""

    @property
    def shown(self) -> str:
        return self.written or self.course or json.dumps(self.dosage, ensure_ascii=False)


class Section(Written):
    called: ClassVar[str] = "a section"
    title: NonEmptyText
    product: str = ""
    rows: Annotated[list[Row], Field(min_length=1)]


def read_examples(text: str) -> list[Section]:
    """Read ``cards/orders/examples.yaml``; raises :class:`KnowledgeError` with every mistake."""
    document = read_yaml("cards/orders/examples.yaml", text)
    sections = [read_part(Section, document, (place,)) for place in range(len(document.data or ()))]
    if document.errors:
        raise KnowledgeError(document.errors)
    return [section for section in sections if section is not None]


def understood(row: Row, product: str, words: OrderWords) -> tuple[str, str]:
    """What an order comes to, and why not: one of them is empty."""
    if row.course:
        return _course(row.course, words)
    line = row.dosage or {"text": row.written}
    named = product_of((row.product or product,), Raw(b""), words)
    dosing = dosing_of(Raw(json.dumps([line]).encode()), named, words)
    return in_words(dosing.lines[0].steps)


def in_words(steps: tuple[StepAmount, ...]) -> tuple[str, str]:
    """What the first step that is repeated comes to in a day, and what is not readable of it."""
    single = len(steps) > 1 and (steps[0].frequency is None or steps[0].frequency.once)
    step = steps[1] if single else steps[0]
    reasons = "; ".join(map(str, step.unclear))
    amount = step.daily or (step.dose if step.frequency is not None and step.frequency.once else None)
    return (str(amount), "") if amount is not None and not reasons else ("", reasons or "how often is not stated")


def _course(text: str, words: OrderWords) -> tuple[str, str]:
    course = course_of(text, Raw(b""), words)
    if course is None:
        return "", "nothing is said of dose or fractions"
    if course.unclear or course.fractions is None:
        return "", "; ".join(map(str, course.unclear))
    count = f"{course.fractions} fraction{'s' if course.fractions > 1 else ''}"
    return (f"{course.total} in {count}" if course.total else count), ""


_SUGGESTED = """
## Orders suggested

The orders that cards draft stand in `cards/orders.yaml`. Each is complete FHIR R4, by the rules of US Core 7.0.0 for
ServiceRequest and MedicationRequest, and says each thing once:

| element | what is sent |
| --- | --- |
| `status`, `intent` | `draft`, `order` (a client profile may say `proposal`) |
| `category` | kind of service (SNOMED CT); of a medicine the setting of the encounter, where it is known |
| `code`, `medicationCodeableConcept` | SNOMED CT or LOINC; RxNorm and ATC; and our `text`, instead of displays |
| `subject`, `encounter`, `requester`, `authoredOn` | from the call: patient, encounter, user, now |
| `reasonCode` | why, in words |
| `reasonReference` | at most two: the fact that leads, then diseases and reports; no result that bears on the dose alone |
| `priority`, `occurrencePeriod` | where it is urgent, and until when |
| `dosageInstruction` | text, route, timing, dose in UCUM, what to mind; no `method` that the route says, no `asNeeded` |
| `dispenseRequest` | of tablets: no repeats; what staff give is not dispensed |
| `performerType` | only where neither the code (a referral) nor the category (an image) says who acts |
| `bodySite` | only where the code does not say it |

What a site's catalogue needs more (an orderable, a dose form) its overlay adds: see [Epic](integration-epic.md#4-map-the-orders).
"""


def orders_page(sections: list[Section], words: OrderWords) -> str:
    """The page in Markdown."""
    contents = f"{', '.join(map(_link, (*(section.title for section in sections), 'Orders suggested')))}.\n"
    return (
        "\n".join([_HEAD, contents, *(line for section in sections for line in _section(section, words))]).rstrip()
        + "\n"
        + _SUGGESTED
    )


def _link(title: str) -> str:
    return f"[{title}](#{title.lower().replace(',', '').replace(' ', '-')})"


def _section(section: Section, words: OrderWords) -> Iterator[str]:
    yield f"## {section.title}\n"
    if section.product:
        yield f"Product, where the row names none: {section.product}.\n"
    yield "| order | product | comes to |\n| --- | --- | --- |"
    for row in section.rows:
        amount, why = understood(row, section.product, words)
        yield f"| `{row.shown.replace('|', '/')}` | {row.product} | {amount or f'*{why}*'} |"
    yield ""
