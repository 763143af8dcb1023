"""What a count comes to: as `--json` prints it, and as tables for people."""

from typing import Any

from rich.markup import escape
from rich.table import Table

from passerby.core.masks import AIZOO
from passerby.core.shares import MINIMUM_JUDGED, Estimate, MaskCounts, corrected, wilson
from passerby.core.tallies import HEAT_COLUMNS, HEAT_ROWS, Measure, Tally
from passerby.gate.messages import CameraPlan
from passerby.site.models import ResolvedModel
from passerby.site.reports.zones import zone_figures
from passerby.site.state import CameraState, LockdownState

_BACKGROUND = {"name": "background", "licence": "Apache-2.0", "sha256": "", "note": ""}
_SHADES = " .:-=+*#%@"


def summarise(
    plan: CameraPlan, camera: CameraState, tallies: list[Tally], model: ResolvedModel | None
) -> dict[str, Any]:
    """Counts of one camera: lines, zones, masks and heat where they were asked for, and how much was seen."""
    at = {place.name: [one for one in tallies if one.subject == place.name] for place in plan.places}
    asking = [place.name for place in plan.places if Measure.MASKED in place.measures]
    counted: dict[str, Any] = {
        "source": plan.name,
        "seconds": round(camera.seconds, 3),
        "frames_read": camera.frames_read,
        "frames_analysed": camera.frames_analysed,
        "coverage": round(camera.coverage, 3),
        "lines": {line.name: _line(at[line.name]) for line in plan.lines},
        "zones": {zone.name: _zone(at[zone.name], is_queue=zone.queue is not None) for zone in plan.zones},
    }
    if asking:
        counted["masks"] = {name: _masks(at[name], live=plan.live) for name in asking}
    if plan.heat_minimum is not None:
        counted["heat_map"] = _heat([one for one in tallies if one.measure is Measure.HEAT], plan.heat_minimum)
    return {**counted, "model": _model(model) if plan.view == "level" else _BACKGROUND}


def locked(state: LockdownState) -> dict[str, Any]:
    """The lock-down, as `--json` prints it."""
    return {"landlock_abi": state.landlock_abi, "seccomp": state.seccomp}


def tables(summary: dict[str, Any]) -> list[Table]:
    """The counts for people, a table for each kind of them."""
    found = []
    if summary["lines"] or summary["zones"]:
        found.append(_places_table(summary))
    if summary["zones"]:
        found.append(_stays_table(summary["zones"]))
    if summary.get("masks"):
        found.append(_masks_table(summary["masks"]))
    if summary.get("heat_map"):
        found.append(_heat_table(summary["heat_map"]))
    return found


def _model(model: ResolvedModel | None) -> dict[str, str]:
    if model is None:
        return {}
    return {"name": model.name, "licence": model.licence, "sha256": model.sha256, "note": model.note}


def _line(tallies: list[Tally]) -> dict[str, int]:
    def total(measure: Measure) -> int:
        return round(sum(one.total for one in tallies if one.measure is measure))

    return {"in": total(Measure.CROSSINGS_IN), "out": total(Measure.CROSSINGS_OUT)}


def _zone(tallies: list[Tally], *, is_queue: bool) -> dict[str, Any]:
    figures = zone_figures(tallies, 0.0, is_queue=is_queue)
    told = figures.as_dict()
    del told["observed_s"], told["coverage"]
    return {**told, "mean": round(figures.mean or 0.0, 2), "max": figures.max or 0}


def _masks(tallies: list[Tally], *, live: bool) -> dict[str, int | None]:
    """Answers; of a live camera and too few people None, or a count of a few seconds would tell of who just passed."""
    counts = MaskCounts.of(tallies)
    told = (counts.masked, counts.judged - counts.masked, counts.worn_wrongly)
    withheld = live and counts.judged < MINIMUM_JUDGED
    masked, unmasked, worn_wrongly = (None, None, None) if withheld else told
    return {
        "masked": masked,
        "unmasked": unmasked,
        "worn_wrongly": worn_wrongly,
        "cannot_tell": counts.cannot_tell,
    }


def _heat(tallies: list[Tally], minimum: int) -> dict[str, Any]:
    """Rows of person-seconds from the top of the picture; None where fewer people were, or nobody."""
    seconds: dict[int, float] = {}
    for one in tallies:
        seconds[one.part] = seconds.get(one.part, 0.0) + one.total
    rows = [[seconds.get(row * HEAT_COLUMNS + column) for column in range(HEAT_COLUMNS)] for row in range(HEAT_ROWS)]
    return {"minimum_people": minimum, "person_seconds": rows}


def _table(*columns: str) -> Table:
    table = Table()
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left")
    return table


def _places_table(summary: dict[str, Any]) -> Table:
    table = _table("place", "in", "out", "mean", "max")
    for name, crossings in summary["lines"].items():
        table.add_row(escape(name), str(crossings["in"]), str(crossings["out"]), "", "")
    for name, people in summary["zones"].items():
        table.add_row(escape(name), "", "", f"{people['mean']:.2f}", str(people["max"]))
    return table


def _stays_table(zones: dict[str, Any]) -> Table:
    table = _table("stays in", "entered", "left", "median", "90 %", "lost sight of", "over the limit")
    for name, zone in zones.items():
        if zone["dwell"] is not None:
            stays, over_s = zone["dwell"], zone["over_limit_s"]
            counts = (zone["entered"], zone["left"], *_times(stays), f"{sum(stays['lost'])} of {stays['visits']}")
            table.add_row(escape(name), *map(str, counts), "" if over_s is None else f"{over_s:.0f} s")
        if zone["queue"] is not None:
            queue = zone["queue"]
            outcome = (f"served {queue['served']}", f"gave up {queue['gave_up']}")
            table.add_row(f"{escape(name)}: wait", *outcome, *_times(queue["wait"]), "", "")
    return table


def _times(stays: dict[str, Any]) -> tuple[str, str]:
    def say(value: float | None) -> str:
        if value is not None:
            return f"{value:.0f} s"
        return f"> {stays['known_to_s']:.0f} s" if stays["visits"] else ""

    return say(stays["median_s"]), say(stays["p90_s"])


def _masks_table(masks: dict[str, dict[str, int | None]]) -> Table:
    table = _table("masks at", "masked", "unmasked", "of them wrongly", "cannot tell", "share of judged", "corrected")
    for name, found in masks.items():
        answers = ["too few" if count is None else str(count) for count in found.values()]
        table.add_row(escape(name), *answers, *_shares(found["masked"], found["unmasked"]))
    return table


def _shares(masked: int | None, unmasked: int | None) -> tuple[str, str]:
    """The share and the corrected one, each with its interval of 95 %; neither of too few people."""
    if masked is None or unmasked is None or masked + unmasked < MINIMUM_JUDGED:
        return f"under {MINIMUM_JUDGED} judged", ""
    judged = masked + unmasked
    return _range(Estimate(masked / judged, *wilson(masked, judged))), _range(corrected(masked, judged, AIZOO))


def _range(of: Estimate | None) -> str:
    return "" if of is None else f"{of.share:.0%} ({of.low:.0%} to {of.high:.0%})"


def _heat_table(heat: dict[str, Any]) -> Table:
    """The grid in ten shades, darkest where most time was spent."""
    rows = heat["person_seconds"]
    most = max((cell for row in rows for cell in row if cell), default=0)
    blank = f"cells of fewer than {heat['minimum_people']} people are blank"
    title = f"person-seconds, @ = {most:.0f}; {blank}" if most else f"person-seconds; {blank}, which is all of them"
    table = Table(show_header=False, title=title)
    for row in rows:
        table.add_row("".join(_SHADES[min(9, int(cell / most * 9) + 1)] if cell else " " for cell in row))
    return table
