"""What authentication adds to a call, beside the bare verification of its ES384 signature."""

from __future__ import annotations

import itertools
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384
from jwt.algorithms import ECAlgorithm
from jwt.utils import base64url_decode

from benchmarks.in_process import settle
from benchmarks.measure import CPU, Ratio, side_by_side
from cds_service.service.auth.authenticate import Authenticator, authenticate, make_authenticator
from cds_service.service.auth.clients import Client, Clients
from cds_service.service.auth.key_sets import KeySets
from cds_service.service.auth.public_keys import read_key_set
from cds_service.service.auth.replay import LocalReplay, ReplayStore
from cds_service.service.auth.shared_replay import SharedReplay
from cds_service.service.auth.verify import Caller
from cds_service.service.store import Store, development_secret

_BASE = "https://cds.example/oncology"
_PATH = "/cds-services/metastatic-disease-patient-view"
_ISSUER = "https://ehr.example"
_KID = "benchmark"
_ROUNDS = 201


def authentication() -> list[Ratio]:
    """A new token for each call, as the specification asks; used tokens in this process, and in SQLite for all workers."""
    name = "authenticated call's extra time / bare ES384 verification"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        store = Store(f"sqlite:///{path / 'store.sqlite3'}", development_secret(path))
        store.open()
        shared = SharedReplay(store.database)
        found = [_beside(f"{name}, used tokens in SQLite", shared), _beside(f"{name}, in memory", LocalReplay())]
        shared.close()
        store.close()
    return found


def _beside(name: str, replay: ReplayStore) -> Ratio:
    key = ec.generate_private_key(ec.SECP384R1())
    now = datetime.now(UTC)
    authenticator = _authenticator(key, replay)
    tokens = itertools.cycle([_token(key, now, number) for number in range(_ROUNDS + 5)])
    public, signature, signed = key.public_key(), *_parts(_token(key, now, -1))
    algorithm = ec.ECDSA(SHA384())
    settle()

    def ours() -> None:
        caller = authenticate(f"Bearer {next(tokens)}", _PATH, authenticator, now)
        if not isinstance(caller, Caller):
            raise RuntimeError(caller.text)

    return side_by_side(
        name, ours, lambda: public.verify(signature, signed, algorithm), 1.25, rounds=_ROUNDS, clock=CPU
    )


def _authenticator(key: ec.EllipticCurvePrivateKey, replay: ReplayStore) -> Authenticator:
    jwk = ECAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": _KID, "use": "sig"}
    client = Client(name="Benchmark", issuer=_ISSUER, jku=None, keys=read_key_set([jwk]))
    return make_authenticator("required", _BASE, Clients.of([client]), KeySets(), replay)


def _token(key: ec.EllipticCurvePrivateKey, now: datetime, number: int) -> str:
    start = int(now.timestamp())
    claims = {"iss": _ISSUER, "aud": _BASE + _PATH, "iat": start, "exp": start + 300, "jti": f"call-{number}"}
    return jwt.encode(claims, key, algorithm="ES384", headers={"kid": _KID})


def _parts(token: str) -> tuple[bytes, bytes]:
    """The signature in the form that the library verifies, and what it signs."""
    signed, _, signature = token.rpartition(".")
    raw = base64url_decode(signature)
    half = len(raw) // 2
    return encode_dss_signature(int.from_bytes(raw[:half]), int.from_bytes(raw[half:])), signed.encode()
