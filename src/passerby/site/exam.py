"""`passerby masks`: lets the judge of masks look at labelled pictures, in the pixel room, and tells how it did.

For evaluation only. Pictures are read here as bytes and decoded behind the locks; nothing of them is written.
"""

import os
import selectors
import sys
from collections.abc import Callable, Iterable, Iterator
from io import RawIOBase
from pathlib import Path

from passerby.core.tallies import MAX_WINDOW_S, Measure, Tally
from passerby.errors import GateError, LockdownError, ModelError, PasserbyError, SourceError
from passerby.gate import contract, rooms
from passerby.gate.exams import LabelledFace, LabelledPicture
from passerby.gate.messages import CameraPlan, FaultCode, HealthFigure, Kind, Message, ModelPlan, Plan, ZonePlan
from passerby.gate.packets import MAX_PAYLOAD_BYTES
from passerby.site import voc
from passerby.site.exam_report import FACE_PLACES, Report, place_of
from passerby.site.models import ResolvedModel
from passerby.site.state import LockdownState

EXAM_COMMAND = (sys.executable, "-I", "-m", "passerby.pixels.exam")
Progress = Callable[[int, int], None]
"""Is told how many pictures were looked at, and of how many."""

_SIGNATURES = ((b"\x89PNG\r\n", "png"), (b"\xff\xd8\xff", "mjpeg"), (b"RIFF", "webp"), (b"BM", "bmp"))
_ANYWHERE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
_MAX_PICTURES = 50_000
_MAX_FACES = 60_000  # a window holds little more; see `gate.contract`
_MAX_PICTURE_BYTES = MAX_PAYLOAD_BYTES - 1024 * 1024
_WRITE_BYTES = 256 * 1024
_SHOWN = 20


def examine(
    paths: Iterable[Path],
    model: ResolvedModel,
    on_progress: Progress,
    *,
    unsafe_no_lockdown: bool = False,
    command: tuple[str, ...] = EXAM_COMMAND,
) -> Report:
    """Looks at labelled pictures.

    Args:
        paths: pictures, and folders that are searched to their depths.
        model: the judge of masks.
        on_progress: is told how far it is.
        unsafe_no_lockdown: leave the room open. For development only.
        command: what to start; tests start rooms that misbehave.

    Raises:
        SourceError: there is nothing to look at, or a label is unknown.
        LockdownError, ModelError, GateError: the room did not open, or broke off.
    """
    found = voc.find(paths)
    pictures = found.pictures
    faces = sum(len(picture.faces) for picture in pictures)
    if len(pictures) > _MAX_PICTURES or faces > _MAX_FACES:
        raise SourceError(
            f"{len(pictures)} pictures with {faces} faces are too many at once; give at most {_MAX_PICTURES} with "
            f"{_MAX_FACES}, one part after another."
        )
    sitting = _Sitting(pictures, on_progress)
    sitting.run(model.plan, command, unsafe=unsafe_no_lockdown)
    unread = sitting.unread()
    problems = (*found.problems, *unread)
    if len(unread) == len(pictures):
        raise SourceError("no picture could be looked at.\n  " + "\n  ".join(problems[:_SHOWN]))
    return Report(len(pictures) - len(unread), tuple(sitting.tallies), problems, model, sitting.lock)


def _packets(pictures: tuple[voc.Picture, ...], unsent: dict[int, str]) -> Iterator[bytes]:
    """Pictures as bytes of the pipe; what is wrong with one that cannot be sent is noted in `unsent`."""
    for number, picture in enumerate(pictures):
        try:
            data, codec = _encoded(picture.file)
        except SourceError as error:
            unsent[number] = str(error)
            continue
        faces = tuple(LabelledFace(face.box_px, FACE_PLACES.index(place_of(face))) for face in picture.faces)
        yield LabelledPicture(codec, data, faces, len(FACE_PLACES) + number).packet().pack()


def _name(number: int) -> str:
    """The place that tells whether a picture could be read."""
    return f"picture {number}"


def _encoded(file: Path) -> tuple[bytes, str]:
    """A picture's bytes, and FFmpeg's name of its codec.

    Raises:
        SourceError: it cannot be read, is too large, or is no picture.
    """
    try:
        if file.stat().st_size > _MAX_PICTURE_BYTES:
            raise SourceError(f"{file}: it is larger than {_MAX_PICTURE_BYTES // 1024**2} MiB.")
        data = file.read_bytes()
    except OSError as error:
        raise SourceError(f"{file}: it cannot be read ({error.strerror}).") from None
    codec = next((codec for signature, codec in _SIGNATURES if data.startswith(signature)), None)
    if codec is None:
        raise SourceError(f"{file}: it is no PNG, JPEG, WebP or BMP.")
    return data, codec


class _Sitting:
    """One exam: pictures go into the room, tallies come out of it."""

    def __init__(self, pictures: tuple[voc.Picture, ...], on_progress: Progress) -> None:
        names = [*FACE_PLACES, *map(_name, range(len(pictures)))]
        zones = tuple(ZonePlan(name, _ANYWHERE, masks=True) for name in names)
        self._camera = CameraPlan("exam", zones=zones, window_s=MAX_WINDOW_S, recording_start_unix_s=0)
        self._contract = contract.CameraContract(self._camera)
        self._pictures = pictures
        self._unsent: dict[int, str] = {}
        self._on_progress = on_progress
        self._packets = _packets(pictures, self._unsent)
        self._waiting = memoryview(b"")
        self._ready = self._done = False
        self.lock = LockdownState("exam")
        self.tallies: list[Tally] = []

    def unread(self) -> tuple[str, ...]:
        """What is wrong with the pictures that were not looked at."""
        asked = {tally.subject: tally for tally in self.tallies if tally.measure is Measure.CANNOT_TELL}
        problems = []
        for number, picture in enumerate(self._pictures):
            told = asked.get(_name(number))
            if number in self._unsent:
                problems.append(self._unsent[number])
            elif told is None:
                problems.append(f"{picture.file}: it cannot be decoded; check whether the file is whole.")
            elif told.total:
                problems.append(f"{picture.file}: a labelled box lies outside the picture.")
        return tuple(problems)

    def run(self, model: ModelPlan, command: tuple[str, ...], *, unsafe: bool) -> None:
        """Opens the room, and works until it has told all.

        Raises:
            LockdownError, ModelError, GateError: the room did not open, or broke off.
        """
        read_fd, write_fd = rooms.pipe()
        plan = Plan((self._camera,), (read_fd,), masks=model, unsafe_no_lockdown=unsafe)
        process = rooms.start_worker(plan, command)
        os.close(read_fd)
        os.set_blocking(write_fd, False)
        pipe = os.fdopen(write_fd, "wb", buffering=0)
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(process.door, selectors.EVENT_READ)
                self._serve(plan, process, pipe, selector)
        finally:
            pipe.close()
            process.end()

    def _serve(self, plan: Plan, process: rooms.Process, pipe: RawIOBase, selector: selectors.BaseSelector) -> None:
        sending = False
        while True:
            for key, _ in selector.select():
                if key.fileobj is pipe:
                    if not self._send(pipe):
                        selector.unregister(pipe)
                        pipe.close()
                elif not self._hear(plan, process):
                    return
            # No picture is sent before the room is shut in.
            if self._ready and not sending:
                sending = True
                selector.register(pipe, selectors.EVENT_WRITE)

    def _send(self, pipe: RawIOBase) -> bool:
        """Writes what the pipe takes; whether there is more."""
        if not self._waiting:
            self._waiting = memoryview(next(self._packets, b""))
        try:
            written = pipe.write(self._waiting[:_WRITE_BYTES]) if self._waiting else None
        except BrokenPipeError:
            return False  # The room ended; its door tells.
        more = bool(self._waiting)
        self._waiting = self._waiting[written or 0 :]
        return more

    def _hear(self, plan: Plan, process: rooms.Process) -> bool:
        """Takes what the room says; whether it may say more."""
        untrusted = process.read()
        if untrusted is not None:
            for untrusted_message in process.messages(untrusted):
                self._take(plan, process, untrusted_message)
            return True
        if not self._done:
            words = process.last_words(wait_s=5).splitlines()[-1:]
            said = f" Its last words: {words[0]}" if words else ""
            raise GateError(f"the pixel room ended before its work was done.{said} `passerby doctor` tells more.")
        return False

    def _take(self, plan: Plan, process: rooms.Process, untrusted: Message) -> None:
        kind = contract.kind_and_camera(untrusted, plan)
        if kind is Kind.READY:
            abi, shut = contract.check_ready(untrusted, plan, pid=process.popen.pid, again=self._ready)
            self.lock, self._ready = LockdownState("exam", abi, shut), True
            return
        if not self._ready:
            raise _refusal(untrusted, process)
        if kind is Kind.TALLY:
            self.tallies.append(self._contract.tally(untrusted))
        elif kind is Kind.HEALTH:
            figure, value, _ = self._contract.health(untrusted)
            if figure is HealthFigure.FRAMES_READ:
                self._on_progress(value + len(self._unsent), len(self._pictures))
        elif kind is Kind.FAULT:
            self._contract.fault(untrusted)
        else:
            self._contract.done(untrusted, ended=True)
            self._done = True


def _refusal(untrusted: Message, process: rooms.Process) -> PasserbyError:
    """Why a room did not open."""
    reasons: dict[int, type[PasserbyError]] = {
        FaultCode.LOCKDOWN_IMPOSSIBLE: LockdownError,
        FaultCode.MODEL_FAILED: ModelError,
    }
    if untrusted.kind is not Kind.FAULT or untrusted.code not in reasons:
        return GateError("the pixel room spoke before it was shut in; it was ended.")
    words = process.last_words(wait_s=5)
    return reasons[untrusted.code](words or "the pixel room did not open. `passerby doctor` tells more.")
