"""Where a FHIR read may go: servers on the list, over https, at addresses that are not our own network's.

The list decides which names may be called; the address is checked again at every new connection, and the connection is
made to the very address that was checked, so that a name which changes its answer (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from cds_service.service.fhir_client.answers import RefusedBecause

Address = tuple[int, tuple[Any, ...]]
"""Address family and socket address, as ``getaddrinfo`` gives them."""
Resolve = Callable[[str, int], Iterable[Address]]

_PORTS = {"http": 80, "https": 443}
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\U0010ffff\\]")
_NAT64 = IPv6Network("64:ff9b::/96")
_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")


class Forbidden(Exception):
    """A destination that policy does not allow. ``detail`` names at most a host."""

    def __init__(self, because: RefusedBecause, detail: str = "") -> None:
        super().__init__(because)
        self.because = because
        self.detail = detail


def _system_resolve(host: str, port: int) -> list[Address]:
    return [(found[0], found[4]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True, slots=True)
class Destinations:
    """The policy. Make it with :func:`destinations`."""

    servers: frozenset[str]
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    development: bool = False
    resolve: Resolve = _system_resolve

    def admit(self, server: str) -> str:
        """Give the base URL in the form in which it is called; raises :class:`Forbidden`."""
        base = _base_url(server)
        parts = urlsplit(base)
        if parts.scheme != "https" and not self.development:
            raise Forbidden("not-https", parts.hostname or "")
        if base not in self.servers:
            raise Forbidden("not-allowed", parts.hostname or "")
        return base

    def addresses(self, host: str, port: int) -> list[Address]:
        """Resolve a host, every address of it checked; raises :class:`Forbidden` or ``OSError``."""
        found = list(self.resolve(host.strip("[]"), port))
        for _, sockaddr in found:
            if not self._may_be_called(ip_address(str(sockaddr[0]).partition("%")[0])):
                raise Forbidden("private-address", host)
        return found

    def _may_be_called(self, address: IPv4Address | IPv6Address) -> bool:
        inner = _embedded(address)
        if any(_allows(network, inner) for network in self.networks):
            return True
        if inner.is_loopback:
            return self.development
        public = inner.is_global and not (inner.is_multicast or inner.is_reserved)
        return public and not (isinstance(inner, IPv6Address) and inner.is_site_local)


def destinations(
    servers: Iterable[str],
    *,
    networks: Iterable[str] = (),
    development: bool = False,
    resolve: Resolve = _system_resolve,
) -> Destinations:
    """Build the policy from settings.

    ``servers`` are FHIR base URLs; ``networks`` are private ranges that a listed server may live in, such as
    ``10.20.0.0/16``. ``development`` allows http and the loopback address. Raises ``ValueError`` for a wrong setting.
    """
    bases = set()
    for server in servers:
        try:
            base = _base_url(server)
        except Forbidden as error:
            raise ValueError(f"FHIR server {server!r}: {error.because}; allowed is a base URL without query") from None
        if not development and not base.startswith("https://"):
            raise ValueError(f"FHIR server {server!r}: https is required outside development")
        bases.add(base)
    return Destinations(frozenset(bases), tuple(ip_network(network) for network in networks), development, resolve)


def next_url(base: str, current: str, link: str) -> str | None:
    """Give the absolute URL of a ``next`` link; ``None`` when it leaves the server's origin or base path."""
    try:
        if _UNSAFE.search(link):
            return None
        parts = urlsplit(urljoin(current, link))
        home = urlsplit(base)
        if _origin(parts) != _origin(home) or "@" in parts.netloc:
            return None
    except (Forbidden, ValueError):
        return None
    if _walks_up(parts.path) or not (parts.path == home.path or parts.path.startswith(home.path + "/")):
        return None
    rest = parts.path[len(home.path) :]
    return base + rest + (f"?{parts.query}" if parts.query else "")


def is_relative_read(url: str) -> bool:
    """Whether this is ``Type/id`` or ``Type?query``, with nothing that could lead off the server's base."""
    if not re.match(r"[A-Z][A-Za-z]+(?:/[^/?#]+)?(?:\?|$)", url) or "#" in url or "\\" in url:
        return False
    return not _walks_up(url.partition("?")[0]) and not re.search(r"[\x00-\x1f\x7f]", url)


def _base_url(url: str) -> str:
    if _UNSAFE.search(url):
        raise Forbidden("not-a-url")
    try:
        parts = urlsplit(url)
        if "@" in parts.netloc:
            raise Forbidden("credentials-in-url")
        scheme, host, port = _origin(parts)
    except ValueError:
        raise Forbidden("not-a-url") from None
    path = parts.path.rstrip("/")
    if "?" in url or "#" in url or _walks_up(path) or "//" in path:
        raise Forbidden("not-a-url")
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}{'' if port == _PORTS[scheme] else f':{port}'}{path}"


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    if parts.scheme not in _PORTS or not parts.hostname:
        raise Forbidden("not-a-url")
    return parts.scheme, parts.hostname.lower(), _PORTS[parts.scheme] if parts.port is None else parts.port


def _walks_up(path: str) -> bool:
    for _ in range(2):  # a proxy before the server may decode once more than we do
        path = unquote(path)
    return any(segment in {".", ".."} for segment in re.split(r"[/\\]", path))


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address stands for, when it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64 or address in _LOCAL_NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)


def _allows(network: IPv4Network | IPv6Network, address: IPv4Address | IPv6Address) -> bool:
    # A wide range such as 0.0.0.0/0 must not open the metadata service of a cloud machine by accident.
    return address in network and (not address.is_link_local or network.is_link_local)
