"""The page of shelves: what is empty, how available each aisle was today, and the plan of each shelf."""

import asyncio
from datetime import tzinfo
from html import escape

from nicegui import ui
from nicegui.events import GenericEventArguments

from passerby.records.page.chart import html_table
from passerby.records.page.parts import Block, Choice, Drawing, Facts, Text, element, heading, listed, told, written
from passerby.site.pages import shelves_words as words
from passerby.site.pages.frame import SHELVES
from passerby.site.pages.shelves_chart import draw
from passerby.site.pages.shelves_plan import legend, plan
from passerby.site.pages.site import Asked, Section, Site, View
from passerby.site.reports.shelves import Course, Restock, ShelfReport, ShelvesReport
from passerby.site.shelf_desk import ShelfDesk

_MOST_GAPS = 50
_ALL = "All shelves"


async def build(site: Site, _view: View, _asked: Asked) -> list[Section]:
    """Builds the page. It is in the navigation only where the configuration has shelves."""
    desk, zone = site.shelves, site.settings.zone
    assert desk
    report = await asyncio.to_thread(desk.today)
    whole = _Whole()
    heading(2, "Empty now, the longest first")
    gaps = Block("div", "pb-card pb-rows pb-gaps")
    heading(2, "Availability today")
    course = _Course(report, zone)
    rows = Block("div", "pb-card pb-rows pb-aisles")
    heading(2, "Plans")
    ui.html(legend(), sanitize=False).classes("pb-legend")
    cards = [_Shelf(one, zone) for one in report.shelves]

    async def update(_: View) -> None:
        now = await asyncio.to_thread(desk.today)
        whole.update(now)
        gaps.write(_gaps(now, zone))
        course.update(now)
        rows.write("".join(_row(*one) for one in _courses(now)[1:]))
        for card, shelf in zip(cards, now.shelves, strict=True):
            card.update(shelf)

    return [update]


def tile(desk: ShelfDesk) -> Section:
    """What the first page tells of shelves."""
    heading(2, SHELVES.title)
    with element("div", "pb-tiles"):
        block = Block("article", "pb-card pb-tile", **{"data-shelves": "site"})

    async def update(_: View) -> None:
        report = await asyncio.to_thread(desk.today)
        first = f'<h3><a href="{SHELVES.path}">{escape(words.tile(report))}</a></h3>'
        longest = written("p", words.gap(report.open_gaps[0])) if report.open_gaps else ""
        today = f"Available today {words.share(report.sum)}" if report.sum.seen_s else ""
        rest = "".join(written("p", text, "soft") for text in (today, words.hidden(report)))
        block.write(first + longest + rest + told("p", words.seen(report.sum)))

    return update


class _Whole:
    """All shelves together."""

    def __init__(self) -> None:
        with element("article", "pb-card pb-next") as card:
            card.props["data-shelves"] = "site"
            with element("p", "pb-number in") as self._number:
                self._empty, self._of = Text(), Text(classes="between")
            self._nothing = Text("p", "pb-number unseen")
            self._hidden = Text("p", "soft")
            self._facts = Facts()
            self._seen = Text("p", "pill")

    def update(self, report: ShelvesReport) -> None:
        """Brings it up to date."""
        known = words.is_known(report)
        self._number.set_visibility(known)
        self._empty.say(str(report.empty))
        self._of.say(words.counted(report.empty, len(report.facings)))
        self._nothing.say("" if known else "Nothing seen yet")
        self._hidden.say(words.hidden(report))
        self._facts.update(_facts(report.sum.seen_s, words.share(report.sum), Restock.of(report.gaps)))
        self._seen.tell(words.seen(report.sum))


class _Course:
    """The day's course of all shelves, or of the aisle that the reader chose."""

    def __init__(self, report: ShelvesReport, zone: tzinfo | None) -> None:
        self._report, self._zone, self._chosen = report, zone, _ALL
        with element("article", "pb-card") as card:
            card.props["data-shelves"] = "course"
            with element("div", "pb-choices"):
                choice = Choice("Of", self._choose)
            self._drawing = Drawing()
        choice.offer([name for name, *_ in _courses(report)], _ALL)

    def update(self, report: ShelvesReport) -> None:
        """Brings it up to date."""
        self._report = report
        hours = {name: course.hours for name, course in _courses(report)}.get(self._chosen, {})
        self._drawing.draw((self._chosen, hours), lambda: draw(self._chosen, hours, self._zone))

    async def _choose(self, event: GenericEventArguments) -> None:
        self._chosen = str(event.args)
        self.update(self._report)


class _Shelf:
    """A shelf: its plan, why nothing is told of it, and its facings as a table."""

    def __init__(self, shelf: ShelfReport, zone: tzinfo | None) -> None:
        self._zone = zone
        of = shelf.shelf
        with element("article", "pb-card pb-shelf") as card:
            card.props["data-shelf"] = f"{of.camera}/{of.shelf}"
            where = [*([of.aisle] if of.aisle else []), f"camera {of.camera}"]
            head = written("h3", of.shelf) + written("span", ", ".join(where), "soft")
            ui.html(head, sanitize=False).classes("pb-head")
            self._said = Block("div", "pb-shelf-said")
            self._plan = Block("div", "pb-plan", tabindex="0", role="group", **{"aria-label": f"Plan of {of.shelf}"})
            with element("details"):
                Text("summary").say("Show as a table")
                self._table = Block("div", "pb-facings", tabindex="0")

    def update(self, shelf: ShelfReport) -> None:
        """Brings it up to date."""
        trouble = words.trouble(shelf)
        facts = {} if trouble.text else {"Empty now": words.empty_now(shelf, of_all=False)}
        self._said.write(told("p", trouble) + listed(facts | _available(shelf.sum.seen_s, words.share(shelf.sum))))
        self._plan.write(plan(shelf))
        rows = [words.facing_row(one, self._zone) for one in shelf.facings]
        self._table.write(html_table(f"Facings of {shelf.shelf.shelf}", words.FACING_HEAD, rows))


def _courses(report: ShelvesReport) -> list[tuple[str, Course]]:
    """All shelves, each aisle, and each shelf that belongs to none, with their names."""
    alone = [one for one in report.shelves if one.shelf.aisle is None]
    return [(_ALL, report), *((one.aisle, one) for one in report.aisles), *((one.shelf.shelf, one) for one in alone)]


def _gaps(report: ShelvesReport, zone: tzinfo | None) -> str:
    """What is empty, as HTML."""
    found = report.open_gaps
    if not found:
        nothing = words.NO_GAPS if words.is_known(report) else "Nothing is seen of the shelves yet."
        return written("p", nothing) + (written("p", words.hidden(report), "soft") if words.is_known(report) else "")
    rows = "".join(
        f'<div class="pb-row"><div class="what">{written("p", words.gap(one))}'
        f"{written('p', words.gap_note(one, zone), 'soft')}</div></div>"
        for one in found[:_MOST_GAPS]
    )
    more = len(found) - _MOST_GAPS
    return rows + (written("p", f"And {more} more; all are in /api/v1/shelves.", "soft") if more > 0 else "")


def _row(name: str, course: Course) -> str:
    """An aisle in the list, as HTML."""
    facts = {"Empty now": words.empty_now(course)}
    facts |= _facts(course.sum.seen_s, words.share(course.sum), Restock.of(course.gaps))
    what = f'<div class="what">{written("h3", name)}</div>'
    return f'<div class="pb-row">{what}{listed(facts)}{told("p", words.seen(course.sum))}</div>'


def _facts(seen_s: float, share: str, restock: Restock) -> dict[str, str]:
    return _available(seen_s, share) | (words.restock(restock) if seen_s else {})


def _available(seen_s: float, share: str) -> dict[str, str]:
    return {"Available today": share} if seen_s else {}
