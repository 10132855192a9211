"""No clinical number stands in Python: limits, doses, points, factors and windows are parameters of the card files.

Every number of the rooms that read and decide is looked at, whether written as one or as text that is made one. What remains is
counting (0, 1, 2 and places in a sequence) and what is named here with its reason; a reason that nothing needs any more fails.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "cds_service"
DECIDING = ("rules", "findings")
READING = ("chart", "engine")
COUNTING = {Decimal(number) for number in (-1, 0, 1, 2)}
MADE_NUMBERS = {"Decimal", "Fraction", "parse_quantity", "parse_span", "parse_number"}
MEASURES = {"Span", "timedelta", "Quantity", "Limit"}
"""What is counted in none of these: one hour is a number like any other."""

BY_DEFINITION = {
    ("findings/markers.py", "100"): "percent",
    ("findings/saturation.py", "21"): "oxygen in air, in percent",
    ("findings/pain.py", "10"): "the numeric rating scale ends at ten",
    ("findings/imaging_safety.py", "160"): "characters shown of a report",
}
"""In rules and findings each number by itself."""
MODULES = {
    "chart/dating.py": "months of a year, places of a date in words, the oldest age that is a birth",
    "chart/lookups.py": "hours and days of a month, to compare two spans",
    "chart/meanings.py": "sizes of memories and labels",
    "chart/order_of_pages.py": "results that show how a page is sorted",
    "chart/orders/amounts.py": "rounding of labels",
    "chart/orders/dosage.py": "characters shown",
    "chart/orders/frequencies.py": "hours of a day, and the parts that it is divided into",
    "chart/orders/phrases.py": "days of a week, the tens of a number in words",
    "chart/orders/product.py": "a teaspoon in millilitres, rounding of labels",
    "chart/orders/quantities.py": "units of time in days",
    "chart/orders/reader.py": "size of a memory",
    "chart/orders/step_amounts.py": "characters shown",
    "chart/orders/timing.py": "units of time in days",
    "chart/read_fhir.py": "results of one code that are kept",
    "chart/read_report.py": "characters quoted of a report",
    "chart/read_observation.py": "characters of what is examined",
    "chart/reading.py": "characters shown",
    "chart/text_allowance.py": "characters of new text that one request may have read",
    "chart/unpack.py": "digits of a total",
    "chart/unread.py": "resources of a kind that are named one by one",
    "engine/ages.py": "how an age is said: minutes, hours, days, dates",
    "engine/client_adaptation.py": "characters of a topic",
    "engine/housekeeping.py": "items named on a card",
    "engine/ledger.py": "drafts named in a note, characters of each",
    "engine/lines.py": "words and lines of a card, how far back a trend is told",
    "engine/phrases.py": "characters of a summary, decimal places",
    "engine/author.py": "gaps that are told, sizes of memories",
    "engine/short_names.py": "size of a memory",
    "engine/stated.py": "characters of a quotation",
    "engine/translated.py": "sizes of memories",
}
"""In what reads records and writes answers, modules whose numbers belong to calendar, language, layout and memory."""


def test_rules_and_findings_hold_no_clinical_number() -> None:
    found = {(module, number) for module, number, _ in numbers(DECIDING)}
    assert {f"{module}: {number}" for module, number in found - BY_DEFINITION.keys()} == set()


def test_what_reads_and_answers_holds_numbers_of_calendar_language_layout_and_memory_only() -> None:
    others = [f"{module}:{line}: {number}" for module, number, line in numbers(READING) if module not in MODULES]
    assert others == []


def test_every_reason_is_still_needed() -> None:
    deciding = {(module, number) for module, number, _ in numbers(DECIDING)}
    reading = Counter(module for module, _, _ in numbers(READING))
    assert BY_DEFINITION.keys() - deciding == set()
    assert MODULES.keys() - reading.keys() == set()
    assert len(BY_DEFINITION) <= 6


def test_numbers_are_found_however_they_are_written() -> None:
    text = """
limit, window = Decimal("3.1"), parse_span("12 h")
def judge(value, most=7):
    rows = {"a": -4, "b": (5,)}
    near = timedelta(hours=1)
    return value[3:9] + rows["a"] if value > 2.5e1 else f"{value:6} {value * 9}"
"""
    found = sorted(number for number, _ in _numbers(ast.parse(text)))
    assert found == ["-4", "1", "12", "25.0", "3.1", "5", "7", "9"]


def numbers(rooms: tuple[str, ...]) -> Iterator[tuple[str, str, int]]:
    """Module, number and line of every number but those that count."""
    for room in rooms:
        for path in sorted((PACKAGE / room).rglob("*.py")):
            module = path.relative_to(PACKAGE).as_posix()
            for number, line in _numbers(ast.parse(path.read_text(encoding="utf-8"))):
                yield module, number, line


def _numbers(tree: ast.AST, measures: bool = False) -> Iterator[tuple[str, int]]:
    if isinstance(tree, ast.Subscript):  # places in a sequence
        yield from _numbers(tree.value)
        return
    if isinstance(tree, ast.FormattedValue):  # without the width of what is written
        yield from _numbers(tree.value)
        return
    if isinstance(tree, ast.Call):
        measures = getattr(tree.func, "id", "") in MEASURES
    for number in _of(tree):
        if Decimal(number) not in COUNTING or (measures and Decimal(number)):
            yield number, getattr(tree, "lineno", 0)
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.operand, ast.Constant):
        return
    for child in ast.iter_child_nodes(tree):
        yield from _numbers(child, measures)


def _of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        yield from (f"-{number}" for number in _of(node.operand))
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        yield str(node.value)
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in MADE_NUMBERS:
        for argument in node.args:
            text = argument.value if isinstance(argument, ast.Constant) else None
            if isinstance(text, str) and _is_number(text.partition(" ")[0]):
                yield text.partition(" ")[0]


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False
