"""The guarded fetch over https: certificates are checked, and a cut reaches through the encryption."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cds_service.service.fhir_client.answers import Failed, Got
from cds_service.service.fhir_client.fetch import FhirFetcher, Limits
from cds_service.service.fhir_client.guard import destinations
from tests.service.fhir_client.fhir_stub import StubServer, dripping_body, dripping_head


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "localhost.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def secure(certificate: Path) -> Iterator[StubServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with StubServer(tls=context) as server:
        yield server


def fetcher_of(base: str, certificate: Path | None, **limits: Any) -> FhirFetcher:
    def here(host: str, port: int) -> list[Any]:
        return [(socket.AF_INET, ("127.0.0.1", port))]

    policy = destinations([base], networks=["127.0.0.0/8"], resolve=here)
    return FhirFetcher(policy, Limits(**limits), ca_bundle=str(certificate) if certificate else None)


def test_a_server_with_a_trusted_certificate_is_read_and_its_connection_kept(
    secure: StubServer, certificate: Path
) -> None:
    fetcher = fetcher_of(secure.base, certificate, deadline_s=3)
    for _ in range(3):
        assert isinstance(fetcher.fetch(secure.base, "token", {"p": "Patient/1"})["p"], Got)
    assert len(secure.clients) == 1
    fetcher.close()


def test_a_server_with_an_unknown_certificate_is_sent_nothing(secure: StubServer) -> None:
    fetched = fetcher_of(secure.base, None, deadline_s=3).fetch(secure.base, "token", {"p": "Patient/1"})["p"]
    assert fetched == Failed("connection", detail="SSLError")
    assert secure.requests == []


def test_a_certificate_of_another_name_is_refused(secure: StubServer, certificate: Path) -> None:
    base = f"https://fhir.example.org:{secure.port}/fhir"
    fetched = fetcher_of(base, certificate, deadline_s=3).fetch(base, "token", {"p": "Patient/1"})["p"]
    assert fetched == Failed("connection", detail="SSLError")
    assert secure.requests == []


@pytest.mark.parametrize("hanging", [dripping_body, dripping_head])
def test_a_server_that_drips_through_tls_is_cut_off(secure: StubServer, certificate: Path, hanging: Any) -> None:
    secure.answers["Observation"] = hanging
    fetcher = fetcher_of(secure.base, certificate, deadline_s=3)
    fetcher.fetch(secure.base, "token", {"p": "Patient/1"})
    started = time.monotonic()
    fetched = fetcher.fetch(secure.base, "token", {"labs": "Observation?x=1", "p": "Patient/1"}, 0.6)
    assert time.monotonic() - started < 1.2
    assert fetched["labs"] == Failed("timeout")
    assert isinstance(fetched["p"], Got)
    assert secure.is_idle_within(1)


def test_a_server_that_drips_its_handshake_is_cut_off(certificate: Path) -> None:
    """Each byte comes in time for the socket's own time-out; only the deadline ends it."""
    closed = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            accepted, _ = listening.accept()
            with accepted:
                try:
                    accepted.sendall(b"\x16\x03\x03\x40\x00")  # a handshake record of 16 kB is to come
                    for _ in range(150):
                        accepted.sendall(b"\x02")
                        time.sleep(0.02)
                except OSError:
                    closed.set()

        threading.Thread(target=drip, daemon=True).start()
        base = f"https://localhost:{listening.getsockname()[1]}/fhir"
        started = time.monotonic()
        fetched = fetcher_of(base, certificate, deadline_s=0.3).fetch(base, "token", {"p": "Patient/1"})["p"]
        assert time.monotonic() - started < 1
        assert fetched == Failed("timeout")
        assert closed.wait(1)
