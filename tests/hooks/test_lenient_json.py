"""One odd place in a body costs that place, not the call."""

from __future__ import annotations

import json
import time

import pytest

from cds_service.hooks import lenient_json
from cds_service.hooks.lenient_json import DEEPEST, shallow, whole_characters


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"a\ud800b", "a\ufffdb"),
        (r"a\uDC00b", "a\ufffdb"),
        (r"\ud83d\ude00", "\U0001f600"),
        (r"\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
        (r"\ude00\ud83d", "\ufffd\ufffd"),
        (r"\\ud800", "\\ud800"),
        (r"\\\ud800", "\\\ufffd"),
        (r"\ud7ff\ue000", "\ud7ff\ue000"),
    ],
)
def test_half_a_surrogate_pair_becomes_the_replacement_character(written: str, read: str) -> None:
    assert json.loads(whole_characters(f'"{written}"'.encode())) == read


def nested(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


def test_what_lies_as_deep_as_allowed_stays_and_one_level_more_is_replaced() -> None:
    assert shallow(nested(DEEPEST)) == nested(DEEPEST)
    cut = shallow(nested(DEEPEST + 1))
    assert cut is not None
    assert cut.count(b"{") == DEEPEST
    assert b'"nested too deeply"' in cut
    assert json.loads(cut)


def test_brackets_within_texts_are_no_levels() -> None:
    body = json.dumps({"a": "[" * 300 + '\\"{' * 300, "b": ["x"]}).encode()
    assert shallow(body) == body


def test_only_what_is_too_deep_goes() -> None:
    body = b'{"before": [1, 2], "deep": ' + b"[" * 5000 + b"]" * 5000 + b', "after": {"x": "y"}}'
    cut = shallow(body)
    assert cut is not None
    read = json.loads(cut)
    assert (read["before"], read["after"]) == ([1, 2], {"x": "y"})


@pytest.mark.parametrize("body", [b"]" * 20, b"[" * 500, b'{"a": "' + b"\\" * 99, b""])
def test_what_is_no_json_at_all_is_no_trouble(body: bytes) -> None:
    shallow(body)
    whole_characters(body)


def test_a_body_of_brackets_is_not_looked_through_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lenient_json, "MOST_BRACKETS", 10_000)
    assert shallow(b"[]" * 5_000) is not None
    assert shallow(b"[]" * 5_000 + b"[") is None
    began = time.process_time()
    assert shallow(b"[" * (16 << 20)) is None
    assert time.process_time() - began < 1
