"""The cards of masks: the whole site, and each place that asks."""

from collections.abc import Iterable
from datetime import tzinfo

from passerby.records.page.parts import Drawing, Text, element, heading
from passerby.site.pages import masks_words as words
from passerby.site.pages.masks_chart import draw
from passerby.site.reports import MaskReport, MaskSeries

_WHOLE_SITE = "Whole site"


class MaskCard:
    """The share of people with a mask today, and its course over the day."""

    def __init__(self, name: str, camera: str | None, zone: tzinfo | None) -> None:
        self._zone, self._name = zone, name
        with element("article", "pb-card pb-line") as card:
            card.props["data-masks"] = f"{camera}/{name}" if camera else "site"
            with element("div"):
                with element("div", "pb-head"):
                    heading(3, name)
                    Text(classes="soft").say(f"camera {camera}" if camera else "")
                with element("dl", "pb-big pb-inside") as self._big, element("div", "in"):
                    Text("dt").say("Wear a mask, today")
                    with element("dd"):
                        self._share, self._between = Text(), Text(classes="between")
                self._withheld = Text("p", "pill")
                self._judged, self._wrongly = Text("p", "pb-judged"), Text("p", "soft")
                with element("div", "pb-last") as self._second:
                    self._corrected = Text("p")
                self._purpose = Text("p", "soft pb-why")
            with element("div"):
                self._drawing = Drawing()

    def update(self, series: MaskSeries, minimum_judged: int) -> None:
        """Brings the card up to date."""
        told = series.sum
        self._big.set_visibility(not told.withheld)
        self._share.say(words.share(told))
        self._between.say(words.between(told))
        self._withheld.tell(words.withheld(told, minimum_judged))
        self._judged.say(words.judged(told))
        self._wrongly.say(words.worn_wrongly(told))
        self._second.set_visibility(told.corrected is not None)
        self._corrected.say(words.corrected(told.corrected))
        self._purpose.say(words.purpose(series.purpose) if series.purpose else "")
        self._drawing.draw(series.windows, lambda: draw(series, self._name, self._zone))


class Masks:
    """All cards of masks, and what is not done.

    Args:
        report: of now; which places it tells of does not change while the site runs.
        purposes: why masks are asked for, where no card of a place can say it.
        zone: the site's.
    """

    def __init__(self, report: MaskReport, purposes: Iterable[str], zone: tzinfo | None) -> None:
        Text("p", "pb-said").say(words.ANONYMOUS)
        self._why_two = Text("p", "pb-said")
        if not report.places:
            for purpose in dict.fromkeys(purposes):
                Text("p", "pb-said").say(words.purpose(purpose))
        # A single place is the whole site.
        self._site = MaskCard(_WHOLE_SITE, None, zone) if len(report.places) != 1 else None
        self._cards = {(one.camera, one.place): MaskCard(one.place or "", one.camera, zone) for one in report.places}

    def update(self, report: MaskReport) -> None:
        """Brings all cards up to date."""
        has_two = any(one.sum.corrected for one in (report.site, *report.places))
        self._why_two.say(words.TWO_SHARES if has_two else "")
        if self._site:
            self._site.update(report.site, report.minimum_judged)
        for series in report.places:
            card = self._cards.get((series.camera, series.place))
            if card:
                card.update(series, report.minimum_judged)
