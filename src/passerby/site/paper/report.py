"""A report as one page of A4: what the template shows, in the words of a language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from passerby.core.dwell import DwellSummary
from passerby.records.page.figures import Figure
from passerby.site.paper.figures import Door, Inside, MaskPart, ReportFigures, ZonePart
from passerby.site.paper.periods import midnight_of
from passerby.site.paper.shapes import Language
from passerby.site.paper.texts import Texts
from passerby.site.paper.typesetting import pdf
from passerby.site.reports import Stays

_MOST_DOORS, _MOST_PLACES, _MOST_ZONES, _MOST_MASKS, _MOST_AISLES, _MOST_CAMERAS = 10, 4, 6, 4, 6, 12
_MOST_LABELLED = 10_000
"""Bars of more people have no numbers above them: these would not fit."""
_DASH = "\u2013"
Row = list[str]


@dataclass(frozen=True, slots=True)
class Head:
    """What a report says about itself.

    Attributes:
        site: name of the venue.
        language: of the report.
        zone: of the venue; None for the machine's.
    """

    site: str
    language: Language
    zone: tzinfo | None


def title(figures: ReportFigures, head: Head) -> str:
    """The report's title: what it is and of when."""
    texts = Texts(head.language)
    return f"{texts(f'report_{figures.period.span}')}: {_when(figures, texts)}"


def report(figures: ReportFigures, head: Head) -> bytes:
    """The page as a PDF; the same for the same figures."""
    return pdf("report", _Page(figures, head).data(), figures.until_unix_s)


def _when(figures: ReportFigures, texts: Texts) -> str:
    days = figures.period.days
    if len(days) == 1:
        return texts.date(days[0])
    week = days[0].isocalendar().week
    return texts("week_of", week=week, first=texts.date(days[0]), last=texts.date(days[-1]))


class _Page:
    """Turns figures into the strings of one page."""

    def __init__(self, figures: ReportFigures, head: Head) -> None:
        self._figures, self._head = figures, head
        self._t = Texts(head.language)

    def data(self) -> dict[str, Any]:
        figures, t = self._figures, self._t
        until = "" if figures.over else t("until_now", time=t.clock(figures.until_unix_s, self._head.zone))
        tables = [self._doors(), self._inside(), self._zones(), self._masks(), self._aisles(), self._cameras()]
        return {
            "language": self._head.language,
            "site": self._head.site,
            "title": t(f"report_{figures.period.span}"),
            "when": _when(figures, t),
            "until": until,
            "figures": self._big(),
            "chart": self._chart(),
            "tables": [table for table in tables if table["rows"]],
            "locked": "" if figures.unsafe or not figures.counted else t("locked"),
            "warnings": self._warnings(),
            "notes": [t("estimates"), t("promise")],
        }

    def _warnings(self) -> Row:
        figures, t = self._figures, self._t
        return [
            *([t("not_locked")] if figures.unsafe else []),
            *([] if figures.counted else [t("nothing")]),
            *([t("site_only")] if figures.site_only else []),
        ]

    def _big(self) -> list[dict[str, str]]:
        figures, t = self._figures, self._t
        found = []
        if figures.doors:
            before = t("before", value=self._count(figures.before))
            found.append(_big(t("visitors_in"), self._count(figures.entered), self._seen(figures.entered), note=before))
            found.append(_big(t("visitors_out"), self._count(figures.left), self._seen(figures.left)))
        inside = max(figures.inside, key=lambda one: (one.most.people or 0) if one.most else -1, default=None)
        if inside:
            where = f"{self._moment(inside)}, {inside.place}" if inside.most else inside.place
            found.append(_big(t("most_inside"), self._people(inside), self._covered(inside.coverage), where))
        if figures.masks:
            part = figures.masks[0]
            where = part.place or t("whole_site")
            if part.share.withheld:
                withheld = t("withheld", minimum=figures.minimum_judged)
                found.append(_big(t("masks"), _DASH, withheld, where))
            else:
                found.append(_big(t("masks"), t.percent(part.share.share), self._interval(part), where))
        return found

    def _chart(self) -> dict[str, Any] | None:
        steps, t = self._figures.steps, self._t
        if not steps:
            return None
        most = max([1.0, *(figure.total for step in steps for figure in (step.entered, step.before))])
        return {
            "title": t(f"chart_{self._figures.period.span}"),
            "now": t("this_period"),
            "before": t("week_before"),
            "unseen": t("not_seen"),
            "most": t.number(most),
            "bars": [
                {
                    "label": str(step.number) if self._figures.period.span == "day" else t(f"short_{step.number + 1}"),
                    "now": step.entered.total / most if step.entered.seen else None,
                    "before": step.before.total / most if step.before.seen else None,
                    "value": t.number(step.entered.total) if step.entered.seen and most < _MOST_LABELLED else "",
                    "over": step.start_unix_s < self._figures.until_unix_s,
                }
                for step in steps
            ],
        }

    def _doors(self) -> dict[str, Any]:
        t, doors = self._t, self._figures.doors
        proved = any(door.proof for door in doors)
        columns = [t("line"), t("camera"), t("in"), t("out"), t("in_before"), t("coverage")]
        rows = [
            [
                door.line,
                door.camera,
                self._count(door.entered),
                self._count(door.left),
                self._count(door.before),
                self._share(door.entered),
                *([self._proof(door)] if proved else []),
            ]
            for door in doors
        ]
        table = self._table(t("doors"), [*columns, *([t("proof")] if proved else [])], rows, _MOST_DOORS)
        return table | {"names": 2, "widths": [2.4, 2, 1, 1, 1.4, 1, *([2.4] if proved else [])]}

    def _proof(self, door: Door) -> str:
        proof, t = door.proof, self._t
        if proof is None:
            return _DASH
        bias, half = (t.number(100 * one, 1) for one in (proof.bias, proof.half_width))
        sign = "+" if round(100 * proof.bias, 1) > 0 else ""
        return f"{sign}{t('percent', value=bias)} ± {t('percent', value=half)}, {proof.day(self._head.zone)}"

    def _inside(self) -> dict[str, Any]:
        t = self._t
        columns = [t("place"), t("most"), t("between"), t("when"), t("limit"), t("coverage")]
        rows = [
            [
                one.place,
                self._people(one),
                self._bounds(one),
                self._moment(one) if one.most else _DASH,
                _DASH if one.crowd_limit is None else t.number(one.crowd_limit),
                t.percent(one.coverage),
            ]
            for one in self._figures.inside
        ]
        return self._table(t("inside"), columns, rows, _MOST_PLACES) | {"widths": [2.4, 1, 1.2, 1.2, 1, 0.9]}

    def _zones(self) -> dict[str, Any]:
        t, zones = self._t, self._figures.zones
        queues = any(one.figures.queue for one in zones)
        columns = [t("zone"), t("camera"), t("on_average"), t("most"), t("stay")]
        columns += [t("wait"), t("gave_up")] if queues else []
        rows = [self._zone_row(one, with_queues=queues) for one in zones]
        table = self._table(t("zones"), [*columns, t("coverage")], rows, _MOST_ZONES)
        return table | {"names": 2, "widths": [2, 1.7, 1, 1.1, 2.2, *([2.2, 1.2] if queues else []), 1]}

    def _zone_row(self, one: ZonePart, *, with_queues: bool) -> Row:
        t, figures = self._t, one.figures
        queue = figures.queue
        mean = t("not_seen") if figures.mean is None else t.number(figures.mean, 1)
        row = [one.zone, one.camera, mean, _DASH if figures.max is None else t.number(figures.max)]
        row.append(self._stays(figures.dwell))
        if with_queues:
            row.append(self._stays(queue.wait if queue else None))
            row.append(t.percent(queue.abandonment_share) if queue and queue.abandonment_share is not None else _DASH)
        return [*row, t.percent(figures.coverage)]

    def _masks(self) -> dict[str, Any]:
        t = self._t
        columns = [t("place"), t("share"), t("between"), t("judged"), t("cannot_tell")]
        rows = []
        for part in self._figures.masks:
            told, where = part.share, part.place or t("whole_site")
            share = t("withheld", minimum=self._figures.minimum_judged) if told.withheld else t.percent(told.share)
            interval = _DASH if told.withheld else self._interval(part)
            unknown = _DASH if told.cannot_tell_share is None else t.percent(told.cannot_tell_share)
            rows.append([where, share, interval, t.number(told.judged), unknown])
        return self._table(t("masks"), columns, rows, _MOST_MASKS) | {"widths": [2, 2, 1.2, 1, 1]}

    def _aisles(self) -> dict[str, Any]:
        t = self._t
        rows = [
            [
                one.name,
                t("not_seen") if one.availability is None else t.percent(one.availability),
                t.percent(one.coverage),
            ]
            for one in self._figures.aisles
        ]
        table = self._table(t("shelves"), [t("aisle"), t("on_shelf"), t("coverage")], rows, _MOST_AISLES)
        return table | {"side_by_side": True, "widths": [2, 1.2, 1]}

    def _cameras(self) -> dict[str, Any]:
        t = self._t
        unknown = _DASH if self._figures.site_only else t("camera_unknown")
        rows = [
            [one.camera, unknown if one.coverage is None else t.percent(one.coverage)] for one in self._figures.cameras
        ]
        table = self._table(t("cameras"), [t("camera"), t("coverage")], rows, _MOST_CAMERAS)
        return table | {"side_by_side": True, "widths": [3, 1]}

    def _table(self, name: str, columns: Sequence[str], rows: list[Row], most: int) -> dict[str, Any]:
        """No more rows than the page can hold: the others are in the CSV."""
        left_out = len(rows) - most + 1 if len(rows) > most else 0
        more = self._t("more", count=left_out) if left_out else ""
        shown = rows[: len(rows) - left_out]
        return {"title": name, "columns": list(columns), "rows": shown, "more": more, "side_by_side": False, "names": 1}

    def _count(self, figure: Figure) -> str:
        return self._t.number(figure.total) if figure.seen else self._t("not_seen")

    def _share(self, figure: Figure) -> str:
        return self._t.percent(figure.coverage)

    def _seen(self, figure: Figure) -> str:
        return self._covered(figure.coverage)

    def _covered(self, coverage: float) -> str:
        return self._t("seen", share=self._t.percent(coverage)) if coverage > 0 else self._t("not_seen")

    def _people(self, inside: Inside) -> str:
        return self._t.number(inside.most.people or 0) if inside.most else self._t("not_seen")

    def _bounds(self, inside: Inside) -> str:
        most = inside.most
        if most is None or most.low is None or most.high is None:
            return _DASH
        return f"{self._t.number(most.low)}{_DASH}{self._t.number(most.high)}"

    def _moment(self, inside: Inside) -> str:
        assert inside.most is not None
        moment = inside.most.end_unix_s
        clock = self._t.clock(moment, self._head.zone)
        if self._figures.period.span == "day":
            return clock
        # The day that it belongs to is the one whose midnight came last.
        day = max(step for step in _midnights(self._figures, self._head.zone) if step[0] <= moment)[1]
        return f"{self._t(f'short_{day}')} {clock}"

    def _interval(self, part: MaskPart) -> str:
        share = part.share
        if share.low is None or share.high is None:
            return _DASH
        return f"{self._t.percent(share.low)}{_DASH}{self._t.percent(share.high)}"

    def _stays(self, stays: Stays | None) -> str:
        return self._summary(stays.summary) if stays and stays.summary.visits else _DASH

    def _summary(self, told: DwellSummary) -> str:
        over = self._t("over", value=self._t.duration(told.known_to_s)) if told.known_to_s else _DASH
        median, ninth = (over if one is None else self._t.duration(one) for one in (told.median_s, told.p90_s))
        return f"{median} / {ninth}"


def _big(name: str, value: str, seen: str, where: str = "", note: str = "") -> dict[str, str]:
    return {"name": name, "value": value, "seen": seen, "where": where, "note": note}


def _midnights(figures: ReportFigures, zone: tzinfo | None) -> list[tuple[float, int]]:
    return [(midnight_of(day, zone), day.isoweekday()) for day in figures.period.days]
