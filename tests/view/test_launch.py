"""Launches, good and hostile, against the embedded record over real HTTP."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from secrets import token_urlsafe
from urllib.parse import urlencode, urlsplit

import pytest
import requests
from flask import Request, Response

from cds_service.service.application import LAUNCH, STANDALONE
from cds_service.service.store import Period
from cds_service.view import CALLBACK, Seal
from cds_service.view.session import Cookies, Pending, Session
from tests.view.conftest import CORD, HARD, Service, query_of


def begun(service: Service, patient: str = CORD) -> tuple[requests.Session, str]:
    """A launch up to where the record sends the browser back, and that address."""
    browser = service.browser()
    first = browser.get(service.launch_url(patient), allow_redirects=False, timeout=10)
    assert first.status_code == 303
    back = requests.get(first.headers["Location"], allow_redirects=False, timeout=10).headers["Location"]
    return browser, back


def test_a_launch_opens_the_patient_whose_chart_is_open(service: Service) -> None:
    _, page = service.opened(CORD)
    assert page.status_code == 200
    assert "cord compression? Whole-spine MRI" in page.text
    assert urlsplit(page.url).path.startswith("/view/")
    assert "no-store" in page.headers["Cache-Control"]
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_the_record_is_asked_with_pkce_state_nonce_audience_and_no_more_than_is_read(service: Service) -> None:
    browser = service.browser()
    first = browser.get(service.launch_url(CORD), allow_redirects=False, timeout=10)
    asked = query_of(first.headers["Location"])
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert len(asked["state"]) >= 32 and len(asked["nonce"]) >= 32
    assert asked["aud"] == f"{service.base}/fhir"
    assert asked["redirect_uri"] == service.base + CALLBACK
    scopes = set(asked["scope"].split())
    assert "patient/Observation.rs" in scopes
    assert not any(scope.startswith(("user/", "system/", "patient/*")) for scope in scopes)
    (cookie,) = browser.cookies
    assert cookie.path == CALLBACK
    assert cookie.has_nonstandard_attr("HttpOnly") and cookie.get_nonstandard_attr("SameSite") == "Lax"


@pytest.mark.parametrize(
    ("iss", "status"),
    [
        ("{base}/fhir/", 303),  # the same server
        ("https://evil.example.org/fhir", 403),
        ("{base}/fhir/../evil", 403),
        ("{base}@evil.example.org/fhir", 403),
        ("{base}/FHIR", 403),
        ("", 403),
    ],
)
def test_only_a_registered_record_launches(service: Service, iss: str, status: int) -> None:
    query = urlencode({"iss": iss.format(base=service.base), "launch": "x"})
    answer = requests.get(f"{service.base}{LAUNCH}?{query}", allow_redirects=False, timeout=10)
    assert answer.status_code == status
    assert status == 303 or "evil" not in answer.text


def test_a_callback_is_good_once_and_in_the_browser_that_began_it(service: Service) -> None:
    browser, back = begun(service)
    assert requests.get(back, timeout=10).status_code == 403  # another browser
    pending = browser.cookies.copy()
    assert browser.get(back, timeout=30).status_code == 200
    browser.cookies.update(pending)  # somebody who kept the cookie
    assert browser.get(back, timeout=10).status_code == 403


def test_a_state_of_another_launch_is_refused(service: Service) -> None:
    browser, back = begun(service)
    _, other = begun(service, HARD)
    mixed = back.replace(query_of(back)["state"], query_of(other)["state"])
    assert browser.get(mixed, timeout=10).status_code == 403


def test_a_code_of_another_launch_opens_nothing(service: Service) -> None:
    browser, back = begun(service)
    _, other = begun(service, HARD)
    mixed = f"{service.base}{CALLBACK}?{urlencode({'code': query_of(other)['code'], 'state': query_of(back)['state']})}"
    answer = browser.get(mixed, timeout=10)
    assert answer.status_code == 400  # PKCE: the verifier is this launch's
    assert not any(cookie.path.startswith("/view/") for cookie in browser.cookies)


def test_nothing_in_an_address_sends_the_browser_elsewhere(service: Service) -> None:
    browser, back = begun(service)
    evil = "https://evil.example.org/"
    answer = browser.get(f"{back}&{urlencode({'redirect_uri': evil, 'next': evil, 'iss': evil})}", timeout=30)
    assert all(urlsplit(hop.url).netloc == urlsplit(service.base).netloc for hop in (*answer.history, answer))
    wrong = {**query_of(browser_location(service)), "redirect_uri": evil}
    refused = requests.get(f"{service.base}/fhir/authorize?{urlencode(wrong)}", allow_redirects=False, timeout=10)
    assert (refused.status_code, "Location" in refused.headers) == (400, False)


def browser_location(service: Service) -> str:
    answer = service.browser().get(service.launch_url(CORD), allow_redirects=False, timeout=10)
    return answer.headers["Location"]


def test_a_record_that_refuses_shows_no_patient_and_none_of_its_words(service: Service) -> None:
    browser, back = begun(service)
    state = query_of(back)["state"]
    refusal = urlencode({"error": "access_denied", "error_description": "<b>call 555</b>", "state": state})
    answer = browser.get(f"{service.base}{CALLBACK}?{refusal}", timeout=10)
    assert answer.status_code == 403
    assert "555" not in answer.text


def test_two_patients_in_two_tabs_never_mix(service: Service) -> None:
    browser, first = service.opened(CORD)
    second = browser.get(service.launch_url(HARD), timeout=30)
    assert first.url != second.url
    again = browser.get(first.url, timeout=30)
    assert _headline(again.text) == _headline(first.text) != _headline(second.text)


def _headline(page: str) -> str:
    return page.split('class="banner"')[1].split("</header>")[0]


def test_a_view_belongs_to_its_browser_and_to_its_time(service: Service) -> None:
    browser, page = service.opened(CORD)
    assert requests.get(page.url, timeout=10).status_code == 401
    (cookie,) = (one for one in browser.cookies if one.name == "view")
    assert cookie.path == urlsplit(page.url).path
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert 3500 < (cookie.expires or 0) - time.time() <= 3600
    assert CORD not in (cookie.value or "")
    for forged in ("", "x", (cookie.value or "")[:-3] + "AAA"):
        answer = requests.get(page.url, cookies={"view": forged}, timeout=10)
        assert answer.status_code == 401


def test_a_launch_cookie_is_no_view_cookie(service: Service) -> None:
    """Each purpose has a key of its own."""
    launches, views = (Seal(purpose, [b"the same secret!"]) for purpose in ("smart launch", "patient view"))
    sealed = launches.seal(Pending("https://ehr.example.org", "s", "n", "v"))
    assert launches.open(sealed, Pending, 60) is not None
    assert views.open(sealed, Pending, 60) is None
    assert launches.open(sealed, Pending, -1) is None
    assert Seal("smart launch", [b"a newer secret!!", b"the same secret!"]).open(sealed, Pending, 60) is not None


@pytest.mark.parametrize(("size", "kept"), [(2000, 1), (4500, 2), (9000, 4), (12000, 0)])
def test_a_long_access_token_takes_several_cookies_and_one_beyond_them_all_is_refused(size: int, kept: int) -> None:
    cookies = Cookies(
        Seal("smart launch", [b"the same secret!"]), Seal("patient view", [b"the same secret!"]), True, 60
    )
    session = Session("https://ehr.example.org", token_urlsafe(size), "", "p1", "", "", "", int(time.time()) + 60)
    response = Response()
    assert cookies.keep(response, session, "/view/a/", framed=True) is (kept > 0)
    set_cookies = response.headers.getlist("Set-Cookie")
    assert len(set_cookies) == kept
    assert all(len(line.partition(";")[0]) < 4096 for line in set_cookies)
    sent = "; ".join(line.partition(";")[0] for line in set_cookies)
    assert cookies.session(Request({"HTTP_COOKIE": sent})) == (session if kept else None)
    assert kept < 2 or cookies.session(Request({"HTTP_COOKIE": sent.partition("; ")[2]})) is None  # a part is lost


def test_standalone_asks_for_the_patient_in_development(service: Service) -> None:
    browser = service.browser()
    chooser = browser.get(service.base + STANDALONE, timeout=10)
    assert "Choose a made-up patient" in chooser.text
    page = browser.get(f"{chooser.url}&patient={HARD}", timeout=30)
    assert page.status_code == 200
    assert urlsplit(page.url).path.startswith("/view/")


def test_the_opener_sees_what_was_on_the_card_and_what_changed(service: Service) -> None:
    hook = requests.get(f"{service.base}/playground/api/requests/{CORD}/metastatic-disease-patient-view", timeout=10)
    answer = requests.post(
        f"{service.base}/cds-services/metastatic-disease-patient-view", json=hook.json(), timeout=10
    ).json()
    card = answer["cards"][0]
    (link,) = (one for one in card["links"] if one["type"] == "smart")
    assert link["url"] == service.base + LAUNCH
    assert link["appContext"] == card["uuid"]
    assert CORD not in link["appContext"]
    _, page = service.opened(CORD, card["uuid"])
    assert "Since the card was shown" in page.text
    assert "Nothing that it rests on has changed" in page.text
    _, other = service.opened(HARD, card["uuid"])  # a card that was shown about somebody else
    assert "Since the card was shown" not in other.text


def test_every_visit_is_on_record_with_who_looked_at_whom_and_what_was_shown(service: Service) -> None:
    since = Period(since=datetime.now(UTC))
    browser, page = service.opened(CORD)
    browser.get(f"{page.url}mdt", timeout=30)
    requests.get(f"{service.base}/smart/launch", {"iss": "https://other.example.org", "launch": "x"}, timeout=30)
    requests.get(page.url, timeout=30)  # without the cookie
    store = service.made.store
    assert store.flush()
    rows = [row for row in store.audit_rows(since) if row.door == "view"]
    assert [(row.service, row.status, row.because) for row in rows] == [
        ("view: launch", 303, ""),
        ("view: log-in", 303, ""),
        ("view: patient", 200, ""),
        ("view: referral", 200, ""),
        ("view: launch", 403, "refused"),
        ("view: patient", 401, "refused"),
    ]
    log_in, look, referral, *refused = rows[1:]
    assert log_in.patient == look.patient == referral.patient != ""
    assert CORD not in look.patient and log_in.user_reference == look.user_reference != ""
    assert "mscc-suspected critical" in look.topics and look.knowledge and not log_in.topics
    assert {(row.patient, row.user_reference) for row in refused} == {("", "")}
