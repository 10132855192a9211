"""A synthetic cohort as bulk-export NDJSON.

Nobody in it exists. Each patient is coherent: age and sex fit the cancer, metastases follow the cancer by years, symptoms and
results follow the metastases, treatment follows the results; most findings of a real record (vital signs, blood counts,
visits) matter to no card and are there as well. The same seed gives the same bytes.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO, cast

from cds_service.authoring.scenarios import ConceptTable, Scenario, resources
from cds_service.service.knowledge_files import load_knowledge

AS_OF = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""The day to simulate: ``--as-of 2026-03-02T09:00:00Z``."""
Facts = list[dict[str, Any]]

_PRIMARIES = {  # name: share, sexes, ages, chance of bone and of lung metastases
    "breast-cancer": (26, ("female",), (38, 88), 0.30, 0.15),
    "prostate-cancer": (24, ("male",), (55, 90), 0.35, 0.08),
    "lung-cancer": (16, ("female", "male"), (48, 86), 0.30, 0.30),
    "kidney-cancer": (7, ("female", "male"), (45, 84), 0.25, 0.35),
    "colorectal-cancer": (11, ("female", "male"), (45, 88), 0.08, 0.20),
    "melanoma": (4, ("female", "male"), (30, 85), 0.12, 0.25),
    "myeloma": (5, ("female", "male"), (52, 86), 0.0, 0.0),
    "lymphoma": (4, ("female", "male"), (25, 82), 0.05, 0.05),
    "thyroid-cancer": (3, ("female", "male"), (28, 80), 0.15, 0.20),
}
_SIGNS = ("limb-weakness", "gait-disturbance", "urinary-retention", "sensory-disturbance", "radicular-pain")
_OTHER_RESULTS = (  # of no card: what fills a real record
    ("http://loinc.org|8867-4|Heart rate", "vital-signs", (55, 105), "/min"),
    ("http://loinc.org|8480-6|Systolic blood pressure", "vital-signs", (100, 165), "mm[Hg]"),
    ("http://loinc.org|8310-5|Body temperature", "vital-signs", (36, 38), "Cel"),
    ("http://loinc.org|2951-2|Sodium", "laboratory", (131, 146), "mmol/L"),
    ("http://loinc.org|1742-6|Alanine aminotransferase", "laboratory", (8, 80), "U/L"),
    ("http://loinc.org|2093-3|Cholesterol", "laboratory", (120, 260), "mg/dL"),
)


def write(
    folder: Path,
    patients: int,
    seed: int,
    *,
    compress: bool = False,
    cards: Path | None = None,
    progress: Callable[[str, int, int], None] = lambda step, done, of: None,
) -> None:
    """Write one file for each resource type; ``progress`` is called with how many patients are done."""
    codes = ConceptTable(load_knowledge(cards).codebook.sets.values())
    files: dict[str, TextIO] = {}
    try:
        for number in range(patients):
            progress("writing", number + 1, patients)
            for resource in resources(patient(seed, number), codes):
                kind = resource["resourceType"]
                if kind not in files:
                    files[kind] = _open(folder, kind, compress)
                files[kind].write(json.dumps(resource, separators=(",", ":"), ensure_ascii=False) + "\n")
    finally:
        for file in files.values():
            file.close()


def _open(folder: Path, kind: str, compress: bool) -> TextIO:
    if compress:
        return cast(TextIO, gzip.open(folder / f"{kind}.ndjson.gz", "wt", encoding="utf-8", compresslevel=3))
    return (folder / f"{kind}.ndjson").open("w", encoding="utf-8")


def patient(seed: int, number: int) -> Scenario:
    """Make one patient; depends on seed and number only."""
    dice = random.Random(f"{seed}/{number}")  # noqa: S311 - patients that repeat, not secrets
    name = dice.choices(list(_PRIMARIES), [entry[0] for entry in _PRIMARIES.values()])[0]
    _, sexes, ages, bone, lung = _PRIMARIES[name]
    history = _History(dice, name)
    if dice.random() < 0.25:
        history.no_cancer()
    else:
        history.cancer(bone, lung)
    history.background()
    facts: Facts = [{**fact, "id": f"p{number}-{place}"} for place, fact in enumerate(history.facts)]
    who = {
        "id": f"synthetic-{number:06}",
        "name": f"Testa{number} Beispiel",
        "sex": dice.choice(sexes),
        "age": dice.randint(*ages),
    }
    return Scenario.model_validate({"patient": who, "as_of": AS_OF, "facts": facts})


class _History:
    """One patient's record as it grows."""

    def __init__(self, dice: random.Random, primary: str) -> None:
        self.dice, self.primary = dice, primary
        self.facts: Facts = []

    def maybe(self, chance: float) -> bool:
        return self.dice.random() < chance

    def days(self, low: int, high: int) -> str:
        return f"{self.dice.randint(low, high)} d"

    def add(self, **fact: Any) -> None:
        self.facts.append(fact)

    def condition(self, name: str, low: int, high: int, **more: Any) -> None:
        self.add(condition=name, onset=self.days(low, high), **more)

    def no_cancer(self) -> None:
        """Somebody else in the same clinics: back pain, kidneys, lungs."""
        for name, chance in (
            ("back-pain", 0.3),
            ("diabetes", 0.25),
            ("chronic-kidney-disease", 0.15),
            ("stroke", 0.06),
        ):
            if self.maybe(chance):
                self.condition(name, 5, 1500)
        self.calcium(2.35, 0.1, results=1)
        self.kidneys()

    def cancer(self, bone: float, lung: float) -> None:
        """A cancer, perhaps with metastases, and what follows from them."""
        since = self.dice.randint(60, 2500)
        self.add(condition=self.primary, onset=f"{since} d")
        in_bone, in_lung = self.maybe(bone), self.maybe(lung)
        if in_bone:
            self.bone_metastases(since)
        if in_lung:
            self.lung_metastases(since)
        if self.primary == "myeloma" or in_bone:
            self.bone_treatment(since)
        if (in_bone or in_lung) and self.maybe(0.6):
            self.add(order="referral-oncology", when=self.days(1, 120))
        self.calcium(2.45 if in_bone or self.primary == "myeloma" else 2.35, 0.28 if in_bone else 0.12, results=3)
        self.kidneys()

    def bone_metastases(self, since: int) -> None:
        self.condition(
            self.dice.choice(("bone-metastasis", "bone-metastasis", "vertebral-metastasis")), 5, min(since, 700)
        )
        if self.maybe(0.5):
            self.add(observation="pain-score", integer=self.dice.randint(0, 10), when=self.days(1, 40))
        if self.maybe(0.35):
            self.condition("bone-pain", 2, 90)
        if self.maybe(0.25):
            self.condition("back-pain", 2, 120)
        if self.maybe(0.12):
            for sign in self.dice.sample(_SIGNS, self.dice.randint(1, 2)):
                self.condition(sign, 1, 40)
            if self.maybe(0.5):
                self.add(report="mri-whole-spine", when=self.days(0, 6), conclusion="No cord compression.")
        if self.maybe(0.08):
            self.condition("pathological-fracture", 3, 200)
        if self.maybe(0.5):
            self.add(report="bone-scan", when=self.days(10, 300), conclusion="Multiple foci of increased uptake.")

    def lung_metastases(self, since: int) -> None:
        self.condition("lung-metastasis", 5, min(since, 600))
        value = min(99, round(self.dice.gauss(95, 2.6)))
        self.add(observation="spo2", value=f"{value} %", when=self.days(0, 3))
        if self.maybe(0.15):
            self.condition("hypercapnic-risk", 300, 3000)
        if self.maybe(0.5):
            self.add(
                report="ct-chest-abdomen-pelvis-contrast", when=self.days(5, 200), conclusion="Pulmonary metastases."
            )

    def bone_treatment(self, since: int) -> None:
        if not self.maybe(0.55):
            return
        agent, dose, every = self.dice.choice((("denosumab", "120 mg", "28 d"), ("zoledronic-acid", "4 mg", "28 d")))
        start = self.dice.randint(20, min(since, 900))
        self.add(medication=agent, dose=dose, every=every, when=f"{start} d")
        for back in range(min(start, 27), start, 28)[:6]:
            self.add(administration=agent, dose=dose, when=f"{back} d")
        if self.maybe(0.5):
            self.add(procedure="dental-exam", when=self.days(30, 600))
        if self.maybe(0.6):
            self.add(medication="calcium-carbonate", dose="1000 mg", every="1 d", when=self.days(20, 400))
            self.add(medication="colecalciferol", when=self.days(20, 400))

    def calcium(self, middle: float, spread: float, results: int) -> None:
        """Calcium in the hospital's unit, albumin beside it; a few high ones, as in life."""
        american = self.maybe(0.3)
        high = self.maybe(0.06)
        for place in range(results):
            value = self.dice.gauss(3.05, 0.25) if high and not place else self.dice.gauss(middle, spread)
            when = self.days(0, 9) if not place else self.days(10, 200)
            albumin = self.dice.gauss(37, 5)
            shown = f"{value * 4.008:.1f} mg/dL" if american else f"{value:.2f} mmol/L"
            self.add(observation="calcium-total", value=shown, when=when)
            self.add(
                observation="albumin", value=f"{albumin / 10:.1f} g/dL" if american else f"{albumin:.0f} g/L", when=when
            )
        if high:
            for symptom in ("constipation", "confusion", "thirst"):
                if self.maybe(0.4):
                    self.condition(symptom, 1, 10)

    def kidneys(self) -> None:
        value = max(45, self.dice.gauss(90, 35))
        self.add(observation="creatinine", value=f"{value:.0f} umol/L", when=self.days(0, 40))
        self.add(observation="body-weight", value=f"{max(42, self.dice.gauss(74, 14)):.0f} kg", when=self.days(0, 90))

    def background(self) -> None:
        """Visits and results that no card reads: half of every real record."""
        for _ in range(self.dice.randint(2, 6)):
            self.add(
                encounter=self.dice.choice(("ambulatory", "ambulatory", "inpatient")),
                when=self.days(1, 900),
                status="finished",
            )
        for _ in range(self.dice.randint(6, 24)):
            code, category, (low, high), unit = self.dice.choice(_OTHER_RESULTS)
            value = f"{self.dice.uniform(low, high):.1f} {unit}"
            self.add(observation="other", code=code, category=category, value=value, when=self.days(0, 900))


def cohort(seed: int, patients: int) -> Iterator[Scenario]:
    """Make the patients of a cohort, one after the other."""
    return (patient(seed, number) for number in range(patients))
