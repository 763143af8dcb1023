"""Placing: whether a camera stands where people are large enough to be counted and judged."""

from passerby.audit.checks.verdict import GOOD, NOT_ASKED, UNSEEN, Bad, Checks, Seen, Verdict

FACE_OF_HEIGHT = 0.115
"""A face, brow to chin, of the height of someone standing: as the pixel room expects it; benchmarks/masks."""
FACE_PX = 24
"""Of smaller faces the judge of masks says "cannot tell" of most; docs/masks.md."""
PEOPLE = 20
"""Heights of fewer people say little of a place."""
DETECTOR_PX = (416, 256)
"""The largest picture that the detectors at hand look at; larger ones are brought to it."""
LEAST_IN_DETECTOR_PX = 24
"""The smallest people on the recordings of benchmarks/accuracy ("smaller") have 25 to 35 pixels there, and most of
their crossings are counted; that smaller ones are was never shown."""


def larger(has_px: float, wanted_px: float) -> str:
    """How to make people as tall as is wanted: their height goes with the zoom and against the distance."""
    ratio = wanted_px / max(has_px, 1.0)
    return (
        f"Zoom in by {ratio:.1f} (a focal length {ratio:.1f} times as long), or bring the camera to {1 / ratio:.0%} of "
        "its distance from there. Draw the lines again afterwards."
    )


def _counting(seen: Seen) -> Verdict:
    width, height = seen.video.width_px, seen.video.height_px
    if not seen.placing or not width or not height:
        return UNSEEN
    least_px = LEAST_IN_DETECTOR_PX / min(1.0, DETECTOR_PX[0] / width, DETECTOR_PX[1] / height)
    return _too_small(seen, least_px, "to be counted")


def _masks(seen: Seen) -> Verdict:
    if not seen.placing:
        return UNSEEN
    if not any(one.masks for one in seen.placing):
        return NOT_ASKED
    return _too_small(seen, FACE_PX / FACE_OF_HEIGHT, f"for a face of {FACE_PX} pixels", masks=True)


def _too_small(seen: Seen, least_px: float, what_for: str, *, masks: bool = False) -> Verdict:
    asked = [one for one in seen.placing if one.masks or not masks]
    told = [one for one in asked if one.people >= PEOPLE]
    if not told:
        return UNSEEN
    small = [one for one in told if one.height_median_px < least_px]
    if not small:
        return GOOD
    worst = min(small, key=lambda one: one.height_median_px)
    lines = ", ".join(f"at {one.line} half of people are under {one.height_median_px:.0f} pixels tall" for one in small)
    return Bad(f"{lines}; {least_px:.0f} are needed {what_for}.", larger(worst.height_median_px, least_px))


CHECKS: Checks = {"placing-counting": _counting, "placing-masks": _masks}
