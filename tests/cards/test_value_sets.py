"""The promises of ``cards/value_sets``: every code is proven and named, every trap is shut, every phrase means what it says."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from cds_service.knowledge.value_sets import WORDED
from cds_service.terminology.check_digits import loinc_ok, verhoeff_ok
from cds_service.terminology.codings import SYSTEMS, comparable
from cds_service.terminology.quantities import Quantity, UnlikeUnits, normalise_unit

with warnings.catch_warnings():  # the package reads its own data in a way that Python calls legacy
    warnings.simplefilter("ignore", DeprecationWarning)
    import simple_icd_10_cm

FOLDER = Path(__file__).parents[2] / "cards" / "value_sets"
FILES = [
    "body_sites",
    "bone_lesions",
    "care_setting",
    "conditions",
    "imaging",
    "instruments",
    "laboratory",
    "medications",
    "metastases",
    "observations",
    "primaries",
    "procedures",
    "symptoms",
]


@cache
def by_file() -> dict[str, list[dict[str, Any]]]:
    return {name: yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")) for name in FILES}


@cache
def by_name() -> dict[str, dict[str, Any]]:
    return {value_set["name"]: value_set for sets in by_file().values() for value_set in sets}


def codes() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, value_set in by_name().items():
        for code in value_set.get("codes", ()):
            yield name, code


@cache
def members(name: str) -> frozenset[str]:
    """A set and all that it includes, through every level."""
    inner = by_name()[name].get("includes", ())
    return frozenset({name}).union(*(members(included) for included in inner))


def test_the_folder_holds_exactly_the_known_files() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.yaml")) == sorted([*FILES, "groups"])


def test_every_name_is_given_once_and_written_alike() -> None:
    names = [value_set["name"] for sets in by_file().values() for value_set in sets]
    assert len(names) == len(set(names))
    assert [name for name in names if not re.fullmatch(r"[a-z][a-z0-9]*([-.][a-z0-9]+)*", name)] == []


def test_every_set_has_a_title_and_says_something() -> None:
    silent = [
        name
        for name, value_set in by_name().items()
        if not value_set["title"]
        or not any(value_set.get(key) for key in ("codes", "ranges", "text", "means", "includes"))
    ]
    assert silent == []


def test_every_kind_is_one_whose_words_are_searched() -> None:
    assert {kind for value_set in by_name().values() for kind in value_set["kinds"]} <= set(WORDED)


def test_every_included_set_exists() -> None:
    missing = [
        (name, included)
        for name, value_set in by_name().items()
        for included in value_set.get("includes", ())
        if included not in by_name()
    ]
    assert missing == []


def test_no_set_includes_itself() -> None:
    for name, value_set in by_name().items():
        assert all(name not in members(included) for included in value_set.get("includes", ())), name


def test_every_code_has_system_display_verification_and_source() -> None:
    for name, code in codes():
        assert code["system"] in SYSTEMS, (name, code)
        assert isinstance(code["code"], str) and code["code"].strip() == code["code"] != "", (name, code)
        assert code["display"].strip() and code["source"].strip(), (name, code)
        assert code["verified"] in {"authoritative", "curated-list", "public-use"}, (name, code)
        assert code.get("match", "exact") in {"exact", "prefix"}, (name, code)


def test_only_hierarchic_systems_match_by_prefix() -> None:
    odd = [
        (name, code["code"])
        for name, code in codes()
        if code.get("match") == "prefix" and code["system"] not in {"icd-10", "icd-10-cm", "icpc-2", "atc"}
    ]
    assert odd == []


def test_no_set_names_a_code_twice() -> None:
    for name, value_set in by_name().items():
        own = [(code["system"], comparable(code["system"], code["code"])) for code in value_set.get("codes", ())]
        assert len(own) == len(set(own)), name


def test_a_code_has_one_display_everywhere() -> None:
    displays: dict[tuple[str, str], set[str]] = {}
    for _, code in codes():
        displays.setdefault((code["system"], code["code"]), set()).add(code["display"])
    assert {key: names for key, names in displays.items() if len(names) > 1} == {}


def test_every_snomed_ct_code_passes_its_verhoeff_digit() -> None:
    assert [code["code"] for _, code in codes() if code["system"] == "snomed" and not verhoeff_ok(code["code"])] == []


def test_every_loinc_code_passes_its_check_digit() -> None:
    assert [code["code"] for _, code in codes() if code["system"] == "loinc" and not loinc_ok(code["code"])] == []


def test_every_icd_10_cm_code_exists_under_its_name() -> None:
    for name, code in codes():
        if code["system"] == "icd-10-cm":
            assert simple_icd_10_cm.is_valid_item(code["code"]), (name, code["code"])
            assert simple_icd_10_cm.get_description(code["code"]) == code["display"], (name, code["code"])


@pytest.mark.parametrize(
    ("system", "shape"),
    [
        ("atc", r"[A-Z]\d\d([A-Z]([A-Z](\d\d)?)?)?"),
        ("rxnorm", r"\d{1,7}"),
        ("cpt", r"\d{5}"),
        ("cdt", r"D\d{4}"),
        ("hcpcs", r"[A-V]\d{4}"),
        ("icd-10", r"[A-Z]\d\d(\.\d{1,2})?"),
    ],
)
def test_every_code_has_the_shape_of_its_system(system: str, shape: str) -> None:
    assert [
        code["code"] for _, code in codes() if code["system"] == system and not re.fullmatch(shape, code["code"])
    ] == []


def test_no_source_names_a_host_or_a_place_on_a_disk() -> None:
    for name, code in codes():
        assert not re.search(r"://|www\.|/work/|/home/|/tmp/|\bpypi\b|mirror", code["source"], re.IGNORECASE), (
            name,
            code,
        )
        assert len(code["source"]) <= 120, (name, code["source"])


def test_every_pattern_compiles_and_is_no_word_for_everything() -> None:
    for name, value_set in by_name().items():
        for pattern in value_set.get("text", ()):
            compiled = re.compile(pattern, re.IGNORECASE)
            assert not compiled.search(""), (name, pattern)
            assert not compiled.search("Patient seen today, doing well"), (name, pattern)


def test_a_long_text_is_searched_in_reasonable_time() -> None:
    """No pattern runs away on a text that almost matches over and over again."""
    text = "metastatic disease of the left right cervical thoracic lumbar CT chest and abdomen with and without " * 100
    for value_set in by_name().values():
        for pattern in value_set.get("text", ()):
            re.search(pattern, text, re.IGNORECASE)


# -- measures


def test_every_unit_is_one_that_we_write() -> None:
    for name, value_set in by_name().items():
        measure = value_set.get("measure") or {}
        for unit in [*measure.get("units", ()), *(part["unit"] for part in measure.get("assume", ()))]:
            assert normalise_unit(unit) == unit, (name, unit)


def test_the_units_of_one_measure_convert_into_each_other() -> None:
    lone = {"inhaled-oxygen", "egfr", "body-weight", "afp", "hba1c", "karnofsky"}
    for name, value_set in by_name().items():
        measure = value_set.get("measure")
        if not measure or name in lone:
            continue
        first, *others = measure["units"]
        for other in others:
            try:
                Quantity(Decimal(1), first, measure.get("substance", "")).to(other)
            except UnlikeUnits as error:
                pytest.fail(f"{name}: {error}")


def test_assumed_ranges_of_one_measure_do_not_overlap() -> None:
    for name, value_set in by_name().items():
        ranges = sorted((part["from"], part["to"]) for part in (value_set.get("measure") or {}).get("assume", ()))
        for (_, end), (start, _) in pairwise(ranges):
            assert end < start, name


@pytest.mark.parametrize(
    "name", ["calcium-ionised", "calcium-protein-corrected", "body-weight", "body-height", "vitamin-d", "glucose"]
)
def test_no_unit_is_assumed_where_two_readings_are_plausible(name: str) -> None:
    assert "assume" not in by_name()[name]["measure"]


@pytest.mark.parametrize(
    ("name", "number", "unit"),
    [
        ("calcium-total", 2.9, "mmol/L"),
        ("calcium-total", 13.2, "mg/dL"),
        ("calcium-total", 4.8, None),
        ("calcium-corrected", 4.2, "mmol/L"),
        ("albumin", 2.0, "g/dL"),
        ("albumin", 20, "g/L"),
        ("albumin", 8, None),
        ("creatinine", 1.1, "mg/dL"),
        ("creatinine", 25, None),
        ("creatinine", 110, "umol/L"),
        ("spo2", 0.91, "1"),
        ("spo2", 91, "%"),
        ("spo2", 30, None),
        ("pain-score", 7, "1"),
        ("pain-score", 70, None),
        ("ecog", 5, "1"),
        ("egfr", 60, "mL/min/{1.73_m2}"),
    ],
)
def test_a_number_without_a_unit_is_read_as_written_down_here(name: str, number: float, unit: str | None) -> None:
    assume = by_name()[name]["measure"]["assume"]
    assert [part["unit"] for part in assume if part["from"] <= number <= part["to"]] == ([unit] if unit else [])
