"""Who may launch the view, by the allowlist and the settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from cds_service.engine.view_links import ViewLinks
from cds_service.knowledge.cards import Knowledge
from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.service.application import prepare
from cds_service.service.auth.clients import UnreadableAllowlist, read_clients
from cds_service.service.settings import Settings
from cds_service.view import apps_of
from cds_service.view.apps import key_set, read_key
from cds_service.workbench.playground.asking import consult
from tests.conformance.running_service import request_of

ENTRY = """
clients:
  - name: Hospital
    iss: https://ehr.example.org
    jku: https://ehr.example.org/jwks.json
    smart: {smart}
"""
GOOD = "{fhir_server: https://ehr.example.org/fhir/, client_id: app, framed_by: [https://ehr.example.org]}"


def test_a_registration_is_read_from_the_allowlist() -> None:
    (client,) = read_clients(ENTRY.format(smart=GOOD)).all
    (app,) = apps_of([client]).values()
    assert (app.iss, app.client_id, app.issuer) == ("https://ehr.example.org/fhir", "app", "https://ehr.example.org")
    assert app.framed_by == ("https://ehr.example.org",)


@pytest.mark.parametrize(
    "smart",
    [
        "{fhir_server: http://ehr.example.org/fhir, client_id: app}",  # not https
        "{fhir_server: https://ehr.example.org/fhir}",
        "{fhir_server: https://ehr.example.org/fhir, client_id: ''}",
        "{fhir_server: https://ehr.example.org/fhir, client_id: app, framed_by: [https://ehr.example.org/page]}",
        "{fhir_server: https://ehr.example.org/fhir, client_id: app, framed_by: ['*']}",
        "{fhir_server: https://ehr.example.org/fhir, client_id: app, client_secret_file: /no/such/file}",
        "{fhir_server: https://ehr.example.org/fhir, client_id: app, secret: told}",
    ],
)
def test_a_wrong_registration_is_refused_where_it_stands(smart: str) -> None:
    with pytest.raises(UnreadableAllowlist, match=r"clients.yaml:\d+:\d+: clients.0.smart"):
        read_clients(ENTRY.format(smart=smart))


def test_two_clients_of_one_record_are_refused() -> None:
    (client,) = read_clients(ENTRY.format(smart=GOOD)).all
    with pytest.raises(ValueError, match="the same"):
        apps_of([client, client])


def production(folder: Path, smart: str, **settings: object) -> Settings:
    clients = folder / "clients.yaml"
    text = ENTRY.format(smart=smart) if smart else ENTRY.format(smart="x").replace("    smart: x\n", "")
    clients.write_text(text)
    given = {
        "development": False,
        "authentication": "required",
        "clients": clients,
        "store_secret": "for-tests-only-1234",
        "public_base_url": "https://cds.example.org",
        "store_url": f"sqlite:///{folder}/store.sqlite3",
    }
    return Settings.model_validate(given | settings)


def test_outside_development_the_view_is_off_unless_it_is_asked_for(tmp_path: Path) -> None:
    assert not production(tmp_path, GOOD).has_view
    with pytest.raises(ValueError, match="nobody could launch it"):
        prepare(production(tmp_path, "", view=True))
    with pytest.raises(ValueError, match="CDS_VIEW_KEY is needed"):
        prepare(production(tmp_path, GOOD, view=True))
    assert prepare(production(tmp_path, GOOD, view=True, view_key=pem(tmp_path))).settings.has_view


def pem(folder: Path) -> Path:
    file = folder / "key.pem"
    private = ec.generate_private_key(ec.SECP384R1())
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file.write_bytes(private.private_bytes(encoding, form, serialization.NoEncryption()))
    return file


def test_only_the_public_half_of_the_key_is_published_and_only_a_p384_key_is_taken(tmp_path: Path) -> None:
    (published,) = key_set(read_key(pem(tmp_path)))["keys"]  # type: ignore[misc]  # a list it is
    assert "d" not in published and published["alg"] == "ES384"
    other = tmp_path / "rsa.pem"
    private = rsa.generate_private_key(65537, 2048)
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    other.write_bytes(private.private_bytes(encoding, form, serialization.NoEncryption()))
    for wrong in (other, tmp_path / "nothing.pem"):
        wrong.touch()
        with pytest.raises(ValueError, match=r"rsa.pem|nothing.pem"):
            read_key(wrong)


@pytest.mark.parametrize(
    ("profile", "caller", "standalone", "kind"),
    [
        ("standard", "Hospital", "", "smart"),
        ("oracle", "Hospital", "", "smart"),
        ("standard", "Another", "", None),  # the app is not registered there
        ("standard", "Another", "https://cds.example.org/smart/standalone?card=", "smart"),  # development
    ],
)
def test_a_card_links_to_the_view_where_its_client_can_launch_it(
    knowledge: Knowledge, profile: str, caller: str, standalone: str, kind: str | None
) -> None:
    links = ViewLinks("https://cds.example.org/smart/launch", frozenset({"Hospital"}), standalone)
    request = request_of("breast-bone-mets-leg-weakness-patient-view")
    answer = consult(KnowledgeAdvisor(knowledge), "metastatic-disease-patient-view", request).answer
    adapted = links.added_to(answer, knowledge.profiles[profile], caller)
    found = [link for card in adapted.response.cards for link in (card.links or ()) if "Patient view" in link.label]
    assert {link.type for link in found} == ({kind} if kind else set())
    if kind:
        assert [link.app_context for link in found] == [card.uuid for card in answer.response.cards]
