"""What can be seen on this machine of the promises: the kernel's locks, the store, the log of changes."""

import time
from collections import Counter
from dataclasses import dataclass

from passerby.errors import StoreError
from passerby.site import doctor
from passerby.site.config import OwnModel, SiteConfig
from passerby.site.journal import Journal
from passerby.site.paper.claims import Claim
from passerby.site.store import DAY_S, KEEP_HOURS_S, readable

_LOOKED_BACK_S = 7 * DAY_S
_BY_LOCKS = {"pixel-room", "fails-closed", "door", "feed"}
_BY_BUILD = "No state of this machine changes it: the test holds for this version of the program."
_NOT_LOOKED_AT = "Not looked at on this machine."


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen.

    Attributes:
        moment_unix_s: when.
        locks: the kernel's two locks, as `passerby doctor` finds them.
        unsafe: whether counts of the last seven days were made without the lock-down; None where there is no store.
        seen: what was looked at, and what was found, in words.
    """

    moment_unix_s: float
    locks: tuple[doctor.Finding, ...]
    unsafe: bool | None
    seen: tuple[tuple[str, str], ...]

    @property
    def locked(self) -> bool:
        """Whether the kernel can lock a process completely."""
        return all(lock.level == "good" for lock in self.locks)

    def state_of(self, claim: Claim, config: SiteConfig) -> str:
        """What is known here and now of a promise."""
        if claim.name in _BY_LOCKS:
            return self._by_locks()
        if claim.name == "masks":
            asked = config.asks_for_masks
            return "Asked for; see the purposes above." if asked else "Not asked for: no line or zone says masks: true."
        if claim.name == "no-recognition" and isinstance(config.model, OwnModel):
            return "This site has a model of its own; what it finds is the controller's to vouch for."
        if claim.name == "credentials" and any(_open_with_password(config)):
            return "Kept on this machine; but a camera's stream is not encrypted, see below."
        return _BY_BUILD if claim.name in _BUILT else _NOT_LOOKED_AT

    def _by_locks(self) -> str:
        if not self.locked:
            missing = "; ".join(f"{one.what}: {one.seen}" for one in self.locks if one.level != "good")
            return f"DOES NOT HOLD HERE for cameras: {missing}. passerby then refuses to start."
        if self.unsafe:
            return "DOES NOT HOLD: counts of the last seven days were made with --unsafe-no-lockdown."
        kernel = ", ".join(f"{one.what} {one.seen}" for one in self.locks)
        ran = "" if self.unsafe is None else " All counts of the last seven days were made behind it."
        return f"The kernel can keep it: {kernel}.{ran}"


_BUILT = {"no-recognition", "no-following", "no-calls-home", "credentials"}


def look(config: SiteConfig) -> Evidence:
    """Looks at this machine and at the store, if there is one."""
    now = time.time()
    locks = tuple(doctor.locks())
    seen = [(f"{lock.what} of this kernel", f"{lock.level}: {lock.seen}") for lock in locks]
    unsafe = None
    try:
        unsafe = readable(config.store_file).unsafe_since(now - _LOOKED_BACK_S)
        said = "some were made WITHOUT the lock-down" if unsafe else "none was made without the lock-down"
        seen.append(("Counts of the last seven days", said))
        done = Counter(entry.action for entry in Journal(config.store_file).since(now - KEEP_HOURS_S))
        said = ", ".join(f"{action}: {count}" for action, count in sorted(done.items())) or "nothing is entered"
        seen.append(("The log of changes, 13 months", said))
    except StoreError as error:
        seen.append(("The store", str(error)))
    return Evidence(now, locks, unsafe, tuple(seen))


def _open_with_password(config: SiteConfig) -> list[bool]:
    return [bool(one.credentials) and one.source.lower().startswith("rtsp://") for one in config.cameras]
