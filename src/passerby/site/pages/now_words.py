"""The sentences of the first page: all doors together, and the cameras in one line."""

from collections.abc import Sequence

from passerby.core.tallies import Measure
from passerby.records.page.figures import LINE, Figure, PlaceFigures
from passerby.records.page.words import NOT_SEEN, Sentence, Tone, coverage, mean, number
from passerby.site.pages import zones_words
from passerby.site.reports import ZoneSeries
from passerby.site.state import CameraState, CameraStatus

ALL_DOORS = "All doors"
_COUNTING = (CameraStatus.LIVE, CameraStatus.DONE)


def together(doors: Sequence[PlaceFigures]) -> PlaceFigures:
    """All lines as one: totals, seconds seen and seconds that could have been seen are added."""
    known = [door.since_unix_s for door in doors if door.since_unix_s is not None]
    last = max(door.last_unix_s for door in doors)
    of_last = [door.last for door in doors if door.last_unix_s == last]
    return PlaceFigures(
        camera="",
        name=ALL_DOORS,
        is_line=True,
        since_unix_s=min(known, default=None),
        last_unix_s=last,
        last_width_s=max(door.last_width_s for door in doors),
        today={measure: _added([door.today[measure] for door in doors]) for measure in LINE},
        last={measure: _added([one[measure] for one in of_last]) for measure in LINE},
        course={
            measure: tuple(_added(step) for step in zip(*(door.course[measure] for door in doors), strict=True))
            for measure in LINE
        },
    )


def cameras(known: Sequence[CameraState], *, drawn: bool = True) -> Sentence:
    """How the cameras are, in one line; of cameras at which nothing is drawn, whether their pictures come."""
    verb = ("counts", "count") if drawn else ("is connected", "are connected")
    counting = [camera for camera in known if camera.status in _COUNTING]
    if not known:
        return Sentence("No camera is configured", Tone.WARN)
    if len(counting) == len(known):
        said = {1: f"The camera {verb[0]}", 2: f"Both cameras {verb[1]}"}.get(
            len(known), f"All {len(known)} cameras {verb[1]}"
        )
        return Sentence(said, Tone.GOOD)
    tone = Tone.CALM if all(one.status is CameraStatus.CONNECTING for one in known) else Tone.WARN
    if len(known) == 1:
        return Sentence(f"The camera {'does not count' if drawn else 'is not connected'}", tone)
    if not counting:
        none = f"None of the {len(known)}" if len(known) > 2 else "Neither of the two"
        return Sentence(f"{none} cameras {verb[0]}", tone)
    others = ", ".join(camera.name for camera in known if camera not in counting)
    said = f"{len(counting)} of {len(known)} cameras {verb[len(counting) > 1]}"
    return Sentence(f"{said}; not {others}", tone)


def seen(place: PlaceFigures) -> Sentence:
    """How much of the day was seen, short: for a row of a list."""
    figure = next(iter(place.today.values()))
    if place.since_unix_s is None or not figure.seen:
        return Sentence("Not seen today yet", Tone.CALM)
    said = coverage(figure)
    return Sentence(said.text[:1].upper() + said.text[1:], said.tone)


def zone_facts(place: PlaceFigures, series: ZoneSeries | None, *, is_queue: bool) -> dict[str, str]:
    """What is told of a zone or a queue at a glance: the last window, the most today, and of a queue the wait."""
    people, peak = place.last[Measure.PEOPLE], place.today[Measure.PEAK]
    most = number(peak.total) if peak.seen else NOT_SEEN
    facts = {"Now": mean(people), "Longest today" if is_queue else "Most today": most}
    if is_queue and series and series.sum.queue:
        facts |= zones_words.lengths(series.sum.queue.wait, is_queue=True)
    return facts


def _added(figures: Sequence[Figure]) -> Figure:
    return Figure(
        sum(one.total for one in figures), sum(one.exposure for one in figures), sum(one.span_s for one in figures)
    )
