"""JSON Web Keys as public keys, each bound to the signing algorithms that it may be used with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Literal

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import Algorithm, ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from jwt.exceptions import InvalidKeyError

SigningAlgorithm = Literal["ES384", "ES512", "RS384", "RS512", "PS384", "PS512", "EdDSA"]
PublicKey = EllipticCurvePublicKey | RSAPublicKey | Ed25519PublicKey | Ed448PublicKey
# By kid and algorithm: a key never serves an algorithm that it is not made for.
KeySet = Mapping[tuple[str, str], PublicKey]

# CDS Hooks recommends ES384 and RS384 or stronger. EdDSA is there for a client whose entry asks for it.
STRONG: tuple[SigningAlgorithm, ...] = ("ES384", "ES512", "RS384", "RS512", "PS384", "PS512", "EdDSA")
DEFAULT: tuple[SigningAlgorithm, ...] = ("ES384", "ES512", "RS384", "RS512", "PS384", "PS512")

MAXIMUM_KEYS = 100
MAXIMUM_KID = 256
RSA_BITS = range(2048, 8193)  # NIST SP 800-131A at the low end; the cost of one verification at the high end

_SUITS: dict[tuple[str, str | None], tuple[SigningAlgorithm, ...]] = {
    ("EC", "P-384"): ("ES384",),
    ("EC", "P-521"): ("ES512",),
    ("RSA", None): ("RS384", "RS512", "PS384", "PS512"),
    ("OKP", "Ed25519"): ("EdDSA",),
    ("OKP", "Ed448"): ("EdDSA",),
}
_READERS: dict[str, Callable[[dict[str, Any]], object]] = {
    "EC": ECAlgorithm.from_jwk,
    "RSA": RSAAlgorithm.from_jwk,
    "OKP": OKPAlgorithm.from_jwk,
}
_PUBLIC_MEMBERS = ("kty", "crv", "x", "y", "n", "e")
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_VERIFIERS: dict[str, Algorithm] = {name: jwt.get_algorithm_by_name(name) for name in STRONG}


class UnusableKey(ValueError):
    """A JSON Web Key that cannot verify any signature accepted here; the message says why."""


def signature_holds(algorithm: str, key: PublicKey, signed: bytes, signature: bytes) -> bool:
    """Verify a JSON Web Signature with a key that ``read_key`` bound to this algorithm."""
    try:
        return _VERIFIERS[algorithm].verify(signed, key, signature)
    except ValueError:  # a signature of the wrong length or shape is simply a wrong signature
        return False


def read_key_set(entries: Iterable[object]) -> KeySet:
    """Keep the usable keys of a JSON Web Key Set; others (encryption, symmetric, weak, unreadable) are skipped."""
    keys: dict[tuple[str, str], PublicKey] = {}
    for _, entry in zip(range(MAXIMUM_KEYS), entries, strict=False):
        try:
            keys.update(read_key(entry))
        except UnusableKey:
            continue
    return MappingProxyType(keys)


def read_key(entry: object) -> dict[tuple[str, str], PublicKey]:
    """Read the public part of one JSON Web Key (RFC 7517); raises ``UnusableKey``."""
    if not isinstance(entry, Mapping):
        raise UnusableKey("a key is a JSON object")
    kid = entry.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= MAXIMUM_KID:
        raise UnusableKey(f"a key needs a kid of 1 to {MAXIMUM_KID} characters")
    algorithms = _algorithms(entry)
    return dict.fromkeys(((kid, name) for name in algorithms), _public_key(entry))


def _algorithms(entry: Mapping[str, object]) -> tuple[SigningAlgorithm, ...]:
    if entry.get("use", "sig") != "sig":
        raise UnusableKey("the key's use is not 'sig'")
    operations = entry.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        raise UnusableKey("the key's key_ops do not hold 'verify'")
    kind, curve = entry.get("kty"), entry.get("crv")
    suits = _SUITS.get((str(kind), None if kind == "RSA" else str(curve)), ())
    stated = entry.get("alg")
    allowed = tuple(name for name in suits if stated in (None, name))
    if not allowed:
        raise UnusableKey(f"the key does not suit {', '.join(STRONG)}")
    return allowed


def _public_key(entry: Mapping[str, object]) -> PublicKey:
    # Only public members are handed on, so that a published private key never becomes one in our memory.
    public: dict[str, Any] = {name: entry[name] for name in _PUBLIC_MEMBERS if isinstance(entry.get(name), str)}
    try:
        key = _READERS[public["kty"]](public)
    except (InvalidKeyError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise UnusableKey("the key's numbers cannot be read") from error
    if not isinstance(key, PublicKey):
        raise UnusableKey("the key is not public")
    if isinstance(key, RSAPublicKey) and key.key_size not in RSA_BITS:
        raise UnusableKey(f"an RSA key has {RSA_BITS.start} to {RSA_BITS.stop - 1} bits, this one {key.key_size}")
    return key
