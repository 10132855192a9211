"""Expansions made anew, with a real HTTP server that answers ``ValueSet/$expand`` as the standard says."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from click.testing import CliRunner, Result

from cds_service.service.knowledge_files import cards_folder, load_knowledge
from cds_service.workbench.cli.terminology import terminology
from cds_service.workbench.terminology_server import ServerError, TerminologyServer
from tests.shipped import codebook

Answer = tuple[int, Any]
VERSION = "http://snomed.info/sct|http://snomed.info/sct/900000000000207008/version/20260101"
SECONDARY = "http://snomed.info/sct?fhir_vs=ecl/<< 128462008"
NEW = ("900000000000000100", "Secondary malignant neoplasm of left rib (disorder)")


class Codes(BaseHTTPRequestHandler):
    """A terminology server that knows one implicit value set; ``twist`` changes its answers."""

    codes: ClassVar[list[tuple[str, str]]] = []
    twist: ClassVar[Callable[[Answer], Answer]]
    asked: ClassVar[list[tuple[str, dict[str, str]]]] = []

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append((self.headers.get("Authorization", ""), query))
        status, body = type(self).twist(self._answer(parts.path, query))
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _answer(self, path: str, query: dict[str, str]) -> Answer:
        if path != "/fhir/ValueSet/$expand" or unquote(query["url"]) != SECONDARY:
            issue = {"severity": "error", "code": "not-found", "diagnostics": "no such value set"}
            return 404, {"resourceType": "OperationOutcome", "issue": [issue]}
        offset, count = int(query["offset"]), min(int(query["count"]), 300)
        contains = [{"system": "http://snomed.info/sct", "code": c, "display": d} for c, d in self.codes]
        expansion = {
            "total": len(contains),
            "offset": offset,
            "parameter": [{"name": "version", "valueUri": VERSION}],
            "contains": contains[offset : offset + count],
        }
        return 200, {"resourceType": "ValueSet", "status": "active", "expansion": expansion}

    def log_message(self, *_: Any) -> None:
        """Keep the test's output clean."""


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Codes)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/fhir"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def known() -> list[tuple[str, str]]:
    (found,) = (one for one in codebook().expansions if one.name == "secondary-cancer")
    return [(member.code, member.display) for member in found.members]


@pytest.fixture
def cards(tmp_path: Path, known: list[tuple[str, str]]) -> Path:
    Codes.codes, Codes.twist, Codes.asked = list(known), staticmethod(lambda answer: answer), []
    return Path(shutil.copytree(cards_folder(), tmp_path / "cards"))


def refresh(base: str, cards: Path, *more: str) -> Result:
    arguments = ["refresh", "--server", base, "--only", "secondary-cancer", "--cards", str(cards), *more]
    return CliRunner().invoke(terminology, arguments)


def test_the_same_codes_make_the_same_lines(base: str, cards: Path) -> None:
    before = (cards / "expansions" / "secondary-cancer.tsv").read_text(encoding="utf-8")
    done = refresh(base, cards, "--write", "--header", "Authorization: Bearer t")
    after = (cards / "expansions" / "secondary-cancer.tsv").read_text(encoding="utf-8")
    assert "secondary-cancer: 811 codes, no differences" in done.output
    assert [line for line in after.splitlines() if line[0] != "#"] == [
        line for line in before.splitlines() if line[0] != "#"
    ]
    assert f"# source: {VERSION}" in after
    assert [query["offset"] for _, query in Codes.asked] == ["0", "300", "600"]
    assert {authorization for authorization, _ in Codes.asked} == {"Bearer t"}


def test_the_difference_is_shown_and_written_only_when_told_to(base: str, cards: Path) -> None:
    path = cards / "expansions" / "secondary-cancer.tsv"
    before = path.read_text(encoding="utf-8")
    gone = Codes.codes.pop(0)
    Codes.codes.append(NEW)
    done = refresh(base, cards)
    assert done.exit_code == 0, done.output
    assert f"new: {NEW[0]} 'Secondary malignant neoplasm of left rib': bone-metastasis site-rib" in done.output
    assert f"gone: {gone[0]}" in done.output
    assert "nothing was written" in done.output
    assert path.read_text(encoding="utf-8") == before
    assert refresh(base, cards, "--write").output.endswith("written\n")
    assert NEW[0] in path.read_text(encoding="utf-8")
    assert "bone-metastasis" in load_knowledge(cards).codebook.of_code("http://snomed.info/sct", NEW[0])


def _nested(answer: Answer) -> Answer:
    expansion = answer[1]["expansion"]
    first, *others = expansion["contains"]
    expansion["contains"] = [{"abstract": True, "display": "all", "contains": [{**first, "contains": others}]}]
    return answer


def test_codes_below_others_are_read_too(base: str, cards: Path) -> None:
    Codes.twist = staticmethod(_nested)
    assert "secondary-cancer: 811 codes, no differences" in refresh(base, cards).output


def _without(key: str) -> Callable[[Answer], Answer]:
    def twist(answer: Answer) -> Answer:
        for one in answer[1]["expansion"]["contains"]:
            one.pop(key, None)
        return answer

    return twist


def _counting(answer: Answer) -> Answer:
    answer[1]["expansion"]["total"] += 1
    return answer


COSTLY = {"resourceType": "OperationOutcome", "issue": [{"code": "too-costly", "details": {"text": "too many codes"}}]}


@pytest.mark.parametrize(
    ("twist", "said"),
    [
        (lambda _: (422, COSTLY), "answered 422: too many codes"),
        (lambda _: (500, b"<html>"), "answered 500 without JSON"),
        (lambda _: (200, b"{"), "answered 200 without JSON"),
        (lambda _: (401, {}), "answered 401: no reason given"),
        (lambda _: (200, {"resourceType": "ValueSet"}), "sent no expansion: expansion: Field required"),
        (lambda _: (200, [1]), "sent no expansion"),
        (_counting, "counts 812 codes for '<< 128462008' and sent 811"),
        (_without("display"), "has no display; ask the server with another displayLanguage"),
    ],
    ids=[
        "too costly",
        "HTML",
        "cut off",
        "not authorised",
        "no expansion",
        "a list",
        "fewer than counted",
        "no display",
    ],
)
def test_a_server_that_fails_is_quoted(
    base: str, known: list[tuple[str, str]], twist: Callable[[Answer], Answer], said: str
) -> None:
    Codes.codes, Codes.twist = list(known), staticmethod(twist)
    with pytest.raises(ServerError) as refused:
        TerminologyServer(base).expand("<< 128462008")
    assert said in str(refused.value)


def test_a_server_that_is_not_there_is_named_and_nothing_is_written(cards: Path) -> None:
    path = cards / "expansions" / "secondary-cancer.tsv"
    before = path.read_bytes()
    done = refresh("http://127.0.0.1:1/fhir", cards, "--write")
    assert done.exit_code == 1
    assert "http://127.0.0.1:1/fhir did not answer: ConnectionError; nothing was written" in done.output
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", "tertiary"], "there is no definition 'tertiary'; allowed: primary-cancer, secondary-cancer"),
        (["--header", "Bearer"], "a header is written 'NAME: VALUE', found 'Bearer'"),
    ],
)
def test_a_wrong_option_is_refused(base: str, cards: Path, arguments: list[str], said: str) -> None:
    done = refresh(base, cards, *arguments)
    assert done.exit_code == 2
    assert said in done.output
