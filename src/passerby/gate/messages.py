"""The contract of the gate: what may go into the pixel room and what may come out of it.

In goes one `Plan`, as JSON on the worker's standard input, before any video. Out come records of `RECORD.size` bytes,
all of the same form: a kind, a code, a camera, a subject, a part and three whole numbers. There is no field for text, a
picture, a track or the moment of one person. The parent checks each record against the plan (see `gate.guard`).

| kind   | code           | subject        | part               | start         | a                    | b         |
|--------|----------------|----------------|--------------------|---------------|----------------------|-----------|
| READY  | Landlock ABI   | 0              | 0                  | seccomp (0/1) | 0                    | 0         |
| TALLY  | `Measure`      | index of place | of bucket, of cell | start_unix_s  | total / measure grid | exposure  |
| HEALTH | `HealthFigure` | 0, or of line  | 0                  | 0             | value                | 0         |
| FAULT  | `FaultCode`    | 0              | 0                  | 0             | 0                    | 0         |
| DONE   | 0              | 0              | 0                  | 0             | 0                    | 0         |
| SHELF  | `FacingState`  | index of place | index of facing    | start_unix_s  | 0                    | 0         |

An exposure is tenths of a second, or people for the measures of masks. The places of a camera are `CameraPlan.places`.
SHELF tells how a facing is in the minute that begins at `start`, each facing once a minute: of boards and boxes.
"""

import struct
from enum import IntEnum, StrEnum

import msgspec

from passerby.core.tallies import (
    LINE_MEASURES,
    MASK_MEASURES,
    PICTURE,
    QUEUE_MEASURES,
    SHELF_MEASURES,
    ZONE_MEASURES,
    Measure,
    Place,
)

RECORD = struct.Struct("<BBHHHIQI")
Corners = tuple[tuple[float, float], ...]


FAULT_EVERY_S = 10.0
"""A room tells of the same fault of a camera at most so often."""

MOVED_EVERY_S = 240.0
"""And of one thing less often: that a camera was moved. It has to have learnt the new view first."""

SIGNATURE_CELLS = (96, 64)
"""Columns and rows of the signature of a view; see `pixels.signature`."""

SIGNATURE_BYTES = SIGNATURE_CELLS[0] * SIGNATURE_CELLS[1] // 4
"""Two bits for each of its cells."""

HEALTH_EVERY_LIVE_S = 10.0
HEALTH_EVERY_RECORDING_S = 1.0
"""How often a room may tell how it is going: a recording shows its progress, a live camera need not."""


class Kind(IntEnum):
    """What a record is."""

    READY = 1
    TALLY = 2
    HEALTH = 3
    FAULT = 4
    DONE = 5
    SHELF = 6


class HealthFigure(IntEnum):
    """How one camera is: running totals since its worker started, and figures of its stream and its picture."""

    FRAMES_READ = 1
    FRAMES_ANALYSED = 2
    MEDIA_MS = 3
    OBSERVED_MS = 4
    PACKETS_DROPPED = 5
    DECODE_ERRORS = 6
    WIDTH_PX = 7
    HEIGHT_PX = 8
    # The feed's own figures travel by its own door, in the same form.
    PACKETS_READ = 16
    RECONNECTS = 17
    CONNECTED = 18
    DURATION_MS = 19
    # How the stream, the picture and the view are, in steps of `gate.scales`; told once it is known.
    CODEC = 32
    FPS = 33
    ANNOUNCED_FPS = 34
    KEYFRAME_S = 35
    STUTTER = 36
    DARK = 40
    BRIGHT = 41
    SHARPNESS = 42
    FROZEN_S = 43
    COVERED = 44
    NIGHT = 45
    MOVED = 46
    # Of a line: how tall people are who cross it. Nothing is told of fewer than `gate.scales` allows.
    LINE_PEOPLE = 48
    LINE_LOW_PX = 49
    LINE_MEDIAN_PX = 50


class FaultCode(IntEnum):
    """What can go wrong in a room. Text for people is in `gate.faults`."""

    NO_DECODER = 1
    NOT_A_VIDEO = 2
    NO_FRAMES = 3
    SIZE_CHANGED = 4
    TIME_JUMPED = 5
    BAD_PACKET = 6
    MODEL_FAILED = 7
    LOCKDOWN_IMPOSSIBLE = 8
    PICTURE_TOO_LARGE = 9
    PLACE_OUTSIDE = 10
    CAMERA_MOVED = 11
    FACING_TOO_SMALL = 12
    UNAUTHORISED = 32
    UNREACHABLE = 33
    REFUSED = 34
    NOT_FOUND = 35
    STALLED = 36
    ENDED = 37
    READ_FAILED = 38
    NOT_PERMITTED = 39
    # No room tells of this one: the guard finds it out.
    CRASHES = 64


class Message(msgspec.Struct, frozen=True):
    """One record, taken apart. Whatever came from a room is `untrusted_*` until the guard checked it."""

    kind: Kind
    code: int
    camera: int = 0
    subject: int = 0
    start: int = 0
    a: int = 0
    b: int = 0
    part: int = 0

    def pack(self) -> bytes:
        """The record as bytes."""
        return RECORD.pack(self.kind, self.code, self.camera, self.subject, self.part, self.start, self.a, self.b)


def unpack(record: bytes) -> Message:
    """Takes one record apart.

    Raises:
        ValueError: the kind is unknown or the length is wrong.
    """
    if len(record) != RECORD.size:
        raise ValueError(f"a record has {RECORD.size} bytes, got {len(record)}")
    kind, code, camera, subject, part, start, a, b = RECORD.unpack(record)
    return Message(Kind(kind), code, camera, subject, start, a, b, part)


class LinePlan(msgspec.Struct, frozen=True):
    """A line in fractions, or in pixels of the source's own picture; see `core.geometry.Line`.

    Attributes:
        masks: ask of each person who crosses whether a mask is visible.
    """

    name: str
    start: tuple[float, float]
    end: tuple[float, float]
    in_px: bool = False
    masks: bool = False

    @property
    def place(self) -> Place:
        """What is tallied at it."""
        return Place(self.name, LINE_MEASURES + MASK_MEASURES * self.masks)


class QueuePlan(msgspec.Struct, frozen=True):
    """Where a queue is served and where it begins, in the units of its zone."""

    head: tuple[float, float]
    tail: tuple[float, float]


class ZonePlan(msgspec.Struct, frozen=True):
    """A zone in fractions, or in pixels of the source's own picture; see `core.geometry.Zone`.

    Attributes:
        masks: ask of each person who leaves whether a mask is visible.
        crowd_limit: how many people may be in it; None for no limit.
        queue: what makes it a queue; None for a zone that is none.
    """

    name: str
    corners: Corners
    in_px: bool = False
    masks: bool = False
    crowd_limit: int | None = None
    queue: QueuePlan | None = None

    @property
    def place(self) -> Place:
        """What is tallied at it."""
        limit = (Measure.OVER_LIMIT,) if self.crowd_limit is not None else ()
        queue = QUEUE_MEASURES if self.queue else ()
        return Place(self.name, ZONE_MEASURES + limit + queue + MASK_MEASURES * self.masks)


SHELF_STATE_S = 60
"""How a facing is, is told once in each of these, which begin on the minute."""

REFERENCE_BYTES = 8 * 6 * 7
"""What is kept of a facing that was taught: 8 x 6 cells of 7 numbers, a byte each; see `pixels.shelf_reference`."""


class ShelfPlan(msgspec.Struct, frozen=True):
    """A shelf and its facings.

    Attributes:
        name: the shelf's name.
        facings: four corners of each in fractions, clockwise from the upper left one.
        confirm_s, every_s: see `core.shelves.ShelfRules`.
        full, empty: what was taught, `REFERENCE_BYTES` for each facing; empty bytes if it was not taught.
    """

    name: str
    facings: tuple[Corners, ...]
    confirm_s: float = 60.0
    every_s: float = 10.0
    full: bytes = b""
    empty: bytes = b""

    @property
    def place(self) -> Place:
        """What is tallied at it."""
        return Place(self.name, SHELF_MEASURES, len(self.facings))

    @property
    def taught(self) -> bool:
        """Whether it was taught both full and empty, as it is drawn now."""
        return len(self.full) == len(self.empty) == REFERENCE_BYTES * len(self.facings)


class TeachState(StrEnum):
    """What a shelf is shown as. `NOW`: each facing as it stands, full or empty, by what was taught before."""

    FULL = "full"
    EMPTY = "empty"
    NOW = "now"


ANALYSED_FPS = {"level": 2.5, "overhead": 8.0}
"""Looks a second by view: docs/decisions/0013-cameras-per-core.md. One stands for half a second at most."""
QUEUE_FPS = 5.0
"""At least so many where a zone is a queue: people move up into each other's places, and at 2.5 looks a second most
are lost from sight; benchmarks/zones."""


class Told(msgspec.Struct, frozen=True):
    """Until when a camera's windows were told, in Unix seconds, by a worker that this one replaces.

    Where the clock was set back meanwhile, windows would begin that are told already.

    Attributes:
        windows, heat: ends of the newest.
        states: end of the newest minute of which the state of facings was told.
    """

    windows: int = 0
    heat: int = 0
    states: int = 0


class CameraPlan(msgspec.Struct, frozen=True):
    """One camera of a worker.

    Attributes:
        name: the camera's name; it never comes back out, records carry the index.
        lines, zones: where to count.
        view: "level" (foot-points) or "overhead" (straight down).
        window_s: width of the windows.
        analysed_fps: frames a second to look at, at most; None for what the view needs.
        recording_start_unix_s: a recording's first moment; None means live, where the clock tells.
        staff_areas: polygons in fractions; who stands there is not counted.
        privacy_masks: polygons in fractions, blanked before anything is looked at.
        heat_minimum: keep a heat map, and tell only of cells with so many people in an hour; None: no heat map.
        reference: the signature of its view at set-up, of `SIGNATURE_BYTES`; None where there is none.
        shelves: where products stand.
        told: what was told before by another worker; nothing of it is told again.
    """

    name: str
    lines: tuple[LinePlan, ...] = ()
    zones: tuple[ZonePlan, ...] = ()
    view: str = "level"
    window_s: int = 900
    analysed_fps: float | None = None
    recording_start_unix_s: int | None = None
    staff_areas: tuple[Corners, ...] = ()
    privacy_masks: tuple[Corners, ...] = ()
    heat_minimum: int | None = None
    reference: bytes | None = None
    shelves: tuple[ShelfPlan, ...] = ()
    told: Told = Told()

    @property
    def places(self) -> tuple[Place, ...]:
        """All that is tallied at; records name a place by its index here."""
        places = (*(line.place for line in self.lines), *(zone.place for zone in self.zones))
        heat = () if self.heat_minimum is None else (Place(PICTURE, (Measure.HEAT,)),)
        return (*places, *heat, *(shelf.place for shelf in self.shelves))

    @property
    def masks(self) -> bool:
        """Whether anything here asks for masks."""
        return any(Measure.MASKED in place.measures for place in self.places)

    @property
    def most_fps(self) -> float:
        """Frames a second to look at, at most."""
        if self.analysed_fps is not None:
            return self.analysed_fps
        return max(ANALYSED_FPS[self.view], QUEUE_FPS if any(zone.queue for zone in self.zones) else 0.0)

    @property
    def live(self) -> bool:
        """Whether the clock on the wall tells when its frames were."""
        return self.recording_start_unix_s is None


def health_every(camera: CameraPlan) -> float:
    """Seconds between two reports of a camera's health."""
    return HEALTH_EVERY_LIVE_S if camera.live else HEALTH_EVERY_RECORDING_S


class ModelPlan(msgspec.Struct, frozen=True):
    """A model of a worker.

    Attributes:
        file: path of an ONNX (or OpenVINO IR) file, read before the lock-down.
        family: how its output is decoded: "passerby", "yolox", "nanodet" or "ssd"; "aizoo" for masks.
        width_px, height_px: input size.
        threshold: least score of what it finds, 0..1.
    """

    file: str
    family: str
    width_px: int
    height_px: int
    threshold: float


class SetupPlan(msgspec.Struct, frozen=True):
    """What a set-up room does with its one camera; see `gate.setup_messages`.

    Attributes:
        watch_s: seconds of video to make the people-free still of; 0 for no still.
        rehearse_s: seconds to rehearse the camera's lines and zones for; 0 for no rehearsal.
        teach: what the camera's one shelf is shown as, to be taught and nothing else; None where none is.
    """

    watch_s: int
    rehearse_s: int
    teach: TeachState | None = None


class Plan(msgspec.Struct, frozen=True):
    """All that a worker is ever told.

    Attributes:
        cameras: in the order of their indices.
        feed_fds: the pipe of encoded video of each camera.
        model: the detector; None if every camera looks straight down.
        masks: the judge of masks; None if no place asks for them.
        unsafe_no_lockdown: leave the room open. For development only.
        setup: what a set-up room is to do; None for a worker, which counts.
    """

    cameras: tuple[CameraPlan, ...]
    feed_fds: tuple[int, ...]
    model: ModelPlan | None = None
    masks: ModelPlan | None = None
    unsafe_no_lockdown: bool = False
    setup: SetupPlan | None = None
