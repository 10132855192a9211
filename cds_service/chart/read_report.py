"""A DiagnosticReport or ImagingStudy: what was examined and how completely, and what it states, doubts and denies."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from html import unescape
from typing import Any, Literal

import msgspec

from cds_service.chart import wire
from cds_service.chart.dating import future_of, moment_of, note_doubtful_date, period_of
from cds_service.chart.decode import decoded, listed
from cds_service.chart.elements import Attachment, Narrative
from cds_service.chart.facts import Report
from cds_service.chart.meanings import Meaning, Meanings, union
from cds_service.chart.reading import Reading, notes_of

_STATUS: dict[str, Literal["registered", "final"]] = {
    "registered": "registered",
    **dict.fromkeys(("final", "amended", "corrected", "appended", "available"), "final"),
}
"""Any other state has not come to its end."""
LIMITED = "study-limited"
"""Words that say that a study was not complete, or not of diagnostic quality."""
_SPINE = frozenset({"mri-spine-region", "mri-spine-unspecified"})
_SPINAL = _SPINE | {"mri-whole-spine", "ct-myelogram"}
_LEVELS = frozenset({"study-cervical", "study-thoracic", "study-lumbar"})
_SENTENCE = re.compile(r"[^.;\n]+")
_CORD = frozenset({"cord-compression", "cauda-equina", "epidural-metastasis", "canal-encroachment"})
_LONGEST_QUOTE = 160
_TAG = re.compile(r"<[^>]{1,200}>")
_NEXT_CELL = re.compile(r"</t[dh]>\s*<t[dh]\b[^>]{0,200}>", re.IGNORECASE)
_ENDS_LINE = re.compile(r"\n|<br\s*/?>|</(?:tr|p|div|li|h\d)>", re.IGNORECASE)
_NAME_OF_RESULT = re.compile(r"\[(?:#|Presence|Interpretation|Class|Type|Score|Identifier|[A-Z]\w+/volume)\]")
_ATTACHMENT = msgspec.json.Decoder(Attachment)
_NARRATIVE = msgspec.json.Decoder(Narrative)


def examined(node: Any, meanings: Meanings) -> Meaning:
    """What was examined, by codes and words; three regions of the spine in one study are the whole spine."""
    kind = node.resource_type
    found = union(
        (
            meanings.of(kind, node.code),
            meanings.of_all(kind, node.procedure_code),
            meanings.of_all(kind, node.procedure),
            meanings.of_text(kind, notes_of(node.description)),
        )
    )
    if found.concepts & _SPINE and meanings.of_text("study", f"{found.label}. {found.text}").concepts >= _LEVELS:
        return meanings.widened(found, "mri-whole-spine")
    return found


def read_report(node: wire.Report, reading: Reading, reference: str) -> Iterable[Report]:
    """Read a diagnostic report or imaging study: what was examined, and what its conclusion states, doubts and denies."""
    if node.status in {"entered-in-error", "cancelled"}:
        reading.aside(reference, "entered-in-error", node.status)
        return ()
    study = examined(node, reading.meanings)
    conclusion = ". ".join(part for part in (node.conclusion, _attached(node)) if part) or _narrated(node)
    said = union(
        (
            reading.meanings.of_all("Condition", node.conclusion_code or node.coded_diagnosis),
            reading.meanings.of_prose("Condition", conclusion),
        )
    )
    if not (study.concepts or said.concepts or said.denied):
        return ()
    period = period_of(node.effective_period)
    dates = (node.effective_date_time, period.end, period.start, node.started)
    effective, issued = moment_of(reading, *dates), moment_of(reading, node.issued)
    when = effective or issued
    if when is None and (ahead := future_of(reading, *dates, node.issued)):
        reading.aside(reference, "future")
        reading.gap("reports", "future", reference, study.concepts | said.concepts, study.label, ahead)
        return ()
    note_doubtful_date(reading, "reports", reference, study.concepts | said.concepts, when, study.label)
    status: Literal["registered", "preliminary", "final"] = _STATUS.get((node.status or "").lower(), "preliminary")
    if status == "final" and not (conclusion or said.concepts or said.denied) and _of_the_spine(node, study, reading):
        reading.gap("reports", "no-conclusion", reference, study.concepts, study.label, when)
    return (
        Report(
            reference=reference,
            label=study.label or said.label,
            short=_named(study, reading.meanings),
            concepts=study.concepts,
            coded=study.coded,
            status=status,
            effective=effective,
            issued=issued,
            affirmed=said.concepts - said.doubted - said.history,
            proven=said.coded - said.doubted,
            denied=said.denied,
            doubted=said.doubted,
            conclusion=conclusion,
            sites=reading.meanings.of_all("bodySite", node.body_site).concepts,
            quote=_quote(said.concepts - said.doubted - said.history, conclusion, reading.meanings),
            limits=_limits(f"{study.label}. {study.text}. {conclusion}", reading.meanings),
        ),
    )


def _of_the_spine(node: wire.Report, study: Meaning, reading: Reading) -> bool:
    """Whether it is the report of a spinal MRI or CT, which might say that the cord is compressed; a mere study says nothing."""
    if node.resource_type != "DiagnosticReport":
        return False
    meanings = reading.meanings
    sites = meanings.of_all("bodySite", node.body_site).concepts | meanings.of_text("bodySite", study.text).concepts
    return bool(study.concepts & _SPINAL) or ("ct-any" in study.concepts and "site-spine" in sites)


def _quote(affirmed: frozenset[str], conclusion: str, meanings: Meanings) -> str:
    """The first sentence that states what endangers the cord; empty where none does."""
    if affirmed.isdisjoint(_CORD):
        return ""
    sentences = (found.group().strip() for found in _SENTENCE.finditer(conclusion))
    found = next((one for one in sentences if meanings.of_prose("Condition", one).concepts & _CORD), "")
    return found[:_LONGEST_QUOTE]


def _named(study: Meaning, meanings: Meanings) -> str:
    """What we call the study; one of the whole spine is not called by its parts as well."""
    whole = "mri-whole-spine" in study.concepts and study.concepts & _SPINE
    return meanings.codebook.called(study.concepts - _SPINE) if whole else study.called


def _limits(text: str, meanings: Meanings) -> str:
    """The sentence that says that the study was limited; empty for a complete one."""
    if LIMITED not in meanings.of_prose("study", text).concepts:
        return ""
    sentences = (found.group().strip() for found in _SENTENCE.finditer(text))
    limiting = (one for one in sentences if LIMITED in meanings.of_prose("study", one).concepts)
    return next(limiting, meanings.codebook.sets[LIMITED].title)


def _attached(node: wire.Report) -> str:
    """The text of a report that is attached as text."""
    forms = listed(node.presented_form, _ATTACHMENT) if node.presented_form else []
    return ". ".join(text for form in forms if (text := _text_of(form)))


def _narrated(node: wire.Report) -> str:
    """The narrative of a report that has no other words."""
    narrative = decoded(node.text, _NARRATIVE) if node.text and node.resource_type == "DiagnosticReport" else None
    return _prose(narrative.div) if narrative is not None and narrative.div else ""


def _prose(html: str) -> str:
    """The words of HTML, a row of a table in one line; the name of a result (``... with metastasis [#]``) states nothing."""
    lines = _TAG.sub(" ", _ENDS_LINE.sub("\n", _NEXT_CELL.sub(": ", html))).split("\n")
    return "\n".join(line.strip() for line in map(unescape, lines) if not _NAME_OF_RESULT.search(line)).strip()


def _text_of(form: Attachment) -> str:
    kind = (form.content_type or "").lower()
    if not form.data or not kind.startswith("text/"):
        return ""
    try:
        text = base64.b64decode(form.data, validate=False).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
    return _prose(text) if kind.startswith("text/html") else text
