"""No clinical and no other word of a language stands in Python: what records say is in the card files, in every language.

Every string of the rooms that read, decide and answer is looked at, word by word, against the vocabulary of the card files: the
phrases and cues of six languages, the words of orders, the names of value sets and codes. A string may hold such a word when it
is a *name* (of a value set, message, parameter, field, FHIR code or unit: what somebody defines elsewhere) or a *sentence of ours*
that the catalogues translate. What else remains is named here with its reason; a reason that nothing needs any more fails.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from babel.messages.pofile import read_po

from cds_service.terminology.units import normalise_unit
from cds_service.terminology.wording import plain

ROOT = Path(__file__).parent.parent
PACKAGE, CARDS = ROOT / "cds_service", ROOT / "cards"
ROOMS = ("terminology", "chart", "findings", "rules", "engine", "view", "ladder.py", "outcomes.py", "rungs.py")
SHORTEST = 3
"""Letters of a word that is looked for: shorter ones are marks, initials and parts of codes."""

MODULES = {
    "terminology/codings.py": "names and URIs of code systems",
    "terminology/triggers.py": "operations of regular expressions",
    "chart/other_types.py": "resource types of FHIR",
    "chart/orders/timing.py": "codes of FHIR's timing abbreviations and events",
    "chart/read_setting.py": "codes of FHIR's encounter classes, references",
    "view/blueprint.py": "headers and paths of HTTP",
    "view/page_headers.py": "headers of HTTP",
    "view/oauth.py": "scopes and claims of SMART App Launch",
    "view/writing.py": "headers and scopes",
}
STRINGS = {
    "parts of names that are put together": (
        *(
            "-unspecified",
            "-score",
            "also_",
            "-site-unspecified",
            "spine-level",
            "-lesion",
            "long_bone",
            "unstable",
        ),
    ),
    "codes and elements of FHIR, HL7 v3 and SMART": (
        *(
            "declined",
            "aborted",
            "pos",
            "neg",
            "too-costly",
            "not-taking",
            "class",
            "true",
            "false",
            "sig",
            "essential",
            "Referral note",
        ),
        *("/ordered-dose", "urn:oid:", "same-origin", "red_flags", "care_plans", "ECOG "),
    ),
    "extensions of FHIR, by parts of their URLs": (
        *("related-primary", "histology-morphology", "morphology-behavior", "radiotherapy-(modality|technique)"),
        *("fractions-prescribed", "fractions-delivered", "dose-prescribed-to-volume", "dose-delivered-to-volume"),
    ),
    "types, searches and media types": (
        *(
            "Patient/",
            "Encounter/",
            "Practitioner",
            "Patient?identifier=",
            "/_history/",
            "text/html",
            "text/",
            "inf",
            "(within)",
        ),
        r"[?&]_sort=-(?:date|recorded-date|onset-date|authoredon|authored|performed|issued|started)\b",
        *("com.epic.cdshooks.card.detail.content-type", "&amp;", "Practitioner/unknown", ".view", "cds-service "),
    ),
    "how SNOMED CT and LOINC mark what a name is of": (
        r"\((?:observable entity|assessment scale)\)|\[[^\]]*(?:Reported|MDS|Minimum Data Set)",
        r"\[(?:#|Presence|Interpretation|Class|Type|Score|Identifier|[A-Z]\w+/volume)\]",
    ),
    "kinds of units, by the names of what they measure": (
        *("area", "standard body surface", "activity", "absorbed dose", "pressure", "Celsius", "Fahrenheit"),
    ),
    "what an error, an explanation or a log says in English": (
        *("'12 h', '60 d', '2 wk', '6 mo', '1 year'", "; did you mean ", "0 days", "recorded ", "value sets", "now + "),
        *("no unit", "unknown unit ", "; write one such as 'mmol/L', '%' or '1'", "; the nearest known unit is "),
        *(" of a substance that is not named", "the rule named the message ", ", which the card file does not have"),
        *(
            "not JSON",
            "an error in its place",
            "the server says that it is not all",
            "status ",
            "log-in",
            "referral document",
        ),
        *(
            "score for the record",
            "time to judge so large a record",
            "an answer that is not understood",
            " and ",
            "no number",
        ),
    ),
    "why nobody can read a dosage, in English": (
        *(
            "an extension that changes its meaning",
            "several lines, together or one after the other?",
            "number of doses",
        ),
        *("several lines with steps of their own", "a line of the dosage cannot be decoded", "more text than is read"),
        *("lines one after the other, without how long", "a range without both ends"),
        *("two doses, together or one after the other?", "divided doses of a dose that is given several times a day"),
    ),
    "patterns of marks": ("_line>^[ *#]*(?:", "[acpruy]{0,3}M[01X]"),
}
NAMED = {text: reason for reason, texts in STRINGS.items() for text in texts}
"""Strings that may stand anywhere, each with its reason."""


@cache
def vocabulary() -> frozenset[str]:
    """Every word that a card file matches, hears or displays, in lower case without accents."""
    words: set[str] = set()
    for path in (*CARDS.glob("words/*.yaml"), *CARDS.glob("value_sets/*.yaml"), *CARDS.glob("orders/words/*.yaml")):
        for text in _texts(yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)):
            words.update(_words(text))
    return frozenset(words)


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for part in node:
            yield from _texts(part)
    elif isinstance(node, dict) and "of" not in node:  # groups of value sets have no words
        for key, part in node.items():
            if key not in {"source", "verified", "system", "name", "kinds", "includes"}:
                yield from _texts(part)


def _words(text: str) -> Iterator[str]:
    """The words of a text or regular expression, without escapes, group names and placeholders."""
    bare = re.sub(r"\\[a-zA-Z]|\(\?P<\w+>|\{\w+\}", " ", text)
    yield from (word for word in re.findall(r"[a-z]+", plain(bare).lower()) if len(word) >= SHORTEST)


@cache
def names() -> frozenset[str]:
    """What is defined elsewhere: keys of card files and names of value sets, fields, functions and literals of the package."""
    found: set[str] = set()
    for path in (*CARDS.glob("*.yaml"), *CARDS.glob("value_sets/*.yaml"), *CARDS.glob("orders/words/*.yaml")):
        found.update(_keys(yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)))
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            found.update(_defined(node))
    return frozenset(found)


def _keys(node: Any) -> Iterator[str]:
    """Names within a card file: of its parts, and of the placeholders of its sentences."""
    for part in node if isinstance(node, list) else node.values() if isinstance(node, dict) else ():
        yield from _keys(part)
    if isinstance(node, str):
        yield from re.findall(r"\{(\w+)", node)  # placeholders of a sentence
    if isinstance(node, dict):
        yield from (key for key in node if isinstance(key, str))
        yield from (node[key] for key in ("name", "topic") if isinstance(node.get(key), str))


def _defined(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
            yield name
        case ast.Attribute(attr=name) | ast.Name(id=name):
            yield name
        case ast.Subscript(value=ast.Name(id="Literal"), slice=members):
            yield from (
                one.value for one in ast.walk(members) if isinstance(one, ast.Constant) and isinstance(one.value, str)
            )


@cache
def sentences() -> frozenset[str]:
    """What the catalogues translate."""
    found: set[str] = set()
    for path in CARDS.glob("locales/de/*.po"):
        with path.open("rb") as file:
            for message in read_po(file):
                found.update(message.id if isinstance(message.id, tuple) else (message.id,))
    return frozenset(found)


def literals(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every string but docstrings and what an error says, with its line."""
    left_out: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) or (isinstance(node, ast.Raise) and node.exc is not None):
            left_out.update(id(part) for part in ast.walk(node) if isinstance(part, ast.Constant))
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "Literal":
            left_out.update(id(part) for part in ast.walk(node.slice))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in left_out:
            yield node.value, node.lineno


def is_known(text: str) -> bool:
    """Whether somebody defines, translates or explains a string."""
    return (
        text in NAMED
        or text in names()
        or text in sentences()
        or text.partition("://")[0] in {"http", "https", "urn"}
        or normalise_unit(text) is not None
    )


def found_in(tree: ast.AST) -> Iterator[tuple[str, int, list[str]]]:
    """Strings that hold words of a language, with their lines and those words."""
    for text, line in literals(tree):
        words = sorted(vocabulary().intersection(_words(text)))
        if words and not is_known(text):
            yield text, line, words


def modules() -> Iterator[tuple[str, ast.AST]]:
    for room in ROOMS:
        for path in sorted((PACKAGE / room).rglob("*.py")) if not room.endswith(".py") else [PACKAGE / room]:
            yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def test_no_word_of_a_language_is_left_in_python() -> None:
    left = [
        f"{module}:{line}: {text!r}: {', '.join(words)}"
        for module, tree in modules()
        if module not in MODULES
        for text, line, words in found_in(tree)
    ]
    assert left == [], "\n".join(left)


def test_every_reason_is_still_needed() -> None:
    trees = dict(modules())
    stated = {text for tree in trees.values() for text, _ in literals(tree)}
    assert NAMED.keys() - stated == set()
    assert {module for module in MODULES if not any(found_in(trees[module]))} == set()


@pytest.mark.parametrize(
    "line",
    [
        '_FILLERS = re.compile(r"\\bsecondary malignant neoplasm of (bone|lung)\\b")',
        '_LOOSE = frozenset({"with", "the"})',
        '_LOCAL = ("augen", "collyre", "oogdrup", "mundspül")',
        '_NOT_THE_RESULT = re.compile(r"\\b(vorwert\\w*|précédent)\\b")',
        'if "bones" in label.split(): ...',
        'spine = re.compile(f"{level}[- ]?spine")',
        'name = "Metastasis of " + site',
    ],
)
def test_a_word_is_found_however_it_is_written(line: str) -> None:
    assert list(found_in(ast.parse(line)))


def test_names_sentences_and_units_are_no_words_of_a_record() -> None:
    kept = """
def judge(case, most):
    \"\"\"Bone metastases with pain.\"\"\"
    if case.active("bone-metastasis") and case.unit == "mmol/L":
        raise ValueError("no cancer in the lung")
    return say("suspected {name}", name=case.label)
"""
    assert not list(found_in(ast.parse(kept)))
