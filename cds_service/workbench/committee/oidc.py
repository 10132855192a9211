"""Log-in by the hospital's own identity provider: OpenID Connect, authorization code with PKCE, by Authlib."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import jwt
from authlib.integrations.requests_client import OAuth2Session

from cds_service.workbench.committee.accounts import Person
from cds_service.workbench.committee.provider import NoLogin

_SECONDS = 10
_ALGORITHMS = ["RS256", "RS384", "PS256", "ES256", "ES384"]


@dataclass(frozen=True, slots=True)
class OpenIdProvider:
    """One identity provider. ``group`` is what the claim ``groups`` must hold; empty lets everybody of the provider in."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    group: str = ""
    verify: bool | str = True

    def begin(self) -> tuple[str, dict[str, str]]:
        """Where to send the browser, and what to remember until it comes back."""
        kept = {
            "state": secrets.token_urlsafe(24),
            "nonce": secrets.token_urlsafe(24),
            "verifier": secrets.token_urlsafe(48),
        }
        url, _ = self._session().create_authorization_url(
            self._metadata()["authorization_endpoint"],
            state=kept["state"],
            nonce=kept["nonce"],
            code_verifier=kept["verifier"],
        )
        return str(url), kept

    def end(self, response_url: str, kept: dict[str, str]) -> Person:
        """Take the code to the provider and read who it is; raises :class:`NoLogin`."""
        metadata, session = self._metadata(), self._session(kept["state"])
        try:
            token = session.fetch_token(
                metadata["token_endpoint"], authorization_response=response_url, code_verifier=kept["verifier"]
            )
            keys = session.get(metadata["jwks_uri"], withhold_token=True, timeout=_SECONDS).json()
            claims = self._claims(token["id_token"], jwt.PyJWKSet.from_dict(keys), kept["nonce"])
        except NoLogin:
            raise
        except (jwt.PyJWTError, KeyError, ValueError, OSError) as error:
            raise NoLogin(f"the provider's answer was not accepted ({type(error).__name__})") from None
        except Exception as error:  # noqa: BLE001 - Authlib's errors have no common base that is not Exception
            raise NoLogin(f"the provider refused ({type(error).__name__})") from None
        groups = claims.get("groups") or ()
        if self.group and self.group not in groups:
            raise NoLogin(f"this account is not in the group {self.group}")
        called = claims.get("name") or claims.get("preferred_username") or claims["sub"]
        return Person(f"{self.issuer}#{claims['sub']}", str(called))

    def vouched(self, person: Person) -> bool:
        """Whether a person who is logged in came from here."""
        return person.name.startswith(f"{self.issuer}#")

    def _claims(self, id_token: str, keys: jwt.PyJWKSet, nonce: str) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(
            id_token,
            keys[jwt.get_unverified_header(id_token)["kid"]],
            algorithms=_ALGORITHMS,
            audience=self.client_id,
            issuer=self.issuer,
            leeway=60,
            options={"require": ["iss", "aud", "sub", "exp", "nonce"]},
        )
        if not secrets.compare_digest(str(claims["nonce"]), nonce):
            raise NoLogin("the provider answered another log-in than this one")
        return claims

    def _session(self, state: str | None = None) -> Any:
        session = OAuth2Session(
            self.client_id,
            self.client_secret,
            scope="openid profile groups",
            redirect_uri=self.redirect_uri,
            code_challenge_method="S256",
            state=state,
        )
        session.verify, session.default_timeout = self.verify, _SECONDS
        return session

    def _metadata(self) -> dict[str, Any]:
        answer = self._session().get(
            f"{self.issuer.rstrip('/')}/.well-known/openid-configuration", withhold_token=True, timeout=_SECONDS
        )
        found: dict[str, Any] = answer.json()
        if found.get("issuer") != self.issuer:
            raise NoLogin("the provider calls itself otherwise than CDS_OIDC_ISSUER")
        return found
