"""How a text reads what a pattern names, for tests of denial, doubt and the rest."""

from __future__ import annotations

import re
from functools import cache

from cds_service.terminology.cues import Cues, Reading
from cds_service.terminology.wording import Prose
from tests.shipped import codebook


@cache
def cues() -> Cues:
    return codebook().phrases.cues


def read_words(text: str, pattern: re.Pattern[str]) -> Reading | None:
    return Prose(text, cues()).reading(pattern)


METASTASES = re.compile(
    r"\b(bone|bony|osseous|skeletal|spinal|vertebral) (mets\b|metasta\w*)|bone cancer|metasta\w+", re.IGNORECASE
)
COMPRESSION = re.compile(r"(spinal )?cord compression", re.IGNORECASE)
WEAKNESS = re.compile(r"\b(leg|lower limb|limb) weakness|weakness", re.IGNORECASE)
MRI = re.compile(r"mri (whole )?spine|mri", re.IGNORECASE)
MSCC = re.compile(r"\bmscc\b", re.IGNORECASE)
