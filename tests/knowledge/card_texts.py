"""The smallest set of card files that loads, and a rule for it; tests change one line of it and look at the answer."""

from __future__ import annotations

from decimal import Decimal
from typing import get_args

import pytest

from cds_service.chart.case import Case
from cds_service.chart.gaps import Problem
from cds_service.knowledge.cards import Knowledge, Rule
from cds_service.knowledge.errors import KnowledgeError
from cds_service.knowledge.load import load
from cds_service.outcomes import NotFired, Outcome
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import Limit, Quantity


def watch_calcium(
    case: Case,
    *,
    treat_at: Limit,
    upper_limit: Limit,
    age: Span,
    dose: Quantity,
    points: int,
    slope: Decimal,
    preferred: str,
    alarming: bool,
    primaries: tuple[str, ...],
) -> Outcome:
    """A rule that has one parameter of every kind."""
    return NotFired("normal")


def find_rule(name: str) -> Rule:
    """Know one rule only."""
    if name == "watch_calcium":
        return watch_calcium
    raise LookupError(f"there is no rule {name!r}", ("watch_calcium",))


CARD = """\
topic: calcium-watch
title: Calcium is watched
rule: watch_calcium
status: active
version: 1.0.0
owner: acute oncology
reviewed: 2026-11-21
purpose: Finds high calcium.
intended_user: clinicians
seeds: [4, 16]
rules: [R-HCM-TREAT]
red_flag: true
hooks: [patient-view]
needs: [patient, observations]
sources:
  - {id: a-guideline, says: Treat it.}
parameters:
  treat_at: {value: 3.00, unit: mmol/L, also: {mg/dL: 12.0}, substance: calcium, between: [2.8, 3.3], why: Label., \
source: a-label, reviewed: 2026-11-21}
  upper_limit: {shared: calcium_upper_limit}
  age: {value: 7, unit: d, between: [1, 14], why: Stale., source: seed, reviewed: 2026-11-21, \
confirmed: false}
  dose: {value: 4, unit: mg, between: [3, 4], why: Label., source: a-label, reviewed: 2026-11-21}
  points: {value: 7, unit: points, between: [6, 9], why: Score., source: a-score, reviewed: 2026-11-21}
  slope: {value: 0.02, unit: "1", between: [0.01, 0.03], why: Payne., source: a-paper, reviewed: 2026-11-21}
  preferred: {value: denosumab, one_of: [denosumab, zoledronic-acid], why: Choice., source: seed, reviewed: 2026-11-21}
  alarming: {value: true, why: Choice., source: seed, reviewed: 2026-11-21}
  primaries: {value: [breast-cancer, lung-cancer], why: Choice., source: seed, reviewed: 2026-11-21}
messages:
  high:
    indicator: critical
    summary: "Calcium {calcium}: treat at {treat_at}"
    do: ["Treat **{calcium}**, {now}."]
notes:
  fluids: Give fluids within {age}.
silent:
  normal: Calcium is normal.
  too_old: The calcium is older than {age}.
suggestions:
  bisphosphonate:
    label: Give {dose}
    recommended: true
    actions:
      - description: Draft {dose} of zoledronic acid
        create:
          resourceType: MedicationRequest
          medicationCodeableConcept:
            coding: [{system: rxnorm, code: "77655", display: zoledronic acid}]
            text: Zoledronic acid
          dosageInstruction:
            - text: "{dose} once, {reason}"
              doseAndRate: [{doseQuantity: {value: "{dose.value}", unit: "{dose.unit}", system: ucum, code: "{dose.unit}"}}]
  retest:
    label: Repeat the calcium
    actions:
      - description: Draft a calcium test
        create:
          resourceType: ServiceRequest
          priority: urgent
          code: {coding: [{system: loinc, code: "17861-6", display: Calcium}]}
          occurrencePeriod: {start: "{now}", end: "{now + age}"}
          quantityQuantity: {value: "{tubes}"}
  lower_the_dose:
    label: Lower the dose
    actions:
      - description: Change the dose to {dose}
        update: draft
        set: {dosageInstruction: [{text: "{dose} once", doseAndRate: [{doseQuantity: {value: "{dose.value}", unit: mg}}]}]}
      - description: Take the second order away
        delete: draft
alternatives: []
override_reasons: [already-done, data-wrong]
links:
  - {label: Guideline, url: "https://example.org/guideline"}
"""

EXAMPLES = """\
- name: calcium at the limit
  facts: [{observation: calcium-total, value: 3.00 mmol/L, when: 1 d}]
  set: {treat_at: 3.1 mmol/L, preferred: zoledronic-acid}
  expect: silent normal
  offers: []
  because: It is below the changed limit.
- name: high calcium
  facts: [{observation: calcium-total, value: 3.2 mmol/L, when: 1 d}]
  expect: fired high critical
  offers: [bisphosphonate, retest]
  notes: [fluids]
  because: It is above the limit.
"""

PARAMETERS = """\
calcium_upper_limit:
  value: 2.60
  unit: mmol/L
  also: {mg/dL: 10.4}
  substance: calcium
  between: [2.5, 2.75]
  why: Above it calcium is high.
  source: a-manual
  alternatives: [{value: 2.65, why: Another laboratory., source: another-manual}]
  reviewed: 2026-11-21
"""

SERVICES = (
    """\
services:
  - {id: bone-view, hook: patient-view, title: View, description: Looks., usageRequirements: Data.}
  - {id: bone-sign, hook: order-sign, title: Sign, description: Checks., usageRequirements: Data.}
order: [oxygen, calcium-watch]
maximum_cards: {value: 5, unit: cards, between: [3, 12], why: Fewer are read., source: a-paper, reviewed: 2026-11-21}
display_units: {calcium: [mmol/L, mg/dL]}
prefetch:
  patient: {patient: "Patient/{{context.patientId}}"}
  conditions: {conditions: "Condition?patient={{context.patientId}}"}
  observations:
    laboratory: "Observation?patient={{context.patientId}}&category=laboratory&_sort=-date&_count=200"
    observations: "Observation?patient={{context.patientId}}&_sort=-date&_count=200"
  reports: {reports: "DiagnosticReport?patient={{context.patientId}}"}
  procedures: {procedures: "Procedure?patient={{context.patientId}}"}
  medications: {medicationRequests: "MedicationRequest?patient={{context.patientId}}"}
  orders: {serviceRequests: "ServiceRequest?patient={{context.patientId}}"}
  allergies: {allergies: "AllergyIntolerance?patient={{context.patientId}}"}
  devices: {devices: "Device?patient={{context.patientId}}"}
  encounters: {encounters: "Encounter?patient={{context.patientId}}"}
required: [conditions, observations]
housekeeping: {title: Due, summary: "{count} things: {items}"}
precautions:
  deceased: No card.
  not_adult: "Below {adult_from}."
  pregnancy: "{pregnancy} ({when}): {offers}."
  prohibited_study: "{prohibition} ({when}): {offers}."
  prohibited: "{prohibition} ({when}): {offers}."
  asked_in_pregnancy: []
  adult_from: {value: 18, unit: years, between: [16, 21], why: Doses., source: a-paper, reviewed: 2026-11-21}
  pregnancy_test_age: {value: 60, unit: d, between: [7, 90], why: Old., source: a-paper, reviewed: 2026-11-21}
  ordered_within: {value: 7, unit: d, between: [1, 60], why: Once., source: a-paper, reviewed: 2026-11-21}
"""
    + f"gaps: {{{', '.join(f'{problem}: It is.' for problem in get_args(Problem))}}}\n"
)

SOURCES = """\
a-guideline: {title: A guideline, url: "https://example.org/guideline"}
a-label: {title: A label}
a-manual: {title: A manual, url: "https://example.org/manual"}
a-paper: {title: A paper}
a-score: {title: A score}
another-manual: {title: Another manual}
seed: {title: Seed}
"""

REASONS = """\
presets:
  usual: [already-done, data-wrong]
reasons:
- {name: already-done, display: Already done, code: action-completed, \
system: "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"}
- {name: data-wrong, display: The data are wrong}
"""

VALUE_SETS = """\
- name: calcium-total
  title: Calcium in serum
  kinds: [Observation]
  codes:
    - {system: loinc, code: "17861-6", display: Calcium, verified: authoritative, source: LOINC}
  measure: {substance: calcium, units: [mmol/L, mg/dL], assume: [{unit: mmol/L, from: 1.0, to: 4.2}]}
- name: any-calcium
  title: Any calcium
  kinds: [Observation]
  includes: [calcium-total]
- name: bone-metastasis
  title: Secondary malignant neoplasm of bone
  codes:
    - {system: snomed, code: "94222008", display: Bone metastasis, verified: authoritative, source: SNOMED}
    - {system: icd-10-cm, code: C79.51, display: Bone metastasis, match: prefix, verified: curated-list, source: CMS}
  text: ['\\bbone met']
"""

SITE = """\
site: example
title: Example hospital
parameters:
  calcium-watch:
    treat_at: 3.1 mmol/L
    preferred: zoledronic-acid
  shared:
    calcium_upper_limit: {value: 2.55 mmol/L, why: Our laboratory.}
  services:
    maximum_cards: 4
display_units: {calcium: [mg/dL]}
status: {calcium-watch: silent}
"""


def good_files() -> dict[str, str]:
    """Files without a mistake."""
    return {
        "calcium-watch.yaml": CARD,
        "examples/calcium-watch.yaml": EXAMPLES,
        "parameters.yaml": PARAMETERS,
        "services.yaml": SERVICES,
        "sources.yaml": SOURCES,
        "override_reasons.yaml": REASONS,
        "value_sets/laboratory.yaml": VALUE_SETS,
        "sites/example.yaml": SITE,
    }


def loaded(*, overlay: str | None = None, settings: tuple[str, ...] = (), **changed: str) -> Knowledge:
    """Load the good files; keyword arguments replace texts of files by their bare names (``services=...``)."""
    names = {
        "card": "calcium-watch.yaml",
        "examples": "examples/calcium-watch.yaml",
        "value_sets": "value_sets/laboratory.yaml",
        "site": "sites/example.yaml",
    }
    files = good_files()
    for name, text in changed.items():
        files[names.get(name, f"{name}.yaml")] = text
    return load(files, overlay=overlay, settings=settings, find=find_rule)


def edited(text: str, old: str, new: str) -> str:
    """Change one place of a text, which must be there exactly once."""
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    return text.replace(old, new)


def message(error: pytest.ExceptionInfo[KnowledgeError]) -> str:
    return str(error.value)
