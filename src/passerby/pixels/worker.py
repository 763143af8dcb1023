"""The pixel room: decodes, looks, counts, and sends tallies.

Started by the guard as `python -m passerby.pixels.worker`, with a `Plan` on standard input. Standard output is its only
door. It loads its models, gives up network and disk, and only then reads its first byte of video.
"""

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, Protocol

import msgspec

from passerby.core.shelves import FacingState
from passerby.core.tallies import EXPOSURE_GRID_S, Measure, Tally
from passerby.errors import LockdownError, ModelError, PasserbyError
from passerby.gate import lockdown
from passerby.gate.lockdown import OPEN, Lock
from passerby.gate.messages import CameraPlan, FaultCode, Kind, Message, Plan, health_every
from passerby.gate.packets import Packet, PacketReader
from passerby.pixels.telling import Figures, Telling

DOOR_FD = 1
_READ_BYTES = 256 * 1024
_TICK_MS = 1000


def send(message: Message) -> None:
    """Writes one record to the door, which is the only way out."""
    record = message.pack()
    while record:
        record = record[os.write(DOOR_FD, record) :]


class CameraDoor:
    """The door as one camera sees it: names become indices, numbers become multiples of their grid."""

    def __init__(self, index: int, plan: CameraPlan) -> None:
        self._index = index
        self._subjects = {
            (place.name, measure): subject for subject, place in enumerate(plan.places) for measure in place.measures
        }

    def tally(self, tally: Tally) -> None:
        """Sends one tally."""
        send(
            Message(
                Kind.TALLY,
                tally.measure,
                self._index,
                self._subjects[tally.subject, tally.measure],
                tally.start_unix_s,
                round(tally.total / tally.measure.grid),
                round(tally.exposure / (1 if tally.measure.per_person else EXPOSURE_GRID_S)),
                tally.part,
            )
        )

    def shelf(self, shelf: str, facing: int, state: FacingState, start_unix_s: int) -> None:
        """Sends how a facing is in a minute."""
        subject = self._subjects[shelf, Measure.SHELF_SEEN]
        send(Message(Kind.SHELF, state, self._index, subject, start_unix_s, part=facing))

    def fault(self, code: FaultCode) -> None:
        """Sends one fault."""
        send(Message(Kind.FAULT, code, self._index))


class Room(Protocol):
    """What the loop needs of a camera; see `pixels.camera.Camera`."""

    def take(self, packet: Packet) -> None:
        """Takes one packet."""
        ...

    def end(self) -> None:
        """Tells what is still to be told: no more packets come."""
        ...

    def tick(self) -> None:
        """Does what time alone asks for."""
        ...

    def figures(self) -> Figures:
        """How it is going."""
        ...

    def line_figures(self) -> list[Figures]:
        """How it is at each line."""
        ...


Load = Callable[[Plan], list[Room]]


def load(plan: Plan) -> list[Room]:
    """Loads the decoder and the models, and rehearses: what is imported or allocated late would be refused late.

    Raises:
        ModelError: the model cannot be used.
    """
    # Imported only here, so that the threads which the runtime starts are born behind the first lock.
    from passerby.pixels.camera import Camera
    from passerby.pixels.furnish import furnish

    rooms: list[Room] = []
    for index, (camera, eyes) in enumerate(furnish(plan)):
        room = Camera(camera, eyes, CameraDoor(index, camera))
        room.rehearse()
        rooms.append(room)
    return rooms


def main(load: Load = load) -> None:
    """Runs the room until every camera has ended, or the guard goes away.

    Args:
        load: makes the cameras; it is called behind the first lock.
    """
    # A service manager ends all processes of a service at once; the parent alone decides when the windows close.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    lockdown.die_with_parent()
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    try:
        rooms, lock = _shut_in(plan, load)
    except LockdownError as error:
        _refuse(error, FaultCode.LOCKDOWN_IMPOSSIBLE)
    except ModelError as error:
        _refuse(error, FaultCode.MODEL_FAILED)
    send(Message(Kind.READY, lock.landlock_abi, start=int(lock.seccomp)))
    serve(plan, rooms)
    os._exit(0)


def _refuse(error: PasserbyError, code: FaultCode) -> NoReturn:
    """Says why the room did not open. No video was read yet, so a text may be said."""
    # Behind the last lock nobody listens any more.
    with contextlib.suppress(BrokenPipeError):
        os.write(2, f"{error}\n".encode())
    send(Message(Kind.FAULT, code))
    os._exit(error.exit_code)


def _shut_in(plan: Plan, load: Load) -> tuple[list[Room], Lock]:
    if plan.unsafe_no_lockdown:
        return load(plan), OPEN
    models = [model for model in (plan.model, plan.masks) if model]
    lockdown.before_loading(tuple(Path(model.file).resolve().parent for model in models))
    rooms = load(plan)
    lockdown.silence_stderr()
    return rooms, lockdown.lock_pixels(DOOR_FD)


def serve(plan: Plan, rooms: list[Room]) -> None:
    """Reads every feed in turn, as bytes come, until all have ended."""
    feeds = {fd: (index, PacketReader()) for index, fd in enumerate(plan.feed_fds)}
    tellings = [Telling(index, camera) for index, camera in enumerate(plan.cameras)]
    health_every_s = min(map(health_every, plan.cameras))
    poller = select.poll()
    for fd in feeds:
        poller.register(fd, select.POLLIN)
    told_s = 0.0
    while feeds:
        for fd, _ in poller.poll(_TICK_MS):
            index, reader = feeds[fd]
            if not _read(fd, reader, rooms[index]):
                poller.unregister(fd)
                del feeds[fd]
                _tell(rooms[index], tellings[index])
                send(Message(Kind.DONE, 0, index))
        for room in rooms:
            room.tick()
        if time.monotonic() - told_s >= health_every_s:
            told_s = time.monotonic()
            for index, _ in feeds.values():
                _tell(rooms[index], tellings[index])


def _read(fd: int, reader: PacketReader, room: Room) -> bool:
    data = os.read(fd, _READ_BYTES)
    for packet in reader.feed(data):
        room.take(packet)
    if not data:
        room.end()
    return bool(data)


def _tell(room: Room, telling: Telling) -> None:
    for message in telling.due(room.figures(), room.line_figures()):
        send(message)


if __name__ == "__main__":
    main()
