"""The service with TLS of its own: a certificate by settings, and clients that must show one."""

from __future__ import annotations

import datetime as dt
import ipaddress
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from cds_service.service.settings import Settings
from cds_service.workbench.cli import commands
from tests.conformance.running_service import running

Signed = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


class Authority:
    """A certificate authority of our own, and what it has signed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = self._sign("authority", None)
        self.file = self._write("authority", self.root)[0]

    def _sign(self, name: str, issuer: Signed | None) -> Signed:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        start = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
        names = x509.SubjectAlternativeName(
            [x509.DNSName("localhost"), x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))]
        )
        signer = issuer[1] if issuer else key
        builder = x509.CertificateBuilder(subject_name=subject, issuer_name=issuer[0].subject if issuer else subject)
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(start).not_valid_after(start + dt.timedelta(days=1))
        builder = builder.add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        ours = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
        builder = builder.add_extension(names, critical=False).add_extension(ours, critical=False)
        return builder.sign(signer, hashes.SHA256()), key

    def _write(self, name: str, made: Signed) -> tuple[Path, Path]:
        certificate, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        certificate.write_bytes(made[0].public_bytes(serialization.Encoding.PEM))
        form = serialization.PrivateFormat.PKCS8
        secret = made[1].private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        key.write_bytes(secret)
        return certificate, key

    def sign(self, name: str) -> tuple[Path, Path]:
        """Files of a certificate and its key."""
        return self._write(name, self._sign(name, self.root))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def wait(base: str, authority: Authority, pair: tuple[Path, Path] | None = None) -> requests.Response:
    for _ in range(600):
        try:
            certificate = (str(pair[0]), str(pair[1])) if pair else None
            return requests.get(f"{base}/health/live", verify=str(authority.file), cert=certificate, timeout=5)
        except requests.ConnectionError as error:
            if "refused" not in str(error):
                raise
            time.sleep(0.1)
    raise AssertionError("the server did not start")


@pytest.fixture(scope="module")
def https(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    certificate, key = authority.sign("server")
    folder = tmp_path_factory.mktemp("https")
    with running(folder, scheme="https", tls_certificate=certificate, tls_key=key) as base:
        wait(base, authority)
        yield base


def test_the_service_speaks_https_when_it_has_a_certificate(https: str, authority: Authority) -> None:
    assert wait(https, authority).json() == {"status": "live"}
    with pytest.raises(requests.ConnectionError):
        requests.get(https.replace("https:", "http:") + "/health/live", timeout=5)


def test_conformance_over_https_meets_the_rows_on_tls(https: str, authority: Authority) -> None:
    result = CliRunner().invoke(commands, ["conformance", "--url", https, "--ca", str(authority.file), "--all"])
    assert result.exit_code == 0, result.output
    standing = {line.split()[1]: line.split()[0] for line in result.output.splitlines() if line.startswith("met")}
    assert {"2", "168"} <= set(standing)


def test_with_an_authority_for_clients_a_stranger_gets_no_connection(authority: Authority, tmp_path: Path) -> None:
    certificate, key = authority.sign("server-2")
    known, stranger = authority.sign("ehr"), Authority(tmp_path).sign("stranger")
    settings = {"tls_certificate": certificate, "tls_key": key, "tls_client_ca": authority.file}
    with running(tmp_path, scheme="https", **settings) as base:
        assert wait(base, authority, known).status_code == 200
        for pair in (None, (str(stranger[0]), str(stranger[1]))):
            with pytest.raises(requests.ConnectionError):
                requests.get(f"{base}/health/live", verify=str(authority.file), cert=pair, timeout=5)


@pytest.mark.parametrize("given", [{"tls_certificate": "a"}, {"tls_key": "a"}, {"tls_client_ca": "a"}])
def test_tls_settings_that_are_not_whole_do_not_start(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="CDS_TLS"):
        Settings.model_validate(given)


def test_the_base_url_of_a_service_with_a_certificate_is_https() -> None:
    settings = Settings.model_validate({"tls_certificate": "a", "tls_key": "b"})
    assert settings.base_url == "https://localhost:8000"
