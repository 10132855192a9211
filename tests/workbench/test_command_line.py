"""One way to choose the knowledge, one style of errors, one meaning of --json and of exit codes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import click
import pytest
from click.testing import CliRunner, Result

from cds_service.knowledge.cards import Knowledge
from cds_service.service.application import application, prepare
from cds_service.service.knowledge_files import cards_folder
from cds_service.service.settings import Settings, WrongSettings, read_settings
from cds_service.workbench.cli import SECTIONS, commands, known_commands
from cds_service.workbench.committee.accounts import read_accounts
from tests.service.wire import ROOT

CORD = str(ROOT / "fhir_fixtures/requests/breast-bone-mets-leg-weakness-patient-view.json")
TOKEN = "operators-only-123"


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner(env=dict(environment)).invoke(commands, list(arguments))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder of its own, with an overlay ``north`` in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "north.yaml").write_text("site: north\ntitle: N\nparameters:\n  oxygen: {warn_below: '93 %'}\n")
    return tmp_path


def test_every_command_chooses_the_knowledge_in_one_way_and_says_which(here: Path) -> None:
    (here / "cds-service.toml").write_text('site = "north.yaml"\n')
    from_file = run("explain", CORD, "--card", "oxygen")
    assert ", site north" in from_file.stderr and "north.yaml" in from_file.stdout
    above = run("explain", CORD, "--card", "oxygen", CDS_SITE="us-conventional-units")
    assert ", site us-conventional-units" in above.stderr
    option = run("diff", "--site", "none", "--against", "north.yaml", CDS_SITE="uk-nice")
    assert "no site overlay -> knowledge" in option.stdout and "warn below 93%" in option.stdout
    machine = run("diff", "--site", "none", "--against", "north.yaml", "--json")
    assert json.loads(machine.stdout)["toSite"] == "north" and machine.stderr == ""


def test_the_settings_file_and_secrets_in_files_are_read_and_their_mistakes_reported(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "cds.toml").write_text('port = 9001\nfhir_servers = ["https://a.org", "https://b.org"]\nprot = 1\n')
    (here / "secret").write_text("0123456789abcdef\n")
    monkeypatch.setenv("CDS_SETTINGS", "cds.toml")
    monkeypatch.setenv("CDS_STORE_SECRET_FILE", "secret")
    with pytest.raises(WrongSettings, match=r"cds.toml: prot is no setting; nearest is port"):
        read_settings()
    (here / "cds.toml").write_text('port = 9001\nfhir_servers = ["https://a.org", "https://b.org"]\n')
    found = read_settings()
    assert (found.port, found.fhir_servers) == (9001, ("https://a.org", "https://b.org"))
    assert found.store_secret is not None and found.store_secret.get_secret_value() == "0123456789abcdef"
    monkeypatch.setenv("CDS_PORT", "9002")
    assert read_settings().port == 9002 and read_settings(port=9003).port == 9003
    monkeypatch.setenv("CDS_STORE_SECRET", "another-secret-0123")
    monkeypatch.setenv("CDS_OPERATOR_TOKEN_FILE", "missing")
    (here / "cds.toml").write_text("port = \n")
    with pytest.raises(WrongSettings) as caught:
        read_settings()
    assert [line.partition(" ")[0] for line in str(caught.value).splitlines()] == [
        "cds.toml:",
        "CDS_STORE_SECRET",
        "CDS_OPERATOR_TOKEN_FILE:",
    ]


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (("evaluate", "no-such.json"), "cds-service: no-such.json: there is no such file or folder", 2),
        (("evaluate", "."), "cds-service: .: this is a folder; a file is needed", 2),
        (("evaluate",), "cds-service: Missing argument 'FILE'; see cds-service evaluate --help", 2),
        (("evaluat", "x"), "cds-service: No such command 'evaluat'", 2),
        (("sweep", ".", "oxygen.warn_bellow", "1", "2", "1"), "warn_below", 2),
        (("explain", CORD, "--service", "http://127.0.0.1:9"), "gave no answer that can be read", 3),
        (("conformance", "--url", "http://127.0.0.1:9"), "was not reached", 3),
        (("explain", CORD, "--card", "bone-health"), "'bone-health' has the status draft, which no call asks", 2),
        (("new-card", "new-one", "--like", "oxigen"), "'oxigen' is not a card of", 2),
        (("unpack", str(ROOT)), f"cds-service: already there: {ROOT}/cards", 2),
        (("check", "--site", "nowhere"), "cds-service: cards/sites/nowhere.yaml: there is no such file", 2),
    ],
)
def test_errors_have_one_style_and_exit_codes_one_meaning(arguments: tuple[str, ...], said: str, code: int) -> None:
    done = run(*arguments)
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr and "Errno" not in done.stderr and "Traceback" not in done.stderr
    assert all(line.startswith("cds-service: ") for line in done.stderr.splitlines() if "knowledge " not in line)


ANSWERS = {
    "canary show": ((), 0),
    "check": (("--card", "oxygen", "--set", "oxygen.warn_below=93 %"), 1),
    "conformance": (("--url", "http://127.0.0.1:9"), 3),
    "coverage": (("--card", "oxygen"), 0),
    "diff": (("--site", "none", "--against", "north.yaml"), 0),
    "doctor": ((), 0),
    "evaluate": ((CORD,), 0),
    "explain": ((CORD, "--card", "oxygen"), 0),
    "history": ((), 0),
    "orderables": ((), 1),
    "prefetch": ((), 0),
    "recognise": (("patients", "--as-of", "2026-03-02"), 0),
    "report": ((), 0),
    "silent-report": ((), 0),
    "simulate": (("patients", "--as-of", "2026-03-02", "--workers", "1"), 0),
    "sweep": (("patients", "oxygen.warn_below", "92", "93", "1", "--workers", "1"), 0),
}
"""Each command that has ``--json``: with what it is tried, and the exit code."""


def test_every_command_that_takes_json_is_in_the_table() -> None:
    root, found = click.Context(commands), set()
    for name in known_commands():
        command = commands.get_command(root, name)
        inner = command.commands if isinstance(command, click.Group) else {"": command}
        found |= {
            f"{name} {sub}".strip()
            for sub, one in inner.items()
            if one and any(p.name == "as_json" for p in one.params)
        }
    assert found == set(ANSWERS)


@pytest.mark.parametrize("name", ANSWERS)
def test_json_is_all_that_is_said_and_the_exit_code_is_that_of_the_words(name: str, here: Path) -> None:
    arguments, code = ANSWERS[name]
    (here / "patients").mkdir()
    (here / "patients" / "one.json").write_bytes(Path(CORD).read_bytes())
    done = run(*name.split(), *arguments, "--json")
    assert done.exit_code == code, done.output
    if code == 3:
        assert (done.stdout, done.stderr.count("\n")) == ("", 1)
    else:
        json.loads(done.stdout)
        assert done.stderr == ""


def test_shells_complete_commands_and_options(monkeypatch: pytest.MonkeyPatch) -> None:
    for words, position, shell, expected in (
        ("cds-service ev", "1", "bash", "plain,evaluate"),
        ("cds-service evaluate --lang", "2", "bash", "plain,--language"),
        ("cds-service languages ch", "2", "zsh", "check"),
        ("cds-service swe", "swe", "fish", "plain,sweep"),
    ):
        environment = {"COMP_WORDS": words, "COMP_CWORD": position, "_CDS_SERVICE_COMPLETE": f"{shell}_complete"}
        done = CliRunner(env=environment).invoke(commands, [], prog_name="cds-service")
        assert expected in done.stdout and "_cds_service_completion" in run("completion", shell).stdout


def test_the_help_has_sections_and_the_exit_codes() -> None:
    said = run("--help").stdout
    assert all(f"{section}:" in said for section in SECTIONS) and "Exit codes: 0 done" in said
    assert "_CDS_SERVICE_COMPLETE" in run("completion", "bash").stdout


def test_what_is_empty_or_written_is_said(here: Path) -> None:
    empty = run("report", "--csv", "r.csv")
    assert "No card is on record in this period." in empty.stdout and "wrote r-reasons.csv" in empty.stderr
    assert json.loads(run("report", "--csv", "r.csv", "--json").output)["groups"]["topic"] == []


def test_tables_that_a_site_left_alone_are_counted_not_listed(here: Path) -> None:
    said = run(
        "explain", CORD, "--card", "hypercalcaemia", "--set", "shared.plausible_results.calcium.high=7 mmol/L"
    ).stdout
    assert "plausible_results.calcium.high = 7 mmol/L (--set" in said and "plausible_results.calcium.low" not in said
    assert "plausible_results: a table, " in said


def test_a_cohort_is_written_by_a_command_and_repeats(tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert run("cohort", str(tmp_path / name), "--patients", "3").exit_code == 0
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two and "Patient.ndjson" in one


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A service that runs, with an overlay of its own and an operator's token."""
    monkeypatch.chdir(tmp_path)
    given = {"site": "uk-nice", "operator_token": TOKEN, "store_url": f"sqlite:///{tmp_path}/s.sqlite3"}
    made = application(prepare(Settings.model_validate(given)))

    class Quiet(WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = make_server("127.0.0.1", 0, made.wsgi, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    made.close()


def test_a_running_service_is_asked_why_by_its_operators_only(live: str, knowledge: Knowledge) -> None:
    done = run("explain", CORD, "--card", "mscc-suspected", "--service", live, CDS_OPERATOR_TOKEN=TOKEN)
    assert done.exit_code == 0, done.output
    assert "uk-nice" in done.stderr and "mri_within = 24 h" in done.stdout
    refused = run("explain", CORD, "--service", live, CDS_OPERATOR_TOKEN="wrong-token-0123456")
    assert refused.exit_code == 2 and "answered 401" in refused.stderr


def test_the_doctor_looks_at_everything(here: Path) -> None:
    (here / "north.yaml").write_text(
        "site: north\ntitle: N\nconfirmed:\n  silent-run: {by: B. Example, on: 2026-03-20}\n"
        "orderables:\n  dexamethasone-daily: [{system: urn:x, code: '1', display: Dexa, dose: 16 mg}]\n"
    )
    done = run("doctor", "--json", CDS_SITE="north.yaml", CDS_FHIR_SERVERS="http://127.0.0.1:9/fhir")
    found = [(one["about"], one["state"], one["said"]) for one in json.loads(done.stdout)]
    assert {about for about, _, _ in found} == {
        "settings", "cards", "store", "keys", "fhir servers", "orderables", "before live use",
    }  # fmt: skip
    assert ("before live use", "ok", "silent-run: signed by B. Example on 2026-03-20") in found
    assert [said for about, state, said in found if state == "wrong"] == [
        "http://127.0.0.1:9/fhir was not reached (ConnectionError)"
    ]
    assert done.exit_code == 1
    (here / "clients.yaml").write_text("clients: [{name: x, iss: 'https://a.example'}]")
    for setting, value, said in (
        ("CDS_POTR", "1", "wrong settings: CDS_POTR is no setting; nearest is CDS_PORT"),
        ("CDS_CLIENTS", "clients.yaml", "wrong start: clients.yaml:1:11: "),
    ):
        sick = run("doctor", **{setting: value})
        assert sick.exit_code == 1 and said in sick.stdout
    wrong = run("doctor", CDS_SITE="nowhere")
    assert wrong.exit_code == 1 and "cards/sites/nowhere.yaml: there is no such file" in wrong.stdout
    assert cards_folder().is_dir()


def test_a_language_that_nobody_knows_is_refused_before_a_folder_is_made(here: Path) -> None:
    cards = here / "cards"
    cards.mkdir()
    for tag in ("klingon", "xx", ""):
        refused = run("languages", "update", "--language", tag, "--cards", str(cards))
        assert refused.exit_code == 2 and f"{tag!r} is no language that we know" in refused.stderr
    assert not list(cards.iterdir())


def test_an_account_is_written_so_that_yaml_reads_it_back(here: Path) -> None:
    word = "correct horse battery"
    written = run("account", "a: b", "--display", 'Dr "Bob" Ä', "--password", word)
    (here / "accounts.yaml").write_text(f"accounts:\n{written.stdout}", encoding="utf-8")
    person = read_accounts(here / "accounts.yaml").find("a: b", word)
    assert person is not None and person.called == 'Dr "Bob" Ä'
    assert run("account", "b", "--display", " ", "--password", word).exit_code != 0


def test_a_history_without_versions_says_so(here: Path) -> None:
    assert run("history").stdout == "no knowledge version was taken into use while the service ran\n"
