"""A Condition: how sure it is, whether it is there now, since when, and where."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal, NamedTuple

import msgspec
from msgspec import Raw, structs

from cds_service.chart import wire
from cds_service.chart.dating import future_of, moment_at_age, moment_in_words, moment_of, note_doubtful_date, period_of
from cds_service.chart.decode import anything, listed
from cds_service.chart.elements import ABSENT, ConditionEvidence, Extension, Reference, Stage
from cds_service.chart.facts import Condition
from cds_service.chart.meanings import UNREAD_WORDS, Meaning, certainty_of, union
from cds_service.chart.reading import Reading, code_of, notes_of
from cds_service.terminology.dates import Moment

_DOUBTFUL = frozenset({"provisional", "differential", "unconfirmed"})
_PAST = frozenset({"inactive", "resolved"})
_STANDING = frozenset({"active", "recurrence", "relapse"})
_PAST_CANCER = frozenset({"cancer-history", "solid-cancer-history", "blood-cancer-history"})
_ANY_CANCER = frozenset({"any-malignancy", "malignant-histology"})
_HISTOLOGY = ("histology-morphology", "histologymorphology", "morphology-behavior")
_RELATED_PRIMARY = "related-primary"
_STAGE_GROUP, _M_CATEGORY, _M1 = "stage-group", "m-category", "m1"
_SPREAD = "metastasis-site-unspecified"
_LETTER_M = re.compile(r"[acpruy]{0,3}M[01X]", re.IGNORECASE)
_STAGE = msgspec.json.Decoder(Stage)
_EXTENSION = msgspec.json.Decoder(Extension)
_EVIDENCE = msgspec.json.Decoder(ConditionEvidence)
_REFERENCE = msgspec.json.Decoder(Reference)
_RAW = msgspec.json.Decoder(Raw)
_NOT_SO = frozenset({"refuted", "entered-in-error"})
_PROVISIONAL = Raw(b'{"coding":[{"code":"provisional"}]}')


def read_condition(node: wire.Condition, reading: Reading, reference: str) -> Iterable[Condition]:
    """Read a problem, diagnosis or symptom with its certainty, state, dates and body sites; and what led to it."""
    found = _problem(node, reading, reference)
    return (*found, *_evidence(node, reading, reference)) if node.evidence else found


def _problem(node: wire.Condition, reading: Reading, reference: str) -> tuple[Condition, ...]:
    meaning = _meaning(node, reading)
    verification = code_of(node.verification_status)
    certainty = meaning.certainty or certainty_of(node.extension)
    if verification == "entered-in-error":
        reading.aside(reference, "entered-in-error")
        return ()
    if verification == "refuted" or certainty == "excluded":
        reading.aside(reference, "refuted")
        return ()
    if not meaning.concepts:
        if meaning.denied:
            reading.aside(reference, "negated", ", ".join(sorted(meaning.denied)))
        return ()
    if any(words in meaning.concepts <= reading.meanings.codebook.wider(words) for words in UNREAD_WORDS):
        when = moment_of(reading, node.onset_date_time, node.recorded_date)
        reading.gap("conditions", "not-understood", reference, meaning.concepts, meaning.label, when)
        return ()
    onset = _onset(node, reading)
    noted = (node.recorded_date, node.asserted_date, node.date_recorded)
    recorded = moment_of(reading, *noted)
    if ahead := future_of(reading, node.onset_date_time, *(() if onset else noted)):
        reading.aside(reference, "future")
        reading.gap("conditions", "future", reference, meaning.concepts, ahead.text, ahead)
        return ()
    end = _end(node, reading)
    clinical = code_of(node.clinical_status)
    if end.over and clinical in _STANDING:
        reading.gap("conditions", "conflict", reference, meaning.concepts, f"{clinical}, ended {end.written}", onset)
    when = onset or recorded
    signs = meaning.concepts & reading.meanings.codebook.symptoms
    if when is not None or signs:  # a disease without a date is on record all the same; a symptom has to be new
        note_doubtful_date(reading, "conditions", reference, signs or meaning.concepts, when, meaning.label)
    past = clinical in _PAST or end.over or certainty == "history" or _tells_of_the_past(meaning)
    state: Literal["active", "remission", "past"] = (
        "remission" if clinical == "remission" else "past" if past else "active"
    )
    return (
        *_related_primary(node, reading, reference),
        Condition(
            reference=reference,
            label=meaning.label,
            short=meaning.called,
            concepts=meaning.concepts,
            coded=meaning.coded,
            state=state,
            suspected=verification in _DOUBTFUL or certainty == "suspected" or bool(meaning.doubted),
            onset=onset,
            recorded=recorded,
            abated=end.when,
            sites=_sites(node, meaning, reading),
            text=". ".join(part for part in (meaning.text, notes_of(node.note)) if part),
            name_doubts=bool(meaning.doubted),
        ),
    )


def _evidence(node: wire.Condition, reading: Reading, reference: str) -> Iterator[Condition]:
    """The manifestations that led to a problem, in its state and of its dates; what is refuted has none.

    A sign is there. A disease that is named as evidence of another problem is suspected, and so is whatever the words of a
    reference say that nobody can follow.
    """
    certainty = reading.meanings.of("Condition", node.code).certainty or certainty_of(node.extension)
    if code_of(node.verification_status) in _NOT_SO or certainty == "excluded":
        return
    bare = structs.replace(node, evidence=ABSENT, stage=ABSENT, extension=ABSENT, body_site=ABSENT, note=ABSENT)
    own = reading.meanings.of("Condition", node.code).concepts
    for one in listed(node.evidence, _EVIDENCE):
        for code in (*_each(one.code), *_each(one.concept)):
            concepts = reading.meanings.of("Condition", code).concepts - own
            status = ABSENT if concepts <= reading.meanings.codebook.symptoms else _PROVISIONAL
            if concepts:
                yield from _problem(structs.replace(bare, code=code, verification_status=status), reading, reference)
        for pointed in (*listed(one.detail, _REFERENCE), *filter(None, (one.reference,))):
            if pointed.display and not _came(pointed, reading):
                code = Raw(msgspec.json.encode({"text": pointed.display}))
                yield from _problem(
                    structs.replace(bare, code=code, verification_status=_PROVISIONAL), reading, reference
                )


def _each(raw: Raw) -> Iterable[Raw]:
    """The parts of a list; a single one, as DSTU2 has it, counts as a list."""
    return listed(raw, _RAW) if bytes(raw)[:1] == b"[" else (raw,) if raw else ()


def _came(pointed: Reference, reading: Reading) -> bool:
    target = pointed.reference or ""
    return target.startswith("#") or reading.directory.find(target) is not None


def _sites(node: wire.Condition, meaning: Meaning, reading: Reading) -> frozenset[str]:
    """Where it is, by its body sites; and whether the name of a code is one of bone at large."""
    named = reading.meanings.of_text("label", meaning.label if meaning.coded else "")
    return reading.meanings.of_all("bodySite", node.body_site).concepts | named.concepts


def _meaning(node: wire.Condition, reading: Reading) -> Meaning:
    """What its code says, and beside it its stage and the histology that oncology profiles add."""
    own = _sited(reading.meanings.of("Condition", node.code), node.body_site, reading)
    if not (node.stage or node.extension):
        return own
    stages = [_stage(stage.summary, reading) for stage in listed(node.stage, _STAGE)] if node.stage else []
    histology = [
        reading.meanings.of("Condition", extension.value_codeable_concept)
        for extension in (listed(node.extension, _EXTENSION) if node.extension else ())
        if any(part in (extension.url or "").lower() for part in _HISTOLOGY)
    ]
    return union((own, *stages, *histology))


def _sited(own: Meaning, sites: Raw, reading: Reading) -> Meaning:
    """What a name says of these parts of the body: weakness of both legs is a sign of the cord, numbness of a hand is none."""
    meanings, signs = reading.meanings, reading.meanings.codebook.symptoms
    places = [place for one in _each(sites) if (place := meanings.of("bodySite", one).label)]
    if not places or not own.label:
        return own
    sited = union(meanings.of_text("Condition", f"{own.label} of {place}") for place in places).concepts & signs
    elsewhere = (meanings.of_text("Condition", own.label).concepts & signs) - sited
    if sited <= own.concepts and not elsewhere:
        return own
    concepts = (own.concepts - elsewhere) | sited
    return replace(own, concepts=concepts, coded=own.coded - elsewhere, called=meanings.codebook.called(concepts))


def _related_primary(node: wire.Condition, reading: Reading, reference: str) -> Iterable[Condition]:
    """The primary that a secondary cancer names (mCODE) and that did not come itself: known by the words of the reference."""
    for extension in listed(node.extension, _EXTENSION) if node.extension else ():
        pointed = extension.value_reference
        if pointed is None or not pointed.display or _RELATED_PRIMARY not in (extension.url or "").lower():
            continue
        meaning = reading.meanings.of_text("Condition", pointed.display)
        if not meaning.concepts or _came(pointed, reading):
            continue
        yield Condition(
            reference=reference,
            label=meaning.label,
            short=meaning.called,
            concepts=meaning.concepts,
            coded=meaning.coded,
            state="active",
            suspected=bool(meaning.doubted),
            onset=None,
            recorded=None,
            abated=None,
            sites=frozenset(),
            text=meaning.text,
            name_doubts=bool(meaning.doubted),
        )


def _stage(summary: Raw, reading: Reading) -> Meaning:
    """A stage by its codes and words, or by the bare code that a stage group or an M category has."""
    meanings, sets = reading.meanings, reading.meanings.codebook.sets
    group, spread = sets.get(_STAGE_GROUP), sets.get(_M_CATEGORY)
    if group is None or spread is None or not summary:
        return meanings.of("answer", summary)
    lettered = any(_LETTER_M.match(written) for written in meanings.written_in(summary))
    category = meanings.of_closed(spread, summary) if lettered else meanings.of("answer", summary)
    if _M1 in category.concepts - category.denied:
        return meanings.widened(category, _SPREAD)
    formula = meanings.of("Condition", summary)
    staged = category if lettered else meanings.of_closed(group, summary)
    return union((staged, formula)) if _SPREAD in formula.concepts else staged


def _onset(node: wire.Condition, reading: Reading) -> Moment | None:
    """Since when, in whatever form it is given: date, period, age, range of ages, or words with a year."""
    dated = moment_of(reading, node.onset_date_time, period_of(node.onset_period).start if node.onset_period else None)
    if dated is not None:
        return dated
    if node.onset_age or node.onset_range:
        return moment_at_age(reading, node.onset_age, node.onset_range)
    said = moment_in_words(node.onset_string, reading.meanings.codebook.vocabulary.months)
    return said if said is not None and said.first <= reading.ahead else None


class _End(NamedTuple):
    over: bool = False
    when: Moment | None = None
    written: str = ""


def _end(node: wire.Condition, reading: Reading) -> _End:
    """Whether the record says, in any form, that it is over; an end that still lies ahead is none."""
    period = period_of(node.abatement_period) if node.abatement_period else None
    written = node.abatement_date_time or (period and (period.end or period.start)) or ""
    if written:
        when = moment_of(reading, written)
        return _End(when is not None, when, written)
    if node.abatement_age or node.abatement_range:
        at_age = moment_at_age(reading, node.abatement_age, node.abatement_range)
        return _End(at_age is None or at_age.first <= reading.ahead, at_age, at_age.text if at_age else "at some age")
    if node.abatement_string:
        said = anything(node.abatement_string)
        months = reading.meanings.codebook.vocabulary.months
        return _End(True, moment_in_words(said, months), said) if isinstance(said, str) and said.strip() else _End()
    return _End(bool(node.abatement_boolean), written="")


def _tells_of_the_past(meaning: Meaning) -> bool:
    """Whether codes and words speak of history only; the concept of a past cancer says so by itself.

    A code of a past cancer (Z85.3) beside the words "breast cancer" stays history. The words "history of breast cancer"
    beside a code of the cancer itself (C50) leave it active.
    """
    if not _PAST_CANCER.isdisjoint(meaning.coded):
        return meaning.coded <= _PAST_CANCER
    present = meaning.concepts - meaning.history
    if not _PAST_CANCER.isdisjoint(present):
        present -= _PAST_CANCER | (_ANY_CANCER - meaning.coded)
    return not present
