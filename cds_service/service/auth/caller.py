"""The authenticated caller of a request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the client's name on the list, its issuer, and the tenant that the token names.

    What belongs to a caller belongs to issuer and tenant together: one issuer may speak for several tenants.
    """

    client: str
    issuer: str
    tenant: str | None = None
    authenticated: bool = True
    profile: str = "standard"
    """Name of the client profile by which its answers are adapted."""


ANYBODY = Caller("anybody", "", None, authenticated=False)
"""Where nobody is asked who calls."""
