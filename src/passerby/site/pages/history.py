"""The page of other days: a day, a week or a month beside the one before, and the hours of the week."""

import asyncio
from datetime import date
from html import escape
from urllib.parse import urlencode

from nicegui import ui
from nicegui.events import GenericEventArguments
from pydantic import ValidationError

from passerby.errors import StoreError
from passerby.records.page.figures import Figures
from passerby.records.page.frame import problem
from passerby.records.page.parts import Choice, Drawing, Text, element, heading
from passerby.records.page.words import Sentence, Tone
from passerby.site.figures import Settings
from passerby.site.history import HistoryReport, Period, Series, Span, series_of
from passerby.site.history.asking import PATH, HistoryQuestion
from passerby.site.history.calendar import day_of
from passerby.site.pages import history_words as words
from passerby.site.pages.frame import nothing_drawn
from passerby.site.pages.history_chart import draw, draw_week
from passerby.site.pages.site import Asked, Section, Site, View

_SPANS = {Span.DAY: "Day", Span.WEEK: "Week", Span.MONTH: "Month"}
_IN_ADDRESS = ("period", "date", "camera", "subject", "measure")


async def build(site: Site, _view: View, asked: Asked) -> list[Section]:
    """Builds the page."""
    if not series_of(site.settings):
        nothing_drawn(site, asked)
        return []
    page = _History(site, asked)

    async def update(view: View) -> None:
        await page.look(view.today.figures)

    return [update]


def question(settings: Settings, parameters: dict[str, str]) -> tuple[HistoryQuestion, str]:
    """What an address asks for, and what was wrong with it: that is answered by what is asked for first."""
    try:
        asked = HistoryQuestion.model_validate({name: one for name, one in parameters.items() if name in _IN_ADDRESS})
        asked.when(settings)
        asked.which(settings)
    except ValidationError as error:
        first = error.errors()[0]
        return HistoryQuestion(), f"the address asks for a {first['loc'][0]} that is none; this is today."
    except ValueError as error:
        return HistoryQuestion(), f"{error}."
    return asked, ""


def address(period: Period, series: Series, path: str = "/history", **more: str) -> str:
    """The address of a period and a measure, for bookmarks and for the spreadsheet."""
    place = {"camera": series.camera, "subject": series.subject} if series.camera and series.subject else {}
    told = {"period": period.span.value, "date": period.first.isoformat(), **place, "measure": series.measure.label}
    return f"{path}?{urlencode({**told, **more})}"


class _History:
    """The page of one reader: what was chosen, and what is shown of it."""

    def __init__(self, site: Site, asked: Asked) -> None:
        self._site, self._zone = site, site.settings.zone
        self._known = series_of(site.settings)
        found, wrong = question(site.settings, asked.parameters)
        self._period, self._series = found.when(site.settings), found.which(site.settings)
        self._of: Figures | None = None
        if wrong:
            Text("p", "pb-alarm").tell(problem(wrong))
        self._way = ui.html(sanitize=False).classes("pb-way")
        with element("div", "pb-choices"):
            self._places, self._measures = Choice("Place", self._choose_place), Choice("Measure", self._choose_measure)
            with element("label"):
                Text().say("Go to")
                self._date = (
                    ui.element("input")
                    .props("type=date")
                    .on("change", self._choose_day, js_handler="(e) => emit(e.target.value)")
                )
        self._trouble = Text("p", "pb-alarm")
        self._build_cards()
        self._offer()

    def _build_cards(self) -> None:
        with element("article", "pb-card") as card:
            card.props["data-history"] = "course"
            self._title = heading(2, "")
            with element("div", "pb-head pb-figure"):
                self._total, self._seen = Text("p", "pb-number in"), Text("p", "pill")
            self._comparison, self._before = Text("p", "pb-compared"), Text("p", "soft")
            self._drawing = Drawing("pb-chart pb-tall")
            self._star = Text("p", "soft")
            self._csv = ui.html(sanitize=False)
        with element("article", "pb-card") as card:
            card.props["data-history"] = "weekdays"
            heading(2, "By weekday and hour")
            self._week = Text("p", "soft")
            self._week_drawing = Drawing("pb-chart pb-week")
            self._week_csv = ui.html(sanitize=False)

    async def look(self, figures: Figures) -> None:
        """Brings the page up to date: when tallies are new."""
        if figures is not self._of:
            self._of = figures
            await self._show()
        elif self._report:
            self._draw(self._report)

    async def _show(self) -> None:
        asked = (self._series, self._period)
        try:
            report = await asyncio.to_thread(self._site.history.report, *asked)
        except StoreError as error:
            self._trouble.tell(Sentence(f"{error}.", Tone.BAD))
            return
        # The reader may have chosen something else meanwhile; that choice shows itself.
        if asked == (self._series, self._period):
            self._trouble.say("")
            self._report = report
            self._say(report)
            self._draw(report)

    _report: HistoryReport | None = None

    def _say(self, report: HistoryReport) -> None:
        self._way.set_content(self._links())
        self._title.set_text(words.title(report.series))
        self._total.say(words.value(report.total, report.series))
        self._total.mark(unseen=report.total.value is None)
        self._seen.tell(words.seen(report.total))
        self._comparison.tell(words.comparison(report, self._zone))
        self._before.say(f"Pale: {words.compared(report)[:1].lower()}{words.compared(report)[1:]}")
        self._star.say(words.second_time(report))
        self._week.say(f"{words.week(report)} Empty: not seen.")
        self._csv.set_content(self._spreadsheet("course"))
        self._week_csv.set_content(self._spreadsheet("weekdays"))

    def _draw(self, report: HistoryReport) -> None:
        self._drawing.draw(report.bars, lambda: draw(report, self._zone))
        self._week_drawing.draw(report.cells, lambda: draw_week(report))

    def _spreadsheet(self, table: str) -> str:
        link = escape(address(self._period, self._series, PATH, table=table, format="csv"))
        return f'<a href="{link}">These figures as a spreadsheet (CSV)</a>'

    def _links(self) -> str:
        """Day, week, month; before, after, now: links, so that each can be kept and opened elsewhere."""
        today = day_of(self._site.settings.clock(), self._zone)
        inside = min(max(self._period.first, today), self._period.days[-1])
        spans = "".join(
            f'<a href="{escape(address(Period.of(span, inside), self._series))}"'
            f"{' aria-current=true' if span is self._period.span else ''}>{name}</a>"
            for span, name in _SPANS.items()
        )
        before, after = self._period.preceding(), self._period.following()
        later = (
            f'<a href="{escape(address(after, self._series))}" aria-label="Later: {words.period(after)}">\u2192</a>'
            if after.first <= today
            else '<span aria-hidden="true">\u2192</span>'
        )
        return (
            f'<div class="pb-spans" role="group" aria-label="Period">{spans}</div>'
            f'<div class="pb-steps"><a href="{escape(address(before, self._series))}" '
            f'aria-label="Earlier: {words.period(before)}">\u2190</a>'
            f"<strong>{words.period(self._period)}</strong>{later}</div>"
        )

    # What the reader chooses

    def _offer(self) -> None:
        here = words.place(self._series)
        self._places.offer(list(dict.fromkeys(map(words.place, self._at_all()))), here)
        of_place = [one for one in self._known if (one.camera, one.subject) == self._where]
        self._measures.offer([words.NAMES[one.measure] for one in of_place], words.NAMES[self._series.measure])
        self._date.props["value"] = self._period.first.isoformat()

    @property
    def _where(self) -> tuple[str | None, str | None]:
        return self._series.camera, self._series.subject

    def _at_all(self) -> list[Series]:
        """One series of each place, the first."""
        return list({(one.camera, one.subject): one for one in reversed(self._known)}.values())[::-1]

    async def _choose_place(self, event: GenericEventArguments) -> None:
        for one in self._at_all():
            if words.place(one) == event.args:
                same = (other for other in self._known if (other.camera, other.subject) == (one.camera, one.subject))
                wanted = self._series.measure
                await self._choose(next((other for other in same if other.measure is wanted), one), self._period)
                return

    async def _choose_measure(self, event: GenericEventArguments) -> None:
        for one in self._known:
            if (one.camera, one.subject) == self._where and words.NAMES[one.measure] == event.args:
                await self._choose(one, self._period)
                return

    async def _choose_day(self, event: GenericEventArguments) -> None:
        try:
            day = date.fromisoformat(str(event.args))
            period = HistoryQuestion(period=self._period.span, date=day).when(self._site.settings)
        except ValueError:
            return  # half a date, while it is being written
        await self._choose(self._series, period)

    async def _choose(self, series: Series, period: Period) -> None:
        self._series, self._period = series, period
        self._offer()
        ui.navigate.history.replace(address(period, series))
        await self._show()
