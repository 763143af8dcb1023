"""The totals and the list of the first page, as HTML: one element of the page, however many venues there are."""

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from html import escape

from passerby.core.shares import MINIMUM_JUDGED, MaskShare
from passerby.hub.choosing import Choosing, Order
from passerby.hub.overview import Health, Totals, VenueNow
from passerby.hub.pages import now_words as words
from passerby.hub.pages.room import COMPARE, NOW, ROLLOUT
from passerby.records.page.parts import told, written
from passerby.records.page.words import DASH, Sentence, Tone, number

MOST_ROWS = 100
"""A longer list is shown in part at first: a phone has it as quickly as a short one."""
_COLUMNS = (
    ("Venue", Order.NAME),
    ("State", Order.ATTENTION),
    ("Inside now", Order.INSIDE),
    ("Visitors today", Order.VISITORS),
    ("Against the usual", Order.MORE),
    ("Masked share", Order.MASKS),
    ("Shelves empty", Order.SHELVES),
    ("Cameras", Order.CAMERAS),
    ("Last heard", Order.SILENT),
)


def totals(of: Totals, clock_unix_s: float, zone: tzinfo | None) -> str:
    """The figures of all venues together."""
    weekday = f"{datetime.fromtimestamp(clock_unix_s, zone):%A}"
    tiles = [
        tile("Inside now", number(of.people) if of.telling else DASH, words.told_by(of)),
        tile("Visitors today", number(of.came) if of.counting else DASH, words.total_change(of, weekday)),
        tile(
            f'<a href="{ROLLOUT.path}">Venues connected</a>',
            f"{number(of.connected)} <small>of {number(of.venues)}</small>",
            _states(of),
        ),
        tile(
            "Cameras conforming",
            f"{number(of.cameras.conforming)} <small>of {number(max(of.cameras.expected, of.cameras.known))}</small>",
            f"{number(of.cameras.down)} down, {number(of.cameras.failing)} fail a check",
        ),
    ]
    if of.mask_share is not None:
        tiles.append(masks_tile(of.mask_share))
    if of.shelves.facings:
        said = f"of {words.plural(of.shelves.facings, 'facing')} in all"
        tiles.append(tile("Facings empty", number(of.shelves.empty), said))
    return "".join(tiles)


def masks_tile(share: MaskShare) -> str:
    """The masked share, or that it is withheld."""
    if share.low is None or share.high is None:
        note = f"fewer than {MINIMUM_JUDGED} judged"
    else:
        note = f"{words.interval(share.low, share.high)}, of {number(share.judged)} judged"
    return tile(f'<a href="{COMPARE.path}?by=masks">Masked share today</a>', words.masks(share), note)


def tile(title: str, figure: str, note: str) -> str:
    """A figure with its title (HTML) and a note (text)."""
    return (
        f'<article class="pb-card pb-tile"><h2>{title}</h2><p class="pb-number">{figure}</p>'
        f'<p class="soft">{escape(note)}</p></article>'
    )


def _states(of: Totals) -> str:
    said = [f"{number(of.conforming)} conform"]
    said += [f"{number(of.silent)} silent"] if of.silent else []
    said += [f"{number(of.overdue)} overdue"] if of.overdue else []
    return ", ".join(said)


def legend() -> str:
    """What the marks on the map mean."""
    marks = "".join(
        f'<span><span class="pb-mark {health.name.lower()}" aria-hidden="true">{words.MARKS[health]}</span>'
        f"{words.NAMES[health]}</span>"
        for health in Health
    )
    return f"{marks}<span>The larger, the more people are inside.</span>"


def table(shown: Sequence[VenueNow], choosing: Choosing, clock_unix_s: float, *, whole: bool) -> str:
    """The list, in the order that was chosen."""
    if not shown:
        return written("p", "No venue is as was chosen.", "pb-said")
    rows = shown if whole else shown[:MOST_ROWS]
    heads = "".join(_head(title, order, choosing) for title, order in _COLUMNS)
    body = "".join(_row(one, clock_unix_s) for one in rows)
    more = ""
    if len(rows) < len(shown):
        link = escape(choosing.address(NOW.path, rows="all"))
        more = f'<p class="pb-said">The first {len(rows)} are shown. <a href="{link}">Show all {len(shown)}</a></p>'
    caption = "<caption>Venues, with the same figures as on the map</caption>"
    return f'<table class="pb-venues">{caption}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>{more}'


def _head(title: str, order: Order, choosing: Choosing) -> str:
    sorted_ = choosing.sort is order
    direction = "ascending" if order in (Order.NAME, Order.MASKS, Order.SILENT) else "descending"
    link = escape(choosing.address(NOW.path, sort=order.value))
    aria = f' aria-sort="{direction}"' if sorted_ else ""
    return f'<th scope="col"{aria}><a href="{link}">{title}</a></th>'


def _row(now: VenueNow, clock_unix_s: float) -> str:
    venue, told_cameras = now.venue, words.cameras(now.cameras)
    where = " · ".join(filter(None, (venue.district, venue.brand)))
    reason = words.why(now, clock_unix_s) if now.health is not Health.GOOD else ""
    name = (
        f'<th scope="row"><a href="/venue/{escape(venue.slug)}">{escape(venue.name)}</a>'
        f"{written('span', where, 'soft')}</th>"
    )
    change = now.visitors.change
    state = f"{told('span', words.health(now))}{written('span', reason, 'soft')}"
    cells = (
        (_meter(now), "Inside now"),
        (f"{words.came(now.visitors)}{written('span', words.seen(now.visitors), 'soft')}", "Visitors today"),
        (f"{_arrow(change)}{escape(words.change(change)) or DASH}", "Against the usual"),
        (_masks(now), "Masked share"),
        (words.shelves(now), "Shelves empty"),
        (_toned(told_cameras), "Cameras"),
        (escape(words.heard(now, clock_unix_s)), "Last heard"),
    )
    return f'<tr>{name}<td class="state">{state}</td>{_cells(cells)}</tr>'


def _cells(cells: Iterable[tuple[str, str]]) -> str:
    """Cells with the head of their column, which stands beside them where the screen is too narrow for a table."""
    return "".join(f'<td data-head="{head}"{" class=none" if html == DASH else ""}>{html}</td>' for html, head in cells)


def _toned(sentence: Sentence) -> str:
    return escape(sentence.text) if sentence.tone is Tone.CALM else told("span", sentence)


def _arrow(change: float | None) -> str:
    if change is None or words.change(change) == "as usual":
        return ""
    return f'<span aria-hidden="true">{"▲" if change > 0 else "▼"} </span>'


def _masks(now: VenueNow) -> str:
    share = now.mask_share
    if share is None or share.low is None or share.high is None:
        return escape(words.masks(share))
    return f"{escape(words.masks(share))}{written('span', words.interval(share.low, share.high), 'soft')}"


def _meter(now: VenueNow) -> str:
    inside = now.inside
    said = escape(words.inside(inside))
    if inside is None or not inside.limit:
        return said
    share = min(1.0, inside.people / inside.limit)
    over = " over" if inside.over else ""
    return f'{said}<span class="pb-fill{over}" aria-hidden="true"><i style="width:{100 * share:.0f}%"></i></span>'
