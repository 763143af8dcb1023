"""A report as a table: the same figures as on the page, and those that the page has no room for."""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from passerby.records.page.figures import Figure
from passerby.records.tables import Row, as_csv
from passerby.site.paper.figures import AislePart, Door, Inside, MaskPart, ReportFigures, ZonePart
from passerby.site.proof.report import percent
from passerby.site.reports import Stays

COLUMNS = (
    *("period", "since", "until", "camera", "place", "measure", "unit", "value", "low", "high"),
    *("coverage", "week_before", "coverage_week_before", "note"),
)


def report_csv(figures: ReportFigures, zone: tzinfo | None) -> str:
    """The table as CSV. A value that was not seen, or of too few people, is empty; `note` says why."""
    whole = {
        "period": figures.period.name,
        "since": _moment(figures.since_unix_s, zone),
        "until": _moment(figures.until_unix_s, zone),
    }
    note = "counted without the lock-down; do not use" if figures.unsafe else ""
    shared = {**whole, "note": note}
    rows = ({**shared, **{key: one for key, one in row.items() if one != ""}} for row in _rows(figures, zone))
    return as_csv(rows, COLUMNS)


def _rows(figures: ReportFigures, zone: tzinfo | None) -> Iterator[Row]:
    if figures.doors:
        yield _people("entered", figures.entered, figures.before)
        yield _people("left", figures.left)
    for door in figures.doors:
        yield from _door(door, zone)
    for inside in figures.inside:
        yield _most(inside, zone)
    for part in figures.zones:
        yield from _zone(part)
    for mask in figures.masks:
        yield from _mask(mask, figures.minimum_judged)
    for aisle in figures.aisles:
        yield _aisle(aisle)
    for camera in figures.cameras:
        yield {"camera": camera.camera, "measure": "seen", "coverage": _rounded(camera.coverage, 4)}
    yield from _course(figures, zone)


def _door(door: Door, zone: tzinfo | None) -> Iterator[Row]:
    where: Row = {"camera": door.camera, "place": door.line}
    for row in (_people("entered", door.entered, door.before), _people("left", door.left)):
        yield {**row, **where, "note": row["note"] or _proof(door, zone)}


def _proof(door: Door, zone: tzinfo | None) -> str:
    one = door.proof
    return f"proved {one.day(zone)}: {percent(one.bias)} ± {100 * one.half_width:.1f} %" if one else ""


def _most(inside: Inside, zone: tzinfo | None) -> Row:
    most = inside.most
    return {
        "place": inside.place,
        "measure": "most_inside",
        "unit": "people",
        "value": _rounded(most.people if most else None, 1),
        "low": _rounded(most.low if most else None, 1),
        "high": _rounded(most.high if most else None, 1),
        "coverage": _rounded(inside.coverage, 4),
        "note": f"at {_moment(most.end_unix_s, zone)}" if most else "not seen",
    }


def _zone(part: ZonePart) -> Iterator[Row]:
    told = part.figures
    people = (("mean_people", told.mean, "people"), ("most_people", told.max, "people"))
    moved = (("entered", told.entered, "people"), ("left", told.left, "people"))
    limited = (("over_limit", told.over_limit_s, "s"),) if told.over_limit_s is not None else ()
    for measure, value, unit in (*people, *moved, *limited, *_stays("stay", told.dwell), *_queue(part)):
        yield {
            "camera": part.camera,
            "place": part.zone,
            "measure": measure,
            "unit": unit,
            "value": _rounded(value, 3),
            "coverage": _rounded(told.coverage, 4),
            "note": "" if told.observed_s else "not seen",
        }


def _queue(part: ZonePart) -> Iterator[tuple[str, float | None, str]]:
    queue = part.figures.queue
    if queue:
        yield from _stays("wait", queue.wait)
        yield ("served", queue.served, "people")
        yield ("gave_up", queue.gave_up, "people")


def _stays(name: str, stays: Stays | None) -> Iterator[tuple[str, float | None, str]]:
    if stays and stays.summary.visits:
        yield (f"{name}_median", stays.summary.median_s, "s")
        yield (f"{name}_p90", stays.summary.p90_s, "s")


def _mask(part: MaskPart, minimum: int) -> Iterator[Row]:
    share, where = part.share, {"camera": part.camera, "place": part.place}
    note = f"withheld: fewer than {minimum} judged" if share.withheld else ""
    told = {"value": _rounded(share.share, 4), "low": _rounded(share.low, 4), "high": _rounded(share.high, 4)}
    yield {**where, "measure": "masked_share", "unit": "share", **told, "note": note}
    yield {**where, "measure": "judged", "unit": "people", "value": share.judged}
    unknown = _rounded(share.cannot_tell_share, 4)
    yield {**where, "measure": "cannot_tell_share", "unit": "share", "value": unknown}


def _aisle(part: AislePart) -> Row:
    return {
        "place": part.name,
        "measure": "on_shelf_availability",
        "unit": "share",
        "value": _rounded(part.availability, 4),
        "coverage": _rounded(part.coverage, 4),
        "note": "not seen" if part.availability is None else "",
    }


def _course(figures: ReportFigures, zone: tzinfo | None) -> Iterator[Row]:
    ends = [*(step.start_unix_s for step in figures.steps[1:]), figures.until_unix_s]
    for step, end in zip(figures.steps, ends, strict=bool(figures.steps)):
        if step.start_unix_s < figures.until_unix_s:
            span = {
                "since": _moment(step.start_unix_s, zone),
                "until": _moment(min(end, figures.until_unix_s), zone),
            }
            yield {**_people("entered", step.entered, step.before), **span}


def _people(measure: str, figure: Figure, before: Figure | None = None) -> Row:
    row: Row = {
        "measure": measure,
        "unit": "people",
        "value": round(figure.total) if figure.seen else None,
        "coverage": _rounded(figure.coverage, 4),
        "note": "" if figure.seen else "not seen",
    }
    if before is not None:
        row["week_before"] = round(before.total) if before.seen else None
        row["coverage_week_before"] = _rounded(before.coverage, 4)
    return row


def _moment(moment_unix_s: float, zone: tzinfo | None) -> str:
    return datetime.fromtimestamp(moment_unix_s, zone).astimezone(zone).isoformat(timespec="minutes")


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
