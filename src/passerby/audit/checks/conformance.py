"""Conformance: whether a camera gives the pictures that its profile asks for."""

from collections.abc import Callable

from passerby.audit.checks.health import flows
from passerby.audit.checks.placing import larger
from passerby.audit.checks.verdict import GOOD, NOT_ASKED, UNSEEN, Bad, Checks, Seen, Verdict
from passerby.gate.audit_contract import Profile

FPS_TOLERANCE = 0.02
"""A clock that is a little off, and 29.97 for 30, are no faults; the measure is good to half a frame a second."""
ANNOUNCED_TOLERANCE = 0.2
_KEYFRAME_SLACK_S = 0.5
STUTTER = 0.05
_NAMES = {"h264": "H.264", "hevc": "H.265"}


def _of_profile(check: Callable[[Seen, Profile], Verdict]) -> Callable[[Seen], Verdict]:
    def asked(seen: Seen) -> Verdict:
        return NOT_ASKED if seen.camera.profile is None else check(seen, seen.camera.profile)

    return asked


def _of_flow(check: Callable[[Seen, Profile], Verdict]) -> Callable[[Seen], Verdict]:
    """Of a stream that stands still, which is said elsewhere, no rate is judged."""
    return _of_profile(lambda seen, profile: check(seen, profile) if flows(seen) else NOT_ASKED)


def _resolution(seen: Seen, profile: Profile) -> Verdict:
    width, height = seen.video.width_px, seen.video.height_px
    if width is None or height is None:
        return UNSEEN
    # A camera that is mounted on its side, for a corridor, gives the same picture turned.
    wanted = sorted((profile.width_px, profile.height_px))
    if all(has >= least for has, least in zip(sorted((width, height)), wanted, strict=True)):
        return GOOD
    return Bad(f"The picture has {width}x{height} pixels; {profile.name} asks for {_size(profile)}.")


def _other_rate(fps: float, profile: Profile) -> Bad:
    return Bad(f"{fps:g} frames a second came; {profile.name} asks for {profile.fps_low:g} to {profile.fps_high:g}.")


def _frame_rate_low(seen: Seen, profile: Profile) -> Verdict:
    fps = seen.video.fps
    if fps is None:
        return UNSEEN
    if fps >= profile.fps_low * (1 - FPS_TOLERANCE):
        return GOOD
    return _other_rate(fps, profile)


def _frame_rate_high(seen: Seen, profile: Profile) -> Verdict:
    fps = seen.video.fps
    if fps is None:
        return UNSEEN
    if fps <= profile.fps_high * (1 + FPS_TOLERANCE):
        return GOOD
    return _other_rate(fps, profile)


def _frame_rate_announced(seen: Seen, _: Profile) -> Verdict:
    fps, announced = seen.video.fps, seen.video.announced_fps
    if fps is None or announced is None:
        return UNSEEN
    if abs(fps - announced) <= ANNOUNCED_TOLERANCE * announced:
        return GOOD
    return Bad(f"The stream announces {announced:g} frames a second; {fps:g} came.")


def _codec(seen: Seen, profile: Profile) -> Verdict:
    codec = seen.video.codec
    if codec is None:
        return UNSEEN
    wanted = " or ".join(_NAMES.get(one, one) for one in profile.codecs)
    return GOOD if codec in profile.codecs else Bad(f"The codec is {_NAMES.get(codec, codec)}, not {wanted}.")


def _keyframes(seen: Seen, profile: Profile) -> Verdict:
    every_s = seen.video.keyframe_every_s
    if every_s is None:
        return UNSEEN
    # The measure goes in steps of half a second.
    if every_s < profile.keyframe_s + _KEYFRAME_SLACK_S:
        return GOOD
    return Bad(f"Up to {every_s:g} s pass from key frame to key frame; {profile.name} asks for {profile.keyframe_s:g}.")


def _stutter(seen: Seen, _: Profile) -> Verdict:
    share = seen.video.stutter
    if share is None:
        return UNSEEN
    return GOOD if share <= STUTTER else Bad(f"{share:.0%} of the frames came later than twice their usual time.")


def _people_small(seen: Seen, profile: Profile) -> Verdict:
    if not seen.placing:
        return UNSEEN
    small = [one for one in seen.placing if one.height_low_px < profile.person_px]
    if not small:
        return GOOD
    worst = min(small, key=lambda one: one.height_low_px)
    lines = ", ".join(f"at {one.line} a tenth of people are under {one.height_low_px:.0f} pixels tall" for one in small)
    return Bad(f"{lines}; {profile.name} asks for {profile.person_px}.", larger(worst.height_low_px, profile.person_px))


def _size(profile: Profile) -> str:
    return f"{profile.width_px}x{profile.height_px} or more"


CHECKS: Checks = {
    "resolution": _of_profile(_resolution),
    "frame-rate-low": _of_flow(_frame_rate_low),
    "frame-rate-high": _of_flow(_frame_rate_high),
    "frame-rate-announced": _of_flow(_frame_rate_announced),
    "codec": _of_profile(_codec),
    "keyframes": _of_flow(_keyframes),
    "stutter": _of_flow(_stutter),
    "people-small": _of_profile(_people_small),
}
