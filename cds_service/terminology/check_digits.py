"""Check digits of codes, so that a mistyped code in a card file is found when the service starts."""

from __future__ import annotations

# Multiplication in the dihedral group D5 and the position permutation of J. Verhoeff's scheme (1969).
_PRODUCT = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
_PERMUTED = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 5, 7, 6, 2, 8, 3, 0, 9, 4),
    (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
    (9, 4, 5, 3, 1, 2, 6, 8, 7, 0),
    (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5),
    (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)
_SHORTEST_SCTID, _LONGEST_SCTID = 6, 18
_LONGEST_LOINC = 7
_ANSWER, _WEIGHT_OF_ANSWER = "LA", (5, 8)
"""LOINC's answers: what the letters add before an even and before an odd count of digits, as all published ones show."""


def verhoeff_ok(sctid: str) -> bool:
    """Whether a SNOMED CT identifier has 6 to 18 digits, no leading zero and the right Verhoeff check digit."""
    if not (sctid.isascii() and sctid.isdecimal() and _SHORTEST_SCTID <= len(sctid) <= _LONGEST_SCTID):
        return False
    if sctid[0] == "0":
        return False
    check = 0
    for position, digit in enumerate(reversed(sctid)):
        check = _PRODUCT[check][_PERMUTED[position % 8][int(digit)]]
    return check == 0


def loinc_ok(code: str) -> bool:
    """Whether a LOINC code is digits, hyphen and the right mod-10 (Luhn) check digit, such as ``17861-6`` or ``LA33-6``."""
    number, hyphen, check = code.removeprefix(_ANSWER).partition("-")
    if not hyphen or len(check) != 1 or not 1 <= len(number) <= _LONGEST_LOINC:
        return False
    if not (number + check).isascii() or not (number + check).isdecimal():
        return False
    total = _WEIGHT_OF_ANSWER[len(number) % 2] if code.startswith(_ANSWER) else 0
    for position, digit in enumerate(reversed(number)):
        doubled = int(digit) * (2 if position % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return (10 - total % 10) % 10 == int(check)
