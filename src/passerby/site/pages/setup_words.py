"""Sentences of set-up mode."""

from datetime import tzinfo

from passerby.core.tallies import Measure
from passerby.gate.messages import CameraPlan
from passerby.gate.setup_messages import Rehearsed
from passerby.records.page.words import Sentence, Tone, clock
from passerby.site.setup.drawing import NEEDS, Kind
from passerby.site.setup.session import Phase, SetupState

BEFORE = (
    "To draw a line, you need to see the place. Set-up mode watches one camera for some seconds and shows one small "
    "picture of it without people: everybody who was seen is blanked. It says so on every page, is entered in the log "
    "with your name, and ends by itself after ten minutes. The picture is kept nowhere; of what you save, its "
    "edges are, so that a camera that was moved is noticed."
)
FIRST = (
    "Press Add a line, then where it begins and where it ends: on the floor where feet cross it, across the whole way. "
    "Grey is where people were, or what a privacy mask covers; a line may cross it."
)
LOOK = (
    "The arrow shows which way is in. To move a point, press it and let go elsewhere. Grey is where people were; a "
    "line may cross it."
)
SAVED = "Saved. The site starts again with it in some seconds. Its first figures stand on Now when the window is over."


def banner(state: SetupState | None, zone: tzinfo | None) -> str | None:
    """What stands on every page while set-up mode is on."""
    if state is None:
        return None
    return (
        f"Set-up mode is on for camera {state.camera}, begun by {state.account}. "
        f"It ends by itself at {clock(state.ends_unix_s, zone)}."
    )


def drawn(plan: CameraPlan) -> str:
    """What is drawn at a camera."""
    names = (
        [line.name for line in plan.lines] + [zone.name for zone in plan.zones] + [shelf.name for shelf in plan.shelves]
    )
    return f"Camera {plan.name}: {', '.join(names) or 'nothing is drawn yet'}"


def progress(state: SetupState) -> Sentence:
    """How far a session is."""
    if state.problem:
        return Sentence(f"It broke off: {state.problem}", Tone.BAD)
    faults = f" {' '.join(state.faults)}" if state.faults else ""
    match state.phase:
        case Phase.OPENING:
            return Sentence(f"Calling the camera.{faults}", Tone.WARN if faults else Tone.CALM)
        case Phase.WATCHING:
            text = f"Watching the place until nobody need be shown: {state.progress:.0%}.{faults}"
            return Sentence(text, Tone.CALM)
        case Phase.REHEARSING:
            return Sentence("Rehearsal: walk through and see it count. Nothing of it is kept.", Tone.GOOD)
    return Sentence("Draw a line, a zone or a shelf. Lines and zones can be rehearsed; then save it.", Tone.GOOD)


def drawing(kind: Kind, points: int) -> str:
    """What to press next."""
    if kind is Kind.LINE:
        return "Press where the line begins." if points == 0 else "Press where it ends."
    if points < NEEDS[kind]:
        return f"Press the {('first', 'second', 'third', 'fourth')[points]} corner."
    return "Press further corners, or close the zone."


def counted(told: tuple[Rehearsed, ...], name: str) -> str:
    """What a rehearsal has counted at a line or zone since it began; empty before it did."""
    totals = {one.measure: one.total for one in told if one.place == name}
    if Measure.CROSSINGS_IN in totals:
        return f"{totals[Measure.CROSSINGS_IN]:.0f} in, {totals.get(Measure.CROSSINGS_OUT, 0):.0f} out"
    if Measure.PEOPLE in totals:
        return f"{totals[Measure.PEOPLE]:.0f} now, {totals.get(Measure.ENTERED, 0):.0f} walked in"
    return ""
