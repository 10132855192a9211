"""A development key of the playground's own, which signs requests as a CDS client would."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from cds_service.service.store.keys import kept_secret

ALGORITHM = "ES384"
LIFETIME = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class DevelopmentKey:
    """An EC key on P-384. It proves nothing but that somebody opened the playground."""

    private: ec.EllipticCurvePrivateKey
    kid: str

    def token(self, url: str, issuer: str, key_set_url: str, now: datetime) -> str:
        """Sign a token for a call of exactly this URL, good for five minutes."""
        claims = {
            "iss": issuer,
            "aud": url,
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
            "jti": str(uuid.uuid4()),
        }
        headers = {"kid": self.kid, "jku": key_set_url, "typ": "JWT"}
        return jwt.encode(claims, self.private, algorithm=ALGORITHM, headers=headers)

    @property
    def key_set(self) -> dict[str, Any]:
        """The public half, as a JSON Web Key Set."""
        public = ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {"keys": [{**public, "kid": self.kid, "alg": ALGORITHM, "use": "sig", "key_ops": ["verify"]}]}


def development_key(folder: Path) -> DevelopmentKey:
    """Give the key kept in ``folder`` (mode 0600), made at the first call; all workers share it."""
    path = folder / "playground-key.pem"
    private = serialization.load_pem_private_key(kept_secret(path, _new_key), password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{path} is not an EC key; delete it and a new one is made")
    x = private.public_key().public_numbers().x
    return DevelopmentKey(private, f"playground-{x:x}"[:27])


def _new_key() -> bytes:
    return ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
