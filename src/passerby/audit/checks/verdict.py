"""What a check sees and what it says."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

import msgspec

from passerby.gate.audit_contract import AuditCamera, ClockFacts, DeviceFacts, PictureFacts, PlacingFacts, VideoFacts


class Seen(msgspec.Struct, frozen=True):
    """All that is known of one camera.

    Attributes:
        camera: as it was asked for.
        video, picture, placing: of its stream.
        device: of itself.
    """

    camera: AuditCamera
    video: VideoFacts = VideoFacts()
    picture: PictureFacts = PictureFacts()
    placing: tuple[PlacingFacts, ...] = ()
    device: DeviceFacts = DeviceFacts()

    @property
    def clock(self) -> ClockFacts:
        """Its clock."""
        return self.device.clock or ClockFacts()


class Plain(Enum):
    """Answers without more to say.

    Attributes:
        GOOD: nothing is wrong.
        UNSEEN: the fact is not known: it was not looked at, or could not be.
        NOT_ASKED: nobody asked: there is no profile, the camera is a recording, or another check says it already.
    """

    GOOD = auto()
    UNSEEN = auto()
    NOT_ASKED = auto()


@dataclass(frozen=True, slots=True)
class Bad:
    """Something is wrong.

    Attributes:
        seen: what was seen, with figures.
        mend: what to do, where that depends on what was seen; None: as the catalogue says.
    """

    seen: str
    mend: str | None = None


Verdict = Plain | Bad
Checks = dict[str, Callable[[Seen], Verdict]]
GOOD, UNSEEN, NOT_ASKED = Plain.GOOD, Plain.UNSEEN, Plain.NOT_ASKED


def if_true(fact: bool | None, seen: str) -> Verdict:
    """Bad where a fact holds."""
    if fact is None:
        return UNSEEN
    return Bad(seen) if fact else GOOD
