"""Health: whether a camera can be watched, and whether its picture shows anything."""

from passerby.audit.checks.verdict import GOOD, NOT_ASKED, UNSEEN, Bad, Checks, Seen, Verdict, if_true
from passerby.gate.faults import TEXTS
from passerby.gate.messages import FaultCode

OLD_S = 30.0
"""The rooms report each ten seconds; three reports without a new frame are no accident."""
DARK, BRIGHT, BLURRED = 0.8, 0.3, 0.38
"""docs/decisions/0020-picture-health.md tells what it was measured on."""
FROZEN_S = 10.0
DECODE_ERRORS = 0.01

_NO_ANSWER, _REFUSED = TEXTS[FaultCode.UNREACHABLE], TEXTS[FaultCode.REFUSED]
_SIGN_IN = TEXTS[FaultCode.UNAUTHORISED]
_PASSING = frozenset(
    TEXTS[code]
    for code in (FaultCode.SIZE_CHANGED, FaultCode.TIME_JUMPED, FaultCode.BAD_PACKET, FaultCode.CAMERA_MOVED)
)
"""What is told once and is over, or has a check of its own."""


def answers(seen: Seen) -> bool | None:
    """Whether a camera answers at all; None where nobody asked."""
    if seen.video.fault == _REFUSED:
        return False
    if seen.video.fault == _NO_ANSWER:
        return seen.device.reachable is True  # something listens there that says nothing of use
    if seen.video.fps or (seen.video.fault and seen.video.fault not in _PASSING):
        return True
    return seen.device.reachable


def refused(seen: Seen) -> bool | None:
    """Whether the camera refused the password of the configuration; None where it was not tried."""
    if seen.camera.login is None:
        return False
    if seen.video.fault == _SIGN_IN or seen.device.refused_password:
        return True  # also where a stream that was opened before goes on: it will not be opened again
    return False if seen.video.fps else seen.device.refused_password


def _unreachable(seen: Seen) -> Verdict:
    if seen.camera.source is None:
        return NOT_ASKED
    answered = answers(seen)
    if answered is None:
        return UNSEEN
    return GOOD if answered else Bad("It does not answer at its address.")


def _stream(seen: Seen) -> Verdict:
    fault = seen.video.fault
    if _said_elsewhere(seen):
        return NOT_ASKED
    if fault is None or fault in _PASSING:
        return GOOD if seen.video.span_s or seen.video.fps else UNSEEN
    if fault == _SIGN_IN and seen.camera.login is None:
        return Bad("It asks for a user and a password, and the configuration has none.")
    if fault == _NO_ANSWER:
        return Bad("Something listens at its port, but gives no answer that RTSP knows.")
    return Bad(f"Its stream cannot be watched: {fault}")


def _frame_age(seen: Seen) -> Verdict:
    age_s = seen.video.frame_age_s
    if _said_elsewhere(seen) or _stream(seen) is not GOOD:
        return NOT_ASKED
    if age_s is None:
        return UNSEEN
    return GOOD if age_s <= OLD_S else Bad(f"The newest frame is {age_s:.0f} s old.")


def _said_elsewhere(seen: Seen) -> bool:
    """Whether it is said already that there is no stream."""
    return answers(seen) is False or refused(seen) is True


def flows(seen: Seen) -> bool:
    """Whether frames come, as far as is known: of a stream that stands still no rate is judged."""
    video = seen.video
    return (video.fault is None or video.fault in _PASSING) and (video.frame_age_s or 0.0) <= OLD_S


def _decode_errors(seen: Seen) -> Verdict:
    video = seen.video
    if video.decode_errors is None or not video.span_s:
        return UNSEEN
    frames = video.span_s * (video.fps or 1.0)
    if video.decode_errors <= DECODE_ERRORS * frames:
        return GOOD
    return Bad(f"{video.decode_errors} errors while decoding some {frames:.0f} frames.")


def _dark(seen: Seen) -> Verdict:
    share = seen.picture.dark
    if share is None:
        return UNSEEN
    return Bad(f"{share:.0%} of the picture is black.") if share >= DARK and not seen.picture.covered else GOOD


def _over_exposed(seen: Seen) -> Verdict:
    share = seen.picture.bright
    if share is None:
        return UNSEEN
    return Bad(f"{share:.0%} of the picture is burnt out.") if share >= BRIGHT and not seen.picture.covered else GOOD


def _blurred(seen: Seen) -> Verdict:
    sharpness, picture = seen.picture.sharpness, seen.picture
    if sharpness is None:
        return UNSEEN
    if picture.covered or _dark(seen) is not GOOD or _over_exposed(seen) is not GOOD:
        return NOT_ASKED  # there is nothing to be sharp
    return Bad(f"Sharpness is {sharpness:.2f} of 1; {BLURRED:g} is wanted.") if sharpness < BLURRED else GOOD


def _frozen(seen: Seen) -> Verdict:
    frozen_s = seen.picture.frozen_s
    if frozen_s is None:
        return UNSEEN
    return Bad(f"Not one pixel has changed for {frozen_s:.0f} s or more.") if frozen_s >= FROZEN_S else GOOD


CHECKS: Checks = {
    "unreachable": _unreachable,
    "stream": _stream,
    "frame-age": _frame_age,
    "decode-errors": _decode_errors,
    "dark": _dark,
    "over-exposed": _over_exposed,
    "blurred": _blurred,
    "frozen": _frozen,
    "covered": lambda seen: if_true(seen.picture.covered, "Something covers the lens."),
    "moved": lambda seen: if_true(seen.picture.moved, "It shows another view than when it was set up."),
    "night": lambda seen: if_true(seen.picture.night, "The picture has no colour: the camera sees by infra-red."),
}
