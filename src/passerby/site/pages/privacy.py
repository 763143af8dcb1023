"""The page of privacy: what leaves this machine and the rooms with the pictures, what is kept, and who changed what."""

import asyncio
import math
import time

from nicegui import ui

from passerby.errors import StoreError
from passerby.records.access import Account, account_of
from passerby.records.page.chart import html_table
from passerby.records.page.parts import Text, element, heading
from passerby.records.page.words import Sentence, Tone
from passerby.site import page_words
from passerby.site.journal import Journal
from passerby.site.pages import privacy_words as words
from passerby.site.pages.site import Asked, Section, Site, View
from passerby.site.sent import Door
from passerby.site.store import DAY_S

_FOR_PROGRAMS = (
    '<p class="soft">For programs: <a href="/api/v1/tallies?format=csv">today as a spreadsheet (CSV)</a>, '
    '<a href="/api/v1/tallies">JSON</a>, <a href="/metrics">Prometheus</a></p>'
)
_LOG_DAYS = 35
_MOST_ENTRIES = 100
_READ_EVERY_S = 5.0


async def build(site: Site, view: View, asked: Asked) -> list[Section]:
    """Builds the page."""
    sections: list[Section] = []
    with element("div", "pb-two"):
        with element("article", "pb-card"):
            sections.append(_leaves(site))
        with element("article", "pb-card"):
            sections.append(_rooms(site, len(view.state.lockdown)))
        with element("article", "pb-card"):
            _kept()
        with element("article", "pb-card"):
            _claims()
    if site.extras.journal:
        sections.append(_log(site, site.extras.journal, account_of(asked.request)))
    return sections


def _row(name: str) -> tuple[Text, Text]:
    with element("div", "pb-row"), element("div", "what"):
        heading(3, name)
        return Text("p"), Text("p", "soft")


def _leaves(site: Site) -> Section:
    heading(2, "What leaves this machine")
    settings, outlets = site.settings, site.extras.outlets
    Text("p").say(words.who_asks(settings) if outlets else words.nothing_by_itself(settings))
    Text("p", "soft").say(settings.reach)
    told = [(outlet, _row(outlet.name)) for outlet in outlets]
    served = {door: _row(door.value)[0] for door in Door}
    ui.html(_FOR_PROGRAMS, sanitize=False)

    async def update(_: View) -> None:
        for outlet, (what, state) in told:
            what.say(outlet.told)
            state.say(outlet.state())
        for door, sent in site.meter.sent().items():
            served[door].say(words.sent(sent, settings.zone))

    return update


def _rooms(site: Site, workers: int) -> Section:
    heading(2, "Where the pictures stay")
    intro = "Video is counted in a room without network and without disk. Only numbers come out."
    Text("p").say(intro)
    rows = []
    for _ in range(workers):
        with element("div", "pb-row"), element("div", "what"):
            rows.append((Text("h3"), Text("p", "soft"), Text("p", "pill")))
    setup = Text("p", "soft")
    Text("p", "soft").say(words.bound(site.settings))

    async def update(view: View) -> None:
        seconds = time.time() - site.meter.since_unix_s
        for (name, told, lock), worker in zip(rows, view.state.lockdown, strict=False):
            name.say(worker.worker.capitalize())
            told.say(words.bytes_out(worker, seconds))
            lock.tell(page_words.lock(worker, unsafe=view.state.unsafe))
        setup.say(words.setup_bytes(site.extras.setup_bytes()))

    return update


def _kept() -> None:
    heading(2, "What is kept")
    with element("dl", "pb-kept"):
        for name, value in words.KEPT.items():
            with element("div"):
                Text("dt").say(name)
                Text("dd").say(value)


def _claims() -> None:
    heading(2, "Check it")
    Text("p").say("Each promise has its code, its test, and what it does not cover:")
    items = "".join(
        f'<li><a href="{words.claim_link(name)}" rel="noreferrer">{said}</a></li>'
        for name, said in words.CLAIMS.items()
    )
    ui.html(items, sanitize=False, tag="ul").classes("pb-claims")


def _log(site: Site, journal: Journal, account: Account | None) -> Section:
    heading(2, "What was changed, and set-up mode").classes("pb-apart")
    with element("div", "pb-card pb-log"):
        problem, nothing = Text("p", "pill"), Text("p", "soft")
        table = ui.html(sanitize=False).props("tabindex=0")
    read_s, shown = -math.inf, ""

    async def update(_: View) -> None:
        nonlocal read_s, shown
        if time.monotonic() - read_s < _READ_EVERY_S:
            return
        read_s = time.monotonic()
        try:
            entries = await asyncio.to_thread(journal.since, time.time() - _LOG_DAYS * DAY_S)
        except StoreError as error:
            problem.tell(Sentence(str(error), Tone.BAD))
            return
        problem.tell(Sentence("", Tone.BAD))
        seen = [entry for entry in entries if words.is_for(entry, account)][:_MOST_ENTRIES]
        rows = [words.row(entry, account, site.settings.zone) for entry in seen]
        nothing.say("" if rows else f"Nothing in the last {_LOG_DAYS} days.")
        head = ["When", "What", "Detail", *(["Who"] if words.is_admin(account) else [])]
        made = html_table(f"The last {_LOG_DAYS} days, the newest first", head, rows) if rows else ""
        if made != shown:
            shown = made
            table.set_content(made)

    return update
