"""Names of the record cut short for a summary, as a colleague would write them; the detail keeps them whole."""

from __future__ import annotations

import re
from functools import lru_cache

_FILLERS = (
    (re.compile(r"\s+\((?:disorder|finding|procedure|situation|substance|morphologic abnormality)\)", re.I), ""),
    (
        re.compile(r"\b(?:unspecified|unsp|overlapping) (?:sites?|parts?|quadrants?) of (?:unspecified |unsp )?", re.I),
        "",
    ),
    (
        re.compile(
            r", unspecified(?: (?:site|part|side|eye|lower leg))?(?=$|[,;])|,? (?:not otherwise specified|NOS)$"
        ),
        "",
    ),
    (re.compile(r", not elsewhere classified(?=$|[,;])|, except [^,;]+$", re.I), ""),
    (re.compile(r"^unspecified (?=\w{4})", re.I), ""),
    (re.compile(r"\bfemale breast\b", re.I), "breast"),
    (re.compile(r"\s+\((?:(?:CMS|HHS)[/-])?HCC\)$", re.I), ""),
    (re.compile(r", (?:initial|subsequent) encounter(?: for [^,;]+)?$|, sequela$", re.I), ""),
    (re.compile(r"\bfracture in neoplastic disease(?=$|[,;])", re.I), "fracture"),
)
"""What classifications add for the sake of completeness."""
_PLAIN = (
    (re.compile(r"\bsecondary malignant neoplasm of (bone|lung|liver|brain|pleura)(?=$|[,;])", re.I), r"\1 metastasis"),
    (re.compile(r"\bsecondary (?:and unspecified )?malignant neoplasm of ", re.I), "metastasis of "),
    (re.compile(r"\bpersonal history of (?:primary )?malignant neoplasm of ", re.I), "past cancer of "),
    (re.compile(r"\b(?:primary )?malignant (?:neoplasm|tumou?r) of ", re.I), "cancer of "),
)
"""What a classification calls by a longer name than clinicians do."""


@lru_cache(maxsize=4096)  # an EHR names its problems alike from patient to patient
def short_name(name: str) -> str:
    """The name without fillers, in the words of the ward; it starts as it did, with or without a capital."""
    short = name
    for pattern, plain in (*_FILLERS, *_PLAIN):
        short = pattern.sub(plain, short)
    short = short.strip(" ,;")
    return (capitalised(short) if name[:1].isupper() else short) or name


def within_a_sentence(title: str) -> str:
    """A title as a part of a sentence: without its capital."""
    return title[:1].lower() + title[1:]


def capitalised(sentence: str) -> str:
    """A sentence with a capital first, unless its first word is spelt with capitals further in, such as eGFR."""
    first = re.match(r"[^\W\d_]+\b", sentence)
    return sentence[:1].upper() + sentence[1:] if first and first[0].islower() else sentence
