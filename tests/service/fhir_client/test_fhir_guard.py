"""Where a FHIR read may go."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.service.fhir_client.guard import Address, Forbidden, Resolve, destinations, is_relative_read, next_url

LISTED = ["https://fhir.example.org/r4", "https://ehr.example.net:9443/tenant/a/", "https://bare.example.org"]


def resolving(*addresses: str) -> Resolve:
    def resolve(host: str, port: int) -> list[Address]:
        return [(socket.AF_INET6 if ":" in found else socket.AF_INET, (found, port)) for found in addresses]

    return resolve


@pytest.mark.parametrize(
    ("server", "base"),
    [
        ("https://fhir.example.org/r4", "https://fhir.example.org/r4"),
        ("https://fhir.example.org/r4/", "https://fhir.example.org/r4"),
        ("https://FHIR.example.org:443/r4", "https://fhir.example.org/r4"),
        ("https://ehr.example.net:9443/tenant/a", "https://ehr.example.net:9443/tenant/a"),
        ("https://bare.example.org/", "https://bare.example.org"),
    ],
)
def test_a_listed_server_is_admitted_however_it_is_written(server: str, base: str) -> None:
    assert destinations(LISTED).admit(server) == base


@pytest.mark.parametrize(
    ("server", "because"),
    [
        ("https://fhir.example.org", "not-allowed"),
        ("https://fhir.example.org/r4/other", "not-allowed"),
        ("https://fhir.example.org/R4", "not-allowed"),
        ("https://fhir.example.org:8443/r4", "not-allowed"),
        ("https://fhir.example.org.evil.example/r4", "not-allowed"),
        ("https://evil.example/fhir.example.org/r4", "not-allowed"),
        ("https://169.254.169.254/latest", "not-allowed"),
        ("https://[::1]/r4", "not-allowed"),
        ("http://fhir.example.org/r4", "not-https"),
        ("https://user:secret@fhir.example.org/r4", "credentials-in-url"),
        ("https://fhir.example.org@evil.example/r4", "credentials-in-url"),
        ("https://fhir.example.org/r4?x=1", "not-a-url"),
        ("https://fhir.example.org/r4#x", "not-a-url"),
        ("https://fhir.example.org/r4/../admin", "not-a-url"),
        ("https://fhir.example.org/r4/%2e%2e/admin", "not-a-url"),
        ("https://fhir.example.org/r4/%252e%252e/admin", "not-a-url"),
        ("https://fhir.example.org\\@evil.example/r4", "not-a-url"),
        ("https://fhir.example.org/r4\n", "not-a-url"),
        ("https://fhir.exämple.org/r4", "not-a-url"),
        ("https://fhir.example.org:99999/r4", "not-a-url"),
        ("https:///r4", "not-a-url"),
        ("file:///etc/passwd", "not-a-url"),
        ("ftp://fhir.example.org/r4", "not-a-url"),
        ("fhir.example.org/r4", "not-a-url"),
        ("", "not-a-url"),
    ],
)
def test_any_other_server_is_refused(server: str, because: str) -> None:
    with pytest.raises(Forbidden) as refused:
        destinations(LISTED).admit(server)
    assert refused.value.because == because
    assert "secret" not in refused.value.detail


def test_an_empty_list_admits_nothing_even_in_development() -> None:
    with pytest.raises(Forbidden):
        destinations([], development=True).admit("http://127.0.0.1/fhir")


@pytest.mark.parametrize(
    "server", ["http://fhir.example.org/r4", "https://u:p@fhir.example.org", "fhir.example.org", "https://a/?b"]
)
def test_a_setting_that_is_no_https_base_url_is_an_error_at_start_up(server: str) -> None:
    with pytest.raises(ValueError, match="FHIR server"):
        destinations([server])


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"])
def test_a_public_address_may_be_called(address: str) -> None:
    found = destinations(LISTED, resolve=resolving(address)).addresses("fhir.example.org", 443)
    assert [sockaddr[0] for _, sockaddr in found] == [address]


FORBIDDEN_ADDRESSES = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "::ffff:169.254.169.254",
    "::ffff:127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "2002:a9fe:a9fe::1",
    "2001:0:4136:e378:8000:63bf:5601:5601",
]


@pytest.mark.parametrize("address", FORBIDDEN_ADDRESSES)
def test_an_address_of_our_own_network_is_refused_whatever_name_leads_to_it(address: str) -> None:
    with pytest.raises(Forbidden) as refused:
        destinations(LISTED, resolve=resolving(address)).addresses("fhir.example.org", 443)
    assert refused.value.because == "private-address"


def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    policy = destinations(LISTED, resolve=resolving("93.184.216.34", "10.0.0.1"))
    with pytest.raises(Forbidden):
        policy.addresses("fhir.example.org", 443)


@pytest.mark.parametrize("written", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1"])
def test_an_odd_spelling_of_the_loopback_address_is_seen_through(written: str) -> None:
    with pytest.raises((Forbidden, OSError)):
        destinations(LISTED).addresses(written, 443)


@pytest.mark.parametrize(
    ("network", "address", "allowed"),
    [
        ("10.20.0.0/16", "10.20.3.4", True),
        ("10.20.0.0/16", "10.21.3.4", False),
        ("fd12:3456::/32", "fd12:3456::1", True),
        ("10.20.0.0/16", "::ffff:10.20.3.4", True),
        ("0.0.0.0/0", "10.1.1.1", True),
        ("0.0.0.0/0", "169.254.169.254", False),
        ("169.254.0.0/16", "169.254.7.7", True),
        ("127.0.0.0/8", "127.0.0.1", True),
    ],
)
def test_a_private_network_is_reached_only_when_it_is_allowed_by_name(
    network: str, address: str, allowed: bool
) -> None:
    policy = destinations(LISTED, networks=[network], resolve=resolving(address))
    if allowed:
        assert policy.addresses("fhir.example.org", 443)
    else:
        with pytest.raises(Forbidden):
            policy.addresses("fhir.example.org", 443)


def test_development_opens_loopback_and_nothing_else() -> None:
    policy = destinations(["http://localhost/fhir"], development=True, resolve=resolving("10.0.0.1"))
    assert policy.admit("http://localhost/fhir") == "http://localhost/fhir"
    with pytest.raises(Forbidden):
        policy.addresses("localhost", 80)
    assert destinations([], development=True).addresses("127.0.0.1", 80)


BASE = "https://fhir.example.org/r4"


@pytest.mark.parametrize(
    ("link", "followed"),
    [
        (f"{BASE}?_getpages=7&_offset=20", f"{BASE}?_getpages=7&_offset=20"),
        (f"{BASE}/Observation?page=2", f"{BASE}/Observation?page=2"),
        (f"{BASE}/Observation?code=http://loinc.org|1", f"{BASE}/Observation?code=http://loinc.org|1"),
        ("https://FHIR.example.org:443/r4/Observation?page=2", f"{BASE}/Observation?page=2"),
        ("Observation?page=2", f"{BASE}/Observation?page=2"),
        ("?page=2", f"{BASE}/Observation?page=2"),
        ("/r4/Observation?page=2#x", f"{BASE}/Observation?page=2"),
        ("https://evil.example/r4/Observation?page=2", None),
        ("//evil.example/r4/Observation", None),
        ("https://fhir.example.org.evil.example/r4/Observation", None),
        ("https://fhir.example.org@evil.example/r4/Observation", None),
        ("https://user:pw@fhir.example.org/r4/Observation", None),
        ("http://fhir.example.org/r4/Observation", None),
        ("https://fhir.example.org:8443/r4/Observation", None),
        ("https://fhir.example.org/admin", None),
        ("https://fhir.example.org/r4x/Observation", None),
        ("https://fhir.example.org/r4/../admin", None),
        ("https://fhir.example.org/r4/%2e%2e/admin", None),
        ("https://fhir.example.org/r4/..%2fadmin", None),
        ("../../admin", None),
        ("https://fhir.example.org\\.evil.example/r4/Observation", None),
        ("https://fhir.example.org/r4/Obs\r\nX: y", None),
        ("file:///etc/passwd", None),
        ("http://169.254.169.254/latest/meta-data", None),
        ("https://fhir.example.org:port/r4/Observation", None),
        ("https://[::1/r4", None),
    ],
)
def test_a_next_link_is_followed_only_below_the_same_base(link: str, followed: str | None) -> None:
    assert next_url(BASE, f"{BASE}/Observation?patient=1", link) == followed


@given(st.text(max_size=60))
def test_no_link_whatever_leads_off_the_base(link: str) -> None:
    found = next_url(BASE, f"{BASE}/Observation?patient=1", link)
    assert found is None or found == BASE or found.startswith((f"{BASE}/", f"{BASE}?"))


@pytest.mark.parametrize(
    ("url", "accepted"),
    [
        ("Patient/1", True),
        ("Observation?patient=1&code=http://loinc.org|1", True),
        ("Patient/a%2Fb", True),
        ("https://evil.example/Patient/1", False),
        ("//evil.example/Patient/1", False),
        ("/Patient/1", False),
        ("Patient/..", False),
        ("Patient/%2e%2e", False),
        ("Patient/a%2F..%2Fb", False),
        ("../Patient/1", False),
        ("Patient/1#x", False),
        ("Patient/1\r\nX: y", False),
        ("Patient\\1", False),
        ("Patient/1/$everything", False),
        ("metadata", False),
        ("", False),
    ],
)
def test_only_a_read_or_a_type_search_is_sent(url: str, accepted: bool) -> None:
    assert is_relative_read(url) is accepted
