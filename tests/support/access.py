"""Accounts of a site under test, and clients that have signed in."""

import functools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec

from passerby.records.access.book import FILE_NAME, AccessFile, Person, RoleName
from passerby.records.access.changes import Changes
from passerby.records.access.hashing import hash_password

PASSWORD = "seven small boats at noon"


def access_file(folder: Path, **roles: RoleName) -> AccessFile:
    """A file of accounts, each with `PASSWORD`: `access_file(folder, anna="admin")`."""
    file = AccessFile(folder / FILE_NAME)
    people = tuple(Person(name, role, _kept()) for name, role in roles.items())
    if people:
        file.change(lambda book: msgspec.structs.replace(book, accounts=(*book.accounts, *people)))
    return file


@functools.cache
def _kept() -> str:
    return hash_password(PASSWORD)


def new_token(file: AccessFile, role: RoleName, name: str = "program") -> str:
    """A token: `client.get(url, headers={"Authorization": f"Bearer {token}"})`."""
    return Changes(file, None, "test").add_token(name, role, None)[0]


def client(url: str) -> httpx.Client:
    """A browser, as far as the server can tell: with cookies, and with the word that requests come from its page."""
    return httpx.Client(base_url=url, trust_env=False, headers={"Origin": url.rstrip("/")}, timeout=60)


def send_form(browser: httpx.Client, name: str, password: str = PASSWORD, onward: str = "") -> httpx.Response:
    """Fills the form in, as the page has it."""
    page = browser.get("/sign-in", params={"next": onward} if onward else {})
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    return browser.post("/sign-in", data={**hidden, "name": name, "password": password})


@contextmanager
def signed_in(url: str, name: str) -> Iterator[httpx.Client]:
    """A browser in which somebody has signed in."""
    with client(url) as browser:
        answer = send_form(browser, name)
        assert answer.status_code == 303, answer.text
        yield browser
