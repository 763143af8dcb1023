"""The page's sentences on cameras and locks, in the words of someone who runs a venue."""

from passerby.records.page.words import Sentence, Tone, number, percent
from passerby.site.state import CameraState, CameraStatus, LockdownState, SiteState

_CAMERA = {
    CameraStatus.CONNECTING: ("Connecting", Tone.CALM),
    CameraStatus.LIVE: ("Live", Tone.GOOD),
    CameraStatus.STALLED: ("No pictures arriving", Tone.WARN),
    CameraStatus.FAILED: ("Not counting", Tone.BAD),
    CameraStatus.DONE: ("Recording counted to its end", Tone.CALM),
}


def camera(state: CameraState) -> Sentence:
    """How a camera is."""
    return Sentence(*_CAMERA[state.status])


def camera_facts(state: CameraState) -> dict[str, str]:
    """What a technician wants to know of a camera: names and values; what is not known yet is left out."""
    facts = {"Picture": f"{state.width_px} by {state.height_px} pixels"} if state.width_px else {}
    if state.looks_per_s is not None:
        facts["Looks a second"] = f"{state.looks_per_s:.1f}"
    if state.seconds:
        facts["Video looked at"] = percent(state.coverage)
        facts["Connected again"] = _times(state.reconnects) if state.reconnects else "never"
    if state.packets_dropped:
        facts["Packets dropped"] = f"{number(state.packets_dropped)} (this machine was behind)"
    if state.decode_errors:
        facts["Frames that were broken"] = number(state.decode_errors)
    return facts


def lock(state: LockdownState, *, unsafe: bool) -> Sentence:
    """How a worker is shut in."""
    again = f" · replaced {_times(state.restarts)}" if state.restarts else ""
    if state.complete:
        return Sentence(f"Shut in by the kernel: Landlock ABI {state.landlock_abi} + seccomp{again}", Tone.GOOD)
    if unsafe:
        return Sentence(f"NOT shut in{again}", Tone.BAD)
    return Sentence(f"Starting; it reads no video before it is shut in{again}", Tone.CALM)


def alarms(state: SiteState, problem: str | None) -> list[Sentence]:
    """What the reader must know before any figure."""
    said = []
    if state.unsafe:
        text = "Development only: started without the lock-down. Do not use these figures, or this mode, at a venue."
        said.append(Sentence(text, Tone.BAD))
    bad = [one.name for one in state.cameras if one.status in (CameraStatus.FAILED, CameraStatus.STALLED)]
    if bad:
        verb = "is" if len(bad) == 1 else "are"
        said.append(
            Sentence(f"{', '.join(bad)} {verb} not being counted now. What to do stands under Cameras.", Tone.WARN)
        )
    for trouble in dict.fromkeys(filter(None, (state.store_problem, state.store_set_aside, problem))):
        said.append(Sentence(trouble[:1].upper() + trouble[1:] + ".", Tone.BAD))
    said += [Sentence(f"{one.name}: {one.problem}.", Tone.WARN) for one in state.outputs if one.problem]
    said += [
        Sentence(f"Alerts do not reach {one.name}: {one.problem}.", Tone.WARN) for one in state.receivers if one.problem
    ]
    if state.messages_refused:
        times = f"{number(state.messages_refused)} times" if state.messages_refused > 1 else "once"
        said.append(
            Sentence(f"A worker broke the contract {times} and was replaced; nothing of it was used.", Tone.WARN)
        )
    return said


def _times(times: int) -> str:
    return "once" if times == 1 else f"{number(times)} times"
