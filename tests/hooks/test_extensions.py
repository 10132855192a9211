"""Names in extension objects: bare by default, under a site's reverse domain name where it says so."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from cds_service.hooks.extensions import BARE, ExtensionNames


def test_without_a_namespace_the_names_are_bare() -> None:
    assert ExtensionNames.within("") == BARE
    assert astuple(BARE) == (
        *("knowledgeVersion", "identity", "message", "evidence", "heldBack"),
        *("notUnderstood", "more", "topics", "sources", "unconfirmed", "language", "ledger"),
    )


@pytest.mark.parametrize(
    "namespace", ["org.example", "org.example.hospital", "uk.nhs.st-marys", "xn--p1ai.xn--80ak", "io.7bridges"]
)
def test_under_a_namespace_every_name_begins_with_it(namespace: str) -> None:
    names = ExtensionNames.within(namespace)
    assert astuple(names) == tuple(f"{namespace}.{name}" for name in astuple(BARE))


@pytest.mark.parametrize(
    "namespace",
    [
        "hospital",
        "org.",
        ".org.example",
        "org..example",
        "Org.Example",
        "org.example hospital",
        "org.example/hospital",
        "https://example.org",
        "org.-example",
        "org.example-",
        "org.ex_ample",
        "org.klinik-süd",
        "7.example",
        "org.example\n",
        "org." + "a" * 64,
        "org." + "a." * 130 + "b",
    ],
)
def test_what_is_no_reverse_domain_name_is_refused(namespace: str) -> None:
    with pytest.raises(ValueError, match=r"is no reverse domain name: .* such as org\.example\.hospital"):
        ExtensionNames.within(namespace)


def test_a_domain_name_written_forwards_is_turned_round() -> None:
    with pytest.raises(ValueError, match=r"written forwards; backwards it is org\.example\.hospital"):
        ExtensionNames.within("hospital.example.org")
