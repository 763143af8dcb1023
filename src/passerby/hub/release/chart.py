"""A chart of a release, as SVG: visitors by day of all that it covers, with the band that holds the truth with 95 %."""

from collections.abc import Sequence
from datetime import date
from html import escape

from passerby.hub.release.figures import Figure
from passerby.hub.release.sheet import Sheet

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM, _RIGHT = 960, 340, 76, 64, 34, 20
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#5a6470}.title{font-size:15px;font-weight:600;fill:#1d2733}"
    ".band{fill:#12a08f;fill-opacity:.25}.mean{fill:none;stroke:#12a08f;stroke-width:2}.dot{fill:#12a08f}"
    ".grid{stroke:#d9dee3}svg{background:#fff}"
)


def chart_of(sheet: Sheet, rows: Sequence[Figure]) -> str | None:
    """The chart of the widest sum that there is by day; None where no day of it is told."""
    days = [row for row in rows if not row.hour]
    level = next((level for level in ("all", "district", "venue") if any(row.level == level for row in days)), "")
    first = next((row for row in days if row.level == level), None)
    if first is None:
        return None
    of = [row for row in days if (row.level, row.district, row.venue) == (level, first.district, first.venue)]
    told = [row for row in of if row.state == "told"]
    if not told:
        return None
    name = first.venue or first.district or f"{len(sheet.venues)} venues"
    title = f"Visitors by day, {name}, {sheet.first} to {sheet.last}"
    return "\n".join(_drawn(title, sheet, of, max(row.high or 0 for row in told)))


def _drawn(title: str, sheet: Sheet, rows: Sequence[Figure], most: int) -> list[str]:
    since, until = (date.fromisoformat(day).toordinal() for day in (sheet.first, sheet.last))
    step = (_WIDTH - _LEFT - _RIGHT) / (until - since + 1)
    top = _round_up(max(1, most))

    def y(value: int) -> float:
        return round(_HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * value / top, 1)

    xs = [round(_LEFT + step * (row.day.toordinal() - since + 0.5), 1) for row in rows]
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f'<text class="title" x="{_LEFT}" y="24">{escape(title)}</text>',
    ]
    for part in range(5):
        value = top * part // 4
        lines.append(f'<path class="grid" d="M{_LEFT} {y(value)}H{_WIDTH - _RIGHT}"/>')
        lines.append(f'<text x="{_LEFT - 8}" y="{y(value) + 4}" text-anchor="end">{value:,}</text>')
    for run in _runs(rows):
        low = [f"{xs[i]},{y(rows[i].low or 0)}" for i in run]
        high = [f"{xs[i]},{y(rows[i].high or 0)}" for i in run]
        mean = [f"{xs[i]},{y(rows[i].visitors or 0)}" for i in run]
        lines.append(f'<polygon class="band" points="{" ".join([*low, *reversed(high)])}"/>')
        lines.append(f'<polyline class="mean" points="{" ".join(mean)}"/>')
        lines += [f'<circle class="dot" r="2.5" cx="{xs[i]}" cy="{y(rows[i].visitors or 0)}"/>' for i in run]
    for day in range(since, until + 1, max(1, (until - since + 1) // 8)):
        x = round(_LEFT + step * (day - since + 0.5), 1)
        lines.append(f'<text x="{x}" y="{_HEIGHT - 12}" text-anchor="middle">{date.fromordinal(day):%d %b}</text>')
    words = f"Noisy counts, epsilon {sheet.epsilon:g} for each venue-day. The band holds the count with 95 %."
    lines.append(f'<text x="{_LEFT}" y="44">{escape(words)}</text>')
    return [*lines, "</svg>", ""]


def _runs(rows: Sequence[Figure]) -> list[list[int]]:
    """Figures that are told, in runs of days that follow each other: a gap stays a gap."""
    runs: list[list[int]] = []
    for i, row in enumerate(rows):
        if row.state != "told":
            continue
        if runs and runs[-1][-1] == i - 1 and row.day.toordinal() == rows[i - 1].day.toordinal() + 1:
            runs[-1].append(i)
        else:
            runs.append([i])
    return runs


def _round_up(value: int) -> int:
    """A round number that is not less: 1, 2, 4 or 8 times a power of ten."""
    unit = int(10 ** (len(str(value)) - 1))
    return next(factor * unit for factor in (1, 2, 4, 8, 16) if factor * unit >= value)
