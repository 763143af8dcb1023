"""Log-in by a provider: a real one on this machine, a real server of ours, and a browser's way between them."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from passerby.hub.access.openid.flow import BACK, BEGIN
from passerby.records.access.changes import Changes
from tests.support.hub_door import Door, oidc, who
from tests.support.hub_door import door as opened
from tests.support.openid import CLIENT, SECRET, OpenId, providing


@pytest.fixture
def openid() -> Iterator[OpenId]:
    with providing(groups=["staff", "north"], name="Anna Ng") as known:
        yield known


@pytest.fixture
def door(tmp_path: Path, openid: OpenId) -> Iterator[Door]:
    with opened(tmp_path, openid, oidc(openid)) as made:
        yield made


def test_who_has_a_group_is_let_in_with_its_role_and_venues(door: Door) -> None:
    with door.browser() as browser:
        page = browser.get("/sign-in", params={"next": "/venues?a=1"}).text
        assert f'href="{BEGIN}?next=/venues%3Fa%3D1"' in page and f"{door.openid.issuer}/leave" not in page
        answer = door.log_in(browser, "/who")
        assert answer.status_code == 200 and 'content="0;url=/who"' in answer.text
        assert who(browser) == {
            "name": "Anna Ng (log-in)",
            "role": "operator",
            "reach": ["district:North", "venue:7"],
        }
        cookies = answer.headers.get_list("set-cookie")
        assert any("HttpOnly" in one and "SameSite=strict" in one for one in cookies)
        assert door.log()[-1] == ("Anna Ng (log-in)", "signed in", f"by {door.openid.issuer}")
        browser.post("/sign-out", headers={"Origin": door.url.rstrip("/")})
        assert who(browser) is None
        assert f"{door.openid.issuer}/leave" in browser.get("/sign-in").text


def test_only_the_cookie_of_the_way_comes_along_from_another_site(door: Door) -> None:
    with door.browser() as browser:
        cookie = browser.get(BEGIN).headers["set-cookie"]
        assert "SameSite=lax" in cookie and "HttpOnly" in cookie and "Max-Age=600" in cookie


def test_what_is_kept_of_who_logs_in(door: Door) -> None:
    door.openid.claims |= {"email": "anna@example.org", "birthdate": "1980-02-03", "picture": "http://x.example/"}
    with door.browser() as browser:
        door.log_in(browser)
    (guest,) = door.book.read().guests
    assert (guest.key, guest.name, guest.groups) == ("0042", "Anna Ng (log-in)", ("north",))
    text = repr(door.book.read())
    assert "1980" not in text and "anna@" not in text and "staff" not in text


def forged(openid: OpenId) -> None:
    openid.forge()


BAD: dict[str, Callable[[OpenId], object]] = {
    "another nonce": lambda one: one.claims.update(nonce="made up"),
    "no nonce": lambda one: one.claims.update(nonce=None),
    "for another client": lambda one: one.claims.update(aud="another"),
    "for several, and not for us": lambda one: one.claims.update(aud=[CLIENT, "another"], azp="another"),
    "of another issuer": lambda one: one.claims.update(iss="https://login.example"),
    "expired": lambda one: one.claims.update(exp=int(time.time()) - 3600),
    "without an end": lambda one: one.claims.update(exp=None),
    "not valid yet": lambda one: one.claims.update(nbf=int(time.time()) + 3600),
    "forged": forged,
    "not signed": lambda one: setattr(one, "algorithm", "none"),
    "signed with a secret": lambda one: setattr(one, "algorithm", "HS256"),
    "names nobody": lambda one: one.claims.update(sub=""),
    "in no group": lambda one: one.claims.update(groups=["staff"]),
    "without groups": lambda one: one.claims.update(groups=None),
    "a group that begins alike": lambda one: one.claims.update(groups="north-west"),
}


@pytest.mark.parametrize("fault", sorted(BAD))
def test_what_does_not_hold_lets_nobody_in(fault: str, door: Door) -> None:
    BAD[fault](door.openid)
    with door.browser() as browser:
        answer = door.log_in(browser)
        assert answer.status_code == 403 and "You were not let in" in answer.text
        assert who(browser) is None
    assert not door.book.read().guests
    assert door.log()[-1][1] == "sign-in refused"
    assert SECRET not in str(door.log()) and SECRET not in answer.text


def test_what_another_browser_began_is_not_finished(door: Door) -> None:
    with door.browser() as mine, door.browser() as other:
        begun = other.get(BEGIN)
        back = httpx.get(begun.headers["location"], trust_env=False).headers["location"]
        path = back.removeprefix(door.url.rstrip("/"))
        assert mine.get(path).status_code == 403
        mine.get(BEGIN)
        assert mine.get(path).status_code == 403 and who(mine) is None
        state = parse_qs(urlsplit(back).query)["state"][0]
        assert other.get(BACK, params={"code": "made up", "state": state[:-1] + "~"}).status_code == 403
        assert who(other) is None


def test_a_code_is_good_once_and_what_a_stranger_writes_is_not_repeated(door: Door) -> None:
    with door.browser() as browser:
        begun = browser.get(BEGIN)
        back = httpx.get(begun.headers["location"], trust_env=False).headers["location"]
        cookie = dict(browser.cookies)
        path = back.removeprefix(door.url.rstrip("/"))
        assert browser.get(path).status_code == 200
    with httpx.Client(base_url=door.url, cookies=cookie, trust_env=False) as again:
        assert again.get(path).status_code == 403 and who(again) is None
        said = again.get(BACK, params={"error": "no", "error_description": "<b>call me</b>", "state": "x"})
        assert said.status_code == 403 and "call me" not in said.text


def test_who_loses_the_group_loses_the_session_with_the_next_log_in_or_its_end(door: Door) -> None:
    with door.browser() as browser, door.browser() as second:
        door.log_in(browser)
        door.openid.claims["groups"] = ["staff"]
        assert who(browser) is not None
        assert door.log_in(second).status_code == 403
        assert who(browser) is None
        door.openid.claims["groups"] = ["north"]
        door.log_in(browser)
        assert who(browser) is not None
        door.later["s"] = 3601.0
        assert who(browser) is None


def test_another_group_makes_another_account_of_the_open_session(door: Door) -> None:
    with door.browser() as first, door.browser() as second:
        door.log_in(first)
        door.openid.claims["groups"] = ["north", "hub-admins"]
        door.log_in(second)
        assert who(second) == {"name": "Anna Ng (log-in)", "role": "admin", "reach": None}
        assert who(first) is None


def test_who_is_removed_is_out(door: Door) -> None:
    with door.browser() as browser:
        door.log_in(browser)
        Changes(door.book, door.register.log, "test").remove("Anna Ng (log-in)")
        assert who(browser) is None


def test_two_of_one_name_are_two_accounts(door: Door) -> None:
    with door.browser() as first, door.browser() as second:
        door.log_in(first)
        door.openid.claims |= {"sub": "0043", "name": "Anna  Ng (log-in)<b>"}
        door.log_in(second)
        names = [one.name for one in door.book.read().guests]
        assert len(set(names)) == 2 and all(re.fullmatch(r"[\w .,'@+-]+ \(log-in[ 0-9a-f]*\)", one) for one in names)
        assert who(first) != who(second)


def test_new_keys_are_fetched_and_not_as_often_as_strangers_like(door: Door) -> None:
    with door.browser() as browser:
        door.log_in(browser)
        door.openid.rotate()
        door.later["s"] = 11.0
        assert door.log_in(browser).status_code == 200
        assert door.openid.asked == 2
        door.openid.key.as_dict()
        door.openid.published = []
        for _ in range(3):
            door.log_in(browser)
        assert door.openid.asked == 2


def test_a_provider_that_is_away_or_another_is_told_without_its_words(door: Door) -> None:
    door.openid.document = {**door.openid.document, "issuer": "https://other.example"}
    with door.browser() as browser:
        answer = browser.get(BEGIN)
        assert answer.status_code == 502 and "cannot be reached" in answer.text
        good = {**door.openid.document, "issuer": door.openid.issuer}
        door.openid.document = {**good, "jwks_uri": "http://far.example/"}
        door.later["s"] = 11.0
        assert browser.get(BEGIN).status_code == 502
        door.openid.document = good
        assert browser.get(BEGIN).status_code == 502  # it is not asked again as often as strangers like
        door.later["s"] = 22.0
        assert browser.get(BEGIN).status_code == 303


def test_domains_of_addresses_narrow(tmp_path: Path, openid: OpenId) -> None:
    config = oidc(openid, mail_domains=("mall.example",), scopes=("openid", "email"))
    with opened(tmp_path, openid, config) as door, door.browser() as browser:
        assert door.log_in(browser).status_code == 403
        openid.claims |= {"email": "anna@mall.example", "email_verified": False}
        assert door.log_in(browser).status_code == 403
        openid.claims |= {"email": "anna@mall.example.evil.example", "email_verified": True}
        assert door.log_in(browser).status_code == 403
        openid.claims |= {"email": "anna@Mall.example"}
        assert door.log_in(browser).status_code == 200


def test_a_role_whose_venues_are_gone_opens_nothing(tmp_path: Path, openid: OpenId) -> None:
    config = oidc(openid, roles=({"group": "north", "role": "viewer", "venues": ("gone",)},))
    with opened(tmp_path, openid, config) as door, door.browser() as browser:
        door.log_in(browser)
        found = who(browser)
        assert found is not None and found["reach"] == []
